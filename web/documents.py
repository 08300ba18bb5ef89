"""`/documents`: every edition that was read, and its text with line numbers, so that each value shows its source."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select
from sqlmodel import col

from documents.markup import cell_text, plain
from models import Document
from models.database import read
from web.access import TheOffice, Viewer, not_found
from web.pages import render

router = APIRouter()

SHOWN = 50
LINES_A_PAGE = 300
LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the document as words: a row of TAB-separated cells where it is one."""

    number: int
    text: str
    cells: tuple[str, ...]
    level: int  # 1 … 6 for a heading, else 0


@router.get("/documents")
def show_documents(request: Request, office: TheOffice, viewer: Viewer) -> Response:
    with read(office.engine) as session:
        editions = session.execute(
            select(
                col(Document.id),
                col(Document.title),
                col(Document.as_of_on),
                col(Document.file_name),
                col(Document.imported_at),
            )
            .where(viewer.reads.of_documents())
            .order_by(col(Document.as_of_on).desc(), col(Document.id).desc())
            .limit(SHOWN)
        ).all()
    return render(request, "documents.html", editions=editions)


@router.get("/documents/{document_id}")
def show_document(
    request: Request,
    office: TheOffice,
    viewer: Viewer,
    document_id: int,
    line: Annotated[int, Query(ge=1, le=10_000_000)] = 1,
) -> Response:
    """The page of lines that holds `line`; a browser goes on to `#L181` by itself."""
    with read(office.engine) as session:
        theirs = select(Document).where(col(Document.id) == document_id, viewer.reads.of_documents())
        document = session.scalars(theirs).first()
    if document is None:
        raise not_found()
    lines = document.text.split("\n")
    first = min((line - 1) // LINES_A_PAGE * LINES_A_PAGE, max(0, len(lines) - 1))
    shown = [read_line(number, text) for number, text in enumerate(lines[first : first + LINES_A_PAGE], first + 1)]
    return render(
        request,
        "document.html",
        document=document,
        lines=shown,
        marked=line,
        before=first + 1 - LINES_A_PAGE if first else None,
        after=first + 1 + LINES_A_PAGE if first + LINES_A_PAGE < len(lines) else None,
        total=len(lines),
    )


def read_line(number: int, text: str) -> Line:
    text = text[:LONGEST_LINE].rstrip("\r")
    if "\t" in text:
        return Line(number, "", tuple(cell_text(cell) for cell in text.split("\t")), 0)
    level = len(text) - len(text.lstrip("#"))
    indent = len(text) - len(text.lstrip(" "))
    return Line(number, " " * min(indent, 12) + plain(text.lstrip("# ")), (), min(level, 6))
