"""`/a/{token}`: the team lead's form. Looking changes nothing; sending records, again and again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import func, update
from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from models import (
    AnswerLink,
    Attachment,
    CollectionRound,
    Delegation,
    Milestone,
    Notification,
    Project,
    Reminder,
    ReminderState,
    RoundState,
    StatusReport,
)
from models.database import read, write
from notifications.delegations import count_passed, delegation_of
from notifications.links import LinkProblem, find_link
from schedules import words
from schedules.answers import AnswerError, record_answers
from schedules.escalation_pauses import was_told
from schedules.handovers import waiting_for
from schedules.office_days import load_calendar
from web.access import ForgedFormError, TheOffice
from web.answer_form import (
    Refusals,
    Typed,
    as_answer,
    blank,
    is_repetition,
    read_typed,
    refuse_older,
    refuse_shape,
    take_refusal,
)
from web.answer_items import lock_items, read_items, read_open_items
from web.office import Office, office_of
from web.pages import drill_of, render
from web.posts import label_posts, name_answerer, name_asked
from web.security import form_token, is_form_token, token_hash
from web.uploads import Upload, UploadError, attachments_of, keep, read_uploads

router = APIRouter()

ITEMS_A_PAGE = 20
Page = Annotated[int, Query(ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One answer of the receipt, and when its milestone is heard of next."""

    report: StatusReport
    milestone: Milestone
    project: str
    next_at: datetime | None
    files: tuple[Attachment, ...]


async def posted_answers(request: Request, office: TheOffice, token: str) -> AsyncIterator[FormData]:
    """The form with its files; of a link that opens nothing not a byte is read."""

    def is_known() -> bool:
        with read(office.engine) as session:
            return _find_even_settled(office, session, token, office.now())[1] is not None

    if not await run_in_threadpool(is_known):
        yield FormData()
        return
    most = ITEMS_A_PAGE * max(1, office.settings.upload_files)  # an empty field of files counts as one file
    async with request.form(max_files=most, max_fields=2000) as form:
        yield form


AnswerForm = Annotated[FormData, Depends(posted_answers)]


@router.get("/a/{token}")
def show_form(
    request: Request, office: TheOffice, token: str, page: Page = 1, said: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    """The open items of the link's post. A mail scanner may look as often as it likes."""
    with read(office.engine) as session:
        link = find_link(session, token, office.now(), office.settings.timezone)
        if isinstance(link, LinkProblem):
            return show_problem(request, link)
        return _show_items(request, office, session, link, token, page, {}, Refusals(), said=said)


@router.post("/a/{token}")
def send_answers(request: Request, office: TheOffice, token: str, form: AnswerForm) -> Response:
    """Records what was chosen and leaves the rest alone; refuses the whole form where one answer cannot be taken."""
    typed = read_typed(form.multi_items())
    uploads, refused_files = read_uploads(form.multi_items(), office.settings)
    now = office.now()
    kept: list[Path] = []
    try:
        with write(office.engine) as session:
            problem, link = _find_even_settled(office, session, token, now)
            if link is None:
                return show_problem(request, problem)
            check_form(office, link, form)
            refusals, reports = _record(session, office, link, typed, uploads, refused_files, now)
            if not refusals:
                _keep(session, office, uploads, reports, now, kept, refusals)
            if refusals:
                session.rollback()
    except BaseException:
        _take_away(kept)
        raise
    if refusals:
        _take_away(kept)
    if problem is LinkProblem.SETTLED and not reports:
        return show_problem(request, problem)
    if refusals:
        with read(office.engine) as session:
            again = find_link(session, token, now, office.settings.timezone)
            if isinstance(again, LinkProblem):
                return show_problem(request, again)
            page = _number(form.get("page"))
            had_files = bool(uploads or refused_files)
            return _show_items(request, office, session, again, token, page, typed, refusals, had_files=had_files)
    if not reports:
        return RedirectResponse(f"/a/{token}?said=nothing", HTTPStatus.SEE_OTHER)
    numbers = ",".join(map(str, sorted(reports.values())))
    return RedirectResponse(f"/a/{token}/receipt?reports={numbers}", HTTPStatus.SEE_OTHER)


@router.post("/a/{token}/seen")
def mark_seen(request: Request, office: TheOffice, token: str, form: AnswerForm) -> Response:
    """열람: a person says that they have read it and will answer later."""
    with write(office.engine) as session:
        link = find_link(session, token, office.now(), office.settings.timezone)
        if isinstance(link, LinkProblem):
            return show_problem(request, link)
        check_form(office, link, form)
        mark_opened(session, link, office.now())
    return RedirectResponse(f"/a/{token}?said=seen", HTTPStatus.SEE_OTHER)


@router.get("/a/{token}/receipt")
def show_receipt(
    request: Request,
    office: TheOffice,
    token: str,
    reports: Annotated[str, Query(pattern=r"^\d{1,12}(,\d{1,12}){0,99}$")],
) -> Response:
    """What was recorded, of the link's own post only: the answer to sending, safe to load again."""
    now = office.now()
    with read(office.engine) as session:
        problem, link = _find_even_settled(office, session, token, now)
        if link is None:
            return show_problem(request, problem)
        recorded = _recorded(session, link, [int(number) for number in reports.split(",")])
        if not recorded:
            return RedirectResponse(f"/a/{token}", HTTPStatus.SEE_OTHER)
        left = 0 if problem is LinkProblem.SETTLED else read_open_items(session, link, office.today(), size=1).total
        return render(
            request,
            "receipt.html",
            token=token,
            answerer=name_sender(session, link, office.today()),
            recorded=recorded,
            left=left,
            drill=drill_of(office, session),
        )


def _record(
    session: Session,
    office: Office,
    link: AnswerLink,
    typed: dict[int, Typed],
    uploads: dict[int, list[Upload]],
    refused_files: dict[int, str],
    now: datetime,
) -> tuple[Refusals, dict[int, int]]:
    """Records the chosen answers; returns what was refused, else by milestone the report that holds its answer now.

    A form sent twice finds its answers recorded and records nothing new.
    """
    lock_items(session, typed)
    items = read_items(session, link, office.today(), typed)
    refusals = refuse_shape(typed, items, uploads)
    for item in items:
        if item.id in refused_files:
            refusals.add(item.id, "files", refused_files[item.id])
    repeated = [item for item in items if is_repetition(typed[item.id], item)]
    fresh = [item for item in items if typed[item.id].chosen is not None and item not in repeated]
    refuse_older(typed, fresh, refusals)
    if refusals or not (fresh or repeated):
        return refusals, {}
    mark_opened(session, link, now)
    if fresh:
        try:
            record_answers(
                session,
                post_id=link.post_id,
                by=name_sender(session, link, office.today()),
                answers=[as_answer(typed[item.id], item) for item in fresh],
                now=now,
                settings=office.settings,
                calendar=load_calendar(session),
                notification_id=link.notification_id,
            )
        except AnswerError as error:
            take_refusal(error, refusals, typed)
            return refusals, {}
    latest = select(StatusReport.milestone_id, func.max(col(StatusReport.id))).where(
        col(StatusReport.milestone_id).in_([item.id for item in (*fresh, *repeated)]),
        col(StatusReport.post_id) == link.post_id,
    )
    found = session.exec(latest.group_by(col(StatusReport.milestone_id))).all()
    return refusals, {of: report_id for of, report_id in found if report_id is not None}


def _keep(
    session: Session,
    office: Office,
    uploads: dict[int, list[Upload]],
    reports: dict[int, int],
    now: datetime,
    kept: list[Path],
    refusals: Refusals,
) -> None:
    """The files of the answers that were taken, beside their reports."""
    for milestone_id, files in uploads.items():
        if milestone_id in reports:
            try:
                keep(session, office.settings, {reports[milestone_id]: files}, now, kept)
            except UploadError as error:
                refusals.add(milestone_id, "files", str(error))


def _take_away(kept: list[Path]) -> None:
    """The files of a transaction that did not come through."""
    for path in kept:
        path.unlink(missing_ok=True)


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
) -> Response:
    """The form; typed fields stay as they were sent, except the mark of the state that is now on the screen."""
    today = office.today()
    delegation = delegation_of(session, link)
    is_own = delegation is None
    label = label_posts(session, [link.post_id], today)[link.post_id]
    found = read_open_items(session, link, today, page=page, size=ITEMS_A_PAGE)
    fields = {
        item.id: replace(typed[item.id], seen=item.seen) if item.id in typed else blank(item) for item in found.items
    }
    return render(
        request,
        "answer.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if refusals else HTTPStatus.OK,
        token=token,
        form_token=form_token(office.settings.secret_key, f"link:{link.token_sha256}"),
        answerer=_colleague(delegation) if delegation is not None else name_asked(session, label, today),
        unit=label.unit,
        groups=found.grouped(),
        total=found.total,
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
        passed=count_passed(session, link.post_id) if is_own else 0,
        drill=drill_of(office, session),
    )


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


def _find_even_settled(
    office: Office, session: Session, token: str, now: datetime
) -> tuple[LinkProblem | None, AnswerLink | None]:
    """The link and what is wrong with it; one whose items have just been settled still shows its receipt."""
    found = find_link(session, token, now, office.settings.timezone)
    if isinstance(found, AnswerLink):
        return None, found
    if found is not LinkProblem.SETTLED:
        return found, None
    return found, session.exec(select(AnswerLink).where(AnswerLink.token_sha256 == token_hash(token))).one()


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
    return _colleague(delegation) if delegation is not None else name_answerer(session, link.post_id, on)


def _colleague(delegation: Delegation) -> str:
    return f"{delegation.name}({words.with_particle(delegation.passed_by, '이', '가')} 넘김)"


def _recorded(session: Session, link: AnswerLink, report_ids: list[int]) -> list[Recorded]:
    rows = session.exec(
        select(StatusReport, Milestone, Project.title)
        .join(Milestone, col(Milestone.id) == col(StatusReport.milestone_id))
        .join(Project, col(Project.id) == col(StatusReport.project_id))
        .where(col(StatusReport.post_id) == link.post_id, col(StatusReport.id).in_(report_ids))
        .order_by(col(StatusReport.id))
    ).all()
    if delegation_of(session, link) is not None:
        own = {item.id for item in read_items(session, link, date.min, [report.milestone_id for report, _, _ in rows])}
        rows = [row for row in rows if row[0].milestone_id in own]
    upcoming = dict(
        session.execute(
            select(col(Reminder.milestone_id), func.min(col(Reminder.due_at)))
            .where(
                col(Reminder.milestone_id).in_([report.milestone_id for report, _, _ in rows]),
                col(Reminder.state) == ReminderState.PLANNED,
            )
            .group_by(col(Reminder.milestone_id))
        ).all()
    )
    files = attachments_of(session, [report.id for report, _, _ in rows])
    return [
        Recorded(report, milestone, title, upcoming.get(report.milestone_id), tuple(files.get(report.id or 0, ())))
        for report, milestone, title in rows
    ]


def _number(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() and 0 < int(value) <= 1000 else 1
