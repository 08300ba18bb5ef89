"""One message a post, channel, kind and slot: what becomes due joins it while queued, else the post's next slot."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from models import ChannelName, Notification, NotificationKind, NotificationState
from schedules.calendar import SendDays, into_window
from schedules.mail_wishes import Wish
from schedules.rows import fetch, insert_missing, table_of
from settings import Settings

CHANNEL = ChannelName.EMAIL
TIMED = (NotificationKind.MORNING, NotificationKind.SUMMARY)  # these leave when their post wishes
NO_WISHES: Mapping[int, Wish] = MappingProxyType({})


class Addressee(NamedTuple):
    """A post, and the message of that kind that it gets on that channel."""

    post_id: int
    kind: NotificationKind
    channel: str = CHANNEL


def message_key(to: Addressee, slot_at: datetime, settings: Settings) -> str:
    """`post:12/email/morning/2024-09-30T09:00`: the post, never the person; local time, so that people can read it."""
    return f"post:{to.post_id}/{to.channel}/{to.kind}/{slot_at.astimezone(settings.timezone):%Y-%m-%dT%H:%M}"


def join_messages(
    session: Session,
    slots: Mapping[Addressee, datetime],
    days: SendDays,
    settings: Settings,
    now: datetime,
    wishes: Mapping[int, Wish] = NO_WISHES,
) -> tuple[dict[Addressee, int], int]:
    """For each addressee the id of the queued message that its slot joins, and how many messages were made for it.

    A message that is still queued is locked, so that it cannot leave before this transaction ends. One that has left
    (or is just leaving) is left alone: the addressee's next slot is joined. Addressees come in one order everywhere, so
    that two dispatchers wait for each other without a deadlock. A post's wish for a time of day moves when a morning
    mail or weekly mail leaves, never its slot and its key.
    """
    open_slots = dict(sorted(slots.items()))
    places: dict[Addressee, int] = {}
    made = 0
    while open_slots:
        keys = {message_key(to, slot, settings): to for to, slot in open_slots.items()}
        rows = [_message(key, to, open_slots[to], wishes, days, settings, now) for key, to in keys.items()]
        new = insert_missing(session, Notification, rows)  # nobody else sees these before we commit
        made += len(new)
        places.update((keys[key], message_id) for key, message_id in new.items())
        open_slots = {to: open_slots[to] for key, to in keys.items() if key not in new}  # in the order they came
        for key, message_id, state in _locked(session, keys.keys() - new.keys()):
            to = keys[key]
            if state is NotificationState.QUEUED:
                places[to] = message_id
                del open_slots[to]
            else:
                slot = open_slots[to]
                at = slot.astimezone(settings.timezone).time()
                open_slots[to] = days.first_after(max(slot, now), at)
    return places, made


def _locked(session: Session, keys: Collection[str]) -> Iterable[Any]:
    """Key, id and state of the messages, locked in the order of their keys."""
    if not keys:
        return ()
    notification = table_of(Notification)
    wanted = select(notification.c.key, notification.c.id, notification.c.state).where(notification.c.key.in_(keys))
    return fetch(session, wanted.order_by(notification.c.key).with_for_update())


def _message(
    key: str,
    to: Addressee,
    slot_at: datetime,
    wishes: Mapping[int, Wish],
    days: SendDays,
    settings: Settings,
    now: datetime,
) -> dict[str, object]:
    wish = wishes.get(to.post_id) if to.kind in TIMED and to.channel == CHANNEL else None
    leaves_at = wish.leaves_at(slot_at, days) if wish is not None else slot_at
    return {
        "key": key,
        "post_id": to.post_id,
        "channel": to.channel,
        "kind": to.kind,
        "slot_at": leaves_at,
        "state": NotificationState.QUEUED,
        "next_attempt_at": into_window(max(leaves_at, now), settings.send_window, settings.timezone, days.calendar),
        "attempts": 0,
        "recipients": [],
        "created_at": now,
    }
