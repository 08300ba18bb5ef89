"""The schema that the migrations build is the one the models describe, constraints and index predicates included."""

import re

import pytest
from sqlalchemy import Engine, text

import migrations
from models.database import create_schema, make_engine

POSTGRESQL = {
    "columns": """SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, ''),
                         coalesce(character_maximum_length, 0)
                  FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
                      FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


def dump(engine: Engine) -> set[tuple[object, ...]]:
    """Every table, column, constraint and index as the database itself tells them."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            rows = {(kind, *row) for kind, sql in POSTGRESQL.items() for row in connection.execute(text(sql))}
            return {row for row in rows if "alembic_version" not in row}
        found = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return {part for row in found for part in parts(*row) if row.tbl_name != "alembic_version"}


def parts(kind: str, name: str, table: str, sql: str) -> list[tuple[object, ...]]:
    """A CREATE statement cut into its columns and constraints, whose order and quoting do not matter."""
    sql = re.sub(r'["\s]+', " ", sql)
    if kind == "index":
        return [(kind, name, table, sql)]
    inside = sql[sql.index("(") + 1 : sql.rindex(")")]
    pieces = re.split(r",(?![^(]*\))", inside)
    return [(kind, name, piece.strip()) for piece in pieces]


def test_the_migrations_build_what_the_models_describe(bare_database_url: str) -> None:
    engine = make_engine(bare_database_url)
    create_schema(engine)
    described = dump(engine)
    with engine.begin() as connection:
        for table in reversed(list(migrated_tables())):
            connection.execute(text(f"DROP TABLE {table}"))
    migrations.upgrade(engine)
    built = dump(engine)
    engine.dispose()
    assert built - described == set()
    assert described - built == set()


def test_the_dump_sees_a_changed_index_predicate(bare_database_url: str) -> None:
    engine = make_engine(bare_database_url)
    migrations.upgrade(engine)
    before = dump(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_reminder_due"))
        connection.execute(text("CREATE INDEX ix_reminder_due ON reminder (due_at, post_id) WHERE state = 'missed'"))
    assert dump(engine) != before
    engine.dispose()


def test_down_to_nothing_and_up_again(bare_database_url: str) -> None:
    engine = make_engine(bare_database_url)
    migrations.upgrade(engine)
    built = dump(engine)
    migrations.downgrade(engine, "base")
    assert dump(engine) == set()
    migrations.upgrade(engine)
    assert dump(engine) == built
    engine.dispose()


def test_an_empty_database_is_told_to_be_made(bare_database_url: str) -> None:
    engine = make_engine(bare_database_url)
    with pytest.raises(migrations.SchemaError, match="dday init"):
        migrations.require_current(engine)
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused(bare_database_url: str) -> None:
    engine = make_engine(bare_database_url)
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.SchemaError, match="새 판"):
        migrations.require_current(engine)
    engine.dispose()


def migrated_tables() -> list[str]:
    from models.transfer import tables

    return [table.name for table in tables()]
