"""조직개편 on its day: carried out once, links of posts that ended die, and who takes over is told what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import insert
from sqlmodel import Session, select

from models import AuditEntry, Handover, NotificationItem, NotificationKind, Reorganisation
from notifications.delegations import end_delegations
from notifications.links import revoke_links
from notifications.slots import Addressee, join_messages
from schedules.arrangement import ReorganisationError
from schedules.calendar import SendDays, WorkingCalendar, into_window
from schedules.hearing import Hearing, hearing_after
from schedules.rearranged import Rearranged
from schedules.rearranging import rearrange
from schedules.reorganisation import Asked, decide, due_reorganisations, pending_reorganisation
from schedules.rows import table_of
from settings import Settings

CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """A reorganisation as it was carried out, and how many links ended by it."""

    id: int
    done: Rearranged
    links: int


@dataclass(frozen=True, slots=True)
class Entered:
    """A reorganisation as decided; `carried_out` None = it waits for its day, or was carried out before."""

    row: Reorganisation
    carried_out: CarriedOut | None = None
    hearing: tuple[Hearing, ...] = ()


def next_reorganisation_at(session: Session, settings: Settings) -> datetime | None:
    """The midnight on which the next one is carried out; None when none waits."""
    on = pending_reorganisation(session)
    return datetime.combine(on, time.min, settings.timezone).astimezone(UTC) if on is not None else None


def reorganise_due(session: Session, now: datetime, settings: Settings, calendar: WorkingCalendar) -> int:
    """Carries out what has reached its day, in the order of the days; each once, however many clocks look.

    One that is impossible by now keeps its error, changes nothing else, and waits for a person. Returns how many were.
    """
    done = 0
    for row in due_reorganisations(session, now.astimezone(settings.timezone).date()):
        try:
            with session.begin_nested():
                carry_out(session, row, now=now, settings=settings, calendar=calendar, by=CLOCK)
            done += 1
        except ReorganisationError as error:
            row.error = str(error)
            session.add(row)
            session.flush()
    return done


def carry_out(
    session: Session, row: Reorganisation, *, now: datetime, settings: Settings, calendar: WorkingCalendar, by: str
) -> CarriedOut:
    """Rearranges the units and tells each post that answers for more from now on, once, in one mail, to be accepted.

    In the caller's transaction. Raises ReorganisationError where it cannot be done any more.
    """
    assert row.id is not None
    done = rearrange(session, row, now=now, settings=settings, calendar=calendar)
    links = sum(revoke_links(session, post_id, now) for post_id in sorted(done.ended_posts))
    end_delegations(session, now, post_ids=done.ended_posts)
    days = SendDays(calendar, settings.send_window, settings.timezone)
    slot_at = into_window(now, settings.send_window, settings.timezone, calendar)
    addressees = {Addressee(one.post_id, NotificationKind.HANDOVER): slot_at for one in done.handed_on}
    places = join_messages(session, addressees, days, settings, now)[0]
    for one in done.handed_on:
        message_id = places[Addressee(one.post_id, NotificationKind.HANDOVER)]
        attach(session, message_id, one.milestone_ids)
        session.add(
            Handover(
                post_id=one.post_id,
                effective_on=row.effective_on,
                leavers=", ".join(one.before),
                carried_out_at=now,
                notification_id=message_id,
            )
        )
    detail = f"{row.effective_on.isoformat()}: 사업 {done.projects}건, 일정 {done.milestones}건, 링크 {links}개"
    session.add(AuditEntry(at=now, actor=by, act="reorganisation", subject=f"reorganisation:{row.id}", detail=detail))
    session.flush()
    return CarriedOut(row.id, done, links)


def enter(
    session: Session,
    asked: Sequence[Asked],
    on: date,
    *,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> Entered:
    """Decides it; carries it out at once where its day has come. Raises ReorganisationError: then nothing changed."""
    row = decide(session, asked, on, by=by, now=now)
    if row.carried_out_at is not None or on > now.astimezone(settings.timezone).date():
        return Entered(row)
    return Entered(row, carry_out(session, row, now=now, settings=settings, calendar=calendar, by=by))


def foresee(
    session: Session,
    asked: Sequence[Asked],
    on: date,
    *,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> Entered:
    """What it will do, by doing it on today's rows after what is decided for the days before; the caller rolls back.

    Raises ReorganisationError.
    """
    row = decide(session, asked, on, by=by, now=now)
    if row.carried_out_at is not None:
        return Entered(row)
    for earlier in due_reorganisations(session, on):
        if earlier.id != row.id:
            carry_out(session, earlier, now=now, settings=settings, calendar=calendar, by=by)
    carried_out = carry_out(session, row, now=now, settings=settings, calendar=calendar, by=by)
    return Entered(row, carried_out, tuple(hearing_after(session, carried_out.done, on)))


def attach(session: Session, message_id: int, milestone_ids: Sequence[int]) -> None:
    """What the message tells; one that joins a message which is still queued adds what that does not tell yet."""
    known = set(
        session.exec(select(NotificationItem.milestone_id).where(NotificationItem.notification_id == message_id))
    )
    rows = [
        {"notification_id": message_id, "milestone_id": milestone_id}
        for milestone_id in milestone_ids
        if milestone_id not in known
    ]
    if rows:
        session.execute(insert(table_of(NotificationItem)), rows)
