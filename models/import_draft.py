"""가져오기 초안: an uploaded file that is being looked through; nothing of it counts until it is stored."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import enum_type, json_type


class ImportKind(StrEnum):
    REPORT = "report"
    MILESTONES = "milestones"
    STAFF = "staff"


class ImportDraft(SQLModel, table=True):
    """The file as uploaded, and what a person has corrected in it so far; the row goes when it is stored or dropped.

    `content` is a report's text, or a table's bytes in base64. `corrections`: for each doubt (by its key) the cells
    that a person changed, in the words of the list of doubts.
    """

    __tablename__ = "import_draft"

    id: int | None = Field(default=None, primary_key=True)
    kind: ImportKind = Field(sa_type=enum_type(ImportKind))
    file_name: str
    content: str
    as_of_on: date | None = None  # said by a person, where the document does not say it
    corrections: dict[str, dict[str, str]] = Field(default_factory=dict, sa_type=json_type())
    uploaded_at: datetime
    uploaded_by: str
