"""The web application: one factory, routes by page, and pages for what goes wrong."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Engine
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from notifications.previewed import Previewed
from settings import Settings
from web import (
    absences,
    account,
    activation,
    answer,
    answer_again,
    assigning,
    attachments,
    audit,
    calendar_feed,
    check_days,
    days,
    documents,
    escalations,
    findings,
    health,
    import_doubts,
    import_text,
    imports,
    inbox,
    login,
    mail_wishes,
    mailbox,
    milestones,
    outbox,
    paper,
    passing,
    people,
    people_on,
    preview,
    project,
    projects,
    receipt,
    reorganise,
    reports,
    round_changes,
    rounds,
    rules,
    schedules,
    sending,
    supporting,
    tables,
    takeover,
    timeline,
    today,
)
from web.access import COOKIE, CodesNeededError, ForgedFormError, NotAllowedError, NotSignedInError
from web.desk import Desk
from web.import_desk import Draft
from web.office import Check, Doctor, Office, Preview
from web.pages import render
from web.rates import Rates, network_of
from web.security import PAGE_HEADERS, Guard, address_of
from web.sign_in import read_cookie
from web.static_files import STATIC, KeptStaticFiles
from web.uploads import longest_body

log = structlog.get_logger()

UNCOUNTED = ("/static/", "/healthz", "/readyz")


def no_preview(_from: date, _to: date, _unit_id: int | None) -> list[Previewed]:
    return []


def no_doctor() -> Sequence[Check]:
    return []


def make_app(
    settings: Settings,
    engine: Engine,
    clock: Callable[[], datetime],
    *,
    preview_mails: Preview = no_preview,
    examine: Doctor = no_doctor,
) -> FastAPI:
    """The application on this database. `clock` tells the aware UTC time; it is asked once a request or so.

    `preview_mails(from, to, unit)` tells what would leave (contract shape) to the posts of a unit and below, or to all;
    `examine()` what the doctor finds. Both are given by whoever knows the order of things, because pages must not.
    """
    app = FastAPI(title="Dday", openapi_url=None, docs_url=None, redoc_url=None)
    rates = Rates(settings.pages_a_minute)
    app.state.office = Office(settings, engine, clock, preview_mails, examine, rates)
    app.state.desk = Desk[Draft]("import.look_failed")
    app.state.previews = Desk[preview.Play]("preview.failed")
    app.add_middleware(
        Guard, refuse=_refuse, max_upload_bytes=longest_body(settings), wait_for=_wait_for(settings, rates)
    )
    for page in (
        answer,
        answer_again,
        receipt,
        takeover,
        passing,
        escalations,
        mail_wishes,
        calendar_feed,
        attachments,
        audit,
        login,
        account,
        today,
        projects,
        project,
        milestones,
        check_days,
        supporting,
        timeline,
        documents,
        imports,
        import_text,
        import_doubts,
        preview,
        days,
        rounds,
        round_changes,
        reports,
        inbox,
        outbox,
        paper,
        mailbox,
        findings,
        people,
        assigning,
        absences,
        people_on,
        reorganise,
        rules,
        schedules,
        health,
        audit,
        activation,
        sending,
        tables,
    ):
        app.include_router(page.router)
    app.mount("/static", KeptStaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(NotSignedInError, _not_signed_in)
    app.add_exception_handler(NotAllowedError, _not_allowed)
    app.add_exception_handler(CodesNeededError, _codes_needed)
    app.add_exception_handler(ForgedFormError, _forged_form)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _http_error)
    app.add_exception_handler(OverflowError, _impossible)
    app.add_exception_handler(DataError, _impossible)
    app.add_exception_handler(Exception, _broken)
    return app


def _wait_for(settings: Settings, rates: Rates) -> Callable[[Scope], int]:
    """Counts by session where the cookie is one of ours, else by address; style sheets and health checks are free."""

    def wait(scope: Scope) -> int:
        if scope["path"].startswith(UNCOUNTED):
            return 0
        cookie = read_cookie(settings, Request(scope).cookies.get(COOKIE, ""))
        return rates.page(f"session:{cookie[0]}" if cookie is not None else network_of(address_of(scope)))

    return wait


def _not_signed_in(request: Request, _error: Exception) -> HTMLResponse:
    return render(request, "forbidden.html", HTTPStatus.FORBIDDEN, drill=None)


def _not_allowed(request: Request, _error: Exception) -> HTMLResponse:
    return render(request, "not_allowed.html", HTTPStatus.FORBIDDEN, drill=None)


def _codes_needed(_request: Request, _error: Exception) -> Response:
    return RedirectResponse("/account/codes", HTTPStatus.SEE_OTHER)


def _forged_form(request: Request, _error: Exception) -> HTMLResponse:
    return render(request, "stale_form.html", HTTPStatus.FORBIDDEN, drill=None)


def _refuse(scope: Scope, status: HTTPStatus) -> Response:
    template = "stale_form.html" if status is HTTPStatus.FORBIDDEN else "refused.html"
    return render(Request(scope), template, status, drill=None)


def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
    template = "not_found.html" if status in (404, 405, 422) else "refused.html"
    return render(request, template, status, drill=None)


def _impossible(request: Request, error: Exception) -> HTMLResponse:
    """A number beyond all that a column holds, a text with NUL in it: nobody's browser sends these by itself.

    A fault of ours may look the same: where it arose is logged, with the route, since an address may be a secret.
    """
    route = request.scope.get("route")
    log.warning("page.value_refused", method=request.method, route=getattr(route, "path", ""), exc_info=error)
    if request.method == "GET":
        return render(request, "not_found.html", HTTPStatus.NOT_FOUND, drill=None)
    return render(request, "refused.html", HTTPStatus.UNPROCESSABLE_ENTITY, drill=None)


def _broken(request: Request, _error: Exception) -> HTMLResponse:
    page = render(request, "broken.html", HTTPStatus.INTERNAL_SERVER_ERROR, drill=None)
    page.headers.update(PAGE_HEADERS)  # this handler stands outside the middleware that would set them
    return page
