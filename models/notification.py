"""발송 기록: one message to one post through one channel, and every attempt to deliver it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Index, Table, UniqueConstraint, event, text
from sqlmodel import Field, SQLModel

from models.columns import enum_type, json_type


class NotificationKind(StrEnum):
    MORNING = "morning"  # everything of the post's slot in one mail
    ROUND = "round"  # 정기 취합 요청
    NUDGE = "nudge"  # 미제출 안내
    RETURNED = "returned"  # 보완요청
    SUMMARY = "summary"  # 지연 보고 to a head
    PASSED_ON = "passed_on"  # 넘기기: to a colleague whom the post's holder asks
    HANDOVER = "handover"  # 인수인계: what a post's new holder takes over
    ADMIN = "admin"  # to the admin: what needs a hand


class ChannelName(StrEnum):
    """The ways on which a message reaches a post; a value of `Notification.channel`."""

    EMAIL = "email"
    INBOX = "inbox"  # 받은 알림, for a post whose lead has an account
    PAPER = "paper"  # 종이로 알릴 목록, which the department's clerk prints


class NotificationState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


class Notification(SQLModel, table=True):
    """One message. `key` = addressee, channel, kind, slot: unique, so it is told once.

    `slot_at` is when it is to leave: its slot, or later that day where its post wishes so.

    `next_attempt_at` is when somebody may take it next: the due time while queued, the end of the lease while sending,
    None when it is settled. Who got it, and the text they got, are stored when it is sent (links masked).
    """

    __table_args__ = (
        Index("ix_notification_state", "state", "channel", "kind"),
        Index(
            "ix_notification_next_attempt",
            "next_attempt_at",
            postgresql_where=text("next_attempt_at IS NOT NULL"),
            sqlite_where=text("next_attempt_at IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    post_id: int | None = Field(default=None, foreign_key="post.id", index=True)  # None = admin
    channel: str
    kind: NotificationKind = Field(sa_type=enum_type(NotificationKind))
    slot_at: datetime
    round_id: int | None = Field(default=None, foreign_key="collection_round.id", index=True)
    state: NotificationState = Field(default=NotificationState.QUEUED, sa_type=enum_type(NotificationState))
    next_attempt_at: datetime | None = None
    lease_token: str | None = None
    attempts: int = 0
    message_id: str | None = None
    recipients: list[dict[str, str]] = Field(default_factory=list, sa_type=json_type())
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    error: str | None = None
    created_at: datetime
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    answered_at: datetime | None = None


# What mails said is most of the database. LZ4 packs it in a third of the time that PostgreSQL's default takes; a server
# built without it (or older than 14) keeps the default.
PACK_TEXTS = """DO $$ BEGIN
    EXECUTE 'ALTER TABLE notification ALTER "text" SET COMPRESSION lz4, ALTER html SET COMPRESSION lz4';
EXCEPTION WHEN feature_not_supported OR syntax_error THEN NULL;
END $$"""


@event.listens_for(SQLModel.metadata.tables["notification"], "after_create")
def pack_texts(_table: Table, connection: Connection, **_: object) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(PACK_TEXTS)


class NotificationItem(SQLModel, table=True):
    """A milestone that a head's weekly mail, a 인수인계 or a 넘기기 tells; a reminder names its own mail."""

    __tablename__ = "notification_item"
    __table_args__ = (UniqueConstraint("notification_id", "milestone_id"),)

    id: int | None = Field(default=None, primary_key=True)
    notification_id: int = Field(foreign_key="notification.id")
    milestone_id: int = Field(foreign_key="milestone.id", index=True)


class AttemptOutcome(StrEnum):
    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"
    UNREACHABLE = "unreachable"


class DeliveryAttempt(SQLModel, table=True):
    """One try to hand a message over: when, to which address, with what answer."""

    __tablename__ = "delivery_attempt"

    id: int | None = Field(default=None, primary_key=True)
    notification_id: int = Field(foreign_key="notification.id", index=True)
    attempted_at: datetime
    address: str
    outcome: AttemptOutcome = Field(sa_type=enum_type(AttemptOutcome))
    response: str  # the server's own words
