"""Who did what, and from where: appended, never edited."""

from contextvars import ContextVar
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

# Where the act of this moment comes from: `web 10.1.2.3`, `cli hong@host`; empty = the clock or a worker by itself.
# Set once at the outer edge, so that no verb below has to carry it.
origin: ContextVar[str] = ContextVar("origin", default="")


class AuditEntry(SQLModel, table=True):
    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    actor: str
    act: str  # `import`, `activate`, `rule.set`, `round.open` …
    subject: str  # `project:3`, `rule:7`
    detail: str = ""
    origin: str | None = Field(default_factory=origin.get)
