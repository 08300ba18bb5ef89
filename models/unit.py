"""국·과·팀: the organisation as a document presents it."""

from datetime import date
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import enum_type


class UnitKind(StrEnum):
    BUREAU = "bureau"
    DEPARTMENT = "department"
    TEAM = "team"


class Unit(SQLModel, table=True):
    """A bureau, department or team; `name` without inner spaces (`인사팀`).

    One that is closed, or opens on a day ahead, stands under none: `FormerUnit` and `Reorganisation` say where it did,
    or will.
    """

    __table_args__ = (UniqueConstraint("parent_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    kind: UnitKind = Field(sa_type=enum_type(UnitKind))
    parent_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    position: int = 0
    opened_on: date | None = None  # None = since before anything was recorded
    closed_on: date | None = None  # the first day on which it is no more


class UnitDuty(SQLModel, table=True):
    """One line of a unit's 주요업무, as printed; teams are guessed from these."""

    __tablename__ = "unit_duty"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    document_id: int = Field(foreign_key="document.id", index=True)
    position: int
    text: str
    line: int | None = None


class StaffCount(SQLModel, table=True):
    """정원 (quota) and 현원 (actual) of a unit and grade, as printed; grade `합계` is the printed total."""

    __tablename__ = "staff_count"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    document_id: int = Field(foreign_key="document.id", index=True)
    grade: str
    quota: int | None = None
    actual: int | None = None
    line: int | None = None
