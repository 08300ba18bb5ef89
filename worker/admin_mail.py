"""Mail to the admin: kept as a row like any other message, sent by the clock itself, tried again until it has left.

It does not go through the senders, since they may be what it reports about.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

import structlog
from sqlalchemy import Engine, Select, func, insert, select, update
from sqlmodel import Session, col

from models import AttemptOutcome, DeliveryAttempt, Notification, NotificationKind, NotificationState
from models.database import read, write
from notifications.channels import Channel, ChannelError, OutgoingMail
from notifications.compose import message_id
from notifications.letterhead import letterhead
from notifications.mime import mailboxes, unstructured, write_message
from notifications.outcomes import MOST_ATTEMPTS, pause_after
from schedules.rows import insert_missing
from settings import Settings

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
WAITING = (NotificationState.QUEUED, NotificationState.SENDING)


@dataclass(frozen=True, slots=True)
class AdminLetter:
    """What the admin is told; `name` and slot make its key: `admin/email/audit/2024-09-30`, told once."""

    name: str
    slot: str
    subject: str
    text: str
    html: str

    @property
    def key(self) -> str:
        return f"admin/email/{self.name}/{self.slot}"


def as_html(text: str) -> str:
    """Paragraphs where blank lines stand, nothing in it taken as markup."""
    return "<p>" + escape(text).replace("\n\n", "</p><p>").replace("\n", "<br>") + "</p>"


def queue_letter(session: Session, letter: AdminLetter, settings: Settings, now: datetime) -> bool:
    """Whether it is new: however many clocks ask, one row is made. Without DDAY_ADMIN_EMAIL nobody is written to."""
    if settings.admin_email is None:
        return False
    made = insert_missing(
        session,
        Notification,
        [
            {
                "key": letter.key,
                "channel": "email",
                "kind": NotificationKind.ADMIN,
                "slot_at": now,
                "state": NotificationState.QUEUED,
                "next_attempt_at": now,
                "attempts": 0,
                "recipients": [{"name": "총괄 담당자", "email": settings.admin_email}],
                "subject": letter.subject,
                "text": letter.text,
                "html": letter.html,
                "created_at": now,
            }
        ],
    )
    return letter.key in made


def letters_wait(engine: Engine, now: datetime) -> bool:
    """Whether something for the admin could leave now: index ix_notification_next_attempt."""
    with read(engine) as session:
        return session.execute(_due(now)).scalar_one() is not None


def send_letters(engine: Engine, settings: Settings, now: datetime, channel: Channel) -> int:
    """Sends what waits for the admin and whose time has come; returns how many left.

    A row is leased while it is handed over, so that one clock sends it. What fails is tried again with growing pauses.
    """
    sent = 0
    while (claimed := _claim(engine, now)) is not None:
        sent += _send(engine, settings, now, claimed, channel)
    return sent


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: int
    key: str
    subject: str
    text: str
    html: str
    address: str
    attempts: int
    token: str


def _due(now: datetime) -> Select[int | None]:
    return select(func.min(col(Notification.id))).where(
        col(Notification.next_attempt_at) <= now,
        col(Notification.kind) == NotificationKind.ADMIN,
        col(Notification.state).in_(WAITING),
    )


def _claim(engine: Engine, now: datetime) -> _Claimed | None:
    token = secrets.token_hex(8)
    with write(engine) as session:
        row = session.execute(
            update(Notification)
            .where(col(Notification.id) == _due(now).scalar_subquery(), col(Notification.next_attempt_at) <= now)
            .values(
                state=NotificationState.SENDING,
                next_attempt_at=now + LEASE,
                lease_token=token,
                attempts=Notification.attempts + 1,
            )
            .returning(
                col(Notification.id),
                col(Notification.key),
                col(Notification.subject),
                col(Notification.text),
                col(Notification.html),
                col(Notification.recipients),
                col(Notification.attempts),
            )
        ).first()
    if row is None:
        return None
    id_, key, subject, text, html, recipients, attempts = row
    return _Claimed(id_, key, subject, text, html, recipients[0]["email"], attempts, token)


def _send(engine: Engine, settings: Settings, now: datetime, one: _Claimed, channel: Channel) -> bool:
    mail = _compose(one, settings, now)
    error: ChannelError | None = None
    try:
        response = channel.deliver(mail).response
    except ChannelError as failure:
        response, error = str(failure), failure
    if error is None:
        values: dict[str, object] = {"state": NotificationState.SENT, "next_attempt_at": None, "sent_at": now}
        outcome = AttemptOutcome.ACCEPTED
    elif error.permanent or one.attempts >= MOST_ATTEMPTS:
        values = {"state": NotificationState.FAILED, "next_attempt_at": None}
        outcome = AttemptOutcome.PERMANENT
    else:
        values = {"state": NotificationState.QUEUED, "next_attempt_at": now + pause_after(one.attempts)}
        outcome = AttemptOutcome.UNKNOWN if error.unknown else AttemptOutcome.TEMPORARY
    with write(engine) as session:
        session.execute(
            update(Notification)
            .where(col(Notification.id) == one.id, col(Notification.lease_token) == one.token)
            .values(message_id=mail.message_id, lease_token=None, error=None if error is None else response, **values)
        )
        session.execute(
            insert(DeliveryAttempt).values(
                notification_id=one.id, attempted_at=now, address=one.address, outcome=outcome, response=response
            )
        )
    log.info("admin_mail.sent" if error is None else "admin_mail.failed")
    return error is None


def _compose(one: _Claimed, settings: Settings, now: datetime) -> OutgoingMail:
    head = letterhead(settings, drill=False)
    identity = message_id(one.key, head.host)
    headers = (
        ("From", mailboxes([(head.sender_name, head.sender_address)])),
        ("To", mailboxes([("", one.address)])),
        ("Subject", unstructured(one.subject)),
        ("Date", format_datetime(now.astimezone(head.timezone))),
        ("Message-ID", identity),
        ("X-Dday-Key", one.key),
        ("Auto-Submitted", "auto-generated"),
    )
    content = write_message(headers, one.text, one.html)
    return OutgoingMail(
        one.key, identity, head.sender_address, (one.address,), one.subject, one.text, one.html, content
    )
