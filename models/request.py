"""진행상황 제출 요청: what a post has been asked and has not, or has, answered."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import enum_type


class RequestState(StrEnum):
    REQUESTED = "requested"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class RequestReason(StrEnum):
    DEADLINE = "deadline"
    STALE = "stale"
    CHECK = "check"
    QUIET = "quiet"
    ROUND = "round"


class StatusRequest(SQLModel, table=True):
    """`key` names what is asked (post, milestone and anchor; or post and round): asked once. Late = after `due_at`."""

    __tablename__ = "status_request"
    __table_args__ = (
        Index(
            "ix_status_request_outstanding",
            "post_id",
            "due_at",
            postgresql_where=text("state IN ('requested', 'returned')"),
            sqlite_where=text("state IN ('requested', 'returned')"),
        ),
        Index(
            "ix_status_request_due",
            "due_at",
            "id",
            "post_id",
            postgresql_where=text("state IN ('requested', 'returned')"),
            sqlite_where=text("state IN ('requested', 'returned')"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    post_id: int = Field(foreign_key="post.id", index=True)
    round_id: int | None = Field(default=None, foreign_key="collection_round.id", index=True)
    reason: RequestReason = Field(sa_type=enum_type(RequestReason))
    state: RequestState = Field(default=RequestState.REQUESTED, sa_type=enum_type(RequestState))
    requested_at: datetime
    due_at: datetime
    submitted_at: datetime | None = None
    settled_at: datetime | None = None  # accepted, closed or cancelled
    comment: str | None = None  # 보완요청 text


class StatusRequestItem(SQLModel, table=True):
    """One milestone asked about in a request; answered when a report points back at it."""

    __tablename__ = "status_request_item"
    __table_args__ = (UniqueConstraint("request_id", "milestone_id"),)

    id: int | None = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="status_request.id", index=True)
    milestone_id: int = Field(foreign_key="milestone.id", index=True)
    report_id: int | None = Field(default=None, foreign_key="status_report.id")
