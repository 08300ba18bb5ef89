"""Who may open the pages: accounts with their roles, sessions, known browsers, and one-time addresses.

Nothing here opens anything by itself: passwords are kept as argon2 hashes, tokens and recovery codes as SHA-256.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import enum_type


class Role(StrEnum):
    """What an account may do in the units under the one it is bound to; without a unit, in the whole office."""

    ADMIN = "admin"  # reads and changes everything
    REVIEWER = "reviewer"  # reads, and accepts or returns what was answered
    LEAD = "lead"  # reads
    AUDITOR = "auditor"  # reads, the record of acts too, and never changes anything


class Account(SQLModel, table=True):
    """Somebody who signs in with a name and a password.

    `totp_seed`: the one-time-code secret is made from it and the office's signing secret, so that no copy of the
    database shows codes; None = no codes yet. `totp_step`: the last 30-second step whose code was used.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)  # lower case
    password_hash: str | None = None
    password_set_at: datetime | None = None
    totp_seed: str | None = None
    totp_step: int = 0
    created_at: datetime
    disabled_at: datetime | None = None


class AccountRole(SQLModel, table=True):
    __tablename__ = "account_role"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    role: Role = Field(sa_type=enum_type(Role))
    unit_id: int | None = Field(default=None, foreign_key="unit.id")


class RecoveryCode(SQLModel, table=True):
    """Stands in once for a one-time code when the phone is gone."""

    __tablename__ = "recovery_code"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    code_sha256: str
    used_at: datetime | None = None


class WebSession(SQLModel, table=True):
    """A signed-in browser, until `expires_at` at the latest. No account = the operator, by a one-time address."""

    __tablename__ = "web_session"

    id: int | None = Field(default=None, primary_key=True)
    token_sha256: str = Field(unique=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    address: str = ""


class KnownBrowser(SQLModel, table=True):
    """A browser in which the account has signed in: wrong guesses from elsewhere do not slow it down."""

    __tablename__ = "known_browser"
    __table_args__ = (UniqueConstraint("account_id", "browser_sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    browser_sha256: str
    known_since: datetime


class LoginLink(SQLModel, table=True):
    """A one-time address, good before `expires_at`: lets its account choose a password; without one, lets the operator
    in as the admin of the whole office."""

    __tablename__ = "login_link"

    id: int | None = Field(default=None, primary_key=True)
    token_sha256: str = Field(unique=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
