"""What a new edition changes against what is stored: found before anything is written, and told in Korean words.

A document wins over the last document. An answer given by a person wins over a document that is older than the
answer, and over one that merely repeats what was printed before the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from documents.elsewhere import known_elsewhere
from documents.errors import DocumentError
from documents.former_names import in_names_of_now
from documents.markup import squeeze
from documents.matching import Labelled, Titled, match_milestones, match_projects
from documents.reading import ProjectRow, Report, UnitRow
from documents.stated import Stated, stated_milestones
from documents.wording import STATUS_WORDS, window_words
from models import OPEN_STATUSES, Document, Milestone, MilestoneRevision, MilestoneStatus, Project, Unit, UnitKind

SEOUL = ZoneInfo("Asia/Seoul")
IMPORT = "import"  # the author of what a document says, in MilestoneRevision.changed_by
REVIEW = "review 검토"  # the author of what a person corrected in the list of what is uncertain
TABLE_SECTION = "일정표"  # the section of what a milestone table says; no report is expected to repeat it


class Act(StrEnum):
    NEW_PROJECT = "new_project"
    GONE_PROJECT = "gone_project"
    NEW = "new"
    MOVED = "moved"
    STATUS = "status"
    KEPT = "kept"
    GONE = "gone"
    ELSEWHERE = "elsewhere"  # a department of a known name is printed under another bureau


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the difference; `line` is where the new edition says so."""

    act: Act
    unit: str
    project: str
    label: str
    words: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What importing would change. `known_as` is the title of the edition with the very same text, if there is one."""

    known_as: str | None
    is_first: bool
    projects: int
    milestones: int
    changes: tuple[Change, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The difference as an office would write it, one line a change; a first edition is only counted."""
        if self.known_as is not None:
            return ("이미 가져온 문서입니다. 바뀌는 것이 없습니다.",)
        if self.is_first:
            return (f"사업 {self.projects}건, 일정 {self.milestones}건을 새로 등록",)
        if not self.changes:
            return ("지난 문서와 달라진 것이 없습니다.",)
        return tuple(f"{change.unit} {change.words}" for change in self.changes)


@dataclass(frozen=True, slots=True)
class ComparedMilestone:
    """One statement and the row it is about (None = new).

    `kept` = a person's answer stands against it; `reviewed` = a person has corrected or confirmed how it was read.
    """

    stated: Stated
    row: Milestone | None
    moved: bool = False
    status_changed: bool = False
    kept: bool = False
    answered: bool = False
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class ComparedProject:
    """One project of the new edition; `is_newer_stored` = a later edition of it is stored, nothing is taken over."""

    stated: ProjectRow
    row: Project | None
    is_newer_stored: bool
    milestones: tuple[ComparedMilestone, ...]
    gone: tuple[Milestone, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The new edition against the rows, before anything is written."""

    known: Document | None
    as_of_on: date
    is_first: bool
    projects: tuple[ComparedProject, ...]
    gone_projects: tuple[tuple[str, Project, tuple[Milestone, ...]], ...]
    elsewhere: tuple[tuple[UnitRow, str], ...] = ()  # a printed department, and the bureau that it is known under


def compare(session: Session, report: Report, zone: tzinfo = SEOUL) -> Difference:
    """What `store_report` would change. Reads only. Raises DocumentError as `store_report` does."""
    return difference_of(compare_rows(session, in_names_of_now(session, report), zone))


def compare_rows(session: Session, report: Report, zone: tzinfo = SEOUL) -> Comparison:
    """Finds for every statement of the report, told in the names of now, the row it is about."""
    if report.as_of is None:
        raise DocumentError("문서의 기준일을 알 수 없습니다. 기준일을 함께 알려 주세요(--as-of 2024-09-01).")
    _refuse_twins(report)
    known = session.exec(select(Document).where(Document.sha256 == report.sha256)).first()
    documents = {document.id: document.as_of_on for document in session.exec(select(Document))}
    units = {
        squeeze(unit.name): unit
        for unit in session.exec(
            select(Unit).where(Unit.kind == UnitKind.DEPARTMENT).order_by(_open_last(), col(Unit.id))
        )
    }
    departments = list(dict.fromkeys(squeeze(project.unit) for project in report.projects))
    unit_ids = [units[name].id for name in departments if name in units]
    stored = list(session.exec(select(Project).where(col(Project.unit_id).in_(unit_ids)).order_by(col(Project.id))))
    past = _History(session, [project.id for project in stored], zone)

    projects: list[ComparedProject] = []
    gone: list[tuple[str, Project, tuple[Milestone, ...]]] = []
    for name in departments:
        new = [project for project in report.projects if squeeze(project.unit) == name]
        unit_id = units[name].id if name in units else None
        old = [project for project in stored if project.unit_id == unit_id]
        pairs = match_projects([Titled(p.title, p.number) for p in old], [Titled(p.title, p.number) for p in new])
        for here, stated in enumerate(new):
            row = old[pairs[here]] if here in pairs else None
            newer = row is not None and documents[row.document_id] > report.as_of
            projects.append(_compare_project(stated, row, newer, past, report.as_of))
        is_whole = len(new) * 2 >= len(old)  # a card of one project says nothing of the department's others
        for there, row in enumerate(old):
            is_missing = there not in pairs.values() and row.closed_at is None
            if is_whole and is_missing and documents[row.document_id] <= report.as_of:
                missing = tuple(m for m in past.milestones(row) if _may_go(m))
                if missing:
                    gone.append((name, row, missing))
    is_first = not stored and not any(documents)
    return Comparison(known, report.as_of, is_first, tuple(projects), tuple(gone), known_elsewhere(session, report))


def _open_last() -> ColumnElement[bool]:
    """Of two units of one name the one that is still there wins in a dict."""
    return col(Unit.closed_on).is_(None)


def difference_of(found: Comparison) -> Difference:
    """The comparison in words. A repeated statement (a period that ends with its plan) is not told twice."""
    changes = [
        Change(
            Act.ELSEWHERE,
            row.name,
            "",
            row.name,
            f"{row.parent}에 새로 등록: {bureau}에도 있습니다. 소속이 바뀐 것이면 조직개편부터 넣어 주세요",
            row.line,
        )
        for row, bureau in found.elsewhere
    ]
    for project in found.projects:
        if project.is_newer_stored:
            continue
        unit, title = project.stated.unit, project.stated.title
        if project.row is None:
            words = f"새 사업: {title}"
            changes.append(Change(Act.NEW_PROJECT, unit, title, title, words, project.stated.title_line))
            continue
        for item in project.milestones:
            if item.stated.duplicate_of is None and (told := _told(item)):
                act, words = told
                changes.append(Change(act, unit, title, item.stated.label, f"{words} ({title})", item.stated.line))
        changes += [
            Change(
                Act.GONE, unit, title, row.label, f"문서에서 빠짐: {row.label} {row.raw}".rstrip() + f" ({title})", None
            )
            for row in project.gone
            if row.duplicate_of_id is None
        ]
    for unit, row, missing in found.gone_projects:
        words = f"문서에서 빠진 사업: {row.title} (남은 일정 {len(missing)}건)"
        changes.append(Change(Act.GONE_PROJECT, unit, row.title, row.title, words, None))
    return Difference(
        known_as=found.known.title if found.known else None,
        is_first=found.is_first,
        projects=len(found.projects),
        milestones=sum(len(project.milestones) for project in found.projects),
        changes=() if found.known or found.is_first else tuple(changes),
    )


class _History:
    """The milestones of some projects, what the last document said about each, and whether a person answered since."""

    def __init__(self, session: Session, project_ids: Sequence[int | None], zone: tzinfo) -> None:
        self._zone = zone
        self._milestones: dict[int, list[Milestone]] = {}
        self._said: dict[int | None, MilestoneRevision] = {}
        self._answered: dict[int | None, MilestoneRevision] = {}
        self._reviewed: set[int | None] = set()
        of_these = col(Milestone.project_id).in_(project_ids)
        for milestone in session.exec(select(Milestone).where(of_these).order_by(col(Milestone.id))):
            self._milestones.setdefault(milestone.project_id, []).append(milestone)
        revisions = select(MilestoneRevision).join(Milestone, col(Milestone.id) == col(MilestoneRevision.milestone_id))
        for revision in session.exec(revisions.where(of_these).order_by(col(MilestoneRevision.id))):
            if revision.changed_by == IMPORT:
                self._said[revision.milestone_id] = revision
                self._answered.pop(revision.milestone_id, None)
            else:
                self._answered[revision.milestone_id] = revision
            if revision.changed_by == REVIEW:
                self._reviewed.add(revision.milestone_id)

    def milestones(self, project: Project) -> list[Milestone]:
        return self._milestones.get(project.id or 0, [])

    def judge(self, row: Milestone, stated: Stated, as_of_on: date) -> ComparedMilestone:
        moved = (row.start_on, row.end_on) != (stated.start_on, stated.end_on)
        status_changed = not _agrees(row.status, stated.status)
        answer, said = self._answered.get(row.id), self._said.get(row.id)
        if answer is not None and row.status is stated.status is MilestoneStatus.DONE:
            moved = False  # the document names the day on which it was done, the row when it was due
        if not moved and not status_changed:
            return ComparedMilestone(stated, row, answered=answer is not None)
        if answer is not None:
            repeats = said is not None and (
                (said.start_after, said.end_after) == (stated.start_on, stated.end_on)
                and _agrees(said.status_after, stated.status)
            )
            if repeats or answer.changed_at.astimezone(self._zone).date() > as_of_on:
                return ComparedMilestone(stated, row, kept=True, answered=True)
        return ComparedMilestone(stated, row, moved, status_changed, reviewed=row.id in self._reviewed)


def _compare_project(
    stated: ProjectRow, row: Project | None, is_newer_stored: bool, past: _History, as_of_on: date
) -> ComparedProject:
    new = stated_milestones(stated)
    if row is None or is_newer_stored:
        return ComparedProject(stated, row, is_newer_stored, tuple(ComparedMilestone(item, None) for item in new), ())
    old = past.milestones(row)
    pairs = match_milestones(
        [Labelled(m.label, m.raw, m.start_on, m.end_on, m.section) for m in old],
        [Labelled(item.label, item.raw, item.start_on, item.end_on, item.section) for item in new],
    )
    compared = tuple(
        past.judge(old[pairs[here]], item, as_of_on) if here in pairs else ComparedMilestone(item, None)
        for here, item in enumerate(new)
    )
    met = set(pairs.values())
    gone = tuple(m for there, m in enumerate(old) if there not in met and _may_go(m))
    return ComparedProject(stated, row, is_newer_stored, compared, gone)


def _agrees(current: MilestoneStatus, stated: MilestoneStatus) -> bool:
    """A document knows 예정, 추진 중, 완료, 중단; an open plan it still calls 예정 may be under way or late by now."""
    return current == stated or (stated == MilestoneStatus.PLANNED and current in OPEN_STATUSES)


def _may_go(milestone: Milestone) -> bool:
    return milestone.status in OPEN_STATUSES and milestone.gone_at is None and milestone.section != TABLE_SECTION


def _told(item: ComparedMilestone) -> tuple[Act, str] | None:
    stated, row = item.stated, item.row
    date_words = stated.raw or window_words(stated.start_on, stated.end_on)
    if row is None:
        return Act.NEW, f"새 일정: {stated.label} {date_words}"
    if item.kept:
        known = f"{row.raw} {STATUS_WORDS[row.status]}".strip()
        return Act.KEPT, f"답변 유지: {stated.label} 문서 '{date_words}', 답변 '{known}'"
    status = f"{STATUS_WORDS[row.status]} → {STATUS_WORDS[stated.status]}"
    if item.moved:
        words = f"일정 변경: {stated.label} 당초 {row.raw or '일자 미정'} → 변경 {date_words}"
        return Act.MOVED, f"{words}, {status}" if item.status_changed else words
    return (Act.STATUS, f"상태 변경: {stated.label} {status}") if item.status_changed else None


def _refuse_twins(report: Report) -> None:
    seen: dict[tuple[str, str], int] = {}
    for project in report.projects:
        key = squeeze(project.unit), squeeze(project.title)
        if key in seen:
            raise DocumentError(
                f"{project.unit}에 같은 제목의 사업이 둘 있습니다({seen[key]}행, {project.title_line}행): "
                f"{project.title}. 문서를 고친 뒤 다시 가져와 주세요.",
                line=project.title_line,
            )
        seen[key] = project.title_line
