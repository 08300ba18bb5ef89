"""What a worker process delivers with, and how all processes of a worker hear that they shall stop."""

import mmap
import time
from contextlib import ExitStack
from datetime import timedelta

import structlog
from sqlalchemy import Engine

from models.database import make_engine
from notifications.channels import Channel
from notifications.deliver import Batch, deliver_batch
from notifications.outcomes import Delivered
from settings import Settings
from worker.mail_server import mail_channel
from worker.tally import Tally
from worker.tick import Clock, database_clock

log = structlog.get_logger()


class StopMark:
    """One byte shared by a process and those it forks: no lock, which a killed process could take to its grave."""

    def __init__(self) -> None:
        self._byte = mmap.mmap(-1, 1)

    def set(self) -> None:
        self._byte[0] = 1

    def is_set(self) -> bool:
        return self._byte[0] == 1


class Hands:
    """Database and mail server of one process: opened by its first batch (never before a fork), kept for the next."""

    def __init__(self, settings: Settings, stop: StopMark, tally: Tally) -> None:
        self._settings, self._stop, self._tally = settings, stop, tally
        self._open: tuple[Engine, Channel] | None = None
        self._stack = ExitStack()

    def deliver(self, batch: Batch) -> None:
        """Sends what of the batch is still leased under its token; an old message of a lost batch does nothing."""
        with self._tally.batch() as note:
            note(self._deliver(batch))

    def _deliver(self, batch: Batch) -> Delivered:
        if self._open is None:
            engine = make_engine(self._settings.database_url)
            self._stack.callback(engine.dispose)
            self._open = engine, self._stack.enter_context(mail_channel(self._settings, engine))
        engine, channel = self._open
        clock = _steady(database_clock(engine, self._settings.time_shift))
        began = time.monotonic()
        done = deliver_batch(engine, clock, self._settings, channel, batch, stopping=self._stop.is_set)
        log.info(
            "batch.delivered",
            token=batch.token,
            seconds=round(time.monotonic() - began, 3),
            sent=done.sent,
            failed=done.failed,
            retried=done.retried,
            cancelled=done.cancelled,
            unreachable=done.unreachable,
            waiting=done.waiting,
        )
        return done

    def close(self) -> None:
        """Says goodbye to the mail server and the database."""
        self._stack.close()
        self._open = None


def _steady(clock: Clock) -> Clock:
    """The clock read once for a batch; from then on a stopwatch counts, which costs no question a mail."""
    began, read_at = time.monotonic(), clock()
    return lambda: read_at + timedelta(seconds=time.monotonic() - began)
