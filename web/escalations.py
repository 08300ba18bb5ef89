"""확인·보류 of what was reported upwards: from the mail's link by the post that was told, and from the console."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, select
from starlette.datastructures import FormData

from models import AnswerLink, Milestone
from models.database import read, write
from notifications.links import LinkProblem, find_own_link
from schedules.escalation_pauses import (
    ACKNOWLEDGED_WORKING_DAYS,
    REASON_LENGTH,
    PauseError,
    acknowledge,
    list_told,
    snooze,
)
from schedules.office_days import load_calendar
from web.access import Admin, AdminForm, OfficeViewer, PostedForm, TheOffice
from web.answer_links import find_to_act, show_problem
from web.office import Office
from web.pages import drill_of, render
from web.posts import name_answerer
from web.security import form_token
from web.typed_days import read_day

router = APIRouter()


@router.get("/a/{token}/escalations")
def show_own_escalations(request: Request, office: TheOffice, token: str, said: str = "") -> Response:
    """What the link's post was told of and nobody has answered. Looking changes nothing."""
    with read(office.engine) as session:
        link = find_own_link(session, token, office.now(), office.settings.timezone)
        if isinstance(link, LinkProblem):
            return show_problem(request, link)
        return _own_page(request, office, session, link, token, None, said)


@router.post("/a/{token}/escalations")
def pause_own_escalation(request: Request, office: TheOffice, token: str, form: PostedForm) -> Response:
    with write(office.engine) as session:
        link = find_to_act(request, office, session, token, form)
        if isinstance(link, Response):
            return link
        by = f"post:{link.post_id} {name_answerer(session, link.post_id, office.today())}"
        try:
            _pause(session, office, form, link.post_id, by)
        except PauseError as error:
            session.rollback()
            return _own_page(request, office, session, link, token, error)
    return RedirectResponse(f"/a/{token}/escalations?said=paused", HTTPStatus.SEE_OTHER)


@router.get("/escalations")
def show_escalations(request: Request, office: TheOffice, _viewer: OfficeViewer, said: str = "") -> Response:
    """Every chain that has been told of and goes on."""
    with read(office.engine) as session:
        return _office_page(request, office, session, None, said)


@router.post("/escalations")
def pause_escalation(request: Request, office: TheOffice, admin: Admin, form: AdminForm) -> Response:
    with write(office.engine) as session:
        try:
            _pause(session, office, form, None, admin.actor)
        except PauseError as error:
            session.rollback()
            return _office_page(request, office, session, error)
    return RedirectResponse("/escalations?said=paused", HTTPStatus.SEE_OTHER)


def _pause(session: Session, office: Office, form: FormData, post_id: int | None, by: str) -> None:
    """The one milestone of the form: acknowledged, or put off to the day that was typed."""
    given = str(form.get("milestone", ""))
    milestone_id = int(given) if given.isdecimal() and len(given) < 10 else 0
    now, settings, calendar = office.now(), office.settings, load_calendar(session)
    if session.exec(select(Milestone.id).where(Milestone.id == milestone_id)).first() is None:
        raise PauseError("어느 일정인지 알 수 없습니다. 화면을 다시 열어 주세요.")
    if form.get("act") == "acknowledge":
        acknowledge(session, milestone_id, post_id=post_id, by=by, now=now, settings=settings, calendar=calendar)
        return
    until_on = read_day(str(form.get("until", "")))
    if until_on is None:
        raise PauseError("언제까지 보류할지 날짜를 적어 주세요. 예: 2024. 10. 15.")
    reason = str(form.get("reason", ""))
    snooze(
        session, milestone_id, until_on, reason, post_id=post_id, by=by, now=now, settings=settings, calendar=calendar
    )


def _own_page(
    request: Request,
    office: Office,
    session: Session,
    link: AnswerLink,
    token: str,
    error: PauseError | None,
    said: str = "",
) -> Response:
    return render(
        request,
        "escalations.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        base="plain.html",
        action=f"/a/{token}/escalations",
        back=f"/a/{token}",
        may_pause=True,
        form_token=form_token(office.settings.secret_key, f"link:{link.token_sha256}"),
        told=list_told(session, office.settings, link.post_id),
        error=error,
        said=said,
        days=ACKNOWLEDGED_WORKING_DAYS,
        longest=REASON_LENGTH,
        drill=drill_of(office, session),
    )


def _office_page(
    request: Request, office: Office, session: Session, error: PauseError | None, said: str = ""
) -> Response:
    return render(
        request,
        "escalations.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        base="console.html",
        action="/escalations",
        back=None,
        may_pause=None,
        form_token=None,
        told=list_told(session, office.settings),
        error=error,
        said=said,
        days=ACKNOWLEDGED_WORKING_DAYS,
        longest=REASON_LENGTH,
        drill=drill_of(office, session),
    )
