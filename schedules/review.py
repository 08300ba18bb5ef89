"""확정과 보완요청: what the department and the admin make of a submitted request."""

from datetime import datetime

from sqlmodel import Session

from models import NotificationKind, RequestState, RoundState, StatusRequest
from schedules.calendar import WorkingCalendar
from schedules.round import CHANNEL, RoundError, announce, find_round, note_act
from settings import Settings


def return_request(
    session: Session,
    request_id: int,
    *,
    comment: str,
    due_at: datetime,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> None:
    """보완요청: a submitted request is asked again, with the comment, until `due_at`. Raises RoundError."""
    request = _submitted(session, request_id)
    if not comment.strip():
        raise RoundError("comment", "무엇을 보완해야 하는지 적어 주세요.")
    if due_at <= now:
        raise RoundError("due_at", "제출 기한은 지금보다 뒤여야 합니다.")
    request.state, request.comment, request.due_at = RequestState.RETURNED, comment.strip(), due_at
    session.add(request)
    moment = now.astimezone(settings.timezone).strftime("%Y-%m-%dT%H:%M")
    key = f"post:{request.post_id}/{CHANNEL}/{NotificationKind.RETURNED}/{request_id}/{moment}"
    announce(session, NotificationKind.RETURNED, {request.post_id: key}, request.round_id, now, settings, calendar)
    note_act(session, now, by, "request.return", request_id, comment.strip())


def accept_request(session: Session, request_id: int, *, by: str, now: datetime) -> None:
    """확정: the answers of a submitted request stand. Raises RoundError."""
    request = _submitted(session, request_id)
    request.state, request.settled_at = RequestState.ACCEPTED, now
    session.add(request)
    note_act(session, now, by, "request.accept", request_id, "")


def _submitted(session: Session, request_id: int) -> StatusRequest:
    request = session.get(StatusRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None:
        raise RoundError("request_id", f"{request_id}번 요청은 없습니다.")
    if request.state is not RequestState.SUBMITTED:
        raise RoundError("request_id", "제출된 요청만 확정하거나 보완을 요청할 수 있습니다.")
    if request.round_id is not None and find_round(session, request.round_id).state is RoundState.LOCKED:
        raise RoundError("round_id", "이미 마감된 회차입니다. 고치려면 회차를 다시 열어 주세요.")
    return request
