"""`/a/{token}`: the team lead's form. Looking changes nothing; sending records, again and again."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from models import AnswerLink, StatusKind
from models.database import read, write
from notifications.delegations import count_passed, delegation_of
from notifications.links import LinkProblem, find_link
from schedules.escalation_pauses import was_told
from schedules.handovers import waiting_for
from web.access import TheOffice
from web.answer_again import show_again
from web.answer_form import Refusals, Typed, blank, read_typed
from web.answer_items import FormItem, read_items, read_open_items
from web.answer_links import check_form, find_even_settled, find_to_act, name_colleague, show_problem
from web.answer_record import Sent, keep_files, record, take_away
from web.answer_taps import Tap, read_tap, what_is_left, what_is_sent
from web.office import Office
from web.pages import drill_of, render
from web.posts import label_posts, name_asked
from web.receipt import Numbers, read_recorded
from web.security import form_token
from web.supported import read_questions, read_supported
from web.uploads import read_uploads

router = APIRouter()

ITEMS_A_PAGE = 20
FEWEST_AT_ONCE = 2  # one item has a button of its own
Page = Annotated[int, Query(ge=1, le=1000)]


async def posted_answers(request: Request, office: TheOffice, token: str) -> AsyncIterator[FormData]:
    """The form with its files; of a link that opens nothing not a byte is read."""

    def is_known() -> bool:
        with read(office.engine) as session:
            return find_even_settled(office, session, token, office.now())[1] is not None

    if not await run_in_threadpool(is_known):
        yield FormData()
        return
    most = ITEMS_A_PAGE * max(1, office.settings.upload_files)  # an empty field of files counts as one file
    async with request.form(max_files=most, max_fields=2000) as form:
        yield form


AnswerForm = Annotated[FormData, Depends(posted_answers)]


@router.get("/a/{token}")
def show_form(
    request: Request,
    office: TheOffice,
    token: str,
    page: Page = 1,
    said: Annotated[str, Query(max_length=10)] = "",
    sent: Numbers = "",
) -> Response:
    """The open items of the link's post. A mail scanner may look as often as it likes."""
    with read(office.engine) as session:
        link = find_link(session, token, office.now(), office.settings.timezone)
        if isinstance(link, LinkProblem):
            return show_problem(request, link)
        reports = [int(number) for number in sent.split(",") if number]
        return _show_items(request, office, session, link, token, page, {}, Refusals(), said=said, reports=reports)


@router.post("/a/{token}")
def send_answers(request: Request, office: TheOffice, token: str, form: AnswerForm) -> Response:
    """Records what was chosen and leaves the rest alone; refuses the whole form where one answer cannot be taken."""
    sent = Sent(
        read_typed(form.multi_items()), *read_uploads(form.multi_items(), office.settings), read_tap(form.get("once"))
    )
    now = office.now()
    kept: list[Path] = []
    try:
        with write(office.engine) as session:
            problem, link = find_even_settled(office, session, token, now)
            if link is None:
                return show_problem(request, problem)
            check_form(office, link, form)
            refusals, reports = record(session, office, link, sent, now)
            if not refusals:
                keep_files(session, office, sent, reports, now, kept, refusals)
            if refusals:
                session.rollback()
    except BaseException:
        take_away(kept)
        raise
    page = _number(form.get("page"))
    if refusals:
        take_away(kept)
        return _show_refused(request, office, token, page, sent, refusals)
    if problem is LinkProblem.SETTLED and not reports:
        return show_problem(request, problem)
    if not reports:
        return RedirectResponse(f"/a/{token}?said=nothing", HTTPStatus.SEE_OTHER)
    numbers = sorted(reports.values())
    if sent.tap is not None:
        return _show_after_tap(request, office, token, page, sent, numbers)
    return RedirectResponse(f"/a/{token}/receipt?reports={_joined(numbers)}", HTTPStatus.SEE_OTHER)


@router.post("/a/{token}/seen")
def mark_seen(request: Request, office: TheOffice, token: str, form: AnswerForm) -> Response:
    """열람: a person says that they have read it and will answer later."""
    with write(office.engine) as session:
        link = find_to_act(request, office, session, token, form, find_link)
        if isinstance(link, Response):
            return link
    return RedirectResponse(f"/a/{token}?said=seen", HTTPStatus.SEE_OTHER)


def _show_refused(request: Request, office: Office, token: str, page: int, sent: Sent, refusals: Refusals) -> Response:
    """The page that the form came from, everything typed kept, each refused field marked."""
    with read(office.engine) as session:
        problem, link = find_even_settled(office, session, token, office.now())
        taken_back = [(milestone_id, typed) for milestone_id, typed in sent.typed.items() if typed.again]
        if link is not None and taken_back:
            return show_again(request, office, session, link, token, *taken_back[0], refusals)
        if problem is not None or link is None:
            return show_problem(request, problem)
        had_files = bool(sent.uploads or sent.refused_files)
        return _show_items(request, office, session, link, token, page, sent.typed, refusals, had_files=had_files)


def _show_after_tap(
    request: Request, office: Office, token: str, page: int, sent: Sent, numbers: list[int]
) -> Response:
    """The form again with a receipt on top; once nothing is left to answer, the receipt alone.

    Where something was typed for other items the form is the answer itself, so that it is kept without a script; sent
    once more by loading it again, it records nothing new.
    """
    with read(office.engine) as session:
        link = find_link(session, token, office.now(), office.settings.timezone)
        if isinstance(link, LinkProblem) or not read_open_items(session, link, office.today(), size=1).total:
            return RedirectResponse(f"/a/{token}/receipt?reports={_joined(numbers)}", HTTPStatus.SEE_OTHER)
        recorded = {one.report.milestone_id for one in read_recorded(office, session, link, numbers)}
        others = {of: typed for of, typed in sent.typed.items() if of not in recorded}
        left = what_is_left(others, read_items(session, link, office.today(), others))
        had_files = bool((sent.uploads.keys() | sent.refused_files.keys()) - recorded)
        if not left and not had_files:
            here = f"&page={page}" if page > 1 else ""
            return RedirectResponse(f"/a/{token}?sent={_joined(numbers)}{here}", HTTPStatus.SEE_OTHER)
        return _show_items(
            request, office, session, link, token, page, left, Refusals(), had_files=had_files, reports=numbers
        )


def _show_items(
    request: Request,
    office: Office,
    session: Session,
    link: AnswerLink,
    token: str,
    page: int,
    typed: dict[int, Typed],
    refusals: Refusals,
    said: str = "",
    *,
    had_files: bool = False,
    reports: list[int] | None = None,
) -> Response:
    """The form, with a short receipt of `reports` on top.

    Typed fields stay as they were sent, except the mark of the state that is now on the screen.
    """
    today = office.today()
    delegation = delegation_of(session, link)
    is_own = delegation is None
    label = label_posts(session, [link.post_id], today)[link.post_id]
    found = read_open_items(session, link, today, page=page, size=ITEMS_A_PAGE, since=office.midnight())
    fields = {
        item.id: replace(typed[item.id], seen=item.seen) if item.id in typed else blank(item) for item in found.items
    }
    return render(
        request,
        "answer.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if refusals else HTTPStatus.OK,
        token=token,
        form_token=form_token(office.settings.secret_key, f"link:{link.token_sha256}"),
        answerer=name_colleague(delegation) if delegation is not None else name_asked(session, label, today),
        unit=label.unit,
        groups=found.grouped(),
        total=found.total,
        answered=found.answered,
        may_stay=_count_rest(found.items, fields),
        fewest_at_once=FEWEST_AT_ONCE,
        sent=read_recorded(office, session, link, reports) if reports else [],
        page=page,
        pages=-(-found.total // ITEMS_A_PAGE),
        fields=fields,
        labels={item.id: item.milestone.label for item in found.items},
        refusals=refusals,
        said=said,
        had_files=had_files,
        upload_kinds=",".join(f".{kind}" for kind in office.settings.upload_kinds),
        expires_at=link.expires_at,
        handover=waiting_for(session, link.post_id) if is_own else None,
        is_own=is_own,
        told=is_own and was_told(session, link.post_id),
        questions=read_questions(session, link.post_id),
        supported=read_supported(session, office, link.post_id) if is_own else [],
        passed=count_passed(session, link.post_id) if is_own else 0,
        drill=drill_of(office, session),
    )


def _count_rest(items: Iterable[FormItem], fields: Mapping[int, Typed]) -> int:
    """Of how many items on the page the one button says that nothing has changed."""
    rest = what_is_sent(Tap(StatusKind.NO_CHANGE, None), fields, items, ())
    return len(rest)


def _joined(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def _number(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() and 0 < int(value) <= 1000 else 1
