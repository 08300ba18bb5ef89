"""The broker frozen, gone, emptied, full or closed to us: it may make mails later, never fewer or more."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from tests.chaos.conftest import Tell
from tests.chaos.town import Town, Wave, hold_back
from tests.worker.processes import ROOT, until

pytestmark = pytest.mark.postgres

MAILS = 60


def client(town: Town) -> redis.Redis:
    return redis.Redis.from_url(town.valkey.url)


def wait_for_a_complaint(town: Town) -> None:
    """The clocks say that they cannot reach the broker."""
    before = town.logs("clock").count("broker.unreachable")
    until(lambda: town.logs("clock").count("broker.unreachable") > before, "a clock that complains")


def expect_peace(town: Town, wave: Wave, tell: Tell) -> None:
    town.settle(wave)
    found = town.judge(wave)
    tell(f"{len(wave.keys)} mails: {len(found.lost)} lost, {len(found.repeated)} repeated")
    assert (found.lost, found.broken, found.repeated) == ((), (), ())


@pytest.mark.long
def test_frozen_and_thawed(town: Town, tell: Tell) -> None:
    town.sink.decide = hold_back(0.05)
    wave = town.wave(MAILS)
    town.wait_for(wave, 3)
    town.valkey.freeze()
    wait_for_a_complaint(town)
    town.valkey.thaw()
    expect_peace(town, wave, tell)


@pytest.mark.long
def test_gone_for_a_while_and_back_empty(town: Town, tell: Tell) -> None:
    town.sink.decide = hold_back(0.05)
    wave = town.wave(MAILS)
    town.wait_for(wave, 3)
    town.valkey.kill()
    wait_for_a_complaint(town)
    town.valkey.start()
    expect_peace(town, wave, tell)


@pytest.mark.long
def test_full(town: Town, tell: Tell) -> None:
    """No memory left and nothing it may throw away: it takes no message, and says so."""
    with client(town) as broker:
        broker.config_set("maxmemory", 1)
        broker.config_set("maxmemory-policy", "noeviction")
        wave = town.wave(MAILS)
        wait_for_a_complaint(town)
        found = doctor(town, town.valkey.url)
        broker.config_set("maxmemory", 0)
    assert "maxmemory" in found
    expect_peace(town, wave, tell)


@pytest.mark.long
def test_closed_to_our_user(town: Town, tell: Tell) -> None:
    """A user that may log in and nothing else; later the operator gives the rights, and everything leaves."""
    with client(town) as broker, stranger(broker) as name:
        url = f"redis://{name}:secret@127.0.0.1:{town.valkey.port}/0"
        for process in town.of("clock", "worker"):
            process.kill()
        for verb in ("clock", "worker"):
            town.start(verb, {"DDAY_BROKER_URL": url})
        wave = town.wave(MAILS)
        wait_for_a_complaint(town)
        found = doctor(town, url)
        until(lambda: not town.of("worker"), "a worker that ends, for its process manager to start it again")
        broker.acl_setuser(name, enabled=True, categories=["+@all"], keys=["*"], channels=["*"])
        town.start("worker", {"DDAY_BROKER_URL": url})
        expect_peace(town, wave, tell)
    assert "권한" in found
    assert "secret" not in found + town.logs("clock") + town.logs("worker")


@contextmanager
def stranger(broker: redis.Redis) -> Iterator[str]:
    broker.acl_setuser("stranger", enabled=True, passwords=["+secret"], commands=["+ping", "+client"])
    try:
        yield "stranger"
    finally:
        broker.acl_deluser("stranger")


def doctor(town: Town, broker_url: str) -> str:
    """What `dday doctor` says while this is the broker; it finds a fault."""
    run = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "doctor", "--json"],
        env={**os.environ, **town.running.environment, "DDAY_BROKER_URL": broker_url},
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    return run.stdout
