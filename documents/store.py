"""A report that was read becomes rows; the next edition updates what matches. Mails nobody, plans nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlmodel import Session, col, delete, select

from documents.difference import (
    SEOUL,
    ComparedMilestone,
    ComparedProject,
    Difference,
    compare,
    compare_rows,
    difference_of,
)
from documents.former_names import in_names_of_now
from documents.markup import squeeze
from documents.reading import ProjectRow, Report
from documents.store_milestones import Before, new_milestone, revision_of, update_milestone
from documents.store_organisation import Organisation, store_organisation
from documents.texts import printed_lines
from models import (
    AuditEntry,
    BudgetLine,
    Document,
    Finding,
    Milestone,
    MilestoneOwner,
    MilestoneRevision,
    OwnerRole,
    Problem,
    Project,
    ProjectText,
    SectionKind,
    Severity,
    SupportingPost,
)
from schedules.responsibility import Chart, load_chart_around

__all__ = ["Stored", "compare", "store_report"]

TOTAL = "계"
NO_BUDGET = "비예산"
_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.NOTE}


@dataclass(frozen=True, slots=True)
class Stored:
    """What an import did. `activated_milestone_ids` are those of running projects: the caller re-plans them."""

    document_id: int
    is_new: bool
    difference: Difference
    projects: int
    milestones: int
    activated_milestone_ids: tuple[int, ...]


def store_report(
    session: Session, report: Report, text: str, file_name: str, now: datetime, by: str, zone: tzinfo = SEOUL
) -> Stored:
    """Stores the report as an edition; the very same text again changes nothing.

    The next edition updates what it matches and marks open milestones that it no longer mentions (`gone_at`); nothing
    is deleted. Answers by people win over an older or merely repeating document, corrections of the team or post stay.
    A project whose stored edition is newer than this one is left as it is. `by` goes to the audit trail; nothing is
    mailed or planned. Raises DocumentError, before anything is written, for a report without an as-of date or with two
    projects of one title in a department.
    """
    report = in_names_of_now(session, report)
    found = compare_rows(session, report, zone)
    difference = difference_of(found)
    if found.known is not None and found.known.id is not None:
        return Stored(found.known.id, False, difference, 0, 0, ())
    document = Document(
        title=report.title,
        as_of_on=found.as_of_on,
        sha256=report.sha256,
        file_name=file_name,
        text=text,
        imported_at=now,
        imported_by=by,
    )
    session.add(document)
    session.flush()
    document_id = _key(document.id)
    writing = _Writing(session, document_id, store_organisation(session, report, document_id), now)
    written = [writing.store(project) for project in found.projects]
    for _, _, missing in found.gone_projects:
        for milestone in missing:
            milestone.gone_at = now
    writing.store_findings(report, written)
    milestones = sum(len(project.milestones) for project in found.projects)
    session.add(
        AuditEntry(
            at=now,
            actor=by,
            act="import",
            subject=f"document:{document_id}",
            detail=f"{file_name}: 사업 {len(written)}건, 일정 {milestones}건, 달라진 것 {len(difference.changes)}건",
        )
    )
    session.flush()
    running = [stored for stored in written if stored.project.activated_at is not None]
    touched = tuple(_key(milestone.id) for stored in running for milestone in stored.milestones)
    return Stored(document_id, True, difference, len(written), milestones, touched)


@dataclass(frozen=True, slots=True)
class _Written:
    stated: ProjectRow
    project: Project
    milestones: tuple[Milestone, ...]


class _Writing:
    """One edition on its way into the rows."""

    def __init__(self, session: Session, document_id: int, organisation: Organisation, now: datetime) -> None:
        self.session = session
        self.document_id = document_id
        self.organisation = organisation
        self.now = now
        self._chart: Chart | None = None

    @property
    def chart(self) -> Chart:
        """The units of the document, and all above them."""
        if self._chart is None:
            self._chart = load_chart_around(self.session, (), {_key(unit.id) for unit in self.organisation.all})
        return self._chart

    def store(self, compared: ComparedProject) -> _Written:
        project = self._project(compared)
        project_id = _key(project.id)
        if compared.row is None:
            self._support(project, None, compared.stated.supporting)
        self._texts(compared.stated, project_id)
        self._budget(compared.stated, project_id)
        self._problems(compared.stated, project_id)
        if compared.is_newer_stored:
            return _Written(compared.stated, project, ())
        milestones = self._milestones(compared.milestones, project)
        for milestone in compared.gone:
            milestone.gone_at = self.now
        return _Written(compared.stated, project, milestones)

    def store_findings(self, report: Report, written: list[_Written]) -> None:
        """Each finding under the project within whose lines it stands."""
        places = []
        for stored in written:
            first = stored.stated.title_line
            last = max((line.line for section in stored.stated.sections for line in section.lines), default=first)
            places.append((first, last, stored.project.id))
        for row in report.findings:
            within = next((key for first, last, key in places if row.line and first <= row.line <= last), None)
            self.session.add(
                Finding(
                    document_id=self.document_id,
                    project_id=within,
                    code=row.code,
                    severity=_SEVERITIES[row.severity],
                    line=row.line,
                    message=row.message,
                    expected=row.expected,
                    found=row.found,
                )
            )

    def _project(self, compared: ComparedProject) -> Project:
        stated, project = compared.stated, compared.row
        unit = self.organisation.departments[squeeze(stated.unit)]
        if project is not None and compared.is_newer_stored:
            return project
        if project is None:
            project = Project(document_id=self.document_id, unit_id=_key(unit.id), title=stated.title)
            self.session.add(project)
        elif squeeze(project.title) != squeeze(stated.title):
            self.session.flush()  # a title may pass from one project to the next within one edition
        said_by_person = project.team_id is not None and project.team_confidence is None
        if not said_by_person:
            team = self.organisation.teams.get((unit.id, squeeze(stated.team or "")))
            project.team_id = team.id if team else None
            project.team_confidence = stated.team_confidence if team else 0.0
        project.document_id = self.document_id
        project.title, project.number, project.line = stated.title, stated.number, stated.title_line
        period = stated.period
        project.period_raw = period.raw if period else None
        project.period_start_on = period.start if period else None
        project.period_end_on = period.end if period else None
        project.location = stated.location
        self.session.flush()
        return project

    def _texts(self, stated: ProjectRow, project_id: int) -> None:
        texts = [(section, line) for section in stated.sections for line in printed_lines(section)]
        self.session.add_all(
            ProjectText(
                project_id=project_id,
                document_id=self.document_id,
                section=SectionKind(section.kind),
                heading=section.heading,
                position=position,
                level=line.level,
                text=line.words,
                line=line.line,
            )
            for position, (section, line) in enumerate(texts)
        )

    def _budget(self, stated: ProjectRow, project_id: int) -> None:
        budget = stated.budget
        if budget is None:
            return
        cells: list[tuple[str, int | None, int | None, int | None]] = []
        if budget.none_needed:
            cells.append((NO_BUDGET, None, None, budget.line))
        if budget.stated_total is not None:
            cells.append((TOTAL, None, budget.stated_total, budget.line))
        cells += [(TOTAL, total.year, total.amount, total.line) for total in budget.year_totals]
        cells += [(row.label or row.source, row.year, row.amount, row.line) for row in budget.rows]
        self.session.add_all(
            BudgetLine(
                project_id=project_id,
                document_id=self.document_id,
                position=position,
                source=source,
                year=year,
                amount=amount,
                line=line,
            )
            for position, (source, year, amount, line) in enumerate(cells)
        )

    def _problems(self, stated: ProjectRow, project_id: int) -> None:
        self.session.add_all(
            Problem(
                project_id=project_id,
                document_id=self.document_id,
                problem=row.problem,
                measure="\n".join(row.measures),
                line=row.line,
            )
            for row in stated.problems
        )

    def _milestones(self, compared: Sequence[ComparedMilestone], project: Project) -> tuple[Milestone, ...]:
        """Rows for all statements, then their revisions, owners and repetitions, which need the rows' keys."""
        changes: list[tuple[Milestone, MilestoneRevision]] = []
        rows: list[Milestone] = []
        for item in compared:
            if item.row is None:
                row = new_milestone(item.stated, _key(project.id), self.document_id, self.now)
                self.session.add(row)
                changes.append((row, revision_of(None, row, self.now)))
            else:
                row = item.row
                before = Before(row.status, row.raw, row.start_on, row.end_on)
                update_milestone(row, item, self.document_id, self.now)
                if item.moved or item.status_changed:
                    changes.append((row, revision_of(before, row, self.now)))
            rows.append(row)
        self.session.flush()
        for row, revision in changes:
            revision.milestone_id = _key(row.id)
            self.session.add(revision)
        self._repetitions(compared, rows)
        self._owners(compared, rows, project)
        return tuple(rows)

    def _repetitions(self, compared: Sequence[ComparedMilestone], rows: Sequence[Milestone]) -> None:
        on_line: dict[int, Milestone] = {}
        for item, row in zip(compared, rows, strict=True):
            if item.stated.line is not None and item.stated.duplicate_of is None:
                on_line.setdefault(item.stated.line, row)
        for item, row in zip(compared, rows, strict=True):
            first = on_line.get(item.stated.duplicate_of or 0)
            row.duplicate_of_id = first.id if first is not None and first is not row else None

    def _owners(self, compared: Sequence[ComparedMilestone], rows: Sequence[Milestone], project: Project) -> None:
        known = [row.id for item, row in zip(compared, rows, strict=True) if item.row is not None]
        before: dict[int, set[str]] = {}
        if known:
            named = select(MilestoneOwner).where(col(MilestoneOwner.milestone_id).in_(known))
            for owner in self.session.exec(named):
                before.setdefault(owner.milestone_id, set()).add(squeeze(owner.name))
            self.session.exec(delete(MilestoneOwner).where(col(MilestoneOwner.milestone_id).in_(known)))
        for item, row in zip(compared, rows, strict=True):
            for position, name in enumerate(item.stated.owners):
                unit = self.organisation.named(name)
                self.session.add(
                    MilestoneOwner(
                        milestone_id=_key(row.id),
                        name=name,
                        unit_id=unit.id if unit else None,
                        role=OwnerRole.LEAD if position == 0 else OwnerRole.SUPPORTING,
                    )
                )
            was_named = before.get(_key(row.id), set())
            new = [name for name in item.stated.owners[1:] if squeeze(name) not in was_named]
            self._support(project, row, new)

    def _support(self, project: Project, milestone: Milestone | None, names: Sequence[str]) -> None:
        """The heads of the units named support it from now on, unless a person has said so already.

        Only what an edition names for the first time: what a person has taken back stays taken back.
        """
        units = [unit.id for name in names if (unit := self.organisation.named(name)) is not None and unit.id]
        if not units:
            return
        own = self.chart.units_up(project.team_id, project.unit_id)
        of = col(SupportingPost.milestone_id)
        there = select(SupportingPost.post_id).where(
            SupportingPost.project_id == project.id, of.is_(None) if milestone is None else of == milestone.id
        )
        known = set(self.session.exec(there))
        heads = dict.fromkeys(self.chart.heads[unit] for unit in units if unit not in own and unit in self.chart.heads)
        self.session.add_all(
            SupportingPost(
                project_id=_key(project.id),
                milestone_id=milestone.id if milestone is not None else None,
                post_id=post_id,
                added_at=self.now,
                added_by="import",
            )
            for post_id in heads
            if post_id not in known
        )


def _key(number: int | None) -> int:
    """The key of a flushed row."""
    if number is None:
        raise RuntimeError("the row has no key: it was not flushed")
    return number
