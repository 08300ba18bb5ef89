"""Reads the numbers of a date (`2024. 9. 3.`, `'24년 9월`, `20240903`) by a table of notations."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product
from typing import NamedTuple

from schedules.dates_points import Grain, Point, Trust, two_digit_year
from schedules.dates_words import ACTS, NOT_HANGUL, S

# The kinds of numbers: Y four digits, y two digits after a year mark, d two digits, n one digit. After the kind stands
# the unit, a full stop, or _ for neither. Alternatives of one place are split by |; the first row that fits counts.
NOTATIONS: tuple[tuple[str, str], ...] = (
    ("Y.|Y년|Y_|y.|y년|y_ d.|n.|d월|n월 d.|n.|d일|n일|d_|n_", "year month day"),
    ("d.|d년 d.|n.|d월|n월 d일|n일", "year2 month day"),
    ("d.|d년 d월|n월 d.|n.|d_|n_", "year2 month day"),
    ("d년 d.|n. d.|n.|d_|n_", "year2 month day"),
    ("d. d.|n. d.|n.|d_|n_", "maybe-year2 month day"),
    ("n. d.|n. d.|n.|d_|n_", "none"),
    ("Y.|Y년|Y_|y.|y년|y_ d월|n월 d주|n주", "year month week"),
    ("d.|d년 d월|n월 d주|n주", "year2 month week"),
    ("Y.|Y년|y.|y년 d.|n.|d월|n월|d_|n_", "year month"),
    ("Y_|y_ d월|n월", "year month"),
    ("d년 d.|n.|d월|n월|d_|n_", "year2 month"),
    ("d. d월|n월", "year2 month"),
    ("d월|n월 d일|n일|d.|n.|d_|n_", "month day"),
    ("d.|n. d일|n일", "month day"),
    ("d월|n월 d주|n주", "month week"),
    ("d.|n. d.|n.|d_|n_", "pair"),
    ("Y.|Y년|Y_|y.|y년|y_ n분기", "year quarter"),
    ("d.|d년 n분기", "year2 quarter"),
    ("n분기", "quarter"),
    ("Y.|Y년|Y_|y.|y년|y_|Y학년도|y학년도 n학기", "year semester"),
    ("d년|d학년도 n학기", "year2 semester"),
    ("n학기", "semester"),
    ("Y학년도|y학년도 d월|n월", "school-year month"),
    ("Y학년도|y학년도", "school-year"),
    ("d학년도", "school-year2"),
    ("Y회계연도|Y년|y년|y회계연도|y_|y.", "year"),
    ("Y_|Y.", "bare-year"),
    ("d년", "weak-year2"),
    ("d월|n월", "month"),
    ("d일|n일", "weak-day"),
    ("n주", "bare-week"),
    ("d.|n.|d_|n_", "bare"),
)
LIMITS = {
    **dict.fromkeys(("year", "bare-year", "school-year"), (0, 2100)),
    **dict.fromkeys(("year2", "maybe-year2", "weak-year2", "school-year2", "bare"), (0, 99)),
    "quarter": (1, 4),
    "semester": (1, 2),
    "month": (1, 12),
    **dict.fromkeys(("week", "bare-week"), (1, 6)),
    **dict.fromkeys(("day", "weak-day"), (1, 31)),
    "none": (1, 0),
}
GRAINS = {
    **dict.fromkeys(("year", "bare-year", "year2", "maybe-year2", "weak-year2"), Grain.YEAR),
    **dict.fromkeys(("school-year", "school-year2"), Grain.SCHOOL_YEAR),
    "quarter": Grain.QUARTER,
    "semester": Grain.SEMESTER,
    "month": Grain.MONTH,
    **dict.fromkeys(("week", "bare-week"), Grain.WEEK),
    **dict.fromkeys(("day", "weak-day"), Grain.DAY),
    "bare": Grain.BARE,
}
TRUST = {
    **dict.fromkeys(("bare-year", "bare-week", "bare"), Trust.NEEDS_NEIGHBOUR),
    **dict.fromkeys(("weak-year2", "weak-day"), Trust.NEEDS_HINT),
}

# A unit that a length, an age or a name has is none of a date: 3년간, 4년차, 1일당, 월드컵, 주민.
JOSA = rf"(?:{NOT_HANGUL}|[은는이가을를의에와과도로만])"
UNIT = (
    rf"학년도|회계{S}연도|년도|년(?![간차대짜째월]|단위|[형산식판분생]{JOSA}|동안|제(?![0-9 ]))"
    rf"|월(?!드|간|요일|{S}호{JOSA}|[생분]{JOSA}|령|{S}유신|의(?!{S}(?:첫|마지막|[둘셋넷]째))|{S}(?:항쟁|혁명|민주))|일(?![간차째당권치]|동안|[장반제]{NOT_HANGUL})|사?분기(?!분{NOT_HANGUL})|학기(?!당)"
    rf"|주차|주{NOT_HANGUL}|주(?=까지|부터|중|에|[월화수목금토일]요일)"
)
ITEM = re.compile(
    rf"('{S})?(?:제{S}(?=[1-4]{S}(?:분기|학기)))?(\d{{1,4}})(?!\d)(?:{S}(?:({UNIT})(?:(?<=[년도])\.)?|(\.)(?!\d{{3}}|\.)))?"
)
SAME_UNIT = {"년도": "년", "사분기": "분기", "주차": "주"}
# A number without a unit or stop ends the chain, and only before what may follow a date.
END = re.compile(
    r"(?=$|[^\w%㎡㎢㎥°℃:+×*=\"'/$￦₩.<&^([]|[(\[](?! *\d{3})|/\D|\.(?:\D|$)"
    rf"|까지|부터|이후|이전|이내|[은는에경자]{NOT_HANGUL}|자로|쯤|께|기준|현재|오전|오후|및|[와과] "
    rf"|:(?!\d)|계획|추진|계약|{ACTS})"
)

# What goes on after a stop with more digits is a decimal, unless they are a time.
DECIMAL = re.compile(r"\d+(?![\d:./시Q])")
UNBROKEN = re.compile(rf"'?\d+(?:[-/Q·]|(?<=\d{{8}})|{S}/)")
COMPACT = re.compile(r"'?((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\d_]|-\d|\.\w|[A-Za-z])")
ISO = re.compile(
    r"'?((?:19|20)\d\d|(?<=')\d\d|\d\d(?=-\d\d-\d\d))-(\d\d?)(?:-(\d\d?))?(?![\d']|-\d|호|(?!T\d\d?:)[A-Za-z])"
)
SLASHED = re.compile(
    rf"'?((?:19|20)\d\d|(?<=')\d\d|\d\d(?=/\d\d?/\d\d?))/(\d\d?)(?:/(\d\d?))?(?![\d/]|[A-Za-z%호]|{S}학기)"
)
DOTTED = re.compile(r"'?((?:19|20)\d\d)·(\d\d?)·(\d\d?)(?!\d)·?")
SLASH_PAIR = re.compile(r"(\d\d?)/(\d\d?)(?![\d/.%]|[A-Za-z])")
QUARTER = re.compile(rf"([1-4])(?:{S}/{S}4{S}분기|Q(?!\w))")
DASH_PAIR = re.compile(r"(\d\d?)-(\d\d?)(?![\d-])")
YEAR_SEMESTER = re.compile(rf"((?:19|20)\d\d)-([12]){S}학기")

NEAR_YEARS = 4
"""How far from the reference date two digits without a year mark are read as a year without a hint."""
LIST_MARKS = " -*#·○□◦▪■●"


class Item(NamedTuple):
    """A number of a chain, with its kind and unit (`Y.`, `n월`), and where it ends."""

    value: int
    code: str
    end: int


def _signatures(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for shape, roles in rows:
        for codes in product(*(place.split("|") for place in shape.split())):
            yield " ".join(codes), tuple(roles.split())


ROLES: dict[str, tuple[str, ...]] = {}
for _signature, _roles in _signatures(NOTATIONS):
    ROLES.setdefault(_signature, _roles)


def read_numbers(text: str, pos: int, ref: date) -> Point | None:
    """The point that the numbers at `pos` name, by the longest notation that fits."""
    if UNBROKEN.match(text, pos) and (special := _read_unbroken(text, pos, ref)):
        return special[0]
    items = read_items(text, pos)
    if any(item.value == 0 and item.code[0] != "y" for item in items):  # a form's blank: 2024. 00. 00., 00년
        return None
    for count in range(len(items), 0, -1):
        taken = items[:count]
        roles = ROLES.get(" ".join(item.code for item in taken))
        if roles is None or _is_list_number(text, pos, taken, roles, ref):
            continue
        if point := _assign(pos, taken, roles, ref):
            return point
        if _is_impossible(taken, roles):
            return Point(pos, taken[-1].end, Grain.DAY, impossible=True)
        if roles[0] in ("none", "maybe-year2"):
            # Three numbers that are no date are none in part either, unless the first numbers a list's entry.
            listed = at_line_head(text, pos) and " " in text[pos : items[0].end + 1]
            return None if listed else Point(pos, items[2].end, Grain.BARE, Trust.NEEDS_NEIGHBOUR)
    return None


def _read_unbroken(text: str, pos: int, ref: date) -> tuple[Point | None] | None:
    """Dates with hyphens, slashes or nothing between their numbers; a notation that fits settles it, valid or not."""
    if found := YEAR_SEMESTER.match(text, pos):
        return (Point(pos, found.end(), Grain.SEMESTER, year=int(found[1]), number=int(found[2])),)
    for notation in (COMPACT, ISO, SLASHED, DOTTED):
        if found := notation.match(text, pos):
            return (_from_digits(found, pos, ref),)
    if found := QUARTER.match(text, pos):
        return (Point(pos, found.end(), Grain.QUARTER, number=int(found[1])),)
    if (found := SLASH_PAIR.match(text, pos)) and (point := month_and_day(found)):
        point.trust, point.numbers = Trust.NEEDS_HINT, (int(found[1]), int(found[2]))
        return (point,)
    return None


def read_items(text: str, pos: int, limit: int = 3) -> list[Item]:
    """The numbers of a chain (`2024.`, `9월`, `3일`) from `pos` on, at most `limit`."""
    items: list[Item] = []
    while len(items) < limit and (found := ITEM.match(text, pos)):
        mark, digits, unit, stop = found.groups()
        value, length = int(digits), len(digits)
        if length == 3 or (length == 4 and not 1900 <= value <= 2100) or (mark and length == 1):
            break
        kind = "Y" if length == 4 else "y" if mark else "d" if length == 2 else "n"
        if items and kind in "Yy":
            break
        end = found.end()
        if unit:
            unit = unit.replace(" ", "")
            name = SAME_UNIT.get(unit, unit)
        elif stop:
            name = "."
        elif END.match(text, end):
            name = "_"
        else:
            break
        items.append(Item(value, kind + name, end))
        pos = skip_blanks(text, end)
        # Without a stop only a year goes on, over a blank, to a number with a unit (`2024 9월`).
        if name == "_" and (kind not in "Yy" or pos == end):
            return items
    if items and items[-1].code[1] == "." and DECIMAL.match(text, items[-1].end):
        items.pop()
    return items


def skip_blanks(text: str, pos: int) -> int:
    """Where the next piece of the same date may stand."""
    for _ in range(4):
        if text[pos : pos + 1] != " ":
            break
        pos += 1
    return pos


def month_and_day(found: re.Match[str]) -> Point | None:
    """Two numbers as month and day (`10-31`, `9/3`)."""
    month, day = int(found[1]), int(found[2])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return Point(found.start(), found.end(), Grain.DAY, month=month, day=day)


def at_line_head(text: str, pos: int) -> bool:
    """Whether only marks of a list stand before `pos` on its line."""
    before = text[max(0, pos - 12) : pos]
    return ("\n" in before or pos <= len(before)) and not before.rpartition("\n")[2].strip(LIST_MARKS)


def _from_digits(found: re.Match[str], pos: int, ref: date) -> Point | None:
    year, month = int(found[1]), int(found[2])
    if year < 100:
        year = two_digit_year(year, ref)
    if not 1 <= month <= 12:
        return None
    if found[3] is not None:
        day = int(found[3])
        return Point(pos, found.end(), Grain.DAY, year=year, month=month, day=day) if 1 <= day <= 31 else None
    # 2024-9 is more often a number of a document than a month.
    if len(found[2]) == 1 and found.re is ISO:
        return None
    return Point(pos, found.end(), Grain.MONTH, year=year, month=month)


def _assign(pos: int, items: list[Item], roles: tuple[str, ...], ref: date) -> Point | None:
    """Gives each number its role; None where a number cannot have it."""
    if roles == ("pair",):
        return _assign_pair(pos, items, ref)
    point = Point(pos, items[-1].end, Grain.BARE)
    point.open_unit = items[-1].code[1] == "_"
    for role, item in zip(roles, items, strict=True):
        value = item.value
        low, high = LIMITS[role]
        if not low <= value <= high or (role == "maybe-year2" and not plausible_year(value, ref)):
            return None
        grain = GRAINS[role]
        if grain in (Grain.YEAR, Grain.SCHOOL_YEAR):
            point.two_digits = value < 100
            point.year = two_digit_year(value, ref) if point.two_digits else value
        elif grain is Grain.MONTH:
            # January and February end the school year that bears the year before.
            if point.grain is Grain.SCHOOL_YEAR and value < 3 and point.year:
                point.year += 1
            point.month = value
        elif grain is Grain.DAY:
            point.day = value
        elif grain is Grain.BARE:
            point.numbers = (value,)
        else:
            point.number = value
        point.grain, point.trust = grain, TRUST.get(role, Trust.SURE)
    return point


def _is_impossible(items: list[Item], roles: tuple[str, ...]) -> bool:
    """Whether numbers printed as a year, month and day, or with 월 and 일, lie outside any calendar."""
    if roles == ("year", "month", "day"):
        return items[0].code[0] in "Yy" and LIMITS["year"][1] >= items[0].value
    return roles in (("month", "day"), ("year", "month")) and all(item.code[1:] in ("년", "월", "일") for item in items)


def _assign_pair(pos: int, items: list[Item], ref: date) -> Point | None:
    """`9.30.` is month and day, `24.9.` year and month; both only where the text hints at a date."""
    first, second = items[0].value, items[1].value
    point = Point(pos, items[1].end, Grain.DAY, Trust.NEEDS_HINT, numbers=(first, second))
    if 1 <= first <= 12 and 1 <= second <= 31:
        point.month, point.day = first, second
        return point
    if items[0].code[0] == "d" and 1 <= second <= 12 and plausible_year(first, ref):
        point.year, point.month, point.grain = two_digit_year(first, ref), second, Grain.MONTH
        point.two_digits = True
        return point
    return None


def plausible_year(value: int, ref: date) -> bool:
    """Whether two unmarked digits may be a year: from 25 years back to 10 ahead."""
    return -25 <= two_digit_year(value, ref) - ref.year <= 10


def _is_list_number(text: str, pos: int, items: list[Item], roles: tuple[str, ...], ref: date) -> bool:
    """`12. 9월 추진계획` at the head of a line: a number of a list, unless it is a year near the reference date."""
    if (
        items[0].code != "d."
        or roles[0] not in ("year2", "maybe-year2")
        or text[items[0].end : items[0].end + 1] != " "
    ):
        return False
    return at_line_head(text, pos) and abs(two_digit_year(items[0].value, ref) - ref.year) > NEAR_YEARS
