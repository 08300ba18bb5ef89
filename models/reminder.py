"""알림: the promise that somebody will be asked about a milestone at a moment."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from models.columns import enum_type

BESIDE = -1  # the level of posts that support what another one answers for


class Ask(StrEnum):
    """What a reminder asks of its addressee."""

    UPCOMING = "upcoming"  # D-n: it is coming
    TODAY = "today"  # D-day
    OVERDUE = "overdue"  # D+n, repeated until answered
    CONFIRM_DATE = "confirm_date"  # 일자 확인: the window is fuzzy, name the day
    STATUS = "status"  # 진행상황 요청: the deadline is reached or over, report the result
    CHECK = "check"  # an undated or open plan: how is it going
    QUIET = "quiet"  # nobody has said anything of the project for long: how is it going
    ESCALATION = "escalation"  # 상급자 보고: tells a post above that nobody answered; asks nothing itself


class WhichEnd(StrEnum):
    """The end of the window a reminder counts from; `default` = by milestone kind, `none` = no window."""

    START = "start"
    END = "end"
    BOTH = "both"
    DEFAULT = "default"
    NONE = "none"


class ReminderState(StrEnum):
    PLANNED = "planned"
    DISPATCHED = "dispatched"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Reminder(SQLModel, table=True):
    """One row a reminder, written before it is due.

    `key` = rule, milestone, end, anchor date, offset or repeat number, level (a supporting post: its id); unique for
    ever: the same reminder is never planned twice. `post_id` is the addressee as planned; a reassignment moves the open
    rows. `channel` is that of a question asked again because nobody answered; None = the rule's first that reaches the
    post when it is due.
    """

    __table_args__ = (
        Index(
            "ix_reminder_due",
            "due_at",
            "post_id",
            "rule_id",
            postgresql_where=text("state = 'planned'"),
            sqlite_where=text("state = 'planned'"),
        ),
        Index(
            "ix_reminder_post_due",
            "post_id",
            "due_at",
            postgresql_where=text("state = 'planned'"),
            sqlite_where=text("state = 'planned'"),
        ),
        Index(
            "ix_reminder_told",
            "post_id",
            postgresql_where=text("ask = 'escalation' AND state = 'dispatched'"),
            sqlite_where=text("ask = 'escalation' AND state = 'dispatched'"),
        ),
        Index(
            "ix_reminder_escalated",
            "milestone_id",
            postgresql_where=text("ask = 'escalation' AND state = 'dispatched'"),
            sqlite_where=text("ask = 'escalation' AND state = 'dispatched'"),
        ),
        Index(
            "ix_reminder_broken",
            "due_at",
            postgresql_where=text("error IS NOT NULL"),
            sqlite_where=text("error IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    rule_id: int = Field(foreign_key="reminder_rule.id", index=True)
    milestone_id: int = Field(foreign_key="milestone.id", index=True)
    post_id: int = Field(foreign_key="post.id")
    ask: Ask = Field(sa_type=enum_type(Ask))
    end: WhichEnd = Field(sa_type=enum_type(WhichEnd))
    anchor_on: date  # the day counted from; part of the key, so a moved date makes new reminders
    offset: int  # days from the anchor in `offset_unit`; for a repeat, its number
    offset_unit: str
    repeat_number: int = 0
    level: int = 0
    channel: str | None = None
    due_at: datetime
    state: ReminderState = Field(default=ReminderState.PLANNED, sa_type=enum_type(ReminderState))
    state_reason: str | None = None
    state_since: datetime
    notification_id: int | None = Field(default=None, foreign_key="notification.id", index=True)
    error: str | None = None
