"""The engine's clock: dispatches what is due, leases what may leave and tells the workers; any number may run."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Engine

from models import NotificationKind
from notifications.deliver import KINDS, Batch, claim_due, never, release
from notifications.outcomes import Delivered
from settings import Settings
from worker.punctual import Punctual
from worker.tasks import CarrierDown
from worker.tick import Agenda, Clock, look, next_look_at

log = structlog.get_logger()

MAILS_AT_ONCE = 500
MOST_WAITING = 32  # batches that no worker has taken: more would only outlive their leases in the queue
BACKLOG_PAUSE = timedelta(milliseconds=100)
CARRIER_PAUSE = timedelta(seconds=2)


class Publisher(Protocol):
    def publish(self, batch: Batch) -> None: ...

    def waiting(self) -> int: ...


class EngineClock:
    """One look at a time; what it has to remember stands in the database."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        clock: Clock,
        carrier: Publisher,
        stopping: Callable[[], bool] = never,
    ) -> None:
        self._engine, self._settings, self._clock = engine, settings, clock
        self._carrier, self._stopping = carrier, stopping
        self._agenda = Agenda()
        self._on_time = Punctual(clock)

    def look(self) -> datetime | None:
        """Does what is due; returns the real moment at which something will be due next, None = at the usual pace."""
        pause: timedelta | None = None

        def hand_over() -> Delivered:
            nonlocal pause
            pause = self._hand_out()
            return Delivered()

        on_time = self._on_time
        ticked = look(
            self._engine,
            self._settings,
            on_time.now,
            hand_over,
            self._stopping,
            self._agenda,
            self._hand_out_mornings,
            on_time.hold,
        )
        if ticked.did_something:
            done = ticked.dispatched
            log.info(
                "reminders.dispatched",
                reminders=done.reminders,
                messages=done.messages,
                missed=done.missed,
                cancelled=done.cancelled,
                failed=done.failed,
                bounced=ticked.bounced,
            )
        if pause is not None:
            return datetime.now(UTC) + pause
        look_at = next_look_at(self._engine, self._settings, self._clock, ticked, self._agenda)
        return on_time.begin_at(look_at, self._agenda.next_at)

    def _hand_out_mornings(self) -> None:
        """So that the workers begin while the clock still dispatches; other kinds may yet be added to."""
        self._hand_out((NotificationKind.MORNING,))

    def _hand_out(self, kinds: Collection[NotificationKind] = KINDS) -> timedelta | None:
        """Leases batches and publishes them until nothing is due; returns how soon to go on when something is left.

        The lease is committed before the message leaves: a worker is never faster than its claim. A batch that could
        not be published is given back; should its message have arrived all the same, its token opens nothing any more.
        """
        try:
            while not self._stopping():
                if self._carrier.waiting() >= MOST_WAITING:
                    return BACKLOG_PAUSE
                batch = claim_due(self._engine, self._clock(), self._settings, MAILS_AT_ONCE, kinds)
                if batch is None:
                    return None
                try:
                    self._carrier.publish(batch)
                except CarrierDown:
                    release(self._engine, self._clock(), batch)
                    raise
                log.info("batch.published", token=batch.token, messages=len(batch.ids))
        except CarrierDown as down:
            log.warning("broker.unreachable", error=str(down))
            return CARRIER_PAUSE
        return None
