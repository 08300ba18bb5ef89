"""A host that the network loses in the middle of a morning, and that comes back when another has done its work."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.chaos.conftest import Tell
from tests.chaos.town import Town, found_town, hold_back
from tests.servers import Valkey, own_postgresql
from tests.worker.processes import until

pytestmark = pytest.mark.postgres

MAILS = 120
HERE, THERE = "10.231.77.1", "10.231.77.2"
HOST, LINK = "dday-host", "dday-link"


def ip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *words], check=False, capture_output=True, text=True)


@contextmanager
def second_host() -> Iterator[tuple[str, ...]]:
    """A network namespace on a cable of its own; gives the command that runs something there."""
    try:
        made = ip("netns", "add", HOST)
    except FileNotFoundError:
        pytest.skip("needs the program ip (Debian: apt install iproute2)")
    if made.returncode != 0:
        pytest.skip(f"needs the right to make network namespaces ({made.stderr.strip()})")
    try:
        for words in (
            ("link", "add", LINK, "type", "veth", "peer", "name", "eth0", "netns", HOST),
            ("addr", "add", f"{HERE}/24", "dev", LINK),
            ("link", "set", LINK, "up"),
            ("-n", HOST, "addr", "add", f"{THERE}/24", "dev", "eth0"),
            ("-n", HOST, "link", "set", "eth0", "up"),
            ("-n", HOST, "link", "set", "lo", "up"),
        ):
            done = ip(*words)
            if done.returncode != 0:
                pytest.skip(f"needs the right to make network devices ({done.stderr.strip()})")
        yield ("ip", "netns", "exec", HOST)
    finally:
        ip("netns", "del", HOST)
        ip("link", "del", LINK)


@pytest.mark.long
def test_a_host_is_cut_off_and_comes_back(tmp_path: Path, tell: Tell) -> None:
    """A clock and a worker on each of two hosts; the cable of one is pulled while both send."""
    (tmp_path / "valkey").mkdir()
    valkey = Valkey(tmp_path / "valkey")
    with second_host() as inside, own_postgresql() as postgresql:
        for server in (postgresql, valkey):
            server.hosts.append(HERE)
        postgresql.stop()
        with (postgresql.data / "pg_hba.conf").open("a") as rights:
            rights.write(f"host all all {THERE}/32 trust\n")
        postgresql.start()
        valkey.start()
        try:
            with found_town(postgresql, valkey, tmp_path, MAILS, host="0.0.0.0") as town:
                play(town, inside, tell)
        finally:
            valkey.kill()


def play(town: Town, inside: tuple[str, ...], tell: Tell) -> None:
    running = town.running
    far = {
        name: value.replace("127.0.0.1", HERE)
        for name, value in running.environment.items()
        if name in ("DDAY_DATABASE_URL", "DDAY_BROKER_URL", "DDAY_SMTP_URL")
    }
    for where, environment in (((), {}), (inside, far)):
        running.start("clock", environment=environment, inside=where)
        running.start("worker", "--processes", "2", environment=environment, inside=where)
    until(lambda: all(one.has_started for one in running.processes), "both hosts")
    town.sink.decide = hold_back(0.1)
    wave = town.wave(MAILS)
    until(lambda: any(mail.host == THERE for mail in town.taken(wave)), "a mail of the second host")
    in_flight = town.sink.open_connections
    ip("link", "set", LINK, "down")
    town.settle(wave, seconds=120)  # the first host takes over what the other had leased
    alone = len(town.taken(wave))
    ip("link", "set", LINK, "up")
    first = running.processes[:2]
    for process in first:  # now the second one has to do it all
        process.stop()
    until(lambda: has_looked(town), "a look of the second host", 120)

    found = town.judge(wave)
    tell(f"{alone} mails while cut off: {len(found.lost)} lost, {len(found.repeated)} repeats of {in_flight} in flight")
    assert (found.lost, found.broken) == ((), ())
    assert len(found.repeated) <= in_flight
    assert town.faults() == []


def has_looked(town: Town) -> bool:
    """A clock of the second host has looked, after the first one's stopped."""
    just_now = (town.running.now - timedelta(seconds=1)).isoformat()
    return town.running.count(f"SELECT count(*) FROM installation WHERE clock_last_tick_at > '{just_now}'") == 1
