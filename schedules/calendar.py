"""Korean working days: public holidays, substitute and temporary days, and the office's own, as one pure table.

Public days come from the `holidays` library (관공서의 공휴일에 관한 규정, 공휴일에 관한 법률); the office's own days
win over them. No session here: `schedules.office_days` reads the own days from the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from settings import SendWindow

# The almanac (월력요항) of a year is announced in June of the year before; a temporary day may still be added to it.
SURE_UNTIL = date(2027, 12, 31)

TABLE_FIRST, TABLE_LAST = date(2010, 1, 1), date(2060, 12, 31)  # looked up; days outside are worked out one by one
WORKDAYS = frozenset(range(5))
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OwnDay:
    """What the office says of a day itself: a day off (재량휴무, 임시공휴일) or a working one."""

    is_working: bool
    name: str


@cache
def _public_days() -> holidays.HolidayBase:
    return holidays.country_holidays("KR", language="ko", years=range(TABLE_FIRST.year, TABLE_LAST.year + 1))


class WorkingCalendar:
    """Answers about working days. Equal own days give equal answers, in every process and time zone.

    `deadline_step` says where a deadline on a day off goes: -1 to the working day before, 1 to the next, 0 nowhere.
    """

    def __init__(self, own_days: Mapping[date, OwnDay] | None = None, deadline_step: int = 0) -> None:
        self.own_days, self.deadline_step = dict(own_days or {}), deadline_step
        self._first = TABLE_FIRST.toordinal()
        self._working: list[date] = []
        self._before: list[int] = []  # for each day of the table, how many working days lie before it
        for ordinal in range(self._first, TABLE_LAST.toordinal() + 1):
            day = date.fromordinal(ordinal)
            self._before.append(len(self._working))
            if self._works(day):
                self._working.append(day)
        self._before.append(len(self._working))

    @property
    def sure_until(self) -> date:
        """The last day for which the published almanac has been checked; later days are computed."""
        return SURE_UNTIL

    def is_working(self, day: date) -> bool:
        at = day.toordinal() - self._first
        if 0 <= at < len(self._before) - 1:
            return self._before[at] != self._before[at + 1]
        return self._works(day)

    def is_holiday(self, day: date) -> bool:
        """A public holiday or an own day off; a plain Saturday or Sunday is not one."""
        own = self.own_days.get(day)
        return not own.is_working if own is not None else day in _public_days()

    def holiday_name(self, day: date) -> str | None:
        """`추석`, `대체공휴일(설날)`, the office's own name; None for any other day, plain weekends included."""
        own = self.own_days.get(day)
        if own is not None:
            return None if own.is_working else own.name
        return " · ".join(_name(part) for part in _public_days().get_list(day)) or None

    def next_working_day(self, day: date) -> date:
        """The day itself when it is working, else the first working day after it."""
        while not self.is_working(day):
            day += DAY
        return day

    def previous_working_day(self, day: date) -> date:
        """The day itself when it is working, else the last working day before it."""
        while not self.is_working(day):
            day -= DAY
        return day

    def deadline(self, day: date) -> date:
        """The day on which a deadline of that day counts, as the office chose; 민법 제161조 names the one after it."""
        if self.deadline_step == 0:
            return day
        return self.next_working_day(day) if self.deadline_step > 0 else self.previous_working_day(day)

    def over_before(self, today: date) -> date:
        """Deadlines of the days before this one, and only they, are over today."""
        if self.deadline_step == 0:
            return today
        return self.previous_working_day(today - DAY) + DAY if self.deadline_step > 0 else self.next_working_day(today)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (before it when negative); 0 gives `day` itself, working or not."""
        if count == 0:
            return day
        at = day.toordinal() - self._first
        if 0 <= at < len(self._before) - 1:
            index = self._before[at + 1] + count - 1 if count > 0 else self._before[at] + count
            if 0 <= index < len(self._working):
                return self._working[index]
        for _ in range(abs(count)):
            day = self.next_working_day(day + DAY) if count > 0 else self.previous_working_day(day - DAY)
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after `first`, up to and including `last`; negative when `last` comes first."""
        if last < first:
            return -self.working_days_between(last, first)
        ends = (first.toordinal() - self._first, last.toordinal() - self._first)
        if ends[0] >= 0 and ends[1] < len(self._before) - 1:
            return self._before[ends[1] + 1] - self._before[ends[0] + 1]
        return sum(self.is_working(date.fromordinal(n)) for n in range(first.toordinal() + 1, last.toordinal() + 1))

    def _works(self, day: date) -> bool:
        own = self.own_days.get(day)
        if own is not None:
            return own.is_working
        return day.weekday() in WORKDAYS and day not in _public_days()


class SendDays:
    """The days and times at which mail may leave: the calendar seen through the send window, in the office's zone."""

    def __init__(self, calendar: WorkingCalendar, window: SendWindow, timezone: ZoneInfo) -> None:
        self.calendar, self.window, self.timezone = calendar, window, timezone
        self._moments: dict[tuple[date, time], datetime] = {}

    def allows(self, day: date) -> bool:
        """WORKDAYS means the calendar's working days, named weekdays mean those, holidays never."""
        if self.window.weekdays == WORKDAYS:
            return self.calendar.is_working(day)
        return day.weekday() in self.window.weekdays and not self.calendar.is_holiday(day)

    def on_or_after(self, day: date) -> date:
        while not self.allows(day):
            day += DAY
        return day

    def on_or_before(self, day: date) -> date:
        while not self.allows(day):
            day -= DAY
        return day

    def moment(self, day: date, at: time) -> datetime:
        """That local time of that day as UTC; a time outside the window becomes its opening."""
        found = self._moments.get((day, at))
        if found is None:
            inside = at if self.window.opens <= at < self.window.closes else self.window.opens
            found = datetime.combine(day, inside, self.timezone).astimezone(UTC)
            self._moments[day, at] = found
        return found

    def first_after(self, now: datetime, at: time) -> datetime:
        """The first such slot strictly after `now`."""
        day = self.on_or_after(self.local_date(now))
        moment = self.moment(day, at)
        return moment if moment > now else self.moment(self.on_or_after(day + DAY), at)

    def local_date(self, moment: datetime) -> date:
        return moment.astimezone(self.timezone).date()


def into_window(moment: datetime, send_window: SendWindow, timezone: ZoneInfo, calendar: WorkingCalendar) -> datetime:
    """`moment` when mail may leave then, else the next opening of the window after it. Aware in, UTC out."""
    days = SendDays(calendar, send_window, timezone)
    local = moment.astimezone(timezone)
    if days.allows(local.date()):
        if local.time() < send_window.opens:
            return days.moment(local.date(), send_window.opens)
        if local.time() < send_window.closes:
            return moment.astimezone(UTC)
    return days.moment(days.on_or_after(local.date() + DAY), send_window.opens)


def _name(published: str) -> str:
    """The library's `설날 대체 휴일` as the office writes it."""
    of, substitute, _ = published.partition(" 대체 휴일")
    return f"대체공휴일({of})" if substitute else published
