"""Reads and tries out drafts beside the requests, one at a time in a process, and knows how far each is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from threading import Event, Lock, Thread
from time import monotonic

import structlog

from documents.reading import Report
from web.import_trial import Outcome

KEPT_SECONDS = 600.0
PATIENCE_SECONDS = 0.5  # a page waits this long for a short document; after that it shows how far it is

log = structlog.get_logger()


class Step(StrEnum):
    """What is being done to a draft, in this order."""

    WAITING = "waiting"
    READING = "reading"
    COMPARING = "comparing"


@dataclass(frozen=True, slots=True)
class Looked:
    """What was read in a draft (None: it is a table), and what would come of it; or why it cannot be read."""

    report: Report | None
    outcome: Outcome
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer holds for: the draft with its corrections, beside the documents that were there."""

    draft_id: int
    as_of: date | None
    corrections: str
    last_document: int


class Work:
    """One draft in hand: lines read so far of all its lines; `result` or `error` once it is done."""

    def __init__(self, lines: int) -> None:
        self.step = Step.WAITING
        self.reached, self.lines = 0, lines
        self.result: Looked | None = None
        self.error: Exception | None = None
        self.ended_at = 0.0
        self._ended = Event()

    @property
    def is_done(self) -> bool:
        return self._ended.is_set()

    @property
    def percent(self) -> int:
        """Of the whole way; reading takes about a third of it."""
        if self.step is Step.COMPARING:
            return 100 if self.is_done else 40
        return 35 * self.reached // max(1, self.lines)

    def wait(self, seconds: float | None = None) -> None:
        self._ended.wait(seconds)

    def end(self, result: Looked | None = None, error: Exception | None = None) -> None:
        self.result, self.error, self.ended_at = result, error, monotonic()
        self._ended.set()


class Desk:
    """In the memory of one process: after a restart the next look at a draft's page begins anew, and nothing is lost.

    Its threads are daemons, since they keep nothing: a process ends without waiting for them.
    """

    def __init__(self) -> None:
        self.patience_seconds = PATIENCE_SECONDS
        self._works: dict[Question, Work] = {}
        self._lock, self._turn = Lock(), Lock()

    def look(self, question: Question, lines: int, do: Callable[[Work], Looked]) -> Work:
        """The answer to this question: found a short while ago, being found, or begun now."""
        with self._lock:
            self._works = {of: work for of, work in self._works.items() if not work.is_done or _holds(work)}
            work = self._works.get(question)
            if work is None:
                work = self._works[question] = Work(lines)
                Thread(target=self._do, args=(work, do), daemon=True).start()
        work.wait(self.patience_seconds)
        return work

    def keep(self, question: Question, looked: Looked) -> None:
        """An answer that was found elsewhere."""
        work = Work(0)
        work.end(looked)
        with self._lock:
            self._works[question] = work

    def _do(self, work: Work, do: Callable[[Work], Looked]) -> None:
        try:
            with self._turn:
                work.end(do(work))
        except Exception as error:  # said on the page of the draft
            work.end(error=error)
            log.exception("import.look_failed")


def _holds(work: Work) -> bool:
    return work.error is None and monotonic() - work.ended_at < KEPT_SECONDS
