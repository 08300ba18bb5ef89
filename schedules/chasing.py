"""미제출: who owes an answer, and a word to all of them at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import NotificationKind, RequestReason, RequestState, RoundState, StatusRequest, StatusRequestItem
from schedules.calendar import WorkingCalendar
from schedules.requests import OUTSTANDING
from schedules.responsibility import load_chart
from schedules.round import CHANNEL, RoundError, announce, find_round, note_act
from schedules.rows import table_of
from settings import Settings


@dataclass(frozen=True, slots=True)
class Outstanding:
    """A request that waits for an answer. `left` of `items` milestones have none yet."""

    request_id: int
    round_id: int | None
    post_id: int
    unit: str
    post: str
    reason: RequestReason
    state: RequestState
    requested_at: datetime
    due_at: datetime
    is_late: bool
    items: int
    left: int


@dataclass(frozen=True, slots=True)
class Nudged:
    """How many posts are outstanding, and how many of them get a message now (the others had theirs today)."""

    posts: int
    messages: int


def outstanding_requests(session: Session, now: datetime, round_id: int | None = None) -> list[Outstanding]:
    """미제출: every request that waits for an answer (of that round, default all), the longest due first."""
    items = table_of(StatusRequestItem)
    counted = (
        select(items.c.request_id, func.count().label("asked"), func.count(items.c.report_id).label("reported"))
        .group_by(items.c.request_id)
        .subquery()
    )
    wanted = (
        select(StatusRequest, counted.c.asked, counted.c.reported)
        .join(counted, counted.c.request_id == col(StatusRequest.id))
        .where(col(StatusRequest.state).in_(OUTSTANDING))
        .order_by(col(StatusRequest.due_at), col(StatusRequest.id))
    )
    if round_id is not None:
        wanted = wanted.where(col(StatusRequest.round_id) == round_id)
    chart = load_chart(session)
    found = []
    for request, count, reported in session.execute(wanted):
        post = chart.posts[request.post_id]
        found.append(
            Outstanding(
                request_id=request.id,
                round_id=request.round_id,
                post_id=request.post_id,
                unit=chart.units[post.unit_id].name,
                post=post.title,
                reason=request.reason,
                state=request.state,
                requested_at=request.requested_at,
                due_at=request.due_at,
                is_late=request.due_at < now,
                items=count,
                left=count - reported,
            )
        )
    return found


def nudge(
    session: Session,
    *,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
    by: str,
    round_id: int | None = None,
) -> Nudged:
    """미제출 안내: one message to every post that owes an answer (in that round, default anywhere), once a day.

    Raises RoundError for a round that is unknown or locked.
    """
    if round_id is not None and find_round(session, round_id).state is RoundState.LOCKED:
        raise RoundError("round_id", "이미 마감된 회차입니다. 다시 받으려면 회차를 다시 열어 주세요.")
    posts = {request.post_id for request in outstanding_requests(session, now, round_id)}
    today = now.astimezone(settings.timezone).date().isoformat()
    slot = f"{round_id}/{today}" if round_id is not None else today
    keys = {post_id: f"post:{post_id}/{CHANNEL}/{NotificationKind.NUDGE}/{slot}" for post_id in posts}
    made = announce(session, NotificationKind.NUDGE, keys, round_id, now, settings, calendar)
    note_act(session, now, by, "nudge", round_id or 0, f"{made}/{len(posts)}")
    return Nudged(len(posts), made)
