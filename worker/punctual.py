"""On time to the millisecond: a look gets ready just before something is due, and claims when it is."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from worker.tick import Clock

EARLY = timedelta(milliseconds=20)  # to wake up, have a connection, and ask whether mail may leave
REHEARSAL_SECONDS = 0.004  # before the moment: the first claim after a long sleep takes three times as long as the next


def _wait(seconds: float) -> None:
    Event().wait(seconds)


class Punctual:
    """One clock's next moment. What is not ready in time, on a busy machine, is late as it would have been anyway."""

    def __init__(
        self,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = _wait,
    ) -> None:
        self._clock, self._monotonic, self._wait = clock, monotonic, wait
        self._due_at: datetime | None = None
        self._hold_until = float("-inf")

    def begin_at(self, look_at: datetime | None, due_at: datetime | None) -> datetime | None:
        """When the look of `look_at` (real; None stays None) should begin, for what is due at the clock's `due_at`."""
        self._due_at = due_at
        return None if look_at is None else look_at - EARLY

    def now(self) -> datetime:
        """The look's `now`: the moment it was planned for while that is just ahead, else what the clock says."""
        now = self._clock()
        if self._due_at is not None and now < self._due_at <= now + 2 * EARLY:
            self._hold_until = self._monotonic() + (self._due_at - now) / timedelta(seconds=1)
            return self._due_at
        self._hold_until = float("-inf")
        return now

    def hold(self, rehearse: Callable[[], object]) -> None:
        """Returns once the moment has come: nothing is claimed before it is due. `rehearse` claims nothing."""
        if self._hold_until <= self._monotonic():
            return
        self._wait_until(self._hold_until - REHEARSAL_SECONDS)
        rehearse()
        self._wait_until(self._hold_until)

    def _wait_until(self, moment: float) -> None:
        while (ahead := moment - self._monotonic()) > 0:
            self._wait(ahead)
