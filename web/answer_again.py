"""`/a/{token}/again/{milestone}`: the way back from 완료 that was sent by mistake, until its round is locked."""

from dataclasses import replace
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from models import AnswerLink, CollectionRound, MilestoneStatus, RoundState, StatusKind
from models.database import read
from web.access import TheOffice
from web.answer_form import Refusals, Typed, blank
from web.answer_items import FormItem, read_items
from web.answer_links import find_even_settled, name_sender, show_problem
from web.office import Office
from web.pages import drill_of, render
from web.security import form_token

router = APIRouter()


@router.get("/a/{token}/again/{milestone_id}")
def ask_again(request: Request, office: TheOffice, token: str, milestone_id: int) -> Response:
    """The item alone, with what it may be instead; what may not be taken back leads to the form."""
    with read(office.engine) as session:
        problem, link = find_even_settled(office, session, token, office.now())
        if link is None:
            return show_problem(request, problem)
        return show_again(request, office, session, link, token, milestone_id, None, Refusals())


def show_again(
    request: Request,
    office: Office,
    session: Session,
    link: AnswerLink,
    token: str,
    milestone_id: int,
    typed: Typed | None,
    refusals: Refusals,
) -> Response:
    """The page, with the typed fields as they were sent."""
    found = [item for item in read_items(session, link, office.today(), [milestone_id]) if item.id == milestone_id]
    if not found or not may_take_back(session, link, found[0]):
        return RedirectResponse(f"/a/{token}", HTTPStatus.SEE_OTHER)
    item = found[0]
    percent = item.last.percent_complete if item.last is not None else None
    fresh = replace(blank(item), percent="" if percent is None else str(percent))
    return render(
        request,
        "answer_again.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if refusals else HTTPStatus.OK,
        token=token,
        form_token=form_token(office.settings.secret_key, f"link:{link.token_sha256}"),
        answerer=name_sender(session, link, office.today()),
        item=item,
        fields=replace(typed or fresh, seen=item.seen),
        refusals=refusals,
        upload_kinds=",".join(f".{kind}" for kind in office.settings.upload_kinds),
        drill=drill_of(office, session),
    )


def may_take_back(session: Session, link: AnswerLink, item: FormItem) -> bool:
    """Whether the item was closed by this post's own last answer, which nobody has locked since."""
    last = item.last
    if last is None or last.kind is not StatusKind.DONE or last.post_id != link.post_id:
        return False
    if item.milestone.status is not MilestoneStatus.DONE or item.project.closed_at is not None:
        return False
    asked = session.get(CollectionRound, last.round_id) if last.round_id is not None else None
    return asked is None or asked.state is not RoundState.LOCKED
