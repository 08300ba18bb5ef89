"""Mails end to end into a mail server: the engine, the same without a broker, embedded, and the obvious version."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import hands
from bench.city import SLOT, build_city, fill_yesterday, shift_to
from bench.ground import Figure, Ground, Stopwatch, analyze
from bench.sink import Sink
from models.database import make_engine, write
from notifications.outbox import Dispatched, dispatch_due
from schedules.office_days import load_calendar
from tests.worker.processes import Engines, until

HEADSTART = 8  # seconds for processes to start before the slot comes
PATIENCE = 1200


def run(on: Ground, size: int) -> list[Figure]:
    engine = through_engine(on, size, processes=2)
    one = through_engine(on, size, processes=1)
    brokerless = without_broker(on, size)
    obvious = through_obvious_version(on, size)
    embedded = in_one_process(on, size)
    return [
        Figure(
            "mails",
            "Dday engine, two processes",
            engine,
            "mails/s",
            engine / obvious,
            "the obvious version",
            "30×",
            engine / obvious >= 30,
        ),
        Figure(
            "mails",
            "Dday without a broker, two processes",
            brokerless,
            "mails/s",
            engine / brokerless,
            "engine against it",
            "0.8",
            engine / brokerless >= 0.8,
        ),
        Figure("mails", "obvious version: a task and a connection a mail", obvious, "mails/s"),
        Figure("mails", "Dday engine, one process", one, "mails/s"),
        Figure(
            "mails",
            "Dday embedded, SQLite",
            embedded,
            "mails/s",
            embedded / one,
            "engine, one process",
            "0.7",
            embedded / one >= 0.7,
        ),
    ]


def through_engine(on: Ground, size: int, processes: int) -> float:
    """From the slot to the last mail taken: dispatch, broker, reading, composing, SMTP, recording."""
    url, folder = on.database(), on.new_folder("engine")
    with Sink() as sink:
        running = Engines(url, on.broker(), sink, folder, lease_seconds=120, tick_seconds=30)
        engine = make_engine(url)
        fill_yesterday(engine, build_city(engine, running.settings, size, 3))
        analyze(url)
        running.shift = shift_to(SLOT - timedelta(seconds=HEADSTART), datetime.now(UTC))
        due = time.monotonic() + HEADSTART
        try:
            running.start("clock")
            running.start("worker", "--processes", str(processes))
            until(lambda: len(sink.taken) >= size, "every mail", PATIENCE)
        finally:
            running.end()
        return size / (sink.taken[-1].at - due)


def without_broker(on: Ground, size: int) -> float:
    """Dispatch included, while which the others deliver: as in the engine."""
    url = on.database()
    engine, settings = make_engine(url), on.settings(url)
    fill_yesterday(engine, build_city(engine, settings, size, 3))
    analyze(url)
    with Sink() as sink:
        started = hands.start(url, on.folder, str(sink.port), processes=2)
        watch = Stopwatch()
        hands.begin(started)
        while True:
            with write(engine) as session:
                if dispatch_due(session, hands.NOW, settings, load_calendar(session)) == Dispatched():
                    break
        hands.finish(started)
        return len(sink.taken) / watch.seconds


def in_one_process(on: Ground, size: int) -> float:
    """SQLite, as `dday serve` does it."""
    folder = on.new_folder("embedded")
    url = f"sqlite:///{folder / 'dday.sqlite3'}"
    engine, settings = make_engine(url), on.settings(url)
    import migrations

    migrations.upgrade(engine)
    fill_yesterday(engine, build_city(engine, settings, size, 3))
    with Sink() as sink:
        (started,) = [hands.start(url, folder, str(sink.port), processes=1)]
        watch = Stopwatch()
        while True:
            with write(engine) as session:
                if dispatch_due(session, hands.NOW, settings, load_calendar(session)) == Dispatched():
                    break
        hands.begin(started)
        hands.finish(started)
        return len(sink.taken) / watch.seconds


def through_obvious_version(on: Ground, size: int) -> float:
    """One Celery task a mail, each opens a connection, builds an EmailMessage of 15 kB and updates its row by ORM."""
    url, broker, folder = on.database(), on.broker(), on.new_folder("obvious")
    build_city(make_engine(url), on.settings(url), size, 3, plan=False)
    with Sink() as sink, (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "bench.obvious", broker, url, str(sink.port)]
        worker = subprocess.Popen([*command, "work"], stdout=log, stderr=log, start_new_session=True)
        try:
            _wait_for(folder / "log", b"ready")
            watch = Stopwatch()
            subprocess.run([*command, "send", str(size)], check=True)
            until(lambda: len(sink.taken) >= size, "every mail", PATIENCE)
            return size / watch.seconds
        finally:
            os.killpg(worker.pid, 9)
            worker.wait()


def _wait_for(log: Path, word: bytes) -> None:
    until(lambda: word in log.read_bytes(), f"{word!r} in {log}", 60)
