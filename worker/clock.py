"""The clock: looks whenever something is due, and at least every `tick_seconds`; it holds no schedule of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

log = structlog.get_logger()

JOB = "tick"
SHORTEST_PAUSE = timedelta(milliseconds=2)
FAILED_PAUSE = timedelta(seconds=2)  # a database that restarts is back in about this time


@dataclass(frozen=True, slots=True)
class Duty:
    """Something the clock does beside looking, at moments of its own. Idempotent: several clocks all do it."""

    name: str
    run: Callable[[], object]
    trigger: BaseTrigger


class ClockRunner:
    """Calls `look` and the duties on threads of APScheduler (memory store): what is due stands in the database.

    `look` does what is due and returns the real moment at which something is due next, or None. A look or a duty that
    raises is logged and tried again at its next time: the clock itself never stops.
    """

    def __init__(self, look: Callable[[], datetime | None], tick_seconds: float, duties: Sequence[Duty] = ()) -> None:
        self._look = look
        self._tick = timedelta(seconds=tick_seconds)
        self._duties = duties
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._looking = Lock()
        self._is_stopping = False

    def start(self) -> None:
        policy = {
            "misfire_grace_time": None,  # however late, look: the default of one second would skip
            "coalesce": True,
            "max_instances": 1,
        }
        self._scheduler.add_job(
            self._run,
            IntervalTrigger(seconds=max(self._tick.total_seconds(), 0.05), timezone=UTC),
            id=JOB,
            next_run_time=datetime.now(UTC),
            **policy,
        )
        for duty in self._duties:
            self._scheduler.add_job(_do, duty.trigger, [duty], id=duty.name, **policy)
        self._scheduler.start()

    def stop(self) -> None:
        """Waits for what is under way.

        The look is waited for first: the scheduler holds while it shuts down what a look needs to name its next time.
        """
        self._is_stopping = True
        with self._looking:
            pass
        self._scheduler.shutdown(wait=True)

    def _run(self) -> None:
        with self._looking:
            if not self._is_stopping:
                self._look_and_plan()

    def _look_and_plan(self) -> None:
        try:
            due = self._look()
        except Exception:  # the one broad catch of the clock: logged, and looked again
            log.exception("clock.look_failed")
            due = datetime.now(UTC) + FAILED_PAUSE
        now = datetime.now(UTC)
        latest = now + self._tick
        next_look = max(now + SHORTEST_PAUSE, min(due, latest)) if due is not None else latest
        self._scheduler.modify_job(JOB, next_run_time=next_look)


def _do(duty: Duty) -> None:
    try:
        duty.run()
    except Exception:  # a duty that fails is done again at its next time
        log.exception("clock.duty_failed", duty=duty.name)
