"""What every test stands on: real databases, a real broker, a closed network, and an honest word on what is missing.

A test that takes `engine`, `session` or `database_url` runs twice, on SQLite and on PostgreSQL, each time on an empty
database with the whole schema. The marks `browser`, `fonts`, `postgres` and `shared` skip a test where that thing is
missing, with one line that names it; under DDAY_REQUIRE_ALL=1 they fail it instead.
"""

import ipaddress
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
import structlog
from sqlalchemy import Engine, make_url
from sqlmodel import Session

import settings
from tests.servers import (
    SUPERVISOR_SOCKET,
    Postgresql,
    Supervisor,
    Valkey,
    find_postgresql,
    find_valkey,
    own_postgresql,
    server_url,
)

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# Nothing may lean on the zone of the machine or on its settings: an odd zone, and none of ours but the tests' own.
os.environ["TZ"] = os.environ.get("DDAY_TEST_ZONE", "America/St_Johns")
time.tzset()
for name in [name for name in os.environ if name.startswith("DDAY_") and not name.startswith("DDAY_TEST_")]:
    if name != "DDAY_REQUIRE_ALL":
        del os.environ[name]
if (ROOT / ".env").is_file():  # the programs that tests start read it: there, an empty variable wins over it
    for line in (ROOT / ".env").read_text(encoding="utf-8").splitlines():
        if (name := line.partition("=")[0].strip().removeprefix("export ")).startswith("DDAY_"):
            os.environ[name] = ""

hypothesis.settings.register_profile("dday", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("dday")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--chaos", type=int, default=1, metavar="N", help="rounds of each kill -9 test (default 1)")
    parser.addoption("--pictures", metavar="DIR", help="keep a picture of every page at both widths there")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the workers of pytest-xdist share the servers of the process they serve
        supervisor = Supervisor()
        config.add_cleanup(supervisor.end)
    own = Path(os.environ[SUPERVISOR_SOCKET]).parent
    os.environ["DDAY_DATA"] = str(own / "data")  # whatever a test forgets to say stays out of data/
    settings.ROOT = own  # nor does anybody's .env tell the tests what to do
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])  # drawing a traceback takes half a second


# ------------------------------------------------------------------------------------------------ what may be missing


def find_chromium() -> Path | None:
    """The system's Chromium or Chrome."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    return None


def find_korean_font() -> Path | None:
    """One installed font that has Hangul, as fontconfig knows it."""
    if not shutil.which("fc-match"):
        return None
    match = subprocess.run(["fc-list", ":lang=ko", "file"], capture_output=True, text=True, check=False).stdout
    return Path(match.splitlines()[0].rstrip(": ")) if match.strip() else None


NEEDS: dict[str, tuple[Callable[[], object], str]] = {
    "browser": (find_chromium, "Chromium is not installed (Debian: apt install chromium)"),
    "fonts": (find_korean_font, "no Korean font is installed (Debian: apt install fontconfig fonts-nanum)"),
    "postgres": (find_postgresql, "no PostgreSQL: neither $DDAY_TEST_PG_BIN, nor the system's, nor the wheel's"),
    "shared": (lambda: SHARED.is_dir(), "the first customer's report is not beside this checkout (../shared)"),
}


def missing(reason: str) -> None:
    """Skips the running test for want of a tool, or fails it where everything has to be there."""
    if os.environ.get("DDAY_REQUIRE_ALL"):
        pytest.fail(f"DDAY_REQUIRE_ALL is set, and {reason}", pytrace=False)
    pytest.skip(reason)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark, (find, reason) in NEEDS.items():
        if item.get_closest_marker(mark) and not find():
            missing(reason)


@pytest.fixture
def shared() -> Path:
    """The folder with the first customer's report; mark the test `shared` too."""
    return SHARED


@pytest.fixture
def chromium() -> Path:
    """The browser's program; mark the test `browser` too."""
    found = find_chromium()
    if found is None:
        missing(NEEDS["browser"][1])
    assert found is not None
    return found


@pytest.fixture(scope="session")
def chaos(request: pytest.FixtureRequest) -> int:
    """How many rounds a test that kills processes plays."""
    rounds: int = request.config.getoption("--chaos")
    return rounds


# ------------------------------------------------------------------------------------------------ the closed network

_escapes: list[str] = []


def _is_here(host: object) -> bool:
    """Loopback, a wildcard to listen on, or a file system socket."""
    name = host.decode() if isinstance(host, (bytes, bytearray)) else str(host or "::")
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _watch_network(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    else:
        return
    if not _is_here(host):
        _escapes.append(f"{event} {host}")
        raise PermissionError(f"tests stay on this machine: {event} {host}")


sys.addaudithook(_watch_network)


@pytest.fixture(autouse=True)
def closed_network() -> Iterator[None]:
    """Fails a test that looked beyond this machine, even if the code under test swallowed the error."""
    _escapes.clear()
    yield
    assert not _escapes, f"the test reached for the network: {_escapes}"


# ------------------------------------------------------------------------------------------------ databases


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the schema and no row."""
    import models  # noqa: F401  (names every table)
    from models.database import create_schema, make_engine

    file = tmp_path_factory.mktemp("template") / "template.db"
    engine = make_engine(f"sqlite:///{file}")
    create_schema(engine)
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgresql_database(worker_id: str) -> str:
    """This worker's own database with the schema; `database_url` empties it before each test."""
    import models  # noqa: F401  (names every table)
    from models.database import create_schema, make_engine

    url = create_database(f"dday_{worker_id}")
    engine = make_engine(url)
    create_schema(engine)
    engine.dispose()
    return url


def create_database(name: str, like: str = "template1") -> str:
    """A new database on the session's PostgreSQL, empty or a copy of another; returns its address."""
    url = make_url(server_url("postgresql"))
    with psycopg.connect(_libpq(str(url)), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    return url.set(database=name).render_as_string(hide_password=False)


def _libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


# Takes a few milliseconds, where a new database or TRUNCATE of every table takes over fifty. Numbering starts anew too.
EMPTY = """
SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();
SET session_replication_role = replica;
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT oid::regclass AS name, pg_relation_size(oid) AS bytes FROM pg_class
                 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        IF found.bytes > 1000000 THEN
            EXECUTE format('TRUNCATE %s CASCADE', found.name);
        ELSE
            EXECUTE format('DELETE FROM %s', found.name);
        END IF;
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL;
END $$;
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with the schema: on SQLite a file of its own, on PostgreSQL the worker's, emptied."""
    if request.param == "sqlite":
        file = tmp_path / "dday.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("postgresql_database")
    with psycopg.connect(_libpq(url), autocommit=True) as connection:
        connection.execute(EMPTY)
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> str:
    """A new database without any table, for what makes or changes a schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bare.db'}"
    return create_database(f"bare_{worker_id}_{time.monotonic_ns()}")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The product's own engine on `database_url`."""
    from models.database import make_engine

    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session that the test may commit; what it leaves uncommitted is rolled back."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def private_postgresql() -> Iterator[Postgresql]:
    """A PostgreSQL of the test's own, to kill and start again (a second to make); mark the test `postgres` too."""
    with own_postgresql() as server:
        yield server


# ------------------------------------------------------------------------------------------------ the broker


@pytest.fixture
def valkey_url(worker_id: str) -> str:
    """This worker's database of the session's Valkey, emptied. The server is shared: flush this database, never all."""
    import redis

    if find_valkey() is None:
        missing("no Valkey or Redis: neither $DDAY_TEST_VALKEY, nor the system's, nor the wheel's")
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id != "master" else 0
    url = f"{server_url('valkey').rpartition('/')[0]}/{number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def private_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A Valkey of the test's own, to kill and start again."""
    folder = tmp_path / "valkey"
    folder.mkdir()
    server = Valkey(folder)
    server.start()
    yield server
    server.kill()
