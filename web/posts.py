"""Posts as a page names them: unit, title, and who holds the post on a day. One query a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Absence, Assignment, Person, Post, Unit
from schedules import words
from schedules.people import Recipient, reach
from schedules.unreachable import Unreachable, unreachable_posts
from web.scope import Units


@dataclass(frozen=True, slots=True)
class PostLabel:
    """`행정지원팀장`, its holder, and who stands in for an absent one."""

    id: int
    unit: str
    title: str
    holder: str | None
    deputy: str | None = None
    is_reachable: bool = False  # the holder's own mail arrives
    holders: int = 0

    @property
    def name(self) -> str:
        return words.post_name(self.unit, self.title)

    @property
    def addressed(self) -> str:
        """`홍길동 팀장`, `홍길동 팀장 외 1명`, `김대행 팀장 업무대행`: never the name alone; else the vacant post."""
        if not self.holder:
            return self.name
        one = f"{self.deputy} {self.title} 업무대행" if self.deputy else f"{self.holder} {self.title}"
        return one if self.holders < 2 else f"{one} 외 {self.holders - 1}명"


def label_posts(session: Session, post_ids: Iterable[int | None], on: date) -> dict[int, PostLabel]:
    """The labels of these posts; of several holders on that day the one who came last is named."""
    wanted = {post_id for post_id in post_ids if post_id is not None}
    if not wanted:
        return {}
    holding = (
        (col(Assignment.post_id) == col(Post.id))
        & (col(Assignment.from_on) <= on)
        & or_(col(Assignment.until_on).is_(None), col(Assignment.until_on) >= on)
    )
    present = (col(Person.id) == col(Assignment.person_id)) & or_(
        col(Person.left_on).is_(None), col(Person.left_on) > on
    )
    away = (col(Absence.person_id) == col(Person.id)) & (col(Absence.from_on) <= on) & (col(Absence.until_on) >= on)
    deputy = aliased(Person)
    rows = session.execute(
        select(
            col(Post.id),
            col(Unit.name),
            col(Post.title),
            col(Person.name),
            col(deputy.name),
            and_(col(Person.email).is_not(None), col(Person.bounced_at).is_(None)),
        )
        .join(Unit, col(Unit.id) == col(Post.unit_id))
        .outerjoin(Assignment, holding)
        .outerjoin(Person, present)
        .outerjoin(Absence, away)
        .outerjoin(deputy, col(deputy.id) == col(Absence.deputy_id))
        .where(col(Post.id).in_(wanted))
        .order_by(col(Post.id), col(Assignment.from_on))
    ).all()
    labels: dict[int, PostLabel] = {}
    for post_id, unit, title, holder, stand_in, is_reachable in rows:
        if post_id is not None and (holder is not None or post_id not in labels):
            count = labels[post_id].holders + 1 if post_id in labels else int(holder is not None)
            labels[post_id] = PostLabel(post_id, unit, title, holder, stand_in, bool(is_reachable), count)
    return labels


def unreachable_in(session: Session, on: date, units: Units) -> list[Unreachable]:
    """The posts of these units that hear of an open milestone and whose own holders get no mail that day."""
    return unreachable_posts(session, on, within=units.of_posts())


class OfPost(Protocol):
    """Something about one post."""

    @property
    def post_id(self) -> int: ...


About = TypeVar("About", bound=OfPost)


def in_units(session: Session, found: list[About], units: Units) -> list[About]:
    """Those that are about a post of these units."""
    if units.is_whole or not found:
        return found
    theirs = set(session.scalars(select(col(Post.id)).where(units.of_posts())))
    return [one for one in found if one.post_id in theirs]


def name_answerer(session: Session, post_id: int, on: date) -> str:
    """Who is asked in the post's name that day, as reports and changes remember them: everybody whose link it is.

    `홍길동 팀장`, `홍길동 팀장, 성춘향 팀장`, `김대행 팀장 업무대행(홍길동)`; where mail goes to the post above,
    `이순신 과장(인사팀장 대신)`.
    """
    return name_asked(session, label_posts(session, [post_id], on)[post_id], on)


def name_asked(session: Session, label: PostLabel, on: date) -> str:
    """As `name_answerer`, of a post whose label is known."""
    if label.is_reachable and label.deputy is None and label.holders == 1:
        return label.addressed
    asked = [_named(one, label) for one in reach(session, label.id, on).recipients]
    return ", ".join(asked) or label.addressed


def _named(one: Recipient, label: PostLabel) -> str:
    deputy = f" 업무대행({one.deputy_for})" if one.deputy_for else ""
    return f"{one.name} {one.post_title}{deputy}" + (f"({label.name} 대신)" if one.stands_in_for else "")
