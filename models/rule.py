"""알림 규칙: which milestones make which reminders, when, to whom."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import enum_type, json_type
from models.reminder import Ask, WhichEnd


class OffsetUnit(StrEnum):
    CALENDAR = "calendar"
    WORKING = "working"


class Certainty(StrEnum):
    ANY = "any"
    FIRM = "firm"
    TENTATIVE = "tentative"


class RepeatUntil(StrEnum):
    """What ends the repeats of a question; closing, moving or switching off ends them in any case."""

    ANSWERED = "answered"  # any answer
    DONE = "done"  # the milestone is done or cancelled: an answer only puts the next one off


class ReminderRule(SQLModel, table=True):
    """One sentence: for milestones that match, ask `ask` at these offsets from this end of the window.

    Empty lists match everything. The nearest scope wins: milestone, project, unit, none. `offsets` are days, negative
    before the end, in `offset_unit`. `repeat_every` > 0 repeats that many units after the last offset until
    `repeat_until`, at most `most_repeats` times for one day counted from (0 = no limit).
    `levels` are posts above the responsible one: 0 = responsible, 1 = the post above, 2 = two above; BESIDE (-1) =
    those that support the milestone, who only hear.
    `channels` in their order: one that cannot reach the post is passed over, and what waits for an answer is asked
    again on the next after every `fallback_working_days` without one.
    """

    __tablename__ = "reminder_rule"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    ask: Ask = Field(sa_type=enum_type(Ask))
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    project_id: int | None = Field(default=None, foreign_key="project.id")
    milestone_id: int | None = Field(default=None, foreign_key="milestone.id")
    kinds: list[str] = Field(default_factory=list, sa_type=json_type())
    precisions: list[str] = Field(default_factory=list, sa_type=json_type())
    certainty: Certainty = Field(default=Certainty.ANY, sa_type=enum_type(Certainty))
    which_end: WhichEnd = Field(sa_type=enum_type(WhichEnd))
    offsets: list[int] = Field(default_factory=list, sa_type=json_type())
    offset_unit: OffsetUnit = Field(default=OffsetUnit.CALENDAR, sa_type=enum_type(OffsetUnit))
    time: str = "09:00"
    repeat_every: int = 0
    repeat_unit: OffsetUnit = Field(default=OffsetUnit.CALENDAR, sa_type=enum_type(OffsetUnit))
    repeat_until: RepeatUntil = Field(
        default=RepeatUntil.ANSWERED,
        sa_type=enum_type(RepeatUntil),
        sa_column_kwargs={"server_default": RepeatUntil.ANSWERED.value},
    )
    most_repeats: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    levels: list[int] = Field(default_factory=lambda: [0], sa_type=json_type())
    channels: list[str] = Field(default_factory=lambda: ["email"], sa_type=json_type())
    fallback_working_days: int = Field(default=5, sa_column_kwargs={"server_default": "5"})
    position: int = 0
    disabled_at: datetime | None = None


class EscalationStep(SQLModel, table=True):
    """상급자 보고 단계: after so many working days without an answer the post `level` above hears it too."""

    __tablename__ = "escalation_step"

    id: int | None = Field(default=None, primary_key=True)
    rule_id: int = Field(foreign_key="reminder_rule.id", index=True)
    after_working_days: int
    level: int
