"""`/paper`: 종이로 알릴 목록, a slip for each post that mail did not move or does not reach, to print."""

from collections.abc import Iterator
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from documents.csv_file import write_csv
from models.database import read
from schedules import words
from schedules.office_days import load_calendar
from schedules.paper import PaperSlip, patience, read_paper_list
from web.access import TheOffice, Viewer
from web.office import Office
from web.pages import render
from web.sign_in import SignedIn

router = APIRouter()

HEADINGS = ("부서", "팀", "직위", "성명", "까닭", "요청일", "기한", "사업", "일정", "예정")
After = Annotated[int | None, Query(ge=0, le=250)]  # none: as long as the office's rules wait


@router.get("/paper")
def show_paper(request: Request, office: TheOffice, viewer: Viewer, after: After = None) -> Response:
    """Everything on one page, a department at a time, as it is printed."""
    slips, after = _slips(office, viewer, after)
    parts = [(name, list(theirs)) for name, theirs in groupby(slips, key=lambda slip: slip.department)]
    return render(request, "paper.html", parts=parts, count=len(slips), after=after)


@router.get("/paper.csv")
def take_paper(office: TheOffice, viewer: Viewer, after: After = None) -> Response:
    """A row for each item, for Excel."""
    slips, _ = _slips(office, viewer, after)
    return Response(
        write_csv(HEADINGS, _rows(slips)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="paper-{office.today().isoformat()}.csv"'},
    )


def _rows(slips: list[PaperSlip]) -> Iterator[tuple[str, ...]]:
    for slip in slips:
        about = (slip.department, slip.unit, slip.post, slip.holder, slip.why)
        for item in slip.items:
            days = (slip.asked_on.isoformat(), slip.due_on.isoformat())
            yield *about, *days, item.project, item.label, words.window(item.raw, item.start_on, item.end_on)


def _slips(office: Office, viewer: SignedIn, after: int | None) -> tuple[list[PaperSlip], int]:
    """With the working days without an answer that they were chosen by."""
    with read(office.engine) as session:
        calendar = load_calendar(session)
        after = patience(session) if after is None else after
        return read_paper_list(session, office.now(), office.settings, calendar, after, viewer.reads.ids), after
