"""정기 취합: schedules that open rounds, each asking every post once."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import enum_type, json_type


class RoundState(StrEnum):
    OPEN = "open"
    LOCKED = "locked"


class CollectionSchedule(SQLModel, table=True):
    """When rounds open (`recurrence`: RFC 5545 rule or cron), who is asked, by which working day each level answers.

    Of no projects means of all. `questions` are asked besides how things stand.
    """

    __tablename__ = "collection_schedule"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    recurrence: str
    due_working_days: list[int] = Field(default_factory=lambda: [5, 7, 8], sa_type=json_type())
    grace_working_days: int = 0
    project_ids: list[int] = Field(default_factory=list, sa_type=json_type(), sa_column_kwargs={"server_default": "[]"})
    questions: list[str] = Field(default_factory=list, sa_type=json_type())
    opened_until: date | None = None  # the last of its days for which a round was opened or passed over
    disabled_at: datetime | None = None


class CollectionRound(SQLModel, table=True):
    """회차: one collection with its as-of date; a locked round is never changed again without a reason."""

    __tablename__ = "collection_round"
    __table_args__ = (Index("ix_collection_round_schedule_id_as_of_on", "schedule_id", "as_of_on", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    schedule_id: int | None = Field(default=None, foreign_key="collection_schedule.id", index=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    title: str = Field(unique=True)
    as_of_on: date
    questions: list[str] = Field(default_factory=list, sa_type=json_type(), sa_column_kwargs={"server_default": "[]"})
    opened_at: datetime
    due_at: datetime
    state: RoundState = Field(default=RoundState.OPEN, sa_type=enum_type(RoundState))
    locks_at: datetime | None = None  # when the clock locks it; None = a person does
    nudged_on: date | None = None  # the last day on which the clock reminded the outstanding
    locked_at: datetime | None = None


class KeptEdition(SQLModel, table=True):
    """The report of a round as it was when it was locked at `locked_at`; one locked again has a new one.

    `content` is the edition as JSON: whatever is imported, answered or renamed later, it is written the same again.
    """

    __tablename__ = "kept_edition"

    round_id: int = Field(primary_key=True, foreign_key="collection_round.id")
    locked_at: datetime
    content: str
