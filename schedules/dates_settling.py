"""Settles a point: gives it what the text leaves out (from its range, line or reference date), and so its days."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from schedules import dates_windows as windows
from schedules.dates_expression import Precision
from schedules.dates_points import Grain, Point, Trust, two_digit_year
from schedules.dates_windows import WEEKDAYS, Window

UNKNOWN_DAY = "없는 날짜: {printed} ({month}월은 {last}일까지입니다)"
WRONG_WEEKDAY = "요일 불일치: {day.year}. {day.month}. {day.day}.은 {right}요일입니다 (문서: {printed})"
NEXT_YEAR = "끝이 시작보다 앞서 다음 해로 읽었습니다"

Mismatch = tuple[date, str, str]


@dataclass(slots=True)
class Side:
    """A point with its days: one end of a range, or a whole expression."""

    point: Point
    window: Window
    end: int
    time: str | None = None
    inferred: bool = False
    warnings: tuple[str, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()


@dataclass(slots=True)
class Settler:
    """Knows the reference date, the year of the context, and the year and month of the last date of the line."""

    ref: date
    context_year: int | None = None
    line_year: int | None = None
    line_from_month: int = 1
    line_month: int | None = None
    line_day: int | None = None

    def settle(self, point: Point, left: Side | None = None) -> Side | None:
        """The days of the point; None where no context makes it a day of the calendar."""
        if left is not None and point.window is None:
            _inherit(point, left)
        inferred = left is not None and left.inferred
        window = point.window
        if window is None:
            year, guessed = self._year(point)
            inferred = inferred or guessed
            window = window_of(point, year)
            if guessed and point.printed_weekday and window is not None and point.day == window.start.day:
                window = self._year_of_weekday(point, year, window)
        if window is None:
            return None
        side = Side(point, window, point.end, inferred=inferred)
        _check_day(side)
        return side

    def _year_of_weekday(self, point: Point, year: int, window: Window) -> Window:
        """The window in the next or last year, where only there the printed weekday fits and the day is nearer.

        `1. 9.(금)` read in December is of the next January. A year that the context tells stays.
        """
        if self.line_year is not None or self.context_year is not None or point.direction:
            return window
        if WEEKDAYS[window.start.weekday()] == point.printed_weekday:
            return window
        for other in (year + 1, year - 1):
            moved = window_of(point, other)
            nearer = moved and abs(moved.start - self.ref) < abs(window.start - self.ref)
            if moved and nearer and WEEKDAYS[moved.start.weekday()] == point.printed_weekday:
                return moved
        return window

    def settle_right(self, point: Point, left: Side) -> Side | None:
        """The right side of a range. Where it leaves out its year and would end before it starts, the next is meant."""
        year, month = point.year, point.month
        side = self.settle(point, left)
        if side is None or side.window.end >= left.window.start or year is not None or point.window is not None:
            return side
        if point.day and month is None and left.point.grain is Grain.DAY:
            months = left.window.start.year * 12 + left.window.start.month
            point.year, point.month = months // 12, months % 12 + 1
            return self.settle(point, left) or side
        point.year = side.window.start.year + 1
        moved = self.settle(point, left)
        if moved is None or moved.window.end < left.window.start:
            return side
        moved.warnings += (NEXT_YEAR,)
        return moved

    def settle_left(self, left: Side, right: Side) -> Side:
        """The left side once more, in the last year in which it comes before the right one (`6/20~24/1/21`)."""
        point = replace(left.point, year=right.window.end.year)
        side = self.settle(point)
        if side is not None and side.window.start > right.window.end:
            point.year = right.window.end.year - 1
            side = self.settle(point)
        if side is None:
            return left
        side.end, side.time = left.end, left.time
        return side

    def settle_both(self, left: Side, right: Side) -> tuple[Side, Side]:
        """`18일부터 8월 15일까지`: a left day without a month is the last such day before the right one.

        Unless the next year, to which the right one was moved, is near (`23일부터 1월 10일까지` read in December).
        """
        if right.window.end - left.window.start < timedelta(days=200):
            return left, right
        year, month = right.window.end.year - 1, right.window.end.month
        last = self.settle(replace(right.point, year=year))
        if (left.point.day or 0) > right.window.end.day:
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        first = self.settle(replace(left.point, year=year, month=month))
        if first is None or last is None:
            return left, right
        first.end, first.time, last.end, last.time = left.end, left.time, right.end, right.time
        first.inferred = last.inferred = True
        return first, last

    def follows(self, point: Point) -> bool:
        """Whether a day without a month comes after the last day of the line (`10월 21일 면접을 거쳐 28일 통지`)."""
        return point.grain is Grain.DAY and point.month is None and (self.line_day or 31) < (point.day or 0)

    def remember(self, side: Side, gives_year: bool) -> None:
        """A date with its year gives the year, a day its month, to what follows on the line.

        지난해 12월 gives its year only to months from December on: what follows it may be of this year again.
        """
        point = side.point
        if point.window is not None:
            return
        if gives_year:
            self.line_year = side.window.end.year
            self.line_from_month = side.window.start.month if point.relative else 1
        if point.grain is Grain.DAY:
            self.line_month, self.line_day = side.window.end.month, side.window.end.day

    def explain(self, point: Point, left: Point) -> None:
        """Gives numbers without units the places of the left side, from the finest up (`7. 25. ~ 27.`, `2. ~ 12.`)."""
        numbers = point.numbers
        if len(numbers) == 1 and point.grain is Grain.BARE:
            value = numbers[0]
            if left.grain is Grain.DAY and 1 <= value <= 31:
                point.day, point.grain = value, Grain.DAY
            elif left.grain in (Grain.MONTH, Grain.PART) and 1 <= value <= 12:
                point.month, point.grain = value, Grain.MONTH
            elif left.grain is Grain.YEAR and value >= 13:
                point.year, point.grain = two_digit_year(value, self.ref), Grain.YEAR
            else:
                return
        elif len(numbers) == 2 and left.two_digits and left.grain is Grain.MONTH and numbers[0] > 9 and numbers[1] < 13:
            point.grain, point.day = Grain.MONTH, None
            point.year, point.month = two_digit_year(numbers[0], self.ref), numbers[1]
        point.trust = Trust.SURE

    def _year(self, point: Point) -> tuple[int, bool]:
        """The year of a point, and whether it was inferred; fills in a missing month too."""
        if point.same_month:
            point.month = self.line_month or self.ref.month
        if point.years_on is not None:
            base = self.line_year or self.context_year or self.ref.year
            return base + point.years_on, self.line_year is None
        if point.year is not None:
            return point.year, False
        if point.direction:
            return self._nearest_year(point), True
        if point.grain is Grain.DAY and point.month is None:
            point.month, point.month_inferred = self.line_month or self.ref.month, True
            if self.line_month is None:
                return self.ref.year, True
        if self.line_year is not None and (point.month is None or point.month >= self.line_from_month):
            return self.line_year, True
        return self.context_year or self.ref.year, True

    def _nearest_year(self, point: Point) -> int:
        """오는 is the next one, 지난 the last one, counted from the reference date."""
        ref = self.ref
        if point.grain is Grain.DAY and point.month is None and point.day is not None:
            months = ref.year * 12 + ref.month - 1
            if point.direction > 0 and point.day < ref.day:
                months += 1
            elif point.direction < 0 and point.day > ref.day:
                months -= 1
            point.month = months % 12 + 1
            return months // 12
        window = window_of(point, ref.year)
        if window is not None and point.direction > 0 and window.end < ref:
            return ref.year + 1
        if window is not None and point.direction < 0 and window.start > ref:
            return ref.year - 1
        return ref.year


def window_of(point: Point, year: int) -> Window | None:
    """The days of a point in a year; None where it lacks a month or the calendar lacks the year."""
    if not 1900 <= year <= 2100:
        return None
    match point.grain:
        case Grain.YEAR:
            return windows.calendar_year(year)
        case Grain.SCHOOL_YEAR:
            return windows.school_year(year)
        case Grain.HALF:
            return windows.half(year, point.number)
        case Grain.SEMESTER:
            return windows.semester(year, point.number)
        case Grain.QUARTER:
            return windows.quarter(year, point.number)
        case Grain.SEASON:
            return windows.season(year, point.name)
        case Grain.HOLIDAY:
            found = windows.holiday(point.name, year)
            return Window(found, found, Precision.HOLIDAY) if found else None
    if point.month is None:
        return None
    match point.grain:
        case Grain.MONTH:
            return windows.months(year, point.month, point.month, Precision.MONTH)
        case Grain.PART:
            return windows.part_of_month(year, point.month, *point.parts)
        case Grain.WEEK:
            return _week(point, year, point.month)
        case Grain.DAY if point.day and point.lunar:
            found = windows.lunar_day(year, point.month, point.day)
            return Window(found, found, Precision.DAY) if found else None
        case Grain.DAY if point.day:
            return windows.day(year, point.month, point.day)
    return None


def _week(point: Point, year: int, month: int) -> Window:
    if point.weekday is not None and (point.name == "nth" or point.number == windows.LAST):
        return windows.nth_weekday(year, month, point.number, point.weekday)
    if point.name == "weekend":
        saturday = windows.nth_weekday(year, month, point.number, 5).start
        return Window(saturday, saturday + timedelta(days=1), Precision.RANGE)
    week = windows.week_of_month(year, month, point.number)
    if point.last_number and point.weekday is not None:
        last = windows.week_of_month(year, month, point.last_number).start
        days = timedelta(days=point.weekday)
        return Window(week.start + days, last + days, Precision.RANGE)
    if point.last_number:
        return Window(week.start, windows.week_of_month(year, month, point.last_number).end, Precision.RANGE)
    if point.weekday is None:
        return week
    day = week.start + timedelta(days=point.weekday)
    return Window(day, day, Precision.DAY)


def _inherit(point: Point, left: Side) -> None:
    """Year and month that a range's right side, or the next member of a list, leaves out."""
    days = left.window
    if point.years_on is not None:
        point.year, point.years_on = days.start.year + point.years_on, None
    elif point.year is None and not point.direction:
        # A day without a month beside one without a month: both are settled by the line or the reference date.
        alone = point.grain is Grain.DAY and not (point.month or left.point.month or left.point.window)
        point.year = None if alone else days.end.year
    if point.month is None and point.grain in (Grain.DAY, Grain.PART, Grain.WEEK):
        point.month = days.start.month
        point.year = point.year or days.start.year


def _check_day(side: Side) -> None:
    """Warns of a day that its month does not have, and of a weekday that is not the day's."""
    point, day = side.point, side.window.start
    if day != side.window.end:
        return
    numbered = point.grain is Grain.DAY and point.day and point.window is None and not (point.last_day or point.lunar)
    if numbered and day.day != point.day:
        printed = f"{day.year}. {day.month}. {point.day}."
        side.warnings += (UNKNOWN_DAY.format(printed=printed, month=day.month, last=day.day),)
    right = WEEKDAYS[day.weekday()]
    if point.printed_weekday and point.printed_weekday != right:
        side.warnings += (WRONG_WEEKDAY.format(day=day, right=right, printed=point.printed_weekday),)
        side.mismatches += ((day, point.printed_weekday, right),)
