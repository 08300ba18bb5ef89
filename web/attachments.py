"""Files of answers, handed out as downloads only: to the console, and to the post that sent them through its link."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from sqlmodel import Session
from starlette.exceptions import HTTPException

from models import AnswerLink, Attachment, Post, StatusReport
from models.database import read
from notifications.links import find_link
from web.access import TheOffice, Viewer
from web.answer_items import read_items
from web.office import Office
from web.uploads import path_of

router = APIRouter()


@router.get("/files/{attachment_id}")
def download_file(_request: Request, office: TheOffice, viewer: Viewer, attachment_id: int) -> Response:
    with read(office.engine) as session:
        attachment, report = _found(session, attachment_id)
        if not viewer.reads.covers(session.get_one(Post, report.post_id).unit_id):
            raise HTTPException(HTTPStatus.NOT_FOUND)
    return _download(office, attachment)


@router.get("/a/{token}/files/{attachment_id}")
def download_own_file(office: TheOffice, token: str, attachment_id: int) -> Response:
    """What the link's own post has sent; anything else is not there."""
    with read(office.engine) as session:
        link = find_link(session, token, office.now(), office.settings.timezone)
        attachment, report = _found(session, attachment_id)
        if (
            not isinstance(link, AnswerLink)
            or report.post_id != link.post_id
            or not read_items(session, link, office.today(), [report.milestone_id])
        ):
            raise HTTPException(HTTPStatus.NOT_FOUND)
    return _download(office, attachment)


def _found(session: Session, attachment_id: int) -> tuple[Attachment, StatusReport]:
    attachment = session.get(Attachment, attachment_id)
    if attachment is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return attachment, session.get_one(StatusReport, attachment.report_id)


def _download(office: Office, attachment: Attachment) -> Response:
    path = path_of(office.settings, attachment.stored_as)
    if not path.is_file():  # the row came back from a backup, its file did not
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return FileResponse(
        path,
        media_type=attachment.media_type,
        filename=attachment.name,
        content_disposition_type="attachment",
        headers={"Content-Security-Policy": "default-src 'none'; sandbox"},
    )
