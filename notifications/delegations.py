"""넘기기: a lead's items go to a colleague's mail, whose link opens just these; the lead stays responsible."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, update
from sqlmodel import Session, col, select

from models import (
    OPEN_STATUSES,
    AnswerLink,
    AuditEntry,
    Delegation,
    Milestone,
    Notification,
    NotificationItem,
    NotificationKind,
    NotificationState,
    Person,
    Post,
    StatusReport,
)
from notifications.mime import is_address
from notifications.slots import CHANNEL
from schedules.calendar import WorkingCalendar, into_window
from schedules.people import reach
from schedules.rows import among, table_of
from settings import Refusal, Settings

NAME_LENGTH = 40
MOST_A_DAY = 20  # of one post: more than any team, fewer than a flood


class DelegationError(Refusal):
    """The items cannot be passed on like this; `field` says what to change. Nothing has changed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Passed:
    """A delegation with its items: each one's label, and whether it was answered since."""

    id: int
    name: str
    email: str
    passed_at: datetime
    items: tuple[tuple[str, bool], ...]


def pass_on(
    session: Session,
    *,
    post_id: int,
    milestone_ids: Collection[int],
    name: str,
    email: str,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> Delegation:
    """Queues one mail to the colleague, with a link for just these items. Raises DelegationError.

    The caller has made sure that the items are the post's to answer. The same items passed on to the same address again
    while that holds are the same delegation: a form sent twice sends one mail.
    """
    name, email = " ".join(name.split()), email.strip()
    if not milestone_ids:
        raise DelegationError("items", "넘길 일정을 하나 이상 골라 주세요.")
    if not name or len(name) > NAME_LENGTH:
        raise DelegationError("name", f"받는 분의 성명과 직급을 {NAME_LENGTH}자 안에서 적어 주세요. 예: 김주무 주무관")
    if not is_address(email):
        raise DelegationError("email", "전자우편 주소가 아닙니다. 예: hong@office.example")
    today = now.astimezone(settings.timezone).date()
    own = {one.email.casefold() for one in reach(session, post_id, today).recipients}
    if email.casefold() in own:
        raise DelegationError("email", "본인에게는 넘길 수 없습니다. 함께 일하는 분의 주소를 적어 주세요.")
    if _has_left(session, email, today):
        raise DelegationError("email", "퇴직·전출한 분의 주소입니다. 지금 함께 일하는 분의 주소를 적어 주세요.")
    domains = {address.rpartition("@")[2] for address in own} | set(settings.pass_domains)
    if email.casefold().rpartition("@")[2] not in domains:
        allowed = ", ".join(sorted(domains)) or "없음"
        raise DelegationError("email", f"기관 밖의 주소로는 넘길 수 없습니다. 쓸 수 있는 주소: {allowed}")
    session.get(Post, post_id, with_for_update=True)  # a form sent twice at once waits here
    yesterday = now - timedelta(days=1)
    recent = [one for one in _standing(session, post_id) if one.passed_at > yesterday]
    same = next((one for one in recent if _is_same(session, one, email, milestone_ids)), None)
    if same is not None:
        return same
    made_before = session.exec(select(Delegation.passed_at).where(Delegation.post_id == post_id)).all()
    if sum(passed_at > yesterday for passed_at in made_before) >= MOST_A_DAY:
        raise DelegationError("items", f"하루에 {MOST_A_DAY}번까지 넘길 수 있습니다. 내일 다시 시도해 주세요.")
    leaves_at = into_window(now, settings.send_window, settings.timezone, calendar)
    message = Notification(
        key=f"post:{post_id}/{CHANNEL}/{NotificationKind.PASSED_ON}/{len(made_before) + 1}",
        post_id=post_id,
        channel=CHANNEL,
        kind=NotificationKind.PASSED_ON,
        slot_at=leaves_at,
        next_attempt_at=leaves_at,
        created_at=now,
    )
    session.add(message)
    session.flush()
    rows = [{"notification_id": message.id, "milestone_id": one} for one in sorted(set(milestone_ids))]
    session.execute(insert(table_of(NotificationItem)), rows)
    made = Delegation(
        post_id=post_id, notification_id=message.id or 0, passed_by=by, name=name, email=email, passed_at=now
    )
    session.add(made)
    session.flush()
    detail = f"{name} <{email}>, 일정 {len(rows)}건"
    session.add(AuditEntry(at=now, actor=by, act="pass_on", subject=f"delegation:{made.id}", detail=detail))
    return made


def take_back(session: Session, delegation_id: int, post_id: int, by: str, now: datetime) -> bool:
    """거두기: the colleague's link opens nothing any more, a mail that has not left stays; False when there is none."""
    taken = session.execute(
        update(Delegation)
        .where(
            col(Delegation.id) == delegation_id,
            col(Delegation.post_id) == post_id,
            col(Delegation.revoked_at).is_(None),
        )
        .values(revoked_at=now)
        .returning(col(Delegation.notification_id))
    ).first()
    if taken is None:
        return False
    session.execute(
        update(Notification)
        .where(col(Notification.id) == taken[0], col(Notification.state) == NotificationState.QUEUED)
        .values(state=NotificationState.CANCELLED, next_attempt_at=None, error="넘기기를 거두었습니다")
    )
    link = update(AnswerLink).where(col(AnswerLink.notification_id) == taken[0], col(AnswerLink.revoked_at).is_(None))
    session.execute(link.values(revoked_at=now))
    session.add(AuditEntry(at=now, actor=by, act="pass_on.take_back", subject=f"delegation:{delegation_id}"))
    return True


def end_delegations(
    session: Session, now: datetime, *, post_ids: Collection[int] = (), emails: Collection[str] = ()
) -> int:
    """Ends what these posts have passed on, and what was passed on to these addresses: whoever asked, or was asked, has
    left. Links open nothing any more, mails that have not left stay. Returns how many."""
    addresses = [email.casefold() for email in emails]
    theirs = among(col(Delegation.post_id), post_ids) | func.lower(col(Delegation.email)).in_(addresses)
    ended = session.execute(
        update(Delegation)
        .where(col(Delegation.revoked_at).is_(None), theirs)
        .values(revoked_at=now)
        .returning(col(Delegation.notification_id))
    ).all()
    ids = [row[0] for row in ended]
    if ids:
        session.execute(
            update(Notification)
            .where(among(col(Notification.id), ids), col(Notification.state) == NotificationState.QUEUED)
            .values(state=NotificationState.CANCELLED, next_attempt_at=None, error="인사이동으로 넘기기가 끝났습니다")
        )
        link = update(AnswerLink).where(
            among(col(AnswerLink.notification_id), ids), col(AnswerLink.revoked_at).is_(None)
        )
        session.execute(link.values(revoked_at=now))
    return len(ids)


def delegation_of(session: Session, link: AnswerLink) -> Delegation | None:
    """The delegation that the link belongs to; None for the link of a post's own holder."""
    if link.notification_id is None:
        return None
    return session.exec(select(Delegation).where(Delegation.notification_id == link.notification_id)).first()


def count_passed(session: Session, post_id: int) -> int:
    """How many delegations of the post hold while an item of theirs is open."""
    standing = (
        select(func.count(func.distinct(Delegation.id)))
        .join(NotificationItem, col(NotificationItem.notification_id) == col(Delegation.notification_id))
        .join(Milestone, col(Milestone.id) == col(NotificationItem.milestone_id))
        .where(
            Delegation.post_id == post_id,
            col(Delegation.revoked_at).is_(None),
            col(Milestone.status).in_(OPEN_STATUSES),
        )
    )
    return session.exec(standing).one()


def list_passed(session: Session, post_id: int) -> list[Passed]:
    """What the post has passed on and not taken back, the latest first, while an item of it is open."""
    found = []
    for one in _standing(session, post_id):
        rows = session.exec(
            select(Milestone, func.max(StatusReport.reported_at))
            .join(NotificationItem, col(NotificationItem.milestone_id) == col(Milestone.id))
            .outerjoin(StatusReport, col(StatusReport.milestone_id) == col(Milestone.id))
            .where(NotificationItem.notification_id == one.notification_id)
            .group_by(col(Milestone.id))
            .order_by(col(Milestone.id))
        ).all()
        items = tuple((row.label, at is not None and at >= one.passed_at) for row, at in rows)
        if any(row.status in OPEN_STATUSES for row, _ in rows):
            found.append(Passed(one.id or 0, one.name, one.email, one.passed_at, items))
    return found


def _has_left(session: Session, email: str, today: date) -> bool:
    people = session.exec(select(Person).where(func.lower(col(Person.email)) == email.casefold())).all()
    return bool(people) and all(one.left_on is not None and one.left_on <= today for one in people)


def _standing(session: Session, post_id: int) -> list[Delegation]:
    wanted = select(Delegation).where(Delegation.post_id == post_id, col(Delegation.revoked_at).is_(None))
    return list(session.exec(wanted.order_by(col(Delegation.id).desc()).limit(MOST_A_DAY)))


def _is_same(session: Session, one: Delegation, email: str, milestone_ids: Collection[int]) -> bool:
    if one.email.casefold() != email.casefold():
        return False
    items = select(NotificationItem.milestone_id).where(NotificationItem.notification_id == one.notification_id)
    return set(milestone_ids) <= set(session.exec(items))
