"""One look at the clock: what is due becomes messages, messages become mails, returned mails become marks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from documents.edition_kept import keep_editions
from models import Installation, Notification, Reminder, ReminderState
from models.database import read, read_clock, write
from notifications.bounces import read_bounces
from notifications.channels import Channel
from notifications.deliver import deliver_due, never
from notifications.handovers import hand_over_due, next_handover_at
from notifications.outbox import Dispatched, dispatch_due
from notifications.outcomes import Delivered
from notifications.reorganisations import next_reorganisation_at, reorganise_due
from notifications.summaries import summarise_due
from schedules.activation import sending_allowed
from schedules.calendar import SendDays, WorkingCalendar
from schedules.collecting import Collected, collect_due, next_collection_at
from schedules.office_days import load_calendar
from schedules.summary import next_slot
from settings import Settings

log = structlog.get_logger()

Clock = Callable[[], datetime]
Result = TypeVar("Result")
REMINDERS_AT_ONCE = 2000


def nothing_else() -> None:
    """There is nobody to send while this process dispatches."""


def at_once(_rehearse: Callable[[], object]) -> None:
    """The look did not begin ahead of its moment."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did; `stopped` says in Korean why nothing may be sent from here, None when it may."""

    stopped: str | None = None
    dispatched: Dispatched = field(default_factory=Dispatched)
    delivered: Delivered = field(default_factory=Delivered)
    bounced: int = 0
    collected: Collected = field(default_factory=Collected)
    summaries: int | None = None  # heads told of their week; None = it was not the time
    handed_over: int = 0  # posts whose holder has left
    reorganised: int = 0

    @property
    def did_something(self) -> bool:
        return (
            self.dispatched != Dispatched()
            or self.delivered != Delivered()
            or self.bounced > 0
            or self.collected != Collected()
            or self.summaries is not None
            or self.handed_over > 0
            or self.reorganised > 0
        )


def database_clock(engine: Engine, shift_seconds: Callable[[], int] = lambda: 0) -> Clock:
    """The clock all processes share: the database's own, plus the drill shift, which is asked for at each reading."""

    def now() -> datetime:
        with read(engine) as session:
            return read_clock(session, shift_seconds())

    return now


@dataclass(slots=True)
class Agenda:
    """When something other than reminders and messages is due next, as one process remembers it between its looks.

    It is asked anew every `tick_seconds`, since others change it unannounced; most looks need not ask. A new one knows
    nothing: everything is looked after.
    """

    due_at: datetime | None = None
    asked_at: datetime | None = None
    next_at: datetime | None = None  # of all, reminders and messages too: what the next look is for

    def is_time(self, now: datetime, settings: Settings) -> bool:
        """Whether to look after those things now, or to ask when."""
        if self.asked_at is None or not self.asked_at <= now < self.asked_at + timedelta(seconds=settings.tick_seconds):
            return True
        return self.due_at is not None and self.due_at <= now


def tick(
    engine: Engine,
    settings: Settings,
    clock: Clock,
    channel: Channel,
    stopping: Callable[[], bool] = never,
    agenda: Agenda | None = None,
) -> Ticked:
    """One process does it all: a look whose messages leave at once."""

    def hand_over() -> Delivered:
        return deliver_due(engine, clock, settings, channel, stopping=stopping)

    return look(engine, settings, clock, hand_over, stopping, agenda)


def look(
    engine: Engine,
    settings: Settings,
    clock: Clock,
    hand_over: Callable[[], Delivered],
    stopping: Callable[[], bool] = never,
    agenda: Agenda | None = None,
    meanwhile: Callable[[], object] = nothing_else,
    hold: Callable[[Callable[[], object]], object] = at_once,
) -> Ticked:
    """Dispatches what is due, then has the messages handed over; reads what came back.

    `meanwhile` is called while there is more to dispatch: the morning mails made so far are whole and may leave.

    Idempotent: a second look at the same moment finds nothing left to do. Commits in small steps and ends early, with
    nothing half done, once `stopping` says so. When a reminder is due and nothing else is (`agenda`), claiming it is
    all that happens first. `hold` returns when the clock's moment has come: a look may get ready a little before, and
    rehearse the claim.
    """
    now = clock()
    is_time = agenda is None or agenda.is_time(now, settings)

    def beside(step: Callable[[Session, WorkingCalendar], Result], nothing: Result) -> Result:
        """What is done beside the mails: when it fails it is logged and done at the next look; the mails leave."""
        if not is_time:
            return nothing
        try:
            with write(engine) as session:
                return step(session, load_calendar(session))
        except Exception:
            log.exception("clock.step_failed")
            return nothing

    def collect(session: Session, calendar: WorkingCalendar) -> Collected:
        collected = collect_due(session, now, settings, calendar)
        if collected.locked:
            keep_editions(session, settings.timezone)
        return collected

    # Who belongs where does not wait for sending to be on; what it tells waits in the queue.
    reorganised = beside(lambda session, calendar: reorganise_due(session, now, settings, calendar), 0)
    if is_time:
        with write(engine) as session:
            installation = session.get_one(Installation, 1)
            installation.clock_last_tick_at = now
            session.add(installation)
            stopped = sending_allowed(session, settings)
        if stopped is not None:
            return Ticked(stopped=stopped, reorganised=reorganised)
    handed_over = beside(lambda session, calendar: hand_over_due(session, now, settings, calendar), 0)
    dispatched = Dispatched()
    while not stopping():
        with write(engine) as session:
            stopped = sending_allowed(session, settings)
            if stopped is None:
                calendar = load_calendar(session)
                hold(lambda: dispatch_due(session, now, settings, calendar, limit=0))  # noqa: B023
                step = dispatch_due(session, now, settings, calendar, limit=REMINDERS_AT_ONCE)
        if stopped is not None:
            return Ticked(stopped=stopped, dispatched=dispatched)
        dispatched += step
        if step == Dispatched():
            break
        meanwhile()
    collected = beside(collect, Collected())
    summaries = beside(lambda session, calendar: summarise_due(session, now, settings, calendar), None)
    delivered = hand_over()
    bounced = beside(lambda session, _calendar: read_bounces(session, settings, now), 0)
    return Ticked(None, dispatched, delivered, bounced, collected, summaries, handed_over, reorganised)


def next_look_at(
    engine: Engine, settings: Settings, clock: Clock, ticked: Ticked, agenda: Agenda | None = None
) -> datetime | None:
    """The real moment at which a look will find something; None = at the clock's own pace.

    What is due and was not touched (sending is off, the window is closed) is no reason to look at once again.
    """
    if ticked.stopped is not None:
        return None
    now = clock()
    real_now = datetime.now(UTC)
    with read(engine) as session:
        due = next_due_at(session)
        if agenda is None or agenda.is_time(now, settings):
            agenda = agenda or Agenda()
            agenda.due_at, agenda.asked_at = next_other_moment(session, settings), now
    due = agenda.next_at = min((moment for moment in (due, agenda.due_at) if moment is not None), default=None)
    if due is None or (due <= now and not ticked.did_something):
        return None
    return real_now + (due - now)


def next_moment(session: Session, settings: Settings) -> datetime | None:
    """The next moment at which a tick has something to do: heads' week, collections and moves included."""
    moments = (next_due_at(session), next_other_moment(session, settings))
    return min((moment for moment in moments if moment is not None), default=None)


def next_other_moment(session: Session, settings: Settings) -> datetime | None:
    """The next moment of the heads' week, of a collection, of a move or of a reorganisation."""
    days = SendDays(load_calendar(session), settings.send_window, settings.timezone)
    moments = (
        next_slot(session, days),
        next_collection_at(session, days),
        next_handover_at(session, settings),
        next_reorganisation_at(session, settings),
    )
    return min((moment for moment in moments if moment is not None), default=None)


def next_due_at(session: Session) -> datetime | None:
    """When the next reminder or message is due; None when nothing is planned or queued."""
    reminder = session.exec(select(func.min(Reminder.due_at)).where(Reminder.state == ReminderState.PLANNED)).one()
    waiting = select(func.min(Notification.next_attempt_at)).where(col(Notification.next_attempt_at).is_not(None))
    message = session.exec(waiting).one()
    return min((moment for moment in (reminder, message) if moment is not None), default=None)
