"""Whole databases as plain rows: for a rehearsal copy, a backup, a restore."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import ColumnElement, Connection, Table, bindparam, func, insert, select, text, update
from sqlmodel import SQLModel

ROWS_AT_ONCE = 1000
Row = dict[str, object]


def tables() -> list[Table]:
    """Every table of the models, parents before children."""
    return list(SQLModel.metadata.sorted_tables)


def read_rows(
    connection: Connection,
    table: Table,
    holds: ColumnElement[bool] | None = None,
    instead: Mapping[str, ColumnElement[object]] | None = None,
) -> Iterator[list[Row]]:
    """The table's rows in chunks, in key order: the same rows give the same chunks, and no more are held than one.

    Only those for which `holds`, where it is given; `instead` is what stands for a column.
    """
    given = instead or {}
    columns = [given[column.name].label(column.name) if column.name in given else column for column in table.c]
    rows = select(*columns).order_by(*table.primary_key).execution_options(yield_per=ROWS_AT_ONCE)
    if holds is not None:
        rows = rows.where(holds)
    with connection.execute(rows) as result:
        for chunk in result.mappings().partitions():
            yield [dict(row) for row in chunk]


def write_rows(connection: Connection, table: Table, chunks: Iterable[list[Row]]) -> int:
    """Fills an empty table with the rows as they are, keys included; returns how many.

    A row may point at a later row of its own table: those pointers are set once all rows are there.
    """
    pointers = [column.name for column in table.c if any(key.column.table is table for key in column.foreign_keys)]
    later: list[Row] = []
    count = 0
    for rows in chunks:
        later.extend(
            {"row_id": row["id"]} | {name: row[name] for name in pointers}
            for row in rows
            if any(row[name] is not None for name in pointers)
        )
        connection.execute(insert(table), [row | dict.fromkeys(pointers) for row in rows])
        count += len(rows)
    if later:
        connection.execute(update(table).where(table.c.id == bindparam("row_id")), later)
    if count and connection.dialect.name == "postgresql" and table.primary_key.columns.keys() == ["id"]:
        _advance_sequence(connection, table)
    return count


def copy_rows(source: Connection, target: Connection) -> None:
    """Every row of every table; `target` must hold the same schema, empty. Commits nothing."""
    for table in tables():
        write_rows(target, table, read_rows(source, table))


def _advance_sequence(connection: Connection, table: Table) -> None:
    sequence = connection.execute(text("SELECT pg_get_serial_sequence(:t, 'id')"), {"t": table.name}).scalar()
    if sequence is not None:
        highest = connection.execute(select(func.max(table.c.id))).scalar_one()
        connection.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})
