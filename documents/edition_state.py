"""How each milestone stood at a moment, and what people had answered by then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlmodel import Session, col, select

from documents.difference import IMPORT
from models import (
    OPEN_STATUSES,
    Attachment,
    Document,
    Milestone,
    MilestoneRevision,
    MilestoneStatus,
    Project,
    StatusKind,
    StatusReport,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """The day up to which everything counts; answers given in the round count whenever they came."""

    as_of: date
    round_id: int | None
    zone: tzinfo

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def includes(self, report: StatusReport) -> bool:
        in_round = self.round_id is not None and report.round_id == self.round_id
        return in_round or self.day(report.reported_at) <= self.as_of


@dataclass(frozen=True, slots=True)
class Stand:
    """A milestone as the document printed it on its day (`printed_on`, `said_…`) and as it stood at the moment.

    `reports` are the answers that the document could not know, oldest first; `reason` is that of the last change.
    """

    milestone: Milestone
    printed_on: date
    said_raw: str
    said_status: MilestoneStatus
    raw: str
    start_on: date | None
    end_on: date | None
    status: MilestoneStatus
    changed_on: date | None
    reason: str
    is_moved: bool
    is_gone: bool
    reports: tuple[StatusReport, ...]
    files: Mapping[int | None, tuple[str, ...]]  # names of what came with each report

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES and not self.is_gone

    @property
    def is_verbatim(self) -> bool:
        """Nothing has changed since the document was printed."""
        return not self.is_moved and self.status == self.said_status


class States:
    """All milestones of some projects with their history, read at once."""

    def __init__(
        self, session: Session, moment: Moment, documents: dict[int, Document], project_ids: Sequence[int]
    ) -> None:
        self._moment = moment
        # What an import says counts from the document's own day, not from the day on which it was typed in.
        self._import_days = {document.imported_at: document.as_of_on for document in documents.values()}
        of_these = col(Milestone.project_id).in_(project_ids)
        self._milestones: dict[int, list[Milestone]] = {}
        for milestone in session.exec(select(Milestone).where(of_these).order_by(col(Milestone.id))):
            self._milestones.setdefault(milestone.project_id, []).append(milestone)
        reports = select(StatusReport).where(col(StatusReport.project_id).in_(project_ids))
        self._reports: dict[int, list[StatusReport]] = {}
        counted: set[int | None] = set()
        for report in session.exec(reports.order_by(col(StatusReport.reported_at), col(StatusReport.id))):
            if moment.includes(report):
                self._reports.setdefault(report.milestone_id, []).append(report)
                counted.add(report.id)
        self._files: dict[int | None, tuple[str, ...]] = {}
        with_files = select(Attachment).join(StatusReport, col(StatusReport.id) == col(Attachment.report_id))
        with_files = with_files.where(col(StatusReport.project_id).in_(project_ids))
        for file in session.exec(with_files.order_by(col(Attachment.id))):
            self._files[file.report_id] = (*self._files.get(file.report_id, ()), file.name)
        self._revisions: dict[int, list[MilestoneRevision]] = {}
        revisions = select(MilestoneRevision).join(Milestone, col(Milestone.id) == col(MilestoneRevision.milestone_id))
        for revision in session.exec(revisions.where(of_these).order_by(col(MilestoneRevision.id))):
            if revision.status_report_id is not None:
                known = revision.status_report_id in counted
            else:
                day = self._day(revision)
                known = day is not None and day <= moment.as_of
            if known:
                self._revisions.setdefault(revision.milestone_id, []).append(revision)

    def of(self, project: Project, document: Document) -> tuple[Stand, ...]:
        """Every milestone of the project that existed at the moment, against what this document printed."""
        found = (self._stand(milestone, document) for milestone in self._milestones.get(project.id or 0, ()))
        return tuple(stand for stand in found if stand is not None)

    def is_gone(self, project: Project) -> bool:
        """A later edition of its department left the project out: every milestone still open is marked as gone."""
        rows = self._milestones.get(project.id or 0, ())
        still_open = [row for row in rows if row.status in OPEN_STATUSES]
        return bool(still_open) and all(self._is_gone(row) for row in still_open)

    def _stand(self, milestone: Milestone, document: Document) -> Stand | None:
        revisions = self._revisions.get(milestone.id or 0, [])
        if not revisions:
            return None
        printed = [r for r in revisions if r.changed_by == IMPORT and (self._day(r) or date.min) <= document.as_of_on]
        said, last = (printed or revisions)[-1 if printed else 0], revisions[-1]
        reports = self._reports.get(milestone.id or 0, [])
        news = tuple(r for r in reports if self._moment.day(r.reported_at) > document.as_of_on)
        return Stand(
            milestone=milestone,
            printed_on=document.as_of_on,
            said_raw=said.raw_after,
            said_status=said.status_after,
            raw=last.raw_after,
            start_on=last.start_after,
            end_on=last.end_after,
            status=last.status_after,
            changed_on=self._moment.day(last.changed_at) if last.changed_by != IMPORT else None,
            reason=last.reason if last.changed_by != IMPORT else "",
            is_moved=(said.start_after, said.end_after) != (last.start_after, last.end_after),
            is_gone=self._is_gone(milestone),
            reports=tuple(r for r in news if r.kind is not StatusKind.NO_CHANGE or r.results or r.problems),
            files=self._files,
        )

    def _day(self, revision: MilestoneRevision) -> date | None:
        """The day from which a revision counts; None for an import of a document that is not yet."""
        if revision.changed_by != IMPORT:
            return self._moment.day(revision.changed_at)
        return self._import_days.get(revision.changed_at)

    def _is_gone(self, milestone: Milestone) -> bool:
        if milestone.gone_at is None:
            return False
        day = self._import_days.get(milestone.gone_at)
        return day is not None and day <= self._moment.as_of
