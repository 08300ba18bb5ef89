"""`/account`: one's own account: its roles, its password, its one-time codes."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, func, select
from starlette.datastructures import FormData

from models import Account, AccountRole, RecoveryCode, Unit
from models.database import read, write
from web.access import Member, MemberForm, TheOffice, not_found, set_session
from web.accounts import AccountError, GivenRole, check_password, note, set_password
from web.office import Office
from web.one_time_codes import address_of, keep_codes, key_of, make_seed, match_step, secret_of
from web.pages import render
from web.qr import draw
from web.rates import guesses_of
from web.security import address_of as asker_of
from web.sign_in import SignedIn, open_session, write_cookie

router = APIRouter()


@router.get("/account")
def show_account(request: Request, office: TheOffice, viewer: Member) -> Response:
    return _page(request, office, viewer)


@router.post("/account/password")
def change_password(request: Request, office: TheOffice, viewer: Member, form: MemberForm) -> Response:
    """Needs the present one; every session ends, and this browser gets a new one."""
    now = office.now()
    try:
        account = _own(request, office, viewer, _text(form, "present"))
        if _text(form, "password") != _text(form, "again"):
            raise AccountError("again", "두 번 적은 새 비밀번호가 서로 다릅니다.")
        with write(office.engine) as session:
            account = session.get_one(Account, account.id)
            set_password(session, account, _text(form, "password"), now=now, by=viewer.actor)
            opened = open_session(session, account.id, now, asker_of(request.scope))
    except AccountError as error:
        return _page(request, office, viewer, error)
    response = RedirectResponse("/account?said=password", HTTPStatus.SEE_OTHER)
    set_session(response, office.settings, write_cookie(office.settings, opened, now))
    return response


@router.get("/account/codes")
def show_codes(request: Request, office: TheOffice, viewer: Member) -> Response:
    """A fresh secret to put into the app; nothing is kept before a code of it has come back."""
    return _codes_page(request, office, viewer, make_seed())


@router.post("/account/codes")
def set_up_codes(request: Request, office: TheOffice, viewer: Member, form: MemberForm) -> Response:
    """Needs the password, and a code that the app shows now; gives the recovery codes, this once."""
    seed, wall = _text(form, "seed")[:64], datetime.now(UTC)
    try:
        account = _own(request, office, viewer, _text(form, "present"))
        assert account.id is not None
        step = match_step(secret_of(office.settings, account.id, seed), _text(form, "code"), wall)
        if step is None:
            raise AccountError("code", "앱에 보이는 코드와 다릅니다. 휴대전화의 시각이 맞는지도 확인해 주세요.")
        with write(office.engine) as session:
            account = session.get_one(Account, account.id)
            codes = keep_codes(session, account, seed, step)
            note(session, account, "account.codes", now=office.now(), by=viewer.actor)
    except AccountError as error:
        return _codes_page(request, office, viewer, seed, error)
    return render(request, "account_recovery.html", codes=codes)


def _own(request: Request, office: Office, viewer: SignedIn, password: str) -> Account:
    """The viewer's own account, after its password. Raises AccountError."""
    if viewer.account_id is None or viewer.name is None:
        raise not_found()
    tries = guesses_of(viewer.name, asker_of(request.scope), viewer.token)
    if office.rates.take(tries):
        raise AccountError("present", "잘못 적은 횟수가 많습니다. 15분 뒤에 다시 적어 주세요.")
    with read(office.engine) as session:
        account = check_password(session, viewer.name, password)
    if account is None:
        raise AccountError("present", "지금 비밀번호가 맞지 않습니다.")
    office.rates.forget(tries)
    return account


def _page(request: Request, office: Office, viewer: SignedIn, error: AccountError | None = None) -> Response:
    with read(office.engine) as session:
        account = session.get(Account, viewer.account_id) if viewer.account_id is not None else None
        return render(
            request,
            "account.html",
            _status(error),
            account=account,
            roles=_roles(session, viewer.account_id),
            left=_codes_left(session, viewer.account_id),
            error=error,
            said=request.query_params.get("said", ""),
        )


def _codes_page(
    request: Request, office: Office, viewer: SignedIn, seed: str, error: AccountError | None = None
) -> Response:
    if viewer.account_id is None or viewer.name is None:
        raise not_found()
    secret = secret_of(office.settings, viewer.account_id, seed)
    return render(
        request,
        "account_codes.html",
        _status(error),
        seed=seed,
        key=key_of(secret),
        app_address=address_of(secret, viewer.name),
        picture=draw(address_of(secret, viewer.name)),
        is_needed=viewer.needs_code,
        error=error,
    )


def _roles(session: Session, account_id: int | None) -> list[GivenRole]:
    rows = session.exec(
        select(AccountRole, Unit.name)
        .outerjoin(Unit, col(Unit.id) == col(AccountRole.unit_id))
        .where(AccountRole.account_id == account_id)
        .order_by(col(AccountRole.id))
    )
    return [GivenRole(given.role, given.unit_id, unit) for given, unit in rows]


def _codes_left(session: Session, account_id: int | None) -> int:
    unused = col(RecoveryCode.account_id) == account_id, col(RecoveryCode.used_at).is_(None)
    return session.exec(select(func.count()).select_from(RecoveryCode).where(*unused)).one()


def _status(error: AccountError | None) -> HTTPStatus:
    return HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
