"""How the database came to be what it is: Alembic revisions, and the two verbs that run them."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from settings import Refusal

FOLDER = Path(__file__).resolve().parent


class SchemaError(Refusal):
    """The database is not at the version this code works with; the message says which, and what to do."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Brings the schema up to `revision` in one transaction a revision; nothing to do is fine."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)


def stamp(engine: Engine) -> None:
    """Says that a schema made whole by `models.database.create_schema` is at this code's revision."""
    with engine.begin() as connection:
        command.stamp(_config(connection), "head")


def downgrade(engine: Engine, revision: str) -> None:
    """Takes the schema back down to `revision` (`base` = nothing left)."""
    with engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def current(engine: Engine) -> str | None:
    """The revision the database is at; None for a database that Dday has not made."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision this code works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def require_current(engine: Engine) -> None:
    """Raises SchemaError unless the database is at this code's revision."""
    found = current(engine)
    if found == head():
        return
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is None and inspect(engine).get_table_names():
        raise SchemaError("이 데이터베이스에는 Dday가 만들지 않은 표가 있습니다. 빈 데이터베이스를 지정해 주세요.")
    if found is None:
        raise SchemaError("데이터베이스가 아직 준비되지 않았습니다. 먼저 실행: dday init")
    if found in known:
        raise SchemaError(f"데이터베이스가 이전 판({found})입니다. 먼저 실행: dday migrate")
    raise SchemaError(f"데이터베이스가 이 프로그램보다 새 판({found})입니다. 프로그램을 새 판으로 올려 주세요.")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config
