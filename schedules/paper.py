"""종이로 알릴 목록: what mail could not settle, for the department's clerk to hand over on paper.

The last channel, as offices do it with their own 전자고지: who has not answered for some working days, and who cannot
be reached by mail at all.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import or_, select, true
from sqlmodel import Session, col

from models import (
    Ask,
    ChannelName,
    Milestone,
    Notification,
    NotificationState,
    Post,
    Project,
    Reminder,
    ReminderState,
    StatusRequest,
    StatusRequestItem,
    UnitKind,
)
from schedules.calendar import WorkingCalendar
from schedules.people import Staff, load_staff_of
from schedules.requests import OUTSTANDING
from schedules.responsibility import Chart, load_chart_around
from schedules.rows import among, fetch, fetch_ids
from schedules.rule import FALLBACK_WORKING_DAYS
from schedules.rules import load_rules
from schedules.unreachable import posts_in_doubt
from settings import Settings

HANDED = "규칙에 따라 종이로 알릴 차례"
MOST = 2000  # requests on one list: more is no list that anybody hands over


@dataclass(frozen=True, slots=True)
class PaperItem:
    """A milestone that nobody has said anything about."""

    project: str
    label: str
    raw: str
    start_on: date | None
    end_on: date | None


@dataclass(frozen=True, slots=True)
class PaperSlip:
    """What one post is asked, on one slip. `waited` are working days since the first question; `why` in Korean."""

    post_id: int
    department: str
    unit: str
    post: str
    holder: str  # names of those who hold the post, empty where it is vacant
    asked_on: date
    due_on: date
    waited: int
    why: str
    items: tuple[PaperItem, ...]


def patience(session: Session) -> int:
    """Working days without an answer until the list names a post: those of the office's rules that ask how it stands.

    The shortest of several; the default where no rule of the whole office asks.
    """
    asking = [rule for rule in load_rules(session).rules if rule.ask is Ask.STATUS and not rule.is_scoped]
    return min((rule.fallback_working_days for rule in asking), default=FALLBACK_WORKING_DAYS)


def read_paper_list(
    session: Session,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
    after_working_days: int = FALLBACK_WORKING_DAYS,
    unit_ids: Collection[int] | None = None,
) -> list[PaperSlip]:
    """A slip for each post that owes an answer and was asked that long ago, has nobody who gets its mail, or whose rule
    has come to paper.

    Of posts in these units, default all, in the order of the organisation, with the items that have no answer yet. A
    dozen queries, whatever the number of posts; of the organisation only what is around those posts is read.
    """
    today = now.astimezone(settings.timezone).date()
    asked_before = calendar.add_working_days(today + timedelta(days=1), -after_working_days)
    posts = _posts(session, today, datetime.combine(asked_before, time(), settings.timezone), unit_ids)
    chart = load_chart_around(session, posts, ())
    staff = load_staff_of(session, chart)
    wanted = (
        select(
            col(StatusRequest.post_id),
            col(StatusRequest.requested_at),
            col(StatusRequest.due_at),
            col(Project.title),
            col(Milestone.id),
            col(Milestone.label),
            col(Milestone.raw),
            col(Milestone.start_on),
            col(Milestone.end_on),
        )
        .join(StatusRequestItem, col(StatusRequestItem.request_id) == col(StatusRequest.id))
        .join(Milestone, col(Milestone.id) == col(StatusRequestItem.milestone_id))
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(
            among(col(StatusRequest.post_id), posts),
            col(StatusRequest.state).in_(OUTSTANDING),
            col(StatusRequestItem.report_id).is_(None),
        )
        .order_by(col(StatusRequest.due_at), col(Milestone.end_on), col(Milestone.id))
        .limit(MOST)
    )
    asked: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    items: dict[int, dict[int, PaperItem]] = defaultdict(dict)
    for post_id, requested_at, due_at, project, milestone_id, label, raw, start_on, end_on in fetch(session, wanted):
        asked[post_id].append((requested_at, due_at))
        items[post_id].setdefault(milestone_id, PaperItem(project, label, raw, start_on, end_on))
    handed = _handed_to_paper(session, {milestone_id for theirs in items.values() for milestone_id in theirs})
    slips = []
    for post_id in sorted(asked, key=lambda one: _place(one, chart)):
        first, due = (
            min(moments).astimezone(settings.timezone).date() for moments in zip(*asked[post_id], strict=True)
        )
        waited = calendar.working_days_between(first, today)
        reached = staff.reach(post_id, today)
        is_handed = any((post_id, milestone_id) in handed for milestone_id in items[post_id])
        if waited < after_working_days and reached.recipients and not is_handed:
            continue
        if not reached.recipients:
            why = str(reached.reason)
        else:
            why = HANDED if is_handed else f"{waited}근무일 동안 답이 없음"
        post = chart.posts[post_id]
        slips.append(
            PaperSlip(
                post_id=post_id,
                department=_department(post.unit_id, chart),
                unit=chart.units[post.unit_id].name,
                post=post.title,
                holder=_holders(post_id, staff, today),
                asked_on=first,
                due_on=due,
                waited=waited,
                why=why,
                items=tuple(items[post_id].values()),
            )
        )
    return slips


def _posts(session: Session, today: date, asked_before: datetime, unit_ids: Collection[int] | None) -> set[int]:
    """Those with a request from before that moment or brought to paper, and those whose holders may get no mail."""
    theirs = true() if unit_ids is None else among(col(Post.unit_id), unit_ids)
    waiting = select(col(StatusRequest.post_id)).where(
        col(StatusRequest.state).in_(OUTSTANDING),
        or_(
            col(StatusRequest.requested_at) < asked_before,
            col(StatusRequest.post_id).in_(
                select(col(Notification.post_id)).where(  # index ix_notification_state
                    col(Notification.state) == NotificationState.SENT, col(Notification.channel) == ChannelName.PAPER
                )
            ),
        ),
    )
    found = set(fetch_ids(session, select(col(Post.id)).where(theirs, col(Post.id).in_(waiting))))
    return found | posts_in_doubt(session, today, theirs)


def _handed_to_paper(session: Session, milestone_ids: Collection[int]) -> set[tuple[int, int]]:
    """Posts with the milestones that a rule has brought to paper; index ix_reminder_milestone_id."""
    wanted = (
        select(col(Reminder.post_id), col(Reminder.milestone_id))
        .join(Notification, col(Notification.id) == col(Reminder.notification_id))
        .where(
            among(col(Reminder.milestone_id), milestone_ids),
            col(Reminder.state) == ReminderState.DISPATCHED,
            col(Notification.channel) == ChannelName.PAPER,
            col(Notification.state) == NotificationState.SENT,
        )
    )
    return {(post_id, milestone_id) for post_id, milestone_id in fetch(session, wanted)}


def _holders(post_id: int, staff: Staff, on: date) -> str:
    return ", ".join(one.name for one in staff.holders(post_id, on))


def _department(unit_id: int, chart: Chart) -> str:
    up = [chart.units[one] for one in chart.units_up(unit_id)]
    return next((unit.name for unit in up if unit.kind is not UnitKind.TEAM), up[0].name)


def _place(post_id: int, chart: Chart) -> tuple[tuple[int, int], ...]:
    """Top down, so that a department's slips lie together."""
    up = reversed(chart.units_up(chart.posts[post_id].unit_id))
    return (*((chart.units[unit].position, unit) for unit in up), (0, post_id))
