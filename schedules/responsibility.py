"""Who answers for a milestone: a post of a unit, and the posts above it. People come later, in `schedules.people`."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Result, select
from sqlmodel import Session, col

from models import Post, Unit, UnitKind
from schedules import words
from schedules.rows import among

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


class ChartPost(NamedTuple):
    id: int
    unit_id: int
    title: str


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
        """The head of the post's own unit, or, when it is that head, of the nearest unit above; None at the top."""
        post = self.posts.get(post_id)
        if post is None:
            return None
        heads = (self.heads[unit] for unit in self.units_up(post.unit_id) if unit in self.heads)
        return next((head for head in heads if head != post_id), None)

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

    def units_up(self, *unit_ids: int | None) -> tuple[int, ...]:
        """The units given that exist, each followed by those above it, nearest first, none twice."""
        found: list[int] = []
        for unit_id in unit_ids:
            while unit_id is not None and unit_id in self.units and unit_id not in found:
                found.append(unit_id)
                unit_id = self.units[unit_id].parent_id
        return tuple(found)

    def name_of(self, post_id: int) -> str:
        """`행정지원팀장`."""
        post = self.posts[post_id]
        return words.post_name(self.units[post.unit_id].name, post.title)


def load_chart(session: Session) -> Chart:
    """The whole organisation, read at once: a city has some hundreds of units, a whole country tens of thousands."""
    return _chart(session.execute(_UNITS), session.execute(_POSTS))


def load_chart_around(session: Session, post_ids: Collection[int], unit_ids: Collection[int]) -> Chart:
    """These posts, these units and everything above them: about them it answers as the whole chart does."""
    of_posts = select(col(Post.unit_id)).where(among(col(Post.id), post_ids))
    up = (
        select(col(Unit.id).label("id"), col(Unit.parent_id).label("parent_id"))
        .where(among(col(Unit.id), unit_ids) | col(Unit.id).in_(of_posts))
        .cte(recursive=True)
    )
    up = up.union(select(col(Unit.id), col(Unit.parent_id)).join(up, col(Unit.id) == up.c.parent_id))
    ids = list(session.scalars(select(up.c.id)))
    units = session.execute(_UNITS.where(among(col(Unit.id), ids)))
    return _chart(units, session.execute(_POSTS.where(among(col(Post.unit_id), ids))))


_UNITS = select(
    col(Unit.id), col(Unit.name), col(Unit.kind), col(Unit.parent_id), col(Unit.position), col(Unit.closed_on)
)
_POSTS = select(col(Post.id), col(Post.unit_id), col(Post.title))


def _chart(all_units: Result[Any], all_posts: Result[Any]) -> Chart:
    units = {unit.id: unit for unit in map(ChartUnit._make, all_units.all())}
    posts = {post.id: post for post in map(ChartPost._make, all_posts.all())}
    heads: dict[int, tuple[int, int]] = {}
    for post_id, post in posts.items():
        titles = HEAD_TITLES.get(units[post.unit_id].kind, ())
        if post.title in titles:
            rank = titles.index(post.title)
            heads[post.unit_id] = min(heads.get(post.unit_id, (rank, post_id)), (rank, post_id))
    return Chart(units, posts, {unit_id: post_id for unit_id, (_, post_id) in heads.items()})
