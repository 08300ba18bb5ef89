"""The engine's real processes on real servers, for tests: started as an operator does, watched, killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import psycopg
from sqlalchemy import Engine

from bench.city import SLOT, City, build_city, shift_to
from bench.sink import Sink
from models.database import make_engine
from settings import Settings, load_settings

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60.0
BUSY = float(os.environ.get("DDAY_TEST_PATIENCE", "1"))  # how many times as long to wait on a machine that others load


def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Waits until it holds; fails with `what` otherwise."""
    deadline = time.monotonic() + seconds * BUSY
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain: {what}"
        time.sleep(0.05)


@dataclass
class Process:
    """One `dday clock`, `worker` or `web`; its log lies beside it."""

    verb: str
    log: Path
    popen: subprocess.Popen[bytes]

    @property
    def children(self) -> list[int]:
        """The processes it has forked."""
        found = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children")
        return [int(number) for number in found.read_text().split()] if found.exists() else []

    @property
    def is_running(self) -> bool:
        return self.popen.poll() is None

    @property
    def has_started(self) -> bool:
        return b".started" in self.log.read_bytes()

    def kill(self) -> None:
        """kill -9, of it alone."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait()

    def kill_child(self, number: int) -> bool:
        """kill -9 of one of its children; False when there is none."""
        children = self.children
        if not children:
            return False
        try:
            os.kill(children[number % len(children)], signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def stop(self) -> float:
        """SIGTERM, as an operator's process manager does; returns how many seconds it took."""
        began = time.monotonic()
        self.popen.send_signal(signal.SIGTERM)
        self.popen.wait(timeout=30)
        return time.monotonic() - began


@dataclass
class Engines:
    """A drill city on PostgreSQL and Valkey, with the mail server that records, and any number of processes."""

    database_url: str
    broker_url: str
    sink: Sink
    folder: Path
    lease_seconds: int = 4
    tick_seconds: float = 0.5
    code: Path = ROOT
    processes: list[Process] = field(default_factory=list)
    shifts: list[tuple[float, int]] = field(default_factory=list)  # since when (monotonic) which

    def __post_init__(self) -> None:
        self.move_clock_to(SLOT + timedelta(hours=1))

    @property
    def shift(self) -> int:
        """DDAY_TIME_SHIFT, which every process reads anew at each tick: set it while they run."""
        return self.shifts[-1][1]

    @shift.setter
    def shift(self, seconds: int) -> None:
        new = self.folder / "shift.new"
        new.write_text(str(seconds))
        new.replace(self.folder / "shift")
        self.shifts.append((time.monotonic(), seconds))

    def move_clock_to(self, moment: datetime) -> None:
        self.shift = shift_to(moment, datetime.now(UTC))

    @property
    def now(self) -> datetime:
        """What the processes take for now."""
        return datetime.now(UTC) + timedelta(seconds=self.shift)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DDAY_DATA": str(self.folder / "data"),
            "DDAY_DATABASE_URL": self.database_url,
            "DDAY_BROKER_URL": self.broker_url,
            "DDAY_SMTP_URL": self.sink.url,
            "DDAY_MAIL_FROM": "dday@office.example",
            "DDAY_BASE_URL": "http://dday.office.example",
            "DDAY_SECRET_KEY": "a secret of the tests",
            "DDAY_LEASE_SECONDS": str(self.lease_seconds),
            "DDAY_TICK_SECONDS": str(self.tick_seconds),
            "DDAY_TIME_SHIFT_FILE": str(self.folder / "shift"),
            "PYTHONPATH": str(self.code),  # the launcher's names this checkout
        }

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment)

    def build(self, teams: int, milestones_each: int = 1) -> City:
        engine = make_engine(self.database_url)
        try:
            return build_city(engine, self.settings, teams, milestones_each)
        finally:
            engine.dispose()

    def start(
        self,
        verb: str,
        *arguments: str,
        environment: Mapping[str, str] = MappingProxyType({}),
        inside: Sequence[str] = (),
    ) -> Process:
        """Returns at once; see `Process.has_started`. `inside` is a command that runs the rest of its line."""
        log = self.folder / f"{verb}-{len(self.processes)}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [*inside, sys.executable, str(self.code / "cli.py"), verb, *arguments],
                env={**os.environ, **self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        process = Process(verb, log, popen)
        self.processes.append(process)
        return process

    def end(self) -> None:
        """Kills whatever is left, children included: each process leads a session of its own."""
        for process in self.processes:
            try:
                os.killpg(process.popen.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            finally:
                process.popen.wait()

    def count(self, query: str) -> int:
        """The one number that a query on the database gives."""
        with psycopg.connect(self.database_url.replace("+psycopg", "")) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])

    def is_quiet(self) -> bool:
        """Nothing is due, nothing is on its way."""
        due = f"state = 'planned' AND due_at <= '{SLOT.isoformat()}'"
        return (  # in this order: what is dispatched between the two counts has become a message
            self.count(f"SELECT count(*) FROM reminder WHERE {due}") == 0
            and self.count("SELECT count(*) FROM notification WHERE next_attempt_at IS NOT NULL") == 0
        )

    def is_settled_with_time(self) -> bool:
        """Whether all is quiet. What waits for another attempt need not wait in real time: its hour has passed."""
        try:
            with psycopg.connect(self.database_url.replace("+psycopg", ""), connect_timeout=5) as connection:
                connection.execute(
                    "UPDATE notification SET next_attempt_at = next_attempt_at - interval '1 hour'"
                    " WHERE state IN ('queued', 'unknown')"
                )
            return self.is_quiet()
        except psycopg.OperationalError:  # it is just being killed
            return False

    def logs(self) -> str:
        return "\n".join(f"== {one.log.name}\n{one.log.read_text(errors='replace')[-4000:]}" for one in self.processes)


@contextmanager
def engines(database_url: str, broker_url: str, folder: Path, **options: float) -> Iterator[Engines]:
    """Ends every process when the block ends."""
    with Sink() as sink:
        running = Engines(database_url, broker_url, sink, folder, **options)  # type: ignore[arg-type]
        try:
            yield running
        except BaseException:
            print(running.logs())
            raise
        finally:
            running.end()


def open_engine(running: Engines) -> Engine:
    return make_engine(running.database_url)
