"""Many rows at once: ids that travel as one value, inserts that leave a row which is there already as it is."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

from psycopg.errors import UniqueViolation
from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Executable,
    Integer,
    Row,
    SQLColumnExpression,
    Table,
    TableValuedAlias,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType
from sqlmodel import Session, SQLModel

ROWS_AT_ONCE = 1000  # 1000 rows of 18 columns stay below SQLite's 32766 values a statement


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, for statements that make no objects."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def fetch(session: Session, wanted: Executable) -> Sequence[Row[*tuple[Any, ...]]]:
    """All rows as the driver gives them, in the columns' types: without the session's look at each of them."""
    session.flush()
    return session.connection().execute(wanted).all()


def fetch_ids(session: Session, wanted: Executable) -> list[int]:
    """The one column of all rows."""
    return [row_id for (row_id,) in fetch(session, wanted)]


# ------------------------------------------------------------------------------------------------ ids as one value


def among(of: SQLColumnExpression[int] | SQLColumnExpression[int | None], ids: Collection[int]) -> ColumnElement[bool]:
    """Whether the column is one of these ids, however many: they travel as one value, so the statement stays short.

    A driver reads the text of a statement with thousands of parameters anew each time, which costs more than the query.
    """
    return _Among(of, bindparam(None, ids, type_=_Ids(), unique=True))


def one_by_one(
    of: SQLColumnExpression[int] | SQLColumnExpression[int | None], ids: Collection[int]
) -> ColumnElement[bool]:
    """As `among`, where nothing else is asked of the rows: each id is looked up by the column's index.

    In a small table PostgreSQL would compare every row with every id. Beside another condition whose rows it takes for
    few it would begin at the wrong end.
    """
    return _OneByOne(of, bindparam(None, ids, type_=_Ids(), unique=True))


def among_texts(of: SQLColumnExpression[str], texts: Collection[str]) -> ColumnElement[bool]:
    """As `one_by_one`, of texts."""
    return _AmongTexts(of, bindparam(None, texts, type_=_Texts(), unique=True))


class _Among(FunctionElement[bool]):
    name = "among"
    type = Boolean()
    inherit_cache = True


class _OneByOne(_Among):
    name = "one_by_one"
    inherit_cache = True


class _AmongTexts(FunctionElement[bool]):
    name = "among_texts"
    type = Boolean()
    inherit_cache = True


class _Texts(UserDefinedType[Collection[str]]):
    """A JSON list, as a text."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_options: Any) -> str:
        return "JSONB"

    def bind_processor(self, _dialect: Dialect) -> Callable[[Collection[str] | None], str]:
        return lambda texts: json.dumps(list(texts or ()))


class _Ids(UserDefinedType[Collection[int]]):
    """A text that each database reads as a list: of an array on PostgreSQL, of JSON on SQLite."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_options: Any) -> str:
        return "INTEGER[]"

    def bind_processor(self, dialect: Dialect) -> Callable[[Collection[int] | None], str]:
        begin, end = "{}" if dialect.name == "postgresql" else "[]"
        return lambda ids: f"{begin}{','.join(map(str, ids or ()))}{end}"


@compiles(_Among, "postgresql")
def _among_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} = ANY ({ids}))"


@compiles(_OneByOne, "postgresql")
def _rows_of_array(element: _OneByOne, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} IN (SELECT unnest({ids})))"


@compiles(_Among, "sqlite")
def _among_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({ids})))"


@compiles(_AmongTexts, "postgresql")
def _rows_of_texts(element: _AmongTexts, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} IN (SELECT jsonb_array_elements_text({texts})))"


@compiles(_AmongTexts, "sqlite")
def _among_json_texts(element: _AmongTexts, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({texts})))"


# ------------------------------------------------------------------------------------------------ inserts


def insert_missing(session: Session, model: type[SQLModel], rows: Sequence[dict[str, object]]) -> dict[str, int]:
    """Inserts the rows whose `key` is not there yet, another transaction's included; the new ids by key."""
    if not rows:
        return {}
    table = table_of(model)
    returned = (table.c.key, table.c.id)
    if session.get_bind().dialect.name == "postgresql":
        columns = list(rows[0])
        given = _given(table, columns, [[row[name] for name in columns] for row in rows])
        many = postgresql.insert(table).from_select(columns, select(*(given.c[name] for name in columns)))
        new = fetch(session, many.on_conflict_do_nothing(index_elements=["key"]).returning(*returned))
        return {key: row_id for key, row_id in new}  # noqa: C416  (a row is not a pair to the type checker)
    found: dict[str, int] = {}
    statement = sqlite.insert(table).on_conflict_do_nothing(index_elements=["key"]).returning(*returned)
    for first in range(0, len(rows), ROWS_AT_ONCE):
        made = session.execute(statement, rows[first : first + ROWS_AT_ONCE])
        found.update({key: row_id for key, row_id in made})  # noqa: C416
    return found


def insert_new(
    session: Session, model: type[SQLModel], columns: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> int:
    """Inserts rows that nobody else can be inserting (their milestones are locked); values as the table keeps them.

    COPY on PostgreSQL, executemany on SQLite. Should a key be there all the same, by somebody's hand, its row stays and
    the others are inserted. Returns how many were.
    """
    if not rows:
        return 0
    if session.get_bind().dialect.name == "postgresql":
        try:
            with session.begin_nested():
                insert_rows(session, model, columns, rows)
            return len(rows)
        except UniqueViolation:
            return len(insert_missing(session, model, [dict(zip(columns, row, strict=True)) for row in rows]))
    statement = sqlite.insert(table_of(model)).on_conflict_do_nothing(index_elements=["key"])
    done = session.connection().execute(statement, [dict(zip(columns, row, strict=True)) for row in rows])
    return done.rowcount


def insert_rows(
    session: Session, model: type[SQLModel], columns: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> None:
    """Inserts all of the rows, values as the table keeps them; raises where one of them may not stand there."""
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, table_of(model), columns, rows)
    else:
        named = [dict(zip(columns, row, strict=True)) for row in rows]
        session.connection().execute(table_of(model).insert(), named)


def update_each(
    session: Session,
    model: type[SQLModel],
    columns: Sequence[str],
    rows: Sequence[tuple[object, ...]],
    condition: ColumnElement[bool],
    also: Mapping[str, object] | None = None,
) -> None:
    """Gives each row, id first, its own values for the columns, and all of them `also`, where the condition holds.

    One statement on PostgreSQL.
    """
    if not rows:
        return
    table = table_of(model)
    if session.get_bind().dialect.name == "postgresql":
        given = _given(table, ("id", *columns), rows)
        values = {name: given.c[name] for name in columns}
        statement = update(table).where(table.c.id == given.c.id, condition).values({**values, **(also or {})})
        session.connection().execute(statement)
        return
    names = {name: f"new_{name}" for name in ("id", *columns)}
    values = {name: bindparam(names[name]) for name in columns}
    statement = update(table).where(table.c.id == bindparam(names["id"]), condition).values({**values, **(also or {})})
    session.connection().execute(statement, [dict(zip(names.values(), row, strict=True)) for row in rows])


def _given(table: Table, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> TableValuedAlias:
    """The values as a table of their own, named `given`, with the types of the table's columns (PostgreSQL).

    They travel as one JSON text: an array a column takes a client ten times as long to write.
    """
    document = json.dumps(
        [dict(zip(columns, row, strict=True)) for row in rows],
        default=_as_text,
        ensure_ascii=False,
        check_circular=False,
    )
    of_json = func.json_to_recordset(cast(bindparam(None, document, type_=Text()), JSON))
    kinds = (column(name, table.c[name].type) for name in columns)
    return of_json.table_valued(*kinds, name="given").render_derived(with_types=True)


def _as_text(value: object) -> str:
    if isinstance(value, date):  # a moment too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} stands in no column")


def _copy(session: Session, table: Table, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    """Binary, from plain tuples: the client spends half a microsecond a row, the rest is the server's."""
    connection = session.connection().connection.driver_connection
    assert connection is not None
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT binary)') as copy:
        copy.set_types([_pg_type(table.c[name].type) for name in columns])
        for row in rows:
            copy.write_row(row)


def _pg_type(kind: TypeEngine[Any]) -> str:
    if isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    for known, name in ((Integer, "int4"), (Date, "date"), (DateTime, "timestamptz")):
        if isinstance(kind, known):
            return name
    return "text"
