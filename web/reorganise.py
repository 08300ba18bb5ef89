"""`/reorganisations`: 조직개편: changes of units put together, what they move shown first, carried out on their day."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from documents.errors import DocumentError
from documents.reorganisation_table import read_reorganisation_table
from models.database import read, write
from notifications.reorganisations import Entered, enter, foresee
from schedules.arrangement import ACT_WORDS, Act, ReorganisationError
from schedules.office_days import load_calendar
from schedules.reorganisation import Asked, cancel, list_reorganisations
from schedules.reorganisation_words import effects, hearing_words, state_words
from schedules.responsibility import load_chart
from web.access import Admin, AdminForm, OfficeViewer, TheOffice
from web.imports import FileForm
from web.office import Office
from web.pages import render
from web.typed_days import read_day
from web.uploads import IMPORT_BYTES

router = APIRouter()

HEADINGS = ("구분", "부서", "새 이름", "옮길 곳", "사업")
SHOWN = 100
Said = Annotated[str, Query(pattern="^(|done|waits|cancelled)$")]


class FormError(Exception):
    """The form cannot be taken like this; `field` is the one to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@router.get("/reorganisations")
def show_reorganisations(request: Request, office: TheOffice, _viewer: OfficeViewer, said: Said = "") -> Response:
    return _page(request, office, FormData({"on": _written(office.today())}), said=said)


@router.post("/reorganisations")
def look_through(request: Request, office: TheOffice, admin: Admin, form: FileForm) -> Response:
    """Tried and taken back, to show what moves; with `sure` it is kept."""
    try:
        asked, on = _read(form)
        if form.get("sure") != "yes":
            shown = _foresee(office, asked, on, admin.actor)
            return _shown(request, asked, on, shown)
        with write(office.engine) as session:
            entered = _enter(session, office, asked, on, admin.actor)
            is_done = entered.row.carried_out_at is not None
    except FormError as error:
        return _page(request, office, form, error=error)
    except (ReorganisationError, DocumentError) as error:
        return _page(request, office, form, error=FormError("", str(error)))
    return RedirectResponse(f"/reorganisations?said={'done' if is_done else 'waits'}", HTTPStatus.SEE_OTHER)


@router.post("/reorganisations/{reorganisation_id}/cancel")
def take_back(request: Request, office: TheOffice, admin: Admin, _form: AdminForm, reorganisation_id: int) -> Response:
    try:
        with write(office.engine) as session:
            cancel(session, reorganisation_id, by=admin.actor, now=office.now(), today=office.today())
    except ReorganisationError as error:
        return render(request, "refusal.html", HTTPStatus.CONFLICT, message=str(error))
    return RedirectResponse("/reorganisations?said=cancelled", HTTPStatus.SEE_OTHER)


def _read(form: FormData) -> tuple[tuple[Asked, ...], date]:
    """The changes put together so far, then those of the file, then the one in the fields."""
    on = read_day(_text(form, "on"))
    if on is None:
        raise FormError("on", "날짜를 2025. 1. 2. 처럼 적어 주세요.")
    asked: list[Asked] = []
    kept, file = form.get("rows"), form.get("file")
    if isinstance(kept, str) and kept.strip():
        asked += _of_table(kept.encode())
    if isinstance(file, UploadFile) and file.filename:
        data = file.file.read(IMPORT_BYTES + 1)
        if len(data) > IMPORT_BYTES:
            raise FormError("file", "파일이 너무 큽니다. 나누어 주세요.")
        asked += _of_table(data)
    if _text(form, "unit") or _text(form, "name") or _text(form, "projects"):
        asked += _of_fields(form)
    if not asked:
        raise FormError("unit", "바뀌는 부서를 적거나 표를 골라 주세요.")
    return tuple(asked), on


def _of_table(data: bytes) -> Sequence[Asked]:
    reading = read_reorganisation_table(data)
    if reading.complaints:
        first = reading.complaints[0]
        raise FormError("file", f"{first.line}행 {first.field}: {first.message}")
    return reading.entries


def _of_fields(form: FormData) -> Sequence[Asked]:
    """As a table of one row, so that both are read alike."""
    given = form.get("projects")
    projects = "; ".join(line.strip() for line in str(given or "").splitlines() if line.strip())
    row = (_text(form, "act"), _text(form, "unit"), _text(form, "name"), _text(form, "target"), projects)
    reading = read_reorganisation_table(_as_table([row]).encode())
    if reading.complaints:
        first = reading.complaints[0]
        fields = dict(zip(HEADINGS, ("act", "unit", "name", "target", "projects"), strict=True))
        raise FormError(fields.get(first.field, "unit"), first.message)
    return reading.entries


def _as_table(rows: Sequence[Sequence[str]]) -> str:
    table = io.StringIO(newline="")
    csv.writer(table).writerows((HEADINGS, *rows))
    return table.getvalue()


def _rows(asked: Sequence[Asked]) -> str:
    return _as_table([(one.act.value, one.unit, one.name, one.target, "; ".join(one.projects)) for one in asked])


def _foresee(office: Office, asked: Sequence[Asked], on: date, by: str) -> Entered:
    with write(office.engine) as session:
        try:
            return foresee(
                session,
                asked,
                on,
                by=by,
                now=office.now(),
                settings=office.settings,
                calendar=load_calendar(session),
            )
        finally:
            session.expunge_all()
            session.rollback()


def _enter(session: Session, office: Office, asked: Sequence[Asked], on: date, by: str) -> Entered:
    return enter(session, asked, on, by=by, now=office.now(), settings=office.settings, calendar=load_calendar(session))


def _shown(request: Request, asked: Sequence[Asked], on: date, shown: Entered) -> Response:
    carried = shown.carried_out
    return render(
        request,
        "reorganisation.html",
        on=on,
        on_text=_written(on),
        rows=_rows(asked),
        lines=carried.done.lines if carried is not None else (),
        effects=effects(carried.done, carried.links) if carried is not None else (),
        hearing=[hearing_words(one) for one in shown.hearing[:SHOWN]],
        more=max(0, len(shown.hearing) - SHOWN),
        is_known=carried is None,
        acts=list(ACT_WORDS.items()),
    )


def _page(
    request: Request, office: Office, typed: FormData, *, error: FormError | None = None, said: str = ""
) -> Response:
    with read(office.engine) as session:
        found = list_reorganisations(session)
        chart = load_chart(session)
        units = [
            "/".join(chart.units[one].name for one in reversed(chart.units_up(unit.id)))
            for unit in sorted(chart.units.values(), key=lambda unit: chart.place(unit.id))
            if unit.closed_on is None
        ]
    return render(
        request,
        "reorganisations.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        found=[(one, state_words(one)) for one in found],
        units=units[: SHOWN * 10],
        typed=typed,
        error=error,
        said=said,
        acts=list(ACT_WORDS.items()),
        chosen=_text(typed, "act") or Act.RENAME.value,
    )


def _written(day: date) -> str:
    return f"{day.year}. {day.month}. {day.day}."


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""
