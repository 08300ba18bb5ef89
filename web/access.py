"""Who may open which page: a route says it once, by the type of a parameter.

    viewer: Viewer            anybody with a role; show only `viewer.reads` (web/scope.py)
    viewer: OfficeViewer      who reads the whole office: its admin, its auditor
    admin: Admin              the admin of the whole office; with `form: AdminForm` where it writes
    admin: UnitAdmin          the admin of some units; touch only `admin.administers`; `form: UnitAdminForm`
    viewer: Reviewer          who may accept or return answers of `viewer.reviews`; `form: ReviewerForm`
    viewer: Lead              who is asked for the posts of `viewer.leads`; `form: LeadForm`
    viewer: Member            anybody who has signed in, for their own account; `form: MemberForm`

`by=viewer.actor` names them in the record of acts. A row outside their units is answered by 404, like one that is not
there. Each new route takes a line in the table of tests/web/test_routes.py.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from models.database import read
from settings import Settings
from web.office import Office, office_of
from web.security import is_form_token
from web.sign_in import RENEWED_AFTER, SESSION_HOURS, SignedIn, find_signed_in, read_cookie, write_cookie

COOKIE = "dday_session"


class NotSignedInError(Exception):
    """This page is not for everybody, and nobody has signed in here."""


class NotAllowedError(Exception):
    """Somebody has signed in whose roles do not open this page."""


class CodesNeededError(Exception):
    """An admin's account opens nothing before it has one-time codes."""


class ForgedFormError(Exception):
    """The form was not made by this page, or by a session that has ended."""


def viewer_of(request: Request) -> SignedIn | None:
    """Who has signed in here, looked up once a request; None for a stranger."""
    if not hasattr(request.state, "viewer"):
        request.state.viewer = _look_up(request)
    found: SignedIn | None = request.state.viewer
    return found


def require_member(request: Request) -> SignedIn:
    viewer = viewer_of(request)
    if viewer is None:
        raise NotSignedInError
    return viewer


def require(allows: Callable[[SignedIn], bool]) -> Callable[[Request], SignedIn]:
    """A dependency that lets in whom `allows` says yes to."""

    def required(request: Request) -> SignedIn:
        viewer = require_member(request)
        if viewer.needs_code:
            raise CodesNeededError
        if not allows(viewer):
            raise NotAllowedError
        return viewer

    return required


async def posted(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=2000)


def form_of(required: Callable[[Request], SignedIn]) -> Callable[..., FormData]:
    """A dependency that gives the posted fields of somebody let in, after the form's own token has been checked."""

    def checked(
        request: Request,
        viewer: Annotated[SignedIn, Depends(required)],
        form: Annotated[FormData, Depends(posted)],
    ) -> FormData:
        check_form(request, viewer, form)
        return form

    return checked


def check_form(request: Request, viewer: SignedIn, form: FormData) -> None:
    """Raises ForgedFormError unless this session's own page made the form."""
    given = form.get("csrf")
    secret = office_of(request).settings.secret_key
    if not isinstance(given, str) or not is_form_token(secret, f"session:{viewer.token}", given):
        raise ForgedFormError


def set_session(response: Response, settings: Settings, value: str) -> None:
    response.set_cookie(
        COOKIE, value, max_age=SESSION_HOURS * 3600, httponly=True, samesite="lax", secure=is_https(settings)
    )


def clear_session(response: Response, settings: Settings) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_https(settings))


def keep_session(request: Request, response: Response) -> None:
    """A page was looked at: the cookie says so from now on."""
    viewer, settings = viewer_of(request), office_of(request).settings
    found = read_cookie(settings, request.cookies.get(COOKIE, ""))
    if viewer is not None and found is not None:
        now = office_of(request).now()
        if now - found[1] > RENEWED_AFTER:
            set_session(response, settings, write_cookie(settings, viewer.token, now))


def is_https(settings: Settings) -> bool:
    return settings.base_url.startswith("https:")


def not_found() -> HTTPException:
    """What is not there, and what is not theirs, look alike."""
    return HTTPException(HTTPStatus.NOT_FOUND)


def reads_something(viewer: SignedIn) -> bool:
    return bool(viewer.reads)


def reads_office(viewer: SignedIn) -> bool:
    return viewer.reads.is_whole


def reviews_something(viewer: SignedIn) -> bool:
    return bool(viewer.reviews)


def leads_something(viewer: SignedIn) -> bool:
    return bool(viewer.leads)


def administers_something(viewer: SignedIn) -> bool:
    return bool(viewer.administers)


def administers_office(viewer: SignedIn) -> bool:
    return viewer.administers.is_whole


_viewer = require(reads_something)
_office_viewer = require(reads_office)
_reviewer = require(reviews_something)
_lead = require(leads_something)
_unit_admin = require(administers_something)
_admin = require(administers_office)

Member = Annotated[SignedIn, Depends(require_member)]
Viewer = Annotated[SignedIn, Depends(_viewer)]
OfficeViewer = Annotated[SignedIn, Depends(_office_viewer)]
Reviewer = Annotated[SignedIn, Depends(_reviewer)]
Lead = Annotated[SignedIn, Depends(_lead)]
UnitAdmin = Annotated[SignedIn, Depends(_unit_admin)]
Admin = Annotated[SignedIn, Depends(_admin)]
MemberForm = Annotated[FormData, Depends(form_of(require_member))]
ReviewerForm = Annotated[FormData, Depends(form_of(_reviewer))]
LeadForm = Annotated[FormData, Depends(form_of(_lead))]
UnitAdminForm = Annotated[FormData, Depends(form_of(_unit_admin))]
AdminForm = Annotated[FormData, Depends(form_of(_admin))]
PostedForm = Annotated[FormData, Depends(posted)]
TheOffice = Annotated[Office, Depends(office_of)]


def _look_up(request: Request) -> SignedIn | None:
    office = office_of(request)
    found = read_cookie(office.settings, request.cookies.get(COOKIE, ""))
    if found is None:
        return None
    token, seen_at = found
    with read(office.engine) as session:
        return find_signed_in(session, office.settings, token, seen_at, office.now())
