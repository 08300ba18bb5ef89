"""What the clock does for collections: opens rounds on their days, chases the outstanding, locks after the grace."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, func, select

from models import CollectionRound, CollectionSchedule, NotificationKind, RoundState, StatusRequest
from schedules import words
from schedules.calendar import SendDays, WorkingCalendar
from schedules.collection import lock_round, open_round
from schedules.collection_schedule import schedules_in_force
from schedules.recurrence import Recurrence
from schedules.requests import OUTSTANDING
from schedules.round import CHANNEL, RoundError, announce
from settings import Settings

OPENS = time(9, 0)
DAY = timedelta(days=1)
CLOCK = "clock"
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Collected:
    """What was done for collections; `passed` are days on which there was nothing to ask."""

    opened: int = 0
    passed: int = 0
    chased: int = 0
    locked: int = 0


def collect_due(session: Session, now: datetime, settings: Settings, calendar: WorkingCalendar) -> Collected:
    """Everything about collections whose time has come; a second look at the same moment does nothing.

    A schedule that slept through several of its days opens the latest alone, late. In the caller's one transaction.
    """
    days = SendDays(calendar, settings.send_window, settings.timezone)
    opened = passed = chased = locked = 0
    for schedule in schedules_in_force(session):
        if opening_of(schedule, days) > now:
            continue
        locked_row = session.get_one(CollectionSchedule, schedule.id, with_for_update=True, populate_existing=True)
        as_of = _latest_day(locked_row, days, now)
        if as_of is None:
            continue
        try:
            with session.begin_nested():
                _open(session, locked_row, as_of, now, settings, calendar)
            opened += 1
        except RoundError:  # nothing to ask about at this time: the next one may have something
            passed += 1
        locked_row.opened_until = as_of
        session.add(locked_row)
    for found in _scheduled_rounds(session):
        assert found.id is not None
        if found.locks_at is not None and found.locks_at <= now:
            lock_round(session, found.id, by=CLOCK, now=now)
            locked += 1
            continue
        chase_at = _next_chase(session, found, days)
        if chase_at is not None and chase_at <= now:
            chased += _chase(session, found, now, settings, calendar)
    session.flush()
    return Collected(opened, passed, chased, locked)


def next_collection_at(session: Session, days: SendDays) -> datetime | None:
    """The next moment at which `collect_due` has something to do; in the past: it is due."""
    moments = [opening_of(schedule, days) for schedule in schedules_in_force(session)]
    for found in _scheduled_rounds(session):
        moments += [moment for moment in (found.locks_at, _next_chase(session, found, days)) if moment is not None]
    return min((moment for moment in moments if moment != NEVER), default=None)


def opening_of(schedule: CollectionSchedule, days: SendDays) -> datetime:
    """When the next round opens: 09:00 of its as-of day, or of the first day after it on which mail may leave."""
    for day in _days(schedule):
        return days.moment(days.on_or_after(day), OPENS)
    return NEVER


def _days(schedule: CollectionSchedule) -> Iterator[date]:
    """Its days that no round was opened for yet; none while it was never switched on."""
    if schedule.opened_until is not None:
        yield from Recurrence(schedule.recurrence).days_after(schedule.opened_until)


def _latest_day(schedule: CollectionSchedule, days: SendDays, now: datetime) -> date | None:
    latest = None
    for day in _days(schedule):
        if days.moment(days.on_or_after(day), OPENS) > now:
            break
        latest = day
    return latest


def _open(
    session: Session,
    schedule: CollectionSchedule,
    as_of: date,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> None:
    title = f"{as_of.year}년 {as_of.month}월 {schedule.name}"
    taken = session.exec(select(CollectionRound.id).where(CollectionRound.title == title)).first()
    open_round(
        session,
        title=title if taken is None else f"{title}({words.day(as_of)} 기준)",
        as_of_on=as_of,
        now=now,
        settings=settings,
        calendar=calendar,
        by=CLOCK,
        unit_id=schedule.unit_id,
        schedule_id=schedule.id,
        due_working_days=schedule.due_working_days,
        grace_working_days=schedule.grace_working_days,
        project_ids=schedule.project_ids,
        questions=schedule.questions,
    )


def _scheduled_rounds(session: Session) -> list[CollectionRound]:
    wanted = select(CollectionRound).where(
        CollectionRound.state == RoundState.OPEN, col(CollectionRound.schedule_id).is_not(None)
    )
    return list(session.exec(wanted.order_by(col(CollectionRound.id))))


def _next_chase(session: Session, found: CollectionRound, days: SendDays) -> datetime | None:
    """On the first due day of what is outstanding and every working day after it, once; None when all have answered."""
    due_at = session.exec(
        select(func.min(StatusRequest.due_at)).where(
            StatusRequest.round_id == found.id, col(StatusRequest.state).in_(OUTSTANDING)
        )
    ).one()
    if due_at is None:
        return None
    day = days.local_date(due_at)
    if found.nudged_on is not None:
        day = max(day, found.nudged_on + DAY)
    return days.moment(days.on_or_after(day), OPENS)


def _chase(
    session: Session, found: CollectionRound, now: datetime, settings: Settings, calendar: WorkingCalendar
) -> int:
    """미제출 안내 to the posts whose due day has come and who have not answered."""
    today = now.astimezone(settings.timezone).date()
    rows = session.exec(
        select(StatusRequest.post_id, StatusRequest.due_at).where(
            StatusRequest.round_id == found.id, col(StatusRequest.state).in_(OUTSTANDING)
        )
    ).all()
    due = [post_id for post_id, due_at in rows if due_at.astimezone(settings.timezone).date() <= today]
    slot = f"{CHANNEL}/{NotificationKind.NUDGE}/{found.id}/{today.isoformat()}"
    keys = {post_id: f"post:{post_id}/{slot}" for post_id in due}
    found.nudged_on = today
    session.add(found)
    return announce(session, NotificationKind.NUDGE, keys, found.id, now, settings, calendar)
