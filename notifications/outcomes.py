"""What became of each message that was handed over: written down in a small transaction of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, func, insert, update
from sqlmodel import Session, col

from models import AttemptOutcome, DeliveryAttempt, Notification, NotificationState, Person
from notifications.channels import ChannelBusyError, ChannelDownError, ChannelError, OutgoingMail, Receipt
from notifications.digest import Digest
from notifications.letterhead import Letterhead, display_name
from notifications.links import forget_links
from notifications.pace import limits_of, spread
from schedules.calendar import WorkingCalendar, into_window
from schedules.people import Recipient, Staff
from schedules.rows import update_each
from settings import Settings

MOST_ATTEMPTS = 12  # with the pauses below about six days: a long weekend's outage loses nothing
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
LEFT_OUT = "…"  # what stands where a secret stood
TOO_MANY_RECIPIENTS = "452"  # RFC 5321 4.5.3.1.10: the rest in another transaction, which need not wait
DOWN_PAUSE = timedelta(minutes=1)  # for the mails that a failing server never saw


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the messages that were due.

    `retried` wait for another attempt, `unreachable` for a person, `waiting` for their turn within a limit.
    """

    sent: int = 0
    failed: int = 0
    retried: int = 0
    cancelled: int = 0
    unreachable: int = 0
    waiting: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(
            self.sent + other.sent,
            self.failed + other.failed,
            self.retried + other.retried,
            self.cancelled + other.cancelled,
            self.unreachable + other.unreachable,
            self.waiting + other.waiting,
        )


@dataclass(frozen=True, slots=True)
class Leaving:
    """A claimed message with everything it needs to leave.

    `had_it` are the people whose server took it in an earlier attempt; `was_unknown`: an earlier answer was lost.
    """

    notification_id: int
    digest: Digest
    recipients: tuple[Recipient, ...]
    had_it: tuple[Recipient, ...]
    link: str
    attempts: int
    was_unknown: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """This sender's hold on what it claimed; after `until` somebody else may take it."""

    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What one batch is prepared with."""

    now: datetime
    settings: Settings
    calendar: WorkingCalendar
    staff: Staff
    lease: Lease
    staff_changes: int  # as they were when the staff was read
    head: Letterhead

    def after(self, pause: timedelta) -> datetime:
        """That long from now, or the next opening of the send window after it."""
        return self.from_(self.now, pause)

    def from_(self, now: datetime, pause: timedelta) -> datetime:
        """That long from `now`, or the next opening of the send window after it."""
        return into_window(now + pause, self.settings.send_window, self.settings.timezone, self.calendar)


def record(
    session: Session,
    one: Leaving,
    desk: Desk,
    now: datetime,
    outcome: Receipt | ChannelError,
    mail: OutgoingMail | None,
) -> Delivered:
    """Writes down every address's answer and what the message waits for now."""
    if isinstance(outcome, Receipt):
        return _record_receipt(session, one, desk, now, outcome, mail)
    return _record_error(session, one, desk, now, outcome, mail)


def _record_receipt(
    session: Session, one: Leaving, desk: Desk, now: datetime, receipt: Receipt, mail: OutgoingMail | None
) -> Delivered:
    """Everybody got it: sent. Some refused for good: sent to the rest. Some refused for now: those are tried again."""
    refused = {refusal.address for refusal in receipt.refused}
    got_it = [recipient for recipient in one.recipients if recipient.email not in refused]
    for recipient in got_it:
        note_attempt(session, one.notification_id, now, recipient.email, AttemptOutcome.ACCEPTED, receipt.response)
    marked = 0
    for refusal in receipt.refused:
        outcome = AttemptOutcome.PERMANENT if refusal.permanent else AttemptOutcome.TEMPORARY
        note_attempt(session, one.notification_id, now, refusal.address, outcome, refusal.response)
        if refusal.no_such_address:
            marked += mark_bounced(session, refusal.address, now)
    complaints = "; ".join(f"{refusal.address}: {refusal.response}" for refusal in receipt.refused) or None
    reached = (*one.had_it, *got_it)
    texts = texts_of(one, mail, reached or one.recipients) if mail is not None else {}
    for_now = [refusal for refusal in receipt.refused if not refusal.permanent]
    if one.attempts < MOST_ATTEMPTS and for_now:
        is_full = got_it and all(refusal.response.startswith(TOO_MANY_RECIPIENTS) for refusal in for_now)
        pause = timedelta() if is_full else pause_after(one.attempts)
        _try_again(session, one, desk, now, complaints, pause, texts)
        return Delivered(retried=1)
    if reached:
        settle(session, one.notification_id, NotificationState.SENT, desk.lease, complaints, sent_at=now, **texts)
        return Delivered(sent=1)
    forget_links(session, [one.link])
    if marked:  # the post's mail goes another way now: to a deputy, the post above, or the admin
        _try_again(session, one, desk, now, complaints, timedelta(), texts)
        return Delivered(retried=1)
    settle(session, one.notification_id, NotificationState.FAILED, desk.lease, complaints, **texts)
    return Delivered(failed=1)


def _record_error(
    session: Session, one: Leaving, desk: Desk, now: datetime, error: ChannelError, mail: OutgoingMail | None
) -> Delivered:
    """The answer was lost: unknown, once more, then failed. Refused for good: failed. Anything else: later."""
    outcome = AttemptOutcome.PERMANENT if error.permanent else AttemptOutcome.TEMPORARY
    outcome = AttemptOutcome.UNKNOWN if error.unknown else outcome
    for recipient in one.recipients:
        note_attempt(session, one.notification_id, now, recipient.email, outcome, str(error))
    if not error.unknown:
        forget_links(session, [one.link])
    texts = texts_of(one, mail, one.recipients) if mail is not None else {}
    if error.permanent or (error.unknown and one.was_unknown) or one.attempts >= MOST_ATTEMPTS:
        settle(session, one.notification_id, NotificationState.FAILED, desk.lease, str(error), **texts)
        return Delivered(failed=1)
    state = NotificationState.UNKNOWN if error.unknown else NotificationState.QUEUED
    _try_again(session, one, desk, now, str(error), pause_after(one.attempts), {**texts, "state": state})
    return Delivered(retried=1)


def give_back(
    session: Session, untouched: Sequence[Leaving], desk: Desk, now: datetime, error: ChannelDownError | None
) -> Delivered:
    """Messages that were claimed and never tried: no attempt of theirs is counted, whoever may hold them by now.

    Where senders are too slow for their leases, messages go from hand to hand; they are not given up over that.
    """
    forget_links(session, [one.link for one in untouched])
    for one in untouched:
        pause = DOWN_PAUSE if error is not None else timedelta()
        counted = update(Notification).where(col(Notification.id) == one.notification_id)
        session.execute(counted.where(col(Notification.attempts) > 0).values(attempts=Notification.attempts - 1))
        _try_again(session, one, desk, now, str(error) if error is not None else None, pause, {})
    return Delivered(retried=len(untouched)) if error is not None else Delivered()


def put_off(session: Session, busy: Sequence[tuple[Leaving, ChannelBusyError]], desk: Desk, now: datetime) -> Delivered:
    """Messages for which a limit has no turn yet: they come back one after the other, and no attempt is counted."""
    rates = limits_of(desk.settings)
    by_scope: dict[str, list[tuple[Leaving, ChannelBusyError]]] = {}
    for one, error in busy:
        by_scope.setdefault(error.scope, []).append((one, error))
    held = col(Notification.lease_token) == desk.lease.token
    released = {"state": NotificationState.QUEUED, "lease_token": None}
    for scope, those in sorted(by_scope.items()):
        waits = spread(session, scope, rates[scope], len(those))
        rows = [
            (one.notification_id, desk.from_(now, wait), one.attempts - 1, str(error))
            for (one, error), wait in zip(those, waits, strict=True)
        ]
        update_each(session, Notification, ("next_attempt_at", "attempts", "error"), rows, held, also=released)
    forget_links(session, [one.link for one, _ in busy])
    return Delivered(waiting=len(busy))


def pause_after(attempts: int) -> timedelta:
    return PAUSES[min(attempts, len(PAUSES)) - 1]


def texts_of(one: Leaving, mail: OutgoingMail, recipients: Sequence[Recipient]) -> dict[str, object]:
    """What is kept of a mail: who got it and what it said, without the secret of its link."""
    secret = one.link.rpartition("/")[2]
    return {
        "message_id": mail.message_id,
        "recipients": people_of(recipients),
        "subject": mail.subject,
        "text": mail.text.replace(secret, LEFT_OUT),
        "html": mail.html.replace(secret, LEFT_OUT),
    }


def people_of(recipients: Sequence[Recipient]) -> list[dict[str, str]]:
    """As a message keeps them."""
    return [
        {
            "name": one.name,
            "post": display_name(one).removeprefix(f"{one.name} "),
            "unit": one.unit_name,
            "email": one.email,
            "deputy_for": one.deputy_for or "",
            "stands_in_for": one.stands_in_for or "",
        }
        for one in recipients
    ]


def _try_again(
    session: Session,
    one: Leaving,
    desk: Desk,
    now: datetime,
    error: str | None,
    pause: timedelta,
    values: Mapping[str, object],
) -> None:
    at = desk.from_(now, pause)
    changed = {"state": NotificationState.QUEUED, "next_attempt_at": at, "lease_token": None, "error": error, **values}
    session.execute(_held(one.notification_id, desk.lease).values(**changed))


def settle(
    session: Session,
    notification_id: int,
    state: NotificationState,
    lease: Lease | None = None,
    error: str | None = None,
    **values: object,
) -> None:
    changed = {"state": state, "next_attempt_at": None, "lease_token": None, "error": error, **values}
    session.execute(_held(notification_id, lease).values(**changed))


def _held(notification_id: int, lease: Lease | None) -> Update:
    """Only while the message is still ours: a sender whose lease ran out does not overwrite what another one did."""
    statement = update(Notification).where(col(Notification.id) == notification_id)
    return statement if lease is None else statement.where(col(Notification.lease_token) == lease.token)


def note_attempt(
    session: Session, notification_id: int, now: datetime, address: str, outcome: AttemptOutcome, response: str
) -> None:
    session.execute(
        insert(DeliveryAttempt).values(
            notification_id=notification_id, attempted_at=now, address=address, outcome=outcome, response=response
        )
    )


def mark_bounced(session: Session, address: str, now: datetime) -> int:
    """Marks whoever has this address as not reachable by it; returns how many were not marked before."""
    marked = session.execute(
        update(Person)
        .where(func.lower(Person.email) == address.lower(), col(Person.bounced_at).is_(None))
        .values(bounced_at=now)
        .returning(col(Person.id))
    )
    return len(marked.all())
