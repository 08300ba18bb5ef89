"""`/login/{token}`: looking shows a button, pressing it uses the address up and signs in; `/logout` signs out."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from models.database import read, write
from web.access import AdminForm, TheOffice, close_session, is_login_open, open_session, use_login
from web.pages import render

router = APIRouter()


@router.get("/login/{token}")
def show_login(request: Request, office: TheOffice, token: str) -> Response:
    """Mail scanners and link previews look at addresses: only the button opens."""
    with read(office.engine) as session:
        is_open = is_login_open(session, token, office.now())
    return render(request, "login.html", HTTPStatus.OK if is_open else HTTPStatus.GONE, is_open=is_open)


@router.post("/login/{token}")
def log_in(request: Request, office: TheOffice, token: str) -> Response:
    with write(office.engine) as session:
        is_mine = use_login(session, token, office.now())
    if not is_mine:
        return render(request, "login.html", HTTPStatus.GONE, is_open=False)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    open_session(response, office.settings)
    return response


@router.post("/logout")
def log_out(office: TheOffice, _form: AdminForm) -> Response:
    response = RedirectResponse("/bye", HTTPStatus.SEE_OTHER)
    close_session(response, office.settings)
    return response


@router.get("/bye")
def show_bye(request: Request) -> Response:
    return render(request, "bye.html")
