"""`/a/{token}/settings`: how a post's mail comes; the admin sees it on the post's page and can undo it."""

from datetime import time
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from models import AnswerLink, OptionalKind, Post, UnitKind
from models.database import read, write
from notifications.links import LinkProblem, find_own_link
from schedules.mail_wishes import Wish, WishError, forget_wish, load_wishes, offered_times, put_wish
from schedules.responsibility import load_chart_around
from web.access import Admin, AdminForm, PostedForm, TheOffice, not_found
from web.answer_links import find_to_act, show_problem
from web.office import Office
from web.pages import drill_of, render
from web.posts import label_posts, name_answerer
from web.security import form_token

router = APIRouter()


@router.get("/a/{token}/settings")
def show_settings(request: Request, office: TheOffice, token: str, said: str = "") -> Response:
    """What the link's post has chosen. Looking changes nothing."""
    with read(office.engine) as session:
        link = find_own_link(session, token, office.now(), office.settings.timezone)
        if isinstance(link, LinkProblem):
            return show_problem(request, link)
        return _page(request, office, session, link, token, None, said)


@router.post("/a/{token}/settings")
def keep_settings(request: Request, office: TheOffice, token: str, form: PostedForm) -> Response:
    """Keeps the time and what stays switched on; what is not optional is not asked about."""
    with write(office.engine) as session:
        link = find_to_act(request, office, session, token, form)
        if isinstance(link, Response):
            return link
        wanted = form.getlist("wanted")
        try:
            put_wish(
                session,
                link.post_id,
                str(form.get("time", "")),
                [kind for kind in _optional(session, link.post_id) if kind.value not in wanted],
                by=name_answerer(session, link.post_id, office.today()),
                now=office.now(),
                settings=office.settings,
            )
        except WishError as error:
            session.rollback()
            return _page(request, office, session, link, token, error)
    return RedirectResponse(f"/a/{token}/settings?said=kept", HTTPStatus.SEE_OTHER)


@router.post("/people/{post_id}/wish/forget")
def forget_settings(office: TheOffice, admin: Admin, _form: AdminForm, post_id: int) -> Response:
    """The post's mail comes again as the office has set it."""
    with write(office.engine) as session:
        if session.get(Post, post_id) is None:
            raise not_found()
        forget_wish(session, post_id, by=admin.actor, now=office.now())
    return RedirectResponse(f"/people/assign?post={post_id}", HTTPStatus.SEE_OTHER)


def wish_of(session: Session, office: Office, post_id: int) -> Wish | None:
    """What holds for the post today."""
    return load_wishes(session, [post_id], office.today()).get(post_id)


def _optional(session: Session, post_id: int) -> list[OptionalKind]:
    """What the post may do without: the weekly report only where it leads a department or bureau."""
    chart = load_chart_around(session, {post_id}, ())
    unit = chart.units[chart.posts[post_id].unit_id]
    leads = unit.kind is not UnitKind.TEAM and chart.heads.get(unit.id or 0) == post_id
    return [kind for kind in OptionalKind if kind is not OptionalKind.WEEKLY or leads]


def _page(
    request: Request,
    office: Office,
    session: Session,
    link: AnswerLink,
    token: str,
    error: WishError | None,
    said: str = "",
) -> Response:
    return render(
        request,
        "mail_wishes.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        token=token,
        form_token=form_token(office.settings.secret_key, f"link:{link.token_sha256}"),
        post=label_posts(session, [link.post_id], office.today())[link.post_id].name,
        wish=wish_of(session, office, link.post_id),
        times=[_written(at) for at in offered_times(office.settings.send_window)],
        optional=_optional(session, link.post_id),
        error=error,
        said=said,
        drill=drill_of(office, session),
    )


def _written(at: time) -> str:
    return at.strftime("%H:%M")
