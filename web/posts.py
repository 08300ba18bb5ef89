"""Posts as a page names them: unit, title, and who holds the post on a day. One query a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models import Absence, Assignment, Person, Post, Unit
from schedules import words


@dataclass(frozen=True, slots=True)
class PostLabel:
    """`행정지원팀장`, its holder, and who stands in for an absent one."""

    id: int
    unit: str
    title: str
    holder: str | None
    email: str | None
    deputy: str | None = None

    @property
    def name(self) -> str:
        return words.post_name(self.unit, self.title)

    @property
    def addressed(self) -> str:
        """`홍길동 팀장`, `김대행 팀장 업무대행`: never the name alone; the post where nobody holds it."""
        if self.deputy:
            return f"{self.deputy} {self.title} 업무대행"
        return f"{self.holder} {self.title}" if self.holder else self.name


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
        select(col(Post.id), col(Unit.name), col(Post.title), col(Person.name), col(Person.email), col(deputy.name))
        .join(Unit, col(Unit.id) == col(Post.unit_id))
        .outerjoin(Assignment, holding)
        .outerjoin(Person, present)
        .outerjoin(Absence, away)
        .outerjoin(deputy, col(deputy.id) == col(Absence.deputy_id))
        .where(col(Post.id).in_(wanted))
        .order_by(col(Post.id), col(Assignment.from_on))
    ).all()
    labels: dict[int, PostLabel] = {}
    for post_id, unit, title, holder, email, stand_in in rows:
        if post_id is not None and (holder is not None or post_id not in labels):
            labels[post_id] = PostLabel(post_id, unit, title, holder, email, stand_in)
    return labels
