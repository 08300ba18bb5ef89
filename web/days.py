"""`/days`: the working days of a year, and the office's own days: what each moves is shown before it is kept."""

from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from models import HolidayDeadline, OfficeDay, OfficeDayKind
from models.database import read, write
from schedules.calendar import TABLE_FIRST, TABLE_LAST, WorkingCalendar
from schedules.office_days import (
    DayChange,
    OfficeDayError,
    holiday_deadline,
    load_calendar,
    put_day,
    put_holiday_deadline,
    remove_day,
    set_day,
    set_holiday_deadline,
    take_day_out,
)
from schedules.trial import is_left_to_the_night
from web.access import Admin, AdminForm, OfficeViewer, TheOffice
from web.office import Office
from web.pages import render
from web.typed_days import read_day

router = APIRouter()

MOVED_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Month:
    number: int
    working_days: int
    days_off: tuple[tuple[date, str], ...]  # those that are not plain weekends


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that is being asked about: a day to enter, or (without a name) to take out."""

    on: date
    kind: OfficeDayKind
    name: str | None


@router.get("/days")
def show_days(
    request: Request,
    office: TheOffice,
    _viewer: OfficeViewer,
    year: Annotated[int | None, Query(ge=TABLE_FIRST.year, le=TABLE_LAST.year)] = None,
    said: Annotated[str, Query(pattern="^(|kept|night)$")] = "",
) -> Response:
    return _page(request, office, year or office.today().year, said=said)


@router.post("/days")
def enter_day(request: Request, office: TheOffice, admin: Admin, form: AdminForm) -> Response:
    """Tried and taken back, to show what moves; with `sure` it is kept."""
    on = read_day(_text(form, "on"))
    kind = OfficeDayKind.WORKING if _text(form, "kind") == "working" else OfficeDayKind.HOLIDAY
    if on is None:
        return _page(request, office, office.today().year, form, "on", "날짜를 2024. 10. 4. 처럼 적어 주세요.")
    try:
        return _change(request, office, form, Asked(on, kind, _text(form, "name")), admin.actor)
    except OfficeDayError as error:
        field = "name" if "이름" in str(error) else "on"
        return _page(request, office, on.year, form, field, str(error))


@router.post("/days/{on}/remove")
def take_out(request: Request, office: TheOffice, admin: Admin, form: AdminForm, on: date) -> Response:
    try:
        return _change(request, office, form, Asked(on, OfficeDayKind.HOLIDAY, None), admin.actor)
    except OfficeDayError as error:
        return render(request, "refusal.html", HTTPStatus.CONFLICT, message=str(error))


@router.post("/days/deadline")
def choose_deadline(request: Request, office: TheOffice, admin: Admin, form: AdminForm) -> Response:
    """What a deadline on a day off counts as: tried and taken back, to show what moves; with `sure` it is kept."""
    typed = _text(form, "deadline")
    if typed not in list(HolidayDeadline):
        return _page(request, office, office.today().year, form, "deadline", "목록에서 하나를 골라 주세요.")
    choice, is_sure = HolidayDeadline(typed), form.get("sure") == "yes"
    change: DayChange | None = None
    with write(office.engine) as session:
        is_large = is_left_to_the_night(session)
        if is_large:
            put_holiday_deadline(session, choice, by=admin.actor, now=office.now())
        else:
            change = set_holiday_deadline(session, choice, by=admin.actor, now=office.now(), settings=office.settings)
        if not is_sure:
            session.rollback()
    if is_sure:
        return RedirectResponse(f"/days?said={'night' if is_large else 'kept'}", HTTPStatus.SEE_OTHER)
    return render(request, "deadline_change.html", choice=choice, change=change, shown=MOVED_SHOWN)


def _change(request: Request, office: Office, form: FormData, asked: Asked, by: str) -> Response:
    is_sure = form.get("sure") == "yes"
    change: DayChange | None = None
    with write(office.engine) as session:
        is_large = is_left_to_the_night(session)
        change = _apply(session, office, asked, by, planning=not is_large)
        if not is_sure:
            session.rollback()
    if is_sure:
        said = "night" if is_large else "kept"
        return RedirectResponse(f"/days?year={asked.on.year}&said={said}", HTTPStatus.SEE_OTHER)
    return render(request, "day_change.html", asked=asked, change=change, shown=MOVED_SHOWN)


def _apply(session: Session, office: Office, asked: Asked, by: str, *, planning: bool) -> DayChange | None:
    now, settings = office.now(), office.settings
    if not planning:
        if asked.name is not None:
            put_day(session, asked.on, asked.kind, asked.name, by=by, now=now)
        else:
            take_day_out(session, asked.on, by=by, now=now)
        return None
    if asked.name is not None:
        return set_day(session, asked.on, asked.kind, asked.name, by=by, now=now, settings=settings)
    return remove_day(session, asked.on, by=by, now=now, settings=settings)


def _page(
    request: Request,
    office: Office,
    year: int,
    form: FormData | None = None,
    field: str = "",
    message: str = "",
    said: str = "",
) -> Response:
    with read(office.engine) as session:
        calendar, deadline = load_calendar(session), holiday_deadline(session)
        own = session.exec(
            select(OfficeDay)
            .where(col(OfficeDay.on) >= date(year, 1, 1), col(OfficeDay.on) <= date(year, 12, 31))
            .order_by(col(OfficeDay.on))
        ).all()
    return render(
        request,
        "days.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if message else HTTPStatus.OK,
        year=year,
        months=read_year(year, calendar),
        own=own,
        sure_until=calendar.sure_until,
        deadline=deadline,
        deadlines=list(HolidayDeadline),
        first=TABLE_FIRST.year,
        last=TABLE_LAST.year,
        typed=form or FormData({}),
        field=field,
        message=message,
        said=said,
    )


def read_year(year: int, calendar: WorkingCalendar) -> list[Month]:
    months = []
    for number in range(1, 13):
        day, working, off = date(year, number, 1), 0, []
        while day.month == number:
            if calendar.is_working(day):
                working += 1
            name = calendar.holiday_name(day)
            if name:
                off.append((day, name))
            day += timedelta(days=1)
        months.append(Month(number, working, tuple(off)))
    return months


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
