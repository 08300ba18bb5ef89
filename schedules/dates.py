"""Reads the date expressions of Korean office texts: which days they mean, what they leave open, what contradicts."""

from datetime import date

from schedules.dates_candidates import next_candidate
from schedules.dates_expression import DateExpression, Precision
from schedules.dates_phrases import Reader
from schedules.dates_words import ODD, PLAIN

__all__ = ["DateExpression", "Precision", "as_json", "find_dates"]


def find_dates(text: str, ref_date: date, *, year: int | None = None) -> list[DateExpression]:
    """Every date expression of one line or paragraph, left to right, not overlapping.

    `year` is the year of the nearest context above (heading, section, document date); expressions that leave the year
    out take it before the year of `ref_date`, and both mark `inferred_year`. Time is linear in the text's length.
    ValueError for a reference date outside the years 1900 to 2100, in which dates are read.
    """
    if not 1900 <= ref_date.year <= 2100:
        raise ValueError(f"no dates are read from {ref_date}: only 1900 to 2100")
    plain = text.translate(PLAIN) if ODD.search(text) else text
    first = next_candidate(plain, 0)
    if first is None:
        return []
    found = list(Reader(plain, text, ref_date, year).expressions(first))
    if len(found) > 1 and any(_dated(one) and one.precision is not Precision.HOLIDAY for one in found):
        found = [one for one in found if not _is_occasion(one)]
    return found


def _dated(found: DateExpression) -> bool:
    return found.start is not None or found.end is not None


def _is_occasion(found: DateExpression) -> bool:
    """`추석 명절 선물 지급 : 9월 초`: beside a date of its own, the feast is only what it is for."""
    return found.precision is Precision.HOLIDAY and found.raw.endswith("명절")


def as_json(found: DateExpression) -> dict[str, object]:
    """The expression as `dday dates` prints it: ISO dates, the span in characters."""
    return {
        "raw": found.raw,
        "span": list(found.span),
        "start": found.start.isoformat() if found.start else None,
        "end": found.end.isoformat() if found.end else None,
        "precision": found.precision.value,
        "open_start": found.open_start,
        "open_end": found.open_end,
        "tentative": found.tentative,
        "time": found.time,
        "recurrence": found.recurrence,
        "inferred_year": found.inferred_year,
        "parts": [as_json(part) for part in found.parts],
        "warnings": list(found.warnings),
    }
