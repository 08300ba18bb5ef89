"""Kill -9 of everything, in an order that a seed decides; then the mail server's own record is held to the plan."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import redis

from bench.sink import Verdict
from tests.servers import Postgresql, Valkey
from tests.worker.checker import check
from tests.worker.processes import Engines, Process, until

pytestmark = pytest.mark.postgres

MAILS = 500
EVENTS = 7
PROCESSES_A_WORKER = 2
LAST_MOMENTS = 0.7  # seconds


@dataclass
class Town:
    """What can be killed. Each act returns how many mails may be in flight on what it kills."""

    running: Engines
    postgresql: Postgresql
    valkey: Valkey
    dice: random.Random
    forgotten: set[str] = field(default_factory=set)  # keys whose record a crash of the database may have lost

    def of(self, verb: str) -> list[Process]:
        return [one for one in self.running.processes if one.verb == verb and one.is_running]

    def start_worker(self) -> None:
        self.running.start("worker", "--processes", str(PROCESSES_A_WORKER))

    def kill_clock(self) -> int:
        self.dice.choice(self.of("clock")).kill()
        self.running.start("clock")
        return 0

    def kill_child(self) -> int:
        return int(self.dice.choice(self.of("worker")).kill_child(self.dice.randrange(100)))

    def kill_worker(self) -> int:
        """Its children are left behind: they finish what they have and end."""
        worker = self.dice.choice(self.of("worker"))
        killed = sum(worker.kill_child(number) for number in range(self.dice.randrange(PROCESSES_A_WORKER + 1)))
        worker.kill()
        self.start_worker()
        return killed

    def flush_broker(self) -> int:
        with redis.Redis.from_url(self.valkey.url) as client:
            client.flushall()
        return 0

    def kill_broker(self) -> int:
        self.valkey.kill()
        self.valkey.start()
        return 0

    def kill_database(self) -> int:
        """Mails whose OK came while nobody could write it down, and those of the last moments before the crash.

        Their record did not wait for the disk: PostgreSQL writes it out within three times wal_writer_delay (200 ms).
        """
        in_flight = self.running.sink.open_connections
        began = time.monotonic()
        self.postgresql.kill()
        self.forgotten |= {mail.key for mail in self.running.sink.taken if mail.at > began - LAST_MOMENTS}
        self.postgresql.start()
        return in_flight

    def cut_connections(self) -> int:
        """The answer is lost: unknown, and once more under the same Message-ID."""
        return self.running.sink.cut_connections()

    @property
    def acts(self) -> list[Callable[[], int]]:
        return [
            self.kill_child,
            self.kill_clock,
            self.kill_worker,
            self.flush_broker,
            self.kill_broker,
            self.kill_database,
            self.cut_connections,
        ]


def play(seed: int, running: Engines, postgresql: Postgresql, valkey: Valkey) -> None:
    dice = random.Random(seed)
    town = Town(running, postgresql, valkey, dice)
    city = running.build(teams=MAILS)
    running.sink.decide = lambda _recipients, _number: Verdict(hang=0.02)
    running.start("clock")
    running.start("clock")
    town.start_worker()
    town.start_worker()
    acts = town.acts
    dice.shuffle(acts)
    in_flight, names = 0, list[str]()
    for number, act in enumerate(acts[:EVENTS]):
        share = (number + 1) * MAILS // (EVENTS + 2)
        until(lambda share=share: len(running.sink.taken) >= share, f"{share} mails, after {names}")
        allowed = act()
        in_flight += allowed
        names.append(f"{act.__name__} ({allowed})")
    running.sink.decide = lambda _recipients, _number: Verdict()
    until(lambda: running.is_settled_with_time(), f"the end, after {names}")

    found = check(city, running.sink.taken)
    forgotten = town.forgotten.intersection(found.repeated)
    others = len(found.repeated) - len(forgotten)
    print(
        f"seed {seed}: {', '.join(names)}: {len(found.lost)} lost, {others} repeats of {in_flight} in flight,"
        f" {len(forgotten)} of {len(town.forgotten)} in the database's last moments"
    )
    assert found.lost == ()
    assert found.strange == ()
    assert found.under_other_ids == ()
    assert others <= in_flight


def test_nothing_is_lost_and_little_repeated(
    seed: int, running: Engines, private_postgresql: Postgresql, private_valkey: Valkey
) -> None:
    play(seed, running, private_postgresql, private_valkey)
