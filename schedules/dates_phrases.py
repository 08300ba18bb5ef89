"""Reads whole expressions: a point, range or list with its deadline, open end, bracket, hedge, time and recurrence."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from schedules import dates_tails as tails
from schedules import dates_windows as windows
from schedules.dates_candidates import Candidate, next_candidate
from schedules.dates_expression import DateExpression, Precision
from schedules.dates_points import Grain, Point
from schedules.dates_ranges import Joiner, Segment
from schedules.dates_recurrences import read_recurrence
from schedules.dates_settling import Mismatch, Settler, Side
from schedules.dates_times import read_time_beside
from schedules.dates_titles import is_planned, only_names
from schedules.dates_words import next_mark

UNKNOWN = "없는 날짜: {printed}"


@dataclass(slots=True)
class Draft:
    """An expression in the making."""

    begin: int
    end: int
    first_day: date | None
    last_day: date | None
    precision: Precision
    open_start: bool = False
    open_end: bool = False
    tentative: bool = False
    time: str | None = None
    recurrence: str | None = None
    inferred_year: bool = False
    parts: tuple[DateExpression, ...] = ()
    warnings: tuple[str, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()


class Reader:
    """Reads one paragraph from left to right. `text` has plain marks, `raw` is what is quoted."""

    def __init__(self, text: str, raw: str, ref: date, year: int | None) -> None:
        self.text = text
        self.raw = raw
        self.settler = Settler(ref, year)
        self.joiner = Joiner(text, self.settler)

    def expressions(self, first: Candidate) -> Iterator[DateExpression]:
        """Every expression from the first candidate on. Each character is looked at a bounded number of times."""
        candidate: Candidate | None = first
        floor = 0
        while candidate is not None:
            found, resume = self._read(candidate.start, floor)
            if found is not None:
                yield found
                floor = found.span[1]
                pos = max(resume, floor)
            else:
                pos = max(resume, candidate.end)
            candidate = next_candidate(self.text, pos)

    def _read(self, start: int, floor: int) -> tuple[DateExpression | None, int]:
        """The expression that starts at `start`, and where to go on reading."""
        if rule := read_recurrence(self.text, start):
            draft = Draft(start, rule.end, None, None, Precision.NONE, recurrence=rule.rule)
            self._add_time(draft)
            return self._finish(draft), draft.end
        if relative := self._after_event(start, floor):
            return relative, relative.span[1]
        self.joiner.impossible = None
        segments, resume = self.joiner.read(start)
        if not segments and (impossible := self.joiner.impossible):
            printed = self.raw[impossible.start : impossible.end]
            draft = Draft(
                start, impossible.end, None, None, Precision.NONE, warnings=(UNKNOWN.format(printed=printed),)
            )
            return self._finish(draft), impossible.end
        if not segments:
            return None, resume
        first, last = segments[0], segments[-1]
        alone = len(segments) == 1 and not first.ranged
        grain = first.first.point.grain
        if alone and grain is Grain.YEAR:
            if event := tails.EVENT_AFTER_YEAR.match(self.text, last.end):
                draft = Draft(start, event.end(), None, None, Precision.NONE, tentative=True)
                return self._finish(draft), draft.end
            if first.first.point.two_digits and tails.LASTED.match(self.text, last.end):
                return None, last.end
            if only_names(self.text, first.start, last.end):
                if tails.TOPIC.match(self.text, last.end):
                    self.settler.remember(last.last, gives_year=True)
                return None, last.end
        if alone and grain is Grain.SCHOOL_YEAR and only_names(self.text, first.start, last.end):
            return None, last.end
        draft = self._draft(segments, alone)
        if alone and grain is Grain.HOLIDAY:
            if not self._add_occasion(draft, first.first):
                return None, last.end
        else:
            if alone and first.first.point.window is not None and grain is Grain.DAY:
                self._repeat(draft, first.first)
            narrows = alone and grain is not Grain.DAY and not first.first.time
            narrows = narrows and not self._narrow(draft, first.first)
            if alone and first.first.point.within:
                draft.first_day, draft.open_start = None, True
            self._open_ends(draft, floor, alone, timed=bool(last.last.time))
            if narrows and draft.end > last.end and not (draft.open_start or draft.open_end):
                self._narrow(draft, first.first)
        self._hedge(draft)
        self._add_time(draft)
        self._add_rule(draft)
        if draft.recurrence is None and not tails.BORN.match(self.text, draft.end):
            named = grain is not Grain.YEAR or tails.TOPIC.match(self.text, last.end) is not None
            self.settler.remember(last.last, gives_year=named and not first.first.inferred)
        return self._finish(draft), draft.end

    def _after_event(self, start: int, floor: int) -> DateExpression | None:
        """`계약일로부터 6개월`: the words are kept, the days depend on an event."""
        length = tails.LENGTH.match(self.text, start)
        event = tails.AFTER_EVENT.search(self.text, max(floor, start - 20), start) if length else None
        if length is None or event is None:
            return None
        return self._finish(Draft(event.start(), length.end(), None, None, Precision.NONE))

    def _draft(self, segments: list[Segment], alone: bool) -> Draft:
        """The window over all members: from the first day of the first to the last day of any."""
        first, last = segments[0], segments[-1]
        return Draft(
            begin=first.start,
            end=last.end,
            first_day=first.first.window.start,
            last_day=max(segment.last.window.end for segment in segments),
            precision=first.first.window.precision if alone else Precision.RANGE,
            tentative=alone and self._is_vague(first.first, last.end),
            time=next((segment.time for segment in segments if segment.time), None),
            inferred_year=any(segment.first.inferred for segment in segments),
            parts=tuple(map(self._member, segments)) if len(segments) > 1 else (),
            warnings=tuple(warning for segment in segments for warning in segment.warnings),
            mismatches=tuple(mismatch for segment in segments for mismatch in segment.mismatches),
        )

    def _is_vague(self, side: Side, end: int) -> bool:
        """A bare half or year that is not over hedges; the running year only where something begins or ends in it."""
        grain, window, ref = side.point.grain, side.window, self.settler.ref
        if grain is Grain.HALF:
            return window.end >= ref
        return grain is Grain.YEAR and (window.start > ref or (window.end >= ref and is_planned(self.text, end)))

    def _member(self, segment: Segment) -> DateExpression:
        return DateExpression(
            raw=self.raw[segment.start : segment.end],
            span=(segment.start, segment.end),
            start=segment.first.window.start,
            end=segment.last.window.end,
            precision=Precision.RANGE if segment.ranged else segment.first.window.precision,
            time=segment.time,
            inferred_year=segment.first.inferred,
            warnings=segment.warnings,
            weekday_mismatches=segment.mismatches,
        )

    def _narrow(self, draft: Draft, side: Side) -> bool:
        """`2024년 하반기(10월)`: the finer expression in the bracket counts, when it lies within."""
        bracket = tails.BRACKET.match(self.text, draft.end)
        if bracket is None:
            return False
        settler = self.joiner.settler
        kept = settler.line_year, settler.line_from_month, settler.line_month
        settler.line_year, settler.line_from_month, settler.line_month = (
            side.window.start.year,
            1,
            side.window.start.month,
        )
        within = side if side.point.grain in (Grain.MONTH, Grain.HOLIDAY) else None
        segments, _ = self.joiner.read(bracket.end(), within)
        settler.line_year, settler.line_from_month, settler.line_month = kept
        if not segments or not (close := tails.BRACKET_END.match(self.text, segments[-1].end)):
            return False
        inner = self._draft(segments, alone=len(segments) == 1 and not segments[0].ranged)
        if inner.first_day is None or inner.last_day is None:
            return False
        if inner.first_day < side.window.start or inner.last_day > side.window.end:
            return False
        draft.first_day, draft.last_day, draft.precision = inner.first_day, inner.last_day, inner.precision
        draft.time, draft.parts, draft.end = draft.time or inner.time, inner.parts, close.end()
        draft.warnings += inner.warnings
        draft.mismatches += inner.mismatches
        return True

    def _repeat(self, draft: Draft, side: Side) -> None:
        """`내일(14일)`, `차주 수요일(9. 17.)`: the bracket names the same day once more."""
        bracket = tails.BRACKET.match(self.text, draft.end)
        if bracket is None:
            return
        month = replace(
            side, point=Point(0, 0, Grain.MONTH, year=side.window.start.year, month=side.window.start.month)
        )
        segments, _ = self.joiner.read(bracket.end(), month)
        close = tails.BRACKET_END.match(self.text, segments[-1].end) if len(segments) == 1 else None
        if close and segments[0].first.window.start == segments[0].last.window.end == draft.first_day:
            draft.end = close.end()

    def _open_ends(self, draft: Draft, floor: int, alone: bool, timed: bool) -> None:
        """까지 and its kin leave the start open, 부터 and its kin the end; a leading `~` and a trailing one too."""
        if before := tails.LIMIT_BEFORE.search(self.text, max(floor, draft.begin - 16), draft.begin):
            draft.begin, draft.first_day, draft.open_start = before.start(), None, True
        if next_mark(self.text, draft.end) not in tails.TAIL_MARKS:
            return
        while beside := tails.DURING.match(self.text, draft.end) or tails.COUNT_BESIDE.match(self.text, draft.end):
            draft.tentative = draft.tentative or beside.re is tails.DURING
            draft.end = beside.end()
        if limit := tails.LIMIT.match(self.text, draft.end):
            if limit["limit"].startswith("전"):
                if not alone or draft.first_day is None:
                    return
                draft.last_day = draft.first_day - timedelta(days=1)
            draft.end = limit.end()
            if alone or limit["limit"].startswith("전"):
                draft.first_day, draft.open_start = None, True
        elif alone and not draft.open_start and (since := tails.SINCE.match(self.text, draft.end)):
            if timed and since["since"] != "이후" and not self._goes_on(draft, since.end()):
                return
            draft.end = since.end()
            draft.last_day, draft.open_end = None, True

    def _goes_on(self, draft: Draft, pos: int) -> bool:
        """Whether what begins at a clock time lasts: from midnight on, or open for applications."""
        return draft.time == "00:00" or tails.GOES_ON.match(self.text, pos) is not None

    def _add_occasion(self, draft: Draft, side: Side) -> bool:
        """A holiday is a date with 대비, 전, 까지, 연휴 or 명절, or its day in a bracket; else it is an occasion."""
        tail = tails.HOLIDAY_TAIL.match(self.text, draft.end)
        if tail is None or tail.end() == draft.end:
            if self._narrow(draft, replace(side, window=windows.calendar_year(side.window.start.year))):
                return True
            return self._add_named_feast(draft, side)
        until, listed = tail["until"] or "", bool(tail["also"])
        stretch = windows.holiday_stretch(side.point.name, side.window.start.year) if tail["stretch"] else None
        if stretch and not listed:
            draft.first_day, draft.last_day = stretch
        if until:
            if until.startswith("전") and draft.first_day:
                draft.last_day = draft.first_day - timedelta(days=1)
            draft.first_day, draft.open_start, draft.tentative = None, True, True
        elif not (tail["feast"] or tail["stretch"]):
            return False
        if not listed:
            draft.end = tail.end()
            if not until:
                self._narrow(draft, replace(side, window=windows.calendar_year(side.window.start.year)))
        return True

    def _add_named_feast(self, draft: Draft, side: Side) -> bool:
        """추석 당일, 설 전날, 오는 성탄절, 2025년 추석: a feast that says which day; alone it is an occasion."""
        if beside := tails.FEAST_DAY.match(self.text, draft.end):
            shift = {"전": -1, "당": 0}.get(beside[1][0], 1)
            draft.first_day = draft.last_day = side.window.start + timedelta(days=shift)
            draft.precision = Precision.DAY if shift else draft.precision
            draft.end = beside.end()
            self._narrow(draft, replace(side, window=windows.calendar_year(side.window.start.year)))
            return True
        return bool(side.point.year or side.point.direction) and not tails.FOR_FEAST.match(self.text, draft.end)

    def _hedge(self, draft: Draft) -> None:
        hedged = tails.HEDGE.match(self.text, draft.end) or tails.HEDGED.search(
            self.text, max(0, draft.begin - 8), draft.begin
        )
        if not draft.tentative and hedged:
            draft.tentative = True

    def _add_time(self, draft: Draft) -> None:
        if draft.time is None and (clock := read_time_beside(self.text, draft.end)):
            draft.time, draft.end = clock.text, clock.end

    def _add_rule(self, draft: Draft) -> None:
        """`9월~11월 매주 토요일`: the rule holds within the window."""
        beside = tails.RULE_BESIDE.match(self.text, draft.end)
        if beside and beside["comma"] and draft.precision is not Precision.RANGE:
            return
        if beside and (rule := read_recurrence(self.text, beside.end())):
            draft.recurrence, draft.end = rule.rule, rule.end
            self._add_time(draft)

    def _finish(self, draft: Draft) -> DateExpression:
        if draft.first_day and draft.last_day and draft.last_day < draft.first_day:
            draft.warnings += ("끝이 시작보다 앞섭니다",)
        if (draft.open_start or draft.open_end) and draft.precision is not Precision.HOLIDAY:
            draft.precision = Precision.OPEN
        return DateExpression(
            raw=self.raw[draft.begin : draft.end],
            span=(draft.begin, draft.end),
            start=draft.first_day,
            end=draft.last_day,
            precision=draft.precision,
            open_start=draft.open_start,
            open_end=draft.open_end,
            tentative=draft.tentative,
            time=draft.time,
            recurrence=draft.recurrence,
            inferred_year=draft.inferred_year,
            parts=draft.parts,
            warnings=draft.warnings,
            weekday_mismatches=draft.mismatches,
        )
