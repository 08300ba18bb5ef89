"""From due reminders to queued messages: everything a post hears in one slot stands in one message."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, String, bindparam, select, true, type_coerce, update
from sqlmodel import Session, col

from models import (
    BESIDE,
    Ask,
    Milestone,
    Project,
    Reminder,
    ReminderState,
)
from notifications.slots import Addressee, join_messages
from notifications.verdict import Desk, Due, judge, request_reason
from schedules import escalation
from schedules.beside import with_supporting
from schedules.calendar import SendDays, WorkingCalendar
from schedules.escalation import start_escalations
from schedules.escalation_steps import load_steps
from schedules.fallback import load_ways, read_ways_gone, start_fallbacks
from schedules.items import load_items
from schedules.mail_wishes import load_wishes
from schedules.plan import replan
from schedules.quiet import with_quiet
from schedules.requests import ASKS_FOR_AN_ANSWER, Asked, ask_for_status
from schedules.responsibility import load_chart_around
from schedules.rows import among, fetch, table_of, update_each
from schedules.rules import load_rules
from settings import Settings


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What one dispatch did with the due reminders, and how many messages it made (others joined queued ones)."""

    reminders: int = 0
    missed: int = 0
    cancelled: int = 0
    failed: int = 0
    messages: int = 0

    def __add__(self, other: "Dispatched") -> "Dispatched":
        return Dispatched(
            self.reminders + other.reminders,
            self.missed + other.missed,
            self.cancelled + other.cancelled,
            self.failed + other.failed,
            self.messages + other.messages,
        )


def dispatch_due(
    session: Session, now: datetime, settings: Settings, calendar: WorkingCalendar, limit: int = 500
) -> Dispatched:
    """Turns due reminders, whole posts of at least `limit` rows together, into queued messages and status requests.

    In the caller's one transaction. Each row is looked at again: closed, moved or answered ones are cancelled, those
    whose day has passed are missed, the rest join their post's message of the slot. The next repeats are planned. A row
    that cannot be dispatched keeps its error, stops no other, and is tried again in the next slot. Any number of
    dispatchers may run: a row that another transaction holds is passed over. Ask `sending_allowed` first.
    """
    due = _claim(session, now, limit)
    if not due:
        return Dispatched()
    chart, book = load_chart_around(session, *_surroundings(session, due)), load_rules(session)
    days = SendDays(calendar, settings.send_window, settings.timezone)
    wishes = load_wishes(session, chart.posts, days.local_date(now))
    rules = book.by_id()
    has_choice = any((rule := rules.get(row.rule_id)) is not None and rule.has_choice for row in due)
    again = {row.milestone_id for row in due if row.channel is not None}
    ways, gone = load_ways(session, chart) if has_choice else None, read_ways_gone(session, again)
    desk = Desk(now, settings, calendar, days, chart, book, rules, wishes, ways, gone)
    return _dispatch_or_split(session, due, desk)


def _claim(session: Session, now: datetime, limit: int) -> list[Due]:
    """Due reminders, locked with their milestones. Never waits, so it can be in no deadlock.

    Index ix_reminder_due finds the earliest rows; then every due row of their posts is taken, so that a post's slot is
    not torn apart.
    """
    claim = _due_rows(session.get_bind().dialect.name)
    return [Due(*row) for row in fetch(session, claim.params(now=now, most=limit))]


@cache
def _due_rows(dialect: str) -> Select[*tuple[Any, ...]]:
    """Made once: making it took longer than its rows do on time, one by one.

    PostgreSQL is told to look up each post by ix_reminder_post_due. It takes state and day for independent, so years of
    told reminders make it expect as many due ones, and left to itself it reads them all. SQLite has no LATERAL, and
    uses the index.
    """
    reminder, milestone = table_of(Reminder), table_of(Milestone)
    is_due = (reminder.c.state == ReminderState.PLANNED) & (reminder.c.due_at <= bindparam("now"))
    earliest = (
        select(reminder.c.post_id)
        .where(is_due)
        .order_by(reminder.c.due_at, reminder.c.post_id)
        .limit(bindparam("most"))
        .subquery()
    )
    columns = [
        type_coerce(reminder.c[name], String).label(name) if name in ("ask", "end") else reminder.c[name]
        for name in Due._fields
    ]
    if dialect != "postgresql":
        return (
            select(*columns)
            .join(milestone, milestone.c.id == reminder.c.milestone_id)
            .where(is_due, reminder.c.post_id.in_(select(earliest.c.post_id)))
            .order_by(reminder.c.post_id, reminder.c.due_at, reminder.c.id)
        )
    post = select(earliest.c.post_id).distinct().subquery()
    own = select(*columns).where(is_due, reminder.c.post_id == post.c.post_id)
    theirs = own.with_for_update(skip_locked=True).lateral()
    of_theirs = select(milestone.c.id).where(milestone.c.id == theirs.c.milestone_id)
    locked = of_theirs.with_for_update(skip_locked=True).lateral()
    return (
        select(*theirs.c)
        .select_from(post.join(theirs, true()).join(locked, true()))
        .order_by(theirs.c.post_id, theirs.c.due_at, theirs.c.id)
    )


def _surroundings(session: Session, due: Sequence[Due]) -> tuple[set[int], set[int]]:
    """The posts and units that these reminders and their milestones name."""
    named = (col(Milestone.post_id), col(Project.post_id), col(Project.team_id), col(Project.unit_id))
    of_milestones = (
        select(*named)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(among(col(Milestone.id), {row.milestone_id for row in due}))
        .distinct()
    )
    posts = {row.post_id for row in due}
    units: set[int] = set()
    for own, project_post, team, unit in fetch(session, of_milestones):
        posts |= {post for post in (own, project_post) if post is not None}
        units |= {one for one in (team, unit) if one is not None}
    return posts, units


def _dispatch_or_split(session: Session, due: Sequence[Due], desk: Desk) -> Dispatched:
    """The lot in one go; a lot that fails is tried again in halves, until the row that spoils it stands alone."""
    try:
        with session.begin_nested():
            return _dispatch(session, due, desk)
    except Exception as error:  # noqa: BLE001  (one bad row stops nothing: its error is written on the row)
        if len(due) == 1:
            _set_aside(session, due[0].id, error, desk)
            return Dispatched(failed=1)
    half = len(due) // 2
    return _dispatch_or_split(session, due[:half], desk) + _dispatch_or_split(session, due[half:], desk)


def _dispatch(session: Session, due: Sequence[Due], desk: Desk) -> Dispatched:
    milestones = sorted({row.milestone_id for row in due})
    items = {
        item.id: item for item in load_items(session, desk.chart, desk.calendar, desk.settings.timezone, milestones)
    }
    quiet = {row.milestone_id for row in due if row.ask == Ask.QUIET}
    if quiet:
        asked_about = [items[milestone_id] for milestone_id in sorted(quiet)]
        told = with_quiet(session, asked_about, desk.calendar, desk.settings.timezone)
        items.update((item.id, item) for item in told)
    beside = [items[milestone_id] for milestone_id in sorted({row.milestone_id for row in due if row.level == BESIDE})]
    items.update((item.id, item) for item in with_supporting(session, beside))
    going: dict[Addressee, list[Due]] = defaultdict(list)
    stopped: list[tuple[int, ReminderState, str | None]] = []
    missed = 0
    for row in due:
        verdict = judge(row, items[row.milestone_id], desk)
        if verdict.state is ReminderState.PLANNED:
            going[verdict.to].append(row)
        else:
            missed += verdict.state is ReminderState.MISSED
            stopped.append((row.id, verdict.state, verdict.reason))
    slots = {to: max(row.due_at for row in rows) for to, rows in going.items()}
    places, made = join_messages(session, slots, desk.days, desk.settings, desk.now, desk.wishes)
    _record(session, going, places, stopped, desk.now)
    asking = [
        (to, row)
        for to, rows in going.items()
        for row in rows
        if row.level == 0 and row.channel is None and row.ask in ASKS_FOR_AN_ANSWER
    ]
    asked = [
        Asked(to.post_id, row.milestone_id, row.anchor_on, request_reason(row, items[row.milestone_id]))
        for to, row in asking
    ]
    ask_for_status(session, asked, desk.now, desk.settings, desk.calendar)
    waiting = {escalation.Asked(to.post_id, *row.way): to.channel for to, row in asking}
    start_fallbacks(session, waiting, desk.rules, desk.days, desk.now)
    start_escalations(session, waiting, load_steps(session), desk.rules, desk.chart, desk.days, desk.now)
    again = {row.milestone_id for row in due if (rule := desk.rules.get(row.rule_id)) and rule.repeat_every} | quiet
    if again:
        replan(session, desk.now, desk.settings, desk.calendar, again)
    return Dispatched(len(due) - len(stopped), missed, len(stopped) - missed, 0, made)


# ------------------------------------------------------------------------------------------------ rows


def _record(
    session: Session,
    going: Mapping[Addressee, Sequence[Due]],
    places: Mapping[Addressee, int],
    stopped: Sequence[tuple[int, ReminderState, str | None]],
    now: datetime,
) -> None:
    anew: dict[str, object] = {"state_since": now, "error": None}
    sent = [(row.id, to.post_id, places[to]) for to, rows in going.items() for row in rows]
    still = table_of(Reminder).c.state == ReminderState.PLANNED
    told = {"state": ReminderState.DISPATCHED, **anew}
    update_each(session, Reminder, ("post_id", "notification_id"), sent, still, also=told)
    for state in {state for _, state, _ in stopped}:
        rows = [(reminder_id, reason) for reminder_id, to, reason in stopped if to is state]
        update_each(session, Reminder, ("state_reason",), rows, still, also={"state": state, **anew})


def _set_aside(session: Session, reminder_id: int, error: Exception, desk: Desk) -> None:
    """The row stays a promise: its error is kept where it can be seen, and the next slot tries again."""
    retry_at = desk.days.first_after(desk.now, desk.settings.send_window.opens)
    session.execute(
        update(Reminder)
        .where(col(Reminder.id) == reminder_id)
        .values(error=f"{type(error).__name__}: {error}", due_at=retry_at)
    )
