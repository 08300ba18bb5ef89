"""협조: the posts that hear of a project, or of one milestone of it, beside the one that answers."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

_OF_ALL, _OF_ONE = "milestone_id IS NULL", "milestone_id IS NOT NULL"


class SupportingPost(SQLModel, table=True):
    """A post that supports a milestone, or (`milestone_id` None) every milestone of the project.

    It is told where a rule says so, and owes no answer.
    """

    __tablename__ = "supporting_post"
    __table_args__ = (
        Index(
            "ix_supporting_post_of_project",
            "project_id",
            "post_id",
            unique=True,
            postgresql_where=text(_OF_ALL),
            sqlite_where=text(_OF_ALL),
        ),
        Index(
            "ix_supporting_post_of_milestone",
            "milestone_id",
            "post_id",
            unique=True,
            postgresql_where=text(_OF_ONE),
            sqlite_where=text(_OF_ONE),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    milestone_id: int | None = Field(default=None, foreign_key="milestone.id")
    post_id: int = Field(foreign_key="post.id", index=True)
    added_at: datetime
    added_by: str  # `admin`, `import`
