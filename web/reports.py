"""`/reports`: the next document to download, for a round or a day, in the formats an office can file."""

from datetime import date
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from documents.edition import ProgressReport, edition_as_of
from documents.edition_kept import round_edition
from documents.errors import DocumentError
from models.database import read
from web.access import OfficeViewer, TheOffice
from web.pages import render
from web.typed_days import read_day

router = APIRouter()

MEDIA_TYPES = {
    "hwpx": "application/hwp+zip",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown; charset=utf-8",
}


@router.get("/reports")
def download_report(
    request: Request,
    office: TheOffice,
    _viewer: OfficeViewer,
    kind: Annotated[str, Query(alias="format", pattern="^(hwpx|docx|md)$")],
    round_id: Annotated[int | None, Query(alias="round", ge=1)] = None,
    as_of: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The report of a round, else as of a day (default: today). A locked round's is the one that was kept."""
    day = read_day(as_of) if as_of else office.today()
    if day is None:
        return render(
            request, "refusal.html", HTTPStatus.UNPROCESSABLE_ENTITY, message=f"'{as_of}'은(는) 날짜가 아닙니다."
        )
    try:
        with read(office.engine) as session:
            zone = office.settings.timezone
            edition = round_edition(session, round_id, zone) if round_id else edition_as_of(session, day, zone)
    except DocumentError as error:
        return render(request, "refusal.html", HTTPStatus.CONFLICT, message=str(error))
    name = quote(file_name(edition.title, edition.as_of, kind), safe="")
    return Response(
        write_edition(edition, kind),
        media_type=MEDIA_TYPES[kind],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def file_name(title: str, as_of: date, kind: str) -> str:
    """`2024년 주요업무 진행사항 보고(2024-10-01).hwpx`"""
    plain = "".join(character for character in title if character not in '\\/:*?"<>|').strip() or "보고"
    return f"{plain}({as_of.isoformat()}).{kind}"


def write_edition(edition: ProgressReport, kind: str) -> bytes:
    """The document's bytes; only that format's library is loaded."""
    if kind == "docx":
        from documents.writers.docx import write_docx

        return write_docx(edition)
    if kind == "hwpx":
        from documents.writers.hwpx import write_hwpx

        return write_hwpx(edition)
    from documents.writers.markdown import write_markdown

    return write_markdown(edition)
