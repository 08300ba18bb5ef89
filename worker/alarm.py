"""Tells the admin by mail, once a day, that the auditor found a promise broken; on record like any other message."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime

import structlog
from sqlalchemy import Engine, insert, update
from sqlmodel import col

from models import AttemptOutcome, DeliveryAttempt, Notification, NotificationKind, NotificationState
from models.database import write
from notifications.channels import Channel, ChannelError, OutgoingMail
from notifications.compose import Letterhead, letterhead, message_id
from notifications.mime import mailboxes, unstructured, write_message
from schedules.rows import insert_missing
from settings import Settings
from worker.watch import Fault

log = structlog.get_logger()

HELD_FOR = timedelta(hours=1)  # then the auditor itself sees that its mail got stuck


def tell_admin(engine: Engine, settings: Settings, now: datetime, faults: Sequence[Fault], channel: Channel) -> bool:
    """Whether a mail left. One a day, however many clocks ask: the row with the day's key is made by one of them.

    It does not wait for a sender, since senders may be what is broken. Without DDAY_ADMIN_EMAIL nobody is written to.
    """
    if settings.admin_email is None or not faults:
        return False
    key = f"admin/email/audit/{now.astimezone(settings.timezone):%Y-%m-%d}"
    mail = compose_alarm(key, settings.admin_email, letterhead(settings, drill=False), faults, now)
    with write(engine) as session:
        made = insert_missing(
            session,
            Notification,
            [
                {
                    "key": key,
                    "channel": "email",
                    "kind": NotificationKind.ADMIN,
                    "slot_at": now,
                    "state": NotificationState.SENDING,
                    "next_attempt_at": now + HELD_FOR,
                    "attempts": 1,
                    "message_id": mail.message_id,
                    "recipients": [{"name": "총괄 담당자", "email": settings.admin_email}],
                    "subject": mail.subject,
                    "text": mail.text,
                    "html": mail.html,
                    "created_at": now,
                }
            ],
        )
    if key not in made:
        return False
    try:
        response, error = channel.deliver(mail).response, None
    except ChannelError as failure:
        response, error = str(failure), failure
    with write(engine) as session:
        state = NotificationState.SENT if error is None else NotificationState.FAILED
        session.execute(
            update(Notification)
            .where(col(Notification.id) == made[key])
            .values(
                state=state,
                next_attempt_at=None,
                sent_at=now if error is None else None,
                error=None if error is None else response,
            )
        )
        outcome = AttemptOutcome.ACCEPTED if error is None else AttemptOutcome.TEMPORARY
        session.execute(
            insert(DeliveryAttempt).values(
                notification_id=made[key],
                attempted_at=now,
                address=settings.admin_email,
                outcome=outcome,
                response=response,
            )
        )
    log.info("alarm.sent" if error is None else "alarm.failed")
    return error is None


def compose_alarm(key: str, address: str, head: Letterhead, faults: Sequence[Fault], now: datetime) -> OutgoingMail:
    """What does not hold, how many rows it concerns, and what to do."""
    subject = "[점검 필요] 보냈어야 할 알림이 나가지 않았습니다"
    lines = [f"- {fault.words}: {fault.count}건" for fault in faults]
    text = "\n".join(
        [
            "총괄 담당자님, 발송을 점검한 결과 다음과 같은 문제가 있습니다.",
            "",
            *lines,
            "",
            "전산 담당자에게 'dday doctor' 결과를 확인해 달라고 요청해 주세요. 하루에 한 번만 알립니다.",
            "",
        ]
    )
    html = "<p>" + text.replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>"
    identity = message_id(key, head.host)
    headers = (
        ("From", mailboxes([(head.sender_name, head.sender_address)])),
        ("To", mailboxes([("", address)])),
        ("Subject", unstructured(subject)),
        ("Date", format_datetime(now.astimezone(head.timezone))),
        ("Message-ID", identity),
        ("X-Dday-Key", key),
        ("Auto-Submitted", "auto-generated"),
    )
    content = write_message(headers, text, html)
    return OutgoingMail(key, identity, head.sender_address, (address,), subject, text, html, content)
