"""A collection round as a board: for each department who has answered, who has not, and what one post has answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import (
    Attachment,
    Milestone,
    Post,
    Project,
    RequestState,
    StatusReport,
    StatusRequest,
    StatusRequestItem,
    Unit,
    UnitKind,
)
from schedules.responsibility import Chart, ChartUnit
from schedules.rows import one_by_one
from web.posts import PostLabel, label_posts
from web.scope import WHOLE_OFFICE, Units
from web.uploads import attachments_of

SHOWN = 100
ANSWERED = (RequestState.SUBMITTED, RequestState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Asked:
    """One post of the round; `answered` of `items` milestones have a report."""

    request: StatusRequest
    post: PostLabel | None
    items: int
    answered: int


@dataclass(frozen=True, slots=True)
class DepartmentPart:
    name: str
    asked: tuple[Asked, ...]

    @property
    def done(self) -> int:
        return sum(one.request.state in ANSWERED for one in self.asked)


@dataclass(frozen=True, slots=True)
class AnsweredItem:
    milestone: Milestone
    project: str
    report: StatusReport | None
    files: tuple[Attachment, ...]


def count_board(session: Session, round_id: int, units: Units) -> tuple[int, int]:
    """How many were asked, and how many of them have answered."""
    asked, done = session.execute(
        select(func.count(), func.count().filter(col(StatusRequest.state).in_(ANSWERED))).where(
            col(StatusRequest.round_id) == round_id, units.of_posts(col(StatusRequest.post_id))
        )
    ).one()
    return asked, done


def read_board(
    session: Session,
    round_id: int,
    on: date,
    units: Units = WHOLE_OFFICE,
    page: int = 1,
    then: Chart | None = None,
) -> list[DepartmentPart]:
    """The posts of the round under their departments, in the order of the organisation, a page of them.

    With `then`, the organisation of that day, units are called and placed as they were.
    """
    parent = aliased(Unit)
    rows = session.exec(
        select(StatusRequest, Unit, parent)
        .join(Post, col(Post.id) == col(StatusRequest.post_id))
        .join(Unit, col(Unit.id) == col(Post.unit_id))
        .outerjoin(parent, col(parent.id) == col(Unit.parent_id))
        .where(col(StatusRequest.round_id) == round_id, units.of_posts())
        .order_by(col(Unit.position), col(StatusRequest.id))
        .offset((page - 1) * SHOWN)
        .limit(SHOWN)
    ).all()
    posts = label_posts(session, [request.post_id for request, *_ in rows], on)
    counts = _count_items(session, [request.id or 0 for request, *_ in rows])
    parts: dict[tuple[int, int], tuple[str, list[Asked]]] = {}
    for request, unit, above in rows:
        items, answered = counts.get(request.id or 0, (0, 0))
        department: Unit | ChartUnit = above if unit.kind is UnitKind.TEAM and above is not None else unit
        label = posts.get(request.post_id)
        if then is not None and request.post_id in then.posts:
            was = then.units[then.posts[request.post_id].unit_id]
            department = then.units.get(was.parent_id or 0, was) if was.kind is UnitKind.TEAM else was
            label = replace(label, unit=was.name) if label is not None else None
        place = (department.position, department.id or 0)
        parts.setdefault(place, (department.name, []))[1].append(Asked(request, label, items, answered))
    return [DepartmentPart(name, tuple(asked)) for _, (name, asked) in sorted(parts.items())]


def _count_items(session: Session, request_ids: list[int]) -> dict[int, tuple[int, int]]:
    """For each request how many milestones it asks about, and how many of them have a report."""
    rows = session.execute(
        select(col(StatusRequestItem.request_id), func.count(), func.count(col(StatusRequestItem.report_id)))
        .where(one_by_one(col(StatusRequestItem.request_id), request_ids))
        .group_by(col(StatusRequestItem.request_id))
    )
    return {request_id: (asked, answered) for request_id, asked, answered in rows}


def read_answers_of(session: Session, request_id: int) -> Sequence[AnsweredItem]:
    """What was asked in a request, each with the report that answers it."""
    rows = session.exec(
        select(Milestone, Project.title, StatusReport)
        .join(StatusRequestItem, col(StatusRequestItem.milestone_id) == col(Milestone.id))
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .outerjoin(StatusReport, col(StatusReport.id) == col(StatusRequestItem.report_id))
        .where(StatusRequestItem.request_id == request_id)
        .order_by(col(Milestone.project_id), col(Milestone.end_on), col(Milestone.id))
        .limit(200)
    ).all()
    files = attachments_of(session, [report.id for _, _, report in rows if report is not None])
    return [
        AnsweredItem(milestone, project, report, tuple(files.get(report.id or 0, ())) if report else ())
        for milestone, project, report in rows
    ]
