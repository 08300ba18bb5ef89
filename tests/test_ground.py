"""The ground under the tests themselves: databases arrive empty, servers die and come back, the network is closed."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlmodel import Session, select

from models import Unit, UnitKind
from tests.conftest import _escapes
from tests.servers import Postgresql, Valkey

TWICE = pytest.mark.parametrize("time", [1, 2])


@TWICE
def test_each_test_gets_an_empty_database_that_numbers_from_one(engine: Engine, time: int) -> None:
    with Session(engine) as session:
        assert session.exec(select(Unit)).all() == []
        unit = Unit(kind=UnitKind.TEAM, name="인사팀")
        session.add(unit)
        session.commit()
        assert unit.id == 1


def test_a_session_left_uncommitted_hinders_nobody(session: Session) -> None:
    session.execute(text("SELECT 1"))


@TWICE
def test_a_bare_database_has_no_table(bare_database_url: str, time: int) -> None:
    from models.database import make_engine

    engine = make_engine(bare_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.postgres
def test_postgresql_comes_back_after_an_accident_with_what_was_committed(private_postgresql: Postgresql) -> None:
    import psycopg

    address = private_postgresql.url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int)")
        private_postgresql.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    private_postgresql.start()
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_valkey_comes_back_empty(private_valkey: Valkey, valkey_url: str) -> None:
    import redis

    assert private_valkey.url != valkey_url
    with redis.Redis.from_url(private_valkey.url) as client:
        client.set("word", "가")
    private_valkey.kill()
    private_valkey.start()
    with redis.Redis.from_url(private_valkey.url) as client:
        assert client.get("word") is None


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "mail.example"])
def test_the_network_is_closed(host: str) -> None:
    with pytest.raises(PermissionError, match="stay on this machine"):
        socket.create_connection((host, 25), timeout=1)
    assert _escapes
    _escapes.clear()


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()


KILLED = """
import os, signal, sys
sys.path.insert(0, {root!r})
from tests.servers import Supervisor, server_url
supervisor = Supervisor()
server_url("valkey"), server_url("postgresql")
print(supervisor.folder, supervisor.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.postgres
def test_the_servers_go_when_pytest_is_killed() -> None:
    root = Path(__file__).parent.parent
    # Its output stays open in the servers until the last of them has gone, so reading to the end waits for that.
    said = subprocess.run(
        [sys.executable, "-c", KILLED.format(root=str(root))], capture_output=True, timeout=60, check=False
    )
    folder, _pid = said.stdout.split()
    assert not Path(folder.decode()).exists()
