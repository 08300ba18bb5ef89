"""`/activate`: what was imported and waits, how many mails it will cause, and the button that lets them go."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, select

from models import OPEN_STATUSES, Milestone, Project, Unit
from models.database import read, write
from schedules.activation import ActivationError, activate, sending_allowed
from schedules.foreseen import foresee
from schedules.office_days import load_calendar
from web.access import TheOffice, UnitAdmin, UnitAdminForm, not_found
from web.pages import drill_of, render
from web.posts import unreachable_in
from web.scope import Units

router = APIRouter()

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """Projects that were imported and about which nothing is sent yet."""

    projects: int


@router.get("/activate")
def show_activation(request: Request, office: TheOffice, admin: UnitAdmin) -> Response:
    with read(office.engine) as session:
        open_items = (
            select(func.count())
            .select_from(Milestone)
            .where(
                col(Milestone.project_id) == col(Project.id),
                col(Milestone.status).in_(OPEN_STATUSES),
                col(Milestone.duplicate_of_id).is_(None),
            )
            .correlate(Project)
        )
        projects = session.exec(
            select(Project.id, Project.title, Unit.name, open_items.scalar_subquery())
            .join(Unit, col(Unit.id) == col(Project.unit_id))
            .where(*_waits(admin.administers))
            .order_by(col(Project.id))
            .limit(SHOWN)
        ).all()
        open_projects = select(Project.id).where(col(Project.closed_at).is_(None))
        waiting, stopped = waiting_projects(session, admin.administers), sending_allowed(session, office.settings)
        any_project = session.exec(open_projects.limit(1)).first() is not None
        has_consequence = waiting.projects > 0 or (stopped is not None and any_project)
        values = {
            "waiting": waiting,
            "stopped": stopped,
            "has_consequence": has_consequence,
            "unreachable": unreachable_in(session, office.today(), admin.administers) if has_consequence else [],
            "drill": drill_of(office, session),
            "any_project": any_project,
            "consequence": foresee(
                session,
                and_(*_waits(admin.administers)),
                now=office.now(),
                settings=office.settings,
                calendar=load_calendar(session),
            ),
        }
    return render(request, "activate.html", projects=projects, shown=SHOWN, **values)


@router.post("/activate")
def activate_all(request: Request, office: TheOffice, admin: UnitAdmin, form: UnitAdminForm) -> Response:
    """Everything of theirs that waits, or the one project named; where it stands now is where it may send from.

    Switching sending on is for the office as a whole: the admin of some units activates only where it is on.
    """
    named = form.get("project")
    project = int(named) if isinstance(named, str) and named.isdecimal() else None
    try:
        with write(office.engine) as session:
            only = _chosen(session, admin.administers, project)
            stopped = None if admin.administers.is_whole else sending_allowed(session, office.settings)
            if stopped is not None:
                raise ActivationError(f"{stopped} 총괄 담당자가 발송을 켠 뒤에 활성화할 수 있습니다.")
            activate(session, office.now(), office.settings, only, by=admin.actor)
    except ActivationError as error:
        return render(request, "refusal.html", HTTPStatus.CONFLICT, message=str(error))
    return RedirectResponse(f"/projects/{project}" if project else "/", HTTPStatus.SEE_OTHER)


def waiting_projects(session: Session, units: Units) -> Waiting:
    """Index ix_project_waiting."""
    projects = session.exec(select(func.count()).select_from(Project).where(*_waits(units))).one()
    return Waiting(projects)


def _chosen(session: Session, units: Units, project_id: int | None) -> list[int] | None:
    """The projects to activate; None = all of the office."""
    if project_id is not None:
        project = session.get(Project, project_id)
        if project is None or not units.covers_project(project):
            raise not_found()
        return [project_id]
    if units.is_whole:
        return None
    return list(session.scalars(select(Project.id).where(*_waits(units))))


def _waits(units: Units) -> tuple[ColumnElement[bool], ...]:
    return col(Project.activated_at).is_(None), col(Project.closed_at).is_(None), units.of_projects()
