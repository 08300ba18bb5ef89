"""`/people`: units, their posts, who holds each, who deputises, and who cannot be reached."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import and_, false, func, or_, true
from sqlmodel import Session, col, select

from models import Absence, Assignment, Person, Post, Unit, UnitKind
from models.database import read
from schedules.handovers import unaccepted
from schedules.unreachable import Unreachable
from web.access import TheOffice, Viewer
from web.pages import render
from web.posts import in_units, unreachable_in
from web.scope import WHOLE_OFFICE, Units

router = APIRouter()

DEPARTMENTS_A_PAGE = 10


@dataclass(frozen=True, slots=True)
class Holding:
    """A person on a post, with the absence of the day and who stands in."""

    person: Person
    until_on: date | None
    absence: Absence | None
    deputy: Person | None


@dataclass(frozen=True, slots=True)
class PostRow:
    post: Post
    holders: tuple[Holding, ...]
    problem: Unreachable | None


@dataclass(frozen=True, slots=True)
class UnitBlock:
    """A unit with its posts, then the units under it."""

    unit: Unit
    posts: tuple[PostRow, ...]
    below: tuple["UnitBlock", ...]


@router.get("/people")
def show_people(
    request: Request, office: TheOffice, viewer: Viewer, page: Annotated[int, Query(ge=1, le=1000)] = 1
) -> Response:
    today = office.today()
    with read(office.engine) as session:
        problems = unreachable_in(session, today, viewer.reads)
        blocks, departments = read_blocks(
            session, today, {found.post_id: found for found in problems}, page, viewer.reads
        )
        handovers = in_units(session, unaccepted(session), viewer.reads)
    return render(
        request,
        "people.html",
        blocks=blocks,
        problems=problems,
        handovers=handovers,
        page=page,
        pages=max(1, -(-departments // DEPARTMENTS_A_PAGE)),
    )


def read_blocks(
    session: Session, today: date, problems: dict[int, Unreachable], page: int, seen: Units = WHOLE_OFFICE
) -> tuple[list[UnitBlock], int]:
    """The departments of a page with their teams (the bureaus stand on the first); six queries, whatever the page."""
    open_units = (col(Unit.closed_on).is_(None), seen.of_units())
    order = (col(Unit.position), col(Unit.id))
    departments = (*open_units, Unit.kind == UnitKind.DEPARTMENT)
    count = session.exec(select(func.count()).select_from(Unit).where(*departments)).one()
    of_page = select(col(Unit.id)).where(*departments).order_by(*order)
    of_page = of_page.offset((page - 1) * DEPARTMENTS_A_PAGE).limit(DEPARTMENTS_A_PAGE)
    bureaus = and_(col(Unit.kind) == UnitKind.BUREAU, true() if page == 1 else false())
    on_top = or_(col(Unit.id).in_(select(of_page.subquery().c.id)), bureaus)
    shown = session.exec(
        select(Unit).where(*open_units, on_top).order_by(col(Unit.kind) == UnitKind.DEPARTMENT, *order)
    ).all()
    teams = session.exec(
        select(Unit)
        .where(*open_units, Unit.kind == UnitKind.TEAM, col(Unit.parent_id).in_([unit.id for unit in shown]))
        .order_by(*order)
    ).all()
    posts = session.exec(
        select(Post).where(col(Post.unit_id).in_([unit.id for unit in [*shown, *teams]])).order_by(col(Post.id))
    ).all()
    holders = _holders(session, [post.id for post in posts if post.id is not None], today)
    rows: dict[int, list[PostRow]] = {}
    for post in posts:
        assert post.id is not None
        rows.setdefault(post.unit_id, []).append(PostRow(post, tuple(holders.get(post.id, ())), problems.get(post.id)))

    def block(unit: Unit) -> UnitBlock:
        below = (block(team) for team in teams if team.parent_id == unit.id)
        return UnitBlock(unit, tuple(rows.get(unit.id or 0, ())), tuple(below))

    return [block(unit) for unit in shown], count


def _holders(session: Session, post_ids: list[int], today: date) -> dict[int, list[Holding]]:
    rows = session.exec(
        select(Assignment, Person)
        .join(Person, col(Person.id) == col(Assignment.person_id))
        .where(
            col(Assignment.post_id).in_(post_ids),
            col(Assignment.from_on) <= today,
            col(Assignment.until_on).is_(None) | (col(Assignment.until_on) >= today),
        )
        .order_by(col(Assignment.post_id), col(Assignment.from_on))
    ).all()
    away = {
        absence.person_id: (absence, deputy)
        for absence, deputy in session.exec(
            select(Absence, Person)
            .join(Person, col(Person.id) == col(Absence.deputy_id))
            .where(
                col(Absence.person_id).in_([person.id for _, person in rows]),
                col(Absence.from_on) <= today,
                col(Absence.until_on) >= today,
            )
        ).all()
    }
    found: dict[int, list[Holding]] = {}
    for assignment, person in rows:
        absence, deputy = away.get(person.id or 0, (None, None))
        found.setdefault(assignment.post_id, []).append(Holding(person, assignment.until_on, absence, deputy))
    return found
