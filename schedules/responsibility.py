"""Who answers for a milestone: a post of a unit, and the posts above it. People come later, in `schedules.people`."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import FormerUnit, Post, Unit, UnitKind
from schedules import words
from schedules.rows import fetch, fetch_ids, one_by_one

# The posts that lead a unit, the usual title first (지방자치단체의 행정기구와 정원기준 등에 관한 규정).
HEAD_TITLES = {
    UnitKind.TEAM: ("팀장", "파트장"),
    UnitKind.DEPARTMENT: ("과장", "담당관", "동장", "소장", "실장", "단장", "관장", "사무국장"),
    UnitKind.BUREAU: ("국장", "본부장", "실장", "단장", "소장"),
}


class ChartUnit(NamedTuple):
    id: int
    name: str
    kind: UnitKind
    parent_id: int | None
    position: int
    closed_on: date | None
    opened_on: date | None = None
    former_parents: tuple[int, ...] = ()  # the units under which it stood before, in no order


class ChartPost(NamedTuple):
    id: int
    unit_id: int
    title: str
    successor_id: int | None = None  # the post that took it over when its unit was merged


@dataclass(frozen=True, slots=True)
class Chart:
    """The organisation at one moment: units under units, and the post that leads each."""

    units: Mapping[int, ChartUnit]
    posts: Mapping[int, ChartPost]
    heads: Mapping[int, int]  # unit id → post id

    def responsible(
        self, *, milestone_post: int | None, project_post: int | None, units: tuple[int, ...]
    ) -> int | None:
        """The milestone's own post, else the project's, else the head of the nearest unit that has one."""
        if milestone_post is not None:
            return milestone_post
        if project_post is not None:
            return project_post
        return next((self.heads[unit] for unit in units if unit in self.heads), None)

    def post_above(self, post_id: int) -> int | None:
        """The head of the post's own unit, or, when it is that head, of the nearest unit above; None at the top.

        Above a post whose unit was merged is the one that took it over.
        """
        post = self.posts.get(post_id)
        if post is None:
            return None
        if post.successor_id is not None:
            return post.successor_id if post.successor_id in self.posts else None
        heads = (self.heads[unit] for unit in self.units_up(post.unit_id) if unit in self.heads)
        return next((head for head in heads if head != post_id), None)

    def led_by(self, post_id: int) -> list[int]:
        """The units whose nearest head is this post."""
        return [
            unit_id
            for unit_id in self.units
            if self.responsible(milestone_post=None, project_post=None, units=self.units_up(unit_id)) == post_id
        ]

    def raised(self, post_id: int, level: int) -> int | None:
        """The post `level` steps above; None where the organisation ends before."""
        found: int | None = post_id
        for _ in range(level):
            if found is not None:
                found = self.post_above(found)
        return found

    def posts_above(self, post_id: int) -> Iterator[int]:
        """The posts above, nearest first."""
        above = self.post_above(post_id)
        while above is not None:
            yield above
            above = self.post_above(above)

    def has_stood_above(self, above_id: int, post_id: int) -> bool:
        """Whether the post leads a unit under which the other stands, or once stood; a closed unit is led by nobody."""
        above, post = self.posts.get(above_id), self.posts.get(post_id)
        if above is None or post is None or above_id == post_id or self.heads.get(above.unit_id) != above_id:
            return False
        if self.units[above.unit_id].closed_on is not None:
            return False
        seen: set[int] = set()
        ahead = [post.unit_id]
        while ahead:
            unit = self.units.get(ahead.pop())
            if unit is not None and unit.id not in seen:
                seen.add(unit.id)
                ahead += unit.former_parents if unit.parent_id is None else (unit.parent_id, *unit.former_parents)
        return above.unit_id in seen

    def units_up(self, *unit_ids: int | None) -> tuple[int, ...]:
        """The units given that exist, each followed by those above it, nearest first, none twice."""
        found: list[int] = []
        for unit_id in unit_ids:
            while unit_id is not None and unit_id in self.units and unit_id not in found:
                found.append(unit_id)
                unit_id = self.units[unit_id].parent_id
        return tuple(found)

    def place(self, unit_id: int) -> tuple[tuple[int, int], ...]:
        """Where the unit stands in the order of the organisation: each unit before those under it."""
        return tuple((self.units[one].position, one) for one in reversed(self.units_up(unit_id)))

    def name_of(self, post_id: int) -> str:
        """`행정지원팀장`."""
        post = self.posts[post_id]
        return words.post_name(self.units[post.unit_id].name, post.title)


def load_chart(session: Session) -> Chart:
    """The whole organisation, read at once: a city has some hundreds of units, a whole country tens of thousands."""
    return _chart(fetch(session, _UNITS), fetch(session, _POSTS))


def load_chart_around(session: Session, post_ids: Collection[int], unit_ids: Collection[int]) -> Chart:
    """These posts, these units and everything above them: about them it answers as the whole chart does."""
    asked = set(post_ids)
    chart = _read_around(session, asked, unit_ids)
    while missing := {post.successor_id for post in chart.posts.values() if post.successor_id} - chart.posts.keys():
        asked |= missing
        chart = _read_around(session, asked, unit_ids)
    return chart


def _read_around(session: Session, post_ids: Collection[int], unit_ids: Collection[int]) -> Chart:
    theirs = select(col(Post.unit_id)).where(one_by_one(col(Post.id), post_ids))
    named = select(col(Unit.id)).where(one_by_one(col(Unit.id), unit_ids)).union(theirs)
    up = (
        select(col(Unit.id).label("id"), col(Unit.parent_id).label("parent_id"))
        .where(col(Unit.id).in_(named))
        .cte(recursive=True)
    )
    up = up.union(select(col(Unit.id), col(Unit.parent_id)).join(up, col(Unit.id) == up.c.parent_id))
    ids = fetch_ids(session, select(up.c.id))
    units = fetch(session, _UNITS.where(one_by_one(col(Unit.id), ids)))
    return _chart(units, fetch(session, _POSTS.where(one_by_one(col(Post.unit_id), ids))))


def load_units_of(session: Session, unit_ids: Collection[int]) -> Mapping[int, ChartUnit]:
    """These units and those that they stand under, without their posts and without where they stood before."""
    found: dict[int, ChartUnit] = {}
    wanted = set(unit_ids)
    while wanted:
        rows = fetch(session, _PLAIN_UNITS.where(one_by_one(col(Unit.id), wanted)))
        found |= {row[0]: ChartUnit(*row) for row in rows}
        wanted = {unit.parent_id for unit in found.values() if unit.parent_id is not None} - found.keys()
    return found


def load_chart_under(session: Session, post_id: int) -> Chart:
    """The post's unit and everything below it: which units it leads is said as by the whole chart."""
    down = (
        select(col(Unit.id).label("id"))
        .join(Post, col(Post.unit_id) == col(Unit.id))
        .where(col(Post.id) == post_id)
        .cte(recursive=True)
    )
    down = down.union(select(col(Unit.id)).join(down, col(Unit.parent_id) == down.c.id))
    below = select(down.c.id)
    return _chart(
        fetch(session, _UNITS.where(col(Unit.id).in_(below))),
        fetch(session, _POSTS.where(col(Post.unit_id).in_(below))),
    )


_FORMER = aliased(FormerUnit)
_PLAIN_UNITS = select(
    col(Unit.id),
    col(Unit.name),
    col(Unit.kind),
    col(Unit.parent_id),
    col(Unit.position),
    col(Unit.closed_on),
    col(Unit.opened_on),
)
# A row for each place that a unit once had, one for a unit that never had another.
_UNITS = _PLAIN_UNITS.add_columns(col(_FORMER.parent_id)).outerjoin(
    _FORMER, (col(_FORMER.unit_id) == col(Unit.id)) & col(_FORMER.parent_id).is_not(None)
)
_POSTS = select(col(Post.id), col(Post.unit_id), col(Post.title), col(Post.successor_id))


def _chart(all_units: Iterable[Any], all_posts: Iterable[Any]) -> Chart:
    units: dict[int, ChartUnit] = {}
    for row in all_units:
        former_parent = row[-1]
        unit = units.get(row[0]) or ChartUnit._make((*row[:-1], ()))
        units[unit.id] = unit
        if former_parent is not None:
            units[unit.id] = unit._replace(former_parents=(*unit.former_parents, former_parent))
    return make_chart(units, {post.id: post for post in map(ChartPost._make, all_posts)})


def make_chart(units: Mapping[int, ChartUnit], posts: Mapping[int, ChartPost]) -> Chart:
    """The chart of these units and posts: of the posts that may lead a unit, the one with the most usual title does."""
    heads: dict[int, tuple[int, int]] = {}
    for post_id, post in posts.items():
        titles = HEAD_TITLES.get(units[post.unit_id].kind, ())
        if post.title in titles:
            rank = titles.index(post.title)
            heads[post.unit_id] = min(heads.get(post.unit_id, (rank, post_id)), (rank, post_id))
    return Chart(units, posts, {unit_id: post_id for unit_id, (_, post_id) in heads.items()})
