"""`/preview`: a month or a week of what will be sent, day by day, if nobody answers and nothing changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from models import (
    OPEN_STATUSES,
    AuditEntry,
    DeliveryAttempt,
    Milestone,
    Notification,
    NotificationKind,
    Project,
    Reminder,
    StatusReport,
    Unit,
    UnitKind,
)
from models.database import read
from notifications.previewed import Previewed
from schedules.calendar import WorkingCalendar
from schedules.office_days import load_calendar
from web.access import OfficeViewer, TheOffice, not_found
from web.desk import Desk, Work
from web.pages import drill_of, render
from web.scope import units_under

router = APIRouter()

SHOWN_A_DAY, SHOWN_A_WEEKDAY = 4, 30
LISTED = 200
FARTHEST = timedelta(days=366 * 3)
SOON_PLAYED = 500  # open milestones: a play of these is waited for
MOST_PLAYED = 3000  # of more only a part is played at once
SECONDS_TO_NEXT = 3
SECONDS_WAITED_FOR = 4 * SECONDS_TO_NEXT
CHANGES = (AuditEntry, StatusReport, Reminder, Notification, DeliveryAttempt)  # whatever happens leaves one of these


@dataclass(frozen=True, slots=True)
class Day:
    """A square of the month: `mails` in the order of sending; `is_off` a weekend or holiday."""

    on: date
    in_month: bool
    is_off: bool
    holiday: str | None
    mails: tuple[Previewed, ...]


class Play(Work[list[Previewed]]):
    """The mails of a period as they are found out: begun when this was the latest of all that had happened."""

    def __init__(self, began_at: datetime, changes: tuple[int, ...]) -> None:
        super().__init__()
        self.began_at, self.changes = began_at, changes
        self.is_shown = False

    def still_holds(self, changes: tuple[int, ...]) -> bool:
        """Whether nothing has happened since; whoever has waited for it is shown it all the same."""
        return self.changes == changes or (not self.is_shown and self.seconds_ago < SECONDS_WAITED_FOR)


@router.get("/preview")
def show_preview(
    request: Request,
    office: TheOffice,
    _viewer: OfficeViewer,
    month: Annotated[str, Query(pattern=r"^(\d{4}-\d{2})?$")] = "",
    day: Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = "",
    view: Annotated[str, Query(pattern="^(month|week)$")] = "month",
    week: Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = "",
    unit: Annotated[str, Query(pattern=r"^\d{0,9}$")] = "",
) -> Response:
    """The month or week (default: this one), and under it the mails of one day (default: the first that has any).

    Of the whole office or of one unit; the whole of a large one is not played, and what takes long comes on a later
    look: till then the page says so.
    """
    today = office.today()
    is_week = view == "week"
    if is_week:
        first = _monday(week, today)
        last = first + timedelta(days=6)
    else:
        first = _first_day(month, today)
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    begins = today - timedelta(days=today.weekday()) if is_week else today.replace(day=1)
    past = last < today
    unit_id = int(unit) if unit else None
    with read(office.engine) as session:
        units = _choices(session)
        if unit_id is not None and unit_id not in {one.id for one in units}:
            raise not_found()
        size = 0 if past else _size(session, unit_id)
        calendar, drill = load_calendar(session), drill_of(office, session)
        changes = _changes(session)
    now, is_too_large, work = office.now(), size > MOST_PLAYED, None
    if not past and not is_too_large:
        desk: Desk[Play] = request.app.state.previews
        asked = max(first, today), last, unit_id
        work = desk.look(
            asked,
            lambda: Play(now, changes),
            lambda _play: office.preview(*asked),
            still_holds=lambda play: play.still_holds(changes),
            is_long=size > SOON_PLAYED,
        )
        work.is_shown = work.is_done
    foreseen = (work.result if work is not None else None) or []
    mails = [mail for mail in foreseen if datetime.fromisoformat(mail["send_at"]) > now]
    day = day or next((mail["send_at"][:10] for mail in mails), "")
    listed = [mail for mail in mails if mail["send_at"].startswith(day)]
    page = render(
        request,
        "preview.html",
        first=first,
        weeks=lay_out(first, last, mails, calendar),
        listed=listed[:LISTED],
        listed_count=len(listed),
        day=_read_day(day),
        total=len(mails),
        past=past,
        is_week=is_week,
        here=_address(unit, first, is_week=is_week),
        previous=_address(unit, first - timedelta(days=7 if is_week else 1), is_week=is_week)
        if first > begins
        else None,
        following=_address(unit, last + timedelta(days=1), is_week=is_week) if last < today + FARTHEST else None,
        last=last,
        shown=SHOWN_A_WEEKDAY if is_week else SHOWN_A_DAY,
        read_moment=datetime.fromisoformat,
        read_day=date.fromisoformat,
        kind_of=NotificationKind,
        units=units,
        unit=unit_id,
        is_too_large=is_too_large,
        most=MOST_PLAYED,
        work=work,
        drill=drill,
    )
    if work is not None and not work.is_done:
        page.headers["Refresh"] = str(SECONDS_TO_NEXT)
    return page


def _choices(session: Session) -> Sequence[Unit]:
    """The units that may be looked at alone."""
    open_units = select(Unit).where(
        col(Unit.kind).in_((UnitKind.BUREAU, UnitKind.DEPARTMENT)), col(Unit.closed_on).is_(None)
    )
    return session.exec(open_units.order_by(col(Unit.kind), col(Unit.position)).limit(500)).all()


def _size(session: Session, unit_id: int | None) -> int:
    """How many milestones there are to play, counted as far as one beyond MOST_PLAYED."""
    some = (
        select(Milestone.id)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(
            col(Milestone.status).in_(OPEN_STATUSES),
            col(Milestone.duplicate_of_id).is_(None),
            col(Project.closed_at).is_(None),
            units_under(session, [unit_id]).of_projects(),
        )
        .limit(MOST_PLAYED + 1)
        .subquery()
    )
    return session.exec(select(func.count()).select_from(some)).one()


def _changes(session: Session) -> tuple[int, ...]:
    latest = session.exec(select(*(select(func.max(model.id)).scalar_subquery() for model in CHANGES))).one()
    return tuple(one or 0 for one in latest)


def lay_out(first: date, last: date, mails: list[Previewed], calendar: WorkingCalendar) -> list[list[Day]]:
    """The weeks from `first` to `last`, each from Monday to Sunday."""
    by_day: dict[str, list[Previewed]] = {}
    for mail in mails:
        by_day.setdefault(mail["send_at"][:10], []).append(mail)
    monday = first - timedelta(days=first.weekday())
    return [
        [
            Day(
                on,
                first <= on <= last,
                not calendar.is_working(on),
                calendar.holiday_name(on),
                tuple(by_day.get(on.isoformat(), ())),
            )
            for on in (monday + timedelta(days=start + weekday) for weekday in range(7))
        ]
        for start in range(0, (last - monday).days + 1, 7)
    ]


def _address(unit: str, on: date, *, is_week: bool) -> str:
    days = f"view=week&week={on.isoformat()}" if is_week else f"month={on:%Y-%m}"
    return f"{days}&unit={unit}" if unit else days


def _monday(week: str, today: date) -> date:
    on = _read_day(week) or today
    on = on if abs(on - today) <= FARTHEST else today
    return on - timedelta(days=on.weekday())


def _first_day(month: str, today: date) -> date:
    try:
        asked = date.fromisoformat(f"{month}-01")
    except ValueError:
        return today.replace(day=1)
    return asked if abs(asked - today) <= FARTHEST + timedelta(days=31) else today.replace(day=1)


def _read_day(day: str) -> date | None:
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None
