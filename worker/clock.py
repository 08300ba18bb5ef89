"""The clock: looks whenever something is due, and at least every `tick_seconds`; it holds no schedule of its own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = structlog.get_logger()

JOB = "tick"
SHORTEST_PAUSE = timedelta(milliseconds=50)


class ClockRunner:
    """Calls `look` on a thread of APScheduler (memory store): what is due stands in the database, not here.

    `look` does what is due and returns the real moment at which something is due next, or None. A look that raises is
    logged and tried again at the next tick: the clock itself never stops.
    """

    def __init__(self, look: Callable[[], datetime | None], tick_seconds: float) -> None:
        self._look = look
        self._tick = timedelta(seconds=tick_seconds)
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def start(self) -> None:
        self._scheduler.add_job(
            self._run,
            IntervalTrigger(seconds=max(self._tick.total_seconds(), 0.05), timezone=UTC),
            id=JOB,
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,  # however late, look: the default of one second would skip
            coalesce=True,
            max_instances=1,
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Waits for the look under way."""
        self._scheduler.shutdown(wait=True)

    def _run(self) -> None:
        due: datetime | None = None
        try:
            due = self._look()
        except Exception:  # the one broad catch of the clock: logged, and looked again
            log.exception("clock.look_failed")
        now = datetime.now(UTC)
        latest = now + self._tick
        next_look = max(now + SHORTEST_PAUSE, min(due, latest)) if due is not None else latest
        self._scheduler.modify_job(JOB, next_run_time=next_look)
