"""`/a/{token}/pass`: 넘기기, a lead has a colleague answer for some items and sees what became of it."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from models import AnswerLink
from models.database import read, write
from notifications.delegations import MOST_A_DAY, DelegationError, list_passed, pass_on, take_back
from notifications.links import LinkProblem, find_own_link
from schedules.office_days import load_calendar
from web.access import PostedForm, TheOffice
from web.answer_items import read_items, read_open_items
from web.answer_links import find_to_act, show_problem
from web.office import Office
from web.pages import drill_of, render
from web.posts import name_answerer
from web.security import form_token

router = APIRouter()

SHOWN = 500


@router.get("/a/{token}/pass")
def show_passing(request: Request, office: TheOffice, token: str, said: str = "") -> Response:
    """The open items to choose from, and what is passed on now."""
    with read(office.engine) as session:
        link = find_own_link(session, token, office.now(), office.settings.timezone)
        if isinstance(link, LinkProblem):
            return show_problem(request, link)
        return _show(request, office, session, link, token, said=said)


@router.post("/a/{token}/pass")
def pass_items(request: Request, office: TheOffice, token: str, form: PostedForm) -> Response:
    """One mail to the colleague, with a link for the chosen items only; the same form again sends nothing more."""
    chosen = [int(value) for value in form.getlist("item") if isinstance(value, str) and value.isdecimal()][:SHOWN]
    name, email = (str(form.get(field, "")) for field in ("name", "email"))
    now = office.now()
    with write(office.engine) as session:
        link = find_to_act(request, office, session, token, form)
        if isinstance(link, Response):
            return link
        own = [item.id for item in read_items(session, link, office.today(), chosen) if item.is_open]
        try:
            pass_on(
                session,
                post_id=link.post_id,
                milestone_ids=own,
                name=name,
                email=email,
                by=name_answerer(session, link.post_id, office.today()),
                now=now,
                settings=office.settings,
                calendar=load_calendar(session),
            )
        except DelegationError as error:
            session.rollback()
            return _show(request, office, session, link, token, chosen=chosen, name=name, email=email, error=error)
    return RedirectResponse(f"/a/{token}/pass?said=passed", HTTPStatus.SEE_OTHER)


@router.post("/a/{token}/pass/{delegation_id}/back")
def take_items_back(request: Request, office: TheOffice, token: str, delegation_id: int, form: PostedForm) -> Response:
    """거두기: the colleague's link ends."""
    with write(office.engine) as session:
        link = find_to_act(request, office, session, token, form)
        if isinstance(link, Response):
            return link
        by = name_answerer(session, link.post_id, office.today())
        taken = take_back(session, delegation_id, link.post_id, by, office.now())
    return RedirectResponse(f"/a/{token}/pass?said={'back' if taken else 'gone'}", HTTPStatus.SEE_OTHER)


def _show(
    request: Request,
    office: Office,
    session: Session,
    link: AnswerLink,
    token: str,
    *,
    chosen: list[int] | None = None,
    name: str = "",
    email: str = "",
    error: DelegationError | None = None,
    said: str = "",
) -> Response:
    return render(
        request,
        "pass.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        token=token,
        form_token=form_token(office.settings.secret_key, f"link:{link.token_sha256}"),
        items=read_open_items(session, link, office.today(), size=SHOWN).items,
        passed=list_passed(session, link.post_id),
        chosen=chosen or [],
        name=name,
        email=email,
        error=error,
        said=said,
        most=MOST_A_DAY,
        drill=drill_of(office, session),
    )
