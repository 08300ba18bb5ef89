"""`/outbox`: every message with its state, its recipients, its text as sent, and the mail server's words."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from models import DeliveryAttempt, Milestone, Notification, NotificationKind, NotificationState, Post, Reminder, Unit
from models.database import read, write
from notifications.again import AgainError, send_again, why_not_again
from schedules.activation import sending_allowed
from schedules.office_days import load_calendar
from schedules.people import reach
from schedules.rows import among, fetch_ids
from web.access import Admin, AdminForm, TheOffice, Viewer, not_found
from web.mailbox import framed
from web.office import Office
from web.pages import render
from web.posts import PostLabel, label_posts
from web.search import holds
from web.security import MAIL_POLICY
from web.typed_days import read_day

router = APIRouter()

SHOWN = 50
ATTEMPTS_SHOWN = 50
COUNTED = 10_000  # the latest messages, of which the figures are, and subjects looked at at once: no page grows
GROUPS = {
    "all": tuple(NotificationState),
    "queued": (NotificationState.QUEUED, NotificationState.SENDING),
    "sent": (NotificationState.SENT,),
    "trouble": (NotificationState.FAILED, NotificationState.BOUNCED, NotificationState.UNKNOWN),
    "cancelled": (NotificationState.CANCELLED,),
}


OPENED = "opened"  # 열람: by a person's act (read, seen, answered), never by an image


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
    kind: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[str, Query(max_length=60)] = "",
    on: Annotated[str, Query(max_length=20)] = "",
    within: Annotated[str, Query(pattern="^(|subject)$")] = "",
    before: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Newest first; the next page goes on below the last id of this one (primary key).

    A search finds the messages to the units that it names (index ix_notification_post_id). One that names none, or with
    `within` subject, looks through subjects, so many messages at a time: the next page goes on where it ended.
    """
    state = state if state in GROUPS else "all"
    day = read_day(on) if on else None
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
        if kind in list(NotificationKind):
            query = query.where(col(Notification.kind) == NotificationKind(kind))
        if day is not None:
            begins = datetime.combine(day, time(), office.settings.timezone)
            query = query.where(
                col(Notification.slot_at) >= begins, col(Notification.slot_at) < begins + timedelta(days=1)
            )
        if before:
            query = query.where(col(Notification.id) < before)
        sought = _seek(session, q, within)
        query = query.where(*sought.conditions)
        looked_to = None
        if sought.is_by_subject:
            newest = before or (session.exec(select(func.max(Notification.id))).one() or 0) + 1
            looked_to = newest - COUNTED
            query = query.where(col(Notification.id) >= looked_to)
        messages = session.exec(query.order_by(col(Notification.id).desc()).limit(SHOWN + 1)).all()
        next_before = messages[SHOWN - 1].id if len(messages) > SHOWN else None
        if next_before is None and looked_to is not None:
            older = session.exec(select(func.max(Notification.id)).where(col(Notification.id) < looked_to)).one()
            next_before = older + 1 if older is not None else None
        acted = or_(col(Notification.opened_at).is_not(None), col(Notification.answered_at).is_not(None))
        latest = (
            select(col(Notification.channel), col(Notification.kind), col(Notification.state), acted.label("acted"))
            .where(viewer.reads.of_messages())
            .order_by(col(Notification.id).desc())
            .limit(COUNTED)
            .subquery()
        )
        grouped = (latest.c.channel, latest.c.kind, latest.c.state, latest.c.acted)
        figures = session.execute(select(*grouped).add_columns(func.count()).group_by(*grouped)).all()
        posts = label_posts(session, [message.post_id for message in messages], office.today())
    shown = messages[:SHOWN]
    counts: dict[NotificationState, int] = {}
    table: dict[tuple[str, NotificationKind], dict[str, int]] = {}
    for channel, of_kind, of_state, has_acted, count in figures:
        counts[of_state] = counts.get(of_state, 0) + count
        row = table.setdefault((channel, of_kind), dict.fromkeys((*GROUPS, OPENED), 0))
        for name, states in GROUPS.items():
            row[name] += count if of_state in states else 0
        row[OPENED] += count if has_acted and of_state in GROUPS["sent"] else 0
    kept = {"state": state, "kind": kind, "q": q, "on": on, "within": within}
    address = "&".join(f"{name}={value}" for name, value in kept.items() if value)
    return render(
        request,
        "outbox.html",
        messages=[Listed(message, posts.get(message.post_id or 0)) for message in shown],
        tabs=[(name, sum(counts.get(one, 0) for one in states)) for name, states in GROUPS.items()],
        state=state,
        kept=kept,
        kinds=list(NotificationKind),
        is_day_wrong=bool(on) and day is None,
        counted=sum(counts.values()),
        is_all_counted=sum(counts.values()) < COUNTED,
        figures=sorted(table.items(), key=lambda row: -row[1]["all"]),
        further_address=f"/outbox?{address}&before={next_before}" if next_before is not None else None,
        subjects_address=f"/outbox?{address}&within=subject" if sought.names_units else None,
    )


@dataclass(frozen=True, slots=True)
class _Sought:
    """The conditions of a search, and whether they go by the units named or by subjects."""

    conditions: tuple[ColumnElement[bool], ...] = ()
    names_units: bool = False
    is_by_subject: bool = False


def _seek(session: Session, q: str, within: str) -> _Sought:
    """Every part that names units is of their posts, every other part of the subject."""
    dialect = session.get_bind().dialect.name
    conditions, names_units = [], False
    for part in q.split()[:5]:
        of_unit = select(col(Post.id)).join(Unit).where(holds(col(Unit.name), part, dialect))
        posts = fetch_ids(session, of_unit) if not within else []
        names_units = names_units or bool(posts)
        subject = holds(func.coalesce(col(Notification.subject), ""), part, dialect)
        conditions.append(among(col(Notification.post_id), posts) if posts else subject)
    return _Sought(tuple(conditions), names_units, bool(conditions) and not names_units)


@router.get("/outbox/{message_id}")
def show_message(
    request: Request,
    office: TheOffice,
    viewer: Viewer,
    message_id: int,
    said: Annotated[str, Query(pattern="^(|again)$")] = "",
) -> Response:
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
        can_again=viewer.administers.is_whole and why_not_again(message) is None,
        said=said,
    )


@router.get("/outbox/{message_id}/again")
def ask_to_send_again(request: Request, office: TheOffice, _admin: Admin, message_id: int) -> Response:
    """Who would get it now, and the question whether it shall leave once more."""
    return _again_page(request, office, message_id)


@router.post("/outbox/{message_id}/again")
def send_message_again(request: Request, office: TheOffice, admin: Admin, form: AdminForm, message_id: int) -> Response:
    if form.get("sure") != "yes":
        return _again_page(request, office, message_id, "다시 보낸다는 칸에 표시해 주세요.")
    try:
        with write(office.engine) as session:
            made = send_again(
                session,
                message_id,
                by=admin.actor,
                now=office.now(),
                settings=office.settings,
                calendar=load_calendar(session),
            )
    except AgainError as error:
        return _again_page(request, office, message_id, str(error))
    return RedirectResponse(f"/outbox/{made.message_id}?said=again", HTTPStatus.SEE_OTHER)


def _again_page(request: Request, office: Office, message_id: int, error: str = "") -> Response:
    with read(office.engine) as session:
        message = session.get(Notification, message_id)
        if message is None:
            raise not_found()
        posts = label_posts(session, [message.post_id], office.today())
        found = reach(session, message.post_id, office.today()) if message.post_id is not None else None
        stopped = sending_allowed(session, office.settings)
    return render(
        request,
        "again.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        message=message,
        post=posts.get(message.post_id or 0),
        recipients=found.recipients if found else (),
        reason=found.reason if found else None,
        why_not=why_not_again(message),
        stopped=stopped,
        error=error,
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
