"""A milestone as planning sees it: its window, whether it still asks anything, and who answers for it."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, tzinfo
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Select, String, and_, func, or_, select, type_coerce
from sqlmodel import Session, col

from models import OPEN_STATUSES, Milestone, MilestoneKind, Project, StatusReport, WhichEnd
from schedules.calendar import WorkingCalendar
from schedules.dates_expression import Precision
from schedules.responsibility import Chart, load_chart_around
from schedules.rows import among, fetch, fetch_ids, one_by_one

FIRM_PRECISIONS = frozenset({Precision.DAY, Precision.WEEK, Precision.RANGE, Precision.HOLIDAY})
COUNTED_FROM_START = frozenset({MilestoneKind.EVENT, MilestoneKind.MEETING, MilestoneKind.COUNCIL})
HELD_ON_ITS_DAY = COUNTED_FROM_START | {MilestoneKind.TRAINING, MilestoneKind.OPENING}  # whatever day that is
IDS_AT_ONCE = 2000
_OPEN = frozenset(status.value for status in OPEN_STATUSES)


class Item(NamedTuple):
    """Enums stand as plain text here, so that one row with an unknown word spoils only itself."""

    id: int
    project_id: int
    unit_ids: tuple[int, ...]  # team, department, bureau: nearest first
    post_id: int | None
    kind: str
    status: str
    precision: str
    tentative: bool
    start_on: date | None
    end_on: date | None
    recurrence: str | None
    is_deadline: bool
    is_duplicate: bool
    activated_on: date | None
    is_closed_project: bool
    answered_on: date | None  # local day of the last status report
    deadline_on: date | None  # `end_on`; on a day off, the working day that the office takes for it
    check_on: date | None = None  # the day that a person set for asking about it
    quiet_since: date | None = None  # by it its project is asked, of which nothing was heard since; `schedules.quiet`
    supporting: tuple[int, ...] = ()  # posts beside the one that answers; `schedules.beside`
    not_quiet: str = "사업에 소식이 있는지는 다른 일정으로 묻습니다"  # else why not by it, in Korean

    @property
    def is_firm(self) -> bool:
        return self.precision in FIRM_PRECISIONS and not self.tentative

    @property
    def is_fuzzy(self) -> bool:
        return self.precision not in FIRM_PRECISIONS

    @property
    def is_answered_at_end(self) -> bool:
        """Answered on or after its last day and still open: from then on it is checked instead of chased.

        An answer on the very day is one, be it the day that the document names or the one that it counts on.
        """
        return is_answered_by(self.end_on, self.deadline_on, self.answered_on)

    def counts_on(self, end: str, anchor_on: date) -> date:
        """The day that a reminder counts to which is anchored at this end of the window."""
        if end != WhichEnd.END or anchor_on != self.end_on or self.deadline_on is None:
            return anchor_on
        return self.deadline_on

    @property
    def needs_check(self) -> bool:
        """Nothing else would ever ask about it: no last day, recurring, a whole year, or answered but still open."""
        return would_be_checked(self.end_on, self.recurrence, self.precision, is_answered=self.is_answered_at_end)

    @property
    def silence(self) -> str | None:
        """Why nothing at all is asked about it, in Korean; None when something may be."""
        if self.activated_on is None:
            return "아직 활성화하지 않은 사업입니다"
        if self.is_closed_project:
            return "종료된 사업입니다"
        if self.is_duplicate:
            return "같은 일정이 다른 줄에 있어 그쪽에서 알립니다"
        if self.status not in _OPEN:
            return {"done": "완료된 일정입니다", "cancelled": "중단된 일정입니다"}.get(
                self.status, f"알 수 없는 상태({self.status})입니다"
            )
        if self.post_id is None:
            return "담당 직위가 없습니다"
        return None


def is_answered_by(end_on: date | None, deadline_on: date | None, answered_on: date | None) -> bool:
    """`Item.is_answered_at_end`, of its days."""
    if end_on is None or deadline_on is None or answered_on is None:
        return False
    return answered_on >= min(end_on, deadline_on)


def would_be_checked(end_on: date | None, recurrence: str | None, precision: str, *, is_answered: bool) -> bool:
    """`Item.needs_check`, of what it looks at."""
    return end_on is None or recurrence is not None or precision == Precision.YEAR or is_answered


def deadline_of(end_on: date, kind: str, calendar: WorkingCalendar, *, is_deadline: bool = True) -> date:
    """The day on which a window's last day counts as a deadline; what is held, is held on its day."""
    return end_on if kind in HELD_ON_ITS_DAY or not is_deadline else calendar.deadline(end_on)


class Windowed(Protocol):
    """A milestone as far as its days go."""

    @property
    def kind(self) -> MilestoneKind: ...
    @property
    def precision(self) -> str: ...
    @property
    def tentative(self) -> bool: ...
    @property
    def start_on(self) -> date | None: ...
    @property
    def end_on(self) -> date | None: ...
    @property
    def is_deadline(self) -> bool: ...


def last_day(milestone: Windowed, calendar: WorkingCalendar) -> date | None:
    """Its last day, as a deadline counts."""
    if milestone.end_on is None:
        return None
    return deadline_of(milestone.end_on, milestone.kind, calendar, is_deadline=milestone.is_deadline)


def is_past(milestone: Windowed, today: date, calendar: WorkingCalendar) -> bool:
    """Whether its last day is over, as a deadline counts."""
    counts_on = last_day(milestone, calendar)
    return counts_on is not None and counts_on < today


def is_over(today: date, calendar: WorkingCalendar) -> ColumnElement[bool]:
    """`is_past` as a condition on `Milestone`."""
    end_on, over_before = col(Milestone.end_on), calendar.over_before(today)
    if over_before == today:
        return end_on < today
    is_held = or_(col(Milestone.kind).in_(sorted(HELD_ON_ITS_DAY)), col(Milestone.is_deadline).is_(False))
    return and_(
        end_on < max(today, over_before), or_(and_(is_held, end_on < today), and_(~is_held, end_on < over_before))
    )


def load_items(
    session: Session,
    chart: Chart,
    calendar: WorkingCalendar,
    timezone: tzinfo,
    milestone_ids: Collection[int],
) -> list[Item]:
    """The milestones given that exist, in the order of their ids."""
    wanted: Select[*tuple[Any, ...]] = (
        select(
            col(Milestone.id),
            col(Milestone.project_id),
            col(Milestone.post_id),
            type_coerce(col(Milestone.kind), String),
            type_coerce(col(Milestone.status), String),
            col(Milestone.precision),
            col(Milestone.tentative),
            col(Milestone.start_on),
            col(Milestone.end_on),
            col(Milestone.recurrence),
            col(Milestone.is_deadline),
            col(Milestone.duplicate_of_id),
            col(Milestone.check_on),
        )
        .where(among(col(Milestone.id), milestone_ids))
        .order_by(col(Milestone.id))
    )
    rows = fetch(session, wanted)
    homes = _homes(session, chart, timezone, {row[1] for row in rows})
    answered = _last_answers(session, timezone, milestone_ids)
    items = []
    for (
        milestone_id,
        project_id,
        post_id,
        kind,
        status,
        precision,
        tentative,
        start_on,
        end_on,
        recurrence,
        is_deadline,
        double,
        check_on,
    ) in rows:
        home = homes[project_id]
        items.append(
            Item(
                milestone_id,
                project_id,
                home.unit_ids,
                post_id if post_id is not None else home.post_id,
                kind,
                status,
                precision,
                tentative,
                start_on,
                end_on,
                recurrence,
                is_deadline,
                double is not None,
                home.activated_on,
                home.is_closed,
                answered.get(milestone_id),
                deadline_of(end_on, kind, calendar, is_deadline=is_deadline) if end_on is not None else None,
                check_on,
            )
        )
    return items


def lock_items(session: Session, milestone_ids: Collection[int]) -> None:
    """Nobody else changes these milestones until the transaction ends; locked in the order of their ids."""
    locked = select(col(Milestone.id)).where(among(col(Milestone.id), milestone_ids)).order_by(col(Milestone.id))
    fetch(session, locked.with_for_update())


def load_chart_about(session: Session, milestone_ids: Collection[int], post_ids: Collection[int] = ()) -> Chart:
    """The part of the organisation that these milestones, their projects and these posts name, and all above it."""
    named = (
        select(col(Milestone.post_id), col(Project.post_id), col(Project.team_id), col(Project.unit_id))
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(one_by_one(col(Milestone.id), milestone_ids))
        .distinct()
    )
    rows = fetch(session, named)
    posts = {one for own, of_project, _, _ in rows for one in (own, of_project) if one is not None}
    units = {one for _, _, team, unit in rows for one in (team, unit) if one is not None}
    return load_chart_around(session, posts | set(post_ids), units)


def open_milestones() -> Select[int | None]:
    """The ids of the milestones that may be asked about at all: open, of active projects, each once."""
    return (
        select(col(Milestone.id))
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(
            col(Milestone.status).in_(OPEN_STATUSES),
            col(Milestone.duplicate_of_id).is_(None),
            col(Project.activated_at).is_not(None),
            col(Project.closed_at).is_(None),
        )
    )


def open_ids(session: Session) -> list[int]:
    """`open_milestones`, by their ids."""
    return fetch_ids(session, open_milestones().order_by(col(Milestone.id)))


class _Home(NamedTuple):
    """What a milestone has from its project."""

    unit_ids: tuple[int, ...]
    post_id: int | None
    activated_on: date | None
    is_closed: bool


def _homes(session: Session, chart: Chart, timezone: tzinfo, project_ids: Collection[int]) -> dict[int, _Home]:
    wanted = select(
        col(Project.id),
        col(Project.unit_id),
        col(Project.team_id),
        col(Project.post_id),
        col(Project.activated_at),
        col(Project.closed_at),
    ).where(among(col(Project.id), project_ids))
    found = {}
    for project_id, unit_id, team_id, post_id, activated_at, closed_at in fetch(session, wanted):
        units = chart.units_up(team_id, unit_id)
        post_id = chart.responsible(milestone_post=None, project_post=post_id, units=units)
        activated_on = activated_at.astimezone(timezone).date() if activated_at else None
        found[project_id] = _Home(units, post_id, activated_on, closed_at is not None)
    return found


def _last_answers(session: Session, timezone: tzinfo, milestone_ids: Collection[int]) -> dict[int, date]:
    last = (
        select(col(StatusReport.milestone_id), func.max(StatusReport.reported_at))
        .where(among(col(StatusReport.milestone_id), milestone_ids))
        .group_by(col(StatusReport.milestone_id))
    )
    return {milestone_id: at.astimezone(timezone).date() for milestone_id, at in fetch(session, last)}


def chunks(ids: Sequence[int], size: int = IDS_AT_ONCE) -> Iterator[Sequence[int]]:
    """The ids in pieces that a statement can name one by one."""
    for first in range(0, len(ids), size):
        yield ids[first : first + size]
