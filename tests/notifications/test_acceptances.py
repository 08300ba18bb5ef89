"""That a mail was taken is in the database before the next one leaves, whatever happens to the sender."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlmodel import col, select

from bench.city import SLOT, build_city
from models import AttemptOutcome, DeliveryAttempt, Notification, NotificationState
from models.database import make_engine, read, write
from notifications.acceptances import Accepted, note_anew, open_acceptances
from notifications.channels import OutgoingMail, Receipt
from notifications.channels.noted import NotedChannel
from notifications.deliver import deliver_due
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
from notifications.acceptances import Accepted, note_anew, open_acceptances
with ExitStack() as stack:
    acceptances = open_acceptances(make_engine(sys.argv[1]), stack)
    for number in map(int, sys.argv[2:]):
        acceptances.note(
            Accepted(number, datetime.fromisoformat("2024-10-07T00:01:02+00:00"), ["a@office.example"], "250 ok")
        )
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
        acceptances.note(Accepted(ids[0], AT, ["a@office.example", "o'b{c}@office.example"], '250 "taken", 잘'))
        acceptances.confirm()

        assert attempts(engine) == [
            (ids[0], "a@office.example", '250 "taken", 잘', AT),
            (ids[0], "o'b{c}@office.example", '250 "taken", 잘', AT),
        ]


def test_what_cannot_be_recorded_stops_the_sender(engine: Engine, ids: list[int]) -> None:
    with pytest.raises((psycopg.Error, sqlite3.Error)), ExitStack() as stack:  # noqa: PT012
        acceptances = open_acceptances(engine, stack)
        acceptances.note(Accepted(max(ids) + 1, AT, ["a@office.example"], "250 ok"))
        acceptances.confirm()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite says so when it is noted
def test_what_was_not_recorded_is_never_confirmed_later(engine: Engine, ids: list[int]) -> None:
    """The server's answer is read once: whoever asks again must not take its silence for a record."""
    with pytest.raises(psycopg.Error), ExitStack() as stack:  # noqa: PT012
        acceptances = open_acceptances(engine, stack)
        acceptances.note(Accepted(max(ids) + 1, AT, ["a@office.example"], "250 ok"))
        for _ in range(2):
            with pytest.raises(psycopg.Error):
                acceptances.confirm()


def test_the_connection_is_as_before_for_whoever_uses_it_next(engine: Engine, ids: list[int]) -> None:
    question = "SHOW synchronous_commit" if engine.dialect.name == "postgresql" else "PRAGMA synchronous"
    with engine.connect() as connection:
        before = connection.execute(text(question)).scalar_one()
    for number in ids:
        with ExitStack() as stack:
            open_acceptances(engine, stack).note(Accepted(number, AT, ["a@office.example"], "250 ok"))
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


def test_what_is_noted_anew_stands_there_once(engine: Engine, ids: list[int]) -> None:
    accepted = Accepted(ids[0], AT, ["a@office.example", "b@office.example"], "250 ok")
    with ExitStack() as stack:
        open_acceptances(engine, stack).note(accepted._replace(addresses=["a@office.example"]))
    for _ in range(2):
        with engine.begin() as connection:
            note_anew(connection, accepted)
    assert [address for _, address, _, _ in attempts(engine)] == ["a@office.example", "b@office.example"]


WAITING = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE '%dday_accepted%' AND wait_event_type = 'Lock'
"""


class CutBehindTheLast(NotedChannel):
    """The record of the third mail cannot be written, and then its connection ends."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._is_closed, self._cut = Event(), Thread(target=self._close_and_cut)

    def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
        receipt = super().deliver(mail, following)
        if len(self.mails) == 3:
            self._cut.start()
            assert self._is_closed.wait(30)
        return receipt

    def _close_and_cut(self) -> None:
        with self._engine.connect() as closing, self._engine.connect() as watching:
            closing.execute(text("LOCK TABLE delivery_attempt IN EXCLUSIVE MODE"))
            self._is_closed.set()
            while not watching.execute(text(WAITING)).all():
                watching.rollback()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite is written to in our own process
def test_a_record_that_goes_with_its_connection_is_made_anew(engine: Engine, database_url: str, ids: list[int]) -> None:
    """The mail has left: it is not sent again, and nothing is called sent without its proof."""
    settings = load_settings({"DDAY_DATABASE_URL": database_url, "DDAY_SECRET_KEY": "a secret of the tests"})
    channel = CutBehindTheLast(engine)
    with pytest.raises(psycopg.OperationalError):
        deliver_due(engine, lambda: SLOT.astimezone(UTC), settings, channel)

    assert [number for number, *_ in attempts(engine)] == ids
    with read(engine) as session:
        assert set(session.exec(select(Notification.state))) == {NotificationState.SENT}
    assert len(channel.mails) == len(ids)
