"""`/mailbox`: what the built-in mail server was given, shown as a mail program shows it."""

import re
from email.parser import BytesHeaderParser
from email.policy import default
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException

from notifications.mailbox import KeptMail, list_mails, mailbox_of, read_mail
from web.access import Admin, TheOffice
from web.office import Office
from web.pages import render
from web.security import MAIL_POLICY

router = APIRouter()

SHOWN = 50


@router.get("/mailbox")
def show_mailbox(
    request: Request, office: TheOffice, _admin: Admin, page: Annotated[int, Query(ge=1, le=100_000)] = 1
) -> Response:
    """Newest first, a page at a time: only the shown files are read."""
    total, mails = list_mails(mailbox_of(office.settings.data), limit=SHOWN, offset=(page - 1) * SHOWN)
    return render(
        request,
        "mailbox.html",
        mails=mails,
        total=total,
        page=page,
        pages=max(1, -(-total // SHOWN)),
        is_real=office.settings.smtp is not None,
    )


@router.get("/mailbox/{name}")
def show_mail(request: Request, office: TheOffice, _admin: Admin, name: str) -> Response:
    mail = _mail(office, name)
    raw = mailbox_of(office.settings.data).read(name) or b""
    headers = BytesHeaderParser(policy=default).parsebytes(raw).items()
    return render(request, "mail.html", mail=mail, name=name, headers=headers)


@router.get("/mailbox/{name}/html")
def show_html(office: TheOffice, _admin: Admin, name: str) -> Response:
    """The HTML part under a policy of its own: it can neither run, nor load, nor reach this site."""
    mail = _mail(office, name)
    if mail.html is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response(
        framed(mail.html),
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"},
    )


@router.get("/mailbox/{name}/raw")
def show_raw(office: TheOffice, _admin: Admin, name: str) -> Response:
    raw = mailbox_of(office.settings.data).read(name)
    if raw is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response(raw, media_type="text/plain; charset=utf-8")


@router.get("/mailbox/{name}/files/{position}")
def download_attachment(office: TheOffice, _admin: Admin, name: str, position: int) -> Response:
    """Always as a file to keep, never shown inside this site."""
    attachments = _mail(office, name).attachments
    if not 0 <= position < len(attachments):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response(
        attachments[position].content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachments[position].name, safe='')}"},
    )


def framed(html: str) -> str:
    """The mail's HTML for a frame: every link opens in a window of its own."""
    target = '<base target="_blank">'
    changed, count = re.subn(r"(<head[^>]*>)", lambda found: found[1] + target, html, count=1, flags=re.IGNORECASE)
    return changed if count else target + html


def _mail(office: Office, name: str) -> KeptMail:
    mail = read_mail(mailbox_of(office.settings.data), name)
    if mail is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return mail
