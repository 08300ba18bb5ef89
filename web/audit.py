"""`/audit`: who did what, when and from where; `/audit.csv`: the same as a table to keep."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import col, select

from models import AuditEntry, Unit
from models.database import read
from web.access import OfficeViewer, TheOffice
from web.acts import MOST_EXPORTED, SHOWN, Asked, as_csv, read_acts
from web.catalogue import words_of
from web.office import Office
from web.pages import render
from web.typed_days import read_day

router = APIRouter()

Who = Annotated[str, Query(max_length=60)]
Day = Annotated[str, Query(max_length=30)]
OfUnit = Annotated[str, Query(pattern=r"^\d{0,9}$")]
CHUNK = 1000


@router.get("/audit")
def show_audit(
    request: Request,
    office: TheOffice,
    _viewer: OfficeViewer,
    who: Who = "",
    act: Who = "",
    first: Day = "",
    last: Day = "",
    unit: OfUnit = "",
    before: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """A page of acts below an id; a day that cannot be read is said, and not filtered by."""
    unread = [day for day in (first, last) if day and read_day(day) is None]
    kept = {"who": who, "act": act, "first": first, "last": last, "unit": unit}
    with read(office.engine) as session:
        units = session.exec(select(Unit.id, Unit.name).order_by(col(Unit.position), col(Unit.id)).limit(500)).all()
        asked = _asked(who, act, first, last, unit)
        found = read_acts(session, asked, office.settings.timezone, before=before, limit=SHOWN + 1)
    query = urlencode({name: value for name, value in kept.items() if value})
    return render(
        request,
        "audit.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if unread else HTTPStatus.OK,
        entries=found[:SHOWN],
        acts=words_of("Act"),
        units=units,
        kept=kept,
        unread=unread,
        export_address=f"/audit.csv?{query}",
        further_address=f"/audit?{query}&before={found[SHOWN - 1].id}" if len(found) > SHOWN else None,
    )


@router.get("/audit.csv")
def export_audit(
    office: TheOffice,
    _viewer: OfficeViewer,
    who: Who = "",
    act: Who = "",
    first: Day = "",
    last: Day = "",
    unit: OfUnit = "",
) -> Response:
    """The newest first, as far as MOST_EXPORTED, read and sent in chunks."""
    return StreamingResponse(
        as_csv(_entries(office, _asked(who, act, first, last, unit)), office.settings.timezone),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="dday-audit.csv"'},
    )


def _entries(office: Office, asked: Asked) -> Iterator[AuditEntry]:
    before, left = 0, MOST_EXPORTED
    while left > 0:
        with read(office.engine) as session:
            found = read_acts(session, asked, office.settings.timezone, before=before, limit=min(CHUNK, left))
        yield from found
        if len(found) < CHUNK:
            return
        before, left = found[-1].id or 0, left - len(found)


def _asked(who: str, act: str, first: str, last: str, unit: str) -> Asked:
    return Asked(who.strip(), act.strip(), read_day(first), read_day(last), int(unit) if unit else None)
