"""`/absences`: who is away and who is asked instead, entered and taken out by the admin of their units."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from models import Absence, Assignment, Person, Post, Unit
from models.database import read, write
from schedules.absences import AbsenceError, remove_absence, set_absence
from web.access import TheOffice, UnitAdmin, UnitAdminForm, not_found
from web.office import Office
from web.pages import render
from web.scope import Units
from web.typed_days import read_day

router = APIRouter()

SHOWN = 100
NAMED = 500


@router.get("/absences")
def show_absences(
    request: Request,
    office: TheOffice,
    admin: UnitAdmin,
    person: Annotated[str, Query(max_length=200)] = "",
    said: Annotated[str, Query(pattern="^(|kept|gone)$")] = "",
) -> Response:
    return _page(request, office, admin.administers, FormData({"person": person}), said=said)


@router.post("/absences")
def enter_absence(request: Request, office: TheOffice, admin: UnitAdmin, form: UnitAdminForm) -> Response:
    try:
        with write(office.engine) as session:
            from_on, until_on = _day(form, "from"), _day(form, "until")
            _refuse_others(session, _text(form, "person"), admin.administers, office.today())
            set_absence(
                session,
                email=_text(form, "person"),
                deputy=_text(form, "deputy"),
                from_on=from_on,
                until_on=until_on,
                reason=_text(form, "reason"),
                by=admin.actor,
                now=office.now(),
            )
    except AbsenceError as error:
        return _page(request, office, admin.administers, form, error=error)
    return RedirectResponse("/absences?said=kept", HTTPStatus.SEE_OTHER)


@router.post("/absences/{absence_id}/remove")
def take_out(office: TheOffice, admin: UnitAdmin, _form: UnitAdminForm, absence_id: int) -> Response:
    with write(office.engine) as session:
        row = session.get(Absence, absence_id)
        if row is None or not _is_theirs(session, row.person_id, admin.administers, office.today()):
            raise not_found()
        remove_absence(session, absence_id, by=admin.actor, now=office.now())
    return RedirectResponse("/absences?said=gone", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    office: Office,
    units: Units,
    typed: FormData,
    *,
    error: AbsenceError | None = None,
    said: str = "",
) -> Response:
    today = office.today()
    with read(office.engine) as session:
        theirs = (
            select(Assignment.person_id).join(Post, col(Post.id) == col(Assignment.post_id)).where(units.of_posts())
        )
        rows = session.exec(
            select(Absence)
            .where(col(Absence.until_on) >= today, col(Absence.person_id).in_(theirs))
            .order_by(col(Absence.from_on), col(Absence.id))
            .limit(SHOWN)
        ).all()
        ids = {one for row in rows for one in (row.person_id, row.deputy_id)}
        names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids))).all())
        people = session.exec(
            select(Person.email, Person.name, Unit.name, Post.title)
            .join(Assignment, col(Assignment.person_id) == col(Person.id))
            .join(Post, col(Post.id) == col(Assignment.post_id))
            .join(Unit, col(Unit.id) == col(Post.unit_id))
            .where(
                col(Person.email).is_not(None),
                col(Assignment.until_on).is_(None) | (col(Assignment.until_on) >= today),
                units.of_posts(),
            )
            .order_by(col(Unit.position), col(Post.id))
            .limit(NAMED)
        ).all()
    return render(
        request,
        "absences.html",
        HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        rows=rows,
        names=names,
        people=people,
        typed=typed,
        error=error,
        said=said,
    )


def _refuse_others(session: Session, email: str, units: Units, today: date) -> None:
    """An admin of some units speaks for those who hold a post there."""
    found = session.exec(select(Person.id).where(Person.email == email)).first()
    if found is not None and not _is_theirs(session, found, units, today):
        raise AbsenceError(f"'{email}'은(는) 맡은 부서의 사람이 아닙니다.", "person")


def _is_theirs(session: Session, person_id: int, units: Units, today: date) -> bool:
    held = session.exec(
        select(Post.unit_id)
        .join(Assignment, col(Assignment.post_id) == col(Post.id))
        .where(
            Assignment.person_id == person_id,
            col(Assignment.until_on).is_(None) | (col(Assignment.until_on) >= today),
        )
    ).all()
    return units.is_whole or any(units.covers(unit_id) for unit_id in held)


def _day(form: FormData, name: str) -> date:
    day = read_day(_text(form, name))
    if day is None:
        raise AbsenceError("날짜를 2024. 10. 4. 처럼 적어 주세요.", name)
    return day


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
