"""`/outbox`: every message with its state, its recipients, its text as sent, and the mail server's words."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import func
from sqlalchemy.orm import load_only
from sqlmodel import col, select

from models import DeliveryAttempt, Milestone, Notification, NotificationState, Reminder
from models.database import read
from web.access import TheOffice, Viewer, not_found
from web.mailbox import framed
from web.pages import render
from web.posts import PostLabel, label_posts
from web.security import MAIL_POLICY

router = APIRouter()

SHOWN = 50
ATTEMPTS_SHOWN = 50
GROUPS = {
    "all": tuple(NotificationState),
    "queued": (NotificationState.QUEUED, NotificationState.SENDING),
    "sent": (NotificationState.SENT,),
    "trouble": (NotificationState.FAILED, NotificationState.BOUNCED, NotificationState.UNKNOWN),
    "cancelled": (NotificationState.CANCELLED,),
}


@dataclass(frozen=True, slots=True)
class Listed:
    message: Notification
    post: PostLabel | None


@router.get("/outbox")
def show_outbox(
    request: Request,
    office: TheOffice,
    viewer: Viewer,
    state: str = "all",
    before: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Newest first; the next page goes on below the last id of this one (primary key)."""
    state = state if state in GROUPS else "all"
    with read(office.engine) as session:
        query = (
            select(Notification)
            .options(
                load_only(
                    Notification.id,  # type: ignore[arg-type]
                    Notification.post_id,  # type: ignore[arg-type]
                    Notification.kind,  # type: ignore[arg-type]
                    Notification.state,  # type: ignore[arg-type]
                    Notification.slot_at,  # type: ignore[arg-type]
                    Notification.sent_at,  # type: ignore[arg-type]
                    Notification.subject,  # type: ignore[arg-type]
                    Notification.recipients,  # type: ignore[arg-type]
                    Notification.error,  # type: ignore[arg-type]
                    Notification.answered_at,  # type: ignore[arg-type]
                    Notification.opened_at,  # type: ignore[arg-type]
                )
            )
            .where(viewer.reads.of_messages())
        )
        if state != "all":
            query = query.where(col(Notification.state).in_(GROUPS[state]))
        if before:
            query = query.where(col(Notification.id) < before)
        messages = session.exec(query.order_by(col(Notification.id).desc()).limit(SHOWN + 1)).all()
        counts = dict(
            session.execute(
                select(col(Notification.state), func.count())
                .where(viewer.reads.of_messages())
                .group_by(col(Notification.state))
            ).all()
        )
        posts = label_posts(session, [message.post_id for message in messages], office.today())
    shown = messages[:SHOWN]
    return render(
        request,
        "outbox.html",
        messages=[Listed(message, posts.get(message.post_id or 0)) for message in shown],
        tabs=[(name, sum(counts.get(one, 0) for one in states)) for name, states in GROUPS.items()],
        state=state,
        further_address=f"/outbox?state={state}&before={shown[-1].id}" if len(messages) > SHOWN else None,
    )


@router.get("/outbox/{message_id}")
def show_message(request: Request, office: TheOffice, viewer: Viewer, message_id: int) -> Response:
    with read(office.engine) as session:
        theirs = select(Notification).where(Notification.id == message_id, viewer.reads.of_messages())
        message = session.exec(theirs).first()
        if message is None:
            raise not_found()
        attempts = session.exec(
            select(DeliveryAttempt)
            .where(DeliveryAttempt.notification_id == message_id)
            .order_by(col(DeliveryAttempt.id).desc())
            .limit(ATTEMPTS_SHOWN)
        ).all()
        reminders = session.exec(
            select(Reminder, Milestone.label)
            .join(Milestone, col(Milestone.id) == col(Reminder.milestone_id))
            .where(Reminder.notification_id == message_id)
            .order_by(col(Reminder.anchor_on), col(Reminder.id))
            .limit(200)
        ).all()
        posts = label_posts(session, [message.post_id], office.today())
    return render(
        request,
        "message.html",
        message=message,
        post=posts.get(message.post_id or 0),
        attempts=attempts,
        reminders=reminders,
    )


@router.get("/outbox/{message_id}/html")
def show_message_html(office: TheOffice, viewer: Viewer, message_id: int) -> Response:
    """The HTML as it was sent, its links masked, under the policy of a mail."""
    with read(office.engine) as session:
        theirs = select(Notification.html).where(Notification.id == message_id, viewer.reads.of_messages())
        html = session.exec(theirs).first()
    if html is None:
        raise not_found()
    return Response(
        framed(html),
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"},
    )
