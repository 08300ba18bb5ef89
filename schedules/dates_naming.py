"""Reads one point of time from a text: its numbers or words, and what narrows them (part, week, weekday, half)."""

import re
from dataclasses import replace
from datetime import date, timedelta

from schedules.dates_expression import Precision
from schedules.dates_numbers import QUARTER, read_items, read_numbers, skip_blanks
from schedules.dates_points import PART_NAMES, Grain, Point, Trust, two_digit_year
from schedules.dates_windows import WEEKDAYS, Window, monday_of, week_from
from schedules.dates_words import ENGLISH_WEEKDAYS, GLUED_END, ORDINAL, ORDINALS, WORDS, S, Word, next_mark

WORD = re.compile("|".join(f"(?P<w{i}>{word.pattern})" for i, word in enumerate(WORDS)))
PREFIX = re.compile(
    r"(?<![가-힣])(?:(?P<next>오는|다가오는|돌아오는|다음)|(?P<last>지난)|(?P<this>이번))"
    rf"{S}(?=['\d상하봄여가겨추설연한어부석현제광개성크신{WEEKDAYS}])"
)
NEXT_WEEKDAY = re.compile(rf"([{WEEKDAYS}])요일")
MORE_DAYS = re.compile(rf"{S}[~,·]{S}\d{{1,2}}일|\([{WEEKDAYS}]\)")
MORE_OF_YEAR = re.compile(rf"(?:{S}[~,·]{S}\d{{1,2}})+{S}(?:(?P<month>월)|(?P<quarter>분기))")
SEASON = re.compile(rf"{S}(봄|여름|가을|겨울)(?!방학|휴가|나기|맞이|호|꽃|밤)철?")
PART = re.compile(
    rf"{S}([초상上중하下]순|초|말|상(?={S}·{S}중순)|중(?={S}[~·]{S}(?:하순|말)|하순))"
    rf"(?:{S}[~·,-]{S}([초상上중하下]순|중|말)|([중하]순))?" + GLUED_END
)
DAY_WORD = re.compile(rf"{S}(?:(말일|마지막{S}날)|첫날)")
NTH = re.compile(
    rf"{S}(?:(?P<ordinal>{ORDINAL})(?:{S}[~·,]{S}(?P<last>{ORDINAL}))?|제?{S}(?P<number>[1-6])(?=주|째|{S}번째)){S}(?:번?째)?{S}"
    rf"(?:주(?:차|간)?{S}(?P<weekend>주?말)|주(?:차|간)?(?:{S}(?P<inweek>[{WEEKDAYS}])요일|{S}\((?P<inbracket>[{WEEKDAYS}])\))?|(?P<weekday>[{WEEKDAYS}])요일)"
    + GLUED_END
)
WITHIN_MONTH = frozenset(word[0] for word in (*PART_NAMES, *ORDINALS, "제", *"123456"))
ENGLISH = rf"(?i:{'|'.join(ENGLISH_WEEKDAYS)})\.?(?![A-Za-z])"
PRINTED_WEEKDAY = re.compile(
    rf"{S}(?:[(\[]{S}([{WEEKDAYS}]|{ENGLISH})(?:요일)?(?={S}[)\],/·~]|{S}\d)|([{WEEKDAYS}])요일|({ENGLISH}))"
)
WEEKDAY_MARKS = frozenset("([MTWFSmtwfs" + WEEKDAYS)
LUNAR = re.compile(rf"음력{S}(?=['\d])")
CLOSE = re.compile(rf"{S}[)\]]")
WEEKDAY_OF_WEEK = re.compile(rf"{S}(?:([{WEEKDAYS}])요일|\(([{WEEKDAYS}])\))")


def read_point(text: str, pos: int, ref: date) -> Point | None:
    """The point that starts at `pos`, or None. The text's marks are plain (see LOOKALIKES)."""
    if text[pos : pos + 1] in "'0123456789":
        point = read_numbers(text, pos, ref)
    elif lunar := LUNAR.match(text, pos):
        point = _lunar_day(text, lunar.end(), ref)
    elif prefix := PREFIX.match(text, pos):
        point = _after_prefix(text, prefix, ref) or _read_word(text, pos, ref)
    else:
        point = _read_word(text, pos, ref)
    if point is None:
        return None
    point.start = pos
    _narrow(text, point, ref)
    return point


def _lunar_day(text: str, pos: int, ref: date) -> Point | None:
    """The day of the lunar calendar that stands after 음력."""
    point = read_numbers(text, pos, ref)
    if point is not None and point.grain is Grain.DAY:
        point.lunar, point.trust = True, Trust.SURE
    return point


def _after_prefix(text: str, prefix: re.Match[str], ref: date) -> Point | None:
    """오는, 지난 or 이번 before a day, month or span; alone they mean nothing here."""
    at = prefix.end()
    direction = 1 if prefix["next"] else -1 if prefix["last"] else 0
    if weekday := NEXT_WEEKDAY.match(text, at):
        return Point(at, weekday.end(), Grain.DAY, window=_weekday_near(ref, WEEKDAYS.index(weekday[1]), prefix))
    if prefix["next"] == "다음":
        return None
    if text[at] in "'0123456789":
        point = read_numbers(text, at, ref)
    elif season := SEASON.match(text, at):
        point = Point(at, season.end(), Grain.SEASON, name=season[1])
    else:
        point = _read_word(text, at, ref)
    if point is None:
        return None
    point.direction = direction
    # 지난 20년 is a length, 지난 20일 a day.
    if point.trust is Trust.NEEDS_HINT and point.grain is Grain.DAY:
        point.trust = Trust.SURE
    return point


def _weekday_near(ref: date, weekday: int, prefix: re.Match[str]) -> Window:
    """오는 토요일: the next one, today included; 지난 토요일: the last one before today; 이번, 다음: of that week."""
    if prefix["last"]:
        day = ref - timedelta(days=(ref.weekday() - weekday - 1) % 7 + 1)
    elif prefix["this"] or prefix["next"] == "다음":
        day = monday_of(ref) + timedelta(days=weekday, weeks=0 if prefix["this"] else 1)
    else:
        day = ref + timedelta(days=(weekday - ref.weekday()) % 7)
    return Window(day, day, Precision.DAY)


def _read_word(text: str, pos: int, ref: date) -> Point | None:
    found = _word_at(text, pos)
    if found is None:
        return None
    word, end = found
    value = word.value
    if isinstance(value, str):
        return Point(pos, end, Grain.HOLIDAY, name=value)
    match word.role:
        case "year":
            return _after_year(text, Point(pos, end, Grain.YEAR, year=ref.year + value, relative=True), ref)
        case "same-year":
            return _after_year(text, Point(pos, end, Grain.YEAR, years_on=value), ref)
        case "same-month":
            return _after_month(text, Point(pos, end, Grain.MONTH, same_month=True))
        case "month":
            months = ref.year * 12 + ref.month - 1 + value
            return _after_month(text, Point(pos, end, Grain.MONTH, year=months // 12, month=months % 12 + 1))
        case "week":
            return _after_week(text, pos, end, monday_of(ref) + timedelta(weeks=value))
        case "weekend":
            saturday = monday_of(ref) + timedelta(weeks=value, days=5)
            return Point(pos, end, Grain.WEEK, window=Window(saturday, saturday + timedelta(days=1), Precision.RANGE))
        case "day":
            day = ref + timedelta(days=value)
            return Point(pos, end, Grain.DAY, window=Window(day, day, Precision.DAY))
        case "half":
            return Point(pos, end, Grain.HALF if value else Grain.YEAR, number=value)
        case "edge":
            return Point(pos, end, Grain.MONTH, month=value)
        case _:
            return Point(pos, end, Grain.YEAR, within=True)


def _word_at(text: str, pos: int) -> tuple[Word, int] | None:
    """The word of the vocabulary at `pos`, after blanks, and where it ends."""
    found = WORD.match(text, skip_blanks(text, pos))
    return (WORDS[int(found.lastgroup[1:])], found.end()) if found and found.lastgroup else None


def _after_year(text: str, point: Point, ref: date) -> Point:
    """The month or day after a relative year (내년 3월 2일)."""
    at = skip_blanks(text, point.end)
    if not text[at : at + 1].isdigit():
        return point
    rest = read_numbers(text, at, ref)
    if rest is not None and rest.grain is Grain.BARE and (more := MORE_OF_YEAR.match(text, rest.end)):
        number = rest.numbers[0] if rest.numbers else 0
        if more["month"] and 1 <= number <= 12:
            rest.month, rest.grain = number, Grain.MONTH
        elif more["quarter"] and 1 <= number <= 4:
            rest.number, rest.grain = number, Grain.QUARTER
    if rest is None or rest.year is not None or (rest.month is None and rest.number == 0) or rest.grain is Grain.BARE:
        return point
    rest.year, rest.years_on, rest.relative, rest.trust = point.year, point.years_on, point.relative, Trust.SURE
    return rest


def _after_month(text: str, point: Point) -> Point:
    """The day or week after a relative month (내달 5일)."""
    items = read_items(text, skip_blanks(text, point.end), 1)
    if items and items[0].code[1:] == "일" and 1 <= items[0].value <= 31:
        point.day, point.grain, point.end = items[0].value, Grain.DAY, items[0].end
    elif items and items[0].code[1:] == "주" and 1 <= items[0].value <= 6:
        point.number, point.grain, point.end = items[0].value, Grain.WEEK, items[0].end
    elif items and items[0].code[1:] == "_" and 1 <= items[0].value <= 31 and MORE_DAYS.match(text, items[0].end):
        point.day, point.grain, point.end, point.open_unit = items[0].value, Grain.DAY, items[0].end, True
    return point


def _after_week(text: str, start: int, end: int, monday: date) -> Point:
    if weekday := WEEKDAY_OF_WEEK.match(text, end):
        day = monday + timedelta(days=WEEKDAYS.index(weekday[1] or weekday[2]))
        return Point(start, weekday.end(), Grain.DAY, window=Window(day, day, Precision.DAY))
    return Point(start, end, Grain.WEEK, window=week_from(monday))


# What follows the numbers or the word and narrows them.


def _narrow(text: str, point: Point, ref: date) -> None:
    grain = point.grain
    if grain is Grain.BARE:
        _narrow_bare(text, point, ref)
    elif grain is Grain.YEAR and not point.within:
        _narrow_year(text, point)
    elif grain in (Grain.HALF, Grain.QUARTER):
        _narrow_span(text, point)
    if point.grain is Grain.MONTH and point.window is None:
        _narrow_month(text, point)
    if point.grain is Grain.WEEK and point.window is None and (found := WEEKDAY_OF_WEEK.match(text, point.end)):
        point.weekday, point.end = WEEKDAYS.index(found[1] or found[2]), found.end()
    elif point.grain in (Grain.DAY, Grain.BARE):
        _read_printed_weekday(text, point)


def _read_printed_weekday(text: str, point: Point) -> None:
    if next_mark(text, point.end) in WEEKDAY_MARKS and (found := PRINTED_WEEKDAY.match(text, point.end)):
        printed = found[1] or found[2] or found[3]
        point.printed_weekday = ENGLISH_WEEKDAYS.get(printed[:3].lower(), printed)
        point.end = found.end()
        if found[1] and (close := CLOSE.match(text, point.end)):
            point.end = close.end()
        if point.trust is Trust.NEEDS_HINT:
            point.trust = Trust.SURE


def _narrow_bare(text: str, point: Point, ref: date) -> None:
    """`24. 상반기` is a year, `12. 말` a month."""
    if not point.numbers:
        return
    value = point.numbers[0]
    if text[point.end - 1] != ".":
        return
    if 1 <= value <= 12 and PART.match(text, point.end):
        point.month, point.grain, point.trust = value, Grain.MONTH, Trust.SURE
    elif value > 12 and (found := _word_at(text, point.end)) and found[0].role == "half":
        point.year, point.two_digits, point.trust = two_digit_year(value, ref), True, Trust.SURE
        point.grain = Grain.YEAR
        _narrow_year(text, point)


def _narrow_span(text: str, point: Point) -> None:
    """상반기 말, 3분기 초: the last or first month of the span."""
    edge = _edge_at(text, point.end)
    if edge is None:
        return
    length = 6 if point.grain is Grain.HALF else 3
    last = point.number * length
    point.month = last if edge[1] == "말" else last - length + 1
    point.grain, point.number, point.end = Grain.MONTH, 0, edge.end(1)


def _edge_at(text: str, pos: int) -> re.Match[str] | None:
    """초 or 말 alone, of a span longer than a month."""
    part = PART.match(text, pos)
    return part if part and part[1] in ("초", "말") and not part[2] and not part[3] else None


def _narrow_year(text: str, point: Point) -> None:
    if found := _word_at(text, point.end):
        word, end = found
        if not _narrow_by_word(point, word):
            return
        point.end, point.trust = end, Trust.SURE
        if point.grain is Grain.HALF:
            _narrow_span(text, point)
    elif season := SEASON.match(text, point.end):
        point.grain, point.name, point.end, point.trust = Grain.SEASON, season[1], season.end(), Trust.SURE
    elif quarter := QUARTER.match(text, skip_blanks(text, point.end)):
        point.grain, point.number, point.end = Grain.QUARTER, int(quarter[1]), quarter.end()
        point.trust = Trust.SURE
        _narrow_span(text, point)
    elif point.trust is not Trust.NEEDS_NEIGHBOUR and (edge := _edge_at(text, point.end)):
        point.month = 1 if edge[1] == "초" else 12
        point.grain, point.end, point.trust = Grain.MONTH, edge.end(1), Trust.SURE


def _narrow_by_word(point: Point, word: Word) -> bool:
    """`2025년 상반기`, `올해 연말`, `2025년 설`: whether the word narrows the year."""
    value = word.value
    if isinstance(value, str):
        point.grain, point.name = Grain.HOLIDAY, value
    elif word.role == "half":
        point.grain, point.number = (Grain.HALF if value else Grain.YEAR), value
    elif word.role == "edge":
        point.grain, point.month = Grain.MONTH, value
    elif word.role == "within":
        point.within = True
    else:
        return False
    return True


def read_within_month(text: str, pos: int, month: Point) -> Point | None:
    """The part or week of a month that a bracket after it names (`10월(셋째 주)`)."""
    point = replace(month, start=pos, end=pos)
    _narrow_month(text, point)
    return point if point.end > pos else None


def _narrow_month(text: str, point: Point) -> None:
    if next_mark(text, point.end) not in WITHIN_MONTH:
        return
    if found := DAY_WORD.match(text, point.end):
        point.day, point.grain, point.last_day = (31 if found[1] else 1), Grain.DAY, True
    elif found := PART.match(text, point.end):
        last = found[2] or found[3] or found[1]
        point.parts, point.grain = (PART_NAMES[found[1][0]], PART_NAMES[last[0]]), Grain.PART
    elif found := NTH.match(text, point.end):
        point.number = ORDINALS[found["ordinal"]] if found["ordinal"] else int(found["number"])
        point.last_number = ORDINALS[found["last"]] if found["last"] else 0
        point.grain = Grain.WEEK
        if found["weekday"] or found["weekend"]:
            point.name = "nth" if found["weekday"] else "weekend"
        if weekday := found["weekday"] or found["inweek"] or found["inbracket"]:
            point.weekday = WEEKDAYS.index(weekday)
    else:
        return
    point.end, point.trust = found.end(), Trust.SURE
