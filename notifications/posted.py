"""What is put up instead of mailed: in 받은 알림, or on the list for paper. Where it is put, it is read."""

from sqlmodel import Session

from models import AttemptOutcome, NotificationState
from notifications.compose import written
from notifications.digest import Digest
from notifications.outcomes import Desk, note_attempt, people_of, settle
from notifications.rows import Message


def put_up(session: Session, message: Message, digest: Digest, desk: Desk) -> None:
    """Settles the message as sent, with what it says and who holds the post; in the caller's transaction.

    Nothing leaves the database, so that it was sent and that it says so are one commit.
    """
    people = desk.staff.holders(message.post_id, digest.today)
    subject, text, html = written(digest, people, f"{desk.settings.base_url}/inbox", desk.head, desk.now)
    note_attempt(session, message.id, desk.now, message.channel, AttemptOutcome.ACCEPTED, "")
    settle(
        session,
        message.id,
        NotificationState.SENT,
        desk.lease,
        sent_at=desk.now,
        recipients=people_of(people),
        subject=subject,
        text=text,
        html=html,
    )
