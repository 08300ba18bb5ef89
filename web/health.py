"""`/health`: the doctor's list as a page; `/healthz` and `/readyz` for whoever watches the process."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.database import read
from web.access import OfficeViewer, TheOffice
from web.pages import render

router = APIRouter()


@router.get("/health")
def show_health(request: Request, office: TheOffice, _viewer: OfficeViewer) -> Response:
    checks = office.doctor()
    return render(request, "health.html", checks=checks, faults=[check for check in checks if not check.ok])


@router.get("/healthz")
def is_alive() -> Response:
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def is_ready(office: TheOffice) -> Response:
    """Whether the database answers; 503 with no detail when it does not."""
    try:
        with read(office.engine) as session:
            session.execute(text("SELECT 1 FROM installation"))
    except DBAPIError:
        return PlainTextResponse("database unavailable\n", HTTPStatus.SERVICE_UNAVAILABLE)
    return PlainTextResponse("ok\n")
