"""확인·보류: who was told that nobody answered has seen it, and waits until a day before hearing of it again."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel


class EscalationPause(SQLModel, table=True):
    """Until `until_on` nothing more climbs about the milestone; of several the latest holds."""

    __tablename__ = "escalation_pause"

    id: int | None = Field(default=None, primary_key=True)
    milestone_id: int = Field(foreign_key="milestone.id", index=True)
    post_id: int | None = Field(default=None, foreign_key="post.id")  # None = from the console
    until_on: date
    reason: str
    paused_by: str
    paused_at: datetime
