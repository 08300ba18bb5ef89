"""넘기기: a lead has a colleague answer for some items; the lead stays responsible."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Delegation(SQLModel, table=True):
    """Who passed what on to whom; the items are those that `notification_id`, the colleague's mail, names."""

    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="post.id", index=True)
    notification_id: int = Field(foreign_key="notification.id", unique=True)
    passed_by: str  # post and person as they were known then
    name: str
    email: str
    passed_at: datetime
    revoked_at: datetime | None = None
