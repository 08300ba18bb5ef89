"""A milestone table becomes milestones; the same table again changes nothing, the next one moves what it matches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlmodel import Session, col, select

from documents.difference import TABLE_SECTION
from documents.errors import DocumentError
from documents.former_names import by_former_name
from documents.markup import squeeze
from documents.spreadsheet import MilestoneEntry
from documents.stated import Stated
from documents.store_milestones import Before, new_milestone, revision_of
from documents.wording import window_words
from models import (
    AuditEntry,
    Document,
    Milestone,
    MilestoneKind,
    MilestoneStatus,
    Post,
    Project,
    SupportingPost,
    Unit,
    UnitKind,
)

_TABLE_TITLE = "일정표"
_REASON = "일정표 반영"


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
    DocumentError that names the row: an unknown unit or post, no day at all, a start after the end.
    """
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    if session.exec(select(Document.id).where(Document.sha256 == digest)).first() is not None:
        return TableStored(False, 0, 0, 0, ())
    offices = _Offices(session)
    checked = [(row, offices.department(row), offices.post(row), _stated(row)) for row in rows]
    supporting = [[offices.named(name, row.line) for name in row.supporting] for row in rows]
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
    supported: list[tuple[Milestone, list[Post]]] = []
    for (row, department, post, stated), beside in zip(checked, supporting, strict=True):
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
        supported.append((milestone, beside))
        if project.activated_at is not None:
            running.append(milestone)
    session.flush()
    _support(session, supported, now)
    session.add_all(revision_of(before, milestone, now, _REASON) for before, milestone in changes)
    added = sum(before is None for before, _ in changes)
    moved = len(changes) - added
    detail = f"{file_name}: 새 일정 {added}건, 변경 {moved}건"
    session.add(AuditEntry(at=now, actor=by, act="import.milestones", subject=f"document:{document.id}", detail=detail))
    session.flush()
    return TableStored(True, len(made), added, moved, tuple(milestone.id or 0 for milestone in running))


def _support(session: Session, supported: Sequence[tuple[Milestone, Sequence[Post]]], now: datetime) -> None:
    """The posts named support their milestones, too; those that do already stay, and nobody is taken out."""
    ids = [milestone.id for milestone, posts in supported if posts]
    rows = session.exec(select(SupportingPost).where(col(SupportingPost.milestone_id).in_(ids))).all() if ids else []
    known = {(row.milestone_id, row.post_id) for row in rows}
    for milestone, posts in supported:
        for post in posts:
            if (milestone.id, post.id or 0) not in known and post.id != milestone.post_id:
                known.add((milestone.id, post.id or 0))
                session.add(
                    SupportingPost(
                        project_id=milestone.project_id,
                        milestone_id=milestone.id,
                        post_id=post.id or 0,
                        added_at=now,
                        added_by="import",
                    )
                )


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
    if row.start is None and row.end is None:
        raise DocumentError("시작일과 종료일이 모두 비어 있습니다. 하나는 적어 주세요.", line=row.line)
    if row.start and row.end and row.start > row.end:
        raise DocumentError(f"시작일({row.start})이 종료일({row.end})보다 늦습니다.", line=row.line)
    precision = "open" if row.start is None or row.end is None else "range"
    return Stated(
        label=row.label,
        raw=window_words(row.start, row.end),
        start_on=row.start,
        end_on=row.end,
        precision="day" if row.start == row.end else precision,
        status=MilestoneStatus.PLANNED,
        kind=MilestoneKind(row.kind),
        section=TABLE_SECTION,
        line=row.line,
        label_line=row.line,
        open_start=row.start is None,
        open_end=row.end is None,
        tentative=row.tentative,
        is_deadline=row.end is not None,
    )


class _Offices:
    """Units and posts by the names that tables use."""

    def __init__(self, session: Session) -> None:
        self.units = list(session.exec(select(Unit).where(col(Unit.closed_on).is_(None)).order_by(col(Unit.id))))
        self.former_names = by_former_name(session)
        self.posts = list(session.exec(select(Post)))
        known = {unit.id for unit in self.units}
        self.projects = [(p.unit_id, squeeze(p.title)) for p in session.exec(select(Project)) if p.unit_id in known]

    def department(self, row: MilestoneEntry) -> Unit:
        """The department of a row: named itself, or by its team, or by the one project of that title."""
        by_id = {unit.id: unit for unit in self.units}
        if not row.unit:
            found = [by_id[unit_id] for unit_id, title in self.projects if squeeze(row.project) == title]
            if len(found) == 1:
                return found[0]
            raise DocumentError(f"'{row.project}' 사업의 부서를 알 수 없습니다. 부서를 적어 주세요.", line=row.line)
        named = [unit for unit in self.units if squeeze(unit.name) == squeeze(row.unit)]
        named = named or [by_id[one] for one in self.former_names.get(squeeze(row.unit), ()) if one in by_id]
        for unit in named:
            if unit.kind is UnitKind.DEPARTMENT:
                return unit
            if unit.kind is UnitKind.TEAM and unit.parent_id in by_id and len(named) == 1:
                return by_id[unit.parent_id]
        raise DocumentError(
            f"'{row.unit}'(이)라는 부서가 없습니다. 보고 문서의 부서 이름과 맞춰 주세요.", line=row.line
        )

    def post(self, row: MilestoneEntry) -> Post | None:
        return self.named(row.post, row.line) if row.post else None

    def named(self, text: str, line: int) -> Post:
        """The post of that name, or of the unit of that name."""
        wanted = squeeze(text)
        for post in self.posts:
            unit = next((u for u in self.units if u.id == post.unit_id), None)
            if unit is None:
                continue
            name, title = squeeze(unit.name), squeeze(post.title)
            if wanted in (name, name + title, name[:-1] + title):
                return post
        raise DocumentError(f"'{text}'(이)라는 담당이 없습니다. 팀 이름이나 '행정지원팀장'처럼 적어 주세요.", line=line)
