"""정기 취합: a round asks every post once about all its open items, and is locked at the end."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from models import (
    CollectionRound,
    Notification,
    NotificationKind,
    NotificationState,
    Post,
    RequestReason,
    RequestState,
    RoundState,
    StatusRequest,
    StatusRequestItem,
    Unit,
    UnitKind,
)
from schedules.calendar import WorkingCalendar
from schedules.chasing import Nudged, Outstanding, nudge, outstanding_requests
from schedules.items import chunks, load_items, open_ids
from schedules.requests import DUE_WORKING_DAYS, OUTSTANDING, due_moment
from schedules.responsibility import Chart, load_chart
from schedules.review import accept_request, return_request
from schedules.round import CHANNEL, RoundError, announce, check_subject, find_round, note_act
from schedules.rows import insert_missing, table_of
from settings import Settings

__all__ = [
    "Nudged",
    "Opened",
    "Outstanding",
    "RoundError",
    "accept_request",
    "lock_round",
    "nudge",
    "open_round",
    "outstanding_requests",
    "reopen_round",
    "return_request",
]


@dataclass(frozen=True, slots=True)
class Opened:
    """A round as it was opened: how many posts are asked about how many milestones; `unasked` have no post."""

    round_id: int
    requests: int
    items: int
    unasked: int


def open_round(
    session: Session,
    *,
    title: str,
    as_of_on: date,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
    by: str,
    unit_id: int | None = None,
    due_on: date | None = None,
    schedule_id: int | None = None,
    due_working_days: Sequence[int] | None = None,
    grace_working_days: int | None = None,
    project_ids: Sequence[int] = (),
    questions: Sequence[str] = (),
) -> Opened:
    """Opens a round: one request per responsible post with all its open items, and one message to each.

    Asks about the open milestones of activated projects (of the unit and those under it, of these projects; default
    all), and besides what `questions` say. Due at the end
    of `due_on`, default five working days from today; with `due_working_days` teams, departments and bureaus each have
    a day of their own, the last of which is the round's. With a grace the clock locks it. Raises RoundError.
    """
    today = now.astimezone(settings.timezone).date()
    last = due_working_days[-1] if due_working_days else DUE_WORKING_DAYS
    last_on = due_on or calendar.add_working_days(today, last)
    due_at = due_moment(last_on, settings)
    _check_opening(session, title, due_at, now, unit_id)
    projects, asked = check_subject(session, project_ids, questions)
    chart = load_chart(session)
    posts, unasked = _open_items(session, chart, settings, calendar, unit_id, projects)
    if not posts:
        raise RoundError("unit_id", "물어볼 일정이 없습니다. 활성화된 사업에 열린 일정이 있어야 합니다: dday activate")
    found = CollectionRound(
        schedule_id=schedule_id,
        unit_id=unit_id,
        title=title.strip(),
        as_of_on=as_of_on,
        questions=asked,
        opened_at=now,
        due_at=due_at,
    )
    if grace_working_days is not None:
        found.locks_at = due_moment(calendar.add_working_days(last_on, grace_working_days), settings)

    def due_of(post_id: int) -> datetime:
        if not due_working_days:
            return due_at
        level = list(UnitKind)[::-1].index(chart.units[chart.posts[post_id].unit_id].kind)
        return due_moment(calendar.add_working_days(today, due_working_days[level]), settings)

    session.add(found)
    session.flush()
    assert found.id is not None
    requests = insert_missing(
        session,
        StatusRequest,
        [
            {
                "key": f"post:{post_id}/round:{found.id}",
                "post_id": post_id,
                "round_id": found.id,
                "reason": RequestReason.ROUND,
                "state": RequestState.REQUESTED,
                "requested_at": now,
                "due_at": due_of(post_id),
            }
            for post_id in sorted(posts)
        ],
    )
    items = [
        {"request_id": requests[f"post:{post_id}/round:{found.id}"], "milestone_id": milestone_id}
        for post_id, milestone_ids in posts.items()
        for milestone_id in milestone_ids
    ]
    session.execute(table_of(StatusRequestItem).insert(), items)
    keys = {post_id: f"post:{post_id}/{CHANNEL}/{NotificationKind.ROUND}/{found.id}" for post_id in posts}
    announce(session, NotificationKind.ROUND, keys, found.id, now, settings, calendar)
    note_act(session, now, by, "round.open", found.id, found.title)
    return Opened(found.id, len(requests), len(items), unasked)


def lock_round(session: Session, round_id: int, *, by: str, now: datetime) -> int:
    """마감: what was not answered is closed, later answers go to the next round. Returns how many were outstanding.

    Raises RoundError for a round that is unknown or locked already.
    """
    found = find_round(session, round_id)
    if found.state is RoundState.LOCKED:
        raise RoundError("round_id", f"'{found.title}'은(는) 이미 마감된 회차입니다.")
    found.state, found.locked_at = RoundState.LOCKED, now
    session.add(found)
    closed = session.execute(
        update(StatusRequest)
        .where(col(StatusRequest.round_id) == round_id, col(StatusRequest.state).in_(OUTSTANDING))
        .values(state=RequestState.CLOSED, settled_at=now)
        .returning(col(StatusRequest.id))
    ).all()
    session.execute(
        update(Notification)
        .where(col(Notification.round_id) == round_id, col(Notification.state) == NotificationState.QUEUED)
        .values(state=NotificationState.CANCELLED, next_attempt_at=None, error="마감된 회차입니다")
    )
    note_act(session, now, by, "round.lock", round_id, found.title)
    return len(closed)


def reopen_round(session: Session, round_id: int, *, reason: str, due_at: datetime, by: str, now: datetime) -> int:
    """Opens a locked round again, with the reason: what was closed unanswered is asked again. Returns how many."""
    found = find_round(session, round_id)
    if found.state is RoundState.OPEN:
        raise RoundError("round_id", f"'{found.title}'은(는) 열려 있는 회차입니다.")
    if not reason.strip():
        raise RoundError("reason", "회차를 다시 여는 사유를 적어 주세요.")
    if due_at <= now:
        raise RoundError("due_at", "제출 기한은 지금보다 뒤여야 합니다.")
    found.state, found.locked_at, found.due_at = RoundState.OPEN, None, due_at
    session.add(found)
    asked = session.execute(
        update(StatusRequest)
        .where(col(StatusRequest.round_id) == round_id, col(StatusRequest.state) == RequestState.CLOSED)
        .values(state=RequestState.REQUESTED, settled_at=None, due_at=due_at)
        .returning(col(StatusRequest.id))
    ).all()
    _hand_to_successors(session, round_id)
    note_act(session, now, by, "round.reopen", round_id, reason.strip())
    return len(asked)


def _hand_to_successors(session: Session, round_id: int) -> None:
    """Of posts that ended while the round was locked (통합), whoever took over is asked."""
    successor = select(col(Post.successor_id)).where(col(Post.id) == col(StatusRequest.post_id)).scalar_subquery()
    session.execute(
        update(StatusRequest)
        .where(col(StatusRequest.round_id) == round_id, successor.is_not(None))
        .values(post_id=successor)
        .execution_options(synchronize_session=False)
    )


# ------------------------------------------------------------------------------------------------ what is asked


def _check_opening(session: Session, title: str, due_at: datetime, now: datetime, unit_id: int | None) -> None:
    if not title.strip() or len(title) > 80 or "\n" in title:
        raise RoundError("title", "회차의 이름을 80자 안에서 한 줄로 적어 주세요. 예: 2024년 9월 정기 취합")
    same = select(col(CollectionRound.id)).where(col(CollectionRound.title) == title.strip())
    if session.scalars(same).first() is not None:
        raise RoundError("title", f"'{title.strip()}' 회차가 이미 있습니다. 다른 이름을 적어 주세요.")
    if due_at <= now:
        raise RoundError("due_on", "제출 기한은 오늘 18:00 뒤여야 합니다.")
    if unit_id is not None and session.get(Unit, unit_id) is None:
        raise RoundError("unit_id", f"{unit_id}번 부서는 없습니다.")


def _open_items(
    session: Session,
    chart: Chart,
    settings: Settings,
    calendar: WorkingCalendar,
    unit_id: int | None,
    project_ids: Collection[int],
) -> tuple[dict[int, list[int]], int]:
    """Open milestones by responsible post, and how many have no post to ask."""
    posts: dict[int, list[int]] = defaultdict(list)
    unasked = 0
    for some in chunks(open_ids(session)):
        for item in load_items(session, chart, calendar, settings.timezone, some):
            if unit_id is not None and unit_id not in item.unit_ids:
                continue
            if project_ids and item.project_id not in project_ids:
                continue
            if item.post_id is None:
                unasked += 1
            elif item.silence is None:
                posts[item.post_id].append(item.id)
    return dict(posts), unasked
