"""Sends what is due: claims messages, reads them anew, composes, hands over, and has the outcome written down."""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update
from sqlmodel import Session, col

from models import (
    Installation,
    Notification,
    NotificationKind,
    NotificationState,
)
from models.database import write
from notifications import rows
from notifications.channels import (
    Channel,
    ChannelBusyError,
    ChannelDownError,
    ChannelError,
    OutgoingMail,
    Receipt,
    Refusal,
)
from notifications.compose import compose, headline
from notifications.ledger import Ledger
from notifications.letterhead import Letterhead, letterhead
from notifications.mime import is_address
from notifications.outcomes import (
    Delivered,
    Desk,
    Lease,
    Leaving,
    give_back,
    put_off,
    record,
)
from notifications.ready import make_ready
from schedules.activation import sending_allowed
from schedules.calendar import into_window
from schedules.office_days import load_calendar
from schedules.people import load_staff_of
from schedules.responsibility import load_chart_around
from schedules.rows import among, fetch_ids, table_of
from schedules.staff_changes import count_staff_changes
from settings import Settings

KINDS = (
    NotificationKind.MORNING,
    NotificationKind.ROUND,
    NotificationKind.NUDGE,
    NotificationKind.RETURNED,
    NotificationKind.SUMMARY,
    NotificationKind.HANDOVER,
    NotificationKind.PASSED_ON,
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
    limit: int = 500,
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
    under the same Message-ID. Somebody who was moved, left or became absent while the batch leaves gets none of the
    mails that are still in hand. Once `stopping` says so, the message at hand is finished, the others are given back.
    """
    return _deliver(engine, clock, settings, channel, batch, stopping)[0]


def claim_due(
    engine: Engine, now: datetime, settings: Settings, limit: int, kinds: Collection[NotificationKind] = KINDS
) -> Batch | None:
    """Leases the earliest due messages, those of a sender that died included; None when none may leave now."""
    with write(engine) as session:
        if not _may_leave(session, now, settings):
            return None
        token = secrets.token_hex(8)
        claimed = _claim(session, token, now, settings, limit, kinds)
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
    leaving, desk, total = prepared
    head = desk.head
    now = clock()  # reading may have taken longer than the lease lasts
    is_down = False
    ahead = _letter(leaving[0], head, now, channel) if leaving else None
    busy: list[tuple[Leaving, ChannelBusyError]] = []
    with Ledger(engine, desk) as ledger:
        for index, one in enumerate(leaving):
            if now >= desk.lease.until or stopping():
                with write(engine) as session:
                    give_back(session, leaving[index:], desk, now, None)
                break
            letter, following = ahead, leaving[index + 1] if index + 1 < len(leaving) else None
            assert letter is not None
            ahead = _letter(following, head, now, channel) if following is not None else None
            ledger.confirm()
            if ledger.staff_changed:  # who gets these is not known any more: they are claimed and read anew
                with write(engine) as session:
                    give_back(session, leaving[index:], desk, now, None)
                break
            outcome = _hand_over(letter, ahead, channel)
            now = clock()
            if isinstance(outcome, ChannelBusyError):
                busy.append((one, outcome))
                continue
            if isinstance(outcome, Receipt) and letter.mail is not None and not outcome.refused:
                ledger.note_sent(one, letter.mail, outcome.response, now)
                total += Delivered(sent=1)
                continue
            with write(engine) as session:
                total += record(session, one, desk, now, outcome, letter.mail)
                if isinstance(outcome, ChannelDownError):
                    total += give_back(session, leaving[index + 1 :], desk, now, outcome)
                    is_down = True
                    break
    if busy:
        with write(engine) as session:
            total += put_off(session, busy, desk, now)
    return total, is_down


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail as it goes to the channel; or, where nothing needs to go there, what became of it without one."""

    mail: OutgoingMail | None
    unusable: tuple[Refusal, ...] = ()
    outcome: Receipt | ChannelError | None = None


def _letter(one: Leaving, head: Letterhead, now: datetime, channel: Channel) -> _Letter:
    usable = [recipient for recipient in one.recipients if is_address(recipient.email)]
    unusable = tuple(
        Refusal(recipient.email, "메일 주소로 쓸 수 없습니다", permanent=True, no_such_address=True)
        for recipient in one.recipients
        if recipient not in usable
    )
    if not usable and one.recipients:
        return _Letter(None, unusable, Receipt("", unusable))
    try:
        people = usable or one.had_it
        mail = (
            compose(one.digest, people, one.link, head, now)
            if channel.reads_content
            else headline(one.digest, people, head)
        )
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
) -> tuple[list[Leaving], Desk, Delivered] | None:
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
        changes = count_staff_changes(session)
        staff = load_staff_of(session, load_chart_around(session, *rows.read_surroundings(session, renewed)))
        installation = session.get_one(Installation, 1)
        if channel.is_real and installation.sent_really_at is None:
            installation.sent_really_at = now
            session.add(installation)
        head = letterhead(settings, drill=installation.drill_since is not None)
        desk = Desk(now, settings, load_calendar(session), staff, lease, changes, head)
        leaving, done = make_ready(session, renewed, desk)
        return leaving, desk, done


def _claim(
    session: Session, token: str, now: datetime, settings: Settings, limit: int, kinds: Collection[NotificationKind]
) -> list[int]:
    """Index ix_notification_next_attempt; rows that another claimer is just taking are passed over."""
    table = table_of(Notification)
    due = (
        select(table.c.id)
        .where(table.c.next_attempt_at <= now, table.c.kind.in_(kinds))
        .order_by(table.c.next_attempt_at, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = (
        update(table)
        .where(table.c.id.in_(due.scalar_subquery()))
        .values(
            state=NotificationState.SENDING,
            next_attempt_at=now + timedelta(seconds=settings.lease_seconds),
            lease_token=token,
        )
        .returning(table.c.id)
    )
    return sorted(fetch_ids(session, claimed))


def _renew(session: Session, batch: Batch, token: str, now: datetime, settings: Settings) -> list[int]:
    """The messages of the batch that nobody else has taken since; the same batch handed over again finds none."""
    table = table_of(Notification)
    renewed = (
        update(table)
        .where(among(table.c.id, batch.ids), table.c.lease_token == batch.token)
        .values(
            next_attempt_at=now + timedelta(seconds=settings.lease_seconds),
            lease_token=token,
            attempts=table.c.attempts + 1,
        )
        .returning(table.c.id)
    )
    return sorted(fetch_ids(session, renewed))


def _release(session: Session, now: datetime, batch: Batch) -> None:
    session.execute(
        update(Notification)
        .where(col(Notification.id).in_(batch.ids), col(Notification.lease_token) == batch.token)
        .values(state=NotificationState.QUEUED, next_attempt_at=now, lease_token=None)
    )
