"""`/login`: a name, a password, and a one-time code where the account has them; `/login/{token}`: one-time address.

Looking never signs anybody in: mail scanners and link previews look at addresses too.
"""

import secrets
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from models import Account, AuditEntry, KnownBrowser, LoginLink
from models.database import read, write
from web.access import (
    COOKIE,
    ForgedFormError,
    Member,
    MemberForm,
    PostedForm,
    TheOffice,
    clear_session,
    is_https,
    set_session,
)
from web.accounts import LONGEST_NAME, AccountError, check_password, note, set_password
from web.office import Office
from web.one_time_codes import use_code
from web.pages import render
from web.rates import guesses_of
from web.security import address_of, form_token, is_form_token, token_hash
from web.sign_in import OPERATOR, actor_of, end_session, open_session, read_cookie, write_cookie

router = APIRouter()

BROWSER = "dday_browser"
BROWSER_DAYS = 400
TICKET = timedelta(minutes=5)
WRONG = "이름이나 비밀번호가 맞지 않습니다."
WRONG_CODE = "코드가 맞지 않거나 이미 쓴 코드입니다. 앱에 새 코드가 나오면 다시 적어 주세요."
LATE = "시간이 지났습니다. 처음부터 다시 로그인해 주세요."


@router.get("/login")
def show_form(request: Request, office: TheOffice, said: Annotated[str, Query(max_length=10)] = "") -> Response:
    return _form_page(request, office, next_page=_local(request.query_params.get("next", "")), said=said)


@router.post("/login")
def try_password(request: Request, office: TheOffice, form: PostedForm) -> Response:
    """Counts the try before looking, so that many at once are many; who was right is not counted."""
    browser = _check_form(request, office, form)
    name, password, next_page = _text(form, "name").strip(), _text(form, "password"), _local(_text(form, "next"))
    with read(office.engine) as session:
        is_known = _knows(session, name, browser)
    tries = guesses_of(name, address_of(request.scope), token_hash(browser) if is_known else None)
    if wait := office.rates.take(tries):
        return _slowed(request, office, wait, name, next_page)
    with read(office.engine) as session:
        account = check_password(session, name, password)
    if account is None:
        _note_failure(office, name, "login.failed")
        return _form_page(request, office, HTTPStatus.UNPROCESSABLE_ENTITY, name, next_page, WRONG)
    if account.totp_seed is None:
        office.rates.forget(tries[:1])
        return _let_in(request, office, account, browser, next_page)
    ticket = _tickets(office).dumps([account.id, token_hash(browser), int(_wall().timestamp()), next_page])
    return render(request, "login_code.html", ticket=ticket, error="", login_csrf=_csrf(office, browser), drill=None)


@router.post("/login/code")
def try_code(request: Request, office: TheOffice, form: PostedForm) -> Response:
    browser, now = _check_form(request, office, form), _wall()
    try:
        account_id, of_browser, made_at, next_page = _tickets(office).loads(_text(form, "ticket"))
    except (BadSignature, ValueError):
        raise ForgedFormError from None
    if of_browser != token_hash(browser) or now - datetime.fromtimestamp(made_at, UTC) > TICKET:
        return _form_page(request, office, HTTPStatus.UNPROCESSABLE_ENTITY, error=LATE)
    with read(office.engine) as session:
        account = session.get_one(Account, account_id)
        is_known = _knows(session, account.name, browser)
    tries = guesses_of(f"code {account.id}", address_of(request.scope), token_hash(browser) if is_known else None)
    if wait := office.rates.take(tries):
        return _slowed(request, office, wait, account.name, next_page)
    with write(office.engine) as session:
        account = session.get_one(Account, account_id)
        usable = account.disabled_at is None and account.totp_seed is not None
        is_right = usable and use_code(session, office.settings, account, _text(form, "code"), now)
    if not is_right:
        _note_failure(office, account.name, "login.failed-code")
        values = {"ticket": _text(form, "ticket"), "error": WRONG_CODE, "login_csrf": _csrf(office, browser)}
        return render(request, "login_code.html", HTTPStatus.UNPROCESSABLE_ENTITY, **values, drill=None)
    office.rates.forget(tries[:1])
    return _let_in(request, office, account, browser, next_page)


@router.get("/login/{token}")
def show_login(request: Request, office: TheOffice, token: str) -> Response:
    with read(office.engine) as session:
        link = session.exec(select(LoginLink).where(*_unused(token, office.now()))).first()
        account = session.get(Account, link.account_id) if link is not None and link.account_id else None
    return _link_page(request, is_open=link is not None, account=account)


@router.post("/login/{token}")
def use_login(request: Request, office: TheOffice, token: str, form: PostedForm) -> Response:
    """Lets the operator in, or keeps the account's new password; for exactly one of any number of callers."""
    now, account, error = office.now(), None, None
    with write(office.engine) as session:
        used = update(LoginLink).where(*_unused(token, now)).values(used_at=now)
        row = session.execute(used.returning(col(LoginLink.id), col(LoginLink.account_id))).first()
        if row is not None and row.account_id is not None:
            account = session.get_one(Account, row.account_id)
            try:
                if _text(form, "password") != _text(form, "again"):
                    raise AccountError("again", "두 번 적은 비밀번호가 서로 다릅니다.")
                set_password(session, account, _text(form, "password"), now=now, by=actor_of(account))
            except AccountError as refused:
                error = refused
                session.expunge_all()
                session.rollback()
    if row is None:
        return _link_page(request, is_open=False)
    if error is not None:
        return _link_page(request, is_open=True, account=account, error=error)
    if account is not None:
        return RedirectResponse("/login?said=set", HTTPStatus.SEE_OTHER)
    return _let_in(request, office, None, None, "/")


@router.post("/logout")
def log_out(office: TheOffice, viewer: Member, _form: MemberForm) -> Response:
    with write(office.engine) as session:
        end_session(session, viewer.token, office.now())
    response = RedirectResponse("/bye", HTTPStatus.SEE_OTHER)
    clear_session(response, office.settings)
    return response


@router.get("/bye")
def show_bye(request: Request) -> Response:
    return render(request, "bye.html")


def _let_in(
    request: Request, office: Office, account: Account | None, browser: str | None, next_page: str
) -> RedirectResponse:
    """A new session under a new name, and the one that this browser may have had ends."""
    now = office.now()
    before = read_cookie(office.settings, request.cookies.get(COOKIE, ""))
    with write(office.engine) as session:
        if before is not None:
            end_session(session, before[0], now)
        opened = open_session(session, account.id if account else None, now, address_of(request.scope))
        if account is None:
            session.add(AuditEntry(at=now, actor=OPERATOR, act="login", subject=""))
        else:
            note(session, account, "login", now=now, by=actor_of(account))
            if browser is not None and not _knows(session, account.name, browser):
                session.add(
                    KnownBrowser(account_id=account.id or 0, browser_sha256=token_hash(browser), known_since=now)
                )
    response = RedirectResponse(next_page or "/", HTTPStatus.SEE_OTHER)
    set_session(response, office.settings, write_cookie(office.settings, opened, now))
    return response


def _form_page(
    request: Request,
    office: Office,
    status: HTTPStatus = HTTPStatus.OK,
    name: str = "",
    next_page: str = "",
    error: str = "",
    said: str = "",
) -> Response:
    browser = request.cookies.get(BROWSER) or secrets.token_urlsafe(24)
    page = render(
        request,
        "login_form.html",
        status,
        name=name,
        next_page=next_page,
        error=error,
        said=said,
        login_csrf=_csrf(office, browser),
        drill=None,
    )
    page.set_cookie(
        BROWSER,
        browser,
        max_age=BROWSER_DAYS * 86400,
        path="/login",
        httponly=True,
        samesite="lax",
        secure=is_https(office.settings),
    )
    return page


def _slowed(request: Request, office: Office, wait: int, name: str, next_page: str) -> Response:
    words = f"잘못 적은 횟수가 많아 {-(-wait // 60)}분 뒤에 다시 적을 수 있습니다. 급하면 일회용 주소를 요청해 주세요."
    page = _form_page(request, office, HTTPStatus.TOO_MANY_REQUESTS, name, next_page, words)
    page.headers["Retry-After"] = str(wait)
    return page


def _link_page(
    request: Request, *, is_open: bool, account: Account | None = None, error: AccountError | None = None
) -> Response:
    status = HTTPStatus.GONE if not is_open else HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return render(request, "login.html", status, is_open=is_open, account=account, error=error)


def _check_form(request: Request, office: Office, form: FormData) -> str:
    """The browser that the form was made for. Raises ForgedFormError for any other."""
    browser = request.cookies.get(BROWSER, "")
    if not browser or not is_form_token(office.settings.secret_key, f"browser:{browser}", _text(form, "csrf")):
        raise ForgedFormError
    return browser


def _csrf(office: Office, browser: str) -> str:
    return form_token(office.settings.secret_key, f"browser:{browser}")


def _knows(session: Session, name: str, browser: str) -> bool:
    known = (
        select(KnownBrowser.id)
        .join(Account, col(Account.id) == col(KnownBrowser.account_id))
        .where(Account.name == name.casefold()[:LONGEST_NAME], KnownBrowser.browser_sha256 == token_hash(browser))
    )
    return session.exec(known).first() is not None


def _note_failure(office: Office, name: str, act: str) -> None:
    """On record for accounts that exist; other names may be passwords typed into the wrong field."""
    with write(office.engine) as session:
        account = session.exec(select(Account).where(Account.name == name.casefold()[:LONGEST_NAME])).first()
        if account is not None:
            note(session, account, act, now=office.now(), by="stranger")


def _unused(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(LoginLink.token_sha256) == token_hash(token),
        col(LoginLink.used_at).is_(None),
        col(LoginLink.expires_at) > now,
    )


def _tickets(office: Office) -> URLSafeSerializer:
    return URLSafeSerializer(office.settings.secret_key, salt="dday-code")


def _wall() -> datetime:
    """Codes go by the wall's clock, as phones do, whatever a drill does to the office's."""
    return datetime.now(UTC)


def _local(address: str) -> str:
    """A page of this site, else none: a sign-in leads nowhere else."""
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return quote(address[:500], safe="/?=&%#") if is_ours and "\\" not in address else ""


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
