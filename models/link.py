"""Secret addresses: the answer link of a mail, the calendar of a post; hashed at rest, revocable."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class AnswerLink(SQLModel, table=True):
    """Works any number of times until it expires, is revoked, or everything it asks about is closed."""

    __tablename__ = "answer_link"

    id: int | None = Field(default=None, primary_key=True)
    token_sha256: str = Field(unique=True)
    post_id: int = Field(foreign_key="post.id", index=True)
    notification_id: int | None = Field(default=None, foreign_key="notification.id", index=True)
    round_id: int | None = Field(default=None, foreign_key="collection_round.id")
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class CalendarFeed(SQLModel, table=True):
    """A post's milestones for a calendar program that asks again and again; works until it is revoked."""

    __tablename__ = "calendar_feed"

    id: int | None = Field(default=None, primary_key=True)
    token_sha256: str = Field(unique=True)
    post_id: int = Field(foreign_key="post.id", index=True)
    created_at: datetime
    revoked_at: datetime | None = None
