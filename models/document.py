"""An imported report, kept whole, and what does not add up in it."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import enum_type


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Document(SQLModel, table=True):
    """One edition of a report or table; `text` is what was read, so that every value can show its source line."""

    id: int | None = Field(default=None, primary_key=True)
    title: str
    as_of_on: date
    sha256: str = Field(unique=True)
    file_name: str
    text: str
    imported_at: datetime
    imported_by: str


class Finding(SQLModel, table=True):
    """A contradiction or doubt in a document: what is printed, what it should be, where."""

    id: int | None = Field(default=None, primary_key=True)
    document_id: int = Field(foreign_key="document.id", index=True)
    project_id: int | None = Field(default=None, foreign_key="project.id", index=True)
    code: str
    severity: Severity = Field(sa_type=enum_type(Severity))
    line: int | None = None
    message: str
    expected: str | None = None
    found: str | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
