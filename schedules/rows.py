"""Many rows at once: ids that travel as one value, inserts that leave a row which is there already as it is."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from psycopg.errors import UniqueViolation
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Integer,
    SQLColumnExpression,
    Table,
    Text,
    bindparam,
    column,
    func,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel

ROWS_AT_ONCE = 1000  # 1000 rows of 18 columns stay below SQLite's 32766 values a statement


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, for statements that make no objects."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


# ------------------------------------------------------------------------------------------------ ids as one value


def among(of: SQLColumnExpression[int] | SQLColumnExpression[int | None], ids: Collection[int]) -> ColumnElement[bool]:
    """Whether the column is one of these ids, however many: they travel as one value, so the statement stays short.

    A driver reads the text of a statement with thousands of parameters anew each time, which costs more than the query.
    """
    return _Among(of, bindparam(None, ids, type_=_Ids(), unique=True))


class _Among(FunctionElement[bool]):
    name = "among"
    type = Boolean()
    inherit_cache = True


class _Ids(TypeDecorator[Collection[int]]):
    """An array on PostgreSQL, a JSON text on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = postgresql.ARRAY(Integer) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return ids if dialect.name == "postgresql" else json.dumps(ids)


@compiles(_Among, "postgresql")
def _among_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} = ANY ({ids}))"


@compiles(_Among, "sqlite")
def _among_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({ids})))"


# ------------------------------------------------------------------------------------------------ inserts


def insert_missing(session: Session, model: type[SQLModel], rows: Sequence[dict[str, object]]) -> dict[str, int]:
    """Inserts the rows whose `key` is not there yet, another transaction's included; the new ids by key."""
    table = table_of(model)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing(index_elements=["key"]).returning(table.c.key, table.c.id)
    found: dict[str, int] = {}
    for first in range(0, len(rows), ROWS_AT_ONCE):
        made = session.execute(statement, rows[first : first + ROWS_AT_ONCE])
        found.update({key: row_id for key, row_id in made})  # noqa: C416  (a row is not a pair to the type checker)
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
                _copy(session, table_of(model), columns, rows)
            return len(rows)
        except UniqueViolation:
            return len(insert_missing(session, model, [dict(zip(columns, row, strict=True)) for row in rows]))
    statement = sqlite.insert(table_of(model)).on_conflict_do_nothing(index_elements=["key"])
    done = session.connection().execute(statement, [dict(zip(columns, row, strict=True)) for row in rows])
    return done.rowcount


def update_each(
    session: Session,
    model: type[SQLModel],
    columns: Sequence[str],
    rows: Sequence[tuple[object, ...]],
    condition: ColumnElement[bool],
    also: Mapping[str, object] | None = None,
) -> None:
    """Gives each row, id first, its own values for the columns, and all of them `also`, where the condition holds.

    One statement on PostgreSQL: the values travel as one array a column.
    """
    if not rows:
        return
    table = table_of(model)
    if session.get_bind().dialect.name == "postgresql":
        kinds = [(name, table.c[name].type) for name in ("id", *columns)]
        arrays = (
            bindparam(None, [row[place] for row in rows], type_=postgresql.ARRAY(kind))
            for place, (_, kind) in enumerate(kinds)
        )
        given = (
            func.unnest(*arrays)
            .table_valued(*(column(name, kind) for name, kind in kinds), name="given")
            .render_derived()
        )
        values = {name: given.c[name] for name in columns}
        statement = update(table).where(table.c.id == given.c.id, condition).values({**values, **(also or {})})
        session.connection().execute(statement)
        return
    names = {name: f"new_{name}" for name in ("id", *columns)}
    values = {name: bindparam(names[name]) for name in columns}
    statement = update(table).where(table.c.id == bindparam(names["id"]), condition).values({**values, **(also or {})})
    session.connection().execute(statement, [dict(zip(names.values(), row, strict=True)) for row in rows])


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
