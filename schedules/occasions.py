"""When a rule asks about a milestone: from the ends of its window to the moments of its reminders. Pure."""

from collections.abc import Container, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from models import Ask, MilestoneKind, OffsetUnit, WhichEnd
from schedules.calendar import SendDays
from schedules.items import COUNTED_FROM_START, Item
from schedules.rule import CHECKS_SPREAD, is_spread
from schedules.rules import Rule

BACKWARDS = frozenset({Ask.UPCOMING, Ask.TODAY, Ask.CONFIRM_DATE})  # on a day off these come before it, others after
ASKED_LATE = frozenset({Ask.CONFIRM_DATE, Ask.STATUS})  # still worth asking when their moment has passed
REPEATS_LOOKED_BACK = 15  # more than the longest stretch of days off, which is what can bring repeats together
MOST_REMEMBERED = 50_000  # anchors: some years of days for every rule, in some ten MB


COLUMNS = ("rule_id", "ask", "end", "anchor_on", "offset", "offset_unit", "repeat_number", "level")


class Occasion(NamedTuple):
    """One reminder as a rule means it for every milestone with that anchor, before the past is considered."""

    rule: Rule
    end: WhichEnd
    anchor_on: date
    offset: int
    repeat_number: int
    level: int
    due_at: datetime
    key_before: str
    key_after: str
    columns: tuple[object, ...]  # what its rows have in common, as COLUMNS of the table keep it

    def key(self, milestone_id: int) -> str:
        """Names rule, milestone, end, anchor, offset (or repeat) and level: ids and ISO dates only."""
        return f"{self.key_before}{milestone_id}{self.key_after}"


class Anchor(NamedTuple):
    """The day that keys name, and the one counted from: that of the deadline, or a later activation.

    `is_set`: a person set the very day of a check, on which the first offset falls; later ones keep their distance.
    `later` are working days by which everything counted is put off. No key says so: what stood before it was put off,
    or before another post got it, keeps its key. Told or missed, it is not told again; still planned, it moves.
    """

    rule: Rule
    end: WhichEnd
    on: date
    base_on: date
    is_set: bool = False
    later: int = 0

    @property
    def offsets(self) -> tuple[int, ...]:
        """Those of the rule, from the day counted from."""
        first = self.rule.offsets[0] if self.is_set and self.rule.offsets else 0
        return tuple(offset - first for offset in self.rule.offsets)


def anchors(item: Item, rule: Rule) -> Iterator[Anchor]:
    """The ends of the item's window that the rule counts from; none when the answer already given makes it needless."""
    assert item.activated_on is not None
    if rule.ask is Ask.CHECK:
        if item.check_on is not None and (item.answered_on is None or item.answered_on < item.check_on):
            yield Anchor(rule, WhichEnd.NONE, item.check_on, item.check_on, is_set=True)
            return
        on = max(item.activated_on, item.answered_on or item.activated_on)
        yield Anchor(rule, WhichEnd.NONE, on, on, later=check_put_off(item) if is_spread(rule.ask, rule.offsets) else 0)
        return
    if rule.ask in (Ask.STATUS, Ask.OVERDUE) and item.is_answered_at_end:
        return
    for end in ends_of(item, rule.which_end):
        on_end = item.start_on if end is WhichEnd.START else item.end_on
        if on_end is not None:
            base = item.counts_on(end, on_end)
            base = max(base, item.activated_on) if rule.ask is Ask.OVERDUE else base
            yield Anchor(rule, end, on_end, base)


def check_put_off(item: Item) -> int:
    """By how many working days a post's checks are put off: what was activated in one go is not asked on one day.

    By post, so that all items of one still come in one mail.
    """
    return (item.post_id or 0) % CHECKS_SPREAD


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


class Almanac:
    """The occasions of the rules on the days of one calendar, each worked out once for all milestones that share it."""

    def __init__(self, days: SendDays) -> None:
        self.days = days
        self._fixed: dict[tuple[int, WhichEnd, date, date, bool, int], tuple[Occasion, ...]] = {}

    def fixed(self, anchor: Anchor) -> tuple[Occasion, ...]:
        """One occasion for each offset and level, past ones too."""
        rule = anchor.rule
        place = (rule.id, anchor.end, anchor.on, anchor.base_on, anchor.is_set, anchor.later)
        found = self._fixed.get(place)
        if found is None:
            found = tuple(
                _occasion(anchor, offset, 0, level, self._due(anchor, offset, rule.offset_unit, self._base(anchor)))
                for offset in anchor.offsets
                for level in rule.levels
            )
            if len(self._fixed) >= MOST_REMEMBERED:
                self._fixed.clear()
            self._fixed[place] = found
        return found

    def next_repeat(
        self, anchor: Anchor, level: int, milestone_id: int, after: datetime, settled: Container[str] = ()
    ) -> Occasion:
        """Of a rule that repeats, the first repeat due strictly after that moment whose key is not in `settled`."""
        rule = anchor.rule
        last, today = self._last_offset(anchor), self.days.local_date(after)
        if rule.repeat_unit is OffsetUnit.CALENDAR:
            passed = (today - last).days
        else:
            passed = self.days.calendar.working_days_between(last, today)
        number = max(1, passed // rule.repeat_every - REPEATS_LOOKED_BACK)
        while True:
            occasion = self.repeat(anchor, number, level)
            if occasion.due_at > after and occasion.key(milestone_id) not in settled:
                return occasion
            number += 1

    def repeat(self, anchor: Anchor, number: int, level: int) -> Occasion:
        """The `number`-th repeat after the rule's last offset."""
        rule = anchor.rule
        due_at = self._due(anchor, number * rule.repeat_every, rule.repeat_unit, self._last_offset(anchor))
        return _occasion(anchor, number, number, level, due_at)

    def _last_offset(self, anchor: Anchor) -> date:
        return self._count(self._base(anchor), anchor.offsets[-1], anchor.rule.offset_unit)

    def _base(self, anchor: Anchor) -> date:
        return self.days.calendar.add_working_days(anchor.base_on, anchor.later) if anchor.later else anchor.base_on

    def _due(self, anchor: Anchor, offset: int, unit: OffsetUnit, base: date) -> datetime:
        day = self._count(base, offset, unit)
        is_before = anchor.rule.ask in BACKWARDS
        day = self.days.on_or_before(day) if is_before else self.days.on_or_after(day)
        return self.days.moment(day, anchor.rule.time)

    def _count(self, base: date, offset: int, unit: OffsetUnit) -> date:
        if unit is OffsetUnit.CALENDAR:
            return base + timedelta(days=offset)
        return self.days.calendar.add_working_days(base, offset)


def _occasion(anchor: Anchor, offset: int, repeat_number: int, level: int, due_at: datetime) -> Occasion:
    rule, end, on = anchor.rule, anchor.end, anchor.on
    place = f"r{repeat_number}" if repeat_number else str(offset)
    unit = rule.repeat_unit if repeat_number else rule.offset_unit
    return Occasion(
        rule,
        end,
        on,
        offset,
        repeat_number,
        level,
        due_at,
        f"rule:{rule.id}/milestone:",
        f"/{end}/{on.isoformat()}/{place}/level:{level}",
        (rule.id, rule.ask.value, end.value, on, offset, unit.value, repeat_number, level),
    )
