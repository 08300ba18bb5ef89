"""Reads one point of time from a text: the numbers and words of one day, week, month or span, before any range."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from itertools import product
from typing import NamedTuple

from schedules.dates_expression import Precision
from schedules.dates_windows import LAST, WEEKDAYS, Window, monday_of, week_from
from schedules.dates_words import ORDINAL, ORDINALS, WORDS, S


class Grain(IntEnum):
    """How finely a point is named. BARE: numbers that only a neighbour can explain (`9` of `9~10월`)."""

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
    """What a point needs to be a date: nothing more, a hint beside it, or a neighbour that explains it."""

    NEEDS_NEIGHBOUR = 0
    NEEDS_HINT = 1
    SURE = 2


@dataclass(slots=True)
class Point:
    """What the text names, with what it leaves out still missing."""

    start: int
    end: int
    grain: Grain
    trust: Trust = Trust.SURE
    year: int | None = None
    month: int | None = None
    day: int | None = None
    number: int = 0
    """Which half, quarter, semester or week."""
    parts: tuple[str, str] = ("", "")
    """First and last of 초, 중, 말."""
    name: str = ""
    """Of the season or the holiday."""
    weekday: int | None = None
    """The weekday named with a week or a number (둘째 수요일), not one printed beside a day."""
    printed_weekday: str = ""
    direction: int = 0
    """1 for 오는, -1 for 지난."""
    years_on: int | None = None
    """Years after the date before (이듬해)."""
    same_month: bool = False
    window: Window | None = None
    """Days known without a context (이번 주)."""
    numbers: tuple[int, ...] = ()
    """The numbers of a point without units, which a range's other side may explain."""
    within: bool = False
    """연내: the last day is a limit."""


class Item(NamedTuple):
    """A number of a chain with the unit or the full stop after it."""

    value: int
    code: str
    end: int


# The kinds of numbers: Y four digits, y two digits after a year mark, d two digits, n one digit.
UNITS = {
    "학년도": "학년도",
    "회계연도": "회계연도",
    "년도": "년",
    "년": "년",
    "월": "월",
    "일": "일",
    "사분기": "분기",
    "분기": "분기",
    "학기": "학기",
    "주차": "주",
    "주": "주",
}
NUMBER = r"\d|\d\d"
ITEM = re.compile(
    rf"(?P<mark>'{S})?(?P<number>\d{{1,4}})(?!\d)(?:{S}(?:"
    r"(?P<unit>학년도|회계 ?연도|년도|년(?!간|차|생|[단]?위|짜리|형(?![가-힣])|산(?![가-힣])|식(?![가-힣])|동안)|월(?!드컵|간|요일)"
    r"|일(?!간|차|째|당|동안|권|장(?![가-힣])|치)|사?분기|학기|주차|주(?![가-힣])|주(?=까지|부터|중|에|[월화수목금토일]요일))"
    r"\.?(?=$|\D)|(?P<dot>\.(?!\d{3}|\.))))?"
)
# A number without a unit or stop ends the chain, and only before what may follow a date.
BARE_END = re.compile(
    r"(?=$|[^\w%㎡㎢㎥°℃:+×*=\"'/$￦₩.<&^]"
    r"|/[^\d]|\.(?:\D|$)|까지|부터|이후|이전|이내|[은는](?![가-힣])|에(?![가-힣])|경(?![가-힣])|쯤|께|자(?![가-힣])|자로|기준|현재|예정|준공|착공"
    r"|개관|개최|개장|개원|개통|시행|실시|시범|완료|추진|체결|접수|마감|발표|공고|오전|오후|계획|수립|착수|발주|계약|종료|시작|및)"
)
GAP = re.compile(S)

Role = tuple[str, ...]

# Signature (kinds and units of the numbers) → what each number is. "Y.|Y년" is one number that may stand either way.
NOTATIONS: tuple[tuple[str, str], ...] = (
    ("Y.|Y년|Y_|y.|y년 d.|n.|d월|n월 d.|n.|d일|n일|d_|n_", "year month day"),
    ("d.|d년 d.|n.|d월|n월 d일|n일", "year2 month day"),
    ("d.|d년 d월|n월 d.|n.|d_|n_", "year2 month day"),
    ("d년 d.|n. d.|n.|d_|n_", "year2 month day"),
    ("d. d.|n. d.|n.|d_|n_", "triple"),
    ("Y.|Y년|Y_|y.|y년 d월|n월 d주|n주", "year month week"),
    ("d.|d년 d월|n월 d주|n주", "year2 month week"),
    ("Y.|Y년|y.|y년 d.|n.|d월|n월|d_|n_", "year month"),
    ("d년 d.|n.|d월|n월|d_|n_", "year2 month"),
    ("d. d월|n월", "year2 month"),
    ("d월|n월 d일|n일|d.|n.|d_|n_", "month day"),
    ("d.|n. d일|n일", "month day"),
    ("d월|n월 d주|n주", "month week"),
    ("d.|n. d.|n.|d_|n_", "pair"),
    ("Y.|Y년|Y_|y.|y년 n분기", "year quarter"),
    ("d.|d년 n분기", "year2 quarter"),
    ("n분기", "quarter"),
    ("Y.|Y년|Y_|y.|y년|Y학년도|y학년도 n학기", "year semester"),
    ("d년 n학기", "year2 semester"),
    ("n학기", "semester"),
    ("Y학년도|y학년도|d학년도 d월|n월", "school-year month"),
    ("Y학년도|y학년도", "school-year"),
    ("d학년도", "school-year2"),
    ("Y회계연도|Y년|y년|y회계연도", "year"),
    ("y_|y.", "year"),
    ("Y_|Y.", "bare-year"),
    ("d년", "weak-year"),
    ("d월|n월", "month"),
    ("d일|n일", "weak-day"),
    ("d.|n.|d_|n_|d주|n주", "bare"),
)


def _signatures(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Role]]:
    for shape, roles in rows:
        for codes in product(*(place.split("|") for place in shape.split())):
            yield " ".join(codes), tuple(roles.split())


ROLES: dict[str, Role] = {}
for _signature, _roles in _signatures(NOTATIONS):
    ROLES.setdefault(_signature, _roles)

COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\d_-]|\.\w|[A-Za-z])")
ISO = re.compile(r"'?((?:19|20)\d\d|(?<=')\d\d|\d\d(?=-\d\d-\d\d))-(\d{1,2})(?:-(\d{1,2}))?(?![\d-]|호|[A-Za-z])")
SLASHED = re.compile(r"'?((?:19|20)\d\d|(?<=')\d\d|\d\d(?=/\d\d?/\d\d?))/(\d{1,2})(?:/(\d{1,2}))?(?![\d/]|[A-Za-z%])")
SLASH_PAIR = re.compile(r"(\d{1,2})/(\d{1,2})(?![\d/.%]|[A-Za-z])")
QUARTER = re.compile(rf"([1-4])(?:{S}/{S}|{S}·{S}(?=4{S}분기))4{S}분기")
APOSTROPHES = "'"

WORD = re.compile("|".join(f"(?P<w{i}>{word.pattern})" for i, word in enumerate(WORDS)))
PREFIX = re.compile(
    rf"(?<![가-힣])(?:(?P<next>오는|다가오는|돌아오는)|(?P<last>지난)|(?P<this>이번)){S}(?=['\d상하봄여가겨추설연])"
)
SEASON = re.compile(rf"{S}(봄|여름|가을|겨울)(?!방학|휴가|나기|맞이|호|꽃)철?")
PART = re.compile(
    rf"{S}(초순|상순|중순|하순|말경|초|말|중(?=순|{S}[~·]{S}(?:하순|말)|하순))(?:순)?"
    rf"(?:{S}(?:[~·,-]{S})(초순|상순|중순|하순|중|말)|(중순|하순))?"
    r"(?=$|[^가-힣]|까지|부터|에|경|쯤|께|께|이후|이전|이내|내(?![가-힣])|의|은|는|이면|무렵|기준|현재|예정|준공|착공|개관|개소|개최|완료|시행|추진|및"
    r"|발표|착수|수립|마감|접수|실시|운영|발주|계약|설치|로|으로|과|와|전(?![가-힣])|중(?![가-힣])|도|개통|개장|개원|입주|공고|선정)"
)
LAST_DAY_OF_MONTH = re.compile(rf"{S}(?:말일|마지막{S}날)")
NTH = re.compile(
    rf"{S}(?:(?P<ordinal>{ORDINAL})|제?{S}(?P<number>[1-6])(?=주|{S}번째))"
    rf"{S}(?:번째)?{S}(?:(?P<week>주(?:차|간)?(?:{S}(?P<inweek>[{WEEKDAYS}])요일|{S}\((?P<inbracket>[{WEEKDAYS}])\)|(?P<weekend>말))?)|(?P<weekday>[{WEEKDAYS}])요일)"
    r"(?=$|[^가-힣]|까지|부터|에|중(?![가-힣])|경|내|이후|이전|의|은|는|과|와|및)"
)
PRINTED_WEEKDAY = re.compile(rf"{S}(?:[(\[]{S}([{WEEKDAYS}])(?:요일)?(?={S}[)\],/·~]|{S}\d)|([{WEEKDAYS}])요일)")
WEEKDAY_CLOSE = re.compile(rf"{S}[)\]]")


def two_digit_year(value: int, ref: date) -> int:
    """Two digits are the year of that century that lies at most 20 years ahead of the reference date."""
    year = ref.year - ref.year % 100 + value
    return year - 100 if year > ref.year + 20 else year


def read_items(text: str, pos: int, limit: int = 3) -> list[Item]:
    """The numbers of a chain (`2024.`, `9월`, `3일`) from here on, at most `limit`."""
    items: list[Item] = []
    while len(items) < limit:
        found = ITEM.match(text, pos)
        if found is None:
            break
        digits = found["number"]
        value = int(digits)
        if len(digits) == 4:
            if not 1900 <= value <= 2100:
                break
            kind = "Y"
        elif len(digits) == 3 or (found["mark"] and len(digits) == 1):
            break
        elif found["mark"]:
            kind = "y"
        else:
            kind = "d" if len(digits) == 2 else "n"
        if items and kind in "Yy":
            break
        unit = UNITS[found["unit"].replace(" ", "")] if found["unit"] else "." if found["dot"] else "_"
        end = found.end()
        if unit == "_":
            end = found.end("number")
            if not BARE_END.match(text, end):
                break
        items.append(Item(value, kind + unit, end))
        if unit == "_":
            break
        pos = GAP.match(text, end).end()  # type: ignore[union-attr]
    return items


def read_point(text: str, pos: int, ref: date) -> Point | None:
    """The point that starts at `pos`, or None. The text's marks are plain (see LOOKALIKES)."""
    prefix = PREFIX.match(text, pos)
    direction = 0
    at = pos
    if prefix:
        direction = 1 if prefix["next"] else -1 if prefix["last"] else 0
        at = prefix.end()
    point = _read_numbers(text, at, ref) if text[at : at + 1] in "'0123456789" else _read_word(text, at, ref)
    if point is None and prefix and (season := SEASON.match(text, at)):
        point = Point(at, season.end(), Grain.SEASON, name=season[1])
    if point is None:
        return None
    point.start = pos
    if prefix:
        point.direction = direction
        if point.trust is Trust.NEEDS_HINT and point.grain is Grain.DAY:
            point.trust = Trust.SURE
    _read_beyond(text, point, ref)
    return point


def _read_numbers(text: str, pos: int, ref: date) -> Point | None:
    for notation in (COMPACT, ISO, SLASHED):
        if found := notation.match(text, pos):
            return _full_date(found, pos, ref)
    if found := QUARTER.match(text, pos):
        return Point(pos, found.end(), Grain.QUARTER, number=int(found[1]))
    if (found := SLASH_PAIR.match(text, pos)) and _is_month_day(int(found[1]), int(found[2])):
        return Point(pos, found.end(), Grain.DAY, Trust.NEEDS_HINT, month=int(found[1]), day=int(found[2]))
    items = read_items(text, pos)
    for count in range(len(items), 0, -1):
        taken = items[:count]
        roles = ROLES.get(" ".join(item.code for item in taken))
        if roles and (point := _assign(pos, taken, roles, ref)):
            return point
    return None


def _full_date(found: re.Match[str], pos: int, ref: date) -> Point | None:
    year = int(found[1])
    if year < 100:
        year = two_digit_year(year, ref)
    month, day = int(found[2]), int(found[3] or 0)
    if not 1 <= month <= 12 or day > 31 or (found[3] and day == 0):
        return None
    if day:
        return Point(pos, found.end(), Grain.DAY, year=year, month=month, day=day)
    if len(found[2]) == 1 and "-" in found[0]:  # 2024-9 is more often a number of a document than a month
        return None
    return Point(pos, found.end(), Grain.MONTH, year=year, month=month)


def _is_month_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= 31


def _assign(pos: int, items: list[Item], roles: Role, ref: date) -> Point | None:
    """Gives each number its role; None where a number cannot have it."""
    values = [item.value for item in items]
    end = items[-1].end
    point = Point(pos, end, Grain.BARE)
    if roles == ("triple",):
        if not (_is_month_day(values[1], values[2]) and _plausible_year(values[0], ref)):
            return None
        roles = ("year2", "month", "day")
    elif roles == ("pair",):
        return _assign_pair(point, items, ref)
    elif roles == ("bare",):
        return Point(pos, end, Grain.BARE, Trust.NEEDS_NEIGHBOUR, numbers=(values[0],))
    for role, value in zip(roles, values, strict=True):
        if role in ("year", "bare-year", "year2", "weak-year"):
            point.year = value if value >= 100 else two_digit_year(value, ref)
            point.grain = Grain.YEAR
            if role == "bare-year":
                point.trust = Trust.NEEDS_NEIGHBOUR
            elif role == "weak-year":
                point.trust = Trust.NEEDS_HINT
        elif role in ("school-year", "school-year2"):
            point.year = value if value >= 100 else two_digit_year(value, ref)
            point.grain = Grain.SCHOOL_YEAR
        elif role == "month":
            if not 1 <= value <= 12:
                return None
            if point.grain is Grain.SCHOOL_YEAR and value < 3 and point.year is not None:
                point.year += 1
            point.month, point.grain = value, Grain.MONTH
        elif role in ("day", "weak-day"):
            if not 1 <= value <= 31:
                return None
            point.day, point.grain = value, Grain.DAY
            if role == "weak-day":
                point.trust = Trust.NEEDS_HINT
        elif role == "week":
            if not 1 <= value <= 6:
                return None
            point.number, point.grain = value, Grain.WEEK
        elif role == "quarter":
            if not 1 <= value <= 4:
                return None
            point.number, point.grain = value, Grain.QUARTER
        elif role == "semester":
            if not 1 <= value <= 2:
                return None
            point.number, point.grain = value, Grain.SEMESTER
    if point.grain is Grain.DAY and items[-1].code.endswith(("_", ".")):
        point.numbers = tuple(values[1:]) if len(values) == 3 else ()
    return point


def _plausible_year(value: int, ref: date) -> bool:
    """Whether two unmarked digits may be a year: from 25 years back to 10 ahead."""
    return -25 <= two_digit_year(value, ref) - ref.year <= 10


def _assign_pair(point: Point, items: list[Item], ref: date) -> Point | None:
    """`9.30.` is month and day, `24.9.` year and month; both only where the text hints at a date."""
    first, second = items[0].value, items[1].value
    point.trust = Trust.NEEDS_HINT
    point.numbers = (first, second)
    if _is_month_day(first, second):
        point.month, point.day, point.grain = first, second, Grain.DAY
    elif items[0].code[0] == "d" and 1 <= second <= 12 and _plausible_year(first, ref):
        point.year, point.month, point.grain = two_digit_year(first, ref), second, Grain.MONTH
    else:
        return None
    return point


def _read_word(text: str, pos: int, ref: date) -> Point | None:
    found = WORD.match(text, pos)
    if found is None or found.lastgroup is None:
        return None
    word = WORDS[int(found.lastgroup[1:])]
    end = found.end()
    value = word.value
    if isinstance(value, str):
        return Point(pos, end, Grain.HOLIDAY, name=value)
    if word.role == "year":
        return _after_year(text, Point(pos, end, Grain.YEAR, year=ref.year + value), ref)
    if word.role == "same-year":
        return _after_year(text, Point(pos, end, Grain.YEAR, years_on=value), ref)
    if word.role == "same-month":
        return _after_month(text, Point(pos, end, Grain.MONTH, same_month=True))
    if word.role == "month":
        months = ref.year * 12 + ref.month - 1 + value
        return _after_month(text, Point(pos, end, Grain.MONTH, year=months // 12, month=months % 12 + 1))
    if word.role in ("week", "weekend"):
        monday = monday_of(ref) + timedelta(weeks=value)
        if word.role == "weekend":
            saturday = monday + timedelta(days=5)
            weekend = Window(saturday, saturday + timedelta(days=1), Precision.RANGE)
            return Point(pos, end, Grain.WEEK, window=weekend)
        weekday = re.compile(rf"{S}([{WEEKDAYS}])요일|{S}\(([{WEEKDAYS}])\)").match(text, end)
        if weekday:
            day = monday + timedelta(days=WEEKDAYS.index(weekday[1] or weekday[2]))
            return Point(pos, weekday.end(), Grain.DAY, window=Window(day, day, Precision.DAY))
        return Point(pos, end, Grain.WEEK, window=week_from(monday))
    if word.role == "day":
        day = ref + timedelta(days=value)
        return Point(pos, end, Grain.DAY, window=Window(day, day, Precision.DAY))
    if word.role == "half":
        return Point(pos, end, Grain.HALF if value else Grain.YEAR, number=value)
    if word.role == "edge":
        return Point(pos, end, Grain.MONTH, month=value)
    return Point(pos, end, Grain.YEAR, within=True)


def _after_year(text: str, point: Point, ref: date) -> Point:
    """The month, day or span after a relative year (내년 3월 2일, 올 하반기)."""
    at = GAP.match(text, point.end).end()  # type: ignore[union-attr]
    rest = None
    if text[at : at + 1].isdigit():
        rest = _read_numbers(text, at, ref)
    if rest and rest.year is None and rest.grain not in (Grain.BARE,):
        if rest.trust is Trust.NEEDS_HINT and rest.month is None:
            return point
        rest.year, rest.years_on, rest.trust = point.year, point.years_on, Trust.SURE
        return rest
    return point


def _after_month(text: str, point: Point) -> Point:
    """The day after a relative month (내달 5일)."""
    at = GAP.match(text, point.end).end()  # type: ignore[union-attr]
    items = read_items(text, at, 1)
    if items and items[0].code[1:] == "일" and 1 <= items[0].value <= 31:
        point.day, point.grain, point.end = items[0].value, Grain.DAY, items[0].end
    elif items and items[0].code[1:] == "주" and items[0].value <= 6:
        point.number, point.grain, point.end = items[0].value, Grain.WEEK, items[0].end
    return point


def _read_beyond(text: str, point: Point, ref: date) -> None:
    """What follows the numbers: a span of the year, a part or week of the month, the weekday of the day."""
    if point.grain is Grain.YEAR and point.number == 0 and not point.within:
        _read_span_of_year(text, point, ref)
    if point.grain is Grain.MONTH and point.window is None:
        _read_part_of_month(text, point)
    elif point.grain in (Grain.HALF, Grain.QUARTER, Grain.SEASON, Grain.HOLIDAY) and point.number:
        if (part := PART.match(text, point.end)) and not part[2] and not part[3] and part[1] in ("초", "말"):
            _edge_of_span(point, part[1])
            point.end = part.end(1)
    if point.grain is Grain.DAY or point.grain is Grain.HOLIDAY:
        if found := PRINTED_WEEKDAY.match(text, point.end):
            point.printed_weekday = found[1] or found[2]
            point.end = found.end()
            if found[1] and (close := WEEKDAY_CLOSE.match(text, point.end)):
                point.end = close.end()
            if point.trust is Trust.NEEDS_HINT:
                point.trust = Trust.SURE
    if point.grain is Grain.WEEK and point.window is None:
        if found := re.compile(rf"{S}([{WEEKDAYS}])요일").match(text, point.end):
            point.weekday, point.end = WEEKDAYS.index(found[1]), found.end()


def _edge_of_span(point: Point, part: str) -> None:
    """상반기 말, 3분기 초: the last or first month of the span."""
    length = 6 if point.grain is Grain.HALF else 3
    if point.grain in (Grain.HALF, Grain.QUARTER):
        point.month = point.number * length if part == "말" else point.number * length - length + 1
        point.grain, point.number = Grain.MONTH, 0


def _read_span_of_year(text: str, point: Point, ref: date) -> None:
    at = GAP.match(text, point.end).end()  # type: ignore[union-attr]
    if found := WORD.match(text, at):
        word = WORDS[int((found.lastgroup or "w0")[1:])]
        value = word.value
        if word.role == "half" and isinstance(value, int):
            point.grain, point.number, point.end = (Grain.HALF if value else Grain.YEAR), value, found.end()
        elif word.role == "edge" and isinstance(value, int):
            point.grain, point.month, point.end = Grain.MONTH, value, found.end()
        elif word.role == "within":
            point.within, point.end = True, found.end()
        elif isinstance(value, str):
            point.grain, point.name, point.end = Grain.HOLIDAY, value, found.end()
        else:
            return
        point.trust = Trust.SURE
    elif found := SEASON.match(text, point.end):
        point.grain, point.name, point.end, point.trust = Grain.SEASON, found[1], found.end(), Trust.SURE
    elif found := QUARTER.match(text, at):
        point.grain, point.number, point.end, point.trust = Grain.QUARTER, int(found[1]), found.end(), Trust.SURE
    elif (found := PART.match(text, point.end)) and not found[2] and not found[3] and found[1] in ("초", "말"):
        point.month = 1 if found[1] == "초" else 12
        point.grain, point.end, point.trust = Grain.MONTH, found.end(1), Trust.SURE
    elif text[at : at + 1].isdigit():
        items = read_items(text, at, 1)
        if items and items[0].code == "n분기" and 1 <= items[0].value <= 4:
            point.grain, point.number, point.end = Grain.QUARTER, items[0].value, items[0].end
            point.trust = Trust.SURE


def _read_part_of_month(text: str, point: Point) -> None:
    if found := LAST_DAY_OF_MONTH.match(text, point.end):
        point.day, point.grain, point.end = 31, Grain.DAY, found.end()
    elif found := PART.match(text, point.end):
        first, last = found[1][0], (found[2] or found[3] or found[1])[0]
        named = {"초": "초", "상": "초", "중": "중", "하": "말", "말": "말"}
        point.parts = (named[first], named[last])
        point.grain, point.end = Grain.PART, found.end()
    elif found := NTH.match(text, point.end):
        point.number = ORDINALS[found["ordinal"]] if found["ordinal"] else int(found["number"])
        point.grain, point.end = Grain.WEEK, found.end()
        weekday = found["weekday"] or found["inweek"] or found["inbracket"]
        if found["weekday"]:
            point.name = "nth"
        if weekday:
            point.weekday = WEEKDAYS.index(weekday)
    else:
        return
    point.trust = Trust.SURE


__all__ = ["LAST", "Grain", "Point", "Trust", "read_items", "read_point", "two_digit_year"]
