"""`/import`: a file uploaded, looked through beside its text, corrected, compared, and only then stored."""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import delete
from sqlmodel import col, select
from starlette.datastructures import FormData, UploadFile

from documents.errors import DocumentError
from documents.formats.text import decode_text
from documents.reading import Report
from documents.report import read_report
from documents.review import Doubt, Values, kind_word
from documents.spreadsheet import read_milestone_table, read_staff_table
from documents.wording import STATUS_WORDS
from models import ImportDraft, ImportKind, MilestoneKind
from models.database import read, write
from settings import Refusal
from web.access import Admin, AdminForm, TheOffice, check_form, not_found
from web.documents import LINES_A_PAGE, Line, read_line
from web.import_trial import Outcome, keep, try_draft
from web.office import Office
from web.pages import render
from web.typed_days import read_day
from web.uploads import IMPORT_BYTES, clean_name

YES_NO = ("예", "아니오")  # as the corrected list is written
router = APIRouter()

DRAFTS_SHOWN = 20
DRAFTS_KEPT = timedelta(days=30)
DOUBTS_A_PAGE = 20
CHANGES_SHOWN = 200
CELLS = tuple(field.name for field in fields(Values))


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of the document with what was read on it, in words, and what does not add up there."""

    line: Line
    read: tuple[str, ...]
    findings: tuple[str, ...]


async def posted_file(request: Request, admin: Admin) -> AsyncIterator[FormData]:
    """The form with its one file, of a signed-in admin; of anybody else not a byte is read."""
    async with request.form(max_files=1, max_fields=20) as form:
        check_form(request, admin, form)
        yield form


FileForm = Annotated[FormData, Depends(posted_file)]
Said = Annotated[str, Query(pattern="^(|stored|activated|dropped)$")]


@router.get("/import")
def show_import(request: Request, office: TheOffice, _admin: Admin, said: Said = "") -> Response:
    return _start_page(request, office, said=said)


@router.post("/import")
def upload(request: Request, office: TheOffice, admin: Admin, form: FileForm) -> Response:
    """Keeps the file as a draft once it can be read; nothing else changes."""
    try:
        draft = _read_upload(office, form, admin.actor)
        _look(draft)
    except DocumentError as error:
        return _start_page(request, office, error=str(error), typed=form)
    with write(office.engine) as session:
        session.execute(delete(ImportDraft).where(col(ImportDraft.uploaded_at) < office.now() - DRAFTS_KEPT))
        session.add(draft)
        session.flush()
        number = draft.id
    return RedirectResponse(f"/import/{number}", HTTPStatus.SEE_OTHER)


@router.get("/import/{draft_id}")
def show_draft(request: Request, office: TheOffice, admin: Admin, draft_id: int) -> Response:
    return _draft_page(request, office, draft_id, admin.actor)


@router.get("/import/{draft_id}/text")
def show_text(
    request: Request,
    office: TheOffice,
    _admin: Admin,
    draft_id: int,
    line: Annotated[int, Query(ge=1, le=10_000_000)] = 1,
) -> Response:
    """The document's text, a page at a time, and beside each line what was read there."""
    draft = _draft(office, draft_id)
    if draft.kind is not ImportKind.REPORT:
        raise not_found()
    report, lines = _report(draft), draft.content.split("\n")
    first = min((line - 1) // LINES_A_PAGE * LINES_A_PAGE, max(0, len(lines) - 1))
    return render(
        request,
        "import_text.html",
        draft=draft,
        lines=_beside(report, lines, first),
        before=first + 1 - LINES_A_PAGE if first else None,
        after=first + 1 + LINES_A_PAGE if first + LINES_A_PAGE < len(lines) else None,
        total=len(lines),
    )


@router.post("/import/{draft_id}/as-of")
def say_as_of(request: Request, office: TheOffice, admin: Admin, form: AdminForm, draft_id: int) -> Response:
    """The day that the document is of, where it does not say so itself."""
    _draft(office, draft_id)
    typed = form.get("as_of")
    day = read_day(typed) if isinstance(typed, str) else None
    if day is None:
        return _draft_page(request, office, draft_id, admin.actor, as_of_error="날짜를 2024. 9. 1. 처럼 적어 주세요.")
    with write(office.engine) as session:
        session.get_one(ImportDraft, draft_id).as_of_on = day
    return RedirectResponse(f"/import/{draft_id}", HTTPStatus.SEE_OTHER)


@router.get("/import/{draft_id}/doubts")
def show_doubts(
    request: Request,
    office: TheOffice,
    admin: Admin,
    draft_id: int,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    saved: Annotated[int, Query(ge=0, le=1)] = 0,
) -> Response:
    return _doubts_page(request, office, _draft(office, draft_id), admin.actor, page, saved=bool(saved))


@router.post("/import/{draft_id}/doubts")
def correct_doubts(request: Request, office: TheOffice, admin: Admin, form: AdminForm, draft_id: int) -> Response:
    """Keeps what was corrected on this page of doubts, all of it or none; the document's rows are still not made."""
    draft = _draft(office, draft_id)
    page = int(str(form.get("page"))) if str(form.get("page")).isdecimal() else 1
    outcome = try_draft(office, draft, _report_of(draft), admin.actor)
    corrections = dict(draft.corrections)
    shown = list(outcome.doubts.items())[(page - 1) * DOUBTS_A_PAGE : page * DOUBTS_A_PAGE]
    for number, (key, doubt) in enumerate(shown):
        cells = _cells(form, number, doubt)
        corrections.pop(key, None)
        if cells:
            corrections[key] = cells
    draft.corrections = corrections
    tried = try_draft(office, draft, _report_of(draft), admin.actor)
    if tried.complaints or tried.error:
        return _doubts_page(request, office, draft, admin.actor, page, tried=tried)
    with write(office.engine) as session:
        session.get_one(ImportDraft, draft_id).corrections = corrections
    return RedirectResponse(f"/import/{draft_id}/doubts?page={page}&saved=1", HTTPStatus.SEE_OTHER)


@router.post("/import/{draft_id}/store")
def store(request: Request, office: TheOffice, admin: Admin, form: AdminForm, draft_id: int) -> Response:
    """The last step: from here on it counts. With `activate` its projects may be written about as well."""
    activating = form.get("activate") == "yes"
    draft = _draft(office, draft_id)
    try:
        keep(office, draft, _report_of(draft), admin.actor, activating=activating)
    except Refusal as error:
        return _draft_page(request, office, draft_id, admin.actor, error=str(error))
    return RedirectResponse(f"/import?said={'activated' if activating else 'stored'}", HTTPStatus.SEE_OTHER)


@router.post("/import/{draft_id}/drop")
def drop(office: TheOffice, _admin: Admin, _form: AdminForm, draft_id: int) -> Response:
    with write(office.engine) as session:
        session.execute(delete(ImportDraft).where(col(ImportDraft.id) == draft_id))
    return RedirectResponse("/import?said=dropped", HTTPStatus.SEE_OTHER)


def _read_upload(office: Office, form: FormData, by: str) -> ImportDraft:
    file, kind = form.get("file"), form.get("kind")
    if kind not in list(ImportKind):
        raise DocumentError("무엇을 가져오는지 골라 주세요.")
    if not isinstance(file, UploadFile) or not file.filename:
        raise DocumentError("가져올 파일을 골라 주세요.")
    data = file.file.read(IMPORT_BYTES + 1)
    if len(data) > IMPORT_BYTES:
        raise DocumentError(
            f"화면에서는 {IMPORT_BYTES // 2**20} MB까지 가져올 수 있습니다. 더 큰 파일은 dday import 로 가져와 주세요."
        )
    typed = form.get("as_of")
    day = read_day(typed) if isinstance(typed, str) and typed.strip() else None
    if isinstance(typed, str) and typed.strip() and day is None:
        raise DocumentError("기준일을 2024. 9. 1. 처럼 적어 주세요.")
    content = decode_text(data) if kind == ImportKind.REPORT else b64encode(data).decode("ascii")
    return ImportDraft(
        kind=ImportKind(str(kind)),
        file_name=clean_name(file.filename),
        content=content,
        as_of_on=day,
        uploaded_at=office.now(),
        uploaded_by=by,
    )


def _look(draft: ImportDraft) -> None:
    """Raises DocumentError for a file that cannot be read at all."""
    if draft.kind is ImportKind.REPORT:
        if not _report(draft).projects:
            raise DocumentError("사업을 하나도 찾지 못했습니다. 보고서 파일(.md, .txt)이 맞는지 확인해 주세요.")
    elif draft.kind is ImportKind.STAFF:
        read_staff_table(b64decode(draft.content))
    else:
        read_milestone_table(b64decode(draft.content))


def _draft(office: Office, draft_id: int) -> ImportDraft:
    with read(office.engine) as session:
        draft = session.get(ImportDraft, draft_id)
    if draft is None:
        raise not_found()
    return draft


def _report(draft: ImportDraft) -> Report:
    return _read_report(draft.content, draft.as_of_on)


def _report_of(draft: ImportDraft) -> Report | None:
    return _report(draft) if draft.kind is ImportKind.REPORT else None


_read_report = lru_cache(maxsize=4)(lambda text, as_of: read_report(text, as_of=as_of))


def _start_page(
    request: Request, office: Office, *, said: str = "", error: str = "", typed: FormData | None = None
) -> Response:
    with read(office.engine) as session:
        drafts = session.exec(
            select(ImportDraft.id, ImportDraft.file_name, ImportDraft.kind, ImportDraft.uploaded_at)
            .order_by(col(ImportDraft.id).desc())
            .limit(DRAFTS_SHOWN)
        ).all()
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    given = {name: str(typed.get(name) or "") for name in ("kind", "as_of")} if typed else {"kind": "", "as_of": ""}
    return render(
        request,
        "import.html",
        status,
        drafts=drafts,
        kinds=list(ImportKind),
        said=said,
        error=error,
        typed=given,
        most=IMPORT_BYTES // 2**20,
    )


def _draft_page(
    request: Request, office: Office, draft_id: int, by: str, *, error: str = "", as_of_error: str = ""
) -> Response:
    draft = _draft(office, draft_id)
    report = _report_of(draft)
    outcome = try_draft(office, draft, report, by)
    refused = error or as_of_error or outcome.error
    return render(
        request,
        "import_draft.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error or as_of_error else HTTPStatus.OK,
        draft=draft,
        report=report,
        outcome=outcome,
        error=refused if not as_of_error else "",
        as_of_error=as_of_error,
        settled=sum(bool(cells) for key, cells in draft.corrections.items() if key in outcome.doubts),
        shown=CHANGES_SHOWN,
    )


def _doubts_page(
    request: Request,
    office: Office,
    draft: ImportDraft,
    by: str,
    page: int,
    *,
    tried: Outcome | None = None,
    saved: bool = False,
) -> Response:
    if draft.kind is not ImportKind.REPORT:
        raise not_found()
    outcome = tried or try_draft(office, draft, _report_of(draft), by)
    shown = list(outcome.doubts.items())[(page - 1) * DOUBTS_A_PAGE : page * DOUBTS_A_PAGE]
    return render(
        request,
        "import_doubts.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if tried else HTTPStatus.OK,
        draft=draft,
        shown=shown,
        total=len(outcome.doubts),
        page=page,
        pages=max(1, -(-len(outcome.doubts) // DOUBTS_A_PAGE)),
        complaints=outcome.complaints,
        error=outcome.error,
        saved=saved,
        yes_no=YES_NO,
        kinds=[kind_word(kind.value) for kind in MilestoneKind],
        states=list(STATUS_WORDS.values()),
    )


def _cells(form: FormData, number: int, doubt: Doubt) -> dict[str, str]:
    """The cells of the row that a person changed, and 예 where they say that it is right."""
    found = {}
    for name in CELLS:
        typed = form.get(f"{name}-{number}")
        if isinstance(typed, str) and typed.strip() != getattr(doubt.values, name):
            found[name] = typed.strip()
    if form.get(f"checked-{number}") == "yes":
        found["checked"] = "예"
    return found


def _beside(report: Report, lines: Sequence[str], first: int) -> list[ReadLine]:
    said: dict[int, list[str]] = {}
    for project in report.projects:
        said.setdefault(project.title_line, []).append(f"사업: {project.title}")
        for one in project.milestones:
            state = {"planned": "예정", "in_progress": "추진 중", "done": "완료", "cancelled": "중단"}[one.status]
            days = " ~ ".join(f"{day:%Y. %-m. %-d.}" for day in dict.fromkeys((one.start, one.end)) if day)
            kind = "기한" if one.is_deadline else "참고"
            twin = f", {one.duplicate_of}줄과 같은 일정" if one.duplicate_of else ""
            said.setdefault(one.line, []).append(f"{kind}: {one.label} ({days or '날짜 없음'}, {state}{twin})")
    wrong: dict[int, list[str]] = {}
    for finding in report.findings:
        if finding.line:
            wrong.setdefault(finding.line, []).append(finding.message)
    return [
        ReadLine(read_line(number, text), tuple(said.get(number, ())), tuple(wrong.get(number, ())))
        for number, text in enumerate(lines[first : first + LINES_A_PAGE], first + 1)
    ]
