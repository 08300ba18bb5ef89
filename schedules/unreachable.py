"""Which posts hear of something while their own holders get no mail; nobody else is read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, false, not_, null, or_, select, true, union, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import OPEN_STATUSES, Absence, Assignment, Milestone, Person, Post, Project, SupportingPost, Unit
from schedules.people import load_staff_of
from schedules.responsibility import Chart, load_chart_around
from schedules.rows import among, fetch, fetch_ids, one_by_one
from schedules.rules import load_rules


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
    in_doubt = posts_in_doubt(session, on, asked_for if within is None else and_(asked_for, within))
    if not in_doubt:
        return []
    asked, chart = in_doubt, None
    if post_ids is None:
        asked, chart = hearing_posts(session, in_doubt)
    if not asked:
        return []
    chart = chart or load_chart_around(session, asked, ())
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


def posts_in_doubt(session: Session, on: date, asked: ColumnElement[bool]) -> set[int]:
    """Of the posts asked for (a condition on `Post`) those without a holder that day whose mail surely arrives.

    A holder's own, or every deputy's; `Staff.reach` says of the rest whether it does.
    """
    deputy, away = aliased(Person), aliased(Absence)
    stands_in = and_(_has_address(deputy, on), ~_is_away(deputy, on))
    left_alone = select(col(away.person_id)).join(deputy, col(deputy.id) == col(away.deputy_id))
    left_alone = left_alone.where(_covers(away, on), not_(stands_in))
    is_reached = (
        select(col(Assignment.id))
        .join(Person, col(Person.id) == col(Assignment.person_id))
        .where(
            col(Assignment.post_id) == col(Post.id),
            col(Assignment.from_on) <= on,
            or_(col(Assignment.until_on).is_(None), col(Assignment.until_on) >= on),
            or_(
                and_(_has_address(Person, on), ~_is_away(Person, on)),
                and_(_is_away(Person, on), col(Person.id).not_in(left_alone)),
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
    return col(person.id).in_(select(col(absence.person_id)).where(_covers(absence, on)))


def _covers(absence: type[Absence], on: date) -> ColumnElement[bool]:
    return and_(col(absence.from_on) <= on, col(absence.until_on) >= on)


def hearing_posts(session: Session, asked: Collection[int]) -> tuple[set[int], Chart]:
    """Of these posts those that answer for an open milestone of a project that is not closed, or stand above or beside.

    Those above hear the unit's week and what climbs: that nobody holds them is to be known before it does. Only what
    lies below the posts is read, by index ix_milestone_open_project; the chart answers about them as the whole does.
    """
    posts, units = _below(session, asked)
    home = (col(Project.id), col(Project.post_id), col(Project.team_id), col(Project.unit_id))
    running = select(*home).where(col(Project.closed_at).is_(None))
    of_units = (running.where(one_by_one(column, units)) for column in (col(Project.unit_id), col(Project.team_id)))
    homes = union(*of_units, running.where(one_by_one(col(Project.post_id), posts)))
    projects = {project_id: tuple(rest) for project_id, *rest in fetch(session, homes)}
    asked_about = (col(Milestone.status).in_(OPEN_STATUSES), col(Milestone.duplicate_of_id).is_(None))
    theirs = select(col(Milestone.project_id), col(Milestone.post_id)).where(*asked_about)
    theirs = theirs.where(one_by_one(col(Milestone.project_id), projects)).distinct()
    own = select(col(Milestone.post_id)).join(Project, col(Project.id) == col(Milestone.project_id)).distinct()
    own = own.where(*asked_about, col(Project.closed_at).is_(None), one_by_one(col(Milestone.post_id), posts))
    rows = {(post_id, *projects[project_id]) for project_id, post_id in fetch(session, theirs)}
    of_posts = fetch(session, union_all(own.add_columns(false()), _beside(asked)))
    rows |= {(post_id, None, None, None) for post_id, is_beside in of_posts if not is_beside}
    beside = {post_id for post_id, is_beside in of_posts if is_beside}
    if beside and not any(rule.tells_supporting for rule in load_rules(session).rules):
        beside = set()
    named = {unit_id for _, _, team_id, unit_id in rows for unit_id in (team_id, unit_id) if unit_id is not None}
    chart = load_chart_around(session, asked, units | named)
    found = (
        chart.responsible(milestone_post=own, project_post=post_id, units=chart.units_up(team_id, unit_id))
        for own, post_id, team_id, unit_id in rows
    )
    hearing: set[int] = set()
    for post_id in found:
        while post_id is not None and post_id not in hearing:
            hearing.add(post_id)
            post_id = chart.post_above(post_id)
    return (hearing | beside) & set(asked), chart


def _beside(asked: Collection[int]) -> Select[int, bool]:
    """Those of these posts that support a project which is not closed."""
    return (
        select(col(SupportingPost.post_id), true())
        .join(Project, col(Project.id) == col(SupportingPost.project_id))
        .where(one_by_one(col(SupportingPost.post_id), asked), col(Project.closed_at).is_(None))
    )


def _below(session: Session, asked: Collection[int]) -> tuple[set[int], set[int]]:
    """The posts from which something may climb to one of these, themselves included, and the units of all of them."""
    posts = set(asked)
    while True:
        down = (
            select(col(Unit.id).label("id"))
            .where(col(Unit.id).in_(select(col(Post.unit_id)).where(one_by_one(col(Post.id), posts))))
            .cte(recursive=True)
        )
        down = down.union(select(col(Unit.id)).join(down, col(Unit.parent_id) == down.c.id))
        there = or_(col(Post.unit_id).in_(select(down.c.id)), among(col(Post.successor_id), posts))
        found = union_all(select(down.c.id, null()), select(col(Post.unit_id), col(Post.id)).where(there))
        rows = fetch(session, found)
        posts |= {post_id for _, post_id in rows if post_id is not None}
        units = {unit_id for unit_id, post_id in rows if post_id is None}
        if units.issuperset(unit_id for unit_id, _ in rows):
            return posts, units
