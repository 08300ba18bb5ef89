"""진행상황 제출 요청: made when a reminder or a round asks, kept until it is answered, closed or cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import update
from sqlmodel import Session, col

from models import (
    Ask,
    RequestReason,
    RequestState,
    StatusRequest,
    StatusRequestItem,
)
from schedules.calendar import WorkingCalendar
from schedules.rows import insert_missing, table_of
from settings import Settings

DUE_WORKING_DAYS = 5
DUE_TIME = time(18, 0)
OUTSTANDING = (RequestState.REQUESTED, RequestState.RETURNED)
ASKS_FOR_AN_ANSWER = frozenset({Ask.STATUS, Ask.CHECK, Ask.OVERDUE})


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
    session: Session, asked: Sequence[Asked], now: datetime, settings: Settings, calendar: WorkingCalendar
) -> int:
    """Makes the requests that are not there yet; one that is still open is kept with its own due time.

    One that was settled although the milestone is asked about again (reopened, moved back) is opened again. Returns how
    many were made or opened again.
    """
    due_at = due_moment(calendar.add_working_days(now.astimezone(settings.timezone).date(), DUE_WORKING_DAYS), settings)
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
    reopened = session.execute(
        update(StatusRequest)
        .where(
            col(StatusRequest.key).in_(sorted(set(by_key) - set(made))),
            col(StatusRequest.state).not_in(OUTSTANDING),
        )
        .values(state=RequestState.REQUESTED, requested_at=now, due_at=due_at, submitted_at=None, settled_at=None)
        .returning(col(StatusRequest.id))
    ).all()
    if reopened:
        ids = [row[0] for row in reopened]
        session.execute(update(items).where(items.c.request_id.in_(ids)).values(report_id=None))
    return len(made) + len(reopened)


def due_moment(day: date, settings: Settings) -> datetime:
    """The end of office hours on that day."""
    return datetime.combine(day, DUE_TIME, settings.timezone).astimezone(UTC)
