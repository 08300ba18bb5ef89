"""What stands beside the form of a lead: what open rounds ask besides, and what the post only supports."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from models import CollectionRound, Milestone, Project, StatusRequest, SupportingPost
from schedules.items import load_chart_about, load_items
from schedules.office_days import load_calendar
from schedules.requests import OUTSTANDING
from web.answer_items import is_open
from web.office import Office

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Supported:
    """An open milestone that another post answers for."""

    milestone: Milestone
    project: str
    answering: str | None


def read_questions(session: Session, post_id: int) -> list[tuple[str, list[str]]]:
    """Of each open round that waits for the post's answer and asks something besides: its title and its questions."""
    rows = session.exec(
        select(CollectionRound.title, CollectionRound.questions)
        .join(StatusRequest, col(StatusRequest.round_id) == col(CollectionRound.id))
        .where(StatusRequest.post_id == post_id, col(StatusRequest.state).in_(OUTSTANDING))
        .order_by(col(CollectionRound.due_at), col(CollectionRound.id))
    ).all()
    return [(title, list(questions)) for title, questions in rows if questions]


def read_supported(session: Session, office: Office, post_id: int) -> list[Supported]:
    """The most pressing first; index ix_supporting_post_post_id. Each of the two ways is looked up by itself."""
    theirs = SupportingPost.post_id == post_id
    ones = select(col(SupportingPost.milestone_id)).where(theirs, col(SupportingPost.milestone_id).is_not(None))
    wholes = (
        select(col(Milestone.id))
        .join(SupportingPost, col(SupportingPost.project_id) == col(Milestone.project_id))
        .where(theirs, col(SupportingPost.milestone_id).is_(None))
    )
    rows = session.exec(
        select(Milestone, Project.title)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(col(Milestone.id).in_(ones.union(wholes)), *is_open())
        .order_by(col(Milestone.end_on).is_(None), col(Milestone.end_on), col(Milestone.id))
        .limit(SHOWN)
    ).all()
    if not rows:
        return []
    ids = [milestone.id for milestone, _ in rows if milestone.id is not None]
    chart = load_chart_about(session, ids)
    items = load_items(session, chart, load_calendar(session), office.settings.timezone, ids)
    answering = {item.id: item.post_id for item in items if item.post_id is not None}
    return [
        Supported(milestone, title, chart.name_of(answering[milestone.id]) if milestone.id in answering else None)
        for milestone, title in rows
        if answering.get(milestone.id or 0) != post_id
    ]
