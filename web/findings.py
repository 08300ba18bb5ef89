"""`/findings`: what does not add up in the documents, to be settled one by one."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import ColumnElement, case, func, true, update
from sqlmodel import col, select

from models import AuditEntry, Document, Finding, Project, Severity
from models.database import read, write
from web.access import TheOffice, UnitAdmin, UnitAdminForm, Viewer, not_found
from web.pages import render
from web.scope import Units

router = APIRouter()

SHOWN = 50
_ORDER = case({Severity.ERROR.value: 0, Severity.WARNING.value: 1}, value=col(Finding.severity), else_=2)


@dataclass(frozen=True, slots=True)
class Listed:
    finding: Finding
    project: str | None
    document: str
    is_text_theirs: bool  # the whole document may be shown to them


@router.get("/findings")
def show_findings(
    request: Request,
    office: TheOffice,
    viewer: Viewer,
    show: str = "open",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """The gravest first. Findings are made by reading documents, a few dozen an edition: pages by number are enough."""
    settled = show == "settled"
    theirs = of_findings(viewer.reads)
    is_shown = col(Finding.settled_at).is_not(None) if settled else col(Finding.settled_at).is_(None)
    with read(office.engine) as session:
        rows = session.exec(
            select(Finding, Project.title, Document.title, viewer.reads.of_documents())
            .join(Document, col(Document.id) == col(Finding.document_id))
            .outerjoin(Project, col(Project.id) == col(Finding.project_id))
            .where(is_shown, theirs)
            .order_by(_ORDER, col(Finding.document_id).desc(), col(Finding.line), col(Finding.id))
            .offset((page - 1) * SHOWN)
            .limit(SHOWN + 1)
        ).all()
        counts = dict(
            session.execute(
                select(col(Finding.settled_at).is_not(None), func.count())
                .where(theirs)
                .group_by(col(Finding.settled_at).is_not(None))
            ).all()
        )
    listed = [Listed(finding, project, document, is_theirs) for finding, project, document, is_theirs in rows[:SHOWN]]
    return render(
        request,
        "findings.html",
        findings=listed,
        settled=settled,
        open_count=counts.get(False, 0),
        settled_count=counts.get(True, 0),
        further_address=f"/findings?show={'settled' if settled else 'open'}&page={page + 1}"
        if len(rows) > SHOWN
        else None,
    )


@router.post("/findings/{finding_id}/settle")
def settle_finding(office: TheOffice, admin: UnitAdmin, _form: UnitAdminForm, finding_id: int) -> Response:
    """Notes that somebody has looked: settled twice stays settled as it was."""
    now = office.now()
    with write(office.engine) as session:
        theirs = select(Finding.id).where(Finding.id == finding_id, of_findings(admin.administers))
        if session.exec(theirs).first() is None:
            raise not_found()
        settled = session.execute(
            update(Finding)
            .where(col(Finding.id) == finding_id, col(Finding.settled_at).is_(None))
            .values(settled_at=now, settled_by=admin.actor)
            .returning(col(Finding.id))
        ).first()
        if settled is not None:
            session.add(AuditEntry(at=now, actor=admin.actor, act="finding.settle", subject=f"finding:{finding_id}"))
    return RedirectResponse("/findings", HTTPStatus.SEE_OTHER)


def of_findings(units: Units) -> ColumnElement[bool]:
    """On rows of `Finding`: about their projects; what is about a document as a whole, for the whole office."""
    if units.is_whole:
        return true()
    return col(Finding.project_id).in_(select(col(Project.id)).where(units.of_projects()))
