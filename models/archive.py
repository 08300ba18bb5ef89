"""A backup file: a zip with one JSON Lines file a table, the same from SQLite and PostgreSQL, readable by anything."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, TypedDict
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from sqlalchemy import Connection, Table
from sqlalchemy.types import TypeDecorator, TypeEngine

from models.transfer import ROWS_AT_ONCE, Row, read_rows, tables, write_rows
from settings import Refusal

FORMAT = 1
_FILE = re.compile(r"files/([0-9a-f]{2}/[0-9a-f]{32})")


class ArchiveError(Refusal):
    """The file is not a backup that this version can read; nothing was changed."""


class Manifest(TypedDict):
    format: int
    revision: str
    made_at: str
    rows: dict[str, int]


def write_archive(connection: Connection, file: IO[bytes], revision: str, now: datetime) -> Manifest:
    """Writes every row of every table; `revision` is the schema's. The secret key is not in it."""
    counts: dict[str, int] = {}
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for table in tables():
            counts[table.name] = 0
            with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as lines:
                for rows in read_rows(connection, table):
                    counts[table.name] += len(rows)
                    for row in rows:
                        lines.write(json.dumps(row, ensure_ascii=False, default=_plain).encode() + b"\n")
        manifest = Manifest(format=FORMAT, revision=revision, made_at=now.isoformat(), rows=counts)
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    return manifest


def read_archive(connection: Connection, file: IO[bytes], revision: str) -> Manifest:
    """Fills the empty tables from a backup made at the same `revision`. Raises ArchiveError; commits nothing."""
    try:
        with ZipFile(file) as archive:
            manifest: Manifest = json.loads(archive.read("manifest.json"))
            if manifest["format"] != FORMAT or manifest["revision"] != revision:
                raise ArchiveError(
                    f"백업의 판({manifest['revision']})이 이 프로그램의 판({revision})과 다릅니다. "
                    "백업을 만든 판으로 복원한 뒤 dday migrate 를 실행해 주세요."
                )
            for table in tables():
                with archive.open(f"{table.name}.jsonl") as lines:
                    found = write_rows(connection, table, _chunks(table, lines))
                if found != manifest["rows"][table.name]:
                    raise ArchiveError(f"백업 파일이 온전하지 않습니다: {table.name} {found}행 / incomplete backup")
    except (BadZipFile, KeyError, ValueError, TypeError) as error:
        raise ArchiveError(f"Dday 백업 파일이 아니거나 손상되었습니다 ({error}) / not a backup, or damaged") from error
    return manifest


def pack_files(file: IO[bytes], folder: Path) -> int:
    """Adds what people attached to their answers to a backup that was just written; returns how many files."""
    packed = 0
    with ZipFile(file, "a") as archive:
        for path in sorted(folder.glob("??/*")):
            if _FILE.fullmatch(f"files/{path.parent.name}/{path.name}"):
                archive.write(path, f"files/{path.parent.name}/{path.name}")
                packed += 1
    return packed


def unpack_files(file: IO[bytes], folder: Path) -> int:
    """Puts the files of a backup into the folder, where they are not there yet; names of any other shape are left."""
    unpacked = 0
    with ZipFile(file) as archive:
        for member in archive.infolist():
            match = _FILE.fullmatch(member.filename)
            path = folder / match[1] if match else None
            if path is None or path.exists():
                continue
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with archive.open(member) as source, os.fdopen(descriptor, "wb") as target:
                shutil.copyfileobj(source, target)
            unpacked += 1
    return unpacked


def _chunks(table: Table, lines: IO[bytes]) -> Iterator[list[Row]]:
    types = {column.name: _python_type(column.type) for column in table.c}
    rows: list[Row] = []
    for line in lines:
        rows.append({name: _typed(types[name], value) for name, value in json.loads(line).items()})
        if len(rows) == ROWS_AT_ONCE:
            yield rows
            rows = []
    if rows:
        yield rows


def _python_type(kind: TypeEngine[object]) -> type:
    return kind.impl_instance.python_type if isinstance(kind, TypeDecorator) else kind.python_type


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no plain form")


def _typed(kind: type, value: object) -> object:
    if isinstance(value, str):
        if issubclass(kind, datetime):
            return datetime.fromisoformat(value)
        if issubclass(kind, date):
            return date.fromisoformat(value)
        if issubclass(kind, StrEnum):
            return kind(value)
    return value
