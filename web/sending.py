"""`/sending`: the one switch that stops all mail at once, asked twice, and the way to let it go again."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from models import AuditEntry, Installation
from models.database import read, write
from schedules.activation import bind_here, sending_allowed
from web.access import Admin, AdminForm, OfficeViewer, TheOffice
from web.pages import render

router = APIRouter()

LONGEST_REASON = 200


@router.get("/sending")
def show_sending(request: Request, office: TheOffice, _viewer: OfficeViewer) -> Response:
    return _page(request, office)


@router.post("/sending/stop")
def stop_sending(request: Request, office: TheOffice, admin: Admin, form: AdminForm) -> Response:
    """Stops from the next mail on; what is planned and queued stays as it is and waits."""
    reason = str(form.get("reason") or "").strip()
    if form.get("sure") != "yes" or not reason or len(reason) > LONGEST_REASON:
        return _page(request, office, HTTPStatus.UNPROCESSABLE_ENTITY, reason, is_sure=form.get("sure") == "yes")
    with write(office.engine) as session:
        installation = session.get_one(Installation, 1)
        if installation.sending_stopped_at is None:
            installation.sending_stopped_at = office.now()
            installation.sending_stopped_reason = reason
            session.add(AuditEntry(at=office.now(), actor=admin.actor, act="sending.stop", subject="", detail=reason))
    return RedirectResponse("/sending", HTTPStatus.SEE_OTHER)


@router.post("/sending/resume")
def resume_sending(office: TheOffice, admin: Admin, _form: AdminForm) -> Response:
    """Binds sending to where this database stands now; what still matters goes out at the clock's next look."""
    with write(office.engine) as session:
        if sending_allowed(session, office.settings) is not None:
            bind_here(session, office.settings, office.now())
            session.add(AuditEntry(at=office.now(), actor=admin.actor, act="sending.resume", subject=""))
    return RedirectResponse("/sending", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    office: TheOffice,
    status: HTTPStatus = HTTPStatus.OK,
    reason: str = "",
    *,
    is_sure: bool = False,
) -> Response:
    with read(office.engine) as session:
        installation = session.get(Installation, 1)
        stopped = sending_allowed(session, office.settings)
    return render(
        request,
        "sending.html",
        status,
        stopped=stopped,
        was_activated=installation is not None and installation.fingerprint is not None,
        reason=reason,
        is_sure=is_sure,
        is_refused=status is not HTTPStatus.OK,
        longest=LONGEST_REASON,
    )
