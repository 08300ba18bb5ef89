"""The admin's way in: a one-time address, then a signed cookie; everybody else is told how to get one."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select, update
from starlette.datastructures import FormData

from models import LoginLink
from settings import Settings
from web.office import Office, office_of
from web.security import form_token, is_form_token, token_hash

COOKIE = "dday_admin"
SESSION_HOURS = 12


class NotAdminError(Exception):
    """This page is for the admin, and nobody has signed in here."""


class ForgedFormError(Exception):
    """The form was not made by this page, or by a session that has ended."""


@dataclass(frozen=True, slots=True)
class AdminSession:
    """A signed-in admin; `id` is random and binds the forms of this session."""

    id: str

    def csrf(self, settings: Settings) -> str:
        return form_token(settings.secret_key, f"session:{self.id}")


def is_login_open(session: Session, token: str, now: datetime) -> bool:
    """Whether the address still opens the pages; looking does not use it up."""
    return session.exec(select(LoginLink.id).where(*_unused(token, now))).first() is not None


def use_login(session: Session, token: str, now: datetime) -> bool:
    """Uses the address up: true for exactly one of any number of callers."""
    used = session.execute(
        update(LoginLink).where(*_unused(token, now)).values(used_at=now).returning(col(LoginLink.id))
    )
    return used.first() is not None


def open_session(response: Response, settings: Settings) -> None:
    response.set_cookie(
        COOKIE,
        _signer(settings).dumps(secrets.token_urlsafe(18)),
        max_age=SESSION_HOURS * 3600,
        httponly=True,
        samesite="lax",
        secure=settings.base_url.startswith("https:"),
    )


def close_session(response: Response, settings: Settings) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=settings.base_url.startswith("https:"))


def admin_of(request: Request, settings: Settings) -> AdminSession | None:
    cookie = request.cookies.get(COOKIE, "")
    try:
        session_id = _signer(settings).loads(cookie, max_age=SESSION_HOURS * 3600)
    except BadSignature:
        return None
    return AdminSession(session_id) if isinstance(session_id, str) else None


def require_admin(request: Request) -> AdminSession:
    admin = admin_of(request, office_of(request).settings)
    if admin is None:
        raise NotAdminError
    return admin


async def posted(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=2000)


def require_admin_form(
    request: Request,
    admin: Annotated[AdminSession, Depends(require_admin)],
    form: Annotated[FormData, Depends(posted)],
) -> FormData:
    """The posted fields of a signed-in admin, after the form's own token has been checked."""
    given = form.get("csrf")
    if not isinstance(given, str) or not is_form_token(
        office_of(request).settings.secret_key, f"session:{admin.id}", given
    ):
        raise ForgedFormError
    return form


Admin = Annotated[AdminSession, Depends(require_admin)]
AdminForm = Annotated[FormData, Depends(require_admin_form)]
PostedForm = Annotated[FormData, Depends(posted)]
TheOffice = Annotated[Office, Depends(office_of)]


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key, salt="dday-admin")


def _unused(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(LoginLink.token_sha256) == token_hash(token),
        col(LoginLink.used_at).is_(None),
        col(LoginLink.expires_at) > now,
    )
