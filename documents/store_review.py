"""A corrected list becomes corrections: teams, windows, kinds, deadlines, states, and doubts that are settled.

The baseline is what the first document said and stays, also where it was read wrongly: a corrected window is a change
like any other, with its revision. It stands until a document says something new about the milestone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from documents.difference import REVIEW
from documents.errors import DocumentError
from documents.markup import squeeze
from documents.review import Values, find_confirmed, find_teams, values_of
from documents.review_table import ReviewEntry
from documents.vocabulary import vocabulary
from documents.wording import window_words
from models import (
    AuditEntry,
    Finding,
    Milestone,
    MilestoneKind,
    MilestoneRevision,
    MilestoneStatus,
    Post,
    Project,
    Unit,
    UnitKind,
)
from schedules.dates import Precision

_CORRECTED, _CONFIRMED = "검토에서 바로잡음", "검토에서 확인"
_HEAD = "팀장"
_WINDOW = ("start", "end")


@dataclass(frozen=True, slots=True)
class ReviewStored:
    """What a corrected list changed: rows corrected and confirmed. The caller re-plans `activated_milestone_ids`."""

    corrected: int
    confirmed: int
    activated_milestone_ids: tuple[int, ...]


def store_review(session: Session, rows: Sequence[ReviewEntry], now: datetime, by: str) -> ReviewStored:
    """Takes over what a person changed in the list or marked as right; the same file again changes nothing.

    A cell counts when it differs from what the list said. Raises DocumentError naming the row, for the caller to roll
    back: an unknown key or team, a cell that does not belong to the row, something changed since the list was made.
    """
    review = _Review(session, now, by)
    for row in rows:
        review.take(row)
    session.flush()
    running = select(Milestone.id).join(Project, col(Project.id) == col(Milestone.project_id))
    running = running.where(col(Milestone.id).in_(review.touched) | col(Project.id).in_(review.touched_projects))
    keys = session.exec(running.where(col(Project.activated_at).is_not(None)).order_by(col(Milestone.id)))
    done = ReviewStored(review.corrected, review.confirmed, tuple(key for key in keys if key is not None))
    if done.corrected or done.confirmed:
        detail = f"고침 {done.corrected}건, 확인 {done.confirmed}건"
        session.add(AuditEntry(at=now, actor=by, act="import.review", subject="review", detail=detail))
    session.flush()
    return done


class _Review:
    """One corrected list on its way into the rows."""

    def __init__(self, session: Session, now: datetime, by: str) -> None:
        self.session = session
        self.now = now
        self.by = by
        self.corrected = self.confirmed = 0
        self.touched: set[int] = set()
        self.touched_projects: set[int] = set()
        self._units = {unit.id: unit for unit in session.exec(select(Unit))}
        self._posts = find_teams(session)
        self._already = find_confirmed(session)
        self._seen: dict[str, int] = {}

    def take(self, row: ReviewEntry) -> None:
        name = f"{row.about}{row.key}"
        if name in self._seen:
            raise DocumentError(f"'{name}'이(가) {self._seen[name]}행에도 있습니다. 하나만 남겨 주세요.", line=row.line)
        self._seen[name] = row.line
        take = {"T": self._take_project, "M": self._take_milestone, "F": self._take_finding}[row.about]
        take(row)

    def _take_project(self, row: ReviewEntry) -> None:
        project = self.session.get(Project, row.key, with_for_update=True)
        if project is None:
            raise _unknown(row)
        unit = self._units.get(project.team_id)
        changes = _changes(row, Values(unit.name if unit else ""))
        if set(changes) - {"team"}:
            raise DocumentError("이 행에서는 팀만 고칠 수 있습니다.", line=row.line)
        if "team" in changes:
            project.team_id = self._team(project, changes["team"], row).id
            self.corrected += 1
        elif row.is_checked and project.team_id is not None and project.team_confidence is not None:
            self.confirmed += 1
        else:
            return
        project.team_confidence = None
        self.touched_projects.add(row.key)
        self.session.add(project)

    def _take_milestone(self, row: ReviewEntry) -> None:
        milestone = self.session.get(Milestone, row.key, with_for_update=True)
        if milestone is None:
            raise _unknown(row)
        project = self.session.get_one(Project, milestone.project_id)
        unit = self._units.get(project.team_id)
        current = self._posts.get(milestone.post_id or 0) or (unit.name if unit else "")
        changes = _changes(row, values_of(milestone, current))
        if not changes and (not row.is_checked or row.key in self._already):
            if row.is_checked:
                self._settle(milestone)
            return
        revision = MilestoneRevision(
            milestone_id=row.key,
            changed_at=self.now,
            changed_by=REVIEW,
            reason=_CORRECTED if changes else _CONFIRMED,
            status_before=milestone.status,
            status_after=milestone.status,
            raw_before=milestone.raw,
            raw_after=milestone.raw,
            start_before=milestone.start_on,
            start_after=milestone.start_on,
            end_before=milestone.end_on,
            end_after=milestone.end_on,
        )
        if "team" in changes:
            milestone.post_id = self._head(self._team(project, changes["team"], row), row)
        self._apply(milestone, changes, row)
        revision.status_after, revision.raw_after = milestone.status, milestone.raw
        revision.start_after, revision.end_after = milestone.start_on, milestone.end_on
        self.session.add_all((milestone, revision))
        self._settle(milestone)
        self.touched.add(row.key)
        if changes:
            self.corrected += 1
        else:
            self.confirmed += 1

    def _take_finding(self, row: ReviewEntry) -> None:
        finding = self.session.get(Finding, row.key)
        if finding is None:
            raise _unknown(row)
        if _changes(row, Values()):
            raise DocumentError("이 행에는 확인만 적을 수 있습니다.", line=row.line)
        if row.is_checked and finding.settled_at is None:
            finding.settled_at, finding.settled_by = self.now, self.by
            self.session.add(finding)
            self.confirmed += 1

    def _apply(self, milestone: Milestone, changes: dict[str, str], row: ReviewEntry) -> None:
        for name in ("kind", "is_deadline", "status"):
            if changes.get(name) == "":
                raise DocumentError("종류, 기한, 상태는 비워 둘 수 없습니다.", line=row.line)
        if any(name in changes for name in _WINDOW):
            start = _day(changes["start"]) if "start" in changes else milestone.start_on
            end = _day(changes["end"]) if "end" in changes else milestone.end_on
            if start and end and start > end:
                raise DocumentError(f"끝나는 날({end})이 시작하는 날({start})보다 이릅니다.", line=row.line)
            _give_window(milestone, start, end)
        if "kind" in changes:
            milestone.kind = MilestoneKind(vocabulary().kind_names[squeeze(changes["kind"])])
        if "status" in changes:
            milestone.status = MilestoneStatus(vocabulary().status_names[squeeze(changes["status"])])
            milestone.status_since = self.now
            if milestone.status is MilestoneStatus.DONE:
                milestone.percent_complete = 100
        if "is_deadline" in changes:
            milestone.is_deadline = changes["is_deadline"] == "예"

    def _settle(self, milestone: Milestone) -> None:
        """What was found about the milestone's line has been looked at."""
        lines = [line for line in (milestone.line, milestone.label_line) if line is not None]
        of_line = select(Finding).where(
            Finding.document_id == milestone.document_id,
            col(Finding.line).in_(lines),
            col(Finding.settled_at).is_(None),
        )
        for finding in self.session.exec(of_line):
            finding.settled_at, finding.settled_by = self.now, self.by
            self.session.add(finding)

    def _team(self, project: Project, name: str, row: ReviewEntry) -> Unit:
        named = [u for u in self._units.values() if u.kind is UnitKind.TEAM and squeeze(u.name) == name]
        own = [unit for unit in named if unit.parent_id == project.unit_id]
        if len(own or named) == 1:
            return (own or named)[0]
        if not name:
            raise DocumentError("팀은 비워 둘 수 없습니다. 맡은 팀의 이름을 적어 주세요.", line=row.line)
        raise DocumentError(f"'{name}'(이)라는 팀이 없습니다. 보고 문서의 팀 이름과 맞춰 주세요.", line=row.line)

    def _head(self, team: Unit, row: ReviewEntry) -> int:
        key = self.session.exec(select(Post.id).where(Post.unit_id == team.id, Post.title == _HEAD)).first()
        if key is None:
            raise DocumentError(f"'{team.name}'에 {_HEAD} 자리가 없습니다. 명단을 먼저 가져와 주세요.", line=row.line)
        return key


def _changes(row: ReviewEntry, current: Values) -> dict[str, str]:
    """The cells that a person changed and that are not so already; DocumentError where the row changed meanwhile."""
    changes = {}
    for name, cell in row.cells.items():
        now: str = getattr(current, name)
        was = now if row.as_read is None else row.as_read[name]
        if cell in (was, now):
            continue
        if was != now:
            words = f"목록을 만든 뒤에 '{was}'에서 '{now}'(으)로 바뀌었습니다. 목록을 다시 만들어 고쳐 주세요."
            raise DocumentError(f"{vocabulary().review_headings[name]}: {words}", line=row.line)
        changes[name] = cell
    return changes


def _give_window(milestone: Milestone, start: date | None, end: date | None) -> None:
    milestone.start_on, milestone.end_on = start, end
    milestone.raw = window_words(start, end) if start or end else ""
    milestone.open_start, milestone.open_end = start is None and end is not None, start is not None and end is None
    milestone.tentative, milestone.recurrence, milestone.time = False, None, None
    if start is None and end is None:
        milestone.precision = Precision.NONE.value
    elif start is None or end is None:
        milestone.precision = Precision.OPEN.value
    else:
        milestone.precision = (Precision.DAY if start == end else Precision.RANGE).value


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _unknown(row: ReviewEntry) -> DocumentError:
    return DocumentError(
        f"'{row.about}{row.key}'은(는) 여기에 없습니다. 목록을 다시 만들어 고쳐 주세요.", line=row.line
    )
