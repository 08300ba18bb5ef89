"""The heads' week: what is late or at risk in each department and bureau, told on the week's first working day."""

import tomllib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import exists, func, or_, select
from sqlmodel import Session, col

from models import (
    OPEN_STATUSES,
    Installation,
    Milestone,
    MilestoneStatus,
    Project,
    StatusReport,
    StatusRequest,
    StatusRequestItem,
    UnitKind,
)
from schedules.calendar import SendDays
from schedules.items import Item, chunks, is_over, load_items
from schedules.office_days import load_calendar
from schedules.requests import OUTSTANDING
from schedules.responsibility import Chart, load_chart
from settings import Settings

DEFAULTS = Path(__file__).with_name("defaults.toml")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Weekly:
    """`weekday` 0 = Monday; on a day off the next day on which mail may leave."""

    weekday: int
    time: time


@cache
def weekly() -> Weekly:
    """The `[summary]` of `defaults.toml`."""
    table = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))["summary"]
    return Weekly(WEEKDAYS.index(table["weekday"]), time.fromisoformat(table["time"]))


def slot_after(moment: datetime, days: SendDays) -> datetime:
    """The first weekly slot strictly after the moment."""
    day = days.local_date(moment)
    day += timedelta(days=weekly().weekday - day.weekday()) - 2 * WEEK  # a whole 추석 week moves its slot into the next
    while (slot := days.moment(days.on_or_after(day), weekly().time)) <= moment:
        day += WEEK
    return slot


def next_slot(session: Session, days: SendDays) -> datetime | None:
    """The weekly slot that is next to be told; None while nothing is activated. It may lie in the past: then it is due.

    Weeks that were slept through are one: what is late is told as it stands now.
    """
    since = session.scalar(select(func.min(col(Project.activated_at))))
    if since is None:
        return None
    told_at = session.get_one(Installation, 1).summarised_at
    return slot_after(max(since, told_at) if told_at is not None else since, days)


def late_by_head(session: Session, now: datetime, settings: Settings) -> dict[int, list[int]]:
    """The milestones that are late or at risk by the head of the department or bureau; only heads who have some."""
    chart = load_chart(session)
    found: dict[int, list[int]] = defaultdict(list)
    for item in late_items(session, now, settings, chart):
        for unit_id in item.unit_ids:
            if chart.units[unit_id].kind is not UnitKind.TEAM and unit_id in chart.heads:
                found[chart.heads[unit_id]].append(item.id)
    return dict(found)


def late_items(
    session: Session, now: datetime, settings: Settings, chart: Chart, among: Collection[int] | None = None
) -> list[Item]:
    """The open milestones that a head has to know of now, in the order of their ids (`among`: only of these).

    Late: a question about it went unanswered beyond its due time, or its last day is over, that was answered, and it is
    still open. At risk: the last answer said 지연. What nobody was asked about yet is no head's business; what a round
    collects is chased by the round.
    """
    today = now.astimezone(settings.timezone).date()
    unanswered = (
        exists()
        .where(
            col(StatusRequestItem.milestone_id) == col(Milestone.id),
            col(StatusRequestItem.report_id).is_(None),
            col(StatusRequest.id) == col(StatusRequestItem.request_id),
            col(StatusRequest.round_id).is_(None),
            col(StatusRequest.state).in_(OUTSTANDING),
            col(StatusRequest.due_at) < now,
        )
        .correlate(Milestone)
    )
    was_answered = exists().where(col(StatusReport.milestone_id) == col(Milestone.id)).correlate(Milestone)
    over = col(Milestone.is_deadline) & is_over(today, load_calendar(session))
    wanted = (
        select(col(Milestone.id), unanswered.label("unanswered"))
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(
            col(Milestone.status).in_(OPEN_STATUSES),
            col(Milestone.duplicate_of_id).is_(None),
            col(Project.activated_at).is_not(None),
            col(Project.closed_at).is_(None),
            or_(col(Milestone.status) == MilestoneStatus.DELAYED, unanswered, over & was_answered),
        )
        .order_by(col(Milestone.id))
    )
    if among is not None:
        wanted = wanted.where(col(Milestone.id).in_(among))
    rows = {row.id: bool(row.unanswered) for row in session.execute(wanted)}
    found = []
    for some in chunks(sorted(rows)):
        items = load_items(session, chart, load_calendar(session), settings.timezone, some)
        found += [item for item in items if item.silence is None and (rows[item.id] or _is_known_late(item, today))]
    return found


def _is_known_late(item: Item, today: date) -> bool:
    if item.status == MilestoneStatus.DELAYED:
        return True
    return item.deadline_on is not None and item.deadline_on < today and item.is_answered_at_end
