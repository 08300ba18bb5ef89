"""`/projects`: what the office works on, filtered and searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from models import (
    OPEN_STATUSES,
    Milestone,
    Project,
    Unit,
    UnitKind,
)
from models.database import read
from schedules.calendar import WorkingCalendar
from schedules.items import is_over, last_day
from schedules.office_days import load_calendar
from web.access import TheOffice, Viewer
from web.pages import render
from web.search import holds

router = APIRouter()

SHOWN = 40
LONGEST_SEARCH = 60
LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class Listed:
    project: Project
    unit: str
    team: str | None
    open: int
    late: int
    next: Milestone | None


@router.get("/projects")
def show_projects(
    request: Request,
    office: TheOffice,
    viewer: Viewer,
    unit: Annotated[int | None, Query(ge=1)] = None,
    q: Annotated[str, Query(max_length=LONGEST_SEARCH)] = "",
    show: str = "all",
    after: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """In the order of import; the next page goes on above the last id (primary key).

    A search looks through so many projects at a time; the next page goes on where it ended.
    """
    today = office.today()
    open_late = and_(
        col(Milestone.project_id) == col(Project.id),
        col(Milestone.status).in_(OPEN_STATUSES),
        col(Milestone.duplicate_of_id).is_(None),
    )
    with read(office.engine) as session:
        calendar = load_calendar(session)
        departments = session.exec(
            select(Unit.id, Unit.name)
            .where(Unit.kind == UnitKind.DEPARTMENT, col(Unit.closed_on).is_(None), viewer.reads.of_units())
            .order_by(col(Unit.position))
            .limit(500)
        ).all()
        query = select(Project).where(col(Project.id) > after, viewer.reads.of_projects())
        if unit is not None:
            query = query.where(or_(col(Project.unit_id) == unit, col(Project.team_id) == unit))
        dialect = session.get_bind().dialect.name
        looked_to = after + LOOKED_AT if q.strip() else None
        if looked_to is not None:
            query = query.where(col(Project.id) <= looked_to)
        for part in q.split()[:5]:
            labels = select(Milestone.project_id).where(holds(col(Milestone.label), part, dialect))
            labels = labels.where(col(Milestone.project_id) > after, col(Milestone.project_id) <= looked_to)
            query = query.where(or_(holds(col(Project.title), part, dialect), col(Project.id).in_(labels)))
        if show == "late":
            query = query.where(select(Milestone.id).where(open_late, is_over(today, calendar)).exists())
        if show == "waiting":
            query = query.where(col(Project.activated_at).is_(None))
        projects = session.exec(query.order_by(col(Project.id)).limit(SHOWN + 1)).all()
        last = projects[SHOWN - 1].id if len(projects) > SHOWN else None
        if last is None and looked_to is not None:
            beyond = session.exec(select(func.min(Project.id)).where(col(Project.id) > looked_to)).one()
            last = beyond - 1 if beyond is not None else None
        listed = _listed(session, projects[:SHOWN], today, calendar)
    kept = "".join(f"&{name}={value}" for name, value in (("unit", unit or ""), ("show", show), ("q", q)) if value)
    return render(
        request,
        "projects.html",
        listed=listed,
        last_day=partial(last_day, calendar=calendar),
        departments=departments,
        unit=unit,
        q=q,
        show=show,
        further_address=f"/projects?after={last}{kept}" if last is not None else None,
    )


def _listed(session: Session, projects: Sequence[Project], today: date, calendar: WorkingCalendar) -> list[Listed]:
    ids = [project.id for project in projects]
    over = is_over(today, calendar)
    counts = {
        of: (open_count, late)
        for of, open_count, late in session.execute(
            select(col(Milestone.project_id), func.count(), func.count().filter(over))
            .where(
                col(Milestone.project_id).in_(ids),
                col(Milestone.status).in_(OPEN_STATUSES),
                col(Milestone.duplicate_of_id).is_(None),
            )
            .group_by(col(Milestone.project_id))
        )
    }
    ahead = (
        select(
            col(Milestone.id).label("id"),
            func.row_number()
            .over(partition_by=col(Milestone.project_id), order_by=(col(Milestone.end_on), col(Milestone.id)))
            .label("place"),
        )
        .where(
            col(Milestone.project_id).in_(ids),
            col(Milestone.status).in_(OPEN_STATUSES),
            col(Milestone.duplicate_of_id).is_(None),
            ~over,
        )
        .subquery()
    )
    upcoming = {
        milestone.project_id: milestone
        for milestone in session.exec(
            select(Milestone).where(col(Milestone.id).in_(select(ahead.c.id).where(ahead.c.place == 1)))
        ).all()
    }
    wanted = {one for project in projects for one in (project.unit_id, project.team_id) if one is not None}
    units = {unit.id: unit.name for unit in session.exec(select(Unit).where(col(Unit.id).in_(wanted))).all()}
    return [
        Listed(
            project,
            units.get(project.unit_id, ""),
            units.get(project.team_id or 0),
            *counts.get(project.id or 0, (0, 0)),
            upcoming.get(project.id or 0),
        )
        for project in projects
    ]
