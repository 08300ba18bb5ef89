"""Which units a role covers, as conditions that a query can take: every list and every page asks these."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from models import Document, Notification, Post, Project, Unit


@dataclass(frozen=True, slots=True)
class Units:
    """A set of units with all that lie under them; `ids` None = the whole office, present and future."""

    ids: frozenset[int] | None

    @property
    def is_whole(self) -> bool:
        return self.ids is None

    def __bool__(self) -> bool:
        return self.ids is None or bool(self.ids)

    def covers(self, unit_id: int | None) -> bool:
        return self.ids is None or unit_id in self.ids

    def covers_project(self, project: Project) -> bool:
        """Whether its department or its team is among them."""
        return self.covers(project.unit_id) or (project.team_id is not None and self.covers(project.team_id))

    def of_units(self) -> ColumnElement[bool]:
        """On rows of `Unit`."""
        return true() if self.ids is None else col(Unit.id).in_(self.ids)

    def of_projects(self) -> ColumnElement[bool]:
        """On rows of `Project`; what hangs on a project (milestones, findings) is reached by joining it."""
        if self.ids is None:
            return true()
        return or_(col(Project.unit_id).in_(self.ids), col(Project.team_id).in_(self.ids))

    def of_posts(
        self, column: ColumnElement[int | None] | Mapped[int] | Mapped[int | None] | None = None
    ) -> ColumnElement[bool]:
        """On rows of `Post`, or on any column that points at one."""
        if self.ids is None:
            return true()
        if column is None:
            return col(Post.unit_id).in_(self.ids)
        return column.in_(select(col(Post.id)).where(col(Post.unit_id).in_(self.ids)))

    def of_messages(self) -> ColumnElement[bool]:
        """On rows of `Notification`; what is written to the admin concerns the whole office."""
        return self.of_posts(col(Notification.post_id))

    def of_documents(self) -> ColumnElement[bool]:
        """On rows of `Document`: only those that speak of nobody else, for a text cannot be shown in parts."""
        if self.ids is None:
            return true()
        theirs = select(col(Project.id)).where(col(Project.document_id) == col(Document.id)).correlate(Document)
        return theirs.where(self.of_projects()).exists() & ~theirs.where(~self.of_projects()).exists()


NOWHERE = Units(frozenset())
WHOLE_OFFICE = Units(None)


def units_under(session: Session, roots: Collection[int | None]) -> Units:
    """The units named with everything below them; None among them = the whole office. One query at most."""
    if None in roots:
        return WHOLE_OFFICE
    if not roots:
        return NOWHERE
    tree = select(col(Unit.id).label("id")).where(col(Unit.id).in_(roots)).cte("tree", recursive=True)
    tree = tree.union(select(col(Unit.id)).join(tree, col(Unit.parent_id) == tree.c.id))
    return Units(frozenset(session.scalars(select(tree.c.id))))
