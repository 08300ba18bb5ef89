"""What a mail said, and how it was handed over, need not be kept for ever; that it was told is."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from models import AuditEntry, DeliveryAttempt, Installation, Notification
from schedules.rows import among

ROWS_AT_ONCE = 1000


class Pruned(NamedTuple):
    """What one step took away; nothing looked at = there is nothing left to do."""

    looked_at: int = 0
    texts: int = 0
    attempts: int = 0


def prune_mails(session: Session, made_before: datetime) -> Pruned:
    """Empties the texts of settled messages made before then, and removes their attempts; the next ROWS_AT_ONCE.

    Their rows stay for good, with key, state, subject, people and times: nothing is told twice, and who was told what
    about which milestone can always be shown. What still waits is passed over and keeps its text. Walks along the
    primary key from where the last step ended (`Installation.mails_pruned_to`), so that it reads no past row twice.
    """
    installation = session.get_one(Installation, 1)
    begin = installation.mails_pruned_to or 0
    walked = session.execute(
        select(col(Notification.id), col(Notification.created_at), col(Notification.next_attempt_at))
        .where(col(Notification.id) > begin)
        .order_by(col(Notification.id))
        .limit(ROWS_AT_ONCE)
    ).all()
    old: list[tuple[int, bool]] = []
    for row_id, created_at, next_attempt_at in walked:
        if created_at >= made_before:
            break
        old.append((row_id, next_attempt_at is None))
    if not old:
        return Pruned()
    settled = [row_id for row_id, is_settled in old if is_settled]
    emptied = session.execute(
        update(Notification)
        .where(among(col(Notification.id), settled), col(Notification.next_attempt_at).is_(None))
        .values(text=None, html=None)
        .returning(col(Notification.id)),
        execution_options={"synchronize_session": False},
    ).all()
    removed = session.execute(
        delete(DeliveryAttempt)
        .where(among(col(DeliveryAttempt.notification_id), [row[0] for row in emptied]))
        .returning(col(DeliveryAttempt.id)),
        execution_options={"synchronize_session": False},
    ).all()
    installation.mails_pruned_to = old[-1][0]
    session.add(installation)
    return Pruned(len(old), len(emptied), len(removed))


def prune_audit(session: Session, before: datetime) -> int:
    """Removes the earliest ROWS_AT_ONCE acts recorded before then: index ix_audit_entry_at; returns how many."""
    earliest = (
        select(col(AuditEntry.id)).where(col(AuditEntry.at) < before).order_by(col(AuditEntry.at)).limit(ROWS_AT_ONCE)
    )
    removed = session.execute(
        delete(AuditEntry).where(col(AuditEntry.id).in_(earliest)).returning(col(AuditEntry.id)),
        execution_options={"synchronize_session": False},
    )
    return len(removed.all())
