"""Sends what is due: claims messages, reads them anew, composes, hands over, and has the outcome written down."""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update
from sqlmodel import Session, col

from models import (
    AttemptOutcome,
    Installation,
    Notification,
    NotificationKind,
    NotificationState,
    Reminder,
    ReminderState,
)
from models.database import write
from notifications import rows
from notifications.channels import Channel, ChannelDownError, ChannelError, OutgoingMail, Receipt, Refusal
from notifications.compose import Letterhead, compose, letterhead
from notifications.digest import Digest
from notifications.gather import Dropped, gather_digests
from notifications.links import make_links
from notifications.mime import is_address
from notifications.outcomes import (
    MOST_ATTEMPTS,
    PAUSES,
    Delivered,
    Desk,
    Lease,
    Leaving,
    Ledger,
    give_back,
    note_attempt,
    record,
    settle,
)
from notifications.rows import Message
from schedules import words
from schedules.activation import sending_allowed
from schedules.calendar import SendDays, into_window
from schedules.office_days import load_calendar
from schedules.people import Reach, Recipient, load_staff_of
from schedules.responsibility import load_chart_around
from settings import Settings

CHANNEL = "email"
KINDS = (
    NotificationKind.MORNING,
    NotificationKind.ROUND,
    NotificationKind.NUDGE,
    NotificationKind.RETURNED,
    NotificationKind.SUMMARY,
)

Clock = Callable[[], datetime]


def never() -> bool:
    """Nobody asks this sender to stop."""
    return False


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages leased together. Whoever shows the token first may deliver them; then it opens nothing any more."""

    token: str
    ids: tuple[int, ...]


def deliver_due(
    engine: Engine,
    clock: Clock,
    settings: Settings,
    channel: Channel,
    limit: int = 100,
    stopping: Callable[[], bool] = never,
) -> Delivered:
    """Sends every message whose time has come, `limit` at a time: claims and delivers in one process.

    Nothing leaves where sending is not allowed, or outside the send window. Any number of senders may run.
    """
    total = Delivered()
    while not stopping() and (batch := claim_due(engine, clock(), settings, limit)) is not None:
        done, is_down = _deliver(engine, clock, settings, channel, batch, stopping)
        total += done
        if is_down:
            break
    return total


def deliver_batch(
    engine: Engine,
    clock: Clock,
    settings: Settings,
    channel: Channel,
    batch: Batch,
    stopping: Callable[[], bool] = never,
) -> Delivered:
    """Sends what is still leased under the batch's token. Commits in small steps; talks SMTP outside them.

    That a mail was taken is in the database before the next one leaves, so a kill repeats at most the one in flight,
    under the same Message-ID. Once `stopping` says so, the message at hand is finished and the others are given back.
    """
    return _deliver(engine, clock, settings, channel, batch, stopping)[0]


def claim_due(engine: Engine, now: datetime, settings: Settings, limit: int) -> Batch | None:
    """Leases the earliest due messages, those of a sender that died included; None when none may leave now."""
    with write(engine) as session:
        if not _may_leave(session, now, settings):
            return None
        token = secrets.token_hex(8)
        claimed = _claim(session, token, now, settings, limit)
    return Batch(token, tuple(claimed)) if claimed else None


def release(engine: Engine, now: datetime, batch: Batch) -> None:
    """Gives back what is still leased under the batch's token; nobody has tried it."""
    with write(engine) as session:
        _release(session, now, batch)


def _deliver(
    engine: Engine,
    clock: Clock,
    settings: Settings,
    channel: Channel,
    batch: Batch,
    stopping: Callable[[], bool],
) -> tuple[Delivered, bool]:
    """What became of the batch, and whether the channel turned out to be down."""
    now = clock()
    prepared = _prepare(engine, now, settings, channel, batch)
    if prepared is None:
        return Delivered(), False
    leaving, desk, head, total = prepared
    ahead = _letter(leaving[0], head, now) if leaving else None
    with Ledger(engine, desk) as ledger:
        for index, one in enumerate(leaving):
            if now >= desk.lease.until or stopping():
                with write(engine) as session:
                    give_back(session, leaving[index:], desk, now, None)
                break
            letter, following = ahead, leaving[index + 1] if index + 1 < len(leaving) else None
            assert letter is not None
            ahead = _letter(following, head, now) if following is not None else None
            outcome = _hand_over(letter, ahead, channel)
            now = clock()
            if isinstance(outcome, Receipt) and letter.mail is not None and not outcome.refused:
                ledger.note_sent(one, letter.mail, outcome.response, now)
                total += Delivered(sent=1)
                continue
            with write(engine) as session:
                total += record(session, one, desk, now, outcome, letter.mail)
                if isinstance(outcome, ChannelDownError):
                    return total + give_back(session, leaving[index + 1 :], desk, now, outcome), True
    return total, False


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail as it goes to the channel; or, where nothing needs to go there, what became of it without one."""

    mail: OutgoingMail | None
    unusable: tuple[Refusal, ...] = ()
    outcome: Receipt | ChannelError | None = None


def _letter(one: Leaving, head: Letterhead, now: datetime) -> _Letter:
    usable = [recipient for recipient in one.recipients if is_address(recipient.email)]
    unusable = tuple(
        Refusal(recipient.email, "메일 주소로 쓸 수 없습니다", permanent=True, no_such_address=True)
        for recipient in one.recipients
        if recipient not in usable
    )
    if not usable and one.recipients:
        return _Letter(None, unusable, Receipt("", unusable))
    try:
        mail = compose(one.digest, usable or one.had_it, one.link, head, now)
    except Exception as error:  # noqa: BLE001  (one message that cannot be composed stops no other)
        return _Letter(None, unusable, ChannelError(f"{type(error).__name__}: {error}"))
    if not one.recipients:  # a sender died after the server's OK and before it wrote down what it had sent
        return _Letter(mail, unusable, Receipt("", unusable))
    return _Letter(mail, unusable)


def _hand_over(letter: _Letter, ahead: _Letter | None, channel: Channel) -> Receipt | ChannelError:
    """What the channel said, or why the message could not even be composed."""
    if letter.outcome is not None:
        return letter.outcome
    assert letter.mail is not None
    following = ahead.mail if ahead is not None and ahead.outcome is None else None
    try:
        receipt = channel.deliver(letter.mail, following)
    except ChannelError as error:
        return error
    return Receipt(receipt.response, receipt.refused + letter.unusable)


# ------------------------------------------------------------------------------------------------ claim and read anew


def _may_leave(session: Session, now: datetime, settings: Settings) -> bool:
    if sending_allowed(session, settings) is not None:
        return False
    return into_window(now, settings.send_window, settings.timezone, load_calendar(session)) == now


def _prepare(
    engine: Engine, now: datetime, settings: Settings, channel: Channel, batch: Batch
) -> tuple[list[Leaving], Desk, Letterhead, Delivered] | None:
    """Takes the batch over under a token of its own and reads what it has to say; None when there is nothing to do."""
    with write(engine) as session:
        if not _may_leave(session, now, settings):
            _release(session, now, batch)
            return None
        # Half the lease to hand over, half for the last mail to be answered and recorded.
        lease = Lease(secrets.token_hex(8), now + timedelta(seconds=settings.lease_seconds / 2))
        renewed = _renew(session, batch, lease.token, now, settings)
        if not renewed:
            return None
        staff = load_staff_of(session, load_chart_around(session, *rows.read_surroundings(session, renewed)))
        desk = Desk(now, settings, load_calendar(session), staff, lease)
        installation = session.get_one(Installation, 1)
        if channel.is_real and installation.sent_really_at is None:
            installation.sent_really_at = now
            session.add(installation)
        head = letterhead(settings, drill=installation.drill_since is not None)
        leaving, done = _ready_or_split(session, renewed, desk)
        return leaving, desk, head, done


def _claim(session: Session, token: str, now: datetime, settings: Settings, limit: int) -> list[int]:
    """Index ix_notification_next_attempt; rows that another claimer is just taking are passed over."""
    due = (
        select(col(Notification.id))
        .where(
            col(Notification.next_attempt_at) <= now,
            col(Notification.channel) == CHANNEL,
            col(Notification.kind).in_(KINDS),
        )
        .order_by(col(Notification.next_attempt_at), col(Notification.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = session.execute(
        update(Notification)
        .where(col(Notification.id).in_(due.scalar_subquery()))
        .values(
            state=NotificationState.SENDING,
            next_attempt_at=now + timedelta(seconds=settings.lease_seconds),
            lease_token=token,
        )
        .returning(col(Notification.id)),
        execution_options={"synchronize_session": False},
    )
    return sorted(row[0] for row in claimed)


def _renew(session: Session, batch: Batch, token: str, now: datetime, settings: Settings) -> list[int]:
    """The messages of the batch that nobody else has taken since; the same batch handed over again finds none."""
    renewed = session.execute(
        update(Notification)
        .where(col(Notification.id).in_(batch.ids), col(Notification.lease_token) == batch.token)
        .values(
            next_attempt_at=now + timedelta(seconds=settings.lease_seconds),
            lease_token=token,
            attempts=Notification.attempts + 1,
        )
        .returning(col(Notification.id)),
        execution_options={"synchronize_session": False},
    )
    return sorted(row[0] for row in renewed)


def _release(session: Session, now: datetime, batch: Batch) -> None:
    session.execute(
        update(Notification)
        .where(col(Notification.id).in_(batch.ids), col(Notification.lease_token) == batch.token)
        .values(state=NotificationState.QUEUED, next_attempt_at=now, lease_token=None)
    )


def _ready_or_split(session: Session, ids: Sequence[int], desk: Desk) -> tuple[list[Leaving], Delivered]:
    """The lot in one go; a lot that fails is read again in halves, until the message that spoils it stands alone."""
    try:
        with session.begin_nested():
            return _ready(session, ids, desk)
    except Exception as error:  # noqa: BLE001  (one bad row stops nothing: its error is written on the row)
        if len(ids) == 1:
            _put_off(session, ids[0], error, desk)
            return [], Delivered(retried=1)
    half = len(ids) // 2
    first, done = _ready_or_split(session, ids[:half], desk)
    second, more = _ready_or_split(session, ids[half:], desk)
    return first + second, done + more


def _ready(session: Session, ids: Sequence[int], desk: Desk) -> tuple[list[Leaving], Delivered]:
    waiting = rows.read_messages(session, ids)
    accepted, unknown = rows.read_earlier_attempts(session, [one.id for one in waiting if one.attempts > 1])
    messages = _merge(session, waiting, {*accepted, *unknown})
    gathered = gather_digests(session, messages, desk.now, desk.settings, desk.staff.chart)
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
    """Morning mails of one post that wait together, after an outage or a vacancy, leave as one: the latest of them.

    It counts as late since the earliest. One that some have got already (`begun`) goes on by itself.
    """
    latest: dict[int, Message] = {}
    for message in waiting:  # in the order of their slots
        if message.kind is NotificationKind.MORNING and message.id not in begun:
            earlier = latest.get(message.post_id)
            latest[message.post_id] = message
            if earlier is not None:
                latest[message.post_id] = message._replace(slot_at=earlier.slot_at)
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
