"""붙임: a file or photo that came with a status report; the row here, the bytes in the data folder."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class Attachment(SQLModel, table=True):
    """One file of one report, kept as it came. `stored_as` is a random name under `files/`; `name` is what it was
    called, cleaned for showing and downloading. The same content twice in one report is one row."""

    __table_args__ = (UniqueConstraint("report_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="status_report.id")
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    stored_as: str = Field(unique=True)
    added_at: datetime
