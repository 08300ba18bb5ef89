"""What one date expression of an office text says: its window of days and the words it was read from."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Precision(StrEnum):
    """How finely the text names the window; `range` has two ends, `open` only one, `none` no day at all."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    PART_OF_MONTH = "part-of-month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    SEASON = "season"
    HOLIDAY = "holiday"
    RANGE = "range"
    OPEN = "open"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DateExpression:
    """One expression: `raw` is `text[span[0]:span[1]]`; `start` and `end` are the first and last day, both included.

    A side the text leaves open has no day there and its `open_` flag set. Without any day the precision is `none`.
    """

    raw: str
    span: tuple[int, int]
    start: date | None
    end: date | None
    precision: Precision
    open_start: bool = False
    open_end: bool = False
    tentative: bool = False
    time: str | None = None
    recurrence: str | None = None
    inferred_year: bool = False
    parts: tuple["DateExpression", ...] = ()
    warnings: tuple[str, ...] = ()
    weekday_mismatches: tuple[tuple[date, str, str], ...] = ()
    """The day, the weekday printed for it, and the weekday it has: `(date(2024, 8, 1), "월", "목")`."""
