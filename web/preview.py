"""`/preview`: a month or a week of what will be sent, day by day, if nobody answers and nothing changes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from models.database import read
from notifications.previewed import Previewed
from schedules.calendar import WorkingCalendar
from schedules.office_days import load_calendar
from web.access import OfficeViewer, TheOffice
from web.pages import drill_of, render

router = APIRouter()

SHOWN_A_DAY, SHOWN_A_WEEKDAY = 4, 30
LISTED = 200
FARTHEST = timedelta(days=366 * 3)


@dataclass(frozen=True, slots=True)
class Day:
    """A square of the month: `mails` in the order of sending; `is_off` a weekend or holiday."""

    on: date
    in_month: bool
    is_off: bool
    holiday: str | None
    mails: tuple[Previewed, ...]


@router.get("/preview")
def show_preview(
    request: Request,
    office: TheOffice,
    _viewer: OfficeViewer,
    month: Annotated[str, Query(pattern=r"^(\d{4}-\d{2})?$")] = "",
    day: Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = "",
    view: Annotated[str, Query(pattern="^(month|week)$")] = "month",
    week: Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = "",
) -> Response:
    """The month or week (default: this one), and under it the mails of one day (default: the first that has any)."""
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
    now = office.now()
    foreseen = [] if past else office.preview(max(first, today), last)
    mails = [mail for mail in foreseen if datetime.fromisoformat(mail["send_at"]) > now]
    with read(office.engine) as session:
        weeks = lay_out(first, last, mails, load_calendar(session))
        drill = drill_of(office, session)
    day = day or next((mail["send_at"][:10] for mail in mails), "")
    listed = [mail for mail in mails if mail["send_at"].startswith(day)]
    return render(
        request,
        "preview.html",
        first=first,
        weeks=weeks,
        listed=listed[:LISTED],
        listed_count=len(listed),
        day=_read_day(day),
        total=len(mails),
        past=past,
        is_week=is_week,
        here=f"view=week&week={first.isoformat()}" if is_week else f"month={first:%Y-%m}",
        previous=_address(is_week, first - timedelta(days=7 if is_week else 1)) if first > begins else None,
        following=_address(is_week, last + timedelta(days=1)) if last < today + FARTHEST else None,
        last=last,
        shown=SHOWN_A_WEEKDAY if is_week else SHOWN_A_DAY,
        read_moment=datetime.fromisoformat,
        read_day=date.fromisoformat,
        drill=drill,
    )


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


def _address(is_week: bool, on: date) -> str:
    return f"view=week&week={on.isoformat()}" if is_week else f"month={on:%Y-%m}"


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
