"""`/milestones/{id}/check-day`: when somebody is asked how an undated plan or a promised measure goes."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, select

from models import Milestone, Project
from models.database import read, write
from schedules.check_days import CheckDayError, set_check_day
from schedules.office_days import load_calendar
from web.access import TheOffice, UnitAdmin, UnitAdminForm, not_found
from web.pages import render
from web.scope import Units
from web.typed_days import read_day

router = APIRouter()


@router.get("/milestones/{milestone_id}/check-day")
def show_check_day(request: Request, office: TheOffice, admin: UnitAdmin, milestone_id: int) -> Response:
    with read(office.engine) as session:
        milestone = _find(session, admin.administers, milestone_id)
    return render(request, "check_day.html", milestone=milestone, day="", reason="", error=None)


@router.post("/milestones/{milestone_id}/check-day")
def keep_check_day(
    request: Request, office: TheOffice, admin: UnitAdmin, form: UnitAdminForm, milestone_id: int
) -> Response:
    day, reason = str(form.get("day", "")), str(form.get("reason", ""))
    with write(office.engine) as session:
        milestone = _find(session, admin.administers, milestone_id)
        try:
            on = read_day(day)
            if on is None:
                raise CheckDayError("day", "날짜를 2024. 10. 4. 처럼 적어 주세요.")
            set_check_day(
                session,
                milestone_id,
                on,
                reason,
                by=admin.actor,
                now=office.now(),
                settings=office.settings,
                calendar=load_calendar(session),
            )
        except CheckDayError as error:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return render(request, "check_day.html", status, milestone=milestone, day=day, reason=reason, error=error)
        address = f"/projects/{milestone.project_id}#m{milestone_id}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _find(session: Session, units: Units, milestone_id: int) -> Milestone:
    found = session.exec(
        select(Milestone)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(Milestone.id == milestone_id, units.of_projects())
    ).one_or_none()
    if found is None:
        raise not_found()
    return found
