"""주요사업: a project with the document's own words, section by section."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import enum_type


class SectionKind(StrEnum):
    BACKGROUND = "background"
    OVERVIEW = "overview"
    DETAILS = "details"
    RESULTS = "results"
    PROBLEMS = "problems"
    NEXT_STEPS = "next_steps"
    BUDGET = "budget"
    OTHER = "other"


class Project(SQLModel, table=True):
    """A project of a department; nothing is sent about it before `activated_at`."""

    __table_args__ = (
        UniqueConstraint("unit_id", "title"),
        Index(
            "ix_project_waiting",
            "id",
            postgresql_where=text("activated_at IS NULL AND closed_at IS NULL"),
            sqlite_where=text("activated_at IS NULL AND closed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    document_id: int = Field(foreign_key="document.id", index=True)  # the edition that last mentioned it
    unit_id: int = Field(foreign_key="unit.id", index=True)  # lead department
    team_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    team_confidence: float | None = None  # 0 … 1; None = said by a person
    post_id: int | None = Field(default=None, foreign_key="post.id", index=True)  # who answers for it
    number: int | None = None
    title: str
    line: int | None = None
    period_raw: str | None = None
    period_start_on: date | None = None
    period_end_on: date | None = None
    location: str | None = None
    activated_at: datetime | None = None
    closed_at: datetime | None = None


class ProjectText(SQLModel, table=True):
    """One line of a project's section in the edition `document_id`, in reading order."""

    __tablename__ = "project_text"

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    document_id: int = Field(foreign_key="document.id", index=True)
    section: SectionKind = Field(sa_type=enum_type(SectionKind))
    heading: str  # as printed
    position: int
    level: int = 0  # depth of the bullet under its section
    text: str
    line: int | None = None


class Problem(SQLModel, table=True):
    """문제점 and the measures promised against it, a line each; each is a milestone that is asked about."""

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    document_id: int = Field(foreign_key="document.id", index=True)
    problem: str
    measure: str = ""
    line: int | None = None
