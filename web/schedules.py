"""`/schedules`: when collection rounds come by themselves, in words and with their next days, shown before kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import func
from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from models import CollectionRound, CollectionSchedule, Project, Reminder, ReminderState, StatusRequest, Unit, UnitKind
from models.database import read, write
from schedules.calendar import SendDays, WorkingCalendar
from schedules.collecting import OPENS
from schedules.collection_schedule import list_schedules, remove_schedule, set_schedule
from schedules.office_days import load_calendar
from schedules.recurrence import Recurrence, RecurrenceError
from schedules.requests import due_moment
from schedules.round import RoundError
from web.access import Admin, AdminForm, OfficeViewer, TheOffice, not_found
from web.office import Office
from web.pages import render

router = APIRouter()

NEXT_ROUNDS = 10
MONTH = timedelta(days=30)
SHOWN = 100
PRESETS = (
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYMONTHDAY=25",
    "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1",
    "FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1",
    "FREQ=WEEKLY;BYDAY=MO",
)
FIELDS = {"recurrence": "custom", "unit_id": "unit", "project_ids": "projects"}
PROJECTS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One round to come: when it opens, by when teams, departments and bureaus answer, when it locks."""

    as_of: date
    opens_at: datetime
    due: tuple[datetime, ...]
    locks_at: datetime


@dataclass(frozen=True, slots=True)
class ScheduleForm:
    """Every field as text, as the page shows it."""

    name: str = "정기 취합"
    every: str = PRESETS[0]
    custom: str = ""
    unit: str = ""
    due: tuple[str, str, str] = ("5", "7", "8")
    grace: str = "3"
    projects: tuple[str, ...] = ()
    questions: str = ""

    @property
    def recurrence(self) -> str:
        return self.custom if self.every == "custom" else self.every


@dataclass(frozen=True, slots=True)
class Complaint:
    field: str
    words: str

    def __str__(self) -> str:
        return self.words


@router.get("/schedules")
def show_schedules(
    request: Request,
    office: TheOffice,
    _viewer: OfficeViewer,
    said: Annotated[str, Query(pattern="^(|kept|off)$")] = "",
) -> Response:
    with read(office.engine) as session:
        found = list_schedules(session, office.today())
    return render(request, "schedules.html", schedules=found, said=said)


@router.get("/schedules/new")
def show_new(request: Request, office: TheOffice, _admin: Admin) -> Response:
    return _form_page(request, office, ScheduleForm())


@router.get("/schedules/{schedule_id}")
def show_schedule(request: Request, office: TheOffice, _admin: Admin, schedule_id: int) -> Response:
    with read(office.engine) as session:
        row = session.get(CollectionSchedule, schedule_id)
    if row is None:
        raise not_found()
    first, second, third = (str(days) for days in row.due_working_days)
    is_preset = row.recurrence in PRESETS
    typed = ScheduleForm(
        row.name,
        row.recurrence if is_preset else "custom",
        "" if is_preset else row.recurrence,
        str(row.unit_id or ""),
        (first, second, third),
        str(row.grace_working_days),
        tuple(map(str, row.project_ids)),
        "\n".join(row.questions),
    )
    return _form_page(request, office, typed, schedule_id=row.id)


@router.post("/schedules/save")
def save_schedule(request: Request, office: TheOffice, admin: Admin, form: AdminForm) -> Response:
    """Tried and taken back, to show the rounds it brings; with `sure` it is kept."""
    typed, is_sure = _read_form(form), form.get("sure") == "yes"
    given = form.get("schedule")
    schedule_id = int(given) if isinstance(given, str) and given.isdecimal() else None
    try:
        with write(office.engine) as session:
            _refuse_twin(session, typed.name, schedule_id)
            standing = set_schedule(
                session,
                name=typed.name,
                recurrence=typed.recurrence,
                now=office.now(),
                settings=office.settings,
                by=admin.actor,
                unit_id=int(typed.unit) if typed.unit.isdecimal() else None,
                due_working_days=[_number("due", days) for days in typed.due],
                grace_working_days=_number("grace", typed.grace),
                project_ids=[int(one) for one in typed.projects if one.isdecimal() and len(one) < 10],
                questions=typed.questions.splitlines(),
            )
            foreseen = foresee(standing.recurrence, standing.due_working_days, standing.grace_working_days, office)
            asked = _posts_asked(session)
            if not is_sure:
                session.rollback()
    except RoundError as error:
        complaint = Complaint(FIELDS.get(error.field, error.field), str(error))
        return _form_page(request, office, typed, schedule_id=schedule_id, complaint=complaint)
    except RecurrenceError as error:
        return _form_page(request, office, typed, schedule_id=schedule_id, complaint=Complaint("custom", str(error)))
    if is_sure:
        return RedirectResponse("/schedules?said=kept", HTTPStatus.SEE_OTHER)
    words = _sentence(standing.words, standing.unit, standing.due_working_days, standing.grace_working_days)
    about = (standing.projects, standing.questions)
    return _form_page(
        request,
        office,
        typed,
        schedule_id=schedule_id,
        foreseen=foreseen,
        sentence=words,
        posts_asked=asked,
        about=about,
    )


@router.post("/schedules/{schedule_id}/off")
def switch_off(request: Request, office: TheOffice, admin: Admin, form: AdminForm, schedule_id: int) -> Response:
    """Opens no more rounds, once it has been asked twice; those that were opened go on."""
    with read(office.engine) as session:
        row = session.get(CollectionSchedule, schedule_id)
        open_rounds = session.exec(
            select(func.count())
            .select_from(CollectionRound)
            .where(CollectionRound.schedule_id == schedule_id, col(CollectionRound.locked_at).is_(None))
        ).one()
    if row is None:
        raise not_found()
    if form.get("sure") != "yes":
        return render(request, "schedule_off.html", schedule=row, open_rounds=open_rounds)
    try:
        with write(office.engine) as session:
            remove_schedule(session, row.name, by=admin.actor, now=office.now())
    except RoundError as error:
        return render(request, "refusal.html", HTTPStatus.CONFLICT, message=str(error))
    return RedirectResponse("/schedules?said=off", HTTPStatus.SEE_OTHER)


def foresee(recurrence: str, due: tuple[int, ...], grace: int, office: Office) -> list[Foreseen]:
    """The next rounds of a schedule, as the clock will open and lock them."""
    with read(office.engine) as session:
        calendar = load_calendar(session)
    days = SendDays(calendar, office.settings.send_window, office.settings.timezone)
    return [
        _round_of(on, due, grace, days, calendar, office)
        for on in islice(Recurrence(recurrence).days_after(office.today()), NEXT_ROUNDS)
    ]


def _round_of(
    on: date, due: tuple[int, ...], grace: int, days: SendDays, calendar: WorkingCalendar, office: Office
) -> Foreseen:
    opens_on = days.on_or_after(on)
    last = [calendar.add_working_days(opens_on, count) for count in due]
    return Foreseen(
        on,
        days.moment(opens_on, OPENS),
        tuple(due_moment(day, office.settings) for day in last),
        due_moment(calendar.add_working_days(last[-1], grace), office.settings),
    )


def _sentence(words: str, unit: str | None, due: Sequence[int], grace: int) -> str:
    whom = f"{unit}의 담당 직위" if unit else "모든 담당 직위"
    team, department, bureau = due
    levels = f"팀 근무일 {team}일, 과 근무일 {department}일, 국 근무일 {bureau}일"
    return (
        f"{words} 09:00에 {whom}에게 진행상황을 묻고, {levels} 안에 받아, 그 뒤 근무일 {grace}일이 지나면 마감합니다."
    )


def _posts_asked(session: Session) -> int:
    """How many posts a round asks: those of the last round, else those that have reminders ahead."""
    last = select(func.max(col(CollectionRound.id))).scalar_subquery()
    found = session.exec(
        select(func.count()).select_from(StatusRequest).where(col(StatusRequest.round_id) == last)
    ).one()
    if found:
        return found
    planned = select(col(Reminder.post_id)).where(Reminder.state == ReminderState.PLANNED).distinct().subquery()
    return session.exec(select(func.count()).select_from(planned)).one()


def _form_page(
    request: Request,
    office: Office,
    typed: ScheduleForm,
    *,
    schedule_id: int | None = None,
    complaint: Complaint | None = None,
    foreseen: list[Foreseen] | None = None,
    sentence: str = "",
    posts_asked: int = 0,
    about: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> Response:
    with read(office.engine) as session:
        projects = session.exec(
            select(Project.id, Project.title)
            .where(col(Project.closed_at).is_(None), col(Project.activated_at).is_not(None))
            .order_by(col(Project.id))
            .limit(PROJECTS_SHOWN)
        ).all()
        units = session.exec(
            select(Unit)
            .where(col(Unit.kind).in_((UnitKind.BUREAU, UnitKind.DEPARTMENT)), col(Unit.closed_on).is_(None))
            .order_by(col(Unit.kind), col(Unit.position))
            .limit(500)
        ).all()
    return render(
        request,
        "schedule_form.html",
        HTTPStatus.OK if complaint is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        typed=typed,
        schedule_id=schedule_id,
        error=complaint,
        foreseen=foreseen,
        in_a_month=sum(one.opens_at < office.now() + MONTH for one in foreseen or ()),
        sentence=sentence,
        posts_asked=posts_asked,
        only_about=about[0],
        questions=about[1],
        projects=projects,
        units=units,
        presets=[(text, Recurrence(text).in_words()) for text in PRESETS],
    )


def _read_form(form: FormData) -> ScheduleForm:
    def text(name: str) -> str:
        value = form.get(name)
        return value.strip() if isinstance(value, str) else ""

    return ScheduleForm(
        text("name"),
        text("every"),
        text("custom"),
        text("unit"),
        (text("due1"), text("due2"), text("due3")),
        text("grace"),
        tuple(value for value in form.getlist("projects") if isinstance(value, str)),
        text("questions"),
    )


def _refuse_twin(session: Session, name: str, schedule_id: int | None) -> None:
    """A schedule is changed under its own name only."""
    named = session.exec(select(CollectionSchedule).where(CollectionSchedule.name == name.strip())).one_or_none()
    if named is not None and named.id != schedule_id and named.disabled_at is None:
        raise RoundError("name", f"'{named.name}' 취합이 이미 있습니다. 다른 이름을 적거나 그 취합을 고쳐 주세요.")


def _number(field: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,4}", text):
        raise RoundError(field, f"'{text}'은(는) 근무일 수가 아닙니다. 수로 적어 주세요.")
    return int(text)
