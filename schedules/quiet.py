"""소식 없는 사업: which item of a running project is asked about when nobody has said anything of it for long.

One a project: the open deadline that comes first. What is checked, overdue or asked about in a round is asked anyway.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, tzinfo
from typing import NamedTuple

from sqlalchemy import Select, String, func, select, type_coerce
from sqlmodel import Session, col

from models import (
    OPEN_STATUSES,
    Document,
    Milestone,
    MilestoneRevision,
    Project,
    StatusReport,
    StatusRequest,
    StatusRequestItem,
)
from schedules.calendar import WorkingCalendar
from schedules.items import Item, deadline_of, is_answered_by, would_be_checked
from schedules.requests import OUTSTANDING
from schedules.rows import among, fetch, fetch_ids


def with_quiet(session: Session, items: Sequence[Item], calendar: WorkingCalendar, timezone: tzinfo) -> list[Item]:
    """The items, told since when their project is quiet, or why it is not asked about by them; five statements.

    News of a project are its activation, an answer about any of its items, a change of one (moved, closed, by whoever
    it was), and a later edition that mentions it.
    """
    projects = {item.project_id for item in items}
    if not projects:
        return list(items)
    open_rows = _open_rows(session, projects)
    answers = _answers(session, projects, timezone)
    editions, changes = _editions(session, projects, timezone), _changes(session, projects, timezone)
    in_rounds = _in_rounds(session, [row.id for rows in open_rows.values() for row in rows])
    speakers = {
        project_id: _speaker(rows, answers.get(project_id, {}), calendar, in_rounds)
        for project_id, rows in open_rows.items()
    }
    found = []
    for item in items:
        speaker = speakers.get(item.project_id)
        if speaker is None or speaker.milestone_id != item.id or item.activated_on is None:
            found.append(item._replace(not_quiet=_why(item, speaker)))
            continue
        news = [item.activated_on, *answers.get(item.project_id, {}).values(), editions[item.project_id]]
        found.append(item._replace(quiet_since=max(*news, changes.get(item.project_id, item.activated_on))))
    return found


def speakers_beside(
    session: Session, milestone_ids: Collection[int], calendar: WorkingCalendar, timezone: tzinfo
) -> list[int]:
    """The items by which the projects of these would be asked, others than these; locked, but for what others hold.

    Passed over, since waiting out of the order of ids could end in a deadlock: the night plans what is left here.
    """
    theirs = select(col(Milestone.project_id)).where(among(col(Milestone.id), milestone_ids)).distinct()
    projects = set(fetch_ids(session, theirs))
    answers = _answers(session, projects, timezone)
    speakers = (
        _speaker(rows, answers.get(project_id, {}), calendar, ())
        for project_id, rows in _open_rows(session, projects).items()
    )
    ids = {one.milestone_id for one in speakers if one is not None and one.milestone_id is not None}
    free = select(col(Milestone.id)).where(among(col(Milestone.id), ids - set(milestone_ids)))
    return fetch_ids(session, free.order_by(col(Milestone.id)).with_for_update(skip_locked=True))


class _Row(NamedTuple):
    """An open item as far as this goes."""

    id: int
    project_id: int
    kind: str
    precision: str
    recurrence: str | None
    end_on: date | None
    is_deadline: bool


class _Speaker(NamedTuple):
    """The item of a project that is asked about, or, without one, why none is."""

    milestone_id: int | None
    reason: str = ""


def _speaker(
    rows: Iterable[_Row], answers: Mapping[int, date], calendar: WorkingCalendar, in_rounds: Collection[int]
) -> _Speaker | None:
    dated: list[tuple[date, int]] = []
    for row in rows:
        if row.id in in_rounds:
            return _Speaker(None, "정기 취합에서 이미 묻고 있습니다")
        counts_on = None
        if row.end_on is not None:
            counts_on = deadline_of(row.end_on, row.kind, calendar, is_deadline=row.is_deadline)
        is_answered = is_answered_by(row.end_on, counts_on, answers.get(row.id))
        if would_be_checked(row.end_on, row.recurrence, row.precision, is_answered=is_answered):
            return _Speaker(None, f"이 사업에는 점검(check)으로 묻는 일정({row.id}번)이 있습니다")
        if row.end_on is not None and row.is_deadline:
            dated.append((row.end_on, row.id))
    return _Speaker(min(dated)[1]) if dated else None


def _why(item: Item, speaker: _Speaker | None) -> str:
    if speaker is None or speaker.milestone_id == item.id:
        return "이 사업에는 기한을 기다리는 일정이 없습니다"
    return speaker.reason or f"이 사업은 기한이 가장 가까운 일정({speaker.milestone_id}번)으로 묻습니다"


def _open_rows(session: Session, project_ids: Collection[int]) -> dict[int, list[_Row]]:
    """Index ix_milestone_open_project."""
    wanted: Select[*tuple[object, ...]] = (
        select(
            col(Milestone.id),
            col(Milestone.project_id),
            type_coerce(col(Milestone.kind), String),
            col(Milestone.precision),
            col(Milestone.recurrence),
            col(Milestone.end_on),
            col(Milestone.is_deadline),
        )
        .where(
            among(col(Milestone.project_id), project_ids),
            col(Milestone.status).in_(OPEN_STATUSES),
            col(Milestone.duplicate_of_id).is_(None),
        )
        .order_by(col(Milestone.id))
    )
    found: dict[int, list[_Row]] = defaultdict(list)
    for row in map(_Row._make, fetch(session, wanted)):
        found[row.project_id].append(row)
    return found


def _answers(session: Session, project_ids: Collection[int], timezone: tzinfo) -> dict[int, dict[int, date]]:
    """By project, by item: the day of the last answer; index ix_status_report_project_id."""
    last = (
        select(col(StatusReport.project_id), col(StatusReport.milestone_id), func.max(StatusReport.reported_at))
        .where(among(col(StatusReport.project_id), project_ids))
        .group_by(col(StatusReport.project_id), col(StatusReport.milestone_id))
    )
    found: dict[int, dict[int, date]] = defaultdict(dict)
    for project_id, milestone_id, at in fetch(session, last):
        found[project_id][milestone_id] = at.astimezone(timezone).date()
    return found


def _editions(session: Session, project_ids: Collection[int], timezone: tzinfo) -> dict[int, date]:
    """The day on which the edition came in that last mentioned the project."""
    wanted = (
        select(col(Project.id), col(Document.imported_at))
        .join(Document, col(Document.id) == col(Project.document_id))
        .where(among(col(Project.id), project_ids))
    )
    return {project_id: at.astimezone(timezone).date() for project_id, at in fetch(session, wanted)}


def _changes(session: Session, project_ids: Collection[int], timezone: tzinfo) -> dict[int, date]:
    """The day of the last revision of any item; index ix_milestone_revision_milestone_id."""
    wanted = (
        select(col(Milestone.project_id), func.max(MilestoneRevision.changed_at))
        .join(MilestoneRevision, col(MilestoneRevision.milestone_id) == col(Milestone.id))
        .where(among(col(Milestone.project_id), project_ids))
        .group_by(col(Milestone.project_id))
    )
    return {project_id: at.astimezone(timezone).date() for project_id, at in fetch(session, wanted)}


def _in_rounds(session: Session, milestone_ids: Collection[int]) -> set[int]:
    """Those that an open round has asked about and nobody has answered; index ix_status_request_item_milestone_id."""
    asked = (
        select(col(StatusRequestItem.milestone_id))
        .join(StatusRequest, col(StatusRequest.id) == col(StatusRequestItem.request_id))
        .where(
            among(col(StatusRequestItem.milestone_id), milestone_ids),
            col(StatusRequest.round_id).is_not(None),
            col(StatusRequest.state).in_(OUTSTANDING),
        )
    )
    return set(fetch_ids(session, asked))
