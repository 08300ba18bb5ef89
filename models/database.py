"""Opens the database: one way to read, one way to write, the same on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from sqlite3 import Connection as SQLiteConnection

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, SQLModel

BUSY_TIMEOUT_SECONDS = 30

# Times travel as UTC. Each end notices within half a minute that the network has lost the other: until then a host that
# is gone keeps the locks of its transaction, by the system's defaults for two hours. Statements here take milliseconds,
# and PostgreSQL takes a tenth of a second to compile one that it expects to be long.
POSTGRESQL: dict[str, str | int] = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
    "options": "-c timezone=UTC -c jit=off"
    " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4 -c tcp_user_timeout=30000",
}


def make_engine(url: str, *, durable: bool = True) -> Engine:
    """An engine for `sqlite:///file`, `sqlite://` (memory, one connection) or `postgresql+psycopg://…`.

    SQLite: foreign keys on, WAL, and every writing transaction opens with BEGIN IMMEDIATE, so that two writers
    queue instead of failing halfway; not `durable` = a throw-away copy that need not survive a power cut.
    PostgreSQL: times travel as UTC.
    """
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, connect_args=POSTGRESQL)
    in_memory = url in ("sqlite://", "sqlite:///:memory:")
    engine = (
        create_engine(url, connect_args={"check_same_thread": False}, poolclass=StaticPool)
        if in_memory
        else create_engine(url, connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_SECONDS})
    )

    @event.listens_for(engine, "connect")
    def configure(connection: SQLiteConnection, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is deferred; ours is below
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
        if not in_memory:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL" if durable else "PRAGMA synchronous=OFF")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("dday_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def create_schema(engine: Engine) -> None:
    """Every table as the models say; for tests and throw-away copies (an installation migrates instead)."""
    SQLModel.metadata.create_all(engine)


@contextmanager
def write(engine: Engine) -> Iterator[Session]:
    """One unit of work: commits when the block ends, rolls back when it raises. The only place that commits."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def read(engine: Engine, *, is_one_moment: bool = False) -> Iterator[Session]:
    """A look that takes no write lock and changes nothing.

    On PostgreSQL each statement sees what was committed before it, unless `is_one_moment`: then all see the same.
    """
    reading = engine.execution_options(dday_reading=True)
    if is_one_moment and engine.dialect.name == "postgresql":
        reading = reading.execution_options(isolation_level="REPEATABLE READ")
    with Session(reading, autoflush=False, expire_on_commit=False) as session:
        yield session


def read_clock(session: Session, shift_seconds: int = 0) -> datetime:
    """The database's clock plus the drill shift, aware, UTC: hosts whose clocks are wrong agree on it."""
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        now: datetime = session.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
    else:
        stamp = session.connection().execute(text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")).scalar_one()
        now = datetime.fromisoformat(stamp).replace(tzinfo=UTC)
    return now.astimezone(UTC) + timedelta(seconds=shift_seconds)
