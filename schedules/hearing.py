"""Who hears after a reorganisation: for each post that answers for more, and each head whose place changed."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from schedules.people import Reach, Staff, load_staff
from schedules.rearranged import Rearranged


@dataclass(frozen=True, slots=True)
class Hearing:
    """A post from that day: whom its mail reaches, why where that is not its own holder, and the posts above it.

    `items` are those that it takes over, `before` the posts that answered for them.
    """

    post: str
    hears: tuple[str, ...]
    reason: str | None
    above: tuple[str, ...]
    items: int = 0
    before: tuple[str, ...] = ()


def hearing_after(session: Session, done: Rearranged, on: date) -> list[Hearing]:
    """In a session in which it was carried out; those that take something over first."""
    staff = load_staff(session)
    found = {
        one.post_id: _hearing(staff, one.post_id, on, len(one.milestone_ids), one.before) for one in done.handed_on
    }
    for unit_id in done.unit_ids:
        head = staff.chart.heads.get(unit_id)
        if head is not None and head not in found:
            found[head] = _hearing(staff, head, on, 0, ())
    return list(found.values())


def _hearing(staff: Staff, post_id: int, on: date, items: int, before: tuple[str, ...]) -> Hearing:
    reached = staff.reach(post_id, on)
    above = tuple(staff.chart.name_of(one) for one in staff.chart.posts_above(post_id))
    return Hearing(staff.chart.name_of(post_id), _names(reached), reached.reason, above, items, before)


def _names(reached: Reach) -> tuple[str, ...]:
    return tuple(f"{one.unit_name} {one.post_title} {one.name}" for one in reached.recipients)
