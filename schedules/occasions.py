"""When a rule asks about a milestone: from the ends of its window to the moments of its reminders. Pure."""

from collections.abc import Container, Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from models import Ask, MilestoneKind, OffsetUnit, WhichEnd
from schedules.calendar import SendDays
from schedules.items import COUNTED_FROM_START, Item
from schedules.rule import ASKED_AT_END, CHECKS_SPREAD, is_spread
from schedules.rules import Rule

BACKWARDS = frozenset({Ask.UPCOMING, Ask.TODAY, Ask.CONFIRM_DATE})  # on a day off these come before it, others after
ASKED_LATE = frozenset({Ask.CONFIRM_DATE, Ask.STATUS})  # still worth asking when their moment has passed
QUIET_AHEAD = timedelta(weeks=6)  # the checks' spread, some holidays, and then D-30
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

    def key(self, milestone_id: int, beside: int | None = None) -> str:
        """Names rule, milestone, end, anchor, offset (or repeat) and level: ids and ISO dates only.

        Instead of the level stands the post `beside` that supports the milestone: there may be several.
        """
        whom = f"level:{self.level}" if beside is None else f"supporting:{beside}"
        return f"{self.key_before}{milestone_id}{self.key_after}{whom}"


class Anchor(NamedTuple):
    """The day that keys name, and the one counted from: that of the deadline, or a later activation.

    `is_set`: a person set the very day of a check, on which the first offset falls; later ones keep their distance.
    `answered_on`: it was answered at its end, and only the repeats of a rule that outlasts answers go on.
    `later` are working days by which everything counted is put off. No key says so: what stood before it was put off,
    or before another post got it, keeps its key. Told or missed, it is not told again; still planned, it moves.
    """

    rule: Rule
    end: WhichEnd
    on: date
    base_on: date
    is_set: bool = False
    later: int = 0
    answered_on: date | None = None

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
        yield Anchor(rule, WhichEnd.NONE, on, on, later=_put_off(item, rule))
        return
    if rule.ask is Ask.QUIET:
        if item.quiet_since is not None:
            yield Anchor(rule, WhichEnd.NONE, item.quiet_since, item.quiet_since, later=_put_off(item, rule))
        return
    answered_on = item.answered_on if rule.ask in ASKED_AT_END and item.is_answered_at_end else None
    if answered_on is not None and not rule.outlasts_answers:
        return
    for end in ends_of(item, rule.which_end):
        on_end = item.start_on if end is WhichEnd.START else item.end_on
        if on_end is not None:
            base = item.counts_on(end, on_end)
            base = max(base, item.activated_on) if rule.ask is Ask.OVERDUE else base
            yield Anchor(rule, end, on_end, base, answered_on=answered_on)


def _put_off(item: Item, rule: Rule) -> int:
    return check_put_off(item) if is_spread(rule.ask, rule.offsets) else 0


def check_put_off(item: Item) -> int:
    """By how many working days a post's checks are put off: what was activated in one go is not asked on one day.

    By post, so that all items of one still come in one mail.
    """
    return (item.post_id or 0) % CHECKS_SPREAD


def is_heard_of_anyway(item: Item, occasion: Occasion) -> bool:
    """Whether a quiet project need not be asked then: the item's own days are over, or near enough to be told of.

    Counted in whole weeks of five working days, so that no change of the calendar brings a question back.
    """
    rule = occasion.rule
    wait = _about(occasion.offset, rule.offset_unit)
    if occasion.repeat_number:
        wait = _about(rule.offsets[-1], rule.offset_unit)
        wait += _about(occasion.repeat_number * rule.repeat_every, rule.repeat_unit)
    asked_on = occasion.anchor_on + wait
    soon = asked_on + QUIET_AHEAD
    if item.end_on is not None and item.end_on <= soon:
        return True
    return item.start_on is not None and asked_on <= item.start_on <= soon


def _about(days: int, unit: OffsetUnit) -> timedelta:
    return timedelta(days=days * 7 // 5 if unit is OffsetUnit.WORKING else days)


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
        """One occasion for each offset and level, past ones too; none once it was answered."""
        rule = anchor.rule
        if anchor.answered_on is not None:
            return ()
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
        self,
        anchor: Anchor,
        level: int,
        milestone_id: int,
        after: datetime,
        settled: Container[str] = (),
        beside: int | None = None,
    ) -> Occasion:
        """Of a rule that repeats, the first repeat due strictly after that moment whose key is not in `settled`.

        After an answer none comes sooner than the repeats lie apart.
        """
        rule = anchor.rule
        resumes_at = self.resumes_at(anchor)
        after = after if resumes_at is None else max(after, resumes_at)
        last, today = self._last_offset(anchor), self.days.local_date(after)
        if rule.repeat_unit is OffsetUnit.CALENDAR:
            passed = (today - last).days
        else:
            passed = self.days.calendar.working_days_between(last, today)
        number = max(1, passed // rule.repeat_every - REPEATS_LOOKED_BACK)
        while True:
            occasion = self.repeat(anchor, number, level)
            if occasion.due_at > after and occasion.key(milestone_id, beside) not in settled:
                return occasion
            number += 1

    def resumes_at(self, anchor: Anchor) -> datetime | None:
        """From when on an anchor that was answered is asked about again; None where nobody has answered."""
        if anchor.answered_on is None:
            return None
        on = self._count(anchor.answered_on, anchor.rule.repeat_every, anchor.rule.repeat_unit)
        return datetime.combine(on, time.min, self.days.timezone)

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
        f"/{end}/{on.isoformat()}/{place}/",
        (rule.id, rule.ask.value, end.value, on, offset, unit.value, repeat_number, level),
    )
