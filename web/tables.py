"""`/tables`: the rows as they lie in the database, for the operator who looks into a trouble; to read, never to write.

What opens something by itself (hashes, seeds, tokens) is never asked of the database. Each list reads one page by the
primary key, and is narrowed only by a column that an index or the key leads with, so no page grows with its table.
"""

import json
from datetime import date, datetime
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Column, ColumnElement, Table, func, select
from sqlmodel import SQLModel

from models.columns import EnumText
from models.database import read
from models.transfer import tables
from web.access import Admin, TheOffice, not_found
from web.catalogue import word_of
from web.office import Office
from web.pages import render
from web.typed_days import read_day

router = APIRouter()

SHOWN = 50
LIST_CHARACTERS, ROW_CHARACTERS = 120, 4000
SECRET_ENDINGS = ("_hash", "_seed", "_token", "_secret", "token_sha256", "code_sha256", "browser_sha256")

Text = Annotated[str, Query(max_length=200)]


class Field(NamedTuple):
    """A value as it is shown; `points_at` is the address of the row that it names, if it names one."""

    name: str
    text: str
    points_at: str = ""
    is_secret: bool = False


@router.get("/tables")
def show_tables(request: Request, _admin: Admin) -> Response:
    names = sorted(table.name for table in tables())
    return render(request, "tables.html", tables=[(name, word_of("Table", name)) for name in names])


@router.get("/tables/{name}")
def show_rows(
    request: Request, office: TheOffice, _admin: Admin, name: str, by: Text = "", value: Text = "", after: Text = ""
) -> Response:
    """The newest keys first; `after` is the key that the page before ended with."""
    table = _table(name)
    key = _key(table)
    shown = [column for column in table.c if not is_secret(column)]
    statement = select(*(_cut(column, LIST_CHARACTERS) for column in shown)).order_by(key.desc()).limit(SHOWN + 1)
    is_unread = False
    if value.strip():
        wanted = _read(searchable(table).get(by), value)
        is_unread = wanted is None
        statement = statement.where(table.c[by] == wanted) if wanted is not None else statement.where(key.is_(None))
    if after:
        last = _read(key, after)
        if last is None:
            raise not_found()
        statement = statement.where(key < last)
    with read(office.engine) as session:
        rows = [list(row) for row in session.execute(statement)]
    at = shown.index(key)
    asked = {"by": by, "value": value} if value.strip() else {}
    further = urlencode(asked | {"after": str(rows[SHOWN - 1][at])}) if len(rows) > SHOWN else ""
    return render(
        request,
        "table.html",
        table=table.name,
        title=word_of("Table", table.name),
        columns=[column.name for column in shown],
        key=key.name,
        rows=[[_field(office, column, cell) for column, cell in zip(shown, row, strict=True)] for row in rows[:SHOWN]],
        filters=list(searchable(table)),
        by=by,
        value=value,
        is_unread=is_unread,
        further_address=f"/tables/{table.name}?{further}" if further else None,
    )


@router.get("/tables/{name}/{key}")
def show_row(request: Request, office: TheOffice, _admin: Admin, name: str, key: str) -> Response:
    """Every column of one row, and the tables whose rows may point at it."""
    table = _table(name)
    wanted = _read(_key(table), key[:200])
    if wanted is None:
        raise not_found()
    shown = [column for column in table.c if not is_secret(column)]
    statement = select(*(_cut(column, ROW_CHARACTERS) for column in shown)).where(_key(table) == wanted)
    with read(office.engine) as session:
        row = session.execute(statement).first()
    if row is None:
        raise not_found()
    values = dict(zip((column.name for column in shown), row, strict=True))
    fields = [
        Field(column.name, "", is_secret=True) if is_secret(column) else _field(office, column, values[column.name])
        for column in table.c
    ]
    return render(
        request,
        "table_row.html",
        table=table.name,
        title=word_of("Table", table.name),
        key=key,
        fields=fields,
        pointing=[
            (other, word_of("Table", other), column, f"/tables/{other}?{urlencode({'by': column, 'value': key})}")
            for other, column in _pointing_at(table)
        ],
    )


def is_secret(column: Column[object]) -> bool:
    return column.name.endswith(SECRET_ENDINGS)


def searchable(table: Table) -> dict[str, Column[object]]:
    """The columns that a list can be narrowed by without reading the whole table: the key, what is unique, and what
    an index of all rows begins with, except the few values of an enumeration."""
    leading = {column.name for column in table.c if column.primary_key or column.unique}
    for index in table.indexes:
        if index.dialect_options["postgresql"]["where"] is None:
            leading.add(next(iter(index.columns)).name)
    narrow = (column for column in table.c if column.name in leading)
    return {column.name: column for column in narrow if not is_secret(column) and not isinstance(column.type, EnumText)}


def _table(name: str) -> Table:
    found = SQLModel.metadata.tables.get(name)
    if found is None:
        raise not_found()
    return found


def _key(table: Table) -> Column[object]:
    [key] = table.primary_key.columns
    return key


def _cut(column: Column[object], characters: int) -> ColumnElement[object]:
    """A long text is cut in the database, so that a page stays small."""
    if column.type.python_type is str:
        return func.substr(column, 1, characters + 1).label(column.name)
    return column


def _read(column: Column[object] | None, text: str) -> object | None:
    """What was typed as a value of the column; None = it cannot be one."""
    text = text.strip()
    kind = None if column is None else column.type.python_type
    if kind is int:
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None
    if kind is date:
        return read_day(text)
    return text if kind is str and "\0" not in text else None


def _field(office: Office, column: Column[object], value: object) -> Field:
    if isinstance(value, datetime):
        text = f"{office.local(value):%Y-%m-%d %H:%M:%S%z}"
    elif isinstance(value, (list, dict)):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = "" if value is None else str(value)
    targets = [key.column.table.name for key in column.foreign_keys]
    own = f"/tables/{column.table.name}/{text}" if column.primary_key else ""
    return Field(column.name, text, f"/tables/{targets[0]}/{text}" if targets and text else own)


def _pointing_at(table: Table) -> list[tuple[str, str]]:
    """The tables and columns that name rows of this one and can be narrowed by them."""
    return [
        (other.name, column.name)
        for other in tables()
        for column in searchable(other).values()
        if any(key.column.table is table for key in column.foreign_keys)
    ]
