"""`/timeline`: the milestones of a department or the whole office as a picture, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from models import OPEN_STATUSES, Milestone, MilestoneStatus, Project, Unit, UnitKind
from models.database import read
from schedules import words
from schedules.calendar import WorkingCalendar
from schedules.items import FIRM_PRECISIONS, is_past
from schedules.office_days import load_calendar
from web import english_words
from web.access import TheOffice, Viewer
from web.catalogue import Both
from web.pages import render
from web.scope import Units

router = APIRouter()

PROJECTS_SHOWN = 15
ROWS_SHOWN = 150
SPANS = (3, 6, 12)

ROWS_A_SHEET = 36  # of one picture: on A3 across they stay as large as a mail's text

# The picture's own units; the browser scales it.
LABEL_WIDTH, CHART_WIDTH, ROW_HEIGHT, HEAD_HEIGHT = 420, 880, 26, 34


@dataclass(frozen=True, slots=True)
class Mark:
    """How one milestone is drawn. `shape`: diamond for a day, band for a window; `state`: late, done, fuzzy, firm."""

    shape: str
    state: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the picture: a project's heading (no milestone) or one of its milestones."""

    y: int
    project: Project
    milestone: Milestone | None
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Month:
    x: float
    label: Both


@dataclass(frozen=True, slots=True)
class Scale:
    """Days of the shown span to places of the picture."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def x(self, on: date) -> float:
        """The left edge of the day, held inside the picture."""
        inside = min(max(on, self.first), self.last + timedelta(days=1))
        return round(LABEL_WIDTH + (inside - self.first).days / self.days * CHART_WIDTH, 1)

    def months(self) -> list[Month]:
        found, on = [], self.first
        while on <= self.last:
            is_year_said = on == self.first or on.month == 1
            korean = f"{on.year}. {on.month}." if is_year_said else f"{on.month}월"
            english = english_words.month_name(on)
            found.append(Month(self.x(on), Both(korean, english if is_year_said else english.partition(" ")[0])))
            on = following_month(on)
        return found


@router.get("/timeline")
def show_timeline(
    request: Request,
    office: TheOffice,
    viewer: Viewer,
    unit: Annotated[str, Query(pattern=r"^\d{0,9}$")] = "",
    month: Annotated[str, Query(pattern=r"^(\d{4}-\d{2})?$")] = "",
    span: int = 6,
    after: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """From the month before this one unless told otherwise; projects a page at a time, by their ids."""
    today = office.today()
    span = span if span in SPANS else SPANS[1]
    first = _read_month(month) or (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    last = first
    for _ in range(span):
        last = following_month(last)
    scale = Scale(first, last - timedelta(days=1))
    with read(office.engine) as session:
        departments = session.exec(
            select(Unit.id, Unit.name)
            .where(Unit.kind == UnitKind.DEPARTMENT, col(Unit.closed_on).is_(None), viewer.reads.of_units())
            .order_by(col(Unit.position))
            .limit(500)
        ).all()
        projects, has_more = _projects(session, viewer.reads, scale, int(unit) if unit else None, after)
        milestones = _milestones(session, projects, scale)
        calendar = load_calendar(session)
    rows = lay_rows(projects, milestones, scale, today, calendar)
    kept = f"unit={unit}&span={span}&month={first:%Y-%m}"
    return render(
        request,
        "timeline.html",
        sheets=[rows[first : first + ROWS_A_SHEET] for first in range(0, len(rows), ROWS_A_SHEET)],
        rows=rows,
        scale=scale,
        now_x=scale.x(today) if scale.first <= today <= scale.last else None,
        width=LABEL_WIDTH + CHART_WIDTH,
        label_width=LABEL_WIDTH,
        head_height=HEAD_HEIGHT,
        row_height=ROW_HEIGHT,
        departments=departments,
        unit=int(unit) if unit else None,
        span=span,
        span_of_days=Both(words.span(scale.first, scale.last), english_words.span(scale.first, scale.last)),
        spans=SPANS,
        month=f"{first:%Y-%m}",
        earlier=f"/timeline?unit={unit}&span={span}&month={first - timedelta(days=1):%Y-%m}",
        later=f"/timeline?unit={unit}&span={span}&month={following_month(first):%Y-%m}",
        further_address=f"/timeline?after={projects[-1].id}&{kept}" if has_more else None,
    )


def lay_rows(
    projects: Sequence[Project],
    milestones: Sequence[Milestone],
    scale: Scale,
    today: date,
    calendar: WorkingCalendar,
) -> list[Row]:
    """Projects in their order, under each its milestones by their day; `y` begins anew with every sheet."""
    rows: list[Row] = []

    def add(project: Project, milestone: Milestone | None, mark: Mark | None) -> None:
        rows.append(Row(HEAD_HEIGHT + ROW_HEIGHT * (len(rows) % ROWS_A_SHEET), project, milestone, mark))

    for project in projects:
        add(project, None, None)
        for milestone in milestones:
            if milestone.project_id == project.id:
                add(project, milestone, draw(milestone, scale, today, calendar))
    return rows


def draw(milestone: Milestone, scale: Scale, today: date, calendar: WorkingCalendar) -> Mark:
    """A day as a diamond, a window as a band; an open side runs to the edge of the picture."""
    start, end = milestone.start_on or scale.first, milestone.end_on or scale.last
    is_open = milestone.status in OPEN_STATUSES
    if milestone.status is MilestoneStatus.DONE:
        state = "done"
    elif is_open and is_past(milestone, today, calendar):
        state = "late"
    elif milestone.precision not in FIRM_PRECISIONS or milestone.tentative:
        state = "fuzzy"
    else:
        state = "firm"
    left, right = scale.x(start), scale.x(end + timedelta(days=1))
    if milestone.start_on == milestone.end_on:
        return Mark("diamond", state, round((left + right) / 2, 1), 0)
    return Mark("band", state, left, max(4.0, round(right - left, 1)))


def following_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)


def _read_month(month: str) -> date | None:
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        return None


def _projects(session: Session, units: Units, scale: Scale, unit: int | None, after: int) -> tuple[list[Project], bool]:
    inside = select(Milestone.id).where(col(Milestone.project_id) == col(Project.id), *_in(scale))
    query = select(Project).where(
        col(Project.id) > after, col(Project.closed_at).is_(None), units.of_projects(), inside.exists()
    )
    if unit is not None:
        query = query.where(Project.unit_id == unit)
    found = session.exec(query.order_by(col(Project.id)).limit(PROJECTS_SHOWN + 1)).all()
    return list(found[:PROJECTS_SHOWN]), len(found) > PROJECTS_SHOWN


def _milestones(session: Session, projects: Sequence[Project], scale: Scale) -> list[Milestone]:
    ids = [project.id for project in projects]
    return list(
        session.exec(
            select(Milestone)
            .where(col(Milestone.project_id).in_(ids), *_in(scale))
            .order_by(func.coalesce(col(Milestone.end_on), col(Milestone.start_on)), col(Milestone.id))
            .limit(ROWS_SHOWN)
        ).all()
    )


def _in(scale: Scale) -> tuple[ColumnElement[bool], ...]:
    """Dated milestones whose window touches the span, each once."""
    return (
        col(Milestone.duplicate_of_id).is_(None),
        col(Milestone.status) != MilestoneStatus.CANCELLED,
        func.coalesce(col(Milestone.start_on), col(Milestone.end_on)) <= scale.last,
        func.coalesce(col(Milestone.end_on), col(Milestone.start_on)) >= scale.first,
    )
