"""Who did what: appended, never edited."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class AuditEntry(SQLModel, table=True):
    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    actor: str
    act: str  # `import`, `activate`, `rule.set`, `round.open` …
    subject: str  # `project:3`, `rule:7`
    detail: str = ""
