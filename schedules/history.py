"""The organisation as it was: what units were called on a day, where they stood, and by which names they were known."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Protocol, TypeVar

from sqlmodel import Session, select

from models import FormerHome, FormerPost, FormerUnit
from schedules.responsibility import Chart, load_chart, make_chart


class UntilDay(Protocol):
    """Something that held until a day, that day included."""

    @property
    def until_on(self) -> date: ...


Held = TypeVar("Held", bound=UntilDay)


def load_chart_on(session: Session, on: date) -> Chart:
    """The organisation of that day, names and places included; units that were closed since are open in it.

    Units that are not made yet on that day, and their posts, are left out.
    """
    chart = load_chart(session)
    of_units = held_on(session.exec(select(FormerUnit)), on, lambda row: row.unit_id)
    of_posts = held_on(session.exec(select(FormerPost)), on, lambda row: row.post_id)
    units = {}
    for unit in chart.units.values():
        if unit.opened_on is not None and unit.opened_on > on:
            continue
        was = of_units.get(unit.id)
        name, parent_id = (was.name, was.parent_id) if was is not None else (unit.name, unit.parent_id)
        closed_on = unit.closed_on if unit.closed_on is not None and unit.closed_on <= on else None
        units[unit.id] = unit._replace(name=name, parent_id=parent_id, closed_on=closed_on)
    posts = {}
    for post in chart.posts.values():
        was_of = of_posts.get(post.id)
        unit_id = was_of.unit_id if was_of is not None else post.unit_id
        if unit_id in units:
            is_over = units[unit_id].closed_on is not None
            posts[post.id] = post._replace(unit_id=unit_id, successor_id=post.successor_id if is_over else None)
    return make_chart(units, posts)


def homes_on(session: Session, on: date) -> Mapping[int, FormerHome]:
    """The department and team of that day, for the projects that have moved since."""
    return held_on(session.exec(select(FormerHome)), on, lambda row: row.project_id)


def held_on(rows: Iterable[Held], on: date, key: Callable[[Held], int]) -> dict[int, Held]:
    """Of the rows about one thing the earliest that still held on the day; none for what has not changed since."""
    found: dict[int, Held] = {}
    for row in rows:
        known = found.get(key(row))
        if row.until_on >= on and (known is None or row.until_on < known.until_on):
            found[key(row)] = row
    return found
