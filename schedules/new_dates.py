"""새 날짜: what people type into a form as the new date of a milestone, read as strictly as a form must be."""

from dataclasses import dataclass
from datetime import date

from models import Milestone
from schedules import words
from schedules.dates import DateExpression, Precision, find_dates
from settings import Refusal

EXAMPLES = "예: 2024. 10. 15. 또는 10월 말"


class NewDateError(Refusal):
    """The text does not name days that lie ahead; says in Korean what to write instead."""


@dataclass(frozen=True, slots=True)
class NewWindow:
    """The days of a milestone from now on, as written and as read."""

    raw: str
    start_on: date | None
    end_on: date
    precision: str
    open_start: bool = False
    tentative: bool = False
    time: str | None = None

    def differs_from(self, milestone: Milestone) -> bool:
        return (self.start_on, self.end_on, self.precision, self.tentative) != (
            milestone.start_on,
            milestone.end_on,
            milestone.precision,
            milestone.tentative,
        )

    def lies_within(self, milestone: Milestone) -> bool:
        """Names days inside the window that was planned: the date is fixed, not moved."""
        if milestone.start_on is None or milestone.end_on is None:
            return False
        return milestone.start_on <= (self.start_on or self.end_on) and self.end_on <= milestone.end_on


def read_new_date(text: str, today: date) -> NewWindow:
    """The one date expression of the text. Without a year it means the next such day. Raises NewDateError.

    Refused, since a form can ask again: no date, several, an impossible or contradicted day, no last day, one that is
    over.
    """
    raw = " ".join(text.split())
    expression = _only_date(raw, today)
    if expression.inferred_year and expression.end is not None and expression.end < today:
        expression = _only_date(raw, today, year=today.year + 1)
    if expression.warnings:
        raise NewDateError(f"'{raw}': {expression.warnings[0]}. 날짜를 확인해 주세요.")
    if expression.end is None:
        raise NewDateError(f"'{raw}': 언제까지인지 알 수 없습니다. 끝나는 날을 함께 적어 주세요. {EXAMPLES}")
    window = NewWindow(
        raw=raw,
        start_on=expression.start,
        end_on=expression.end,
        precision=expression.precision.value,
        open_start=expression.open_start,
        tentative=expression.tentative,
        time=expression.time,
    )
    return _ahead(window, today)


def window_of_days(start: date | None, end: date | None, today: date) -> NewWindow:
    """The window of days picked from a calendar; one side alone is that single day. Raises NewDateError."""
    first, last = start or end, end or start
    if first is None or last is None:
        raise NewDateError(f"새 날짜를 적어 주세요. {EXAMPLES}")
    if first > last:
        raise NewDateError(
            f"시작일({words.day(first)})이 종료일({words.day(last)})보다 늦습니다. 두 날짜를 확인해 주세요."
        )
    precision = Precision.DAY if first == last else Precision.RANGE
    return _ahead(NewWindow(words.span(first, last), first, last, precision.value), today)


def _only_date(raw: str, today: date, year: int | None = None) -> DateExpression:
    found = [one for one in find_dates(raw, today, year=year) if one.start is not None or one.end is not None]
    if not found:
        raise NewDateError(f"'{raw}'에서 날짜를 읽을 수 없습니다. {EXAMPLES}")
    if len(found) > 1:
        raise NewDateError(f"'{raw}'에 날짜가 여러 개 있습니다. 하나만 적어 주세요. {EXAMPLES}")
    return found[0]


def _ahead(window: NewWindow, today: date) -> NewWindow:
    if window.end_on < today:
        raise NewDateError(
            f"{words.day(window.end_on)}은 이미 지난 날입니다. 새 날짜를 적거나, 끝난 일이면 '완료'로 답해 주세요."
        )
    return window
