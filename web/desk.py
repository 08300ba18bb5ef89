"""Work that takes longer than a page may: done beside the requests, one at a time, and asked after by its page."""

from collections.abc import Callable, Hashable
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Generic, TypeVar

import structlog

KEPT_SECONDS = 600.0
PATIENCE_SECONDS = 0.5  # a page waits this long for what is soon done; after that it shows how far it is

log = structlog.get_logger()

Result = TypeVar("Result")


class Work(Generic[Result]):
    """One thing in hand; `result` or `error` once it is done."""

    def __init__(self) -> None:
        self.result: Result | None = None
        self.error: Exception | None = None
        self.ended_at = 0.0
        self._ended = Event()

    @property
    def is_done(self) -> bool:
        return self._ended.is_set()

    @property
    def seconds_ago(self) -> float:
        """How long it has been done."""
        return monotonic() - self.ended_at

    def wait(self, seconds: float | None = None) -> None:
        self._ended.wait(seconds)

    def end(self, result: Result | None = None, error: Exception | None = None) -> None:
        self.result, self.error, self.ended_at = result, error, monotonic()
        self._ended.set()


InHand = TypeVar("InHand", bound=Work[Any])


class Desk(Generic[InHand]):
    """In the memory of one process: after a restart the next look at a page begins anew, and nothing is lost.

    `fault` is the event that is logged when something cannot be done. Its threads are daemons, since they keep nothing:
    a process ends without waiting for them.
    """

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.patience_seconds = PATIENCE_SECONDS
        self._works: dict[Hashable, InHand] = {}
        self._lock, self._turn = Lock(), Lock()

    def look(
        self,
        question: Hashable,
        begin: Callable[[], InHand],
        do: Callable[[InHand], object],
        *,
        still_holds: Callable[[InHand], bool] = lambda _done: True,
        is_long: bool = False,
    ) -> InHand:
        """What answers this question: done a short while ago, in hand, or begun now; not waited for if it `is_long`."""
        with self._lock:
            self._works = {of: work for of, work in self._works.items() if not work.is_done or _is_kept(work)}
            work = self._works.get(question)
            if work is None or (work.is_done and not still_holds(work)):
                work = self._works[question] = begin()
                Thread(target=self._do, args=(work, do), daemon=True).start()
        work.wait(0 if is_long else self.patience_seconds)
        return work

    def keep(self, question: Hashable, done: InHand) -> None:
        """An answer that was found elsewhere."""
        with self._lock:
            self._works[question] = done

    def _do(self, work: InHand, do: Callable[[InHand], object]) -> None:
        try:
            with self._turn:
                work.end(do(work))
        except Exception as error:  # said on its page
            work.end(error=error)
            log.exception(self.fault)


def _is_kept(work: Work[Any]) -> bool:
    return work.error is None and work.seconds_ago < KEPT_SECONDS
