"""Accounts: made, given roles, disabled; passwords set and checked. Each change is on record; the caller commits.

This is the place for another way to prove who somebody is (OIDC): whatever proves it ends in `open_session` for the
account, and roles stay here.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash
from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from models import Account, AccountRole, AuditEntry, KnownBrowser, LoginLink, RecoveryCode, Role, Unit
from settings import Refusal, Settings
from web.security import token_hash
from web.sign_in import end_sessions_of

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
LONGEST_NAME = 60
LINK_HOURS = 24


class AccountError(Refusal):
    """An account cannot be made, changed or used so; `field` names what was refused."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class GivenRole:
    role: Role
    unit_id: int | None
    unit: str | None  # None = the whole office


@dataclass(frozen=True, slots=True)
class Listed:
    account: Account
    roles: tuple[GivenRole, ...]


def add_account(session: Session, name: str, *, now: datetime, by: str) -> Account:
    """A new account without roles or a password. Raises AccountError for a name in use."""
    name = read_name(name)
    if session.exec(select(Account.id).where(Account.name == name)).first() is not None:
        raise AccountError("name", f"'{name}' 계정이 이미 있습니다. dday accounts list 로 확인해 주세요.")
    account = Account(name=name, created_at=now)
    session.add(account)
    session.flush()
    note(session, account, "account.add", now=now, by=by)
    return account


def read_name(name: str) -> str:
    """As names are stored: lower case, no blanks. Raises AccountError."""
    found = name.strip().casefold()
    if not found or len(found) > LONGEST_NAME or any(one.isspace() or not one.isprintable() for one in found):
        raise AccountError("name", f"계정 이름은 빈칸 없이 {LONGEST_NAME}자까지입니다. 예: hong.gildong")
    return found


def find_account(session: Session, name: str) -> Account:
    """Raises AccountError when there is none."""
    found = session.exec(select(Account).where(Account.name == read_name(name))).first()
    if found is None:
        raise AccountError("name", f"'{name}' 계정이 없습니다. dday accounts list 로 확인해 주세요.")
    return found


def list_accounts(session: Session) -> Sequence[Listed]:
    roles: dict[int, list[GivenRole]] = {}
    for given, unit in session.exec(
        select(AccountRole, Unit.name)
        .outerjoin(Unit, col(Unit.id) == col(AccountRole.unit_id))
        .order_by(col(AccountRole.id))
    ):
        roles.setdefault(given.account_id, []).append(GivenRole(given.role, given.unit_id, unit))
    accounts = session.exec(select(Account).order_by(col(Account.name)))
    return [Listed(account, tuple(roles.get(account.id or 0, ()))) for account in accounts]


def give_role(session: Session, account: Account, role: Role, unit_id: int | None, *, now: datetime, by: str) -> None:
    """Given twice it is given once; it counts from the next page on."""
    theirs = _role(account, role, unit_id)
    if session.exec(select(AccountRole.id).where(*theirs)).first() is None:
        session.add(AccountRole(account_id=_id(account), role=role, unit_id=unit_id))
        note(session, account, "account.give", _role_words(session, role, unit_id), now=now, by=by)


def take_role(session: Session, account: Account, role: Role, unit_id: int | None, *, now: datetime, by: str) -> None:
    """Raises AccountError for a role that the account does not have."""
    gone = delete(AccountRole).where(*_role(account, role, unit_id)).returning(col(AccountRole.id))
    if session.execute(gone).first() is None:
        words = _role_words(session, role, unit_id)
        raise AccountError("role", f"{account.name} 계정에는 {words} 역할이 없습니다. dday accounts list 참고")
    note(session, account, "account.take", _role_words(session, role, unit_id), now=now, by=by)


def disable(session: Session, account: Account, *, now: datetime, by: str) -> None:
    """Nobody signs in with it any more, and whoever has is out at once."""
    if account.disabled_at is None:
        account.disabled_at = now
        session.add(account)
        _shut(session, account, now)
        note(session, account, "account.disable", now=now, by=by)


def enable(session: Session, account: Account, *, now: datetime, by: str) -> None:
    if account.disabled_at is not None:
        account.disabled_at = None
        session.add(account)
        note(session, account, "account.enable", now=now, by=by)


def set_password(session: Session, account: Account, password: str, *, now: datetime, by: str) -> None:
    """Every session of the account ends, every browser is a new one again. Raises AccountError for a weak password."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountError("password", f"비밀번호는 {SHORTEST_PASSWORD}자 이상 {LONGEST_PASSWORD}자 이하입니다.")
    if account.name in password.casefold() or len(set(password)) < 5:
        raise AccountError("password", "계정 이름이 들어 있거나 같은 글자만 되풀이한 비밀번호는 쓸 수 없습니다.")
    account.password_hash = _hasher().hash(password)
    account.password_set_at = now
    session.add(account)
    _shut(session, account, now)
    note(session, account, "account.password", now=now, by=by)


def forget_codes(session: Session, account: Account, *, now: datetime, by: str) -> None:
    """For a lost phone: the account sets up its one-time codes anew at the next sign-in."""
    account.totp_seed = None
    session.add(account)
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == _id(account)))
    _shut(session, account, now)
    note(session, account, "account.forget-codes", now=now, by=by)


def make_password_link(session: Session, account: Account, *, now: datetime, settings: Settings) -> str:
    """A one-time address at which the account chooses a password, good for a day; only its hash is stored."""
    token = secrets.token_urlsafe(32)
    session.add(
        LoginLink(
            token_sha256=token_hash(token),
            account_id=_id(account),
            created_at=now,
            expires_at=now + timedelta(hours=LINK_HOURS),
        )
    )
    return f"{settings.base_url}/login/{token}"


def check_password(session: Session, name: str, password: str) -> Account | None:
    """The account, when the password is its own and it may be used. Takes as long for a name that nobody has."""
    account = session.exec(select(Account).where(Account.name == name.strip().casefold()[:LONGEST_NAME])).first()
    known = account.password_hash if account is not None else None
    is_right = _hasher().verify(password[:LONGEST_PASSWORD], known or _nobodys_hash())
    usable = account is not None and known is not None and account.disabled_at is None
    return account if is_right and usable else None


def note(session: Session, account: Account, act: str, detail: str = "", *, now: datetime, by: str) -> None:
    words = f"{account.name}: {detail}" if detail else account.name
    session.add(AuditEntry(at=now, actor=by, act=act, subject=f"account:{account.id}", detail=words))


def _shut(session: Session, account: Account, now: datetime) -> None:
    end_sessions_of(session, _id(account), now)
    session.execute(delete(KnownBrowser).where(col(KnownBrowser.account_id) == _id(account)))


def _role(account: Account, role: Role, unit_id: int | None) -> tuple[ColumnElement[bool], ...]:
    unit = col(AccountRole.unit_id)
    return (
        col(AccountRole.account_id) == account.id,
        col(AccountRole.role) == role,
        unit.is_(None) if unit_id is None else unit == unit_id,
    )


def _role_words(session: Session, role: Role, unit_id: int | None) -> str:
    unit = session.get(Unit, unit_id) if unit_id is not None else None
    return f"{role.value}:{unit.name}" if unit else role.value


def _id(account: Account) -> int:
    assert account.id is not None
    return account.id


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()  # argon2id


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))
