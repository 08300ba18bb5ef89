"""Drafts in hand: what is asked about one, how far it is, and what was found."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from documents.reading import Report
from web.desk import Work
from web.import_trial import Outcome


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


class Draft(Work[Looked]):
    """One draft in hand: lines read so far of all its lines."""

    def __init__(self, lines: int = 0) -> None:
        super().__init__()
        self.step = Step.WAITING
        self.reached, self.lines = 0, lines

    @property
    def percent(self) -> int:
        """Of the whole way; reading takes about a third of it."""
        if self.step is Step.COMPARING:
            return 100 if self.is_done else 40
        return 35 * self.reached // max(1, self.lines)
