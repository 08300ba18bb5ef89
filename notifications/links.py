"""Answer links: a secret address in a mail that opens one post's form, and nothing else, for a while."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import delete, func, or_, select, update
from sqlmodel import Session, col

from models import (
    OPEN_STATUSES,
    AnswerLink,
    Assignment,
    AuditEntry,
    CalendarFeed,
    Delegation,
    Milestone,
    Notification,
    NotificationItem,
    Project,
    Reminder,
    StatusRequest,
    StatusRequestItem,
)
from notifications.rows import ROUND_KINDS
from schedules.requests import OUTSTANDING
from schedules.rows import insert_rows
from settings import Settings

TOKEN_BYTES = 24  # 192 bits: nobody guesses one in the lifetime of an office
LINK_COLUMNS = ("token_sha256", "post_id", "notification_id", "created_at", "expires_at")


class LinkProblem(StrEnum):
    """Why a link opens nothing."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SETTLED = "settled"  # everything it asked about is closed


def make_link(session: Session, post_id: int, notification_id: int | None, now: datetime, settings: Settings) -> str:
    """A new address for that post, `{base_url}/a/{token}`. Older links go on working; only a hash is stored."""
    return make_links(session, [(post_id, notification_id)], now, settings)[0]


def make_links(
    session: Session, wanted: Iterable[tuple[int, int | None]], now: datetime, settings: Settings
) -> list[str]:
    """One address for each (post, notification), in their order."""
    expires_at = now + timedelta(days=settings.link_days)
    tokens: list[str] = []
    rows: list[tuple[object, ...]] = []
    for post_id, notification_id in wanted:
        tokens.append(secrets.token_urlsafe(TOKEN_BYTES))
        rows.append((_hash(tokens[-1]), post_id, notification_id, now, expires_at))
    if rows:
        insert_rows(session, AnswerLink, LINK_COLUMNS, rows)
    return [f"{settings.base_url}/a/{token}" for token in tokens]


def find_link(session: Session, token: str, now: datetime, zone: tzinfo) -> AnswerLink | LinkProblem:
    """The link behind a token, or why it opens nothing. Changes nothing, however often it is asked.

    From the first day in `zone` on which a holder of its post is one no more it opens nothing, even where no clock has
    carried that out yet.
    """
    link = session.scalars(select(AnswerLink).where(col(AnswerLink.token_sha256) == _hash(token))).first()
    if link is None:
        return LinkProblem.UNKNOWN
    if link.revoked_at is not None or _has_moved(session, link.post_id, now.astimezone(zone).date()):
        return LinkProblem.REVOKED
    if link.expires_at <= now:
        return LinkProblem.EXPIRED
    if link.notification_id is not None and _is_settled(session, link.notification_id):
        return LinkProblem.SETTLED
    return link


def find_own_link(session: Session, token: str, now: datetime, zone: tzinfo) -> AnswerLink | LinkProblem:
    """As `find_link`, for what only the post's own people may do; a link that was passed on counts as unknown."""
    link = find_link(session, token, now, zone)
    is_passed_on = isinstance(link, AnswerLink) and _is_passed_on(session, link)
    return LinkProblem.UNKNOWN if is_passed_on else link


def forget_links(session: Session, addresses: Iterable[str]) -> None:
    """Removes links whose mails surely never left."""
    hashes = [_hash(address.rpartition("/")[2]) for address in addresses]
    session.execute(delete(AnswerLink).where(col(AnswerLink.token_sha256).in_(hashes)))


def revoke_links(session: Session, post_id: int, now: datetime) -> int:
    """Ends every link of a post that still works, its calendar addresses too; returns how many links."""
    revoke_feeds(session, post_id, now)
    found = session.execute(
        update(AnswerLink)
        .where(col(AnswerLink.post_id) == post_id, col(AnswerLink.revoked_at).is_(None))
        .values(revoked_at=now)
        .returning(col(AnswerLink.id))
    )
    return len(found.all())


def close_links(session: Session, post_id: int, now: datetime, *, by: str) -> int:
    """As `revoke_links`, on record: a mail went to the wrong person, say. Later mails bring new links."""
    closed = revoke_links(session, post_id, now)
    detail = f"{closed}개"
    session.add(AuditEntry(at=now, actor=by, act="links.close", subject=f"post:{post_id}", detail=detail))
    return closed


def count_links(session: Session, post_id: int, now: datetime) -> int:
    """The links of a post that are not closed or too old; those that were passed on too."""
    counted = select(func.count()).select_from(AnswerLink)
    working = col(AnswerLink.revoked_at).is_(None), col(AnswerLink.expires_at) > now
    return session.scalar(counted.where(col(AnswerLink.post_id) == post_id, *working)) or 0


def make_feed(session: Session, post_id: int, now: datetime, settings: Settings) -> str:
    """A new address of the post's calendar, `{base_url}/calendar/{token}.ics`; only a hash is stored."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(CalendarFeed(token_sha256=_hash(token), post_id=post_id, created_at=now))
    return f"{settings.base_url}/calendar/{token}.ics"


def find_feed(session: Session, token: str, now: datetime, zone: tzinfo) -> CalendarFeed | LinkProblem:
    """The calendar behind a token, or why there is none; it ends as answer links do when the post changes hands."""
    feed = session.scalars(select(CalendarFeed).where(col(CalendarFeed.token_sha256) == _hash(token))).first()
    if feed is None:
        return LinkProblem.UNKNOWN
    if feed.revoked_at is not None or _has_moved(session, feed.post_id, now.astimezone(zone).date()):
        return LinkProblem.REVOKED
    return feed


def revoke_feeds(session: Session, post_id: int, now: datetime) -> int:
    """Ends every calendar address of a post; returns how many."""
    found = session.execute(
        update(CalendarFeed)
        .where(col(CalendarFeed.post_id) == post_id, col(CalendarFeed.revoked_at).is_(None))
        .values(revoked_at=now)
        .returning(col(CalendarFeed.id))
    )
    return len(found.all())


def _has_moved(session: Session, post_id: int, today: date) -> bool:
    """Whether somebody's time on the post is over and `notifications.handovers` has not seen to it yet."""
    over = select(col(Assignment.id)).where(
        col(Assignment.post_id) == post_id,
        col(Assignment.until_on) < today,
        col(Assignment.ended_at).is_(None),
    )
    return session.execute(over.limit(1)).first() is not None


def _is_passed_on(session: Session, link: AnswerLink) -> bool:
    passed = select(col(Delegation.id)).where(col(Delegation.notification_id) == link.notification_id)
    return session.execute(passed).first() is not None


def _is_settled(session: Session, notification_id: int) -> bool:
    """Whether the message asked about something, and all of it is closed and no request it is about is outstanding."""
    asked = (
        select(col(Milestone.status), col(Project.closed_at))
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .join(Reminder, col(Reminder.milestone_id) == col(Milestone.id))
        .where(col(Reminder.notification_id) == notification_id)
    )
    of_round = (
        select(col(StatusRequest.state), col(Milestone.status), col(Project.closed_at))
        .join(
            Notification,
            (col(Notification.post_id) == col(StatusRequest.post_id))
            & col(Notification.kind).in_(ROUND_KINDS)
            & or_(
                col(Notification.round_id) == col(StatusRequest.round_id),
                col(Notification.round_id).is_(None),
            ),
        )
        .join(StatusRequestItem, col(StatusRequestItem.request_id) == col(StatusRequest.id))
        .join(Milestone, col(Milestone.id) == col(StatusRequestItem.milestone_id))
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(col(Notification.id) == notification_id)
    )
    passed_on = (
        select(col(Milestone.status), col(Project.closed_at))
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .join(NotificationItem, col(NotificationItem.milestone_id) == col(Milestone.id))
        .join(Delegation, col(Delegation.notification_id) == col(NotificationItem.notification_id))
        .where(col(Delegation.notification_id) == notification_id)
    )
    rows = [*session.execute(asked).all(), *session.execute(passed_on).all()]
    requested = session.execute(of_round).all()
    if any(state in OUTSTANDING for state, _, _ in requested):
        return False
    still_open = [status in OPEN_STATUSES and closed_at is None for status, closed_at in rows]
    return bool(rows or requested) and not any(still_open)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
