"""Joins points into ranges and lists: what may stand between them, and which of them only a neighbour explains."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from schedules import dates_windows as windows
from schedules.dates_expression import Precision
from schedules.dates_hints import Hints
from schedules.dates_naming import read_point, read_within_month
from schedules.dates_numbers import DASH_PAIR, month_and_day
from schedules.dates_points import PART_NAMES, Grain, Point, Trust
from schedules.dates_settling import NEXT_YEAR, Mismatch, Settler, Side
from schedules.dates_times import read_time_beside
from schedules.dates_windows import WEEKDAYS, Window
from schedules.dates_words import NATIVE_DAYS, NATIVE_NUMBERS, S, next_mark

RANGE = re.compile(rf"{S}(?:~+|-(?!>)|(?P<since>부터)(?:{S}\([^()\n]{{0,12}}\))?,?|(?P<between>에서)(?= )){S}")
RANGE_MARKS = frozenset("~-부에")
LIST = re.compile(rf"{S}(?:[,·]|및(?= )|(?:과|와)(?= ?['\d상하올내다이지작금]))(?:{S}(?:및|그리고))?{S}")
LOOSE_SINCE = re.compile(r" ?(?![가-힣]{1,8}[을를] )[가-힣]{0,8}(?: [가-힣]{1,6})? ?")
UNTIL = re.compile(rf"{S}(?:까지|사이)")
LENGTH = re.compile(
    rf"{S}(?:(?:약|총){S})?(?:(?P<number>\d{{1,3}}){S}(?P<unit>일|주일?|개월|년)|(?P<native>{'|'.join(NATIVE_DAYS)})"
    rf"|(?P<few>{'|'.join(NATIVE_NUMBERS)}){S}(?P<of>주일|주|달|해))"
    rf"(?:{S}(?:간|동안)|(?=[ )\]]|$)(?!{S}(?:\d|[{WEEKDAYS}]요일)))"
)
PART_ALONE = re.compile(rf"(?:{S})(초순|상순|중순|하순|말|초)(?=$|[^가-힣]|까지|경|에)")
BROKEN_PAIR = re.compile(rf"{S}\d{{1,2}}\.")
"""What stands behind the month of a day that no calendar has (`~ 9. 35.`)."""
WEEKDAY_ALONE = re.compile(rf"([{WEEKDAYS}])요일")
LONGEST_LIST = 400


@dataclass(slots=True)
class Segment:
    """A point, or a range of two, as a member of a list (of one, mostly)."""

    first: Side
    last: Side
    start: int
    end: int
    ranged: bool = False

    @property
    def sides(self) -> tuple[Side, ...]:
        return (self.first, self.last) if self.ranged else (self.first,)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(warning for side in self.sides for warning in side.warnings)

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        return tuple(mismatch for side in self.sides for mismatch in side.mismatches)

    @property
    def time(self) -> str | None:
        return "~".join(side.time for side in self.sides if side.time) or None


class Joiner:
    """Reads ranges and lists from one text."""

    def __init__(self, text: str, settler: Settler) -> None:
        self.text = text
        self.settler = settler
        self.hints = Hints(text, settler.ref)
        self.impossible: Point | None = None

    def read(self, start: int, within: Side | None = None) -> tuple[list[Segment], int]:
        """The members of the list that starts at `start`, none if there is no date, and where to go on reading.

        `within` is the month or feast in whose bracket they stand. Numbers without a unit wait for one that has it
        (`3, 6, 9월`); those that find none are no date.
        """
        segments: list[Segment] = []
        waiting: list[Point] = []
        pos = resume = start
        while len(segments) + len(waiting) < LONGEST_LIST:
            point = read_point(self.text, pos, self.settler.ref)
            if point is None and within is not None and within.point.grain is Grain.MONTH:
                point = read_within_month(self.text, pos, within.point)
            if point is None:
                break
            if point.impossible:
                self.impossible = None if segments else point
                break
            if within is not None and point.grain is Grain.DAY and not self.hints.is_a_length(point):
                point.trust = Trust.SURE
            previous = segments[-1].last if segments else None
            if point.trust is Trust.NEEDS_NEIGHBOUR and not RANGE.match(self.text, point.end):
                resume = max(resume, point.end)
                if member := self._next_in_list(point, previous, waiting):
                    segments.append(member)
                else:
                    waiting.append(point)
            elif waiting and self.hints.counts_days(waiting[0]):
                resume = point.end
                break
            else:
                members = self._members(point, previous, waiting)
                if not members:
                    resume = point.end if point.lunar else resume
                    break
                segments += members
                waiting = []
            joint = LIST.match(self.text, waiting[-1].end if waiting else segments[-1].end)
            if joint is None:
                break
            pos = joint.end()
        return segments, resume

    def _next_in_list(self, point: Point, previous: Side | None, waiting: list[Point]) -> Segment | None:
        """A bare number that goes on with a dotted list or has its own weekday (`9. 3., 10.`, `3.(화), 4.(수)`)."""
        if previous is None or waiting:
            return None
        dotted = self.text[point.end - 1] == "." and self.text[previous.end - 1] == "."
        weekday = point.printed_weekday and previous.point.grain is Grain.DAY
        if not (dotted or weekday):
            return None
        self.settler.explain(point, previous.point)
        side = self.settler.settle(point, previous) if point.grain is not Grain.BARE else None
        return Segment(side, side, point.start, side.end) if side else None

    def _members(self, point: Point, previous: Side | None, waiting: list[Point]) -> list[Segment]:
        """The member that starts with the point, after those that waited for its unit; none where it is no date."""
        if waiting and not point.direction:
            point.direction = waiting[0].direction
        unsettled = replace(point) if waiting else point
        segment = self._segment(point, previous, listed=bool(waiting))
        if segment is None or (previous is not None and not _alike(previous.point, segment.first.point)):
            return []
        members = []
        for bare in waiting:
            explained = with_unit_of(bare, replace(point, year=None) if unsettled.grain is Grain.BARE else unsettled)
            side = self.settler.settle(explained, previous) if explained.grain is not Grain.BARE else None
            if side is None:
                return []
            members.append(Segment(side, side, bare.start, side.end))
        return [*members, segment]

    def _segment(self, point: Point, previous: Side | None, listed: bool) -> Segment | None:
        """The point as a date, with the right side of its range if it has one; None if nothing makes it a date."""
        right = None
        if point.trust is not Trust.SURE or point.open_unit:
            joint = RANGE.match(self.text, point.end) or (point.open_unit and LIST.match(self.text, point.end)) or None
            right = read_point(self.text, joint.end(), self.settler.ref) if joint else None
        if point.trust is Trust.NEEDS_NEIGHBOUR:
            if right is None or not self._explain_both(point, right):
                return None
        elif right is not None:
            _share_unit(point, right)
        if point.trust is Trust.NEEDS_HINT:
            in_list = (
                listed or self.settler.follows(point) or (previous is not None and previous.point.grain is point.grain)
            )
            if not self.hints.trusts(point, right, in_list):
                return None
        side = self.settler.settle(point, previous)
        if side is None:
            return None
        self._add_time(side)
        segment = Segment(side, side, point.start, side.end)
        return self._with_right(segment)

    def _with_right(self, segment: Segment) -> Segment:
        left = segment.first
        joint = RANGE.match(self.text, left.end) if next_mark(self.text, left.end) in RANGE_MARKS else None
        if joint is None:
            return segment
        since = joint["since"] is not None
        if since and left.time is None and (length := LENGTH.match(self.text, joint.end())):
            last = _after_length(left.window.start, length)
            right: Side | None = Side(left.point, Window(last, last, Precision.DAY), length.end())
        else:
            right = self._right(joint.end(), left)
            if right is None and since:
                right = self._far_right(joint.end(), left)
        if right is not None and right.point.year and left.inferred and left.window.start > right.window.end:
            left = self.settler.settle_left(left, right)
        if right is not None and left.point.month_inferred and NEXT_YEAR in right.warnings and right.point.month:
            left, right = self.settler.settle_both(left, right)
        if right is None or (joint["between"] and not UNTIL.match(self.text, right.end)):
            return segment
        self._add_time(right)
        if until := UNTIL.match(self.text, right.end):
            right.end = until.end()
        return Segment(left, right, segment.start, right.end, ranged=True)

    def _far_right(self, pos: int, left: Side) -> Side | None:
        """`10일부터 온라인으로 20일까지`: a few words stand before the end, which 까지 must mark."""
        gap = LOOSE_SINCE.match(self.text, pos)
        right = self._right(gap.end(), left) if gap and gap.end() > pos else None
        return right if right and UNTIL.match(self.text, right.end) else None

    def _right(self, pos: int, left: Side) -> Side | None:
        if "-" in self.text[left.point.start : left.point.end] and (digits := DASH_PAIR.match(self.text, pos)):
            point = month_and_day(digits)
            return self.settler.settle_right(point, left) if point else None
        point = read_point(self.text, pos, self.settler.ref)
        if point is None:
            point = self._word_alone(pos, left)
            return self.settler.settle_right(point, left) if point else None
        if point.impossible:
            return None
        if point.trust is Trust.NEEDS_HINT:
            named = left.point.grain is Grain.DAY and (left.point.day or 31) < (point.day or 0)
            if not named and self.hints.is_a_length(point):
                return None
            if point.grain is Grain.DAY and point.month is None and left.point.grain is not Grain.DAY:
                return None
            if point.grain is Grain.YEAR and left.point.grain is not Grain.YEAR:
                return None
        if len(point.numbers) == 1 and BROKEN_PAIR.match(self.text, point.end):
            return None
        if point.numbers and point.trust is not Trust.SURE:
            self.settler.explain(point, left.point)
        if point.grain is Grain.BARE or (point.trust is Trust.NEEDS_NEIGHBOUR and point.grain is not left.point.grain):
            return None
        return self.settler.settle_right(point, left)

    def _word_alone(self, pos: int, left: Side) -> Point | None:
        """A part of the same month (`9월 초부터 중순까지`) or a weekday of the same week."""
        if left.point.month and (part := PART_ALONE.match(self.text, pos)):
            name = PART_NAMES[part[1][0]]
            return Point(pos, part.end(1), Grain.PART, parts=(name, name))
        if (
            left.point.month
            and left.point.grain is Grain.WEEK
            and (week := read_within_month(self.text, pos, left.point))
        ):
            return week
        if left.point.window and (weekday := WEEKDAY_ALONE.match(self.text, pos)):
            day = windows.monday_of(left.window.start) + timedelta(days=WEEKDAYS.index(weekday[1]))
            return Point(pos, weekday.end(), Grain.DAY, window=Window(day, day, Precision.DAY))
        return None

    def _explain_both(self, left: Point, right: Point) -> bool:
        """Two points that only together are a date: `9~10월`, `2024~2026`, `공사기간 : 3. ~ 12.`"""
        if left.grain is Grain.WEEK:
            return False
        if left.grain is Grain.YEAR:
            left.trust = Trust.SURE
            return right.grain is Grain.YEAR and right.year is not None and right.year >= (left.year or 0)
        if right.grain is Grain.BARE:
            return self.hints.are_months(left, right)
        explained = with_unit_of(left, right)
        if explained.grain is Grain.BARE:
            return False
        if right.trust is Trust.NEEDS_HINT and not self.hints.trusts_both(explained, right):
            return False
        left.grain, left.month, left.day, left.number = (
            explained.grain,
            explained.month,
            explained.day,
            explained.number,
        )
        left.year, left.trust = explained.year, Trust.SURE
        return True

    def _add_time(self, side: Side) -> None:
        if clock := read_time_beside(self.text, side.end):
            side.time, side.end = clock.text, clock.end


def with_unit_of(bare: Point, right: Point) -> Point:
    """A bare number read by the unit of the one after it (`9` of `9~10월`); still bare where the unit does not fit."""
    value = bare.numbers[0] if bare.numbers else 0
    point = replace(bare, trust=Trust.SURE)
    if bare.grain is Grain.YEAR:
        point.grain = Grain.YEAR if right.grain is Grain.YEAR else Grain.BARE
    if right.grain in (Grain.MONTH, Grain.PART) and right.year is None and 1 <= value <= 12:
        point.month, point.grain = value, Grain.MONTH
    elif right.grain is Grain.DAY and right.month is None and 1 <= value <= 31:
        point.day, point.grain = value, Grain.DAY
    elif right.grain in (Grain.QUARTER, Grain.SEMESTER) and right.year is None and 1 <= value <= right.number:
        point.number, point.grain = value, right.grain
    elif right.grain is Grain.YEAR and right.year is not None and 10 <= value <= right.year % 100:
        point.year, point.grain = right.year - right.year % 100 + value, Grain.YEAR
    return point


def _share_unit(left: Point, right: Point) -> None:
    """`2024년 3~4분기`, `10월 2~3주`: the left number, printed without a unit, has the right one's."""
    if not left.open_unit or right.year is not None or right.month is not None:
        return
    if right.grain is Grain.QUARTER and left.grain is Grain.MONTH and left.month and left.month <= 4:
        left.grain, left.number, left.month = Grain.QUARTER, left.month, None
    elif right.grain is Grain.SEMESTER and left.grain is Grain.MONTH and left.month and left.month <= 2:
        left.grain, left.number, left.month = Grain.SEMESTER, left.month, None
    elif right.grain is Grain.WEEK and left.grain is Grain.DAY and left.day and left.day <= 6:
        left.grain, left.number, left.day = Grain.WEEK, left.day, None


def _alike(previous: Point, point: Point) -> bool:
    """Members of a list are named as finely: months with parts of months, days with days."""
    coarse = {Grain.PART: Grain.MONTH, Grain.WEEK: Grain.MONTH}
    return coarse.get(previous.grain, previous.grain) is coarse.get(point.grain, point.grain)


def _after_length(first: date, length: re.Match[str]) -> date:
    """The last day of a length that begins with `first`, both included."""
    if length["native"]:
        return first + timedelta(days=NATIVE_DAYS[length["native"]] - 1)
    count = int(length["number"]) if length["number"] else NATIVE_NUMBERS[length["few"]]
    unit = length["unit"] or length["of"]
    if unit == "일":
        return first + timedelta(days=count - 1)
    if unit.startswith("주"):
        return first + timedelta(weeks=count, days=-1)
    months = first.year * 12 + first.month - 1 + (count if unit in ("개월", "달") else count * 12)
    return windows.day(months // 12, months % 12 + 1, first.day).start - timedelta(days=1)
