"""Joins points into the expressions of a text: ranges, lists, open ends, deadlines, brackets, times and hedges."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from schedules import dates_windows as windows
from schedules.dates_expression import DateExpression, Precision
from schedules.dates_hints import SECTION_NUMBER, as_a_label, hinted, is_a_length, pairs_are_year_month
from schedules.dates_points import Grain, Point, Trust, read_point, two_digit_year
from schedules.dates_recurrences import read_recurrence
from schedules.dates_times import read_time_beside
from schedules.dates_windows import WEEKDAYS, Window
from schedules.dates_words import NATIVE_DAYS, NATIVE_NUMBERS, S

# Where an expression may start. Group `skip` holds what looks like one and is not: it is passed over as a whole.
CANDIDATE = re.compile(
    r"(?P<skip>https?://[^\s<>)]+|@[\w.-]+"
    r"|(?<![A-Za-z_])[A-Za-z_]++(?:[-.]?\d)[\w.\-]*"
    r"|(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)[\d.]*"
    r"|(?<![\d-])0\d{1,2}[-)] ?\d{3,4}-\d{4}|(?<![\d-])(?!(?:19|20)\d\d-(?:19|20)\d\d)\d{3,4}-\d{4}(?![\d-])"
    r"|(?<![\d-])(?!(?:'?\d\d|\d{4})-\d{1,2}-\d{1,2}(?![\d-]))\d+(?:-\d+){2,}"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"
    rf"|제{S}\d[\d-]*(?!{S}(?:분기|학기|주))(?:{S}[조항호](?:의{S}\d+)?)?"
    r"|\d{4}-\d+ ?호)"
    r"|(?P<number>(?<![\dA-Za-z_])(?<!\d[.,:])(?<!\d')"
    rf"(?:'{S}\d\d(?!\d)|'?(?:\d{{8}}(?!\d)|\d{{1,4}}(?!\d)(?={S}(?:['년월일분학회사주.~,·/및-]|부터)|과 |와 ))))"
    r"|(?P<word>(?:올|금년|금월|금주|금일|당해|내년|내후년|내달|내주|내일|차년|차월|차주|명년|명일|지난|작년|작일|재작년|지지난|같은|동년|동월|이듬|다음|다다음|익년|익월|이달|이번"
    r"|오는|오늘|모레|어제|그제|그저|엊그|다가오는|돌아오는|상 ?[·,/]? ?하반기|상반기|하반기|연초|년초|연말|년말|연내|년내|설|추석|한가위|구정|부처님|석가|어린이날|현충일|제헌절|광복절|개천절|한글날|성탄절|크리스마스|신정"
    r"|매|격|분기|반기|다달|월별|월 ?\d|연 ?\d|연례|연중|평일|주중|주 ?\d|수시|상시|당월|해당월|해마다|날마다))"
)

RANGE = re.compile(rf"{S}(?:~+|-(?!>)|(?P<since>부터)(?:{S}\([^()\n]{{0,12}}\))?,?){S}")
LIST = re.compile(rf"{S}(?:[,·]|및(?= )|(?:과|와)(?= ?[\d'상하]))(?:{S}(?:및|그리고))?{S}")
LOOSE_SINCE = re.compile(r" ?[가-힣]{0,8}(?: [가-힣]{1,6})? ?")
AFTER_BOTH = re.compile(rf"{S}까지")
NOW = re.compile(rf"{S}~{S}(?:현재|지금|계속|지속|별도|미정|[가-힣])")
TILDE_BEFORE = re.compile(rf"(?:[가-힣]{{1,8}}(?:일|시|후|완료|개시){S})?~{S}$")
LIMIT = re.compile(
    rf"{S}(?:(?:중|경|안|내){S})?(?P<limit>까지|이전|이내|전까지|전(?![가-힣])|내(?![가-힣])|내에|내로|안에|안으로|한(?=[ ),]|$))(?:까지|에|으로)?"
)
SINCE = re.compile(rf"{S}(?:중{S}|경{S})?(?:부터|이후|이래|~(?!{S}[\d:])(?:{S}(?:현재|계속|지속))?)")
DURING = re.compile(
    rf"{S}(?:(?:기간{S})?중(?=$|[^가-힣]|에|으로|예정|준공|개최|완료|추진|시행|실시|착공|개관)|경(?![가-힣])|쯤|께|무렵)"
)
LENGTH = re.compile(
    rf"{S}(?:(?:약|총){S})?(?:(?P<number>\d{{1,3}}){S}(?P<unit>일|주일?|개월|년)|(?P<native>{'|'.join(NATIVE_DAYS)})"
    rf"|(?P<few>{'|'.join(NATIVE_NUMBERS)}){S}(?P<of>주일|주|달))(?:{S}(?:간|동안)|(?=[ )\]]|$))"
)
LENGTH_WITHIN = re.compile(rf"{S}(?:약{S})?\d{{1,3}}{S}(?:일|주일?|개월)간")
HEDGED = re.compile(r"[^,;/~\d\n.]{0,14}(?:예정|예상|잠정)")
HOLIDAY_TAIL = re.compile(
    rf"(?P<feast>{S}\)?{S}명절)?(?P<also>(?:{S}(?:[·,]|및){S}(?:설날?|추석|연말|연시|연말연시))*)"
    rf"(?:(?P<stretch>{S}연휴)(?:{S}기간)?)?{S}(?P<until>대비|까지|이전|전까지|전(?![가-힣])|을? ?앞두고|맞이)?"
)
BRACKET = re.compile(rf"{S}\({S}")
BRACKET_END = re.compile(rf"(?:{S}(?:중|경|예정|말경))?{S}\)")
EVENT = re.compile(rf"{S}(?:도{S})?(?P<event>[가-힣·]{{1,12}}(?: [가-힣·]{{1,10}}){{0,4}}?) (?:전|후|시)(?=$|[ ,.)\]])")
EVENT_WORD = r"(?:수립|편성|확보|완료|승인|확정|선정|체결|종료|통과|결정|준공|개관|구성|제정|개정|의결|심의|착공)"
RELATIVE = re.compile(
    r"(?<![가-힣])(?:[가-힣]{1,8}일|[가-힣]{1,8} ?(?:이?후))(?:로|으로)?부터 ?\d{1,3} ?(?:일|주|개월|년)(?: ?(?:이내|내|간|까지))?"
    rf"|(?<![가-힣])[가-힣]{{2,10}} {EVENT_WORD} ?(?:전|후)(?![가-힣])"
)
PART_ALONE = re.compile(rf"{S}(초순|상순|중순|하순|말|초)(?=$|[^가-힣]|까지|경|에)")
WEEKDAY_ALONE = re.compile(rf"([{WEEKDAYS}])요일")
LIST_LIMIT = 400


@dataclass(slots=True)
class Context:
    """Where years and months that a text leaves out come from."""

    ref: date
    year: int | None
    line_year: int | None = None
    line_month: int | None = None


@dataclass(slots=True)
class Side:
    """One end of a range, settled: the point with its days."""

    point: Point
    window: Window
    end: int
    time: str | None = None
    inferred: bool = False
    warnings: tuple[str, ...] = ()
    mismatches: tuple[tuple[date, str, str], ...] = ()
    narrowed: bool = False


@dataclass(slots=True)
class Segment:
    """A point, or a range of two, as a member of a list."""

    first: Side
    last: Side
    start: int
    end: int
    ranged: bool = False
    open_end: bool = False


class Reader:
    """Reads one paragraph; keeps the year and month of the last full date for those that leave them out."""

    def __init__(self, text: str, raw: str, ref: date, year: int | None) -> None:
        self.text = text
        self.raw = raw
        self.context = Context(ref, year)
        self.ref = ref
        self._pairs: bool | None = None

    def expressions(self) -> Iterator[DateExpression]:
        """Every expression, left to right; each character is looked at a bounded number of times."""
        text, pos, last_end = self.text, 0, 0
        while found := CANDIDATE.search(text, pos):
            if found.lastgroup == "skip":
                pos = found.end()
                continue
            start = found.start()
            expression, resume = self.read(start, last_end)
            if expression is not None:
                yield expression
                last_end = expression.span[1]
            pos = max(resume, start + 1)
            if expression is None and found.lastgroup == "number":
                pos = max(pos, found.end())

    def read(self, start: int, floor: int = 0, nested: bool = False) -> tuple[DateExpression | None, int]:
        """The expression that starts at `start`, and where to go on reading."""
        if recurrence := read_recurrence(self.text, start):
            return self._recurring(start, recurrence.rule, recurrence.end)
        segments, resume = self._segments(start)
        if not segments:
            return None, resume
        if event := self._tied_to_an_event(segments):
            return event, event.span[1]
        return self._phrase(segments, floor, nested)

    # The parts of a phrase, from the left.

    def _segments(self, start: int) -> tuple[list[Segment], int]:
        """The members of a list (one, mostly). Bare numbers at its end that no unit explains are given back."""
        pending: list[tuple[Point, Segment | None]] = []
        segments: list[Segment] = []
        waiting: list[Point] = []
        pos = start
        resume = start
        previous: Side | None = None
        while len(segments) + len(waiting) < LIST_LIMIT:
            if segments and not waiting:
                joint = LIST.match(self.text, segments[-1].end)
            elif waiting:
                joint = LIST.match(self.text, waiting[-1].end)
            else:
                joint = None
            if segments or waiting:
                if joint is None:
                    break
                pos = joint.end()
            point = read_point(self.text, pos, self.ref)
            if point is None:
                break
            resume = max(resume, point.end) if point.grain is Grain.BARE else resume
            if point.grain is Grain.BARE and not RANGE.match(self.text, point.end):
                if previous is not None and self._continues(previous, point, waiting):
                    side = self._settle(self._explain(point, previous.point), previous)
                    if side is not None:
                        segments.append(Segment(side, side, point.start, side.end))
                        previous = side
                        continue
                waiting.append(point)
                continue
            segment = self._segment(point, previous, waiting, first=not segments)
            if segment is None:
                if not segments and not waiting:
                    return [], max(resume, point.end if point.grain is not Grain.BARE else resume)
                break
            if previous is not None and not _alike(previous, segment.first):
                break
            for bare in waiting:
                side = self._settle(_with_unit(bare, segment.first.point), previous)
                if side is None:
                    return segments, max(resume, segment.end if not segments else resume)
                segments.append(Segment(side, side, bare.start, side.end))
            waiting = []
            segments.append(segment)
            previous = segment.last
            if segment.open_end:
                break
        del pending
        return segments, resume

    def _continues(self, previous: Side, point: Point, waiting: list[Point]) -> bool:
        """Whether a bare number after a comma goes on with a dotted list (`9. 3., 10.`)."""
        return not waiting and self.text[point.end - 1] == "." and self.text[previous.end - 1] == "."

    def _segment(self, point: Point, previous: Side | None, waiting: list[Point], first: bool) -> Segment | None:
        joint = RANGE.match(self.text, point.end)
        right = read_point(self.text, joint.end(), self.ref) if joint and point.grain is not Grain.BARE else None
        if point.grain is Grain.BARE or point.trust is Trust.NEEDS_NEIGHBOUR:
            if joint is None:
                return None
            right = read_point(self.text, joint.end(), self.ref)
            if right is None or not self._explain_pair(point, right):
                return None
        if point.trust is Trust.NEEDS_HINT and not self._trusted(point, right, previous, waiting):
            return None
        if right is not None and right.grain is not Grain.BARE:
            _share_unit(point, right)
        side = self._settle(point, previous)
        if side is None:
            return None
        if clock := read_time_beside(self.text, side.end):
            side.time, side.end = clock.text, clock.end
        segment = Segment(side, side, side.point.start, side.end)
        return self._ranged(segment)

    def _ranged(self, segment: Segment) -> Segment:
        """Adds the right side of a range, where there is one."""
        left = segment.first
        joint = RANGE.match(self.text, left.end)
        if joint is None:
            return segment
        since = joint["since"] is not None
        if since and (length := LENGTH.match(self.text, joint.end())):
            last = _after_length(left.window.start, length)
            segment.last = Side(replace(left.point), Window(last, last, Precision.DAY), length.end())
            segment.end, segment.ranged = length.end(), True
            return segment
        right = self._right(joint.end(), left, since)
        if right is None and since and (gap := LOOSE_SINCE.match(self.text, joint.end())) and gap.end() > joint.end():
            right = self._right(gap.end(), left, since)
            if right is not None and not AFTER_BOTH.match(self.text, right.end):
                right = None
        if right is None:
            return segment
        if clock := read_time_beside(self.text, right.end):
            right.time, right.end = clock.text, clock.end
        if both := AFTER_BOTH.match(self.text, right.end):
            right.end = both.end()
        segment.last, segment.end, segment.ranged = right, right.end, True
        return segment

    def _right(self, pos: int, left: Side, since: bool) -> Side | None:
        point = read_point(self.text, pos, self.ref)
        if point is None:
            if left.point.month and (part := PART_ALONE.match(self.text, pos)):
                name = {"초": "초", "상": "초", "중": "중", "하": "말", "말": "말"}[part[1][0]]
                point = Point(pos, part.end(1), Grain.PART, parts=(name, name))
            elif left.point.window and (weekday := WEEKDAY_ALONE.match(self.text, pos)):
                day = windows.monday_of(left.window.start) + timedelta(days=WEEKDAYS.index(weekday[1]))
                point = Point(pos, weekday.end(), Grain.DAY, window=Window(day, day, Precision.DAY))
            else:
                return None
        if point.trust is Trust.NEEDS_HINT and point.grain is Grain.DAY and point.month is None:
            if left.point.grain is not Grain.DAY or is_a_length(self.text, point):
                return None
        elif point.trust is Trust.NEEDS_HINT and point.grain is Grain.YEAR:
            if left.point.grain is not Grain.YEAR or is_a_length(self.text, point):
                return None
        elif point.trust is Trust.NEEDS_HINT and not point.numbers and left.point.month is None:
            return None
        if point.numbers and point.trust is not Trust.SURE:
            point = self._explain(point, left.point)
        if point.grain is Grain.BARE or (point.trust is Trust.NEEDS_NEIGHBOUR and left.point.grain is not Grain.YEAR):
            return None
        side = self._settle(point, left)
        if side is None:
            return None
        if side.window.end < left.window.start and point.year is None and point.window is None:
            later = self._settle(_next_time(point, left, side), left)
            if later is not None and later.window.end >= left.window.start:
                later.warnings += ("끝이 시작보다 앞서 다음 해로 읽었습니다",) if point.month else ()
                return later
        return side

    # Giving points what they leave out.

    def _explain(self, point: Point, left: Point) -> Point:
        """Gives numbers without units the places of the left side, from the finest up."""
        numbers = point.numbers
        if len(numbers) == 1 and point.grain is Grain.BARE:
            value = numbers[0]
            explained = replace(point, trust=Trust.SURE)
            if left.grain is Grain.DAY and 1 <= value <= 31:
                explained.day, explained.grain = value, Grain.DAY
            elif left.grain in (Grain.MONTH, Grain.PART) and 1 <= value <= 12:
                explained.month, explained.grain = value, Grain.MONTH
            elif left.grain is Grain.YEAR and value >= 13:
                explained.year, explained.grain = two_digit_year(value, self.ref), Grain.YEAR
            else:
                return point
            return explained
        if len(numbers) == 2 and left.grain is Grain.MONTH and point.grain is Grain.DAY and numbers[0] >= 10:
            two_digits = re.match(r"'?\d\d(?!\d)", self.text[left.start : left.start + 3])
            if left.year is not None and two_digits and numbers[1] <= 12:
                year = two_digit_year(numbers[0], self.ref)
                return replace(point, grain=Grain.MONTH, year=year, month=numbers[1], day=None, trust=Trust.SURE)
        return replace(point, trust=Trust.SURE)

    def _explain_pair(self, left: Point, right: Point) -> bool:
        """Two points that only together are a date: `9~10월`, `2024~2026`, `사업기간 : 3. ~ 12.`"""
        if left.grain is Grain.YEAR:
            if right.grain is Grain.YEAR and right.year is not None and right.year >= (left.year or 0):
                left.trust = right.trust = Trust.SURE
                return True
            return False
        value = left.numbers[0]
        if right.grain is Grain.BARE:
            dotted = self.text[left.end - 1] == "." == self.text[right.end - 1]
            if dotted and hinted(self.text, left) and 1 <= value <= 12 and 1 <= right.numbers[0] <= 12:
                left.month, left.grain, left.trust = value, Grain.MONTH, Trust.SURE
                right.month, right.grain, right.trust = right.numbers[0], Grain.MONTH, Trust.SURE
                return True
            return False
        if right.trust is Trust.NEEDS_HINT and (
            is_a_length(self.text, right) or not self._trusted(left, right, None, [])
        ):
            return False
        explained = _with_unit(left, right)
        if explained.grain is Grain.BARE:
            return False
        left.grain, left.month, left.day, left.number = (
            explained.grain,
            explained.month,
            explained.day,
            explained.number,
        )
        left.year, left.trust = explained.year, Trust.SURE
        return True

    def _trusted(self, point: Point, right: Point | None, previous: Side | None, waiting: list[Point]) -> bool:
        """Whether numbers that may be a date are one here."""
        if previous is not None and previous.point.grain is point.grain:
            return not is_a_length(self.text, point)
        if point.grain is Grain.YEAR:
            if right is not None and right.year is not None and right.grain >= Grain.YEAR:
                return True
            return not is_a_length(self.text, point)
        if point.grain is Grain.MONTH and len(point.numbers) == 2 and self.text[point.end - 1] == ".":
            return True
        if len(point.numbers) == 2 and point.grain is Grain.DAY:
            if 10 <= point.numbers[0] and point.numbers[1] <= 12 and self._writes_year_month():
                point.year, point.month, point.day = two_digit_year(point.numbers[0], self.ref), point.numbers[1], None
                point.grain = Grain.MONTH
                return True
            if self.text[point.end - 1] == "." and not SECTION_NUMBER.match(self.text, self._line_start(point)):
                return True
        if (
            right is not None
            and right.grain in (Grain.DAY, Grain.BARE)
            and len(right.numbers or ())
            and right.numbers[-1] >= 10
            and point.numbers
        ):
            return not is_a_length(self.text, right)
        if right is not None and right.trust is Trust.SURE and right.grain is Grain.DAY:
            return True
        if point.grain is Grain.DAY and point.month is None and is_a_length(self.text, point):
            return False
        return hinted(self.text, point)

    def _line_start(self, point: Point) -> int:
        head = self.text[max(0, point.start - 6) : point.start]
        return point.start if not head.strip(" -*#") and (point.start <= 6 or "\n" in head) else len(self.text)

    def _writes_year_month(self) -> bool:
        if self._pairs is None:
            self._pairs = pairs_are_year_month(self.text)
        return self._pairs

    def _settle(self, point: Point, left: Side | None) -> Side | None:
        """The days of a point, with year and month from the left side, the line, the context, the reference date."""
        if left is not None:
            self._inherit(point, left)
        inferred = False
        if point.window is not None:
            window: Window | None = point.window
        else:
            year, inferred = self._year(point, left)
            window = self._window(point, year)
        if window is None:
            return None
        side = Side(point, window, point.end, inferred=inferred or (left is not None and left.inferred))
        if point.grain is Grain.DAY and point.day and point.window is None and window.start.day != point.day:
            printed = f"{window.start.year}. {window.start.month}. {point.day}."
            side.warnings += (f"없는 날짜: {printed} ({window.start.month}월은 {window.end.day}일까지입니다)",)
        if point.printed_weekday and window.start == window.end:
            right = WEEKDAYS[window.start.weekday()]
            if right != point.printed_weekday:
                day = window.start
                side.warnings += (
                    f"요일 불일치: {day.year}. {day.month}. {day.day}.은 {right}요일입니다 (문서: {point.printed_weekday})",
                )
                side.mismatches += ((day, point.printed_weekday, right),)
        return side

    def _inherit(self, point: Point, left: Side) -> None:
        if point.window is not None:
            return
        if point.years_on is not None:
            point.year, point.years_on = left.window.start.year + point.years_on, None
        elif point.year is None and not point.direction:
            year = left.window.start.year
            if left.point.grain in (Grain.SEMESTER, Grain.SEASON, Grain.SCHOOL_YEAR):
                year = left.window.end.year
            elif left.point.window is None and left.window.end.year != year:
                year = left.window.end.year
            point.year = (
                year if point.month or point.grain is not Grain.DAY or left.point.month or left.point.window else None
            )
            if left.narrowed:
                point.year = left.window.start.year
        if point.month is None and point.grain in (Grain.DAY, Grain.PART, Grain.WEEK):
            point.month = left.window.start.month
            point.year = point.year or left.window.start.year

    def _year(self, point: Point, left: Side | None) -> tuple[int, bool]:
        context = self.context
        if point.years_on is not None:
            base = context.line_year or context.year or self.ref.year
            return base + point.years_on, context.line_year is None
        if point.same_month:
            point.month = context.line_month or self.ref.month
            point.grain = Grain.DAY if point.day else Grain.MONTH
        if point.year is not None:
            return point.year, False
        if point.direction:
            return self._nearest_year(point), True
        if point.grain is Grain.DAY and point.month is None:
            if context.line_month is not None:
                point.month = context.line_month
                return context.line_year or context.year or self.ref.year, True
            point.month = self.ref.month
            return self.ref.year, True
        return context.line_year or context.year or self.ref.year, True

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
        window = self._window(point, ref.year)
        if window is None:
            return ref.year
        if point.direction > 0 and window.end < ref:
            return ref.year + 1
        if point.direction < 0 and window.start > ref:
            return ref.year - 1
        return ref.year

    def _window(self, point: Point, year: int) -> Window | None:
        if not 1900 <= year <= 2100:
            return None
        grain = point.grain
        if grain is Grain.DAY and point.month and point.day:
            return windows.day(year, point.month, point.day)
        if grain is Grain.MONTH and point.month:
            return windows.months(year, point.month, point.month, Precision.MONTH)
        if grain is Grain.PART and point.month:
            return windows.part_of_month(year, point.month, *point.parts)
        if grain is Grain.WEEK and point.month:
            return self._week(point, year, point.month)
        if grain is Grain.QUARTER:
            return windows.quarter(year, point.number)
        if grain is Grain.HALF:
            return windows.half(year, point.number)
        if grain is Grain.SEMESTER:
            return windows.semester(year, point.number)
        if grain is Grain.SEASON:
            return windows.season(year, point.name)
        if grain is Grain.SCHOOL_YEAR:
            return windows.school_year(year)
        if grain is Grain.YEAR:
            return windows.calendar_year(year)
        if grain is Grain.HOLIDAY and (found := windows.holiday(point.name, year)):
            return Window(found, found, Precision.HOLIDAY)
        return None

    def _week(self, point: Point, year: int, month: int) -> Window:
        if point.weekday is not None and point.name == "nth":
            return windows.nth_weekday(year, month, point.number, point.weekday)
        week = windows.week_of_month(year, month, point.number)
        if point.weekday is None:
            return week
        day = week.start + timedelta(days=point.weekday)
        return Window(day, day, Precision.DAY)

    # Whole expressions.

    def _phrase(self, segments: list[Segment], floor: int, nested: bool) -> tuple[DateExpression | None, int]:
        text = self.text
        first, last = segments[0], segments[-1]
        end = last.end
        single = len(segments) == 1 and not first.ranged
        point = first.first.point
        if single and not nested and (inner := self._narrowed(first.first, end)):
            end = inner.span[1]
        if single and point.grain is Grain.HOLIDAY:
            return self._holiday(first, end)
        if single and point.grain is Grain.YEAR and as_a_label(text, point, end):
            return None, end
        start_day, end_day = first.first.window.start, max(segment.last.window.end for segment in segments)
        precision = first.first.window.precision if single else Precision.RANGE
        tentative = single and point.grain in (Grain.HALF, Grain.YEAR)
        time = _times(segments)
        inferred = any(segment.first.inferred for segment in segments)
        parts: tuple[DateExpression, ...] = ()
        warnings = tuple(w for s in segments for side in _sides(s) for w in side.warnings)
        mismatches = tuple(m for s in segments for side in _sides(s) for m in side.mismatches)
        open_start = open_end = False
        start: date | None = start_day
        finish: date | None = end_day
        if single and end != last.end and inner is not None:
            start, finish, precision, parts = inner.start, inner.end, inner.precision, inner.parts
            time = time or inner.time
            warnings, mismatches = warnings + inner.warnings, mismatches + inner.weekday_mismatches
            if inner.open_start or inner.open_end:
                open_start, open_end = inner.open_start, inner.open_end
        if point.within and single:
            start, open_start = None, True
        begin = first.start
        if before := TILDE_BEFORE.search(text, max(floor, begin - 16), begin):
            begin, start, open_start = before.start(), None, True
        ranged = not single
        while True:
            if during := DURING.match(text, end):
                tentative, end = True, during.end()
            elif length := LENGTH_WITHIN.match(text, end):
                end = length.end()
            else:
                break
        if (limit := LIMIT.match(text, end)) and not (ranged and limit["limit"].startswith("전")):
            end = limit.end()
            if limit["limit"].startswith("전") and start is not None:
                finish, start, open_start = start - timedelta(days=1), None, True
            elif not ranged:
                start, open_start = None, True
        elif not ranged and not open_start and (since := SINCE.match(text, end)):
            end = since.end()
            finish, open_end = None, True
        elif ranged and not first.ranged and (since := SINCE.match(text, end)) and len(segments) == 1:
            end = since.end()
        if not tentative and HEDGED.match(text, end):
            tentative = True
        if start is not None and finish is not None and finish < start:
            warnings += ("끝이 시작보다 앞섭니다",)
        if open_start or open_end:
            precision = Precision.OPEN
        if len(segments) > 1:
            parts = tuple(self._member(segment) for segment in segments)
        if clock := (None if time else read_time_beside(text, end)):
            time, end = clock.text, clock.end
        recurrence = None
        if rule := self._recurrence_beside(end):
            recurrence, end = rule
        if not recurrence:
            self._remember(segments)
        expression = DateExpression(
            raw=self.raw[begin:end],
            span=(begin, end),
            start=start,
            end=finish,
            precision=precision,
            open_start=open_start,
            open_end=open_end,
            tentative=tentative,
            time=time,
            recurrence=recurrence,
            inferred_year=inferred,
            parts=parts,
            warnings=warnings,
            weekday_mismatches=mismatches,
        )
        return expression, end

    def _member(self, segment: Segment) -> DateExpression:
        return DateExpression(
            raw=self.raw[segment.start : segment.end],
            span=(segment.start, segment.end),
            start=segment.first.window.start,
            end=segment.last.window.end,
            precision=Precision.RANGE if segment.ranged else segment.first.window.precision,
            time=_times([segment]),
            inferred_year=segment.first.inferred,
            warnings=tuple(w for side in _sides(segment) for w in side.warnings),
            weekday_mismatches=tuple(m for side in _sides(segment) for m in side.mismatches),
        )

    def _narrowed(self, side: Side, end: int) -> DateExpression | None:
        """`2024년 하반기(10월)`: the finer expression in the bracket, when it lies within."""
        if side.point.grain is Grain.DAY:
            return None
        bracket = BRACKET.match(self.text, end)
        if bracket is None or self.text[bracket.end() : bracket.end() + 1] == "(":
            return None
        kept = replace(self.context)
        self.context.line_year = side.window.start.year
        inner, _ = self.read(bracket.end(), bracket.end(), nested=True)
        self.context = kept
        if inner is None or not (close := BRACKET_END.match(self.text, inner.span[1])):
            return None
        days = [day for day in (inner.start, inner.end) if day is not None]
        if not days or not all(side.window.start <= day <= side.window.end for day in days):
            return None
        return replace(inner, span=(inner.span[0], close.end()))

    def _holiday(self, segment: Segment, end: int) -> tuple[DateExpression | None, int]:
        """A holiday is a date with 대비, 전, 까지, 연휴 or 명절 beside it, or its day in the bracket; else an occasion."""
        point, window = segment.first.point, segment.first.window
        tail = HOLIDAY_TAIL.match(self.text, segment.end)
        start: date | None = window.start
        finish: date | None = window.end
        precision = Precision.HOLIDAY
        until = tail["until"] if tail else None
        open_start = False
        if tail and tail["stretch"]:
            stretch = windows.holiday_stretch(point.name, window.start.year)
            if stretch:
                start, finish = stretch
        if until and until[:1] in ("전",) and start:
            start, finish, open_start = None, start - timedelta(days=1), True
        elif until:
            start, open_start = None, True
        elif end != segment.end:
            inner = self._narrowed(segment.first, segment.end)
            if inner:
                start, finish, precision = inner.start, inner.end, inner.precision
        elif not (tail and (tail["feast"] or tail["stretch"])):
            return None, segment.end
        if tail and until and not tail["also"]:
            end = tail.end()
        elif tail and tail["stretch"] and not tail["also"]:
            end = tail.end("stretch")
        elif tail and tail["feast"] and not tail["also"]:
            end = tail.end("feast")
        begin = segment.start
        expression = DateExpression(
            raw=self.raw[begin:end],
            span=(begin, end),
            start=start,
            end=finish,
            precision=precision,
            open_start=open_start,
            tentative=until is not None,
            inferred_year=segment.first.inferred,
        )
        return expression, end

    def _tied_to_an_event(self, segments: list[Segment]) -> DateExpression | None:
        """`25년 인사운영 계획 수립 전`: the year names the plan, and the plan's day is not known."""
        segment = segments[-1]
        if len(segments) > 1 or segment.ranged or segment.first.point.grain is not Grain.YEAR:
            return None
        event = EVENT.match(self.text, segment.end)
        if event is None or not re.search(EVENT_WORD + "$", event["event"]):
            return None
        return self._without_days(segment.start, event.end(), None)

    def _without_days(self, start: int, end: int, recurrence: str | None) -> DateExpression:
        return DateExpression(
            self.raw[start:end],
            (start, end),
            None,
            None,
            Precision.NONE,
            tentative=recurrence is None,
            recurrence=recurrence,
        )

    def _recurring(self, start: int, rule: str, end: int) -> tuple[DateExpression, int]:
        clock = read_time_beside(self.text, end)
        expression = self._without_days(start, clock.end if clock else end, rule)
        return replace(expression, time=clock.text if clock else None), expression.span[1]

    def _recurrence_beside(self, end: int) -> tuple[str, int] | None:
        beside = re.compile(rf"{S}[,(]?{S}(?=[매격])").match(self.text, end)
        if beside and (rule := read_recurrence(self.text, beside.end())):
            if "(" in self.text[end : beside.end()]:
                return None
            return rule.rule, rule.end
        return None

    def _remember(self, segments: list[Segment]) -> None:
        """A date printed with its year gives it to those after it that leave it out."""
        side = segments[-1].last
        point = side.point
        if side.point.window is not None:
            return
        if not segments[0].first.inferred and point.grain is not Grain.YEAR:
            self.context.line_year = side.window.end.year if segments[-1].ranged else side.window.start.year
        if point.grain is Grain.DAY:
            self.context.line_month = side.window.start.month


def _sides(segment: Segment) -> tuple[Side, ...]:
    return (segment.first, segment.last) if segment.ranged else (segment.first,)


def _times(segments: list[Segment]) -> str | None:
    times = [side.time for segment in segments for side in _sides(segment) if side.time]
    if not times:
        return None
    return "~".join(times) if len(times) == 2 and len(segments) == 1 else times[0]


def _alike(previous: Side, side: Side) -> bool:
    """Members of a list are named as finely: months with parts of months, days with days."""
    coarse = {Grain.PART: Grain.MONTH, Grain.WEEK: Grain.MONTH}
    return coarse.get(previous.point.grain, previous.point.grain) is coarse.get(side.point.grain, side.point.grain)


def _with_unit(bare: Point, right: Point) -> Point:
    """A bare number read by the unit of the number after it (`9` of `9~10월`)."""
    value = bare.numbers[0]
    point = replace(bare)
    if right.grain in (Grain.MONTH, Grain.PART) and right.year is None and 1 <= value <= 12:
        point.month, point.grain = value, Grain.MONTH
    elif right.grain is Grain.DAY and right.month is None and 1 <= value <= 31:
        point.day, point.grain = value, Grain.DAY
    elif right.grain in (Grain.QUARTER, Grain.SEMESTER) and 1 <= value <= 4 and right.year is None:
        point.number, point.grain = value, right.grain
    elif right.grain is Grain.YEAR and right.year is not None and value >= 10:
        point.year, point.grain = right.year - right.year % 100 + value, Grain.YEAR
        if point.year > right.year:
            point.grain = Grain.BARE
    point.trust = Trust.SURE
    return point


def _share_unit(left: Point, right: Point) -> None:
    """`2024년 3~4분기`, `10월 2~3주`: the left number has the right one's unit."""
    if (
        right.grain is Grain.QUARTER
        and right.year is None
        and left.grain is Grain.MONTH
        and left.month
        and left.month <= 4
    ):
        left.grain, left.number, left.month = Grain.QUARTER, left.month, None
    elif right.grain is Grain.SEMESTER and left.grain is Grain.MONTH and left.month and left.month <= 2:
        left.grain, left.number, left.month = Grain.SEMESTER, left.month, None


def _next_time(point: Point, left: Side, side: Side) -> Point:
    """The right side once more, a year later (or a month later, for a day without a month)."""
    later = replace(point)
    if side.point.day and left.point.grain is Grain.DAY and side.window.start.month == left.window.start.month:
        months = left.window.start.year * 12 + left.window.start.month
        later.year, later.month = months // 12, months % 12 + 1
    else:
        later.year = side.window.start.year + 1
    return later


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
