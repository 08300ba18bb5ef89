"""`/people/on`: who held which post of which unit on a day, as the organisation was then."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from models.database import read
from schedules.people import list_held
from web.access import TheOffice, Viewer
from web.pages import render
from web.posts import in_units
from web.typed_days import read_day

router = APIRouter()

SHOWN = 200


@router.get("/people/on")
def show_day(
    request: Request,
    office: TheOffice,
    viewer: Viewer,
    day: Annotated[str, Query(max_length=30)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    on = read_day(day) if day.strip() else office.today()
    held = []
    if on is not None:
        with read(office.engine) as session:
            held = in_units(session, list_held(session, on), viewer.reads)
    return render(
        request,
        "people_on.html",
        on=on,
        typed=day or _written(office.today()),
        held=held[(page - 1) * SHOWN : page * SHOWN],
        page=page,
        pages=max(1, -(-len(held) // SHOWN)),
    )


def _written(day: date) -> str:
    return f"{day.year}. {day.month}. {day.day}."
