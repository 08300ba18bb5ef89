"""Which milestones a post answers for and a link opens, as conditions that a query can take."""

from sqlalchemy import ColumnElement, and_, or_, union
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models import (
    BESIDE,
    AnswerLink,
    Milestone,
    NotificationItem,
    Project,
    Reminder,
    RequestState,
    StatusRequest,
    StatusRequestItem,
)
from notifications.delegations import delegation_of
from schedules.responsibility import load_chart_under
from schedules.rows import one_by_one

_Ids = SelectOfScalar[int | None] | SelectOfScalar[int]


def answered_by(session: Session, post_id: int) -> ColumnElement[bool]:
    """Items the post answers for: its own, its projects', those of the units it leads that name nobody else."""
    return _any_of(*_answered_by(session, post_id))


def _answered_by(session: Session, post_id: int) -> tuple[_Ids, ...]:
    """Indexes ix_milestone_post_id and ix_milestone_project_id; of the organisation only what lies below the post."""
    led = load_chart_under(session, post_id).led_by(post_id)
    by_unit = or_(col(Project.team_id).in_(led), and_(col(Project.team_id).is_(None), col(Project.unit_id).in_(led)))
    of_project = or_(col(Project.post_id) == post_id, and_(col(Project.post_id).is_(None), by_unit))
    projects = session.exec(
        select(Project.id).where(of_project, col(Project.activated_at).is_not(None), col(Project.closed_at).is_(None))
    ).all()
    of_projects = one_by_one(col(Milestone.project_id), [one for one in projects if one is not None])
    return (
        select(col(Milestone.id)).where(col(Milestone.post_id) == post_id),
        select(col(Milestone.id)).where(col(Milestone.post_id).is_(None), of_projects),
    )


def _any_of(*ids: _Ids) -> ColumnElement[bool]:
    """Each is looked up by its own index; as conditions joined by OR they have the database read every milestone."""
    return col(Milestone.id).in_(union(*ids))


def asked_of(session: Session, link: AnswerLink) -> ColumnElement[bool]:
    """Items the post answers for; items of its outstanding requests; items of the mail that carried the link.

    What it only supports is shown beside the form (`web.supported`) and answered by others.

    A link that was passed on opens the items it was passed on for, and no others.
    """
    named = select(col(NotificationItem.milestone_id)).where(
        col(NotificationItem.notification_id) == link.notification_id
    )
    if delegation_of(session, link) is not None:
        return col(Milestone.id).in_(named)
    requested = (
        select(col(StatusRequestItem.milestone_id))
        .join(StatusRequest, col(StatusRequest.id) == col(StatusRequestItem.request_id))
        .where(
            col(StatusRequest.post_id) == link.post_id,
            col(StatusRequest.state).in_((RequestState.REQUESTED, RequestState.RETURNED)),
        )
    )
    own = (*_answered_by(session, link.post_id), requested)
    if link.notification_id is None:  # names none of the reminders that wait for their mail
        return _any_of(*own)
    mailed = select(col(Reminder.milestone_id)).where(
        col(Reminder.notification_id) == link.notification_id, col(Reminder.level) != BESIDE
    )
    return _any_of(*own, mailed, named)
