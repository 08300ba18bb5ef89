"""What the rules want for one milestone: the reminders that have to stand as planned, given those it has. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from models import BESIDE, Ask, ReminderState
from schedules.calendar import SendDays
from schedules.items import Item
from schedules.occasions import (
    ASKED_LATE,
    MOST_REMEMBERED,
    Almanac,
    Anchor,
    Occasion,
    anchors,
    check_put_off,
    is_heard_of_anyway,
)
from schedules.rules import Matching, Rule

SETTLED = frozenset({ReminderState.DISPATCHED.value, ReminderState.MISSED.value})
PLANNED = ReminderState.PLANNED.value


class Row(NamedTuple):
    """A reminder row as planning reads it; enums as plain text, so that an unknown word spoils nothing."""

    id: int
    key: str
    milestone_id: int
    rule_id: int
    post_id: int
    end: str
    anchor_on: date
    repeat_number: int
    level: int
    due_at: datetime
    state: str
    ask: str
    channel: str | None = None

    @property
    def is_step(self) -> bool:
        """Whether it follows a question that nobody answered: upwards, or on the next channel."""
        return self.ask == Ask.ESCALATION or self.channel is not None


class Wanted(NamedTuple):
    """A reminder that has to stand in the table as planned, when it is due, and the supporting post it is for."""

    occasion: Occasion
    due_at: datetime
    beside: int | None = None


class Planner:
    """What the rules want at one moment. Milestones that are alike in all that counts have it worked out once."""

    def __init__(self, rules: Sequence[Rule], days: SendDays, now: datetime) -> None:
        self._matching, self._almanac, self._now = Matching(rules), Almanac(days), now
        self._fresh: dict[tuple[object, ...], tuple[Sequence[Wanted], bool]] = {}

    def wanted(self, item: Item, rows: Sequence[Row]) -> Sequence[Wanted]:
        """The reminders of one milestone that have to stand as planned, given the rows it has already.

        What is past is left out, but for two asks: to name the day, and how things stand, still go out at the first
        slot after now. A row that is due and only waits to be dispatched stays. Of the repeats, only the next is a row.
        """
        if item.silence is not None:
            return ()
        fresh, has_late = self._of_fresh(item)
        if not rows or (not has_late and self._are_ahead(item, rows, fresh)):
            return fresh
        by_key = {row.key: row for row in rows}
        return _wanted(item, self._matching.rules_for(item), by_key, self._almanac, self._now)

    def _of_fresh(self, item: Item) -> tuple[Sequence[Wanted], bool]:
        """What is wanted for one that has no rows, and whether any of it is asked late."""
        days = (item.start_on, item.end_on, item.deadline_on, item.activated_on, item.answered_on, item.check_on)
        is_spread = item.needs_check or item.quiet_since is not None
        alike = (
            self._matching.likeness(item),
            *days,
            item.quiet_since,
            item.supporting,
            check_put_off(item) if is_spread else 0,
        )
        found = self._fresh.get(alike)
        if found is None:
            wanted = _wanted(item, self._matching.rules_for(item), {}, self._almanac, self._now)
            found = (wanted, any(one.occasion.due_at <= self._now for one in wanted))
            if len(self._fresh) >= MOST_REMEMBERED:
                self._fresh.clear()
            self._fresh[alike] = found
        return found

    def _are_ahead(self, item: Item, rows: Sequence[Row], fresh: Sequence[Wanted]) -> bool:
        """Whether the rows are nothing but what is wanted of a fresh one, all of it still ahead."""
        keys = {one.occasion.key(item.id, one.beside) for one in fresh}
        return all(row.state == PLANNED and row.due_at > self._now and row.key in keys for row in rows)


def _wanted(
    item: Item, rules: Sequence[Rule], rows: Mapping[str, Row], almanac: Almanac, now: datetime
) -> Sequence[Wanted]:
    found: list[Wanted] = []
    for rule in rules:
        for anchor in anchors(item, rule):
            unasked = dict.fromkeys((level, post) for level in rule.levels for post in hearers(item, level))
            for occasion in almanac.fixed(anchor):
                for beside in hearers(item, occasion.level):
                    row = rows.get(occasion.key(item.id, beside)) if rows else None
                    due_at = _due_at(item, occasion, row, almanac.days, now)
                    if due_at is not None:
                        unasked.pop((occasion.level, beside), None)
                        found.append(Wanted(occasion, due_at, beside))
            if rule.repeat_every:
                going = (whom for whom in unasked if not is_enough(anchor, *whom, rows.values()))
                found += [_repeat(item.id, anchor, *whom, rows, almanac, now) for whom in going]
    if item.quiet_since is None:
        return found
    return [
        one for one in found if one.occasion.rule.ask is not Ask.QUIET or not is_heard_of_anyway(item, one.occasion)
    ]


def hearers(item: Item, level: int) -> Sequence[int | None]:
    """The posts beside who hear at that level; None is the one post that the level itself names."""
    return item.supporting if level == BESIDE else _ONE


_ONE: tuple[None] = (None,)


def _due_at(item: Item, occasion: Occasion, row: Row | None, days: SendDays, now: datetime) -> datetime | None:
    """When the occasion has to be due, or None when it is over, was dispatched, or has become pointless."""
    if row is not None and row.state in SETTLED:
        return None
    if occasion.due_at > now:
        return occasion.due_at
    at = occasion.rule.time
    if row is not None and row.state == PLANNED:
        if row.due_at <= now:
            return row.due_at
        due_at = days.moment(days.on_or_after(days.local_date(row.due_at)), at)
    elif occasion.rule.ask in ASKED_LATE:
        due_at = days.first_after(now, at)
    else:
        return None
    is_over = item.end_on is not None and days.local_date(due_at) > item.end_on
    return None if occasion.rule.ask is Ask.CONFIRM_DATE and is_over else due_at


def is_enough(anchor: Anchor, level: int, beside: int | None, rows: Iterable[Row]) -> bool:
    """Whether that post was told as many repeats as the rule allows."""
    most = anchor.rule.most_repeats
    if not most:
        return False
    place = (anchor.rule.id, anchor.end, anchor.on, level, beside)
    told = [row for row in rows if row.repeat_number and row.state in SETTLED and _place(row) == place]
    return len(told) >= most


def _place(row: Row) -> tuple[int, str, date, int, int | None]:
    return row.rule_id, row.end, row.anchor_on, row.level, row.post_id if row.level == BESIDE else None


def _repeat(
    milestone_id: int,
    anchor: Anchor,
    level: int,
    beside: int | None,
    rows: Mapping[str, Row],
    almanac: Almanac,
    now: datetime,
) -> Wanted:
    """The repeat that is due and waits to be dispatched, else the next one that was not told yet.

    One that stands ahead although its own day is past now (of another post, say, whose checks come later) stays there
    until then, where the next would come later still.
    """
    place = (anchor.rule.id, anchor.end, anchor.on, level, beside)
    resumes_at = almanac.resumes_at(anchor)
    standing = [
        row
        for row in rows.values()
        if row.repeat_number and row.state == PLANNED and _place(row) == place
        if resumes_at is None or row.due_at >= resumes_at
    ]
    for row in standing:
        if row.due_at <= now:
            return Wanted(almanac.repeat(anchor, row.repeat_number, level), row.due_at, beside)
    settled = {key for key, row in rows.items() if row.state in SETTLED}
    upcoming = almanac.next_repeat(anchor, level, milestone_id, now, settled, beside)
    for row in standing:
        occasion = almanac.repeat(anchor, row.repeat_number, level)
        if occasion.due_at <= now:
            days = almanac.days
            due_at = days.moment(days.on_or_after(days.local_date(row.due_at)), anchor.rule.time)
            if now < due_at < upcoming.due_at:
                return Wanted(occasion, due_at, beside)
    return Wanted(upcoming, upcoming.due_at, beside)
