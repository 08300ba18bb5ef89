"""Reads claimed messages anew: what each says now and to whom; what says nothing any more is settled here."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from models import (
    AttemptOutcome,
    ChannelName,
    Notification,
    NotificationKind,
    NotificationState,
    Reminder,
    ReminderState,
)
from notifications import rows
from notifications.digest import Digest
from notifications.gather import Dropped, gather_digests
from notifications.links import make_links
from notifications.outcomes import MOST_ATTEMPTS, PAUSES, Delivered, Desk, Leaving, note_attempt, settle
from notifications.posted import put_up
from notifications.rows import Message
from schedules import words
from schedules.calendar import SendDays
from schedules.people import Reach, Recipient


def make_ready(session: Session, ids: Sequence[int], desk: Desk) -> tuple[list[Leaving], Delivered]:
    """The lot in one go; a lot that fails is read again in halves, until the message that spoils it stands alone."""
    try:
        with session.begin_nested():
            return _ready(session, ids, desk)
    except Exception as error:  # noqa: BLE001  (one bad row stops nothing: its error is written on the row)
        if len(ids) == 1:
            _put_off(session, ids[0], error, desk)
            return [], Delivered(retried=1)
    half = len(ids) // 2
    first, done = make_ready(session, ids[:half], desk)
    second, more = make_ready(session, ids[half:], desk)
    return first + second, done + more


def _ready(session: Session, ids: Sequence[int], desk: Desk) -> tuple[list[Leaving], Delivered]:
    waiting = rows.read_messages(session, ids)
    accepted, unknown = rows.read_earlier_attempts(session, [one.id for one in waiting if one.attempts > 1])
    messages = _merge(session, waiting, {*accepted, *unknown})
    gathered = gather_digests(session, messages, desk.now, desk.settings, desk.staff.chart, desk.calendar)
    ready: list[tuple[Message, Digest, Reach]] = []
    done = Delivered(cancelled=len(waiting) - len(messages))
    for message in messages:
        digest = gathered[message.id].digest
        _drop(session, gathered[message.id].dropped, desk.now)
        reached = _reach(message, digest, desk)
        if not digest.parts:
            settle(session, message.id, NotificationState.CANCELLED, error="보내기 전에 알릴 일정이 없어졌습니다")
            done += Delivered(cancelled=1)
        elif message.attempts > MOST_ATTEMPTS:  # senders died over it again and again
            settle(session, message.id, NotificationState.FAILED, error="여러 번 시도했지만 발송을 마치지 못했습니다")
            done += Delivered(failed=1)
        elif message.channel != ChannelName.EMAIL:
            put_up(session, message, digest, desk)
            done += Delivered(sent=1)
        elif not reached.recipients:
            _wait_for_somebody(session, message.id, reached.reason or "", desk)
            done += Delivered(unreachable=1)
        else:
            ready.append((message, digest, reached))
    links = make_links(session, [(message.post_id, message.id) for message, _, _ in ready], desk.now, desk.settings)
    leaving = []
    for (message, digest, reached), link in zip(ready, links, strict=True):
        had_it = accepted.get(message.id, set())
        leaving.append(
            Leaving(
                message.id,
                digest,
                tuple(one for one in reached.recipients if one.email not in had_it),
                tuple(one for one in reached.recipients if one.email in had_it),
                link,
                message.attempts,
                message.id in unknown,
            )
        )
    return leaving, done


def _merge(session: Session, waiting: Sequence[Message], begun: Collection[int]) -> list[Message]:
    """Morning mails of one post and channel that wait together, after an outage or a vacancy, leave as the latest.

    It counts as late since the earliest. One that some have got already (`begun`) goes on by itself.
    """
    latest: dict[tuple[int, str], Message] = {}
    for message in waiting:  # in the order of their slots
        if message.kind is NotificationKind.MORNING and message.id not in begun:
            to = message.post_id, message.channel
            earlier = latest.get(to)
            latest[to] = message
            if earlier is not None:
                latest[to] = message._replace(slot_at=earlier.slot_at)
                late = update(Notification).where(col(Notification.id) == message.id)
                session.execute(late.values(slot_at=earlier.slot_at))
                move = update(Reminder).where(col(Reminder.notification_id) == earlier.id)
                session.execute(move.values(notification_id=message.id))
                settle(session, earlier.id, NotificationState.CANCELLED, error="그다음 메일에 합쳐 보냅니다")
    merged = {message.id: message for message in latest.values()}
    alone = (message for message in waiting if message.kind is not NotificationKind.MORNING or message.id in begun)
    merged.update((message.id, message) for message in alone)
    return [merged[message.id] for message in waiting if message.id in merged]


def _reach(message: Message, digest: Digest, desk: Desk) -> Reach:
    """Who gets it today; where nobody of the office can be reached, the admin, whom the mail tells for whom it is."""
    if digest.colleague is not None:
        return Reach((Recipient(digest.colleague.name, digest.colleague.email, "", digest.unit),))
    reached = desk.staff.reach(message.post_id, digest.today)
    if reached.recipients or not desk.settings.admin_email:
        return reached
    name = words.post_name(digest.unit, digest.post)
    return Reach((Recipient("총괄", desk.settings.admin_email, "담당자", "", stands_in_for=name),), reached.reason)


def _drop(session: Session, dropped: Sequence[Dropped], now: datetime) -> None:
    """What is not told after all stays visible with its reason; what is another post's now waits for its next slot."""
    for one in dropped:
        changed: dict[str, object] = {"state": ReminderState.CANCELLED, "state_reason": one.reason, "state_since": now}
        if one.missed:
            changed["state"] = ReminderState.MISSED
        elif one.moves_to is not None:
            changed |= {"state": ReminderState.PLANNED, "post_id": one.moves_to, "notification_id": None}
        session.execute(update(Reminder).where(col(Reminder.id) == one.reminder_id).values(**changed))


def _wait_for_somebody(session: Session, message_id: int, reason: str, desk: Desk) -> None:
    """Nobody holds the post or any above it: asked again every working morning, visibly, and never given up."""
    days = SendDays(desk.calendar, desk.settings.send_window, desk.settings.timezone)
    session.execute(
        update(Notification)
        .where(col(Notification.id) == message_id)
        .values(
            state=NotificationState.QUEUED,
            next_attempt_at=days.first_after(desk.now, desk.settings.send_window.opens),
            lease_token=None,
            attempts=0,
            error=f"받을 사람이 없습니다: {reason}",
        )
    )
    note_attempt(session, message_id, desk.now, "", AttemptOutcome.UNREACHABLE, reason)


def _put_off(session: Session, message_id: int, error: Exception, desk: Desk) -> None:
    """A message that cannot be read keeps its error where it can be seen; somebody may mend the row meanwhile."""
    session.execute(
        update(Notification)
        .where(col(Notification.id) == message_id)
        .values(
            state=NotificationState.QUEUED,
            next_attempt_at=desk.after(PAUSES[-1]),
            lease_token=None,
            error=f"{type(error).__name__}: {error}",
        )
    )
