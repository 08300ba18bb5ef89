"""Sessions: a row for each signed-in browser, found again by a signed cookie that also tells when it was last used.

The last use rides in the cookie, so that looking at a page writes nothing. A session ends by its row (signed out, the
password changed, the account disabled), after `SESSION_HOURS`, or, for an account, after `IDLE_MINUTES` without a page.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import update
from sqlmodel import Session, col, select

from models import Account, AccountRole, Role, WebSession
from settings import Settings
from web.scope import NOWHERE, WHOLE_OFFICE, Units, units_under
from web.security import form_token, token_hash

SESSION_HOURS = 12
IDLE_MINUTES = 60
RENEWED_AFTER = timedelta(minutes=1)
OPERATOR = "admin"  # the actor of a one-time address: whoever has the machine


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who has signed in, what they may read, review and administer; `token` binds the forms of the session."""

    token: str
    account_id: int | None
    name: str | None
    reads: Units = NOWHERE
    reviews: Units = NOWHERE
    administers: Units = NOWHERE
    leads: Units = NOWHERE
    needs_code: bool = False  # an admin's account that has no one-time codes yet

    @property
    def actor(self) -> str:
        """How the record of acts names them; what a verb takes as `by`."""
        return OPERATOR if self.account_id is None else f"account:{self.account_id} {self.name}"

    def csrf(self, settings: Settings) -> str:
        return form_token(settings.secret_key, f"session:{self.token}")


def actor_of(account: Account) -> str:
    """As `SignedIn.actor`."""
    return f"account:{account.id} {account.name}"


def open_session(session: Session, account_id: int | None, now: datetime, address: str) -> str:
    """A new session's token; only its hash is stored."""
    token = secrets.token_urlsafe(24)
    session.add(
        WebSession(
            token_sha256=token_hash(token),
            account_id=account_id,
            created_at=now,
            expires_at=now + timedelta(hours=SESSION_HOURS),
            address=address,
        )
    )
    return token


def end_session(session: Session, token: str, now: datetime) -> None:
    theirs = col(WebSession.token_sha256) == token_hash(token)
    session.execute(update(WebSession).where(theirs, col(WebSession.ended_at).is_(None)).values(ended_at=now))


def end_sessions_of(session: Session, account_id: int, now: datetime) -> None:
    """Everywhere at once: at a new password, a disabled account, changed roles."""
    theirs = col(WebSession.account_id) == account_id
    session.execute(update(WebSession).where(theirs, col(WebSession.ended_at).is_(None)).values(ended_at=now))


def write_cookie(settings: Settings, token: str, now: datetime) -> str:
    """The cookie's value: the session's token and this moment, signed."""
    return _signer(settings).dumps([token, int(now.timestamp())])


def read_cookie(settings: Settings, value: str) -> tuple[str, datetime] | None:
    """The token and when the cookie was written; None for a value that this office has not signed."""
    try:
        token, seconds = _signer(settings).loads(value)
        return str(token), datetime.fromtimestamp(int(seconds), UTC)
    except (BadSignature, ValueError, TypeError):
        return None


def find_signed_in(
    session: Session, settings: Settings, token: str, seen_at: datetime, now: datetime
) -> SignedIn | None:
    """Who holds the session now; roles and accounts count as they are at this moment. Three queries at most."""
    row = session.exec(
        select(WebSession.account_id, Account)
        .outerjoin(Account, col(Account.id) == col(WebSession.account_id))
        .where(
            col(WebSession.token_sha256) == token_hash(token),
            col(WebSession.ended_at).is_(None),
            col(WebSession.expires_at) > now,
        )
    ).first()
    if row is None:
        return None
    account_id, account = row
    if account_id is None:
        return SignedIn(token, None, None, WHOLE_OFFICE, WHOLE_OFFICE, WHOLE_OFFICE)
    if account is None or account.disabled_at is not None or now - seen_at > timedelta(minutes=IDLE_MINUTES):
        return None
    given = session.exec(
        select(AccountRole.role, AccountRole.unit_id).where(AccountRole.account_id == account_id)
    ).all()

    def units(*roles: Role) -> Units:
        return units_under(session, {unit_id for role, unit_id in given if role in roles})

    administers = units(Role.ADMIN)
    return SignedIn(
        token,
        account_id,
        account.name,
        reads=units(*Role),
        reviews=units(Role.ADMIN, Role.REVIEWER),
        administers=administers,
        leads=units(Role.LEAD),
        needs_code=bool(administers) and account.totp_seed is None and settings.admin_codes,
    )


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="dday-session")
