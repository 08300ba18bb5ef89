"""The calendar of this office: the public one with the days the admin entered."""

from datetime import date
from functools import lru_cache

from sqlmodel import Session, select

from models import OfficeDay, OfficeDayKind
from schedules.calendar import OwnDay, WorkingCalendar


def load_calendar(session: Session) -> WorkingCalendar:
    """The working calendar as the database has it now; made anew only when the own days have changed."""
    days = session.exec(select(OfficeDay)).all()
    return _calendar(tuple(sorted((day.on, day.kind is OfficeDayKind.WORKING, day.name) for day in days)))


@lru_cache(maxsize=8)
def _calendar(own_days: tuple[tuple[date, bool, str], ...]) -> WorkingCalendar:
    return WorkingCalendar({on: OwnDay(is_working, name) for on, is_working, name in own_days})
