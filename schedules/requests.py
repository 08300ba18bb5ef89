"""진행상황 제출 요청: made when a reminder or a round asks, kept until it is answered, closed or cancelled."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import case, exists, func, select, update
from sqlmodel import Session, col

from models import OPEN_STATUSES, Ask, Milestone, RequestReason, RequestState, StatusRequest, StatusRequestItem
from schedules.calendar import WorkingCalendar
from schedules.items import Item
from schedules.rows import among, insert_missing, table_of
from settings import Settings

DUE_WORKING_DAYS = 5
DUE_TIME = time(18, 0)
OUTSTANDING = (RequestState.REQUESTED, RequestState.RETURNED)
ANSWERABLE = (*OUTSTANDING, RequestState.SUBMITTED)
ASKS_FOR_AN_ANSWER = frozenset({Ask.STATUS, Ask.CHECK, Ask.QUIET, Ask.OVERDUE})
_WITHOUT_A_DAY = frozenset({RequestReason.CHECK, RequestReason.QUIET})  # no day of a window is asked about


@dataclass(frozen=True, slots=True)
class Asked:
    """One post asked about one milestone because of the day its window ended (or its check began)."""

    post_id: int
    milestone_id: int
    anchor_on: date
    reason: RequestReason

    @property
    def key(self) -> str:
        return f"post:{self.post_id}/milestone:{self.milestone_id}/{self.anchor_on.isoformat()}"


def ask_for_status(
    session: Session, asked: Collection[Asked], now: datetime, settings: Settings, calendar: WorkingCalendar
) -> int:
    """Makes the requests that are not there yet; one that is still open is kept with its own due time.

    One that was settled although the milestone is asked about again (reopened, moved back) is opened again. Returns how
    many were made or opened again.
    """
    last_day = calendar.add_working_days(now.astimezone(settings.timezone).date(), DUE_WORKING_DAYS)
    return _make(asked, session, now, due_moment(last_day, settings))


def _make(asked: Collection[Asked], session: Session, now: datetime, due_at: datetime) -> int:
    by_key = {one.key: one for one in asked}
    made = insert_missing(
        session,
        StatusRequest,
        [
            {
                "key": key,
                "post_id": one.post_id,
                "reason": one.reason,
                "state": RequestState.REQUESTED,
                "requested_at": now,
                "due_at": due_at,
            }
            for key, one in by_key.items()
        ],
    )
    items = table_of(StatusRequestItem)
    if made:
        rows = [{"request_id": row_id, "milestone_id": by_key[key].milestone_id} for key, row_id in made.items()]
        session.execute(items.insert(), rows)
    known = sorted(set(by_key) - set(made))
    if not known:
        return len(made)
    opened = session.execute(
        update(StatusRequest)
        .where(col(StatusRequest.key).in_(known), col(StatusRequest.state).not_in(OUTSTANDING))
        .values(state=RequestState.REQUESTED, requested_at=now, due_at=due_at, submitted_at=None, settled_at=None)
        .returning(col(StatusRequest.id))
    ).all()
    if opened:
        ids = [row[0] for row in opened]
        session.execute(update(items).where(among(items.c.request_id, ids)).values(report_id=None))
    return len(made) + len(opened)


def due_moment(day: date, settings: Settings) -> datetime:
    """The end of office hours on that day."""
    return datetime.combine(day, DUE_TIME, settings.timezone).astimezone(UTC)


def open_rounds_of(session: Session, milestone_ids: Collection[int]) -> dict[int, int]:
    """For each milestone that an open round asks about, that round: the latest of several."""
    rows = session.execute(
        select(col(StatusRequestItem.milestone_id), func.max(StatusRequest.round_id))
        .join(StatusRequest, col(StatusRequest.id) == col(StatusRequestItem.request_id))
        .where(
            among(col(StatusRequestItem.milestone_id), milestone_ids),
            col(StatusRequest.round_id).is_not(None),
            col(StatusRequest.state).in_(ANSWERABLE),
        )
        .group_by(col(StatusRequestItem.milestone_id))
    )
    return {row[0]: row[1] for row in rows}


def settle_answered(session: Session, reports: Mapping[int, int], now: datetime) -> int:
    """Marks what these reports (report id by milestone) answer; requests that are answered whole become submitted.

    A request that was submitted, but not accepted yet, takes the later report. Returns how many were submitted now.
    """
    if not reports:
        return 0
    items, requests = table_of(StatusRequestItem), table_of(StatusRequest)
    answerable = select(requests.c.id).where(requests.c.state.in_(ANSWERABLE))
    session.execute(
        update(items)
        .where(among(items.c.milestone_id, reports), items.c.request_id.in_(answerable))
        .values(report_id=case(dict(reports), value=items.c.milestone_id))
    )
    return _settle_whole(session, reports, now)


def follow_items(session: Session, items: Collection[Item], now: datetime) -> None:
    """Brings what is asked about these milestones up to what they are now; rounds keep what they asked.

    Closed by whatever path: nothing is asked any more. Moved without an answer: the request about the old day is
    cancelled. Given to another post: that post is asked instead, with the same due time. A project that was quiet has
    been heard of since: the question how it goes is cancelled.
    """
    by_id = {item.id: item for item in items}
    rows = session.execute(
        select(StatusRequest, col(StatusRequestItem.milestone_id))
        .join(StatusRequestItem, col(StatusRequestItem.request_id) == col(StatusRequest.id))
        .where(
            among(col(StatusRequestItem.milestone_id), by_id),
            col(StatusRequest.state).in_(OUTSTANDING),
            col(StatusRequest.round_id).is_(None),
        )
        .execution_options(populate_existing=True)
    ).all()
    handed: list[tuple[Asked, StatusRequest]] = []
    for request, milestone_id in rows:
        item = by_id[milestone_id]
        asked_on = date.fromisoformat(request.key.rpartition("/")[2])
        if item.silence is not None or item.post_id is None:
            continue
        is_moved = request.reason not in _WITHOUT_A_DAY and asked_on != item.end_on
        is_moved = is_moved or (request.reason is RequestReason.QUIET and asked_on != item.quiet_since)
        if is_moved or request.post_id != item.post_id:
            request.state, request.settled_at = RequestState.CANCELLED, now
            session.add(request)
        if not is_moved and request.post_id != item.post_id:
            handed.append((Asked(item.post_id, item.id, asked_on, request.reason), request))
    session.flush()
    for due_at in sorted({request.due_at for _, request in handed}):
        _make([asked for asked, request in handed if request.due_at == due_at], session, now, due_at)
    closed = [item.id for item in items if item.silence is not None]
    if closed:
        _settle_whole(session, closed, now, closed)


def _settle_whole(session: Session, milestone_ids: Collection[int], now: datetime, closed: Collection[int] = ()) -> int:
    """Outstanding requests about these with nothing left to answer: submitted, or without any report cancelled."""
    items, requests, milestones = table_of(StatusRequestItem), table_of(StatusRequest), table_of(Milestone)
    theirs = items.c.request_id == requests.c.id
    left = (
        exists()
        .select_from(items.join(milestones, milestones.c.id == items.c.milestone_id))
        .where(
            theirs,
            items.c.report_id.is_(None),
            milestones.c.status.in_(OPEN_STATUSES),
            ~among(milestones.c.id, closed),
        )
    )
    whole = update(requests).where(
        requests.c.state.in_(OUTSTANDING),
        requests.c.id.in_(select(items.c.request_id).where(among(items.c.milestone_id, milestone_ids))),
        ~left,
    )
    reported = exists().select_from(items).where(theirs, items.c.report_id.is_not(None))
    submitted = session.execute(
        whole.where(reported).values(state=RequestState.SUBMITTED, submitted_at=now).returning(requests.c.id)
    ).all()
    session.execute(whole.values(state=RequestState.CANCELLED, settled_at=now))
    return len(submitted)
