"""메일 받는 방식: when on a day a post wants its mail, and which optional kinds it does not want."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import json_type


class OptionalKind(StrEnum):
    """What a post may do without; everything else is told whether it wants it or not."""

    AHEAD = "ahead"  # 미리 알림 of a day that is more than a week ahead
    WEEKLY = "weekly"  # 주간 보고 to a head


class MailWish(SQLModel, table=True):
    """One row a post. It holds while the post's holders are those of `set_on`: `schedules.mail_wishes`."""

    __tablename__ = "mail_wish"

    post_id: int = Field(primary_key=True, foreign_key="post.id", sa_column_kwargs={"autoincrement": False})
    send_time: str | None = None  # `14:00` in the office's zone; None = when the rules say
    declined: list[str] = Field(default_factory=list, sa_type=json_type())  # values of OptionalKind
    set_on: date
    set_at: datetime
    set_by: str
