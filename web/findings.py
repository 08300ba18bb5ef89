"""`/findings`: what does not add up in the documents, to be settled one by one."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import case, func, update
from sqlmodel import col, select
from starlette.exceptions import HTTPException

from models import AuditEntry, Document, Finding, Project, Severity
from models.database import read, write
from web.access import Admin, AdminForm, TheOffice
from web.pages import render

router = APIRouter()

SHOWN = 50
_ORDER = case({Severity.ERROR.value: 0, Severity.WARNING.value: 1}, value=col(Finding.severity), else_=2)


@dataclass(frozen=True, slots=True)
class Listed:
    finding: Finding
    project: str | None
    document: str


@router.get("/findings")
def show_findings(
    request: Request,
    office: TheOffice,
    _admin: Admin,
    show: str = "open",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """The gravest first. Findings are made by reading documents, a few dozen an edition: pages by number are enough."""
    settled = show == "settled"
    is_shown = col(Finding.settled_at).is_not(None) if settled else col(Finding.settled_at).is_(None)
    with read(office.engine) as session:
        rows = session.exec(
            select(Finding, Project.title, Document.title)
            .join(Document, col(Document.id) == col(Finding.document_id))
            .outerjoin(Project, col(Project.id) == col(Finding.project_id))
            .where(is_shown)
            .order_by(_ORDER, col(Finding.document_id).desc(), col(Finding.line), col(Finding.id))
            .offset((page - 1) * SHOWN)
            .limit(SHOWN + 1)
        ).all()
        counts = dict(
            session.execute(
                select(col(Finding.settled_at).is_not(None), func.count()).group_by(
                    col(Finding.settled_at).is_not(None)
                )
            ).all()
        )
    listed = [Listed(finding, project, document) for finding, project, document in rows[:SHOWN]]
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
def settle_finding(office: TheOffice, _form: AdminForm, finding_id: int) -> Response:
    """Notes that somebody has looked: settled twice stays settled as it was."""
    now = office.now()
    with write(office.engine) as session:
        if session.get(Finding, finding_id) is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        settled = session.execute(
            update(Finding)
            .where(col(Finding.id) == finding_id, col(Finding.settled_at).is_(None))
            .values(settled_at=now, settled_by="admin")
            .returning(col(Finding.id))
        ).first()
        if settled is not None:
            session.add(AuditEntry(at=now, actor="admin", act="finding.settle", subject=f"finding:{finding_id}"))
    return RedirectResponse("/findings", HTTPStatus.SEE_OTHER)
