"""Posts, who holds them, and who deputises: a milestone belongs to a post, never to a person."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel


class Post(SQLModel, table=True):
    """A responsibility inside a unit: `팀장`, `과장`, `국장`, `담당`.

    `successor_id` is the post that took it over when its unit was merged (no foreign key: SQLite cannot add one to a
    table that others point at).
    """

    __table_args__ = (UniqueConstraint("unit_id", "title"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    title: str
    successor_id: int | None = None


class Person(SQLModel, table=True):
    """Somebody who can hold a post; without an e-mail address they cannot be reached by mail."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str | None = Field(default=None, index=True)
    phone: str | None = None
    bounced_at: datetime | None = None  # the address refused mail for good; cleared when the address changes
    left_on: date | None = None  # first day on which they hold nothing any more


class Assignment(SQLModel, table=True):
    """보직: a person holds a post from `from_on` to `until_on`, both days included; no end = until further notice.

    `ended_at` is when the end was carried out: links ended, the successor told. An end without it is still to come.
    """

    __table_args__ = (CheckConstraint("until_on IS NULL OR from_on <= until_on", name="order"),)

    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="post.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    from_on: date
    until_on: date | None = None
    ended_at: datetime | None = None


class Handover(SQLModel, table=True):
    """인수인계 of a post: carried out when its holder has left, accepted by whoever holds it now."""

    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="post.id", index=True)
    effective_on: date  # the first day on which the leavers hold the post no more
    leavers: str
    carried_out_at: datetime
    notification_id: int | None = Field(default=None, foreign_key="notification.id")  # None = nothing to take over
    accepted_at: datetime | None = None
    accepted_by: str | None = None


class Absence(SQLModel, table=True):
    """업무대행: while the person is away (both days included) the deputy is asked instead."""

    __table_args__ = (
        CheckConstraint("from_on <= until_on", name="order"),
        CheckConstraint("person_id <> deputy_id", name="other_person"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    deputy_id: int = Field(foreign_key="person.id", index=True)
    from_on: date
    until_on: date
    reason: str = ""
