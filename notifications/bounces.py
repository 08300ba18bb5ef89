"""Returned mail: a delivery status notification marks the message, and the address that does not exist."""

from datetime import datetime

from sqlalchemy import event, func, insert, select, update
from sqlmodel import Session, col

from models import AttemptOutcome, DeliveryAttempt, Notification, NotificationState
from notifications.delivery_status import DeliveryFailure, FailedAddress, is_no_such_address, read_failure
from notifications.mailbox import bounces_of
from notifications.outcomes import mark_bounced
from settings import Settings

LOOKED_BACK = 200_000  # messages; a notice comes within days


def read_bounces(session: Session, settings: Settings, now: datetime) -> int:
    """Reads what arrived in the bounce folder and returns how many addresses failed. Each notice counts once.

    A notice is put aside when the transaction commits; one about a message whose own outcome is not written yet stays
    for the next look. Anything that is no failure notice (delayed, delivered, absence notices) is put aside unread.
    """
    box = bounces_of(settings.data)
    failed, read = 0, []
    for name in box.unseen():
        failure = read_failure(box.read(name) or b"")
        found = settle_failure(session, failure, now) if failure is not None else 0
        if found is not None:
            failed += found
            read.append(name)
    if read:

        @event.listens_for(session, "after_commit", once=True)
        def put_aside(_session: Session) -> None:
            for name in read:
                box.mark_seen(name)

    return failed


def settle_failure(session: Session, failure: DeliveryFailure, now: datetime) -> int | None:
    """Writes a failure down, once for each address; None when its message is still leaving.

    The message is found by its key, else by the returned Message-ID. It is `bounced` when nobody got it. An address
    that does not exist is not used any more; one that only refused (a full mailbox, a policy) is.
    """
    columns = (col(Notification.id), col(Notification.state), col(Notification.recipients))
    notification = session.execute(
        select(*columns).where(col(Notification.key) == failure.key).with_for_update()
    ).first()
    if notification is None:
        newest = session.execute(select(func.max(col(Notification.id)))).scalar_one() or 0
        by_message_id = col(Notification.message_id) == failure.message_id, col(Notification.id) > newest - LOOKED_BACK
        notification = session.execute(select(*columns).where(*by_message_id).with_for_update()).first()
    if notification is None:
        return 0  # not a message of ours
    if notification.state is NotificationState.SENDING:
        return None
    known = _failed_addresses(session, notification.id)
    fresh = [one for one in failure.failed if one.address.lower() not in known]
    for one in fresh:
        if is_no_such_address(one.status):
            mark_bounced(session, one.address, now)
        session.execute(insert(DeliveryAttempt).values(**_attempt(notification.id, one, now)))
    known |= {one.address.lower() for one in fresh}
    if all(person["email"].lower() in known for person in notification.recipients):
        session.execute(
            update(Notification)
            .where(
                col(Notification.id) == notification.id,
                col(Notification.state).in_((NotificationState.SENT, NotificationState.UNKNOWN)),
            )
            .values(
                state=NotificationState.BOUNCED,
                next_attempt_at=None,
                error="; ".join(f"{one.address}: {_response(one)}" for one in failure.failed),
            )
        )
    return len(fresh)


def _failed_addresses(session: Session, notification_id: int) -> set[str]:
    refused = select(col(DeliveryAttempt.address)).where(
        col(DeliveryAttempt.notification_id) == notification_id,
        col(DeliveryAttempt.outcome) == AttemptOutcome.PERMANENT,
    )
    return {address.lower() for address in session.scalars(refused)}


def _attempt(notification_id: int, one: FailedAddress, now: datetime) -> dict[str, object]:
    return {
        "notification_id": notification_id,
        "attempted_at": now,
        "address": one.address,
        "outcome": AttemptOutcome.PERMANENT,
        "response": _response(one),
    }


def _response(one: FailedAddress) -> str:
    return f"반송: {one.diagnostic or one.status}"
