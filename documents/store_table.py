"""A milestone table becomes milestones; the same table again changes nothing, the next one moves what it matches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlmodel import Session, col, select

from documents.difference import TABLE_SECTION
from documents.errors import DocumentError
from documents.markup import squeeze
from documents.roster import MilestoneEntry
from documents.stated import Stated
from documents.store_milestones import Before, new_milestone, revision_of
from documents.vocabulary import vocabulary
from documents.wording import window_words
from models import (
    AuditEntry,
    Document,
    Milestone,
    MilestoneKind,
    MilestoneStatus,
    Post,
    Project,
    Unit,
    UnitKind,
)

_TABLE_TITLE = "일정표"
_REASON = "일정표 반영"
_KIND_WORDS = {
    "준공": MilestoneKind.COMPLETION,
    "완료": MilestoneKind.COMPLETION,
    "개관": MilestoneKind.OPENING,
    "교육": MilestoneKind.TRAINING,
    "행사": MilestoneKind.EVENT,
    "계약": MilestoneKind.CONTRACT,
    "협약": MilestoneKind.CONTRACT,
    "구매": MilestoneKind.PROCUREMENT,
    "발주": MilestoneKind.PROCUREMENT,
    "공사": MilestoneKind.CONSTRUCTION,
    "설계": MilestoneKind.DESIGN,
    "조사": MilestoneKind.SURVEY,
    "의회": MilestoneKind.COUNCIL,
    "조례": MilestoneKind.COUNCIL,
    "지급": MilestoneKind.PAYMENT,
    "교부": MilestoneKind.PAYMENT,
    "점검": MilestoneKind.INSPECTION,
    "회의": MilestoneKind.MEETING,
    "기타": MilestoneKind.OTHER,
}


@dataclass(frozen=True, slots=True)
class TableStored:
    """What a milestone table changed; the caller re-plans `activated_milestone_ids`, those of running projects."""

    is_new: bool
    projects: int
    added: int
    moved: int
    activated_milestone_ids: tuple[int, ...]


def store_milestone_table(
    session: Session, rows: Sequence[MilestoneEntry], text: str, file_name: str, now: datetime, by: str, as_of: date
) -> TableStored:
    """Stores a table's milestones under their projects, all rows or none; a project that is not there yet is made.

    A row is the same as a stored milestone of its project when the label is; its window then moves, with a revision.
    `text` is the table as read (the very same again changes nothing), `as_of` the day it speaks of. Raises
    DocumentError that names the row: an unknown unit, post or kind, no day at all, a start after the end.
    """
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    if session.exec(select(Document.id).where(Document.sha256 == digest)).first() is not None:
        return TableStored(False, 0, 0, 0, ())
    offices = _Offices(session)
    checked = [(row, offices.department(row), offices.post(row), _stated(row)) for row in rows]
    document = Document(
        title=_TABLE_TITLE,
        as_of_on=as_of,
        sha256=digest,
        file_name=file_name,
        text=text,
        imported_at=now,
        imported_by=by,
    )
    session.add(document)
    session.flush()
    projects = {(project.unit_id, squeeze(project.title)): project for project in session.exec(select(Project))}
    missing = {(department.id or 0, squeeze(row.project)): row.project for row, department, _, _ in checked}
    made = {key: title for key, title in missing.items() if key not in projects}
    for key, title in made.items():
        projects[key] = Project(document_id=document.id or 0, unit_id=key[0], title=" ".join(title.split()))
    session.add_all(projects[key] for key in made)
    session.flush()
    known: dict[tuple[int, str], Milestone] = {}
    ids = [projects[key].id for key in missing]
    for milestone in session.exec(
        select(Milestone).where(col(Milestone.project_id).in_(ids)).order_by(col(Milestone.id))
    ):
        known.setdefault((milestone.project_id, squeeze(milestone.label)), milestone)
    changes: list[tuple[Before | None, Milestone]] = []
    running: list[Milestone] = []
    for row, department, post, stated in checked:
        project = projects[department.id or 0, squeeze(row.project)]
        key = project.id or 0, squeeze(stated.label)
        if key not in known:
            known[key] = new_milestone(stated, key[0], document.id or 0, now)
            session.add(known[key])
            changes.append((None, known[key]))
        elif before := _move(known[key], stated):
            changes.append((before, known[key]))
        milestone = known[key]
        milestone.post_id = post.id if post is not None else milestone.post_id
        if project.activated_at is not None:
            running.append(milestone)
    session.flush()
    session.add_all(revision_of(before, milestone, now, _REASON) for before, milestone in changes)
    added = sum(before is None for before, _ in changes)
    moved = len(changes) - added
    detail = f"{file_name}: 새 일정 {added}건, 변경 {moved}건"
    session.add(AuditEntry(at=now, actor=by, act="import.milestones", subject=f"document:{document.id}", detail=detail))
    session.flush()
    return TableStored(True, len(made), added, moved, tuple(milestone.id or 0 for milestone in running))


def _move(milestone: Milestone, stated: Stated) -> Before | None:
    """Brings a stored milestone to what the table says; what it was before if its window changed."""
    before = Before(milestone.status, milestone.raw, milestone.start_on, milestone.end_on)
    milestone.tentative, milestone.kind, milestone.gone_at = stated.tentative, stated.kind, None
    if (milestone.start_on, milestone.end_on) == (stated.start_on, stated.end_on):
        return None
    milestone.start_on, milestone.end_on, milestone.raw = stated.start_on, stated.end_on, stated.raw
    milestone.precision, milestone.is_deadline = stated.precision, stated.is_deadline
    milestone.open_start, milestone.open_end = stated.open_start, stated.open_end
    return before


def _stated(row: MilestoneEntry) -> Stated:
    if not row.label.strip():
        raise DocumentError("일정 이름이 비어 있습니다.", line=row.line)
    if row.start_on is None and row.end_on is None:
        raise DocumentError("시작일과 종료일이 모두 비어 있습니다. 하나는 적어 주세요.", line=row.line)
    if row.start_on and row.end_on and row.start_on > row.end_on:
        raise DocumentError(f"시작일({row.start_on})이 종료일({row.end_on})보다 늦습니다.", line=row.line)
    precision = "open" if row.start_on is None or row.end_on is None else "range"
    return Stated(
        label=" ".join(row.label.split()),
        raw=window_words(row.start_on, row.end_on),
        start_on=row.start_on,
        end_on=row.end_on,
        precision="day" if row.start_on == row.end_on else precision,
        status=MilestoneStatus.PLANNED,
        kind=_kind(row),
        section=TABLE_SECTION,
        line=row.line,
        label_line=row.line,
        open_start=row.start_on is None,
        open_end=row.end_on is None,
        tentative=row.is_tentative,
        is_deadline=row.end_on is not None,
    )


def _kind(row: MilestoneEntry) -> MilestoneKind:
    name = squeeze(row.kind or "").lower()
    if not name:
        return MilestoneKind(vocabulary().milestone_kind(row.label))
    if name in {kind.value for kind in MilestoneKind}:
        return MilestoneKind(name)
    if found := next((kind for word, kind in _KIND_WORDS.items() if word in name), None):
        return found
    raise DocumentError(
        f"'{row.kind}'(이)라는 구분이 없습니다. 쓸 수 있는 구분: {', '.join(_KIND_WORDS)}", line=row.line
    )


class _Offices:
    """Units and posts by the names that tables use."""

    def __init__(self, session: Session) -> None:
        self.units = list(session.exec(select(Unit).where(col(Unit.closed_on).is_(None)).order_by(col(Unit.id))))
        self.posts = list(session.exec(select(Post)))

    def department(self, row: MilestoneEntry) -> Unit:
        name = squeeze(row.unit)
        found = [u for u in self.units if squeeze(u.name) == name]
        for unit in found:
            if unit.kind is UnitKind.DEPARTMENT:
                return unit
            parent = next((u for u in self.units if u.id == unit.parent_id), None)
            if unit.kind is UnitKind.TEAM and parent is not None and len(found) == 1:
                return parent
        raise DocumentError(
            f"'{row.unit}'(이)라는 부서가 없습니다. 보고 문서의 부서 이름과 맞춰 주세요.", line=row.line
        )

    def post(self, row: MilestoneEntry) -> Post | None:
        if not row.post or not row.post.strip():
            return None
        wanted = squeeze(row.post)
        for post in self.posts:
            unit = next((u for u in self.units if u.id == post.unit_id), None)
            if unit is None:
                continue
            name, title = squeeze(unit.name), squeeze(post.title)
            if wanted in (name, name + title, name[:-1] + title):
                return post
        raise DocumentError(
            f"'{row.post}'(이)라는 담당이 없습니다. 팀 이름이나 '행정지원팀장'처럼 적어 주세요.", line=row.line
        )
