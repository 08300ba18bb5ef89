"""Carries out what ended: the leaver's links die, and the post's new holder is told what there is to take over."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from models import Assignment, AuditEntry, Handover, NotificationKind, Person
from notifications.delegations import end_delegations
from notifications.links import revoke_links
from notifications.reorganisations import attach
from notifications.slots import Addressee, join_messages
from schedules.calendar import SendDays, WorkingCalendar, into_window
from schedules.handovers import open_items, pending_ends
from schedules.responsibility import load_chart
from schedules.rows import among
from settings import Settings


def next_handover_at(session: Session, settings: Settings) -> datetime | None:
    """When the next end is to be carried out: the midnight after somebody's last day; None when no end is known."""
    last_day = pending_ends(session)
    if last_day is None:
        return None
    return datetime.combine(last_day + timedelta(days=1), time.min, settings.timezone).astimezone(UTC)


def hand_over_due(session: Session, now: datetime, settings: Settings, calendar: WorkingCalendar) -> int:
    """Carries out every assignment that is over: each once, however many clocks look. Returns how many posts it was.

    All links of the post end, those it has passed on and those that were passed on to the leavers too. Its items that
    were running in the leaver's time go to whoever is reached for the post now, in one mail; somebody whose time goes
    on without a gap leaves nothing.
    """
    today = now.astimezone(settings.timezone).date()
    ended = session.execute(
        update(Assignment)
        .where(col(Assignment.until_on) < today, col(Assignment.ended_at).is_(None))
        .values(ended_at=now)
        .returning(col(Assignment.post_id), col(Assignment.person_id), col(Assignment.until_on))
    ).all()
    if not ended:
        return 0
    still = _holders(session, today)
    left: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for post_id, person_id, until_on in ended:
        if (post_id, person_id) not in still:
            left[post_id].append((until_on, person_id))
    gone = {person_id for _, person_id, _ in ended}
    of_gone = select(Person.email).where(among(col(Person.id), gone), col(Person.left_on) <= today)
    emails = [email for email in session.exec(of_gone) if email]
    end_delegations(session, now, post_ids=left, emails=emails)
    chart = load_chart(session)
    days = SendDays(calendar, settings.send_window, settings.timezone)
    slot_at = into_window(now, settings.send_window, settings.timezone, calendar)
    for post_id, items in sorted(open_items(session, chart, settings.timezone, left).items()):
        last_day = max(until_on for until_on, _ in left[post_id])
        people = select(Person.name).where(col(Person.id).in_({person_id for _, person_id in left[post_id]}))
        names = ", ".join(sorted(session.exec(people)))
        over = [item.id for item in items if item.activated_on is not None and item.activated_on <= last_day]
        links = revoke_links(session, post_id, now)
        message_id = None
        if over:
            to = Addressee(post_id, NotificationKind.HANDOVER)
            message_id = join_messages(session, {to: slot_at}, days, settings, now)[0][to]
            attach(session, message_id, over)
        session.add(
            Handover(
                post_id=post_id,
                effective_on=last_day + timedelta(days=1),
                leavers=names,
                carried_out_at=now,
                notification_id=message_id,
            )
        )
        detail = f"{names}: 일정 {len(over)}건, 링크 {links}개"
        session.add(AuditEntry(at=now, actor="clock", act="handover", subject=f"post:{post_id}", detail=detail))
    session.flush()
    return len(left)


def _holders(session: Session, on: date) -> set[tuple[int, int]]:
    rows = session.exec(
        select(Assignment.post_id, Assignment.person_id).where(
            Assignment.from_on <= on, col(Assignment.until_on).is_(None) | (col(Assignment.until_on) >= on)
        )
    )
    return set(rows)
