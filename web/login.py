"""`/login/{token}`: looking shows a button, pressing it uses the address up and signs in; `/logout` signs out."""

from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select, update

from models import AuditEntry, LoginLink
from models.database import read, write
from web.access import COOKIE, Member, MemberForm, TheOffice, clear_session, set_session
from web.pages import render
from web.security import address_of, token_hash
from web.sign_in import OPERATOR, end_session, open_session, read_cookie, write_cookie

router = APIRouter()


@router.get("/login/{token}")
def show_login(request: Request, office: TheOffice, token: str) -> Response:
    """Mail scanners and link previews look at addresses: only the button opens."""
    with read(office.engine) as session:
        is_open = is_login_open(session, token, office.now())
    return render(request, "login.html", HTTPStatus.OK if is_open else HTTPStatus.GONE, is_open=is_open)


@router.post("/login/{token}")
def log_in(request: Request, office: TheOffice, token: str) -> Response:
    """The operator's way in: a new session, and the one this browser may have had ends."""
    now = office.now()
    before = read_cookie(office.settings, request.cookies.get(COOKIE, ""))
    with write(office.engine) as session:
        if not use_login(session, token, now):
            return render(request, "login.html", HTTPStatus.GONE, is_open=False)
        if before is not None:
            end_session(session, before[0], now)
        opened = open_session(session, None, now, address_of(request.scope))
        session.add(AuditEntry(at=now, actor=OPERATOR, act="login", subject=""))
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    set_session(response, office.settings, write_cookie(office.settings, opened, now))
    return response


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


def is_login_open(session: Session, token: str, now: datetime) -> bool:
    """Whether the address still opens the pages; looking does not use it up."""
    return session.exec(select(LoginLink.id).where(*_unused(token, now))).first() is not None


def use_login(session: Session, token: str, now: datetime) -> bool:
    """Uses the address up: true for exactly one of any number of callers."""
    used = session.execute(
        update(LoginLink).where(*_unused(token, now)).values(used_at=now).returning(col(LoginLink.id))
    )
    return used.first() is not None


def _unused(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(LoginLink.token_sha256) == token_hash(token),
        col(LoginLink.account_id).is_(None),
        col(LoginLink.used_at).is_(None),
        col(LoginLink.expires_at) > now,
    )
