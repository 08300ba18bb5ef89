"""Writes many rows at once, so that a row which is there already stays as it is."""

from collections.abc import Sequence

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

ROWS_AT_ONCE = 1000  # 1000 rows of 18 columns stay below SQLite's 32766 values a statement


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, for statements that make no objects."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


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
