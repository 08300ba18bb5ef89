"""`/milestones`: every milestone, filtered and chosen; `/milestones/move`: the chosen ones moved, shown first."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select
from starlette.datastructures import FormData

from models import OPEN_STATUSES, Milestone, MilestoneKind, MilestoneStatus, Project, Unit, UnitKind
from models.database import read, write
from schedules.calendar import WorkingCalendar
from schedules.explain import explain
from schedules.items import is_over, last_day
from schedules.moving import MOST_AT_ONCE, Move, Moved, MoveError, move_milestones
from schedules.office_days import load_calendar
from schedules.rows import one_by_one
from web.access import TheOffice, UnitAdmin, UnitAdminForm, Viewer, not_found
from web.answer_items import seen_states
from web.office import Office
from web.pages import render
from web.scope import Units
from web.search import holds
from web.why_words import in_both

router = APIRouter()

Wanted = Select[Milestone, str, str]

SHOWN = 50
SHOWS = ("open", "late", "soon", "undated", "moved", "done", "all")
SOON = timedelta(days=30)
LOOKED_AT = 200_000


@dataclass(frozen=True, slots=True)
class Listed:
    milestone: Milestone
    project: str
    unit: str


@router.get("/milestones")
def show_milestones(
    request: Request,
    office: TheOffice,
    viewer: Viewer,
    unit: Annotated[str, Query(pattern=r"^\d{0,9}$")] = "",
    project: Annotated[str, Query(pattern=r"^\d{0,9}$")] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[str, Query(max_length=60)] = "",
    show: str = "open",
    after: Annotated[int, Query(ge=0)] = 0,
    moved: Annotated[int, Query(ge=0, le=MOST_AT_ONCE)] = 0,
) -> Response:
    """In the order of the documents; the next page goes on above the last id (primary key).

    A search of the whole office looks through so many milestones at a time; the next page goes on where it ended.
    """
    show = show if show in SHOWS else SHOWS[0]
    with read(office.engine) as session:
        calendar = load_calendar(session)
        departments = session.exec(
            select(Unit.id, Unit.name)
            .where(Unit.kind == UnitKind.DEPARTMENT, col(Unit.closed_on).is_(None), viewer.reads.of_units())
            .order_by(col(Unit.position))
            .limit(500)
        ).all()
        query = (
            select(Milestone, Project.title, Unit.name)
            .join(Project, col(Project.id) == col(Milestone.project_id))
            .join(Unit, col(Unit.id) == col(Project.unit_id))
            .where(
                col(Milestone.id) > after,
                col(Milestone.duplicate_of_id).is_(None),
                *_shown(show, office.today(), calendar),
            )
        )
        if project:
            query = query.where(col(Milestone.project_id) == int(project))
        if kind in list(MilestoneKind):
            query = query.where(col(Milestone.kind) == MilestoneKind(kind))
        dialect = session.get_bind().dialect.name
        for part in q.split()[:5]:
            label, title = holds(col(Milestone.label), part, dialect), holds(col(Project.title), part, dialect)
            query = query.where(or_(label, title))
        looked_to = None
        if viewer.reads.is_whole and not unit and not project:
            if q.strip():
                looked_to = after + LOOKED_AT
                query = query.where(col(Milestone.id) <= looked_to)
        else:
            query = _of_projects(session, query, viewer.reads, int(unit) if unit else None)
        rows = session.exec(query.order_by(col(Milestone.id)).limit(SHOWN + 1)).all()
        last = rows[SHOWN - 1][0].id if len(rows) > SHOWN else None
        if last is None and looked_to is not None:
            beyond = session.exec(select(func.min(Milestone.id)).where(col(Milestone.id) > looked_to)).one()
            last = beyond - 1 if beyond is not None else None
    kept = {"unit": unit, "project": project, "kind": kind, "q": q, "show": show}
    address = "&".join(f"{name}={value}" for name, value in kept.items() if value)
    return render(
        request,
        "milestones.html",
        listed=[Listed(*row) for row in rows[:SHOWN]],
        last_day=partial(last_day, calendar=calendar),
        departments=departments,
        kinds=list(MilestoneKind),
        kept=kept,
        moved=moved,
        further_address=f"/milestones?after={last}&{address}" if last is not None else None,
    )


@router.get("/milestones/{milestone_id}/why")
def show_why(request: Request, office: TheOffice, viewer: Viewer, milestone_id: int) -> Response:
    """Which rule gives the milestone which reminders, and why there are none, as `dday rules explain` says it."""
    with read(office.engine) as session:
        milestone = session.exec(
            select(Milestone)
            .join(Project, col(Project.id) == col(Milestone.project_id))
            .where(Milestone.id == milestone_id, viewer.reads.of_projects())
        ).one_or_none()
        if milestone is None:
            raise not_found()
        lines = [in_both(line) for line in explain(session, milestone_id, office.now(), office.settings)]
    return render(request, "why.html", milestone=milestone, lines=lines)


@router.get("/milestones/move")
def show_move(
    request: Request,
    office: TheOffice,
    admin: UnitAdmin,
    milestone: Annotated[list[int] | None, Query(max_length=MOST_AT_ONCE)] = None,
) -> Response:
    return _form_page(request, office, admin.administers, milestone or [], FormData({"way": "days"}))


@router.post("/milestones/move")
def move(request: Request, office: TheOffice, admin: UnitAdmin, form: UnitAdminForm) -> Response:
    """Without `sure` it is done and taken back, to show what would change; with it, it is kept."""
    chosen = [int(one) for one in form.getlist("milestone") if isinstance(one, str) and one.isdecimal()]
    is_sure = form.get("sure") == "yes"
    try:
        with write(office.engine) as session:
            _refuse_others(session, chosen, admin.administers)
            if is_sure:
                _refuse_changed(session, chosen, form)
            moved = move_milestones(
                session,
                chosen,
                _read_move(form),
                by=admin.actor,
                now=office.now(),
                settings=office.settings,
                calendar=load_calendar(session),
            )
            if not is_sure:
                session.expunge_all()
                session.rollback()
    except MoveError as error:
        return _form_page(request, office, admin.administers, chosen, form, error)
    if is_sure:
        return RedirectResponse(f"/milestones?moved={len(moved.milestones)}", HTTPStatus.SEE_OTHER)
    return _preview_page(request, office, moved, form)


def _read_move(form: FormData) -> Move:
    reason = _text(form, "reason")
    if form.get("way") == "date":
        return Move(reason, new_raw=_text(form, "new"))
    try:
        days = int(_text(form, "days").removesuffix("일"))
    except ValueError as error:
        raise MoveError("days", "며칠인지 수로 적어 주세요. 예: 14, 앞당기려면 -7") from error
    return Move(reason, days=days)


def _refuse_others(session: Session, chosen: list[int], units: Units) -> None:
    """One milestone of somebody else's is as if it were not there: nothing is moved."""
    projects = select(Project).join(Milestone, col(Milestone.project_id) == col(Project.id))
    if not all(
        units.covers_project(project) for project in session.exec(projects.where(col(Milestone.id).in_(chosen)))
    ):
        raise not_found()


def _refuse_changed(session: Session, chosen: list[int], form: FormData) -> None:
    """What was shown must still be so: somebody may have answered or moved a milestone meanwhile."""
    now = seen_states(session, chosen)
    if any(form.get(f"seen-{milestone_id}") != seen for milestone_id, seen in now.items()):
        raise MoveError("milestone", "보시는 동안 바뀐 일정이 있습니다. 지금 내용을 확인하고 다시 보내 주세요.")


def _form_page(
    request: Request,
    office: Office,
    units: Units,
    chosen: list[int],
    form: FormData,
    error: MoveError | None = None,
) -> Response:
    with read(office.engine) as session:
        rows = session.exec(
            select(Milestone, Project.title)
            .join(Project, col(Project.id) == col(Milestone.project_id))
            .where(col(Milestone.id).in_(chosen[:MOST_AT_ONCE]), units.of_projects())
            .order_by(col(Milestone.id))
        ).all()
    status = HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "move.html", status, rows=rows, typed=form, error=error)


def _preview_page(request: Request, office: Office, moved: Moved, form: FormData) -> Response:
    with read(office.engine) as session:
        seen = seen_states(session, [one.milestone.id or 0 for one in moved.milestones])
    return render(request, "move_preview.html", moved=moved, typed=form, seen=seen)


def _of_projects(session: Session, query: Wanted, units: Units, unit: int | None) -> Wanted:
    """Those of these projects alone, looked up project by project: reading all in order would find the few too late.

    Indexes ix_milestone_open_project and ix_milestone_project_id.
    """
    theirs = select(Project.id).where(units.of_projects())
    if unit is not None:
        theirs = theirs.where(or_(col(Project.unit_id) == unit, col(Project.team_id) == unit))
    ids = [one for one in session.exec(theirs) if one is not None]
    found = query.with_only_columns(col(Milestone.id)).where(one_by_one(col(Milestone.project_id), ids))
    found_ids = found.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    page = select(found_ids.c.id).order_by(found_ids.c.id).limit(SHOWN + 1)
    return (
        select(Milestone, Project.title, Unit.name)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .join(Unit, col(Unit.id) == col(Project.unit_id))
        .where(col(Milestone.id).in_(page))
    )


def _shown(show: str, today: date, calendar: WorkingCalendar) -> tuple[ColumnElement[bool], ...]:
    is_open = col(Milestone.status).in_(OPEN_STATUSES)
    return {
        "open": (is_open,),
        "late": (is_open, is_over(today, calendar)),
        "soon": (is_open, ~is_over(today, calendar), col(Milestone.end_on) <= today + SOON),
        "undated": (is_open, col(Milestone.end_on).is_(None)),
        "moved": (col(Milestone.end_on).is_distinct_from(col(Milestone.baseline_end_on)),),
        "done": (col(Milestone.status) == MilestoneStatus.DONE,),
        "all": (),
    }[show]


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
