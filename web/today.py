"""`/`: what goes out next and to whom, what is late, who has not answered, and whether the machine is well."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from fastapi import APIRouter, Request, Response
from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from models import (
    OPEN_STATUSES,
    CollectionRound,
    Finding,
    Installation,
    Milestone,
    Notification,
    NotificationState,
    Project,
    Reminder,
    ReminderState,
    RequestState,
    StatusRequest,
    StatusRequestItem,
)
from models.database import read
from schedules.activation import sending_allowed
from schedules.calendar import WorkingCalendar
from schedules.items import is_over, last_day
from schedules.office_days import load_calendar
from web.access import TheOffice, Viewer
from web.activation import waiting_projects
from web.findings import of_findings
from web.office import Office
from web.pages import drill_of, render
from web.posts import PostLabel, label_posts, unreachable_in
from web.scope import Units

router = APIRouter()

SHOWN = 10
LATE_CLOCK = timedelta(minutes=5)
ON_THE_WAY = (NotificationState.QUEUED, NotificationState.SENDING)
IN_TROUBLE = (NotificationState.FAILED, NotificationState.BOUNCED)


@dataclass(frozen=True, slots=True)
class NextMail:
    """What one post is about to get in the next slot."""

    post: PostLabel | None
    due_at: datetime
    items: int


@dataclass(frozen=True, slots=True)
class LateItem:
    milestone: Milestone
    project: str


@dataclass(frozen=True, slots=True)
class Outstanding:
    request: StatusRequest
    post: PostLabel | None
    label: str | None


@router.get("/")
def show_today(request: Request, office: TheOffice, viewer: Viewer) -> Response:
    now, today = office.now(), office.today()
    with read(office.engine) as session:
        installation = session.get(Installation, 1)
        calendar = load_calendar(session)
        late, late_count = _late(session, today, calendar, viewer.reads)
        queued, in_trouble = _count_messages(session, viewer.reads)
        outstanding, outstanding_count, late_requests = _outstanding(session, now, today, viewer.reads)
        return render(
            request,
            "today.html",
            next_mails=_next_mails(session, office, viewer.reads),
            queued=queued,
            in_trouble=in_trouble,
            late=late,
            last_day=partial(last_day, calendar=calendar),
            late_count=late_count,
            outstanding=outstanding,
            outstanding_count=outstanding_count,
            late_requests=late_requests,
            findings=_count_findings(session, viewer.reads),
            unreachable=unreachable_in(session, today, viewer.reads),
            waiting=waiting_projects(session, viewer.reads),
            stopped=sending_allowed(session, office.settings),
            ticked_at=installation.clock_last_tick_at if installation else None,
            is_clock_late=_is_clock_late(installation, now),
            drill=drill_of(office, session),
            shown=SHOWN,
        )


def _next_mails(session: Session, office: Office, units: Units) -> list[NextMail]:
    """The posts of the next day on which something is due, in the order of the clock.

    Index ix_reminder_due, of a part of the office ix_reminder_post_due.
    """
    planned = and_(col(Reminder.state) == ReminderState.PLANNED, units.of_posts(col(Reminder.post_id)))
    first = session.exec(select(func.min(Reminder.due_at)).where(planned)).one()
    if first is None:
        return []
    local = first.astimezone(office.settings.timezone)
    day_ends = (local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)).astimezone(first.tzinfo)
    rows = session.exec(
        select(Reminder.post_id, func.min(Reminder.due_at), func.count(func.distinct(col(Reminder.milestone_id))))
        .where(planned, col(Reminder.due_at) < day_ends)
        .group_by(col(Reminder.post_id))
        .order_by(func.min(Reminder.due_at), col(Reminder.post_id))
        .limit(SHOWN + 1)
    ).all()
    posts = label_posts(session, [post_id for post_id, _, _ in rows], local.date())
    return [NextMail(posts.get(post_id), due_at, items) for post_id, due_at, items in rows]


def _late(session: Session, today: date, calendar: WorkingCalendar, units: Units) -> tuple[list[LateItem], int]:
    is_late = (
        is_over(today, calendar),
        col(Milestone.status).in_(OPEN_STATUSES),
        col(Milestone.duplicate_of_id).is_(None),
        col(Project.activated_at).is_not(None),
        col(Project.closed_at).is_(None),
        units.of_projects(),
    )
    rows = session.exec(
        select(Milestone, Project.title)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(*is_late)
        .order_by(col(Milestone.end_on), col(Milestone.id))
        .limit(SHOWN)
    ).all()
    count = session.exec(
        select(func.count())
        .select_from(Milestone)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(*is_late)
    ).one()
    return [LateItem(milestone, title) for milestone, title in rows], count


def _outstanding(session: Session, now: datetime, today: date, units: Units) -> tuple[list[Outstanding], int, int]:
    """Who was asked and has not answered, the longest overdue first; index ix_status_request_due."""
    is_open = and_(
        col(StatusRequest.state).in_((RequestState.REQUESTED, RequestState.RETURNED)),
        units.of_posts(col(StatusRequest.post_id)),
    )
    first = (
        select(StatusRequest.id).where(is_open).order_by(col(StatusRequest.due_at), col(StatusRequest.id)).limit(SHOWN)
    )
    rows = session.exec(
        select(StatusRequest, func.coalesce(col(CollectionRound.title), func.min(Milestone.label)))
        .outerjoin(CollectionRound, col(CollectionRound.id) == col(StatusRequest.round_id))
        .outerjoin(StatusRequestItem, col(StatusRequestItem.request_id) == col(StatusRequest.id))
        .outerjoin(Milestone, col(Milestone.id) == col(StatusRequestItem.milestone_id))
        .where(col(StatusRequest.id).in_(first))
        .group_by(col(StatusRequest.id), col(CollectionRound.title))
        .order_by(col(StatusRequest.due_at), col(StatusRequest.id))
    ).all()
    count, late = session.exec(
        select(func.count(), func.count().filter(col(StatusRequest.due_at) < now)).where(is_open)
    ).one()
    posts = label_posts(session, [asked.post_id for asked, _ in rows], today)
    return [Outstanding(asked, posts.get(asked.post_id), label) for asked, label in rows], count, late


def _count_messages(session: Session, units: Units) -> tuple[int, int]:
    """How many are on their way, and how many failed; index ix_notification_state."""
    states = (*ON_THE_WAY, *IN_TROUBLE)
    theirs = col(Notification.state).in_(states), units.of_messages()
    counted = select(col(Notification.state), func.count()).where(*theirs).group_by(col(Notification.state))
    found = dict(session.execute(counted).all())
    queued, trouble = (sum(found.get(state, 0) for state in group) for group in (ON_THE_WAY, IN_TROUBLE))
    return queued, trouble


def _count_findings(session: Session, units: Units) -> int:
    counted = select(func.count()).select_from(Finding).where(col(Finding.settled_at).is_(None))
    return session.exec(counted.where(of_findings(units))).one()


def _is_clock_late(installation: Installation | None, now: datetime) -> bool:
    ticked_at = installation.clock_last_tick_at if installation else None
    return ticked_at is None or now - ticked_at > LATE_CLOCK
