"""A drill city whose engine goes on running while one thing after another is done to it."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import psycopg

import migrations
from bench.city import PLANNED_AT, SLOT, build_city
from bench.sink import Sink, Taken, Verdict
from models.database import make_engine, read, write
from schedules.office_days import load_calendar
from schedules.plan import replan
from tests.chaos.judge import Duty, Judgement, judge, read_duties
from tests.servers import Postgresql, Valkey
from tests.worker.processes import Engines, Process, until
from worker.watch import audit

MORNING = SLOT + timedelta(hours=1)  # an hour after D-1 of every wave is due
PROCESSES_A_WORKER = 2


@dataclass
class Wave:
    """Milestones that a drill lets fall due, and what the checker read about them before."""

    duties: list[Duty]
    keys: set[str]

    @property
    def milestones(self) -> list[int]:
        return [duty.milestone for duty in self.duties]


@dataclass
class Town:
    """Two clocks and a worker on a PostgreSQL and a Valkey of their own, beside the mail server that keeps the record.

    Each drill takes milestones that nobody has planned yet: a wave. So drills do not meet.
    """

    running: Engines
    postgresql: Postgresql
    valkey: Valkey
    usual: list[Process] = field(default_factory=list)
    used: int = 0
    failures: int = 0
    asleep: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def sink(self) -> Sink:
        return self.running.sink

    def of(self, *verbs: str) -> list[Process]:
        return [one for one in self.running.processes if one.verb in verbs and one.is_running]

    def make_whole(self) -> None:
        """What an earlier drill took away is there again, what it added is gone, and it is the morning."""
        self.sink.behave()
        for server in (self.valkey, self.postgresql):
            server.thaw()
            if not server.is_running:
                server.start()
        for process in self.of("clock", "worker"):
            if process not in self.usual:
                process.kill()
        for verb, wanted in (("clock", 2), ("worker", 1)):
            here = self.of(verb)
            for process in here[wanted:]:
                process.kill()
            self.usual += [self.start(verb) for _ in range(wanted - len(here))]
        self.asleep.clear()
        self.running.move_clock_to(MORNING)

    def stop_everything(self) -> None:
        """Kill -9 of every process, children included, and of the broker: nothing is left of what a drill changed."""
        self.running.end()
        self.valkey.kill()

    def start(self, verb: str, environment: Mapping[str, str] | None = None) -> Process:
        options = ("--processes", str(PROCESSES_A_WORKER)) if verb == "worker" else ()
        return self.running.start(verb, *options, environment=environment or {})

    def wave(self, mails: int, change: str = "", planned_at: datetime = PLANNED_AT) -> Wave:
        """So many milestones, of a team each, planned now as they would have been on `planned_at`.

        `change` is SQL that is done to them before ({ids}).
        """
        milestones = list(range(self.used + 1, self.used + mails + 1))
        self.used += mails
        if change:
            self.execute(change.format(ids=f"({', '.join(map(str, milestones))})"))
        duties = read_duties(self.running.database_url, milestones)
        assert len(duties) == mails, "the town has too few teams for this wave"
        self.plan(milestones, planned_at)
        slot = f"{SLOT:%Y-%m-%dT%H:%M}"
        return Wave(duties, {f"post:{duty.post}/email/morning/{slot}" for duty in duties})

    def plan(self, milestones: Collection[int], now: datetime) -> None:
        engine = make_engine(self.running.database_url)
        try:
            with write(engine) as session:
                replan(session, now.astimezone(UTC), self.running.settings, load_calendar(session), milestones)
        finally:
            engine.dispose()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.running.database_url.replace("+psycopg", "")) as connection:
            connection.execute(statement)

    def taken(self, wave: Wave) -> list[Taken]:
        posts = {duty.post for duty in wave.duties}
        return [mail for mail in self.sink.taken if mail.key.startswith("post:") and post_of(mail.key) in posts]

    def came(self, wave: Wave) -> int:
        """How many of the wave's messages have come at least once."""
        return len(wave.keys & {mail.key for mail in self.sink.taken})

    def wait_for(self, wave: Wave, mails: int) -> None:
        until(lambda: self.came(wave) >= mails, f"{mails} mails of the wave")

    def settle(self, wave: Wave, seconds: float = 60) -> None:
        """Until nothing of the wave is due or on its way; the clock is moved to when the next attempt is."""
        until(lambda: self._is_settled(wave), "the end of the wave", seconds)

    def _is_settled(self, wave: Wave) -> bool:
        now = self.running.now
        posts = sorted({duty.post for duty in wave.duties})
        try:
            with psycopg.connect(self.running.database_url.replace("+psycopg", ""), connect_timeout=5) as connection:
                (reminders,) = connection.execute(
                    "SELECT count(*) FROM reminder WHERE milestone_id = ANY(%s) AND state = 'planned' AND due_at <= %s",
                    (wave.milestones, now),
                ).fetchone() or (0,)
                messages, next_at = connection.execute(
                    "SELECT count(*), min(next_attempt_at) FROM notification"
                    " WHERE post_id = ANY(%s) AND next_attempt_at IS NOT NULL",
                    (posts,),
                ).fetchone() or (0, None)
                sending = connection.execute(
                    "SELECT 1 FROM notification WHERE state = 'sending' AND next_attempt_at < %s LIMIT 1",
                    (now + timedelta(minutes=1),),  # a lease from before the clock was set back is nobody's
                ).fetchone()
        except psycopg.OperationalError:  # it is just being killed
            return False
        if reminders == 0 and messages and not sending and next_at > now + timedelta(seconds=2):
            self.running.move_clock_to(next_at)
        return not reminders and not messages

    def judge(
        self, wave: Wave, *, planned_at: datetime = PLANNED_AT, closed: Mapping[int, datetime] = MappingProxyType({})
    ) -> Judgement:
        """Every promise for this wave, until now."""
        mails = self.taken(wave)
        return judge(
            wave.duties,
            mails,
            planned_at=planned_at,
            until=self.running.now,
            when=self.moment_of,
            closed=closed,
            asleep=self.asleep,
        )

    def moment_of(self, mail: Taken) -> datetime:
        """The drill's time at which the server took the mail."""
        shift = next(shift for since, shift in reversed(self.running.shifts) if since <= mail.at)
        return datetime.now(UTC) - timedelta(seconds=time.monotonic() - mail.at) + timedelta(seconds=shift)

    def faults(self) -> list[str]:
        """What the product's own auditor finds."""
        engine = make_engine(self.running.database_url)
        try:
            with read(engine) as session:
                return [fault.code for fault in audit(session, self.running.now, self.running.settings)]
        finally:
            engine.dispose()

    def logs(self, verb: str) -> str:
        return "".join(one.log.read_text(errors="replace") for one in self.running.processes if one.verb == verb)


def post_of(key: str) -> int:
    return int(key.split("/")[0].removeprefix("post:"))


def hold_back(seconds: float) -> Callable[[tuple[str, ...], int], Verdict]:
    """A mail server that takes its time, so that something can happen meanwhile."""
    return lambda _recipients, _number: Verdict(hang=seconds)


@contextmanager
def found_town(
    postgresql: Postgresql,
    valkey: Valkey,
    folder: Path,
    teams: int,
    database: str = "postgres",
    host: str = "127.0.0.1",
) -> Iterator[Town]:
    """Its processes run until the block ends."""
    url = postgresql.url.rpartition("/")[0] + f"/{database}"
    engine = make_engine(url)
    migrations.upgrade(engine)
    with Sink(keep_content=True, host=host) as sink:
        running = Engines(url, valkey.url, sink, folder, lease_seconds=3)
        build_city(engine, running.settings, teams, plan=False)
        engine.dispose()
        try:
            yield Town(running, postgresql, valkey)
        finally:
            running.end()
