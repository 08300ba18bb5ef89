"""What is uncertain in the stored editions, most doubtful first, as a table that a person corrects in a spreadsheet.

The columns from 팀 to 상태 may be changed; 예 under 확인 says that a row is right as it stands. 읽은 값 holds what the
editable cells were, so that reading the file back tells a correction from what has changed meanwhile.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date

from sqlmodel import Session, col, select

from documents.csv_file import write_csv
from documents.difference import IMPORT, REVIEW
from documents.findings import finding_words
from documents.vocabulary import vocabulary
from documents.wording import STATUS_WORDS
from models import (
    OPEN_STATUSES,
    Document,
    Finding,
    Milestone,
    MilestoneRevision,
    Post,
    Project,
    Severity,
    Unit,
)
from schedules.dates import Precision, find_dates

SURE_TEAM = 0.7
SEPARATOR = " | "
_COARSE = {Precision.QUARTER.value, Precision.HALF.value, Precision.SEASON.value, Precision.YEAR.value}
# How doubtful a thing is, 0 to 100: only the order matters.
_BY_SEVERITY = {Severity.ERROR: 90, Severity.WARNING: 70, Severity.NOTE: 40}
_NO_TEAM, _WEAK_TEAM, _NO_YEAR, _COARSE_WINDOW, _NO_DAY, _TENTATIVE = 95, 65, 60, 45, 40, 30


@dataclass(frozen=True, slots=True)
class Values:
    """The cells that may be corrected, as text: days in ISO form, the rest in Korean words, blank where none is."""

    team: str = ""
    start: str = ""
    end: str = ""
    kind: str = ""
    is_deadline: str = ""
    status: str = ""

    @property
    def words(self) -> str:
        return SEPARATOR.join(astuple(self))


@dataclass(frozen=True, slots=True)
class Doubt:
    """One row: what it is about (`T` a project's team, `M` a milestone, `F` a finding, with its key), and why."""

    id: str
    line: int | None
    unit: str
    project: str
    label: str
    raw: str
    reasons: tuple[str, ...]
    values: Values
    weight: int


def find_doubts(session: Session) -> tuple[Doubt, ...]:
    """Everything uncertain in what is stored now, most doubtful first; what a person has confirmed is left out."""
    reading = _Reading(session)
    doubts = [*reading.teams(), *reading.milestones(), *reading.other_findings()]
    return tuple(sorted(doubts, key=lambda doubt: (-doubt.weight, doubt.line or 0, doubt.id)))


def as_csv(doubts: Iterable[Doubt]) -> bytes:
    """The table to correct, for Excel."""
    return write_csv(vocabulary().review_headings.values(), (_cells(doubt) for doubt in doubts))


def _cells(doubt: Doubt) -> tuple[str, ...]:
    about = (doubt.id, str(doubt.line or ""), doubt.unit, doubt.project, doubt.label, doubt.raw)
    return (*about, " / ".join(doubt.reasons), *astuple(doubt.values), "", doubt.values.words)


def values_of(milestone: Milestone, team: str) -> Values:
    """The milestone as its row in the table says it."""
    return Values(
        team,
        _iso(milestone.start_on),
        _iso(milestone.end_on),
        kind_word(milestone.kind.value),
        "예" if milestone.is_deadline else "아니오",
        STATUS_WORDS[milestone.status],
    )


def kind_word(kind: str) -> str:
    """The kind as people call it: 준공, 개관 …"""
    return next((name for name, known in vocabulary().kind_names.items() if known == kind and name != kind), kind)


def find_confirmed(session: Session) -> frozenset[int]:
    """The milestones of which a review has said something since the last document did."""
    said: dict[int, str] = {}
    authors = select(MilestoneRevision.milestone_id, MilestoneRevision.changed_by).order_by(col(MilestoneRevision.id))
    for key, author in session.exec(authors.where(col(MilestoneRevision.changed_by).in_((IMPORT, REVIEW)))):
        said[key] = author
    return frozenset(key for key, author in said.items() if author == REVIEW)


def find_teams(session: Session) -> dict[int, str]:
    """For every post the name of its unit."""
    rows = session.exec(select(Post, Unit).join(Unit, col(Unit.id) == col(Post.unit_id)))
    return {post.id: unit.name for post, unit in rows if post.id is not None}


class _Reading:
    """The rows that doubts are found in, read at once."""

    def __init__(self, session: Session) -> None:
        open_projects = select(Project).where(col(Project.closed_at).is_(None)).order_by(col(Project.id))
        self._projects = {project.id: project for project in session.exec(open_projects)}
        self._units = {unit.id: unit.name for unit in session.exec(select(Unit))}
        self._posts = find_teams(session)
        self._confirmed = find_confirmed(session)
        rows = select(Milestone).where(col(Milestone.gone_at).is_(None), col(Milestone.duplicate_of_id).is_(None))
        self._rows = [row for row in session.exec(rows.order_by(col(Milestone.id))) if row.project_id in self._projects]
        self._days = {document.id: document.as_of_on for document in session.exec(select(Document))}
        newest = max(self._days, key=lambda key: (self._days[key], key or 0), default=None)
        current = {newest, *(project.document_id for project in self._projects.values())}
        open_findings = select(Finding).where(col(Finding.settled_at).is_(None)).order_by(col(Finding.id))
        self._findings = [finding for finding in session.exec(open_findings) if finding.document_id in current]
        self._on_line: dict[tuple[int, int], list[Finding]] = {}
        for finding in self._findings:
            if finding.line is not None:
                self._on_line.setdefault((finding.document_id, finding.line), []).append(finding)
        self._told: set[int | None] = set()

    def teams(self) -> Iterable[Doubt]:
        for project in self._projects.values():
            sure = project.team_confidence
            if project.team_id is None:
                reason, weight = "담당 팀을 알 수 없음", _NO_TEAM
            elif sure is not None and sure < SURE_TEAM:
                reason, weight = f"담당 팀이 추정임({sure:.0%})", _WEAK_TEAM - round(sure * 30)
            else:
                continue
            team = self._units.get(project.team_id, "")
            unit = self._units[project.unit_id]
            values = Values(team)
            yield Doubt(f"T{project.id}", project.line, unit, project.title, "담당 팀", team, (reason,), values, weight)

    def milestones(self) -> Iterable[Doubt]:
        for row in self._rows:
            findings = self._findings_of(row)
            self._told.update(finding.id for finding in findings)
            reasons = [(_BY_SEVERITY[finding.severity], finding.message) for finding in findings]
            if row.status in OPEN_STATUSES and row.id not in self._confirmed:
                reasons += self._of_window(row)
            if not reasons:
                continue
            project = self._projects[row.project_id]
            heaviest = sorted(reasons, key=lambda entry: -entry[0])
            team = self._posts.get(row.post_id or 0) or self._units.get(project.team_id, "")
            yield Doubt(
                f"M{row.id}",
                row.line,
                self._units[project.unit_id],
                project.title,
                row.label,
                row.raw,
                tuple(dict.fromkeys(words for _, words in heaviest)),
                values_of(row, team),
                heaviest[0][0] + min(len(reasons) - 1, 4) + (4 if row.is_deadline else 0),
            )

    def other_findings(self) -> Iterable[Doubt]:
        for finding in self._findings:
            if finding.id in self._told:
                continue
            project = self._projects.get(finding.project_id)
            unit = self._units[project.unit_id] if project else ""
            title = project.title if project else ""
            about = f"F{finding.id}", finding.line, unit, title, finding_words(finding.code), finding.found or ""
            yield Doubt(*about, (finding.message,), Values(), _BY_SEVERITY[finding.severity])

    def _findings_of(self, row: Milestone) -> list[Finding]:
        lines = dict.fromkeys(line for line in (row.line, row.label_line) if line is not None)
        return [finding for line in lines for finding in self._on_line.get((row.document_id, line), ())]

    def _of_window(self, row: Milestone) -> list[tuple[int, str]]:
        reasons = []
        if any(found.inferred_year for found in find_dates(row.raw, self._days[row.document_id])):
            reasons.append((_NO_YEAR, "연도가 적혀 있지 않아 문맥으로 읽음"))
        if row.precision in _COARSE:
            reasons.append((_COARSE_WINDOW, "기간이 넓음"))
        elif row.start_on is None and row.end_on is None and row.recurrence is None:
            reasons.append((_NO_DAY, "날짜 없음"))
        if row.tentative:
            reasons.append((_TENTATIVE, "잠정 일정"))
        return reasons


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
