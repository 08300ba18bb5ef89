"""`/projects/{id}`: one project with its milestones, their history and reminders, and the document's own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from documents.markup import squeeze
from models import (
    OPEN_STATUSES,
    Attachment,
    BudgetLine,
    Document,
    Milestone,
    MilestoneOwner,
    MilestoneRevision,
    Problem,
    Project,
    ProjectText,
    Reminder,
    ReminderRule,
    ReminderState,
    StatusReport,
    Unit,
)
from models.database import read
from schedules.calendar import WorkingCalendar
from schedules.items import last_day, load_items
from schedules.office_days import load_calendar
from schedules.responsibility import load_chart_around
from schedules.rule import FROM_ANSWERS
from schedules.supporting import list_supporting
from schedules.words import shortened
from web.access import TheOffice, Viewer, not_found
from web.budget_table import BudgetTable, read_budget_table
from web.documents import read_line
from web.office import Office
from web.pages import drill_of, render
from web.posts import PostLabel, label_posts

router = APIRouter()

MILESTONES_SHOWN = 200
REMINDERS_SHOWN = 400
LONGEST_PRINTED = 200
FILES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the document under its own heading; lines as (level, text, line)."""

    heading: str
    lines: tuple[tuple[int, str, int | None], ...]


@dataclass(frozen=True, slots=True)
class MilestoneCard:
    milestone: Milestone
    post: PostLabel | None
    owners: tuple[str, ...]
    supporting: tuple[str, ...]
    revisions: tuple[MilestoneRevision, ...]
    reminders: tuple[tuple[Reminder, str], ...]  # with the rule's name
    same_as: Milestone | None
    printed: str | None  # the document's own line that says it
    files: tuple[Attachment, ...]  # what came with its answers, the newest first

    @property
    def asked_at(self) -> datetime | None:
        """When somebody is next asked how an undated plan, or a quiet project, goes."""
        planned = (one for one, _ in self.reminders if one.state is ReminderState.PLANNED)
        return min((one.due_at for one in planned if one.ask in FROM_ANSWERS), default=None)

    @property
    def may_be_asked(self) -> bool:
        """Whether a day for asking can be set: it is open and has no last day of its own."""
        return self.milestone.end_on is None and self.milestone.status in OPEN_STATUSES and self.same_as is None


@router.get("/projects/{project_id}")
def show_project(request: Request, office: TheOffice, viewer: Viewer, project_id: int) -> Response:
    with read(office.engine) as session:
        project = session.get(Project, project_id)
        if project is None or not viewer.reads.covers_project(project):
            raise not_found()
        units = {
            unit.id: unit.name
            for unit in session.exec(
                select(Unit).where(col(Unit.id).in_([one for one in (project.unit_id, project.team_id) if one]))
            ).all()
        }
        document = session.exec(
            select(Document.id, Document.title, viewer.reads.of_documents()).where(Document.id == project.document_id)
        ).one()
        calendar = load_calendar(session)
        cards = _cards(session, project, office, calendar)
        return render(
            request,
            "project.html",
            project=project,
            unit=units.get(project.unit_id),
            team=units.get(project.team_id or 0),
            document=document,
            sections=_sections(session, project),
            problems=session.exec(
                select(Problem)
                .where(Problem.project_id == project.id, Problem.document_id == project.document_id)
                .order_by(col(Problem.id))
                .limit(100)
            ).all(),
            budget=_budget(session, project),
            cards=cards,
            measures={squeeze(card.milestone.label): card for card in cards if card.milestone.end_on is None},
            squeeze=squeeze,
            last_day=partial(last_day, calendar=calendar),
            drill=drill_of(office, session),
        )


def _sections(session: Session, project: Project) -> list[Section]:
    texts = session.exec(
        select(ProjectText)
        .where(ProjectText.project_id == project.id, ProjectText.document_id == project.document_id)
        .order_by(col(ProjectText.position))
        .limit(1000)
    ).all()
    found: list[tuple[str, list[tuple[int, str, int | None]]]] = []
    for text in texts:
        if not found or found[-1][0] != text.heading:
            found.append((text.heading, []))
        found[-1][1].append((text.level, text.text, text.line))
    return [Section(heading, tuple(lines)) for heading, lines in found]


def _budget(session: Session, project: Project) -> BudgetTable | None:
    lines = session.exec(
        select(BudgetLine)
        .where(BudgetLine.project_id == project.id, BudgetLine.document_id == project.document_id)
        .order_by(col(BudgetLine.position), col(BudgetLine.id))
        .limit(300)
    ).all()
    return read_budget_table(lines)


def _cards(session: Session, project: Project, office: Office, calendar: WorkingCalendar) -> list[MilestoneCard]:
    """The milestones by their day, those without one last, each with all that happened to it; nine queries."""
    milestones = session.exec(
        select(Milestone)
        .where(Milestone.project_id == project.id)
        .order_by(col(Milestone.end_on).is_(None), col(Milestone.end_on), col(Milestone.id))
        .limit(MILESTONES_SHOWN)
    ).all()
    ids = [milestone.id for milestone in milestones if milestone.id is not None]
    by_id = {milestone.id: milestone for milestone in milestones}
    named = {post_id for post_id in (project.post_id, *(one.post_id for one in milestones)) if post_id is not None}
    homes = {unit_id for unit_id in (project.team_id, project.unit_id) if unit_id is not None}
    chart = load_chart_around(session, named, homes)
    answering = {item.id: item.post_id for item in load_items(session, chart, calendar, office.settings.timezone, ids)}
    posts = label_posts(session, answering.values(), office.today())
    supporting = list_supporting(session, project.id)
    owners: dict[int, list[str]] = {}
    for owner in session.exec(
        select(MilestoneOwner).where(col(MilestoneOwner.milestone_id).in_(ids)).order_by(col(MilestoneOwner.id))
    ).all():
        owners.setdefault(owner.milestone_id, []).append(owner.name)
    revisions: dict[int, list[MilestoneRevision]] = {}
    for revision in session.exec(
        select(MilestoneRevision)
        .where(col(MilestoneRevision.milestone_id).in_(ids))
        .order_by(col(MilestoneRevision.id).desc())
        .limit(REMINDERS_SHOWN)
    ).all():
        revisions.setdefault(revision.milestone_id, []).append(revision)
    reminders: dict[int, list[tuple[Reminder, str]]] = {}
    for reminder, rule in session.exec(
        select(Reminder, ReminderRule.name)
        .join(ReminderRule, col(ReminderRule.id) == col(Reminder.rule_id))
        .where(col(Reminder.milestone_id).in_(ids))
        .order_by(col(Reminder.due_at).desc())
        .limit(REMINDERS_SHOWN)
    ).all():
        reminders.setdefault(reminder.milestone_id, []).insert(0, (reminder, rule))
    printed = _printed_lines(session, milestones)
    files: dict[int, list[Attachment]] = {}
    for of, attachment in session.execute(
        select(col(StatusReport.milestone_id), Attachment)
        .join(Attachment, col(Attachment.report_id) == col(StatusReport.id))
        .where(col(StatusReport.milestone_id).in_(ids))
        .order_by(col(Attachment.id).desc())
        .limit(FILES_SHOWN)
    ):
        files.setdefault(of, []).append(attachment)
    return [
        MilestoneCard(
            milestone,
            posts.get(answering.get(milestone.id or 0) or 0),
            tuple(owners.get(milestone.id or 0, ())),
            tuple(one.post for one in supporting if one.milestone_id in (None, milestone.id)),
            tuple(reversed(revisions.get(milestone.id or 0, ()))),
            tuple(reminders.get(milestone.id or 0, ())),
            by_id.get(milestone.duplicate_of_id),
            printed.get((milestone.document_id, milestone.line or 0)),
            tuple(files.get(milestone.id or 0, ())),
        )
        for milestone in milestones
    ]


def _printed_lines(session: Session, milestones: Sequence[Milestone]) -> dict[tuple[int, int], str]:
    """What the documents print on the lines of these milestones, by document and line."""
    wanted = {(milestone.document_id, milestone.line) for milestone in milestones if milestone.line}
    documents = {document_id for document_id, _ in wanted}
    found: dict[tuple[int, int], str] = {}
    for document_id, text in session.execute(
        select(col(Document.id), col(Document.text)).where(col(Document.id).in_(documents)).limit(MILESTONES_SHOWN)
    ):
        lines = text.split("\n")
        for of, line in wanted:
            if of == document_id and line is not None and line <= len(lines):
                read = read_line(line, lines[line - 1])
                words = " · ".join(cell for cell in read.cells if cell) or read.text.strip()
                found[of, line] = shortened(words, LONGEST_PRINTED)
    return found
