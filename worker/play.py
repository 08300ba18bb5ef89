"""Plays a period through with a simulated clock: the same ticks as in earnest, from one due moment to the next."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from models import CollectionSchedule, Installation, Notification, NotificationState, Project
from models.database import read, write
from notifications.channels import Channel
from schedules.office_days import load_calendar
from schedules.plan import replan
from settings import Settings
from worker.tick import Ticked, next_moment, tick

NO_PROGRESS_STEP = timedelta(hours=1)


class SimulatedClock:
    """Says the time it was last set to; never goes backwards."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move_to(self, moment: datetime) -> None:
        self.now = max(self.now, moment)


@dataclass(frozen=True, slots=True)
class Event:
    """Something people do at a simulated moment; all of one moment are one transaction."""

    at: datetime
    act: Callable[[Session, datetime], None]


def first_moment(engine: Engine, settings: Settings, from_on: date, real_now: datetime) -> datetime:
    """Where a play of a period that begins on `from_on` has to start.

    A played database goes on where its play ended; one that has sent in earnest goes on from now; one that has sent
    nothing may begin anywhere, so that last autumn can be played through today.
    """
    asked = datetime.combine(from_on, time.min, settings.timezone).astimezone(UTC)
    with read(engine) as session:
        played_until = session.get_one(Installation, 1).played_until
        sent = session.exec(
            select(Notification.id).where(Notification.state == NotificationState.SENT).limit(1)
        ).first()
    if played_until is not None:
        return played_until
    return real_now if sent is not None else min(asked, real_now)


def last_moment(settings: Settings, to_on: date) -> datetime:
    """The end of the day `to_on`."""
    return datetime.combine(to_on + timedelta(days=1), time.min, settings.timezone).astimezone(UTC)


def play(
    engine: Engine,
    settings: Settings,
    start: datetime,
    until: datetime,
    channel: Channel,
    events: Sequence[Event] = (),
) -> Iterator[tuple[datetime, Ticked]]:
    """Ticks at every moment before `until` at which something is due, yielding what each did.

    Activations made later than `start` count as made at `start`: what was activated today is played in its own time.
    """
    clock = SimulatedClock(start)
    waiting = sorted((event for event in events if event.at >= start), key=lambda event: event.at)
    with write(engine) as session:
        session.execute(update(Project).where(col(Project.activated_at) > start).values(activated_at=start))
        begins_on = start.astimezone(settings.timezone).date()
        opened = update(CollectionSchedule).where(col(CollectionSchedule.opened_until) > begins_on)
        session.execute(opened.values(opened_until=begins_on))
        session.execute(update(Installation).where(col(Installation.summarised_at) > start).values(summarised_at=None))
        replan(session, start, settings, load_calendar(session))
    while True:
        with read(engine) as session:
            due = next_moment(session, settings)
        moments = [moment for moment in (due, waiting[0].at if waiting else None) if moment is not None]
        if not moments or max(min(moments), clock.now) >= until:
            break
        clock.move_to(min(moments))
        happening = [event for event in waiting if event.at <= clock.now]
        waiting = waiting[len(happening) :]
        with write(engine) as session:
            for event in happening:
                event.act(session, clock.now)
            # What people did is done and noted at once: a play that goes on from here does not do it again.
            _note_progress(session, clock.now + timedelta(microseconds=1) if happening else clock.now)
        ticked = tick(engine, settings, clock, channel)
        yield clock.now, ticked
        if ticked.stopped is not None:
            return  # what was not played stays to be played
        if due is not None and due <= clock.now and not ticked.did_something:
            clock.move_to(clock.now + NO_PROGRESS_STEP)
    with write(engine) as session:
        _note_progress(session, max(until, clock.now))


def _note_progress(session: Session, moment: datetime) -> None:
    """A play that is interrupted goes on from here."""
    installation = session.get_one(Installation, 1)
    installation.played_until = moment
    session.add(installation)
