"""`/rounds`: collections opened, watched on a board, chased, reviewed, locked, and handed out as the next document."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from documents.edition_kept import keep_editions
from models import CollectionRound, Post, StatusRequest
from models.database import read, write
from schedules.chasing import nudge
from schedules.collection import lock_round, open_round, reopen_round
from schedules.completion import read_completion
from schedules.history import load_chart_on
from schedules.office_days import load_calendar
from schedules.requests import due_moment
from schedules.review import accept_request, return_request
from schedules.round import RoundError
from web.access import Admin, AdminForm, Reviewer, ReviewerForm, TheOffice, Viewer, not_found, require_member
from web.office import Office
from web.pages import render
from web.posts import label_posts
from web.round_board import SHOWN as BOARD_SHOWN
from web.round_board import count_board, read_answers_of, read_board
from web.scope import Units
from web.typed_days import read_day

router = APIRouter()

SHOWN = 30
ROWS_SHOWN = 150  # of the completion table
NOT_A_DAY = "날짜를 2024. 10. 4. 처럼 적어 주세요."

Said = Annotated[str, Query(pattern="^(|opened|nudged|locked|reopened|accepted|returned)$")]


@router.get("/rounds")
def show_rounds(request: Request, office: TheOffice, _viewer: Viewer) -> Response:
    return _list_page(request, office)


@router.post("/rounds")
def open_new(request: Request, office: TheOffice, admin: Admin, form: AdminForm) -> Response:
    """Opens a round: every post with open items is asked once."""
    try:
        with write(office.engine) as session:
            opened = open_round(
                session,
                title=_text(form, "title"),
                as_of_on=_day(form, "as_of"),
                due_on=_day(form, "due") if _text(form, "due") else None,
                questions=_text(form, "questions").splitlines(),
                now=office.now(),
                settings=office.settings,
                calendar=load_calendar(session),
                by=admin.actor,
            )
    except RoundError as error:
        return _list_page(request, office, error, form)
    return RedirectResponse(f"/rounds/{opened.round_id}?said=opened", HTTPStatus.SEE_OTHER)


@router.get("/rounds/{round_id}")
def show_round(
    request: Request,
    office: TheOffice,
    _viewer: Viewer,
    round_id: int,
    said: Said = "",
    count: Annotated[int, Query(ge=0)] = 0,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    return _board_page(request, office, round_id, said=said, count=count, page=page)


@router.post("/rounds/{round_id}/nudge")
def nudge_outstanding(request: Request, office: TheOffice, admin: Admin, form: AdminForm, round_id: int) -> Response:
    """미제출 안내 to every post that owes an answer, once a day."""

    def act(session: Session) -> int:
        return nudge(
            session,
            now=office.now(),
            settings=office.settings,
            calendar=load_calendar(session),
            by=admin.actor,
            round_id=round_id,
        ).messages

    return _act(request, office, form, round_id, "nudged", act)


@router.post("/rounds/{round_id}/lock")
def lock(request: Request, office: TheOffice, admin: Admin, form: AdminForm, round_id: int) -> Response:
    def act(session: Session) -> int:
        if form.get("sure") != "yes":
            raise RoundError("sure", "마감한다는 칸에 표시해 주세요.")
        closed = lock_round(session, round_id, by=admin.actor, now=office.now())
        keep_editions(session, office.settings.timezone)
        return closed

    return _act(request, office, form, round_id, "locked", act)


@router.post("/rounds/{round_id}/reopen")
def reopen(request: Request, office: TheOffice, admin: Admin, form: AdminForm, round_id: int) -> Response:
    def act(session: Session) -> int:
        due_at = _due(office, form)
        return reopen_round(
            session, round_id, reason=_text(form, "reason"), due_at=due_at, by=admin.actor, now=office.now()
        )

    return _act(request, office, form, round_id, "reopened", act)


@router.post("/rounds/{round_id}/accept")
def accept(request: Request, office: TheOffice, reviewer: Reviewer, form: ReviewerForm, round_id: int) -> Response:
    """확정: the answers of the chosen requests stand; all of them or none."""
    chosen = [int(one) for one in form.getlist("request") if isinstance(one, str) and one.isdecimal()]

    def act(session: Session) -> int:
        if not chosen:
            raise RoundError("request", "확정할 제출을 골라 주세요.")
        for request_id in chosen:
            _of_round(session, reviewer.reviews, round_id, request_id)
            accept_request(session, request_id, by=reviewer.actor, now=office.now())
        return len(chosen)

    return _act(request, office, form, round_id, "accepted", act)


@router.get("/rounds/{round_id}/requests/{request_id}")
def show_request(request: Request, office: TheOffice, _viewer: Viewer, round_id: int, request_id: int) -> Response:
    return _request_page(request, office, round_id, request_id)


@router.post("/rounds/{round_id}/requests/{request_id}/return")
def return_for_revision(
    request: Request, office: TheOffice, reviewer: Reviewer, form: ReviewerForm, round_id: int, request_id: int
) -> Response:
    """보완요청: asked again, with the comment, until the day named."""
    try:
        with write(office.engine) as session:
            _of_round(session, reviewer.reviews, round_id, request_id)
            return_request(
                session,
                request_id,
                comment=_text(form, "comment"),
                due_at=_due(office, form),
                by=reviewer.actor,
                now=office.now(),
                settings=office.settings,
                calendar=load_calendar(session),
            )
    except RoundError as error:
        return _request_page(request, office, round_id, request_id, error, form)
    return RedirectResponse(f"/rounds/{round_id}?said=returned&count=1", HTTPStatus.SEE_OTHER)


def _act(
    request: Request, office: Office, form: FormData, round_id: int, said: str, act: Callable[[Session], int]
) -> Response:
    """Does it in one unit of work and shows the board again, with how many it touched or why it was refused."""
    try:
        with write(office.engine) as session:
            count = act(session)
    except RoundError as error:
        return _board_page(request, office, round_id, error, form)
    return RedirectResponse(f"/rounds/{round_id}?said={said}&count={count}", HTTPStatus.SEE_OTHER)


def _list_page(
    request: Request, office: Office, error: RoundError | None = None, form: FormData | None = None
) -> Response:
    today = office.today()
    with read(office.engine) as session:
        rounds = session.exec(select(CollectionRound).order_by(col(CollectionRound.id).desc()).limit(SHOWN)).all()
    typed = form or FormData(
        {"title": f"{today.year}년 {today.month}월 정기 취합", "as_of": _written(today), "due": ""}
    )
    return render(request, "rounds.html", _status(error), rounds=rounds, typed=typed, error=error)


def _board_page(
    request: Request,
    office: Office,
    round_id: int,
    error: RoundError | None = None,
    form: FormData | None = None,
    said: str = "",
    count: int = 0,
    page: int = 1,
) -> Response:
    with read(office.engine) as session:
        found = session.get(CollectionRound, round_id)
        if found is None:
            raise not_found()
        viewer = require_member(request)
        locked_on = _locked_on(found, office)
        then = load_chart_on(session, locked_on) if locked_on is not None else None
        parts = read_board(session, round_id, locked_on or office.today(), viewer.reads, page, then)
        asked, done = count_board(session, round_id, viewer.reads)
        completion = None
        if viewer.reads.is_whole:
            calendar = load_calendar(session)
            completion = read_completion(session, round_id, office.now(), office.settings, calendar, most=ROWS_SHOWN)
    return render(
        request,
        "round.html",
        _status(error),
        round=found,
        parts=parts,
        completion=completion,
        asked=asked,
        done=done,
        further_address=f"/rounds/{round_id}?page={page + 1}" if page * BOARD_SHOWN < asked else None,
        error=error,
        typed=form or FormData(),
        said=said,
        count=count,
    )


def _request_page(
    request: Request,
    office: Office,
    round_id: int,
    request_id: int,
    error: RoundError | None = None,
    form: FormData | None = None,
) -> Response:
    viewer = require_member(request)
    with read(office.engine) as session:
        asked = _of_round(session, viewer.reads, round_id, request_id)
        found = session.get_one(CollectionRound, round_id)
        items = read_answers_of(session, request_id)
        locked_on = _locked_on(found, office)
        post = label_posts(session, [asked.post_id], locked_on or office.today()).get(asked.post_id)
        if locked_on is not None and post is not None:
            then = load_chart_on(session, locked_on)
            post = replace(post, unit=then.units[then.posts[asked.post_id].unit_id].name)
        may_review = viewer.reviews.covers(session.get_one(Post, asked.post_id).unit_id)
    return render(
        request,
        "request.html",
        _status(error),
        round=found,
        asked=asked,
        items=items,
        post=post,
        may_review=may_review,
        error=error,
        typed=form or FormData(),
    )


def _locked_on(found: CollectionRound, office: Office) -> date | None:
    """The day whose names and holders a locked round is shown with."""
    return office.local(found.locked_at).date() if found.locked_at is not None else None


def _of_round(session: Session, units: Units, round_id: int, request_id: int) -> StatusRequest:
    """The request of this round and these units; what is elsewhere is not found."""
    asked = session.exec(
        select(StatusRequest).where(
            StatusRequest.id == request_id,
            StatusRequest.round_id == round_id,
            units.of_posts(col(StatusRequest.post_id)),
        )
    ).first()
    if asked is None:
        raise not_found()
    return asked


def _status(error: RoundError | None) -> HTTPStatus:
    return HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _day(form: FormData, name: str) -> date:
    day = read_day(_text(form, name))
    if day is None:
        raise RoundError(name, NOT_A_DAY)
    return day


def _due(office: Office, form: FormData) -> datetime:
    return due_moment(_day(form, "due"), office.settings)


def _written(day: date) -> str:
    return f"{day.year}. {day.month}. {day.day}."
