"""A point of time as a text names it, with what it leaves out still missing."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from schedules.dates_windows import Window


class Grain(IntEnum):
    """How finely a point is named. BARE: a number that only a neighbour can explain (`9` of `9~10월`)."""

    BARE = 0
    YEAR = 1
    SCHOOL_YEAR = 2
    HALF = 3
    SEMESTER = 4
    SEASON = 5
    QUARTER = 6
    MONTH = 7
    WEEK = 8
    PART = 9
    HOLIDAY = 10
    DAY = 11


class Trust(IntEnum):
    """What a point needs to be a date: a neighbour that explains it, a hint beside it, or nothing more."""

    NEEDS_NEIGHBOUR = 0
    NEEDS_HINT = 1
    SURE = 2


PART_NAMES = {"초": "초", "상": "초", "上": "초", "중": "중", "하": "말", "下": "말", "말": "말"}
"""The first letter of 초순, 상순, 중순, 하순, 말 → the third of the month."""


@dataclass(slots=True)
class Point:
    """What the text names. `start` and `end` are its place; the fields that it leaves out are None, 0 or empty."""

    start: int
    end: int
    grain: Grain
    trust: Trust = Trust.SURE
    year: int | None = None
    month: int | None = None
    day: int | None = None
    number: int = 0
    """Which half (0: both), quarter, semester or week."""
    last_number: int = 0
    """The last of several weeks (첫째~둘째 주)."""
    parts: tuple[str, str] = ("", "")
    """First and last of 초, 중, 말."""
    name: str = ""
    """Of the season or the holiday; `nth` for 둘째 수요일, `weekend` for 둘째 주말."""
    weekday: int | None = None
    """The weekday that a week or a number names (둘째 수요일), not one printed beside a day."""
    printed_weekday: str = ""
    last_day: bool = False
    """말일, 첫날: named by a word, whatever its number."""
    direction: int = 0
    """1 for 오는, -1 for 지난."""
    relative: bool = False
    """Whether the year is counted from the reference date (내년)."""
    years_on: int | None = None
    """Years after the date before (이듬해)."""
    same_month: bool = False
    window: Window | None = None
    """Days known without a context (이번 주)."""
    numbers: tuple[int, ...] = ()
    """The numbers of a point without units, which the other side of a range may explain otherwise."""
    open_unit: bool = False
    """Whether the last number has neither unit nor stop (`10월 2` of `10월 2~3주`)."""
    two_digits: bool = False
    """Whether the year was printed with two digits."""
    month_inferred: bool = False
    """Whether the month was left out and comes from the line or the reference date."""
    impossible: bool = False
    """A month or a day that no calendar has (2024. 13. 5., 2월 32일)."""
    lunar: bool = False
    """음력 before it: a day of the lunar calendar."""
    within: bool = False
    """연내: the last day is a limit."""


def two_digit_year(value: int, ref: date) -> int:
    """Two digits are the year of that century that lies at most 20 years ahead of the reference date."""
    year = ref.year - ref.year % 100 + value
    return year - 100 if year > ref.year + 20 else year
