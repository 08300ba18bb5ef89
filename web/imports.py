"""`/import`: a file uploaded, looked through beside its text, corrected, compared, and only then stored."""

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import delete
from sqlmodel import col, select
from starlette.datastructures import FormData, UploadFile

from documents.errors import DocumentError
from documents.formats.text import decode_text
from models import ImportDraft, ImportKind
from models.database import read, write
from settings import Refusal
from web.access import Admin, AdminForm, TheOffice, check_form
from web.import_drafts import find_draft, look_at, look_through, show_progress
from web.import_trial import keep
from web.office import Office
from web.pages import render
from web.typed_days import read_day
from web.uploads import IMPORT_BYTES, clean_name

router = APIRouter()

DRAFTS_SHOWN = 20
DRAFTS_KEPT = timedelta(days=30)
CHANGES_SHOWN = 200


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
    """Keeps the file as a draft and leads to it at once; what soon turns out not to be readable is not kept."""
    try:
        draft = _read_upload(office, form, admin.actor)
    except DocumentError as error:
        return _start_page(request, office, error=str(error), typed=form)
    with write(office.engine) as session:
        session.execute(delete(ImportDraft).where(col(ImportDraft.uploaded_at) < office.now() - DRAFTS_KEPT))
        session.add(draft)
    work = look_at(request, office, draft, admin.actor)
    if work.result is not None and work.result.problem:
        with write(office.engine) as session:
            session.execute(delete(ImportDraft).where(col(ImportDraft.id) == draft.id))
        return _start_page(request, office, error=work.result.problem, typed=form)
    return RedirectResponse(f"/import/{draft.id}", HTTPStatus.SEE_OTHER)


@router.get("/import/{draft_id}")
def show_draft(request: Request, office: TheOffice, admin: Admin, draft_id: int) -> Response:
    return _draft_page(request, office, draft_id, admin.actor)


@router.post("/import/{draft_id}/as-of")
def say_as_of(request: Request, office: TheOffice, admin: Admin, form: AdminForm, draft_id: int) -> Response:
    """The day that the document is of, where it does not say so itself."""
    find_draft(office, draft_id)
    typed = form.get("as_of")
    day = read_day(typed) if isinstance(typed, str) else None
    if day is None:
        wrong = "날짜를 2024. 9. 1. 처럼 적어 주세요."
        return _draft_page(request, office, draft_id, admin.actor, as_of_error=wrong, as_of=str(typed or ""))
    with write(office.engine) as session:
        session.get_one(ImportDraft, draft_id).as_of_on = day
    return RedirectResponse(f"/import/{draft_id}", HTTPStatus.SEE_OTHER)


@router.post("/import/{draft_id}/store")
def store(request: Request, office: TheOffice, admin: Admin, form: AdminForm, draft_id: int) -> Response:
    """The last step: from here on it counts. With `activate` its projects may be written about as well."""
    activating = form.get("activate") == "yes"
    draft = find_draft(office, draft_id)
    try:
        keep(
            office, draft, look_through(request, office, draft, admin.actor).report, admin.actor, activating=activating
        )
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
    request: Request,
    office: Office,
    draft_id: int,
    by: str,
    *,
    error: str = "",
    as_of_error: str = "",
    as_of: str = "",
) -> Response:
    draft = find_draft(office, draft_id)
    work = look_at(request, office, draft, by)
    if work.result is None:
        return show_progress(request, draft, work)
    report, outcome = work.result.report, work.result.outcome
    refused = error or as_of_error or work.result.problem or outcome.error
    return render(
        request,
        "import_draft.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error or as_of_error else HTTPStatus.OK,
        draft=draft,
        report=report,
        outcome=outcome,
        is_read=not work.result.problem,
        error=refused if not as_of_error else "",
        as_of_error=as_of_error,
        as_of=as_of,
        settled=sum(bool(cells) for key, cells in draft.corrections.items() if key in outcome.doubts),
        shown=CHANGES_SHOWN,
    )
