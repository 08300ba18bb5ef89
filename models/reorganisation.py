"""조직개편: what changed in the organisation on a day, and what units, posts and projects were before it.

The rows of units, posts and projects say what holds now. A `Former…` row says what held until `until_on`, that day
included; of several the earliest that does not lie before a day is what held on it.
"""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from models.columns import json_type


class Reorganisation(SQLModel, table=True):
    """Units renamed, moved, merged, made or closed on one day; carried out on that day, by the clock where it is ahead.

    `changes` are its steps in their order, by ids, each with the words it was shown with. `error`: why it could not be
    carried out on its day; it then waits until it is cancelled.
    """

    id: int | None = Field(default=None, primary_key=True)
    effective_on: date
    changes: list[dict[str, object]] = Field(default_factory=list, sa_type=json_type())
    decided_at: datetime
    decided_by: str
    carried_out_at: datetime | None = None
    cancelled_at: datetime | None = None
    error: str | None = None


class FormerUnit(SQLModel, table=True):
    """What a unit was called, and under which it stood."""

    __tablename__ = "former_unit"

    id: int | None = Field(default=None, primary_key=True)
    reorganisation_id: int = Field(foreign_key="reorganisation.id")
    unit_id: int = Field(foreign_key="unit.id", index=True)
    until_on: date
    name: str
    parent_id: int | None = Field(default=None, foreign_key="unit.id")


class FormerPost(SQLModel, table=True):
    """The unit that a post belonged to."""

    __tablename__ = "former_post"

    id: int | None = Field(default=None, primary_key=True)
    reorganisation_id: int = Field(foreign_key="reorganisation.id")
    post_id: int = Field(foreign_key="post.id", index=True)
    until_on: date
    unit_id: int = Field(foreign_key="unit.id")


class FormerHome(SQLModel, table=True):
    """The department and team that a project belonged to."""

    __tablename__ = "former_home"

    id: int | None = Field(default=None, primary_key=True)
    reorganisation_id: int = Field(foreign_key="reorganisation.id")
    project_id: int = Field(foreign_key="project.id", index=True)
    until_on: date
    unit_id: int = Field(foreign_key="unit.id")
    team_id: int | None = Field(default=None, foreign_key="unit.id")
