"""메일 받는 방식: a post's own time of day for its mail, and the optional kinds it does without."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, exists, or_
from sqlmodel import Session, col, select

from models import Assignment, AuditEntry, MailWish, OffsetUnit, OptionalKind, Post
from schedules.calendar import SendDays
from schedules.rows import among
from settings import Refusal, SendWindow, Settings

# 미리 알림 of a day further away than this is optional, by the days that its rule counts: not by those that are left
# after days off, so that a D-7 which 추석 puts twelve days before it still comes.
WEEK = {OffsetUnit.CALENDAR: 7, OffsetUnit.WORKING: 5}
STEP = timedelta(minutes=30)
OPTIONAL_WORDS = {OptionalKind.AHEAD: "먼 일정의 미리 알림", OptionalKind.WEEKLY: "주간 보고"}


class WishError(Refusal):
    """A wish that cannot be kept; `field` is the one to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wish:
    """What a post wants. `send_time` None = when the rules say."""

    send_time: time | None
    declined: frozenset[str]
    set_at: datetime
    set_by: str

    def leaves_at(self, slot_at: datetime, days: SendDays) -> datetime:
        """When mail of this slot leaves: at the wished time of that day, in the window, never before the slot."""
        if self.send_time is None:
            return slot_at
        return max(slot_at, days.moment(days.local_date(slot_at), self.send_time))

    def declines_notice(self, offset: int, unit: OffsetUnit) -> bool:
        """Whether 미리 알림 that a rule gives `offset` days before the day (negative) is not wanted."""
        return OptionalKind.AHEAD in self.declined and -offset > WEEK[unit]


def load_wishes(session: Session, post_ids: Collection[int], today: date) -> dict[int, Wish]:
    """The wishes of these posts that hold today: a holder who came or went since then has ended them."""
    if not post_ids:
        return {}
    on = col(MailWish.set_on)
    came = and_(col(Assignment.from_on) > on, col(Assignment.from_on) <= today)
    went = and_(col(Assignment.until_on) >= on, col(Assignment.until_on) < today)
    others = exists().where(col(Assignment.post_id) == col(MailWish.post_id), or_(came, went))
    rows = session.exec(select(MailWish).where(among(col(MailWish.post_id), post_ids), ~others.correlate(MailWish)))
    return {
        row.post_id: Wish(_read_time(row.send_time), frozenset(row.declined), row.set_at, row.set_by) for row in rows
    }


def offered_times(window: SendWindow) -> list[time]:
    """The times of day that may be chosen: every half hour from the window's opening, its end not included."""
    found: list[time] = []
    moment = datetime.combine(date.min, window.opens)
    while moment < datetime.combine(date.min, window.closes):
        found.append(moment.time())
        moment += STEP
    return found


def put_wish(
    session: Session,
    post_id: int,
    send_time: str,
    declined: Iterable[str],
    *,
    by: str,
    now: datetime,
    settings: Settings,
) -> None:
    """Keeps the post's wish (`send_time` as `14:00`, empty = when the rules say); nothing special asked = no row.

    Whatever waits in the queue already leaves as it was going to; the next mail follows the wish. Raises WishError.
    """
    times = [at.strftime("%H:%M") for at in offered_times(settings.send_window)]
    if send_time and send_time not in times:
        raise WishError("time", f"그 시각에는 메일을 보내지 않습니다. {times[0]}부터 {times[-1]} 사이에서 골라 주세요.")
    kinds = sorted(set(declined))
    if not set(kinds) <= {kind.value for kind in OptionalKind}:
        raise WishError("declined", "끌 수 없는 알림입니다. 화면을 다시 열어 골라 주세요.")
    session.get_one(Post, post_id, with_for_update=True)  # two holders at once: one after the other
    if not send_time and not kinds:
        forget_wish(session, post_id, by=by, now=now)
        return
    row = session.get(MailWish, post_id) or MailWish(post_id=post_id, set_on=date.min, set_at=now, set_by=by)
    row.send_time, row.declined = send_time or None, kinds
    row.set_on, row.set_at, row.set_by = now.astimezone(settings.timezone).date(), now, by
    session.add(row)
    without = ", ".join(OPTIONAL_WORDS[OptionalKind(kind)] for kind in kinds)
    detail = f"{send_time or '정해진 시각'}{f', {without} 받지 않음' if without else ''}"
    session.add(AuditEntry(at=now, actor=by, act="mail.wish", subject=f"post:{post_id}", detail=detail))


def forget_wish(session: Session, post_id: int, *, by: str, now: datetime) -> bool:
    """The post's mail comes as the office has set it again; False when it did so already."""
    row = session.get(MailWish, post_id)
    if row is None:
        return False
    session.delete(row)
    session.add(AuditEntry(at=now, actor=by, act="mail.forget", subject=f"post:{post_id}"))
    return True


def _read_time(kept: str | None) -> time | None:
    """A row that cannot be read wishes nothing: its post's mail comes when the rules say."""
    try:
        return time.fromisoformat(kept) if kept is not None else None
    except ValueError:
        return None
