"""A milestone as planning sees it: its window, whether it still asks anything, and who answers for it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Select, String, func, select, type_coerce
from sqlmodel import Session, col

from models import OPEN_STATUSES, Milestone, MilestoneKind, Project, StatusReport
from schedules.dates_expression import Precision
from schedules.responsibility import Chart

FIRM_PRECISIONS = frozenset({Precision.DAY, Precision.WEEK, Precision.RANGE, Precision.HOLIDAY})
COUNTED_FROM_START = frozenset({MilestoneKind.EVENT, MilestoneKind.MEETING, MilestoneKind.COUNCIL})
IDS_AT_ONCE = 2000
_OPEN = frozenset(status.value for status in OPEN_STATUSES)


@dataclass(frozen=True, slots=True)
class Item:
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

    @property
    def is_firm(self) -> bool:
        return self.precision in FIRM_PRECISIONS and not self.tentative

    @property
    def is_fuzzy(self) -> bool:
        return self.precision not in FIRM_PRECISIONS

    @property
    def is_answered_at_end(self) -> bool:
        """Answered on or after its last day and still open: from then on it is checked instead of chased."""
        return self.end_on is not None and self.answered_on is not None and self.answered_on >= self.end_on

    @property
    def needs_check(self) -> bool:
        """Nothing else would ever ask about it: no last day, recurring, a whole year, or answered but still open."""
        return (
            self.end_on is None
            or self.recurrence is not None
            or self.precision == Precision.YEAR
            or self.is_answered_at_end
        )

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


def load_items(
    session: Session, chart: Chart, timezone: tzinfo, milestone_ids: Collection[int], *, lock: bool = False
) -> list[Item]:
    """The milestones given that exist, in the order of their ids. `lock`: nobody else changes them meanwhile."""
    wanted: Select[*tuple[Any, ...]] = (
        select(
            col(Milestone.id).label("id"),
            col(Milestone.project_id).label("project_id"),
            col(Milestone.post_id).label("post_id"),
            type_coerce(col(Milestone.kind), String).label("kind"),
            type_coerce(col(Milestone.status), String).label("status"),
            col(Milestone.precision).label("precision"),
            col(Milestone.tentative).label("tentative"),
            col(Milestone.start_on).label("start_on"),
            col(Milestone.end_on).label("end_on"),
            col(Milestone.recurrence).label("recurrence"),
            col(Milestone.is_deadline).label("is_deadline"),
            col(Milestone.duplicate_of_id).label("duplicate_of_id"),
            col(Project.unit_id).label("unit_id"),
            col(Project.team_id).label("team_id"),
            col(Project.post_id).label("project_post_id"),
            col(Project.activated_at).label("activated_at"),
            col(Project.closed_at).label("closed_at"),
        )
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(col(Milestone.id).in_(milestone_ids))
        .order_by(col(Milestone.id))
    )
    rows = session.execute(wanted.with_for_update(of=Milestone) if lock else wanted).all()
    answered = _last_answers(session, milestone_ids)
    items = []
    for row in rows:
        units = chart.units_up(row.team_id, row.unit_id)
        at = answered.get(row.id)
        items.append(
            Item(
                id=row.id,
                project_id=row.project_id,
                unit_ids=units,
                post_id=chart.responsible(milestone_post=row.post_id, project_post=row.project_post_id, units=units),
                kind=row.kind,
                status=row.status,
                precision=row.precision,
                tentative=row.tentative,
                start_on=row.start_on,
                end_on=row.end_on,
                recurrence=row.recurrence,
                is_deadline=row.is_deadline,
                is_duplicate=row.duplicate_of_id is not None,
                activated_on=row.activated_at.astimezone(timezone).date() if row.activated_at else None,
                is_closed_project=row.closed_at is not None,
                answered_on=at.astimezone(timezone).date() if at else None,
            )
        )
    return items


def _last_answers(session: Session, milestone_ids: Collection[int]) -> dict[int, datetime]:
    last = (
        select(col(StatusReport.milestone_id), func.max(StatusReport.reported_at))
        .where(col(StatusReport.milestone_id).in_(milestone_ids))
        .group_by(col(StatusReport.milestone_id))
    )
    return {row[0]: row[1] for row in session.execute(last)}


def chunks(ids: Sequence[int], size: int = IDS_AT_ONCE) -> Iterator[Sequence[int]]:
    """The ids in pieces that a statement can name one by one."""
    for first in range(0, len(ids), size):
        yield ids[first : first + size]
