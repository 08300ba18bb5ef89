"""취합 현황: a round by department and team, as one table: asked, opened, submitted, late, outstanding, days taken."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import select
from sqlmodel import Session, col

from models import CollectionRound, Notification, RequestState, StatusRequest, UnitKind
from schedules.calendar import WorkingCalendar
from schedules.history import load_chart_on
from schedules.requests import OUTSTANDING
from schedules.responsibility import Chart, load_chart
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
    """A round's rows, each department before its teams, and the whole round in one."""

    rows: tuple[Completion, ...]
    total: Completion


@dataclass(frozen=True, slots=True)
class _Asked:
    opened: bool
    submitted: bool
    late: bool
    outstanding: bool
    days: int | None


def read_completion(
    session: Session, round_id: int, now: datetime, settings: Settings, calendar: WorkingCalendar
) -> Board:
    """The round as it stands at `now`, in the order of the organisation; five queries, however many posts are asked.

    A locked round shows the units as they were called, and where they stood, on the day on which it was locked.

    Opened means a person's act on a link of the round's mails; whoever answered has opened. Cancelled requests do not
    count, those closed by the lock count as outstanding.
    """
    chart = _chart_of(session, round_id, settings)
    opened = set(
        session.scalars(
            select(col(Notification.post_id)).where(
                col(Notification.round_id) == round_id, col(Notification.opened_at).is_not(None)
            )
        )
    )
    requests = session.execute(
        select(
            col(StatusRequest.post_id),
            col(StatusRequest.state),
            col(StatusRequest.requested_at),
            col(StatusRequest.due_at),
            col(StatusRequest.submitted_at),
        ).where(col(StatusRequest.round_id) == round_id, col(StatusRequest.state) != RequestState.CANCELLED)
    )
    by_unit: dict[int, list[_Asked]] = {}
    for post_id, state, requested_at, due_at, submitted_at in requests:
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
        by_unit.setdefault(chart.posts[post_id].unit_id, []).append(one)
    everyone = [one for asked in by_unit.values() for one in asked]
    return Board(tuple(_rows(by_unit, chart)), _row(TOTAL, TOTAL, everyone))


def _chart_of(session: Session, round_id: int, settings: Settings) -> Chart:
    locked_at = session.scalars(
        select(col(CollectionRound.locked_at)).where(col(CollectionRound.id) == round_id)
    ).first()
    if locked_at is None:
        return load_chart(session)
    return load_chart_on(session, locked_at.astimezone(settings.timezone).date())


def _rows(by_unit: Mapping[int, list[_Asked]], chart: Chart) -> Iterable[Completion]:
    departments: dict[int, list[int]] = {}
    for unit_id in by_unit:
        departments.setdefault(_department(unit_id, chart), []).append(unit_id)
    for top in sorted(departments, key=lambda unit_id: _place(unit_id, chart)):
        unit_ids = sorted(departments[top], key=lambda unit_id: _place(unit_id, chart))
        name = chart.units[top].name
        yield _row(name, name, [one for unit_id in unit_ids for one in by_unit[unit_id]])
        for unit_id in unit_ids:
            if unit_id != top:
                yield _row(chart.units[unit_id].name, name, by_unit[unit_id])


def _department(unit_id: int, chart: Chart) -> int:
    """The unit itself unless it is a team under something."""
    above = chart.units[unit_id].parent_id
    return above if chart.units[unit_id].kind is UnitKind.TEAM and above is not None else unit_id


def _place(unit_id: int, chart: Chart) -> tuple[int, int]:
    return chart.units[unit_id].position, unit_id


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
