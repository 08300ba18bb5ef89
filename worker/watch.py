"""The auditor: what should have been sent by now equals what was, and the clock is on time; else somebody is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from urllib.request import Request, urlopen

import structlog
from sqlalchemy import ColumnElement, Engine, func, select
from sqlmodel import Session, col

from models import (
    AttemptOutcome,
    DeliveryAttempt,
    Installation,
    Notification,
    NotificationState,
    Reminder,
    ReminderState,
    Reorganisation,
)
from models.database import read
from schedules.activation import sending_allowed
from schedules.calendar import into_window
from schedules.office_days import load_calendar
from settings import Settings
from worker.tick import Clock

log = structlog.get_logger()

GRACE = timedelta(minutes=10)  # a storm of forty thousand mails is over by then
LOOKED_BACK = 50_000  # messages; older ones were audited when they were young
PROOF_KEPT = timedelta(days=60)  # attempts are kept for longer, DDAY_KEEP_MAIL_DAYS at the least
HEARTBEAT_SECONDS = 10
CAN_LEAVE = (NotificationState.QUEUED, NotificationState.SENDING, NotificationState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Fault:
    """One promise that does not hold: a stable `code`, how many rows, and in Korean what it means."""

    code: str
    count: int
    words: str


def watch(engine: Engine, settings: Settings, clock: Clock) -> list[Fault]:
    """Audits, logs what is wrong, and calls the heartbeat's address only when nothing is."""
    now = clock()
    with read(engine) as session:
        faults = audit(session, now, settings)
    if faults:
        log.error("audit.failed", **{fault.code: fault.count for fault in faults})
        return faults
    log.debug("audit.passed")
    if settings.heartbeat_url is not None:
        _beat(settings.heartbeat_url)
    return faults


def audit(session: Session, now: datetime, settings: Settings) -> list[Fault]:
    """Every promise that does not hold at this moment. Where sending is off, nothing is owed and nothing is late."""
    if sending_allowed(session, settings) is not None:
        return []
    return [fault for fault in _faults(session, now, settings) if fault.count]


def _faults(session: Session, now: datetime, settings: Settings) -> Iterator[Fault]:
    late = now - GRACE
    yield _clock_late(session, now, settings)
    window_was_open = into_window(late, settings.send_window, settings.timezone, load_calendar(session)) == late
    planned = col(Reminder.state) == ReminderState.PLANNED
    yield Fault(  # index ix_reminder_due
        "reminders_late",
        _count(session, Reminder, planned, col(Reminder.due_at) < late) if window_was_open else 0,
        "보낼 때가 지났는데 아직 발송으로 넘기지 않은 알림",
    )
    yield Fault(  # index ix_notification_next_attempt
        "messages_late",
        _count(
            session,
            Notification,
            col(Notification.next_attempt_at) < late,
            col(Notification.state) != NotificationState.SENDING,
        )
        if window_was_open
        else 0,
        "보낼 때가 지났는데 아무도 보내지 않은 메일",
    )
    yield Fault(
        "messages_stuck",
        _count(
            session,
            Notification,
            col(Notification.next_attempt_at) < late,
            col(Notification.state) == NotificationState.SENDING,
        )
        if window_was_open
        else 0,
        "보내던 프로세스가 멈춘 뒤 아무도 이어받지 않은 메일",
    )
    newest = session.execute(select(func.max(col(Notification.id)))).scalar_one() or 0
    recent = col(Notification.id) > newest - LOOKED_BACK
    yield Fault(
        "messages_lost",
        _count(
            session,
            Notification,
            recent,
            col(Notification.state).in_(CAN_LEAVE),
            col(Notification.next_attempt_at).is_(None),
        ),
        "대기 중인데 보낼 때가 정해지지 않은 메일",
    )
    accepted = (
        select(col(DeliveryAttempt.id))
        .where(
            col(DeliveryAttempt.notification_id) == col(Notification.id),
            col(DeliveryAttempt.notification_id) > newest - LOOKED_BACK,  # else all of them are read and hashed
            col(DeliveryAttempt.outcome) == AttemptOutcome.ACCEPTED,
        )
        .exists()
    )
    young = col(Notification.sent_at) > now - PROOF_KEPT
    yield Fault(
        "sent_without_proof",
        _count(session, Notification, recent, young, col(Notification.state) == NotificationState.SENT, ~accepted),
        "보냄으로 적혔는데 메일 서버가 받은 기록이 없는 메일",
    )
    untold = (
        select(func.count())
        .select_from(Reminder)
        .join(Notification, col(Notification.id) == col(Reminder.notification_id))
        .where(
            recent,
            col(Reminder.state) == ReminderState.DISPATCHED,
            col(Notification.state) == NotificationState.CANCELLED,
        )
    )
    yield Fault("reminders_untold", session.execute(untold).scalar_one(), "발송으로 넘겼는데 그 메일이 취소된 알림")
    yield Fault(  # index ix_reminder_broken; a row that cannot be read waits for somebody
        "reminders_broken",
        _count(
            session, Reminder, planned, col(Reminder.error).is_not(None), col(Reminder.due_at) < now + timedelta(days=7)
        ),
        "오류로 보내지 못하는 알림",
    )
    failed = (
        select(func.count())
        .select_from(Reorganisation)
        .where(
            col(Reorganisation.error).is_not(None),
            col(Reorganisation.carried_out_at).is_(None),
            col(Reorganisation.cancelled_at).is_(None),
        )
    )
    yield Fault(
        "reorganisations_failed",
        session.execute(failed).scalar_one(),
        "시행일이 되었는데 시행하지 못한 조직개편(취소하고 다시 넣어 주세요)",
    )


def _clock_late(session: Session, now: datetime, settings: Settings) -> Fault:
    last = session.get_one(Installation, 1).clock_last_tick_at
    pace = max(timedelta(minutes=2), 3 * timedelta(seconds=settings.tick_seconds))
    is_late = last is not None and last < now - pace
    return Fault("clock_late", int(is_late), "예약 시계가 제때 확인하지 않았습니다")


def _count(session: Session, model: type[Reminder] | type[Notification], *conditions: ColumnElement[bool]) -> int:
    return int(session.execute(select(func.count()).select_from(model).where(*conditions)).scalar_one())


def _beat(url: str) -> None:
    try:
        with urlopen(Request(url, method="GET"), timeout=HEARTBEAT_SECONDS):  # noqa: S310  (the operator's own address)
            log.debug("heartbeat.sent")
    except (OSError, HTTPException, ValueError) as error:
        log.warning("heartbeat.failed", error=type(error).__name__)
