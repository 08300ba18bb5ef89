"""One statement as a milestone row, and what a document changes about a row that is already there."""

from dataclasses import dataclass
from datetime import date, datetime

from documents.difference import IMPORT, ComparedMilestone
from documents.markup import squeeze
from documents.stated import Stated
from models import Milestone, MilestoneRevision, MilestoneStatus

FIRST_REASON = "문서 등록"
NEXT_REASON = "새 문서 반영"


@dataclass(frozen=True, slots=True)
class Before:
    """What a milestone was before a change."""

    status: MilestoneStatus
    raw: str
    start_on: date | None
    end_on: date | None


def new_milestone(stated: Stated, project_id: int, document_id: int, now: datetime) -> Milestone:
    """A row as the document says it; its window is also its baseline."""
    return Milestone(
        project_id=project_id,
        document_id=document_id,
        label=stated.label,
        section=stated.section,
        line=stated.line,
        label_line=stated.label_line,
        raw=stated.raw,
        start_on=stated.start_on,
        end_on=stated.end_on,
        precision=stated.precision,
        open_start=stated.open_start,
        open_end=stated.open_end,
        tentative=stated.tentative,
        time=stated.time,
        recurrence=stated.recurrence,
        kind=stated.kind,
        status=stated.status,
        is_deadline=stated.is_deadline,
        baseline_raw=stated.raw,
        baseline_start_on=stated.start_on,
        baseline_end_on=stated.end_on,
        status_since=now,
    )


def update_milestone(row: Milestone, item: ComparedMilestone, document_id: int, now: datetime) -> None:
    """Brings the row to what the edition says: its place always, window, status and kind unless a person's word stands.

    The baseline stays. What a review said of kind and deadline stays as long as the milestone keeps its name; a new
    status decides anew whether it is a deadline.
    """
    stated = item.stated
    is_read_right = item.reviewed and squeeze(row.label) == squeeze(stated.label)
    row.document_id = document_id
    row.section, row.line, row.label_line = stated.section, stated.line, stated.label_line
    row.gone_at = None
    if item.kept or item.answered:
        return
    row.label, row.raw = stated.label, stated.raw
    row.start_on, row.end_on = stated.start_on, stated.end_on
    row.precision, row.tentative = stated.precision, stated.tentative
    row.open_start, row.open_end = stated.open_start, stated.open_end
    row.time, row.recurrence = stated.time, stated.recurrence
    if not is_read_right:
        row.kind = stated.kind
    if not is_read_right or item.status_changed:
        row.is_deadline = stated.is_deadline
    if item.status_changed:
        row.status, row.status_since = stated.status, now
        if stated.status is MilestoneStatus.DONE:
            row.percent_complete = 100


def revision_of(before: Before | None, row: Milestone, now: datetime, reason: str | None = None) -> MilestoneRevision:
    """The change by import, not yet tied to the row's key (a new row has none before it is flushed)."""
    return MilestoneRevision(
        milestone_id=row.id or 0,
        changed_at=now,
        changed_by=IMPORT,
        reason=reason or (NEXT_REASON if before else FIRST_REASON),
        status_before=before.status if before else None,
        status_after=row.status,
        raw_before=before.raw if before else None,
        raw_after=row.raw,
        start_before=before.start_on if before else None,
        start_after=row.start_on,
        end_before=before.end_on if before else None,
        end_after=row.end_on,
    )
