"""`/inbox`: 받은 알림, what was told to the posts one leads, on the web too: whether the mail arrived or not."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import ColumnElement, func, update
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from models import ChannelName, Notification, NotificationState
from models.database import read, write
from notifications.links import make_link
from web.access import Lead, LeadForm, TheOffice, not_found
from web.pages import render
from web.posts import label_posts
from web.sign_in import SignedIn

router = APIRouter()

SHOWN = 30
TOLD = (NotificationState.SENT, NotificationState.UNKNOWN, NotificationState.FAILED, NotificationState.BOUNCED)


@router.get("/inbox")
def show_inbox(request: Request, office: TheOffice, viewer: Lead, before: Annotated[int, Query(ge=0)] = 0) -> Response:
    """Newest first; unread is what nobody has opened here or through the mail's link."""
    with read(office.engine) as session:
        query = (
            select(Notification)
            .options(
                load_only(
                    Notification.id,  # type: ignore[arg-type]
                    Notification.post_id,  # type: ignore[arg-type]
                    Notification.kind,  # type: ignore[arg-type]
                    Notification.subject,  # type: ignore[arg-type]
                    Notification.slot_at,  # type: ignore[arg-type]
                    Notification.opened_at,  # type: ignore[arg-type]
                    Notification.answered_at,  # type: ignore[arg-type]
                )
            )
            .where(*_theirs(viewer))
        )
        if before:
            query = query.where(col(Notification.id) < before)
        messages = session.exec(query.order_by(col(Notification.id).desc()).limit(SHOWN + 1)).all()
        unread = session.exec(
            select(func.count())
            .select_from(Notification)
            .where(*_theirs(viewer), col(Notification.opened_at).is_(None), col(Notification.answered_at).is_(None))
        ).one()
        posts = label_posts(session, [message.post_id for message in messages], office.today())
    shown = messages[:SHOWN]
    return render(
        request,
        "inbox.html",
        messages=[(message, posts.get(message.post_id or 0)) for message in shown],
        unread=unread,
        further_address=f"/inbox?before={shown[-1].id}" if len(messages) > SHOWN else None,
    )


@router.get("/inbox/{message_id}")
def show_received(request: Request, office: TheOffice, viewer: Lead, message_id: int) -> Response:
    """The message as it was sent. Looking marks nothing: a person says that they have read it."""
    with read(office.engine) as session:
        message = _find(session, viewer, message_id)
        posts = label_posts(session, [message.post_id], office.today())
    return render(request, "received.html", message=message, post=posts.get(message.post_id or 0))


@router.post("/inbox/{message_id}/read")
def mark_read(office: TheOffice, viewer: Lead, _form: LeadForm, message_id: int) -> Response:
    """열람: only the first time is kept."""
    with write(office.engine) as session:
        _find(session, viewer, message_id)
        _mark_opened(session, message_id, office)
    return RedirectResponse("/inbox", HTTPStatus.SEE_OTHER)


@router.post("/inbox/{message_id}/answer")
def answer(office: TheOffice, viewer: Lead, _form: LeadForm, message_id: int) -> Response:
    """Opens the answer form of the message's post by a link of its own."""
    with write(office.engine) as session:
        message = _find(session, viewer, message_id)
        assert message.post_id is not None
        address = make_link(session, message.post_id, message_id, office.now(), office.settings)
        _mark_opened(session, message_id, office)
    return RedirectResponse(f"/a/{address.rpartition('/')[2]}", HTTPStatus.SEE_OTHER)


def _theirs(viewer: SignedIn) -> tuple[ColumnElement[bool], ...]:
    return (
        viewer.leads.of_messages(),
        col(Notification.state).in_(TOLD),
        col(Notification.subject).is_not(None),
        col(Notification.channel) != ChannelName.PAPER,
    )


def _find(session: Session, viewer: SignedIn, message_id: int) -> Notification:
    found = session.exec(select(Notification).where(Notification.id == message_id, *_theirs(viewer))).first()
    if found is None:
        raise not_found()
    return found


def _mark_opened(session: Session, message_id: int, office: TheOffice) -> None:
    session.execute(
        update(Notification)
        .where(col(Notification.id) == message_id, col(Notification.opened_at).is_(None))
        .values(opened_at=office.now())
    )
