"""인사이동: who leaves which post and who comes, what waits there for the successor, and whether it was accepted."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from models import (
    AnswerLink,
    Assignment,
    AuditEntry,
    Handover,
    Milestone,
    Person,
    Project,
    StatusRequest,
)
from schedules.items import Item, chunks, load_items, open_ids
from schedules.office_days import load_calendar
from schedules.requests import OUTSTANDING
from schedules.responsibility import Chart, load_chart, load_chart_around

DAY = timedelta(days=1)
Ends = Mapping[int, date | None]  # the last day of every assignment, by its id


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open item that goes over to the successor."""

    milestone_id: int
    label: str
    project: str
    end_on: date | None


@dataclass(frozen=True, slots=True)
class Move:
    """One post changes hands on `effective_on`, the first day of the new order.

    `stay` hold it before and after; `gone` are leavers who hold no post at all from that day: no mail reaches them any
    more. `items`, outstanding `requests` and working `links` are those of the post as it stands now.
    """

    post_id: int
    post: str
    effective_on: date
    leavers: tuple[str, ...]
    comers: tuple[str, ...]
    stay: tuple[str, ...]
    gone: tuple[str, ...]
    items: tuple[Waiting, ...]
    requests: int
    links: int


@dataclass(frozen=True, slots=True)
class Unaccepted:
    """A handover that was told and that nobody has accepted."""

    handover_id: int
    post_id: int
    post: str
    leavers: str
    effective_on: date


def note_ends(session: Session) -> Ends:
    """What `settle_moves` compares with: taken before a staff table is stored."""
    return {row.id: row.until_on for row in session.exec(select(Assignment)) if row.id is not None}


def settle_moves(session: Session, before: Ends, now: datetime, zone: tzinfo) -> list[Move]:
    """What changed hands since `before`, in the order of the posts; who holds nothing any more has left from that day.

    The ends themselves are carried out on their day, by `notifications.handovers`.
    """
    by_post: dict[int, list[Assignment]] = defaultdict(list)
    for row in session.exec(select(Assignment).order_by(col(Assignment.from_on), col(Assignment.id))):
        by_post[row.post_id].append(row)
    days: dict[int, date] = {}
    for post_id, rows in by_post.items():
        changed = [row.from_on for row in rows if row.id not in before]
        changed += [row.until_on + DAY for row in rows if row.until_on and row.until_on != before.get(row.id or 0)]
        if changed:
            days[post_id] = min(changed)
    chart = load_chart(session)
    people = {person.id: person for person in session.exec(select(Person))}
    last_days: dict[int, date] = defaultdict(lambda: date.min)
    for row in (row for rows in by_post.values() for row in rows):
        last_days[row.person_id] = max(last_days[row.person_id], row.until_on or date.max)
    items = open_items(session, chart, zone, days)
    moves = []
    for post_id, on in sorted(days.items()):
        old, new = (_holders(by_post[post_id], day) for day in (on - DAY, on))
        gone = [one for one in old - new if last_days[one] < on]
        for one in gone:
            people[one].left_on = on
            session.add(people[one])
        leavers, comers, stay, left = (
            tuple(people[one].name for one in sorted(some)) for some in (old - new, new - old, old & new, gone)
        )
        moves.append(
            Move(
                post_id,
                chart.name_of(post_id),
                on,
                leavers,
                comers,
                stay,
                left,
                _waiting(session, items[post_id]),
                _outstanding(session, post_id),
                _links(session, post_id, now) if leavers else 0,
            )
        )
    session.flush()
    return moves


def open_items(session: Session, chart: Chart, zone: tzinfo, post_ids: Collection[int]) -> dict[int, list[Item]]:
    """The open items that each of these posts answers for now, of activated projects; an empty list where none."""
    found: dict[int, list[Item]] = {post_id: [] for post_id in post_ids}
    if not found:
        return found
    calendar = load_calendar(session)
    for some in chunks(open_ids(session)):
        for item in load_items(session, chart, calendar, zone, some):
            if item.post_id in found and item.silence is None:
                found[item.post_id].append(item)
    return found


def pending_ends(session: Session) -> date | None:
    """The earliest last day of an assignment whose end was not carried out yet."""
    return session.exec(select(func.min(Assignment.until_on)).where(col(Assignment.ended_at).is_(None))).one()


def waiting_for(session: Session, post_id: int) -> Handover | None:
    """The latest handover of the post that was told and not accepted."""
    return session.exec(
        select(Handover)
        .where(
            Handover.post_id == post_id,
            col(Handover.notification_id).is_not(None),
            col(Handover.accepted_at).is_(None),
        )
        .order_by(col(Handover.id).desc())
    ).first()


def accept(session: Session, post_id: int, by: str, now: datetime) -> int:
    """수락: whoever holds the post has taken everything over; returns how many handovers that settles, 0 when none.

    A second press settles nothing more.
    """
    accepted = session.execute(
        update(Handover)
        .where(
            col(Handover.post_id) == post_id,
            col(Handover.notification_id).is_not(None),
            col(Handover.accepted_at).is_(None),
        )
        .values(accepted_at=now, accepted_by=by)
        .returning(col(Handover.id))
    ).all()
    if accepted:
        session.add(AuditEntry(at=now, actor=by, act="handover.accept", subject=f"post:{post_id}"))
    return len(accepted)


def unaccepted(session: Session) -> list[Unaccepted]:
    """The handovers that were told and wait for an acceptance, the longest waiting first."""
    rows = session.exec(
        select(Handover)
        .where(col(Handover.notification_id).is_not(None), col(Handover.accepted_at).is_(None))
        .order_by(col(Handover.effective_on), col(Handover.id))
    ).all()
    if not rows:
        return []
    chart = load_chart_around(session, {row.post_id for row in rows}, ())
    return [
        Unaccepted(row.id or 0, row.post_id, chart.name_of(row.post_id), row.leavers, row.effective_on) for row in rows
    ]


def _holders(rows: Collection[Assignment], on: date) -> set[int]:
    return {row.person_id for row in rows if row.from_on <= on <= (row.until_on or date.max)}


def _waiting(session: Session, items: Collection[Item]) -> tuple[Waiting, ...]:
    rows = session.exec(
        select(Milestone, Project.title)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(col(Milestone.id).in_([item.id for item in items]))
    ).all()
    found = [Waiting(row.id or 0, row.label, title, row.end_on) for row, title in rows]
    return tuple(sorted(found, key=lambda one: (one.end_on or date.max, one.milestone_id)))


def _outstanding(session: Session, post_id: int) -> int:
    wanted = select(func.count()).select_from(StatusRequest)
    return session.exec(wanted.where(StatusRequest.post_id == post_id, col(StatusRequest.state).in_(OUTSTANDING))).one()


def _links(session: Session, post_id: int, now: datetime) -> int:
    works = col(AnswerLink.revoked_at).is_(None) & (col(AnswerLink.expires_at) > now)
    return session.exec(select(func.count()).select_from(AnswerLink).where(AnswerLink.post_id == post_id, works)).one()
