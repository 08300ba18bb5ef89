"""`/import/{draft}/doubts`: what is uncertain in a draft, looked through and corrected a page at a time."""

from dataclasses import fields
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from documents.errors import DocumentError
from documents.review import Doubt, Values, kind_word
from documents.wording import STATUS_WORDS
from models import ImportDraft, MilestoneKind
from models.database import write
from web.access import Admin, AdminForm, TheOffice
from web.import_desk import Looked
from web.import_drafts import find_report, keep_look, look_at, look_through, show_progress
from web.import_trial import Outcome, try_draft
from web.pages import render

YES_NO = ("예", "아니오")  # as the corrected list is written
router = APIRouter()

DOUBTS_A_PAGE = 20
CELLS = tuple(field.name for field in fields(Values))


@router.get("/import/{draft_id}/doubts")
def show_doubts(
    request: Request,
    office: TheOffice,
    admin: Admin,
    draft_id: int,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    saved: Annotated[int, Query(ge=0, le=1)] = 0,
) -> Response:
    draft = find_report(office, draft_id)
    work = look_at(request, office, draft, admin.actor)
    if work.result is None:
        return show_progress(request, draft, work)
    if work.result.problem:
        return RedirectResponse(f"/import/{draft_id}", HTTPStatus.SEE_OTHER)
    return _doubts_page(request, draft, work.result.outcome, page, saved=bool(saved))


@router.post("/import/{draft_id}/doubts")
def correct_doubts(request: Request, office: TheOffice, admin: Admin, form: AdminForm, draft_id: int) -> Response:
    """Keeps what was corrected on this page of doubts, all of it or none; the document's rows are still not made."""
    draft = find_report(office, draft_id)
    page = int(str(form.get("page"))) if str(form.get("page")).isdecimal() else 1
    try:
        looked = look_through(request, office, draft, admin.actor)
    except DocumentError:
        return RedirectResponse(f"/import/{draft_id}", HTTPStatus.SEE_OTHER)
    corrections = dict(draft.corrections)
    shown = list(looked.outcome.doubts.items())[(page - 1) * DOUBTS_A_PAGE : page * DOUBTS_A_PAGE]
    for number, (key, doubt) in enumerate(shown):
        cells = _cells(form, number, doubt)
        corrections.pop(key, None)
        if cells:
            corrections[key] = cells
    draft.corrections = corrections
    tried = try_draft(office, draft, looked.report, admin.actor)
    if tried.complaints or tried.error:
        return _doubts_page(request, draft, tried, page, HTTPStatus.UNPROCESSABLE_ENTITY)
    keep_look(request, office, draft, Looked(looked.report, tried))
    with write(office.engine) as session:
        session.get_one(ImportDraft, draft_id).corrections = corrections
    return RedirectResponse(f"/import/{draft_id}/doubts?page={page}&saved=1", HTTPStatus.SEE_OTHER)


def _doubts_page(
    request: Request,
    draft: ImportDraft,
    outcome: Outcome,
    page: int,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    saved: bool = False,
) -> Response:
    shown = list(outcome.doubts.items())[(page - 1) * DOUBTS_A_PAGE : page * DOUBTS_A_PAGE]
    return render(
        request,
        "import_doubts.html",
        status,
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
