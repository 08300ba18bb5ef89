"""Days, times and amounts as the English pages say them; the counterparts of `schedules/words.py`."""

from datetime import date, datetime

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(on: date) -> str:
    """`Mon 30 Sep 2024`"""
    return f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]} {on.year}"


def near_day(on: date, today: date) -> str:
    """The year is left out within the year of `today`."""
    return day(on).removesuffix(f" {on.year}") if on.year == today.year else day(on)


def moment(at: datetime) -> str:
    """`Mon 30 Sep 2024 09:00`"""
    return f"{day(at.date())} {at:%H:%M}"


def near_moment(at: datetime, today: date) -> str:
    return f"{near_day(at.date(), today)} {at:%H:%M}"


def month_name(on: date) -> str:
    return f"{MONTHS[on.month - 1]} {on.year}"


def span(start: date | None, end: date | None, year: int | None = None) -> str:
    """`1 Sep – 30 Sep 2024`; a side without a day stays open. Without any day: the empty text."""
    if start is not None and start == end:
        return day(start)
    left = "" if start is None else _bare(start, end.year if end is not None else year)
    right = "" if end is None else _bare(end, year)
    return f"{left} – {right}".strip() if left or right else ""


def window(raw: str, start: date | None, end: date | None, today: date | None = None) -> str:
    """A window as the document wrote it, with the days it means: `9월중 (1 Sep – 30 Sep 2024)`."""
    raw = " ".join(raw.split())
    days = span(start, end, today.year if today is not None else None)
    if not days or not raw:
        return raw or days or "no day yet"
    return days if start == end else f"{raw} ({days})"


def moved_deadline(on: date, counts_on: date, today: date) -> str:
    """`The deadline, Sun 29 Sep, is a day off and counts as Mon 30 Sep.`"""
    return f"The deadline, {near_day(on, today)}, is a day off and counts as {near_day(counts_on, today)}."


def _bare(on: date, year: int | None) -> str:
    return f"{on.day} {MONTHS[on.month - 1]}" + ("" if on.year == year else f" {on.year}")
