"""일정: something that must be delivered or held within a window of days, with its history."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from models.columns import enum_type


class MilestoneKind(StrEnum):
    COMPLETION = "completion"
    OPENING = "opening"
    TRAINING = "training"
    EVENT = "event"
    CONTRACT = "contract"
    PROCUREMENT = "procurement"
    CONSTRUCTION = "construction"
    DESIGN = "design"
    SURVEY = "survey"
    COUNCIL = "council"
    PAYMENT = "payment"
    INSPECTION = "inspection"
    MEETING = "meeting"
    OTHER = "other"


class MilestoneStatus(StrEnum):
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DELAYED = "delayed"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN_STATUSES = (MilestoneStatus.PLANNED, MilestoneStatus.IN_PROGRESS, MilestoneStatus.DELAYED)


_IS_OPEN = "status IN ('planned', 'in_progress', 'delayed') AND duplicate_of_id IS NULL"


class OwnerRole(StrEnum):
    LEAD = "lead"
    SUPPORTING = "supporting"


class Milestone(SQLModel, table=True):
    """A dated item of a project, or an undated plan (`precision` none, no window).

    The window is what is planned now; `baseline_*` is what the first document said and never changes.
    """

    __table_args__ = (
        Index(
            "ix_milestone_open",
            "end_on",
            "project_id",
            "post_id",
            postgresql_where=text(_IS_OPEN),
            sqlite_where=text(_IS_OPEN),
        ),
        Index(
            "ix_milestone_open_project",
            "project_id",
            "end_on",
            "post_id",
            "id",
            postgresql_where=text(_IS_OPEN),
            sqlite_where=text(_IS_OPEN),
        ),
        CheckConstraint("start_on IS NULL OR end_on IS NULL OR start_on <= end_on", name="window"),
        CheckConstraint("percent_complete IS NULL OR percent_complete BETWEEN 0 AND 100", name="percent"),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    document_id: int = Field(foreign_key="document.id", index=True)
    post_id: int | None = Field(default=None, foreign_key="post.id", index=True)  # overrides the project's
    label: str
    section: str  # the heading under which it stands, as printed
    line: int | None = None
    label_line: int | None = None
    raw: str  # the date as written
    start_on: date | None = None
    end_on: date | None = None
    precision: str  # a value of schedules.dates.Precision
    open_start: bool = False
    open_end: bool = False
    tentative: bool = False
    time: str | None = None
    recurrence: str | None = None
    kind: MilestoneKind = Field(sa_type=enum_type(MilestoneKind))
    status: MilestoneStatus = Field(sa_type=enum_type(MilestoneStatus))
    is_deadline: bool
    duplicate_of_id: int | None = Field(default=None, foreign_key="milestone.id")
    percent_complete: int | None = None
    baseline_raw: str
    baseline_start_on: date | None = None
    baseline_end_on: date | None = None
    status_since: datetime
    check_on: date | None = None  # 확인일 of an undated plan, set by a person; else the rule of checks counts
    gone_at: datetime | None = None  # a later edition no longer mentions it; asked about, never deleted


class MilestoneRevision(SQLModel, table=True):
    """One change of a milestone: who, when, why, from what to what. Never edited."""

    __tablename__ = "milestone_revision"

    id: int | None = Field(default=None, primary_key=True)
    milestone_id: int = Field(foreign_key="milestone.id", index=True)
    changed_at: datetime
    changed_by: str  # `post:12 홍길동 팀장`, `admin`, `import`
    reason: str
    status_before: MilestoneStatus | None = Field(default=None, sa_type=enum_type(MilestoneStatus))
    status_after: MilestoneStatus = Field(sa_type=enum_type(MilestoneStatus))
    raw_before: str | None = None
    raw_after: str
    start_before: date | None = None
    start_after: date | None = None
    end_before: date | None = None
    end_after: date | None = None
    status_report_id: int | None = Field(default=None, foreign_key="status_report.id")


class MilestoneOwner(SQLModel, table=True):
    """An office named beside a milestone, as text; `unit_id` when it is a unit of ours."""

    __tablename__ = "milestone_owner"

    id: int | None = Field(default=None, primary_key=True)
    milestone_id: int = Field(foreign_key="milestone.id", index=True)
    name: str
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    role: OwnerRole = Field(sa_type=enum_type(OwnerRole))
