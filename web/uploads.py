"""Files that come with an answer: counted, measured, told by their content, renamed, kept outside every web root."""

import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from sqlmodel import Session, col, select
from starlette.datastructures import UploadFile

from models import Attachment
from settings import Settings

LONGEST_NAME = 80
FORM_BYTES = 2_000_000  # what a form may weigh beside its files
IMPORT_BYTES = 8 * 2**20  # the largest report or table that the pages take in
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEGINNINGS = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF8"}
_IN_ZIP = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "pdf": "application/pdf",
    "hwpx": "application/hwp+zip",
    "hwp": "application/x-hwp",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pptx": f"{_OFFICE}.presentationml.presentation",
}
_SUFFIXES = {"jpg": (".jpg", ".jpeg"), "heic": (".heic", ".heif")}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept: its name cleaned, its kind told by its content."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str
    file: IO[bytes]


class UploadError(Exception):
    """The file cannot be taken; the text tells the person who chose it why."""


def longest_body(settings: Settings) -> int:
    """What a form with files may weigh as a whole, in bytes; reading stops there."""
    return FORM_BYTES + max(settings.upload_bytes * settings.upload_files, IMPORT_BYTES)


def read_uploads(
    form: Iterable[tuple[str, object]], settings: Settings
) -> tuple[dict[int, list[Upload]], dict[int, str]]:
    """The files of the fields `files-{milestone}`, and for each milestone whose files cannot be taken the reason."""
    chosen: dict[int, list[UploadFile]] = {}
    for name, value in form:
        match = re.fullmatch(r"files-(\d{1,12})", name)
        if match and isinstance(value, UploadFile) and value.filename:
            chosen.setdefault(int(match[1]), []).append(value)
    taken: dict[int, list[Upload]] = {}
    refused: dict[int, str] = {}
    for milestone_id, files in chosen.items():
        try:
            if len(files) > settings.upload_files:
                raise UploadError(too_many(settings, len(files)))
            taken[milestone_id] = [check_upload(file.filename or "", file.file, settings) for file in files]
        except UploadError as error:
            refused[milestone_id] = str(error)
    return taken, refused


def too_many(settings: Settings, count: int) -> str:
    if not settings.upload_files:
        return "파일을 받지 않습니다. 파일 없이 보내 주세요."
    return f"파일은 일정 하나에 {settings.upload_files}개까지 붙일 수 있습니다({count}개). 줄여서 다시 골라 주세요."


def check_upload(name: str, file: IO[bytes], settings: Settings) -> Upload:
    """Raises UploadError for a file that is empty, too large, or by its content of no kind that is allowed."""
    size = file.seek(0, os.SEEK_END)
    shown = clean_name(name)
    if size == 0:
        raise UploadError(f"'{shown}'은(는) 빈 파일입니다. 다시 골라 주세요.")
    if size > settings.upload_bytes:
        limit = f"{settings.upload_mb:g} MB"
        raise UploadError(f"'{shown}'은(는) {size / 2**20:.1f} MB입니다. 파일 하나는 {limit}까지 붙일 수 있습니다.")
    kind = kind_of(file)
    if kind is None or kind not in settings.upload_kinds:
        kinds = ", ".join(settings.upload_kinds)
        raise UploadError(f"'{shown}'은(는) 붙일 수 없는 종류의 파일입니다. 붙일 수 있는 종류: {kinds}")
    file.seek(0)
    digest = sha256()
    for some in iter(lambda: file.read(2**20), b""):
        digest.update(some)
    return Upload(_with_suffix(shown, kind), MEDIA_TYPES[kind], size, digest.hexdigest(), file)


def kind_of(file: IO[bytes]) -> str | None:
    """What the bytes are, whatever the name says; None for anything unknown, and for documents with macros."""
    file.seek(0)
    head = file.read(1024)
    for kind, beginning in _BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return "heic"
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(_OLE):
        file.seek(0)
        return "hwp" if b"HWP Document File" in file.read() else None
    return _kind_of_zip(file) if head.startswith(b"PK") else None


def _kind_of_zip(file: IO[bytes]) -> str | None:
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            names = set(archive.namelist())
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return None
            if "mimetype" in names:
                with archive.open("mimetype") as stated:
                    return "hwpx" if stated.read(100).strip() == b"application/hwp+zip" else None
    except (BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError):
        return None
    return next((kind for kind, part in _IN_ZIP.items() if part in names), None)


def clean_name(name: str) -> str:
    """The last part of what the file was called: composed Hangul, no path, no control or direction marks, not long."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(one for one in last if unicodedata.category(one)[0] != "C" and one not in '<>:"|?*')
    stem, dot, suffix = " ".join(plain.split()).strip(". ").rpartition(".")
    if not dot:
        return suffix[:LONGEST_NAME] or "파일"
    return f"{stem[:LONGEST_NAME].strip() or '파일'}.{suffix[:10]}"


def _with_suffix(name: str, kind: str) -> str:
    suffixes = _SUFFIXES.get(kind, (f".{kind}",))
    return name if name.lower().endswith(suffixes) else f"{name.rpartition('.')[0] or name}{suffixes[0]}"


def keep(
    session: Session, settings: Settings, uploads: Mapping[int, Sequence[Upload]], now: datetime, kept: list[Path]
) -> None:
    """Keeps the files under the reports given, what a report has already left out. Raises UploadError past the limit.

    Every file written is put on `kept` first: the caller takes them away if the transaction does not come through.
    """
    known: dict[int, set[str]] = {}
    rows = session.exec(
        select(Attachment.report_id, Attachment.sha256).where(col(Attachment.report_id).in_(uploads))
    ).all()
    for report_id, digest in rows:
        known.setdefault(report_id, set()).add(digest)
    for report_id, files in uploads.items():
        there = known.setdefault(report_id, set())
        for upload in files:
            if upload.sha256 in there:
                continue
            there.add(upload.sha256)
            if len(there) > settings.upload_files:
                raise UploadError(too_many(settings, len(there)))
            stored_as = secrets.token_hex(16)
            _write(upload.file, path_of(settings, stored_as), kept)
            session.add(
                Attachment(
                    report_id=report_id,
                    name=upload.name,
                    media_type=upload.media_type,
                    size_bytes=upload.size_bytes,
                    sha256=upload.sha256,
                    stored_as=stored_as,
                    added_at=now,
                )
            )


def path_of(settings: Settings, stored_as: str) -> Path:
    return settings.files / stored_as[:2] / stored_as


def _write(file: IO[bytes], path: Path, kept: list[Path]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    kept.append(path)
    with os.fdopen(descriptor, "wb") as target:
        file.seek(0)
        shutil.copyfileobj(file, target)
        target.flush()
        os.fsync(target.fileno())


def attachments_of(session: Session, report_ids: Iterable[int | None]) -> dict[int, list[Attachment]]:
    """The files of these reports, in the order in which they came; one query."""
    wanted = [report_id for report_id in report_ids if report_id is not None]
    found: dict[int, list[Attachment]] = {}
    if wanted:
        for row in session.exec(
            select(Attachment).where(col(Attachment.report_id).in_(wanted)).order_by(col(Attachment.id))
        ).all():
            found.setdefault(row.report_id, []).append(row)
    return found
