"""What the answer form shows: every open item of a post, the most pressing first, with what is known of each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from models import (
    OPEN_STATUSES,
    AnswerLink,
    Attachment,
    Milestone,
    MilestoneKind,
    MilestoneRevision,
    Project,
    RequestState,
    StatusReport,
    StatusRequest,
    StatusRequestItem,
)
from schedules.calendar import WorkingCalendar
from schedules.items import COUNTED_FROM_START, FIRM_PRECISIONS, Windowed, deadline_of, is_past
from schedules.office_days import load_calendar
from schedules.rows import fetch
from web.answer_scope import asked_of
from web.document_words import DocumentWords, Texts, read_document_words
from web.uploads import attachments_of


class Group(StrEnum):
    """The headings of the form, in their order."""

    LATE = "late"
    TODAY = "today"
    THIS_WEEK = "this_week"
    UPCOMING = "upcoming"
    CONFIRM_DATE = "confirm_date"
    ANSWERED = "answered"  # today, by this post: last, so that the next to answer comes first


@dataclass(frozen=True, slots=True)
class FormItem:
    """One milestone on the form. `seen` names the state the form was made from; `texts` fill its fields at first."""

    milestone: Milestone
    project: Project
    group: Group
    due_on: date | None  # the day D-n counts to
    last: StatusReport | None
    revision: MilestoneRevision | None  # the last change of its window
    document: Texts
    texts: Texts
    seen: str
    files: tuple[Attachment, ...] = ()  # of the last report

    @property
    def id(self) -> int:
        assert self.milestone.id is not None
        return self.milestone.id

    @property
    def is_open(self) -> bool:
        return self.milestone.status in OPEN_STATUSES and self.project.closed_at is None


@dataclass(frozen=True, slots=True)
class OpenItems:
    """One page of the form; `total` counts all pages, `answered` those of them that were answered today."""

    items: tuple[FormItem, ...]
    total: int
    answered: int = 0

    def grouped(self) -> list[tuple[Group, list[FormItem]]]:
        groups = [(group, [item for item in self.items if item.group is group]) for group in Group]
        return [(group, items) for group, items in groups if items]


class _Days(NamedTuple):
    """What the order of the form goes by, of every open item; the whole rows are read of one page."""

    id: int
    kind: MilestoneKind
    precision: str
    tentative: bool
    start_on: date | None
    end_on: date | None
    is_deadline: bool


def read_open_items(
    session: Session, link: AnswerLink, today: date, *, page: int = 1, size: int = 30, since: datetime | None = None
) -> OpenItems:
    """The open items of the link's post: what it answers for, and what it was asked about in its stead.

    What the post has answered since `since` stands last.
    """
    narrow = select(*(getattr(Milestone, name) for name in _Days._fields))
    narrow = narrow.join(Project, col(Project.id) == col(Milestone.project_id)).where(*is_open())
    found = [_Days(*row) for row in fetch(session, narrow.where(asked_of(session, link)))]
    calendar = load_calendar(session)
    answered = _answered(session, link, [one.id for one in found], since)
    ordered = sorted(found, key=lambda one: (one.id in answered, *_urgency(one.id, one, today, calendar)))
    place = {one.id: n for n, one in enumerate(ordered[(page - 1) * size : page * size])}
    rows = session.exec(
        select(Milestone, Project)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(col(Milestone.id).in_(place))
    ).all()
    shown = sorted(rows, key=lambda row: place[row[0].id or 0])
    return OpenItems(tuple(_complete(session, shown, today, calendar, answered)), len(found), len(answered))


def read_items(
    session: Session, link: AnswerLink, today: date, milestone_ids: Collection[int], *, since: datetime | None = None
) -> list[FormItem]:
    """Those of the given items that are of this link's post, in the order of the form; settled ones too."""
    if not milestone_ids:
        return []
    rows = session.exec(
        select(Milestone, Project)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(
            col(Milestone.id).in_(milestone_ids),
            col(Milestone.duplicate_of_id).is_(None),
            asked_of(session, link),
        )
    ).all()
    calendar = load_calendar(session)
    answered = _answered(session, link, [milestone.id for milestone, _ in rows], since)
    ordered = sorted(rows, key=lambda row: _urgency(row[0].id, row[0], today, calendar))
    return _complete(session, ordered, today, calendar, answered)


def _answered(
    session: Session, link: AnswerLink, milestone_ids: Collection[int | None], since: datetime | None
) -> set[int]:
    """Those that the post has answered since then, except what was sent back to it.

    Index ix_status_report_milestone_id.
    """
    if since is None or not milestone_ids:
        return set()
    returned = (
        select(col(StatusRequestItem.milestone_id))
        .join(StatusRequest, col(StatusRequest.id) == col(StatusRequestItem.request_id))
        .where(col(StatusRequest.post_id) == link.post_id, col(StatusRequest.state) == RequestState.RETURNED)
    )
    return set(
        session.exec(
            select(StatusReport.milestone_id).where(
                col(StatusReport.milestone_id).in_(milestone_ids),
                col(StatusReport.post_id) == link.post_id,
                col(StatusReport.reported_at) >= since,
                col(StatusReport.milestone_id).not_in(returned),
            )
        )
    )


def seen_states(session: Session, milestone_ids: Collection[int]) -> dict[int, str]:
    """For each milestone a word that changes with every answer and every change: what a form was made from."""
    reports = dict(
        session.execute(
            select(col(StatusReport.milestone_id), func.max(col(StatusReport.id)))
            .where(col(StatusReport.milestone_id).in_(milestone_ids))
            .group_by(col(StatusReport.milestone_id))
        ).all()
    )
    revisions = dict(
        session.execute(
            select(col(MilestoneRevision.milestone_id), func.max(col(MilestoneRevision.id)))
            .where(col(MilestoneRevision.milestone_id).in_(milestone_ids))
            .group_by(col(MilestoneRevision.milestone_id))
        ).all()
    )
    return {of: _seen(reports.get(of), revisions.get(of)) for of in milestone_ids}


def _seen(report_id: int | None, revision_id: int | None) -> str:
    return f"{report_id or 0}-{revision_id or 0}"


def due_day(milestone: Windowed, calendar: WorkingCalendar) -> date | None:
    """The day that counts: the start of an event or a meeting, the end of everything else."""
    if milestone.kind in COUNTED_FROM_START or milestone.end_on is None:
        return milestone.start_on if milestone.end_on is not None or milestone.kind in COUNTED_FROM_START else None
    return deadline_of(milestone.end_on, milestone.kind, calendar, is_deadline=milestone.is_deadline)


def group_of(milestone: Windowed, today: date, calendar: WorkingCalendar) -> Group:
    """Where the item stands on a day. A window whose day is not fixed yet is asked for the day while it lies ahead."""
    due_on = due_day(milestone, calendar)
    if is_past(milestone, today, calendar):
        return Group.LATE
    if due_on is not None and due_on == today:
        return Group.TODAY
    if due_on is None or milestone.precision not in FIRM_PRECISIONS or milestone.tentative:
        return Group.CONFIRM_DATE
    sunday = today + timedelta(days=6 - today.weekday())
    return Group.THIS_WEEK if due_on <= sunday else Group.UPCOMING


def _urgency(
    milestone_id: int | None, milestone: Windowed, today: date, calendar: WorkingCalendar
) -> tuple[int, date, int]:
    order = list(Group).index(group_of(milestone, today, calendar))
    return order, due_day(milestone, calendar) or date.max, milestone_id or 0


def is_open() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Milestone.status).in_(OPEN_STATUSES),
        col(Milestone.duplicate_of_id).is_(None),
        col(Project.activated_at).is_not(None),
        col(Project.closed_at).is_(None),
    )


def _complete(
    session: Session,
    rows: Sequence[tuple[Milestone, Project]],
    today: date,
    calendar: WorkingCalendar,
    answered: Collection[int] = (),
) -> list[FormItem]:
    ids = [milestone.id for milestone, _ in rows if milestone.id is not None]
    last_ids = select(func.max(col(StatusReport.id))).where(col(StatusReport.milestone_id).in_(ids))
    last = {
        report.milestone_id: report
        for report in session.exec(
            select(StatusReport).where(col(StatusReport.id).in_(last_ids.group_by(col(StatusReport.milestone_id))))
        ).all()
    }
    changed = _last_changes(session, ids)
    moved_ids = [moved_by for _, moved_by in changed.values() if moved_by is not None]
    moves = select(MilestoneRevision).where(col(MilestoneRevision.id).in_(moved_ids))
    revisions = {one.milestone_id: one for one in session.exec(moves)} if moved_ids else {}
    documents = read_document_words(session, [project for _, project in rows])
    files = attachments_of(session, [report.id for report in last.values()])
    items = []
    for milestone, project in rows:
        assert milestone.id is not None
        words = documents.get(project.id or 0, DocumentWords())
        report = last.get(milestone.id)
        items.append(
            FormItem(
                milestone,
                project,
                Group.ANSWERED if milestone.id in answered else group_of(milestone, today, calendar),
                due_day(milestone, calendar),
                report,
                revisions.get(milestone.id),
                words.whole(),
                beginning(words.about(milestone.label), report),
                _seen(report.id if report else None, changed.get(milestone.id, (None, None))[0]),
                tuple(files.get(report.id or 0, ())) if report else (),
            )
        )
    return items


def _last_changes(session: Session, milestone_ids: Collection[int]) -> dict[int, tuple[int | None, int | None]]:
    """By milestone its last revision, and the last that moved its window."""
    moved = and_(
        or_(
            col(MilestoneRevision.start_before).is_distinct_from(col(MilestoneRevision.start_after)),
            col(MilestoneRevision.end_before).is_distinct_from(col(MilestoneRevision.end_after)),
        ),
        col(MilestoneRevision.raw_before).is_not(None),
    )
    latest = func.max(col(MilestoneRevision.id))
    rows = session.execute(
        select(col(MilestoneRevision.milestone_id), latest, latest.filter(moved))
        .where(col(MilestoneRevision.milestone_id).in_(milestone_ids))
        .group_by(col(MilestoneRevision.milestone_id))
    )
    return {of: (last, moving) for of, last, moving in rows}


def beginning(document: Texts, last: StatusReport | None) -> Texts:
    """What the fields begin with: the document's own words, then what the last answer added."""
    if last is None:
        return document
    return Texts(
        _joined(document.results, last.results),
        _joined(document.problems, last.problems),
        _joined(document.measures, last.measures),
        _joined(document.next_steps, last.next_steps),
    )


def _joined(*texts: str) -> str:
    return "\n".join(text for text in texts if text)
