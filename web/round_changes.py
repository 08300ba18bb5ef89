"""`/rounds/{id}/changes`: what people have changed since the last edition was read, milestone by milestone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from documents.difference import IMPORT
from models import CollectionRound, Document, Milestone, MilestoneRevision, Project, Unit
from models.database import read
from web.access import TheOffice, Viewer, not_found
from web.pages import render
from web.scope import Units

router = APIRouter()

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Changed:
    """One milestone: `first` is its earliest change since the edition (what it said before), `last` the latest."""

    milestone: Milestone
    project: str
    unit: str
    first: MilestoneRevision
    last: MilestoneRevision

    @property
    def moved(self) -> bool:
        return (self.first.start_before, self.first.end_before) != (self.last.start_after, self.last.end_after)

    @property
    def status_changed(self) -> bool:
        return self.first.status_before != self.last.status_after


@router.get("/rounds/{round_id}/changes")
def show_changes(
    request: Request,
    office: TheOffice,
    viewer: Viewer,
    round_id: int,
    after: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Up to the lock of the round, else up to now; the next page goes on above the last milestone's id."""
    with read(office.engine) as session:
        found = session.get(CollectionRound, round_id)
        if found is None:
            raise not_found()
        edition = session.execute(
            select(col(Document.title), col(Document.as_of_on), col(Document.imported_at))
            .where(col(Document.as_of_on) <= found.as_of_on)
            .order_by(col(Document.as_of_on).desc(), col(Document.id).desc())
            .limit(1)
        ).first()
        since = edition[2] if edition else found.opened_at
        until = found.locked_at or office.now()
        changes, last = read_changes(session, since, until, viewer.reads, after)
    return render(
        request,
        "round_changes.html",
        round=found,
        edition=edition,
        changes=changes,
        further_address=f"/rounds/{round_id}/changes?after={last}" if last else None,
    )


def read_changes(
    session: Session, since: datetime, until: datetime, units: Units, after: int
) -> tuple[Sequence[Changed], int | None]:
    """The milestones of these units that a person changed between the two moments, and where to read on; 3 queries."""
    wanted: tuple[ColumnElement[bool], ...] = (
        col(MilestoneRevision.changed_at) > since,
        col(MilestoneRevision.changed_at) <= until,
        col(MilestoneRevision.changed_by) != IMPORT,
        col(MilestoneRevision.milestone_id) > after,
        units.of_projects(),
    )
    spans = session.execute(
        select(
            col(MilestoneRevision.milestone_id),
            func.min(col(MilestoneRevision.id)),
            func.max(col(MilestoneRevision.id)),
        )
        .join(Milestone, col(Milestone.id) == col(MilestoneRevision.milestone_id))
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(*wanted)
        .group_by(col(MilestoneRevision.milestone_id))
        .order_by(col(MilestoneRevision.milestone_id))
        .limit(SHOWN + 1)
    ).all()
    shown = spans[:SHOWN]
    ids = {number for _, first, last in shown for number in (first, last)}
    revisions = {
        revision.id: revision
        for revision in session.exec(select(MilestoneRevision).where(col(MilestoneRevision.id).in_(ids))).all()
    }
    rows = session.exec(
        select(Milestone, Project.title, Unit.name)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .join(Unit, col(Unit.id) == col(Project.unit_id))
        .where(col(Milestone.id).in_([milestone_id for milestone_id, _, _ in shown]))
        .order_by(col(Milestone.id))
    ).all()
    of = {milestone_id: (first, last) for milestone_id, first, last in shown}
    found = [
        Changed(milestone, project, unit, revisions[of[milestone.id or 0][0]], revisions[of[milestone.id or 0][1]])
        for milestone, project, unit in rows
    ]
    return [one for one in found if one.moved or one.status_changed], shown[-1][0] if len(spans) > SHOWN else None
