"""When a rule asks about a milestone: from the ends of its window to the moments of its reminders. Pure."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models import Ask, MilestoneKind, OffsetUnit, WhichEnd
from schedules.calendar import SendDays, WorkingCalendar
from schedules.items import COUNTED_FROM_START, Item
from schedules.rules import Rule

BACKWARDS = frozenset({Ask.UPCOMING, Ask.TODAY, Ask.CONFIRM_DATE})  # on a day off these come before it, others after
ASKED_LATE = frozenset({Ask.CONFIRM_DATE, Ask.STATUS})  # still worth asking when their moment has passed
REPEATS_LOOKED_BACK = 15  # more than the longest stretch of days off, which is what can bring repeats together


@dataclass(frozen=True, slots=True)
class Occasion:
    """One reminder as a rule means it, before the day's mail goes out or the past is considered.

    `key` names rule, milestone, end, anchor, offset (or repeat) and level: ids and ISO dates only.
    """

    key: str
    rule: Rule
    item: Item
    end: WhichEnd
    anchor_on: date
    offset: int
    repeat_number: int
    level: int
    due_at: datetime

    @property
    def offset_unit(self) -> OffsetUnit:
        return self.rule.repeat_unit if self.repeat_number else self.rule.offset_unit


@dataclass(frozen=True, slots=True)
class Anchor:
    """The day a rule counts from: `base_on` is the anchor, or the activation when that came later (for repeats)."""

    rule: Rule
    item: Item
    end: WhichEnd
    on: date
    base_on: date


def anchors(item: Item, rule: Rule) -> Iterator[Anchor]:
    """The ends of the item's window that the rule counts from; none when the answer already given makes it needless."""
    assert item.activated_on is not None
    if rule.ask is Ask.CHECK:
        on = max(item.activated_on, item.answered_on or item.activated_on)
        yield Anchor(rule, item, WhichEnd.NONE, on, on)
        return
    if rule.ask in (Ask.STATUS, Ask.OVERDUE) and item.is_answered_at_end:
        return
    for end in ends_of(item, rule.which_end):
        on_end = item.start_on if end is WhichEnd.START else item.end_on
        if on_end is not None:
            base = max(on_end, item.activated_on) if rule.ask is Ask.OVERDUE else on_end
            yield Anchor(rule, item, end, on_end, base)


def ends_of(item: Item, which: WhichEnd) -> tuple[WhichEnd, ...]:
    """`default` by kind (dates.md): events from the start, training from both, the rest from the end.

    A fuzzy window has no first day that anything happens on, and an open start none at all: its end counts.
    """
    if which is WhichEnd.DEFAULT:
        if item.is_fuzzy or item.start_on is None:
            which = WhichEnd.END
        elif item.kind == MilestoneKind.TRAINING:
            which = WhichEnd.BOTH
        else:
            which = WhichEnd.START if item.kind in COUNTED_FROM_START else WhichEnd.END
    if which is not WhichEnd.BOTH:
        return (which,)
    return (WhichEnd.START,) if item.start_on == item.end_on else (WhichEnd.START, WhichEnd.END)


def fixed_occasions(anchor: Anchor, days: SendDays) -> Iterator[Occasion]:
    """One occasion for each offset and level, past ones too."""
    for offset in anchor.rule.offsets:
        due_at = _due(anchor, offset, anchor.rule.offset_unit, anchor.base_on, days)
        for level in anchor.rule.levels:
            yield _occasion(anchor, offset, 0, level, due_at)


def next_repeat(
    anchor: Anchor, level: int, days: SendDays, after: datetime, settled: Container[str] = ()
) -> Occasion | None:
    """The first repeat due strictly after that moment whose key is not in `settled`; None when the rule has none."""
    rule = anchor.rule
    if not rule.repeat_every:
        return None
    last, today = _last_offset(anchor, days.calendar), days.local_date(after)
    if rule.repeat_unit is OffsetUnit.CALENDAR:
        passed = (today - last).days
    else:
        passed = days.calendar.working_days_between(last, today)
    number = max(1, passed // rule.repeat_every - REPEATS_LOOKED_BACK)
    while True:
        occasion = repeat(anchor, number, level, days)
        if occasion.due_at > after and occasion.key not in settled:
            return occasion
        number += 1


def repeat(anchor: Anchor, number: int, level: int, days: SendDays) -> Occasion:
    """The `number`-th repeat after the rule's last offset, as the calendar stands now."""
    rule = anchor.rule
    due_at = _due(anchor, number * rule.repeat_every, rule.repeat_unit, _last_offset(anchor, days.calendar), days)
    return _occasion(anchor, number, number, level, due_at)


def _last_offset(anchor: Anchor, calendar: WorkingCalendar) -> date:
    return _count(anchor.base_on, anchor.rule.offsets[-1], anchor.rule.offset_unit, calendar)


def _due(anchor: Anchor, offset: int, unit: OffsetUnit, base: date, days: SendDays) -> datetime:
    day = _count(base, offset, unit, days.calendar)
    day = days.on_or_before(day) if anchor.rule.ask in BACKWARDS else days.on_or_after(day)
    return days.moment(day, anchor.rule.time)


def _count(base: date, offset: int, unit: OffsetUnit, calendar: WorkingCalendar) -> date:
    if unit is OffsetUnit.CALENDAR:
        return base + timedelta(days=offset)
    return calendar.add_working_days(base, offset)


def _occasion(anchor: Anchor, offset: int, repeat_number: int, level: int, due_at: datetime) -> Occasion:
    place = f"r{repeat_number}" if repeat_number else str(offset)
    chain = f"rule:{anchor.rule.id}/milestone:{anchor.item.id}/{anchor.end}/{anchor.on.isoformat()}"
    key = f"{chain}/{place}/level:{level}"
    return Occasion(key, anchor.rule, anchor.item, anchor.end, anchor.on, offset, repeat_number, level, due_at)
