"""Who can be reached for a post on a day: its holders, their deputies, else the post above."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from models import Absence, Assignment, Person
from schedules.history import load_chart_on
from schedules.responsibility import Chart, load_chart, load_chart_around
from schedules.rows import fetch, one_by_one


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets a post's mail. `deputy_for`: the absent holder; `stands_in_for`: the post that has nobody."""

    name: str
    email: str
    post_title: str
    unit_name: str
    deputy_for: str | None = None
    stands_in_for: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a post's mail reaches; `reason` says in Korean why it is not its own holder, or why it is nobody."""

    recipients: tuple[Recipient, ...]
    reason: str | None = None


class Holding(NamedTuple):
    """An assignment."""

    post_id: int
    person_id: int
    from_on: date
    until_on: date | None


class Away(NamedTuple):
    """An absence."""

    person_id: int
    deputy_id: int
    from_on: date
    until_on: date


class Known(NamedTuple):
    """A person, as far as it matters whether mail reaches them."""

    id: int
    name: str
    email: str | None
    bounced_at: datetime | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """Who held a post on a day, from when until when, and who stood in; `person` None = nobody held it.

    `unit` as it was called then, `under` the unit above it then.
    """

    post_id: int
    unit: str
    post: str
    person: str | None = None
    from_on: date | None = None
    until_on: date | None = None
    deputy: str | None = None
    under: str | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """Posts, people, assignments and absences at one moment, read once for many questions."""

    chart: Chart
    people: Mapping[int, Known]
    assignments: Mapping[int, Sequence[Holding]]  # by post
    absences: Mapping[int, Sequence[Away]]  # by person

    def reach(self, post_id: int, on: date) -> Reach:
        """The post's holders that day who have an address; for an absent one the deputy; else the post above.

        A deputy who is away or unreachable is passed over: no chains. A post with nobody reachable goes to the post
        above it, with a note, upwards until somebody is found.
        """
        own, reason = self._own(post_id, on)
        if own:
            return Reach(own)
        for above in self.chart.posts_above(post_id):
            found, _ = self._own(above, on)
            if found:
                name = self.chart.name_of(post_id)
                return Reach(
                    tuple(
                        Recipient(one.name, one.email, one.post_title, one.unit_name, one.deputy_for, name)
                        for one in found
                    ),
                    reason,
                )
        return Reach((), reason)

    def _own(self, post_id: int, on: date) -> tuple[tuple[Recipient, ...], str]:
        post = self.chart.posts[post_id]
        unit = self.chart.units[post.unit_id]
        found: dict[str, Recipient] = {}
        reason = "보임된 사람이 없습니다"
        for assignment in self.assignments.get(post_id, ()):
            if not assignment.from_on <= on <= (assignment.until_on or date.max):
                continue
            holder = self.people[assignment.person_id]
            absence = self.absence(assignment.person_id, on)
            if absence is None:
                problem = _problem(holder, on)
                if problem is None:
                    found[str(holder.email)] = Recipient(holder.name, str(holder.email), post.title, unit.name)
                else:
                    reason = f"{holder.name} {post.title}: {problem}"
                continue
            deputy = self.people[absence.deputy_id]
            problem = "부재 중" if self.absence(absence.deputy_id, on) is not None else _problem(deputy, on)
            if problem is None:
                email = str(deputy.email)
                found[email] = Recipient(deputy.name, email, post.title, unit.name, deputy_for=holder.name)
            else:
                reason = f"{holder.name} {post.title} 부재, 업무대행 {deputy.name}: {problem}"
        return tuple(found.values()), reason

    def holders(self, post_id: int, on: date) -> tuple[Recipient, ...]:
        """Whoever holds the post that day, present or not, with an address (else empty) or without."""
        post = self.chart.posts[post_id]
        held = (row for row in self.assignments.get(post_id, ()) if row.from_on <= on <= (row.until_on or date.max))
        people = (self.people[row.person_id] for row in held)
        unit = self.chart.units[post.unit_id].name
        return tuple(Recipient(person.name, person.email or "", post.title, unit) for person in people)

    def absence(self, person_id: int, on: date) -> Away | None:
        return next((away for away in self.absences.get(person_id, ()) if away.from_on <= on <= away.until_on), None)


def load_staff(session: Session) -> Staff:
    """Everybody; a city has some thousands of assignments, so they are read at once."""
    held, away = _assignments(session, None), _absences(session, None)
    return _staff(load_chart(session), held, away, _people(session, None))


def load_staff_of(session: Session, chart: Chart, post_ids: Collection[int] | None = None) -> Staff:
    """Those who hold one of these posts (None = all of this chart), and their deputies: a few hundred of a country."""
    held = _assignments(session, chart.posts if post_ids is None else post_ids)
    holders = {one.person_id for one in held}
    away = _absences(session, holders)
    deputies = {one.deputy_id for one in away} - holders
    away += _absences(session, deputies) if deputies else []  # a deputy who is away is passed over
    return _staff(chart, held, away, _people(session, holders | deputies))


def _assignments(session: Session, post_ids: Collection[int] | None) -> list[Holding]:
    """Index ix_assignment_post_id. None = all."""
    wanted = select(*(getattr(Assignment, name) for name in Holding._fields))
    wanted = wanted.order_by(col(Assignment.from_on), col(Assignment.id))
    if post_ids is not None:
        wanted = wanted.where(one_by_one(col(Assignment.post_id), post_ids))
    return [Holding(*row) for row in fetch(session, wanted)]


def _absences(session: Session, person_ids: Collection[int] | None) -> list[Away]:
    """Index ix_absence_person_id. None = all."""
    wanted = select(*(getattr(Absence, name) for name in Away._fields))
    wanted = wanted.order_by(col(Absence.from_on), col(Absence.id))
    if person_ids is not None:
        wanted = wanted.where(one_by_one(col(Absence.person_id), person_ids))
    return [Away(*row) for row in fetch(session, wanted)]


def _people(session: Session, ids: Collection[int] | None) -> Iterator[Known]:
    wanted = select(*(getattr(Person, name) for name in Known._fields))
    if ids is not None:
        wanted = wanted.where(one_by_one(col(Person.id), ids))
    return (Known(*row) for row in fetch(session, wanted))


def _staff(chart: Chart, held: Iterable[Holding], away: Iterable[Away], people: Iterable[Known]) -> Staff:
    by_post: dict[int, list[Holding]] = defaultdict(list)
    for assignment in held:
        by_post[assignment.post_id].append(assignment)
    by_person: dict[int, list[Away]] = defaultdict(list)
    for absence in away:
        by_person[absence.person_id].append(absence)
    return Staff(chart, {person.id: person for person in people}, by_post, by_person)


def list_held(session: Session, on: date) -> list[Held]:
    """Every post with its holders on that day, in the order of the organisation of that day; a vacant one once.

    Units and posts stand as they were then, whatever was renamed, moved or merged since.
    """
    chart = load_chart_on(session, on)
    staff = replace(load_staff(session), chart=chart)
    found = []
    for post_id, post in sorted(chart.posts.items(), key=lambda row: (chart.place(row[1].unit_id), row[0])):
        unit = chart.units[post.unit_id]
        under = chart.units[unit.parent_id].name if unit.parent_id is not None else None
        if unit.closed_on is not None and unit.closed_on <= on:
            continue
        held = [row for row in staff.assignments.get(post_id, ()) if row.from_on <= on <= (row.until_on or date.max)]
        for row in held:
            person, away = staff.people[row.person_id], staff.absence(row.person_id, on)
            deputy = staff.people[away.deputy_id].name if away is not None else None
            found.append(Held(post_id, unit.name, post.title, person.name, row.from_on, row.until_on, deputy, under))
        if not held:
            found.append(Held(post_id, unit.name, post.title, under=under))
    return found


def reach(session: Session, post_id: int, on: date) -> Reach:
    """Whom the post's mail reaches on that day. For many posts, load a staff once and ask it."""
    return load_staff_of(session, load_chart_around(session, [post_id], ())).reach(post_id, on)


def _problem(person: Known, on: date) -> str | None:
    if person.left_on is not None and person.left_on <= on:
        return "퇴직·전출"
    if not person.email:
        return "전자우편 주소가 없음"
    if person.bounced_at is not None:
        return f"전자우편 주소({person.email})로 보낼 수 없음"
    return None
