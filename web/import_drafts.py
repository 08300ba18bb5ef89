"""A draft as its pages need it: read and tried out beside the requests; till then the page shows how far that is."""

import json
from base64 import b64decode

from fastapi import Request, Response
from sqlmodel import func, select

from documents.errors import DocumentError
from documents.reading import Report
from documents.report import read_report
from documents.spreadsheet import read_milestone_table, read_staff_table
from models import Document, ImportDraft, ImportKind
from models.database import read
from web.access import not_found
from web.desk import Desk
from web.import_desk import Draft, Looked, Question, Step
from web.import_trial import Outcome, try_draft
from web.office import Office
from web.pages import render

SECONDS_TO_NEXT = 3  # less would cut off who has the page read aloud


def find_draft(office: Office, draft_id: int) -> ImportDraft:
    with read(office.engine) as session:
        draft = session.get(ImportDraft, draft_id)
    if draft is None:
        raise not_found()
    return draft


def find_report(office: Office, draft_id: int) -> ImportDraft:
    """A draft that has a text to look through; a table has none."""
    draft = find_draft(office, draft_id)
    if draft.kind is not ImportKind.REPORT:
        raise not_found()
    return draft


def look_at(request: Request, office: Office, draft: ImportDraft, by: str) -> Draft:
    """What was read in a draft and what would come of it, or how far that is."""

    def do(work: Draft) -> Looked:
        work.step = Step.READING
        try:
            report = _read(draft, work)
        except DocumentError as error:
            return Looked(None, Outcome(), str(error))
        work.step = Step.COMPARING
        return Looked(report, try_draft(office, draft, report, by))

    return _desk(request).look(_question(office, draft), lambda: Draft(draft.content.count("\n") + 1), do)


def look_through(request: Request, office: Office, draft: ImportDraft, by: str) -> Looked:
    """The same, waited for. Raises DocumentError for a file that cannot be read."""
    work = look_at(request, office, draft, by)
    work.wait()
    if work.error is not None:
        raise work.error
    assert work.result is not None
    if work.result.problem:
        raise DocumentError(work.result.problem)
    return work.result


def keep_look(request: Request, office: Office, draft: ImportDraft, looked: Looked) -> None:
    """What was just tried out need not be tried again for the next page."""
    done = Draft()
    done.end(looked)
    _desk(request).keep(_question(office, draft), done)


def show_progress(request: Request, draft: ImportDraft, work: Draft) -> Response:
    """How far it is; the browser asks again by itself. After a fault it does not: a person begins anew."""
    page = render(request, "import_progress.html", draft=draft, work=work)
    if work.error is None:
        page.headers["Refresh"] = str(SECONDS_TO_NEXT)
    return page


def _desk(request: Request) -> Desk[Draft]:
    desk: Desk[Draft] = request.app.state.desk
    return desk


def _question(office: Office, draft: ImportDraft) -> Question:
    assert draft.id is not None
    with read(office.engine) as session:
        last = session.exec(select(func.max(Document.id))).one() or 0
    return Question(draft.id, draft.as_of_on, json.dumps(draft.corrections, sort_keys=True), last)


def _read(draft: ImportDraft, work: Draft) -> Report | None:
    def reached(line: int) -> None:
        work.reached = line

    if draft.kind is ImportKind.REPORT:
        return read_report(draft.content, as_of=draft.as_of_on, reached=reached)
    data = b64decode(draft.content)  # a table is read where it is stored: here only whether it can be
    if draft.kind is ImportKind.STAFF:
        read_staff_table(data)
    else:
        read_milestone_table(data)
    return None
