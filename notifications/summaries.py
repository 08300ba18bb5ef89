"""Queues the heads' weekly mail: one to each head who has something to hear, told once a week, nothing otherwise."""

from datetime import datetime

from sqlalchemy import insert
from sqlmodel import Session

from models import Installation, NotificationItem, NotificationKind, OptionalKind
from notifications.slots import Addressee, join_messages
from schedules.calendar import SendDays, WorkingCalendar
from schedules.mail_wishes import load_wishes
from schedules.rows import table_of
from schedules.summary import late_by_head, next_slot, slot_after
from settings import Settings


def summarise_due(session: Session, now: datetime, settings: Settings, calendar: WorkingCalendar) -> int | None:
    """When a weekly slot has come that was not told yet: how many heads are told; None when none has come.

    In the caller's one transaction; the installation's row is locked, so that of several clocks one does it.
    """
    days = SendDays(calendar, settings.send_window, settings.timezone)
    due = next_slot(session, days)
    if due is None or due > now:
        return None
    installation = session.get_one(Installation, 1, with_for_update=True, populate_existing=True)
    due = next_slot(session, days)
    if due is None or due > now:
        return None
    while (later := slot_after(due, days)) <= now:
        due = later
    installation.summarised_at = due
    session.add(installation)
    heads = late_by_head(session, now, settings)
    wishes = load_wishes(session, heads, days.local_date(now))
    for post_id, wish in wishes.items():
        if OptionalKind.WEEKLY in wish.declined:
            del heads[post_id]
    slots: dict[Addressee, datetime] = {Addressee(post_id, NotificationKind.SUMMARY): due for post_id in heads}
    places, _ = join_messages(session, slots, days, settings, now, wishes)
    rows = [
        {"notification_id": places[to], "milestone_id": milestone_id}
        for to in slots
        for milestone_id in heads[to.post_id]
    ]
    if rows:
        session.execute(insert(table_of(NotificationItem)), rows)
    return len(heads)
