"""`/projects/{id}/supporting`: which posts hear of a project or one of its milestones beside the one that answers."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from models import OPEN_STATUSES, Milestone, Post, Project, SupportingPost, Unit
from models.database import read, write
from schedules.office_days import load_calendar
from schedules.responsibility import HEAD_TITLES
from schedules.rules import load_rules
from schedules.supporting import SupportingError, add_supporting, list_supporting, remove_supporting
from web.access import TheOffice, UnitAdmin, UnitAdminForm, not_found
from web.office import Office
from web.pages import render
from web.scope import Units

router = APIRouter()

MILESTONES_SHOWN = 300
NAMED = 500


@router.get("/projects/{project_id}/supporting")
def show_supporting(request: Request, office: TheOffice, admin: UnitAdmin, project_id: int) -> Response:
    return _page(request, office, admin.administers, project_id, FormData())


@router.post("/projects/{project_id}/supporting")
def add(request: Request, office: TheOffice, admin: UnitAdmin, form: UnitAdminForm, project_id: int) -> Response:
    try:
        with write(office.engine) as session:
            _find(session, admin.administers, project_id)
            add_supporting(
                session,
                _text(form, "post"),
                project_id=project_id,
                milestone_id=_milestone(form),
                by=admin.actor,
                now=office.now(),
                settings=office.settings,
                calendar=load_calendar(session),
            )
    except SupportingError as error:
        return _page(request, office, admin.administers, project_id, form, error)
    return RedirectResponse(f"/projects/{project_id}/supporting", HTTPStatus.SEE_OTHER)


@router.post("/projects/{project_id}/supporting/{supporting_id}/remove")
def take_back(
    office: TheOffice, admin: UnitAdmin, _form: UnitAdminForm, project_id: int, supporting_id: int
) -> Response:
    with write(office.engine) as session:
        _find(session, admin.administers, project_id)
        row = session.get(SupportingPost, supporting_id)
        if row is None or row.project_id != project_id:
            raise not_found()
        remove_supporting(
            session,
            supporting_id,
            by=admin.actor,
            now=office.now(),
            settings=office.settings,
            calendar=load_calendar(session),
        )
    return RedirectResponse(f"/projects/{project_id}/supporting", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    office: Office,
    units: Units,
    project_id: int,
    typed: FormData,
    error: SupportingError | None = None,
) -> Response:
    with read(office.engine) as session:
        project = _find(session, units, project_id)
        milestones = session.exec(
            select(Milestone.id, Milestone.label)
            .where(
                Milestone.project_id == project_id,
                col(Milestone.status).in_(OPEN_STATUSES),
                col(Milestone.duplicate_of_id).is_(None),
            )
            .order_by(col(Milestone.end_on).is_(None), col(Milestone.end_on), col(Milestone.id))
            .limit(MILESTONES_SHOWN)
        ).all()
        heads = session.exec(
            select(Unit.name, Post.title)
            .join(Unit, col(Unit.id) == col(Post.unit_id))
            .where(
                col(Unit.closed_on).is_(None),
                col(Post.successor_id).is_(None),
                col(Post.title).in_({title for titles in HEAD_TITLES.values() for title in titles}),
            )
            .order_by(col(Unit.position), col(Post.id))
            .limit(NAMED)
        ).all()
        rows = list_supporting(session, project_id)
        is_told = any(rule.tells_supporting for rule in load_rules(session).rules)
    return render(
        request,
        "supporting.html",
        HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        project=project,
        milestones=milestones,
        heads=heads,
        rows=rows,
        is_told=is_told,
        typed=typed,
        error=error,
    )


def _find(session: Session, units: Units, project_id: int) -> Project:
    found = session.get(Project, project_id)
    if found is None or not units.covers_project(found):
        raise not_found()
    return found


def _milestone(form: FormData) -> int | None:
    given = _text(form, "milestone")
    if given and not (given.isdecimal() and len(given) <= 9):
        raise SupportingError("milestone", "일정을 목록에서 골라 주세요.")
    return int(given) if given else None


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip()[:200] if isinstance(value, str) else ""
