"""What activating would bring, worked out without writing: how many mails more in the next 30 days, and the first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from models import OPEN_STATUSES, Milestone, Project, Reminder, ReminderState
from schedules.beside import with_supporting
from schedules.calendar import SendDays, WorkingCalendar
from schedules.items import load_chart_about, load_items
from schedules.rows import among
from schedules.rules import load_rules
from schedules.wanted import Planner
from settings import Settings

AHEAD = timedelta(days=30)
MOST_LOOKED_AT = 500  # open milestones of waiting projects; of more, the first ones tell the size of it


@dataclass(frozen=True, slots=True)
class Consequence:
    """The mails of the next 30 days: `planned` already, `mails` with the waiting projects, `first_at` the first.

    `looked_at` of the `total` open milestones that wait were planned.
    """

    planned: int
    mails: int
    first_at: datetime | None
    looked_at: int
    total: int


def foresee(
    session: Session, waiting: ColumnElement[bool], *, now: datetime, settings: Settings, calendar: WorkingCalendar
) -> Consequence:
    """As the planner would plan the open milestones of the projects that `waiting` says (a condition on `Project`).

    Takes no lock and writes nothing. Only the first reminder of those that repeat counts, as in the rows.
    """
    of_waiting = (
        select(Milestone.id)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(waiting, col(Milestone.status).in_(OPEN_STATUSES), col(Milestone.duplicate_of_id).is_(None))
    )
    total = session.exec(select(func.count()).select_from(of_waiting.subquery())).one()
    ids = [one for one in session.exec(of_waiting.order_by(col(Milestone.id)).limit(MOST_LOOKED_AT)) if one is not None]
    chart = load_chart_about(session, ids)
    planner = Planner(load_rules(session).rules, SendDays(calendar, settings.send_window, settings.timezone), now)
    found: dict[tuple[int, date], datetime] = {}
    items = load_items(session, chart, calendar, settings.timezone, ids)
    for item in with_supporting(session, items):
        activated = item._replace(activated_on=now.astimezone(settings.timezone).date())
        for occasion, due_at, beside in planner.wanted(activated, ()):
            post_id = beside
            if beside is None and item.post_id is not None:
                post_id = chart.raised(item.post_id, occasion.level)
            if post_id is not None and due_at < now + AHEAD:
                morning = (post_id, due_at.astimezone(settings.timezone).date())
                found[morning] = min(due_at, found.get(morning, due_at))
    planned, first_at = _planned(session, now)
    new = found.keys() - _mornings(session, {post_id for post_id, _ in found}, now, settings)
    moments = [*found.values(), *([first_at] if first_at is not None else [])]
    return Consequence(planned, planned + len(new), min(moments, default=None), len(ids), total)


def _planned(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """Mails that stand already and the first moment; one for each post and slot; index ix_reminder_due."""
    slots = select(Reminder.due_at, Reminder.post_id).where(*_ahead(now)).distinct().subquery()  # in the index's order
    count, first_at = session.exec(select(func.count(), func.min(slots.c.due_at)).select_from(slots)).one()
    return count, first_at


def _mornings(session: Session, posts: set[int], now: datetime, settings: Settings) -> set[tuple[int, date]]:
    rows = session.exec(
        select(Reminder.post_id, Reminder.due_at).where(*_ahead(now), among(col(Reminder.post_id), posts)).distinct()
    )
    return {(post_id, due_at.astimezone(settings.timezone).date()) for post_id, due_at in rows}


def _ahead(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(Reminder.state) == ReminderState.PLANNED, col(Reminder.due_at) < now + AHEAD
