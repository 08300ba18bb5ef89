"""다시 보내기: a message that reached nobody leaves once more, as a message of its own with a key of its own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from models import AuditEntry, Notification, NotificationItem, NotificationKind, NotificationState, Reminder
from schedules.calendar import WorkingCalendar, into_window
from settings import Refusal, Settings

REACHED_NOBODY = (NotificationState.FAILED, NotificationState.BOUNCED)
MOST_AGAIN = 9


class AgainError(Refusal):
    """The message is not sent again; the text says why. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class Again:
    message_id: int
    leaves_at: datetime


def why_not_again(message: Notification) -> str | None:
    """None for a message that may leave once more; else why it may not, in Korean."""
    if message.state in (NotificationState.QUEUED, NotificationState.SENDING, NotificationState.UNKNOWN):
        return "아직 보내는 중인 메일입니다. 끝나면 다시 볼 수 있습니다."
    if message.state not in REACHED_NOBODY:
        return "이미 보냈거나 취소한 메일은 다시 보내지 않습니다. 같은 내용은 한 번만 알립니다."
    if message.kind is NotificationKind.ADMIN or message.post_id is None:
        return "총괄 담당자에게 가는 안내는 다음 점검 때 새로 만들어집니다."
    return None


def send_again(
    session: Session, message_id: int, *, by: str, now: datetime, settings: Settings, calendar: WorkingCalendar
) -> Again:
    """Makes the message that leaves in its stead, with what it was about; the old one stays as the record it is.

    Key: the old one's with `/again:{n}`, so that two who press at once make one. People, texts and addresses are those
    of the moment of sending, and what was settled meanwhile drops out, as in every message. Raises AgainError.
    """
    old = session.get(Notification, message_id, with_for_update=True, populate_existing=True)
    if old is None:
        raise AgainError(f"{message_id}번 메일은 없습니다.")
    reason = why_not_again(old)
    if reason is not None:
        raise AgainError(reason)
    stem = old.key.partition("/again:")[0]
    made = session.exec(
        select(func.count())
        .select_from(Notification)
        .where(col(Notification.key).startswith(f"{stem}/again:", autoescape=True))
    ).one()
    if made and old.key != f"{stem}/again:{made}":
        raise AgainError("이 메일은 이미 다시 보내도록 준비했습니다. 발송 기록에서 새 메일을 확인해 주세요.")
    if made >= MOST_AGAIN:
        raise AgainError(f"{MOST_AGAIN}번 다시 보낸 메일입니다. 받는 사람의 주소를 먼저 확인해 주세요.")
    leaves_at = into_window(now, settings.send_window, settings.timezone, calendar)
    new = Notification(
        key=f"{stem}/again:{made + 1}",
        post_id=old.post_id,
        channel=old.channel,
        kind=old.kind,
        slot_at=leaves_at,
        round_id=old.round_id,
        next_attempt_at=leaves_at,
        created_at=now,
    )
    session.add(new)
    session.flush()
    assert new.id is not None
    for table in (Reminder, NotificationItem):
        session.execute(update(table).where(col(table.notification_id) == old.id).values(notification_id=new.id))
    session.add(
        AuditEntry(at=now, actor=by, act="message.again", subject=f"notification:{old.id}", detail=f"→ {new.id}")
    )
    return Again(new.id, leaves_at)
