"""That a mail was taken is in the database before the next one leaves, whatever happens to the sender."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlmodel import col, select

from bench.city import SLOT, build_city
from models import AttemptOutcome, DeliveryAttempt, Notification
from models.database import make_engine, read, write
from notifications.acceptances import open_acceptances
from notifications.outbox import dispatch_due
from schedules.office_days import load_calendar
from settings import load_settings

ROOT = Path(__file__).resolve().parent.parent.parent
AT = datetime(2024, 10, 7, 0, 1, 2, 345678, tzinfo=UTC)
KILLED = """
import os, signal, sys
from contextlib import ExitStack
from datetime import datetime
from models.database import make_engine
from notifications.acceptances import open_acceptances
with ExitStack() as stack:
    acceptances = open_acceptances(make_engine(sys.argv[1]), stack)
    for number in map(int, sys.argv[2:]):
        acceptances.note(number, datetime.fromisoformat("2024-10-07T00:01:02+00:00"), ["a@office.example"], "250 ok")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def ids(engine: Engine, database_url: str, tmp_path: Path) -> list[int]:
    """Three queued messages."""
    settings = load_settings(
        {"DDAY_DATABASE_URL": database_url, "DDAY_SECRET_KEY": "a secret of the tests"}, data=tmp_path
    )
    build_city(engine, settings, teams=3)
    with write(engine) as session:
        dispatch_due(session, SLOT, settings, load_calendar(session))
    with read(engine) as session:
        return [
            number
            for number in session.exec(select(Notification.id).order_by(col(Notification.id)))
            if number is not None
        ]


def attempts(engine: Engine) -> list[tuple[int, str, str, datetime]]:
    with read(engine) as session:
        rows = session.exec(select(DeliveryAttempt).order_by(col(DeliveryAttempt.id))).all()
        assert {row.outcome for row in rows} <= {AttemptOutcome.ACCEPTED}
        return [(row.notification_id, row.address, row.response, row.attempted_at) for row in rows]


def test_what_is_confirmed_others_see(engine: Engine, ids: list[int]) -> None:
    with ExitStack() as stack:
        acceptances = open_acceptances(engine, stack)
        acceptances.note(ids[0], AT, ["a@office.example", "o'b{c}@office.example"], '250 "taken", 잘')
        acceptances.confirm()

        assert attempts(engine) == [
            (ids[0], "a@office.example", '250 "taken", 잘', AT),
            (ids[0], "o'b{c}@office.example", '250 "taken", 잘', AT),
        ]


def test_what_cannot_be_recorded_stops_the_sender(engine: Engine, ids: list[int]) -> None:
    with pytest.raises((psycopg.Error, sqlite3.Error)), ExitStack() as stack:  # noqa: PT012
        acceptances = open_acceptances(engine, stack)
        acceptances.note(max(ids) + 1, AT, ["a@office.example"], "250 ok")
        acceptances.confirm()


def test_the_connection_is_as_before_for_whoever_uses_it_next(engine: Engine, ids: list[int]) -> None:
    question = "SHOW synchronous_commit" if engine.dialect.name == "postgresql" else "PRAGMA synchronous"
    with engine.connect() as connection:
        before = connection.execute(text(question)).scalar_one()
    for number in ids:
        with ExitStack() as stack:
            open_acceptances(engine, stack).note(number, AT, ["a@office.example"], "250 ok")
    with engine.connect() as connection:
        assert connection.execute(text(question)).scalar_one() == before
    assert len(attempts(engine)) == len(ids)


def test_a_sender_killed_behind_a_note_has_left_it(engine: Engine, database_url: str, ids: list[int]) -> None:
    command = [sys.executable, "-c", KILLED, database_url, *map(str, ids)]
    killed = subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert killed.returncode == -signal.SIGKILL

    other = make_engine(database_url)
    for _ in range(100):
        if len(found := attempts(other)) == len(ids):
            break
        with other.connect() as connection:  # the server may just be carrying it out
            connection.execute(text("SELECT 1" if engine.dialect.name == "sqlite" else "SELECT pg_sleep(0.05)"))
    other.dispose()
    assert [number for number, *_ in found] == ids
