"""`/people/assign`: one post gets another holder, as a table of one row that is looked through; its links end."""

import csv
import io
from base64 import b64encode
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from models import ImportDraft, ImportKind, OptionalKind, Post, Unit
from models.database import read, write
from notifications.links import close_links, count_links
from schedules import words
from web.access import Admin, AdminForm, TheOffice, not_found
from web.mail_wishes import wish_of
from web.office import Office
from web.pages import render
from web.typed_days import read_day

router = APIRouter()

HEADINGS = ("부서", "직위", "성명", "전자우편", "전화", "시작")


@router.get("/people/assign")
def show_form(
    request: Request,
    office: TheOffice,
    _admin: Admin,
    post: Annotated[int, Query(ge=1, le=2**31)],
    closed: Annotated[str, Query(pattern=r"^\d{0,9}$")] = "",
) -> Response:
    return _page(request, office, post, FormData({"from": _written(office.today())}), closed=closed)


@router.post("/people/assign")
def look_through(request: Request, office: TheOffice, admin: Admin, form: AdminForm) -> Response:
    """Makes the draft of a table with this one row: what changes hands is shown there, and nothing counts before."""
    given = form.get("post")
    post_id = int(given) if isinstance(given, str) and given.isdecimal() else 0
    name, begins = _text(form, "name"), read_day(_text(form, "from"))
    if not name:
        return _page(request, office, post_id, form, "name", "새 담당자의 이름을 적어 주세요.")
    if begins is None:
        return _page(request, office, post_id, form, "from", "날짜를 2024. 10. 4. 처럼 적어 주세요.")
    with write(office.engine) as session:
        unit, title = _post(session, post_id)
        row = (unit, title, name, _text(form, "email"), _text(form, "phone"), begins.isoformat())
        table = io.StringIO(newline="")
        csv.writer(table).writerows((HEADINGS, row))
        draft = ImportDraft(
            kind=ImportKind.STAFF,
            file_name=f"{words.post_name(unit, title)} {name}",
            content=b64encode(table.getvalue().encode()).decode("ascii"),
            uploaded_at=office.now(),
            uploaded_by=admin.actor,
        )
        session.add(draft)
        session.flush()
        number = draft.id
    return RedirectResponse(f"/import/{number}", HTTPStatus.SEE_OTHER)


@router.post("/people/{post_id}/links/close")
def end_links(request: Request, office: TheOffice, admin: Admin, form: AdminForm, post_id: int) -> Response:
    """Whatever was mailed to the post opens nothing any more: a mail went astray. The next one brings a new link."""
    if form.get("sure") != "yes":
        return _page(request, office, post_id, FormData({}), "sure", "닫아도 되는지 아래 칸에 표시해 주세요.")
    with write(office.engine) as session:
        _post(session, post_id)
        closed = close_links(session, post_id, office.now(), by=admin.actor)
    return RedirectResponse(f"/people/assign?post={post_id}&closed={closed}#links", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    office: Office,
    post_id: int,
    typed: FormData,
    field: str = "",
    message: str = "",
    *,
    closed: str = "",
) -> Response:
    with read(office.engine) as session:
        unit, title = _post(session, post_id)
        wish = wish_of(session, office, post_id)
        links = count_links(session, post_id, office.now())
    return render(
        request,
        "assign.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if message else HTTPStatus.OK,
        post_id=post_id,
        post=words.post_name(unit, title),
        wish=wish,
        optional=list(OptionalKind),
        links=links,
        closed=closed,
        typed=typed,
        field=field,
        message=message,
    )


def _post(session: Session, post_id: int) -> tuple[str, str]:
    found = session.execute(
        select(col(Unit.name), col(Post.title)).join(Post, col(Post.unit_id) == col(Unit.id)).where(Post.id == post_id)
    ).first()
    if found is None:
        raise not_found()
    return found[0], found[1]


def _written(day: date) -> str:
    return f"{day.year}. {day.month}. {day.day}."


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""
