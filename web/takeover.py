"""`/a/{token}/accept`: 수락, the new holder of a post takes over what its leaver left."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from models.database import write
from schedules.handovers import accept
from web.access import PostedForm, TheOffice
from web.answer_links import find_to_act
from web.posts import name_answerer

router = APIRouter()


@router.post("/a/{token}/accept")
def accept_handover(request: Request, office: TheOffice, token: str, form: PostedForm) -> Response:
    """Pressed twice it is one acceptance."""
    with write(office.engine) as session:
        link = find_to_act(request, office, session, token, form)
        if isinstance(link, Response):
            return link
        accept(session, link.post_id, name_answerer(session, link.post_id, office.today()), office.now())
    return RedirectResponse(f"/a/{token}?said=accepted", HTTPStatus.SEE_OTHER)
