"""The admin's way in: one-time addresses, hashed at rest."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class LoginLink(SQLModel, table=True):
    """Opens the admin's pages once, before `expires_at`."""

    __tablename__ = "login_link"

    id: int | None = Field(default=None, primary_key=True)
    token_sha256: str = Field(unique=True)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
