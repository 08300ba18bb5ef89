"""From a named span of the calendar (month, part, week, quarter, half, season, school year, holiday) to its days."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import holidays

from schedules.dates_expression import Precision

WEEKDAYS = "월화수목금토일"
LAST = -1
"""The week or weekday number of `마지막`."""

SOLAR_HOLIDAYS = {
    "신정": (1, 1),
    "삼일절": (3, 1),
    "3·1절": (3, 1),
    "3.1절": (3, 1),
    "어린이날": (5, 5),
    "현충일": (6, 6),
    "제헌절": (7, 17),
    "광복절": (8, 15),
    "개천절": (10, 3),
    "한글날": (10, 9),
    "성탄절": (12, 25),
    "크리스마스": (12, 25),
}
LUNAR_FEASTS = {1: ("설날", 1), 4: ("부처님오신날", 8), 8: ("추석", 15)}
"""The feasts that tell when their lunar month begins: month → name and day of that month."""
LUNAR_HOLIDAYS = {"설": "설날", "설날": "설날", "추석": "추석", "한가위": "추석", "부처님오신날": "부처님오신날"}


class Window(NamedTuple):
    """First and last day, both included, and how finely they were named."""

    start: date
    end: date
    precision: Precision


def last_day(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def months(year: int, first: int, last: int, precision: Precision) -> Window:
    """Whole months; a last month before the first lies in the next year (겨울, 2학기)."""
    end_year = year if last >= first else year + 1
    return Window(date(year, first, 1), date(end_year, last, last_day(end_year, last)), precision)


def day(year: int, month: int, number: int) -> Window:
    """One day; a day that the month does not have is its last one."""
    found = date(year, month, min(number, last_day(year, month)))
    return Window(found, found, Precision.DAY)


def part_of_month(year: int, month: int, first: str, last: str) -> Window:
    """초, 중 and 말: days 1-10, 11-20, 21-last; `first` and `last` may differ (12월 중~말)."""
    starts = {"초": 1, "중": 11, "말": 21}
    ends = {"초": 10, "중": 20, "말": last_day(year, month)}
    return Window(date(year, month, starts[first]), date(year, month, ends[last]), Precision.PART_OF_MONTH)


def quarter(year: int, number: int) -> Window:
    return months(year, number * 3 - 2, number * 3, Precision.QUARTER)


def half(year: int, number: int) -> Window:
    return months(year, number * 6 - 5, number * 6, Precision.HALF)


def calendar_year(year: int) -> Window:
    return months(year, 1, 12, Precision.YEAR)


def school_year(year: int) -> Window:
    """학년도: 1 March to the end of February (초·중등교육법 제24조)."""
    return months(year, 3, 2, Precision.YEAR)


def semester(year: int, number: int) -> Window:
    return months(year, 3, 8, Precision.HALF) if number == 1 else months(year, 9, 2, Precision.HALF)


def season(year: int, name: str) -> Window:
    first = {"봄": 3, "여름": 6, "가을": 9, "겨울": 12}[name]
    return months(year, first, (first + 1) % 12 + 1, Precision.SEASON)


def week_from(monday: date) -> Window:
    return Window(monday, monday + timedelta(days=6), Precision.WEEK)


def monday_of(day_: date) -> date:
    return day_ - timedelta(days=day_.weekday())


def week_of_month(year: int, month: int, number: int) -> Window:
    """Week n of a month, Monday to Sunday, counted from the week that holds its first Thursday (KS X ISO 8601)."""
    if number == LAST:
        final = date(year, month, last_day(year, month))
        return week_from(monday_of(final - timedelta(days=(final.weekday() - 3) % 7)))
    first = date(year, month, 1)
    thursday = first + timedelta(days=(3 - first.weekday()) % 7)
    return week_from(monday_of(thursday) + timedelta(weeks=number - 1))


def nth_weekday(year: int, month: int, number: int, weekday: int) -> Window:
    """The n-th such weekday of a month; a fifth that the month does not have is its last one."""
    first = date(year, month, 1)
    found = first + timedelta(days=(weekday - first.weekday()) % 7, weeks=max(number, 1) - 1)
    final = last_day(year, month)
    if number == LAST or found.month != month:
        end = date(year, month, final)
        found = end - timedelta(days=(end.weekday() - weekday) % 7)
    return Window(found, found, Precision.DAY)


@lru_cache(maxsize=256)
def holiday(name: str, year: int) -> date | None:
    """The day of a holiday in that year; None for a year or name the calendar does not know."""
    if name in SOLAR_HOLIDAYS:
        return date(year, *SOLAR_HOLIDAYS[name])
    if name == "정월대보름":
        return lunar_day(year, 1, 15)
    wanted = LUNAR_HOLIDAYS[name]
    for found, names in holidays.country_holidays("KR", years=year, language="ko").items():
        if found.year == year and wanted in names.split("; "):
            return date(found.year, found.month, found.day)
    return None


def lunar_day(year: int, month: int, number: int) -> date | None:
    """A day of the lunar calendar, in the months that a feast tells the beginning of; None in the others.

    A lunar month has 29 or 30 days: the 30th is not known without tables.
    """
    if month not in LUNAR_FEASTS or not 1 <= number <= 29:
        return None
    feast, feast_day = LUNAR_FEASTS[month]
    known = holiday(feast, year)
    return known + timedelta(days=number - feast_day) if known else None


def holiday_stretch(name: str, year: int) -> tuple[date, date] | None:
    """연휴: the day itself, for 설 and 추석 with the day before and after (관공서의 공휴일에 관한 규정 제2조)."""
    found = holiday(name, year)
    if found is None:
        return None
    around = timedelta(days=1 if LUNAR_HOLIDAYS.get(name) in ("설날", "추석") else 0)
    return found - around, found + around
