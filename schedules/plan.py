"""Planning: what the rules mean for each milestone, written down as reminder rows before they are due."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import String, or_, select, type_coerce, update
from sqlmodel import Session, col

from models import OPEN_STATUSES, Ask, Milestone, Project, Reminder, ReminderState, WhichEnd
from schedules.beside import with_supporting
from schedules.calendar import SendDays, WorkingCalendar
from schedules.escalation import chain_post, still_climbs
from schedules.items import Item, chunks, load_chart_about, load_items, lock_items
from schedules.occasions import COLUMNS
from schedules.quiet import with_quiet
from schedules.requests import follow_items
from schedules.responsibility import Chart
from schedules.rows import among, insert_new, table_of, update_each
from schedules.rules import load_rules
from schedules.wanted import PLANNED, Planner, Row, Wanted
from settings import Settings

NEW = ("key", "milestone_id", "post_id", "due_at", "state", "state_since", *COLUMNS)
PLACED = ("due_at", "post_id")


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
    ids = sorted(set(milestone_ids)) if milestone_ids is not None else milestones_to_plan(session)
    book = load_rules(session)
    planner = Planner(book.rules, SendDays(calendar, settings.send_window, settings.timezone), now)
    tells_supporting = any(rule.tells_supporting for rule in book.rules)
    asks_quiet = any(rule.ask is Ask.QUIET for rule in book.rules)
    change = PlanChange(failed={f"rule:{rule_id}": why for rule_id, why in book.broken.items()})
    for some in chunks(ids):
        lock_items(session, some)
        rows = read_rows(session, some)
        raised = {row.post_id for those in rows.values() for row in those if row.level}
        chart = load_chart_about(session, some, raised)
        items = load_items(session, chart, calendar, settings.timezone, some)
        if tells_supporting:
            items = with_supporting(session, items)
        if asks_quiet:
            items = with_quiet(session, items, calendar, settings.timezone)
        step = _Step(chart, now)
        for item in items:
            standing = [row for row in rows.get(item.id, ()) if row.rule_id not in book.broken]
            steps = [row for row in standing if row.is_step]
            if steps:
                standing = [row for row in standing if not row.is_step]
            try:
                wanted = planner.wanted(item, standing)
            except Exception as error:  # noqa: BLE001  (one milestone that cannot be planned stops no other)
                step.failed[f"milestone:{item.id}"] = f"{type(error).__name__}: {error}"
            else:
                step.compare(item, standing, wanted)
                step.follow(item, steps)
        change += step.write(session)
        follow_items(session, items, now)
    return change


class _Step:
    """The difference between what stands and what is wanted, for one lot of milestones."""

    def __init__(self, chart: Chart, now: datetime) -> None:
        self.chart, self.now = chart, now
        self.new: list[tuple[object, ...]] = []
        self.revived: list[tuple[int, datetime, int]] = []
        self.moved: list[tuple[int, datetime, int]] = []
        self.cancelled: dict[str, list[int]] = defaultdict(list)
        self.failed: dict[str, str] = {}

    def compare(self, item: Item, rows: Sequence[Row], wanted: Sequence[Wanted]) -> None:
        standing = {row.key: row for row in rows}
        responsible = item.post_id
        for occasion, due_at, beside in wanted:
            post_id = responsible if beside is None else beside
            if occasion.level > 0 and responsible is not None:
                post_id = self.chart.raised(responsible, occasion.level)
            if post_id is None:
                continue
            key = occasion.key(item.id, beside)
            row = standing.pop(key, None)
            if row is None:
                self.new.append((key, item.id, post_id, due_at, PLANNED, self.now, *occasion.columns))
            elif row.state == ReminderState.CANCELLED:
                self.revived.append((row.id, due_at, post_id))
            elif row.due_at != due_at or row.post_id != post_id:
                self.moved.append((row.id, due_at, post_id))
        for row in standing.values():
            if row.state == ReminderState.PLANNED:
                self.cancelled[_why_cancelled(item, row)].append(row.id)

    def follow(self, item: Item, rows: Sequence[Row]) -> None:
        """Steps keep the day they started with, those upwards their post; taken back, they return while ahead."""
        for row in rows:
            if row.state not in (ReminderState.PLANNED, ReminderState.CANCELLED):
                continue
            post_id = item.post_id
            if row.level and post_id is not None:
                post_id = chain_post(row.post_id, row.level, post_id, self.chart)
            if post_id is None or not still_climbs(item, row.end, row.anchor_on):
                if row.state == ReminderState.PLANNED:
                    self.cancelled[_why_cancelled(item, row)].append(row.id)
            elif row.state == ReminderState.CANCELLED:
                if row.due_at > self.now:
                    self.revived.append((row.id, row.due_at, post_id))
            elif post_id != row.post_id:
                self.moved.append((row.id, row.due_at, post_id))

    def write(self, session: Session) -> PlanChange:
        table = table_of(Reminder)
        planned = insert_new(session, Reminder, NEW, self.new) + len(self.revived)
        again = {"state": ReminderState.PLANNED, "state_reason": None, "state_since": self.now}
        is_cancelled = table.c.state == ReminderState.CANCELLED
        update_each(session, Reminder, PLACED, self.revived, is_cancelled, again)
        update_each(session, Reminder, PLACED, self.moved, table.c.state == ReminderState.PLANNED)
        cancelled = sum(cancel_reminders(session, ids, why, self.now) for why, ids in self.cancelled.items())
        return PlanChange(planned, cancelled, len(self.moved), self.failed)


def cancel_reminders(session: Session, reminder_ids: Collection[int], reason: str, now: datetime) -> int:
    """Takes planned reminders back, saying why; rows in any other state stay. Returns how many."""
    table = table_of(Reminder)
    gone = session.connection().execute(
        update(table)
        .where(among(table.c.id, reminder_ids), table.c.state == ReminderState.PLANNED)
        .values(state=ReminderState.CANCELLED, state_reason=reason, state_since=now)
    )
    return gone.rowcount


def _why_cancelled(item: Item, row: Row) -> str:
    if item.silence is not None:
        return item.silence
    day = {WhichEnd.START.value: item.start_on, WhichEnd.END.value: item.end_on}.get(row.end, row.anchor_on)
    if day != row.anchor_on:
        return f"일정이 바뀌었습니다({row.anchor_on.isoformat()} → {day.isoformat() if day else '미정'})"
    return "이미 답했거나 규칙이 바뀌어 알릴 것이 없습니다"


def milestones_to_plan(session: Session) -> list[int]:
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


def read_rows(session: Session, milestone_ids: Collection[int]) -> dict[int, list[Row]]:
    """The rows of each milestone that has some; index ix_reminder_milestone_id."""
    table = table_of(Reminder)
    columns = [
        type_coerce(table.c[name], String).label(name) if name in ("state", "end", "ask") else table.c[name]
        for name in Row._fields
    ]
    wanted = select(*columns).where(among(table.c.milestone_id, milestone_ids)).order_by(table.c.id)
    found: dict[int, list[Row]] = defaultdict(list)
    for row in map(Row._make, session.execute(wanted).all()):
        found[row.milestone_id].append(row)
    return found
