"""Which posts hear of something while their own holders get no mail; nobody else is read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, not_, or_, select, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import OPEN_STATUSES, Absence, Assignment, Milestone, Person, Post, Project
from schedules.people import load_staff_of
from schedules.responsibility import Chart, load_chart
from schedules.rows import among, fetch_ids


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A post whose own holder gets no mail: why, and which post hears instead (None = nobody does)."""

    post_id: int
    unit: str
    post: str
    reason: str
    goes_to: str | None


def unreachable_posts(
    session: Session, on: date, post_ids: Collection[int] | None = None, *, within: ColumnElement[bool] | None = None
) -> list[Unreachable]:
    """The posts whose own holders get no mail that day, in the order of the organisation.

    Default: the posts that answer for an open milestone, and those above them who hear when nobody answers. People are
    read of those posts alone whose holder's own mail may not arrive. `within`: a condition on `Post`.
    """
    asked_for = true() if post_ids is None else among(col(Post.id), post_ids)
    in_doubt = _in_doubt(session, on, asked_for if within is None else and_(asked_for, within))
    if not in_doubt:
        return []
    chart = load_chart(session)
    asked = in_doubt & hearing_posts(session, chart) if post_ids is None else in_doubt
    staff = load_staff_of(session, chart, asked | {above for post_id in asked for above in chart.posts_above(post_id)})
    found = []
    for post_id in sorted(asked, key=lambda post: (staff.chart.units[staff.chart.posts[post].unit_id].position, post)):
        reached = staff.reach(post_id, on)
        if reached.reason is not None:
            post = staff.chart.posts[post_id]
            first = reached.recipients[0] if reached.recipients else None
            goes_to = f"{first.unit_name} {first.post_title} {first.name}" if first is not None else None
            found.append(
                Unreachable(post_id, staff.chart.units[post.unit_id].name, post.title, reached.reason, goes_to)
            )
    return found


def _in_doubt(session: Session, on: date, asked: ColumnElement[bool]) -> set[int]:
    """Of the posts asked for those without a holder that day whose own mail, or else every deputy's, surely arrives."""
    deputy, away = aliased(Person), aliased(Absence)
    stands_in = [_has_address(deputy, on), ~_is_away(deputy, on)]
    left_alone = select(col(away.id)).join(deputy, col(deputy.id) == col(away.deputy_id))
    left_alone = left_alone.where(col(away.person_id) == col(Person.id), _covers(away, on), not_(and_(*stands_in)))
    is_reached = (
        select(col(Assignment.id))
        .join(Person, col(Person.id) == col(Assignment.person_id))
        .where(
            col(Assignment.post_id) == col(Post.id),
            col(Assignment.from_on) <= on,
            or_(col(Assignment.until_on).is_(None), col(Assignment.until_on) >= on),
            or_(
                and_(_has_address(Person, on), ~_is_away(Person, on)),
                and_(_is_away(Person, on), ~left_alone.correlate(Person).exists()),
            ),
        )
        .correlate(Post)
    )
    return set(fetch_ids(session, select(col(Post.id)).where(asked, ~is_reached.exists())))


def _has_address(person: type[Person], on: date) -> ColumnElement[bool]:
    """That mail reaches them, as `Staff.reach` sees it."""
    return and_(
        col(person.email).is_not(None),
        col(person.email) != "",
        col(person.bounced_at).is_(None),
        or_(col(person.left_on).is_(None), col(person.left_on) > on),
    )


def _is_away(person: type[Person], on: date) -> ColumnElement[bool]:
    absence = aliased(Absence)
    covering = select(col(absence.id)).where(col(absence.person_id) == col(person.id), _covers(absence, on))
    return covering.correlate(person).exists()


def _covers(absence: type[Absence], on: date) -> ColumnElement[bool]:
    return and_(col(absence.from_on) <= on, col(absence.until_on) >= on)


def hearing_posts(session: Session, chart: Chart) -> set[int]:
    """The posts that answer for at least one open milestone of a project that is not closed, and all above them.

    Those above hear the unit's week and what climbs: that nobody holds them is to be known before it does. One look,
    answered from index ix_milestone_open: as many rows as there are posts and units, however many milestones.
    """
    homes = session.execute(
        select(col(Milestone.post_id), col(Project.post_id), col(Project.team_id), col(Project.unit_id))
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(
            col(Milestone.status).in_(OPEN_STATUSES),
            col(Milestone.duplicate_of_id).is_(None),
            col(Project.closed_at).is_(None),
        )
        .distinct()
    ).all()
    found = (
        chart.responsible(milestone_post=own, project_post=post_id, units=chart.units_up(team_id, unit_id))
        for own, post_id, team_id, unit_id in homes
    )
    posts: set[int] = set()
    for post_id in found:
        while post_id is not None and post_id not in posts:
            posts.add(post_id)
            post_id = chart.post_above(post_id)
    return posts
