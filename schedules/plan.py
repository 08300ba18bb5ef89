"""Planning: what the rules mean for each milestone, written down as reminder rows before they are due."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import String, bindparam, or_, select, type_coerce, update
from sqlmodel import Session, col

from models import OPEN_STATUSES, Ask, Milestone, Project, Reminder, ReminderState, WhichEnd
from schedules.calendar import SendDays, WorkingCalendar
from schedules.escalation import chain_post, still_climbs
from schedules.items import Item, chunks, load_items
from schedules.occasions import ASKED_LATE, Anchor, Occasion, anchors, fixed_occasions, next_repeat, repeat
from schedules.requests import follow_items
from schedules.responsibility import Chart, load_chart
from schedules.rows import insert_missing, table_of
from schedules.rules import Rule, load_rules, rules_for
from settings import Settings


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reminder that has to stand in the table as planned: to whom, and when it is due."""

    occasion: Occasion
    post_id: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What a planning changed: rows made or brought back, taken back, moved to another time or post.

    `failed` names the rules and milestones that could not be read or planned, with the reason.
    """

    planned: int = 0
    cancelled: int = 0
    moved: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, other: "PlanChange") -> "PlanChange":
        return PlanChange(
            self.planned + other.planned,
            self.cancelled + other.cancelled,
            self.moved + other.moved,
            {**self.failed, **other.failed},
        )


# ------------------------------------------------------------------------------------------------ what is wanted (pure)


def wanted_reminders(
    item: Item, rules: Sequence[Rule], rows: Sequence[Row], chart: Chart, days: SendDays, now: datetime
) -> list[Wanted]:
    """The reminders of one milestone that have to stand as planned, given the rows it has already.

    What is past is left out, but for two asks: to name the day, and how things stand, still go out at the first slot
    after now. A row that is due and only waits to be dispatched stays. Of the repeats, only the next one is a row.
    """
    if item.silence is not None:
        return []
    assert item.post_id is not None
    by_key = {row.key: row for row in rows}
    settled = {row.key for row in rows if row.state in (ReminderState.DISPATCHED, ReminderState.MISSED)}
    found: list[Wanted] = []
    for rule in rules_for(item, rules):
        posts = {level: chart.raised(item.post_id, level) for level in rule.levels}
        for anchor in anchors(item, rule):
            waiting: set[int] = set()
            wanted: list[tuple[Occasion, datetime]] = []
            for occasion in fixed_occasions(anchor, days):
                due_at = _due_at(occasion, by_key.get(occasion.key), days, now)
                if due_at is not None:
                    wanted.append((occasion, due_at))
                    waiting.add(occasion.level)
            for level in set(rule.levels) - waiting:
                upcoming = _pending_repeat(anchor, level, rows, days, now) or next_repeat(
                    anchor, level, days, now, settled
                )
                if upcoming is not None:
                    row = by_key.get(upcoming.key)
                    is_pending = row is not None and row.state == ReminderState.PLANNED and row.due_at <= now
                    wanted.append((upcoming, row.due_at if row is not None and is_pending else upcoming.due_at))
            for occasion, due_at in wanted:
                post_id = posts[occasion.level]
                if post_id is not None:
                    found.append(Wanted(occasion, post_id, due_at))
    return found


def _due_at(occasion: Occasion, row: Row | None, days: SendDays, now: datetime) -> datetime | None:
    """When the occasion has to be due, or None when it is over, was dispatched, or has become pointless."""
    if row is not None and row.state in (ReminderState.DISPATCHED, ReminderState.MISSED):
        return None
    if occasion.due_at > now:
        return occasion.due_at
    at = occasion.rule.time
    if row is not None and row.state == ReminderState.PLANNED:
        if row.due_at <= now:
            return row.due_at
        due_at = days.moment(days.on_or_after(days.local_date(row.due_at)), at)
    elif occasion.rule.ask in ASKED_LATE:
        due_at = days.first_after(now, at)
    else:
        return None
    end_on = occasion.item.end_on
    is_over = end_on is not None and days.local_date(due_at) > end_on
    return None if occasion.rule.ask is Ask.CONFIRM_DATE and is_over else due_at


def _pending_repeat(anchor: Anchor, level: int, rows: Sequence[Row], days: SendDays, now: datetime) -> Occasion | None:
    """The repeat that is due and waits to be dispatched."""
    for row in rows:
        if (
            row.repeat_number
            and (row.rule_id, row.end, row.anchor_on, row.level) == (anchor.rule.id, anchor.end, anchor.on, level)
            and row.state == ReminderState.PLANNED
            and row.due_at <= now
        ):
            return repeat(anchor, row.repeat_number, level, days)
    return None


# ------------------------------------------------------------------------------------------------ and what stands


def replan(
    session: Session,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
    milestone_ids: Collection[int] | None = None,
) -> PlanChange:
    """Makes the planned rows of these milestones (default: all) what the rules, dates, calendar and posts say now.

    Set-based: a handful of statements for 2,000 milestones. Rows that were dispatched or missed are never touched. The
    milestones stay locked until the transaction ends, so answers, dispatchers and other plannings wait or pass by.
    """
    ids = sorted(set(milestone_ids)) if milestone_ids is not None else _all_milestones(session)
    chart, book = load_chart(session), load_rules(session)
    days = SendDays(calendar, settings.send_window, settings.timezone)
    change = PlanChange(failed={f"rule:{rule_id}": why for rule_id, why in book.broken.items()})
    for some in chunks(ids):
        items = load_items(session, chart, settings.timezone, some, lock=True)
        rows: dict[int, list[Row]] = defaultdict(list)
        for row in _rows(session, some):
            rows[row.milestone_id].append(row)
        step = _Step(now)
        for item in items:
            standing = [row for row in rows[item.id] if row.rule_id not in book.broken]
            climbing = [row for row in standing if row.ask == Ask.ESCALATION]
            standing = [row for row in standing if row.ask != Ask.ESCALATION]
            try:
                wanted = wanted_reminders(item, book.rules, standing, chart, days, now)
            except Exception as error:  # noqa: BLE001  (one milestone that cannot be planned stops no other)
                step.failed[f"milestone:{item.id}"] = f"{type(error).__name__}: {error}"
            else:
                step.compare(item, standing, wanted)
                step.follow(item, climbing, chart)
        change += step.write(session)
        follow_items(session, items, now)
    return change


class _Step:
    """The difference between what stands and what is wanted, for one lot of milestones."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.new: list[dict[str, object]] = []
        self.revived: list[dict[str, object]] = []
        self.moved: list[dict[str, object]] = []
        self.cancelled: dict[str, list[int]] = defaultdict(list)
        self.failed: dict[str, str] = {}

    def compare(self, item: Item, rows: Sequence[Row], wanted: Sequence[Wanted]) -> None:
        by_key = {row.key: row for row in rows}
        for one in wanted:
            row = by_key.get(one.occasion.key)
            if row is None:
                self.new.append(_values(one, self.now))
            elif row.state == ReminderState.CANCELLED:
                self.revived.append({"row": row.id, "due": one.due_at, "post": one.post_id})
            elif (row.due_at, row.post_id) != (one.due_at, one.post_id):
                self.moved.append({"row": row.id, "due": one.due_at, "post": one.post_id})
        keys = {one.occasion.key for one in wanted}
        for row in rows:
            if row.state == ReminderState.PLANNED and row.key not in keys:
                self.cancelled[_why_cancelled(item, row)].append(row.id)

    def follow(self, item: Item, rows: Sequence[Row], chart: Chart) -> None:
        """Steps upwards keep the day and the post they started with; taken back, they return while they are ahead."""
        for row in rows:
            if row.state not in (ReminderState.PLANNED, ReminderState.CANCELLED):
                continue
            post_id = chain_post(row.post_id, row.level, item.post_id, chart) if item.post_id is not None else None
            if post_id is None or not still_climbs(item, row.end, row.anchor_on):
                if row.state == ReminderState.PLANNED:
                    self.cancelled[_why_cancelled(item, row)].append(row.id)
            elif row.state == ReminderState.CANCELLED:
                if row.due_at > self.now:
                    self.revived.append({"row": row.id, "due": row.due_at, "post": post_id})
            elif post_id != row.post_id:
                self.moved.append({"row": row.id, "due": row.due_at, "post": post_id})

    def write(self, session: Session) -> PlanChange:
        table = table_of(Reminder)
        by_id = update(table).where(table.c.id == bindparam("row"))
        placed: dict[str, object] = {"due_at": bindparam("due"), "post_id": bindparam("post")}
        planned = len(insert_missing(session, Reminder, self.new)) + len(self.revived)
        if self.revived:
            state = {"state": ReminderState.PLANNED, "state_reason": None, "state_since": self.now}
            again = by_id.where(table.c.state == ReminderState.CANCELLED).values(**placed, **state)
            session.execute(again, self.revived)
        if self.moved:
            session.execute(by_id.where(table.c.state == ReminderState.PLANNED).values(**placed), self.moved)
        cancelled = 0
        for reason, row_ids in self.cancelled.items():
            for some in chunks(row_ids):
                cancelled += cancel_reminders(session, some, reason, self.now)
        return PlanChange(planned, cancelled, len(self.moved), self.failed)


def cancel_reminders(session: Session, reminder_ids: Collection[int], reason: str, now: datetime) -> int:
    """Takes planned reminders back, saying why; rows in any other state stay. Returns how many."""
    table = table_of(Reminder)
    gone = session.execute(
        update(table)
        .where(table.c.id.in_(reminder_ids), table.c.state == ReminderState.PLANNED)
        .values(state=ReminderState.CANCELLED, state_reason=reason, state_since=now)
        .returning(table.c.id)
    )
    return len(gone.all())


def _why_cancelled(item: Item, row: Row) -> str:
    if item.silence is not None:
        return item.silence
    day = {WhichEnd.START.value: item.start_on, WhichEnd.END.value: item.end_on}.get(row.end, row.anchor_on)
    if day != row.anchor_on:
        return f"일정이 바뀌었습니다({row.anchor_on.isoformat()} → {day.isoformat() if day else '미정'})"
    return "이미 답했거나 규칙이 바뀌어 알릴 것이 없습니다"


def _values(wanted: Wanted, now: datetime) -> dict[str, object]:
    occasion = wanted.occasion
    return {
        "key": occasion.key,
        "rule_id": occasion.rule.id,
        "milestone_id": occasion.item.id,
        "post_id": wanted.post_id,
        "ask": occasion.rule.ask,
        "end": occasion.end,
        "anchor_on": occasion.anchor_on,
        "offset": occasion.offset,
        "offset_unit": occasion.offset_unit,
        "repeat_number": occasion.repeat_number,
        "level": occasion.level,
        "due_at": wanted.due_at,
        "state": ReminderState.PLANNED,
        "state_since": now,
    }


def _all_milestones(session: Session) -> list[int]:
    """Of activated projects: those that may ask something, and those that have something to take back."""
    planned = (
        select(col(Reminder.milestone_id))
        .where(col(Reminder.state) == ReminderState.PLANNED)
        .distinct()
        .scalar_subquery()
    )
    wanted = (
        select(col(Milestone.id))
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(
            col(Project.activated_at).is_not(None),
            or_(col(Milestone.status).in_(OPEN_STATUSES), col(Milestone.id).in_(planned)),
        )
        .order_by(col(Milestone.id))
    )
    return list(session.scalars(wanted))


def _rows(session: Session, milestone_ids: Collection[int]) -> list[Row]:
    table = table_of(Reminder)
    columns = [
        type_coerce(table.c[name], String).label(name) if name in ("state", "end", "ask") else table.c[name]
        for name in Row._fields
    ]
    rows = session.execute(select(*columns).where(table.c.milestone_id.in_(milestone_ids)).order_by(table.c.id))
    return [Row(*row) for row in rows]
