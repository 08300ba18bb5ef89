"""취합 현황: a round by department and team, as one table: asked, opened, submitted, late, outstanding, days taken."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from statistics import median
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from models import CollectionRound, Notification, Post, RequestState, StatusRequest, UnitKind
from schedules.calendar import WorkingCalendar
from schedules.history import load_chart_on
from schedules.requests import OUTSTANDING
from schedules.responsibility import Chart, ChartUnit, load_units_of
from schedules.rows import fetch
from settings import Settings

TOTAL = "합계"
SUBMITTED = (RequestState.SUBMITTED, RequestState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Completion:
    """How far a unit is: posts asked, and of them those that opened their form, submitted, were late, still owe.

    `late` counts what came after its due time and what is outstanding beyond it. `days` is the median of working days
    from the question to the answer, None before the first answer. A department's row holds its teams' posts too.
    """

    unit: str
    department: str
    asked: int
    opened: int
    submitted: int
    late: int
    outstanding: int
    days: float | None


@dataclass(frozen=True, slots=True)
class Board:
    """A round's rows, each department before its teams, `count` in all, and the whole round in one."""

    rows: tuple[Completion, ...]
    total: Completion
    count: int


class _Asked(NamedTuple):
    opened: bool
    submitted: bool
    late: bool
    outstanding: bool
    days: int | None


def read_completion(
    session: Session,
    round_id: int,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
    *,
    most: int | None = None,
) -> Board:
    """The round as it stands at `now`, in the order of the organisation; five queries, however many posts are asked.

    With `most` only so many of the rows are made; the total is of all.

    A locked round shows the units as they were called, and where they stood, on the day on which it was locked.

    Opened means a person's act on a link of the round's mails; whoever answered has opened. Cancelled requests do not
    count, those closed by the lock count as outstanding.
    """
    opened = set(
        session.scalars(
            select(col(Notification.post_id)).where(
                col(Notification.round_id) == round_id, col(Notification.opened_at).is_not(None)
            )
        )
    )
    requests = fetch(
        session,
        select(
            col(StatusRequest.post_id),
            col(StatusRequest.state),
            col(StatusRequest.requested_at),
            col(StatusRequest.due_at),
            col(StatusRequest.submitted_at),
            col(Post.unit_id),
        )
        .join(Post, col(Post.id) == col(StatusRequest.post_id))
        .where(col(StatusRequest.round_id) == round_id, col(StatusRequest.state) != RequestState.CANCELLED),
    )
    then = _chart_then(session, round_id, settings)
    by_unit: dict[int, list[_Asked]] = {}
    for post_id, state, requested_at, due_at, submitted_at, unit_id in requests:
        days = None
        if state in SUBMITTED and submitted_at is not None:
            first, last = (at.astimezone(settings.timezone).date() for at in (requested_at, submitted_at))
            days = calendar.working_days_between(first, last)
        one = _Asked(
            opened=post_id in opened or submitted_at is not None,
            submitted=state in SUBMITTED,
            late=(submitted_at or now) > due_at if state in SUBMITTED else due_at < now,
            outstanding=state in (*OUTSTANDING, RequestState.CLOSED),
            days=days,
        )
        by_unit.setdefault(unit_id if then is None else then.posts[post_id].unit_id, []).append(one)
    units = then.units if then is not None else load_units_of(session, by_unit)
    everyone = [one for asked in by_unit.values() for one in asked]
    departments = _departments(by_unit, units)
    rows = tuple(islice(_rows(departments, by_unit, units), most))
    count = len(departments) + sum(unit_id not in departments for unit_id in by_unit)
    return Board(rows, _row(TOTAL, TOTAL, everyone), count)


def _chart_then(session: Session, round_id: int, settings: Settings) -> Chart | None:
    """The organisation of the day on which the round was locked; None for one that is open."""
    locked_at = session.scalars(
        select(col(CollectionRound.locked_at)).where(col(CollectionRound.id) == round_id)
    ).first()
    if locked_at is None:
        return None
    return load_chart_on(session, locked_at.astimezone(settings.timezone).date())


def _departments(by_unit: Iterable[int], units: Mapping[int, ChartUnit]) -> dict[int, list[int]]:
    """Under each department the units that were asked."""
    found: dict[int, list[int]] = {}
    for unit_id in by_unit:
        found.setdefault(_department(unit_id, units), []).append(unit_id)
    return found


def _rows(
    departments: Mapping[int, list[int]], by_unit: Mapping[int, list[_Asked]], units: Mapping[int, ChartUnit]
) -> Iterator[Completion]:
    for top in sorted(departments, key=lambda unit_id: (units[unit_id].position, unit_id)):
        unit_ids = sorted(departments[top], key=lambda unit_id: (units[unit_id].position, unit_id))
        name = units[top].name
        yield _row(name, name, [one for unit_id in unit_ids for one in by_unit[unit_id]])
        for unit_id in unit_ids:
            if unit_id != top:
                yield _row(units[unit_id].name, name, by_unit[unit_id])


def _department(unit_id: int, units: Mapping[int, ChartUnit]) -> int:
    """The unit itself unless it is a team under something."""
    unit = units[unit_id]
    return unit.parent_id if unit.kind is UnitKind.TEAM and unit.parent_id is not None else unit_id


def _row(unit: str, department: str, asked: Sequence[_Asked]) -> Completion:
    days = [one.days for one in asked if one.days is not None]
    return Completion(
        unit=unit,
        department=department,
        asked=len(asked),
        opened=sum(one.opened for one in asked),
        submitted=sum(one.submitted for one in asked),
        late=sum(one.late for one in asked),
        outstanding=sum(one.outstanding for one in asked),
        days=median(days) if days else None,
    )
