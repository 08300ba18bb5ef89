"""One process for a small office: clock, sender, built-in mailbox and web pages together, on SQLite."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event

from sqlalchemy import Engine

from settings import Settings
from worker.clock import ClockRunner
from worker.duties import make_duties
from worker.mail_server import mail_channel
from worker.memory import look_for_garbage_seldom
from worker.tick import Agenda, Clock, next_look_at, tick


@contextmanager
def clock_and_sender(engine: Engine, settings: Settings, clock: Clock) -> Iterator[None]:
    """Ticks in the background until the block ends; the mail under way is finished first."""
    stop = Event()
    with mail_channel(settings, engine) as channel:
        agenda = Agenda()

        def look() -> datetime | None:
            ticked = tick(engine, settings, clock, channel, stop.is_set, agenda)
            return next_look_at(engine, settings, clock, ticked, agenda)

        runner = ClockRunner(look, settings.tick_seconds, make_duties(engine, settings, clock, stop.is_set))
        look_for_garbage_seldom()
        runner.start()
        try:
            yield
        finally:
            stop.set()
            runner.stop()
