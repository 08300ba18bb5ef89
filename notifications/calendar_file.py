"""The .ics beside a mail: one event for each item whose day is known (RFC 5545)."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Timezone

from models import MilestoneKind
from notifications.digest import Item
from notifications.mime import Attachment
from notifications.subjects import item_name
from schedules import words

NAME = "일정.ics"
LINE_BYTES = 73  # of UTF-8 in one line: RFC 5545 3.1 allows 75

CLOCK = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)")

DAY = timedelta(days=1)
Times = tuple[time, time | None]

# What is held takes all its days; of everything else the deadline alone belongs into a calendar.
HELD = frozenset((MilestoneKind.EVENT, MilestoneKind.TRAINING, MilestoneKind.MEETING, MilestoneKind.COUNCIL))


def calendar_file(items: Iterable[Item], host: str, now: datetime, timezone: ZoneInfo) -> Attachment | None:
    """Events for the items that name their days; None when there is no such item.

    All-day events end on the day after (DTEND is exclusive); an item with a clock time has that time in `timezone`,
    whose VTIMEZONE is then included. UID is stable for a milestone at `host`, SEQUENCE grows when its window changes.
    """
    dated = [item for item in items if names_days(item)]
    if not dated:
        return None
    return Attachment(
        NAME, "text/calendar; charset=utf-8; method=PUBLISH", write_calendar(dated, (), host, now, timezone)
    )


def names_days(item: Item) -> bool:
    """Whether it can stand in a calendar: a window that only bounds a day cannot."""
    return item.is_firm and (item.end_on or item.start_on) is not None


def write_calendar(
    dated: Sequence[Item], properties: Iterable[str], host: str, now: datetime, timezone: ZoneInfo
) -> bytes:
    """One VCALENDAR with an event for each item; `properties` are lines of its own, as RFC 5545 and 7986 name them."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Dday//Dday//KO", "METHOD:PUBLISH", *properties]
    times = [_times(item) for item in dated]
    if any(times):
        lines += _timezone(timezone.key)
    stamp = f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for item, at in zip(dated, times, strict=True):
        lines += _event(item, at, host, stamp, timezone)
    lines += ("END:VCALENDAR", "")
    return "\r\n".join(map(_folded, lines)).encode()


def _event(item: Item, at: Times | None, host: str, stamp: str, timezone: ZoneInfo) -> tuple[str, ...]:
    last = item.end_on or item.start_on
    assert last is not None
    first = item.start_on if item.kind in HELD and item.start_on else last
    days: tuple[str, ...]
    if at and first == last:
        begins, ends = at
        days = (f"DTSTART;TZID={timezone.key}:{_stamp(first)}T{begins:%H%M%S}",)
        if ends:
            days += (f"DTEND;TZID={timezone.key}:{_stamp(first)}T{ends:%H%M%S}",)
    else:
        days = (f"DTSTART;VALUE=DATE:{_stamp(first)}", f"DTEND;VALUE=DATE:{_stamp(last + DAY)}")
    return (
        "BEGIN:VEVENT",
        f"UID:milestone-{item.milestone_id}@{host}",
        f"SEQUENCE:{item.sequence}",
        stamp,
        *days,
        f"SUMMARY:{escaped(item_name(item))}",
        f"DESCRIPTION:{escaped(f'{item.project} / {words.window(item.raw, item.start_on, item.end_on)}')}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    )


def _stamp(on: date) -> str:
    return on.isoformat().replace("-", "")


def _times(item: Item) -> Times | None:
    """The clock times kept beside a single day: `14:00`, `14:00~16:00`."""
    if not item.time:
        return None
    found = [time(int(hour), int(minute)) for hour, minute in CLOCK.findall(item.time)]
    if not found or (item.kind in HELD and item.start_on != item.end_on):
        return None
    return found[0], found[1] if len(found) > 1 and found[1] > found[0] else None


@cache
def _timezone(name: str) -> list[str]:
    text = Timezone.from_tzid(name, first_date=date(2020, 1, 1)).to_ical().decode()
    return [line for line in text.replace("\r\n ", "").split("\r\n") if line and not line.startswith("COMMENT")]


def escaped(value: str) -> str:
    """RFC 5545 3.3.11: backslash, semicolon, comma and line ends are escaped."""
    value = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return value.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets, never cut inside a character."""
    if len(line) <= LINE_BYTES and (line.isascii() or len(line.encode()) <= LINE_BYTES):
        return line
    pieces, piece, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > LINE_BYTES:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + character, size + width
    return "\r\n".join((*pieces, piece))
