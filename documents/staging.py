"""One edition on its way in: stored with what a person corrected in it, in one transaction that may be taken back."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlmodel import Session, col, select

from documents.difference import SEOUL
from documents.reading import Report
from documents.review import Doubt, as_csv, find_doubts
from documents.review_table import read_review_table
from documents.spreadsheet import Complaint
from documents.store import Stored, store_report
from documents.store_review import ReviewStored, store_review
from documents.vocabulary import vocabulary
from models import Finding, Milestone, Project

Corrections = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Staged:
    """The edition as stored, its doubts by key (before the corrections), and what the corrections did.

    `complaints` name cells that cannot be read, by key: then no correction was taken over.
    """

    stored: Stored
    doubts: Mapping[str, Doubt]
    reviewed: ReviewStored
    complaints: Mapping[str, Complaint]

    @property
    def activated_milestone_ids(self) -> tuple[int, ...]:
        return tuple(sorted({*self.stored.activated_milestone_ids, *self.reviewed.activated_milestone_ids}))


def stage_report(
    session: Session,
    report: Report,
    text: str,
    file_name: str,
    corrections: Corrections,
    *,
    now: datetime,
    by: str,
    zone: tzinfo = SEOUL,
) -> Staged:
    """Stores the edition and takes the corrections over. Raises DocumentError as `store_report` and `store_review` do.

    Doubts are named by what they are about and where, not by the keys of rows, which another try makes anew.
    """
    stored = store_report(session, report, text, file_name, now, by, zone)
    session.flush()
    doubts = _doubts_of(session, stored.document_id)
    chosen = {key: doubt for key, doubt in doubts.items() if corrections.get(key)}
    if not chosen:
        return Staged(stored, doubts, ReviewStored(0, 0, ()), {})
    reading = read_review_table(_corrected(chosen, corrections))
    by_line = dict(enumerate(chosen, 2))  # the heading stands on line 1
    complaints = {by_line[complaint.line]: complaint for complaint in reading.complaints}
    if complaints:
        return Staged(stored, doubts, ReviewStored(0, 0, ()), complaints)
    return Staged(stored, doubts, store_review(session, reading.entries, now, by), {})


def _doubts_of(session: Session, document_id: int) -> dict[str, Doubt]:
    """The doubts about what this edition says, most doubtful first."""
    tables = (("T", Project), ("M", Milestone), ("F", Finding))
    of_document = {
        f"{about}{number}"
        for about, table in tables
        for number in session.exec(select(col(table.id)).where(col(table.document_id) == document_id)).all()
    }
    found: dict[str, Doubt] = {}
    for doubt in find_doubts(session):
        if doubt.id in of_document:
            name = f"{doubt.id[0]}:{doubt.line or 0}:{doubt.project}:{doubt.label}:{doubt.raw}"
            twins = sum(key.startswith(f"{name}#") for key in found)
            found[f"{name}#{twins}"] = doubt
    return found


def _corrected(doubts: Mapping[str, Doubt], corrections: Corrections) -> bytes:
    """The list of these doubts as `dday review` writes it, with a person's cells in it."""
    names = list(vocabulary().review_headings)
    rows = list(csv.reader(io.StringIO(as_csv(doubts.values()).decode("utf-8-sig"))))
    for row, key in zip(rows[1:], doubts, strict=True):
        for name, cell in corrections[key].items():
            row[names.index(name)] = cell
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
