"""How things stand: counts by state, as `dday status --json` prints them."""

from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from sqlalchemy import func
from sqlmodel import Session, col, select

from models import (
    Installation,
    Notification,
    NotificationState,
    Reminder,
    ReminderState,
    RequestState,
    StatusRequest,
)
from worker.tick import next_due_at

OUTSTANDING = (RequestState.REQUESTED, RequestState.RETURNED)


class Standing(TypedDict):
    """Instants as ISO 8601 in UTC, None where there is none."""

    reminders: dict[str, int]
    notifications: dict[str, int]
    requests: dict[str, int]
    clock_last_tick_at: str | None
    oldest_due_at: str | None


def standing(session: Session, now: datetime) -> Standing:
    """Every state is present, with 0 where nothing is; `outstanding` = requested or returned, `late` of those."""
    requests = _counts(session, StatusRequest, RequestState)
    late = select(func.count()).select_from(StatusRequest)
    late = late.where(col(StatusRequest.state).in_(OUTSTANDING), StatusRequest.due_at < now)
    asked = {
        "outstanding": requests["requested"] + requests["returned"],
        "late": session.exec(late).one(),
        **{state: requests[state] for state in ("submitted", "returned", "accepted", "closed", "cancelled")},
    }
    last_tick = session.get_one(Installation, 1).clock_last_tick_at
    oldest = next_due_at(session)
    return Standing(
        reminders=_counts(session, Reminder, ReminderState),
        notifications=_counts(session, Notification, NotificationState),
        requests=asked,
        clock_last_tick_at=last_tick.isoformat() if last_tick else None,
        oldest_due_at=oldest.isoformat() if oldest else None,
    )


def _counts(
    session: Session, model: type[Reminder] | type[Notification] | type[StatusRequest], states: type[StrEnum]
) -> dict[str, int]:
    found = dict(session.exec(select(model.state, func.count()).group_by(col(model.state))).all())
    return {state.value: found.get(state, 0) for state in states}
