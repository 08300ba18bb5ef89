"""Answer links as pages meet them: what is wrong with one, whose form it is, who answers through it."""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from http import HTTPStatus

from fastapi import Request, Response
from sqlalchemy import update
from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from models import AnswerLink, CollectionRound, Delegation, Notification, RoundState
from models.database import read
from notifications.delegations import delegation_of
from notifications.links import LinkProblem, find_link, find_own_link
from schedules import words
from web.access import ForgedFormError
from web.office import Office, office_of
from web.pages import render
from web.posts import name_answerer
from web.security import is_form_token, token_hash

FindLink = Callable[[Session, str, datetime, tzinfo], AnswerLink | LinkProblem]


def show_problem(request: Request, problem: LinkProblem | None) -> Response:
    status = HTTPStatus.NOT_FOUND if problem is LinkProblem.UNKNOWN else HTTPStatus.GONE
    locked = None
    if problem is LinkProblem.SETTLED:
        with read(office_of(request).engine) as session:
            locked = _locked_round(session, token_hash(request.path_params.get("token", "")))
    return render(request, "link_problem.html", status, problem=problem, locked=locked, drill=None)


def _locked_round(session: Session, token_sha256: str) -> CollectionRound | None:
    """The round that the link's mail asked for, once it is locked: which is why nothing is left to answer."""
    return session.exec(
        select(CollectionRound)
        .join(Notification, col(Notification.round_id) == col(CollectionRound.id))
        .join(AnswerLink, col(AnswerLink.notification_id) == col(Notification.id))
        .where(AnswerLink.token_sha256 == token_sha256, CollectionRound.state == RoundState.LOCKED)
    ).first()


def find_even_settled(
    office: Office, session: Session, token: str, now: datetime
) -> tuple[LinkProblem | None, AnswerLink | None]:
    """The link and what is wrong with it; one whose items have just been settled still shows its receipt."""
    found = find_link(session, token, now, office.settings.timezone)
    if isinstance(found, AnswerLink):
        return None, found
    if found is not LinkProblem.SETTLED:
        return found, None
    return found, session.exec(select(AnswerLink).where(AnswerLink.token_sha256 == token_hash(token))).one()


def find_to_act(
    request: Request, office: Office, session: Session, token: str, form: FormData, find: FindLink = find_own_link
) -> AnswerLink | Response:
    """The link through which a person acts with a form of ours, marked as opened; a page where it opens nothing.

    Raises ForgedFormError for a form that is not ours, and changes nothing then.
    """
    link = find(session, token, office.now(), office.settings.timezone)
    if isinstance(link, LinkProblem):
        return show_problem(request, link)
    check_form(office, link, form)
    mark_opened(session, link, office.now())
    return link


def check_form(office: Office, link: AnswerLink, form: FormData) -> None:
    given = form.get("csrf")
    if not isinstance(given, str) or not is_form_token(office.settings.secret_key, f"link:{link.token_sha256}", given):
        raise ForgedFormError


def mark_opened(session: Session, link: AnswerLink, now: datetime) -> None:
    """열람: a person has acted on the link's mail; only the first time is kept."""
    session.execute(
        update(Notification)
        .where(col(Notification.id) == link.notification_id, col(Notification.opened_at).is_(None))
        .values(opened_at=now)
    )


def name_sender(session: Session, link: AnswerLink, on: date) -> str:
    """Who answers through the link, as reports remember it; a colleague with the name of whoever passed it on."""
    delegation = delegation_of(session, link)
    return name_colleague(delegation) if delegation is not None else name_answerer(session, link.post_id, on)


def name_colleague(delegation: Delegation) -> str:
    return f"{delegation.name}({words.with_particle(delegation.passed_by, '이', '가')} 넘김)"
