"""Kill -9 of everything, in an order that a seed decides; then the mail server's own record is held to the promises."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import redis

from tests.chaos.conftest import Tell
from tests.chaos.town import PROCESSES_A_WORKER, Town, hold_back
from tests.worker.processes import until

pytestmark = pytest.mark.postgres

MAILS = 300
LAST_MOMENTS = 0.7  # seconds


@dataclass
class Killer:
    """Each act returns how many mails may be in flight on what it kills."""

    town: Town
    dice: random.Random
    forgotten: set[str] = field(default_factory=set)  # keys whose record a crash of the database may have lost

    def kill_clock(self) -> int:
        self.dice.choice(self.town.of("clock")).kill()
        self.town.start("clock")
        return 0

    def kill_child(self) -> int:
        return int(self.dice.choice(self.town.of("worker")).kill_child(self.dice.randrange(100)))

    def kill_worker(self) -> int:
        """Its children are left behind: they finish what they have and end."""
        worker = self.dice.choice(self.town.of("worker"))
        killed = sum(worker.kill_child(number) for number in range(self.dice.randrange(PROCESSES_A_WORKER + 1)))
        worker.kill()
        self.town.start("worker")
        return killed

    def flush_broker(self) -> int:
        with redis.Redis.from_url(self.town.valkey.url) as client:
            client.flushall()
        return 0

    def kill_broker(self) -> int:
        self.town.valkey.kill()
        self.town.valkey.start()
        return 0

    def kill_database(self) -> int:
        """Mails whose OK came while nobody could write it down, and those of the last moments before the crash.

        Their record did not wait for the disk: PostgreSQL writes it out within three times wal_writer_delay (200 ms).
        """
        in_flight = self.town.sink.open_connections
        began = time.monotonic()
        self.town.postgresql.kill()
        self.forgotten |= {mail.key for mail in self.town.sink.taken if mail.at > began - LAST_MOMENTS}
        self.town.postgresql.start()
        return in_flight

    def cut_connections(self) -> int:
        """The answer is lost: unknown, and once more under the same Message-ID."""
        return self.town.sink.cut_connections()

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


def test_nothing_is_lost_and_little_repeated(seed: int, town: Town, tell: Tell) -> None:
    dice = random.Random(seed)
    killer = Killer(town, dice)
    town.start("worker")
    town.sink.decide = hold_back(0.02)
    wave = town.wave(MAILS)
    acts = killer.acts
    dice.shuffle(acts)
    in_flight, names = 0, list[str]()
    for number, act in enumerate(acts):
        town.wait_for(wave, (number + 1) * MAILS // (len(acts) + 2))
        allowed = act()
        in_flight += allowed
        names.append(f"{act.__name__} ({allowed})")
    town.sink.behave()
    town.settle(wave)

    found = town.judge(wave)
    forgotten = killer.forgotten.intersection(found.repeated)
    others = len(found.repeated) - len(forgotten)
    tell(
        f"{', '.join(names)}: {len(found.lost)} lost, {others} repeats of {in_flight} in flight,"
        f" {len(forgotten)} of {len(killer.forgotten)} in the database's last moments"
    )
    assert (found.lost, found.broken) == ((), ())
    assert others <= in_flight
    until(lambda: town.faults() == [], "the auditor's peace")
