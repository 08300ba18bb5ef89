"""The engine as an operator runs it: real processes on PostgreSQL, Valkey and a mail server that keeps a record."""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.request import urlopen

import psycopg
import pytest
from redis import Redis

from bench.sink import Verdict
from tests.servers import free_port
from tests.worker.checker import Found, check
from tests.worker.processes import Engines, until

pytestmark = pytest.mark.postgres

NOTHING_WRONG = Found((), (), (), ())


def test_several_clocks_and_workers_send_each_message_once(running: Engines) -> None:
    city = running.build(teams=230, milestones_each=3)
    for verb in ("clock", "clock", "worker", "worker"):
        running.start(verb)

    until(lambda: len(running.sink.taken) >= 230 and running.is_quiet(), "230 mails")

    assert check(city, running.sink.taken) == NOTHING_WRONG
    assert running.count("SELECT count(*) FROM notification WHERE state = 'sent'") == 230
    assert running.count("SELECT count(*) FROM delivery_attempt WHERE outcome = 'accepted'") == 230
    for process in running.processes:
        assert process.stop() < 10, running.logs()


def test_a_worker_tells_what_all_its_processes_sent_though_they_are_killed(running: Engines) -> None:
    running.build(teams=60)
    running.sink.decide = lambda _recipients, _number: Verdict(hang=0.05)
    port = free_port()
    running.start("clock")
    worker = running.start("worker", "--processes", "2", "--metrics-port", str(port))
    until(lambda: len(running.sink.taken) >= 10, "the first mails")
    worker.kill_child(0)

    until(lambda: len(running.sink.taken) >= 60 and running.is_quiet(), "60 mails")

    def told() -> str:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return str(answer.read(), "utf-8")

    until(lambda: "dday_worker_busy 0.0" in told(), "idle hands")
    found = re.search(r'^dday_worker_mails_total\{outcome="sent"\} (\S+)$', told(), re.MULTILINE)
    assert found is not None
    assert 0 < float(found[1]) <= 60, "what a killed process had in its hands is counted by who takes it over"
    assert "dday_worker_processes 2.0" in told()
    second = running.start("worker", "--metrics-port", str(port))
    until(lambda: not second.is_running, "a port that is taken")
    assert second.popen.returncode == 1
    assert "port in use" in second.log.read_text()
    assert worker.stop() < 10


def test_sigterm_finishes_the_mail_in_hand_and_gives_the_rest_back(running: Engines) -> None:
    city = running.build(teams=60)
    running.sink.decide = lambda _recipients, _number: Verdict(hang=0.1)
    clock, worker = running.start("clock"), running.start("worker", "--processes", "1")
    until(lambda: len(running.sink.taken) >= 5, "the first mails")

    assert worker.stop() < 10

    assert worker.popen.returncode == 0, running.logs()
    sent = len(running.sink.taken)
    assert sent < 60
    assert running.count("SELECT count(*) FROM notification WHERE state = 'sent'") == sent
    running.sink.decide = lambda _recipients, _number: Verdict()
    running.start("worker")
    until(lambda: len(running.sink.taken) >= 60 and running.is_quiet(), "the rest")
    assert check(city, running.sink.taken) == NOTHING_WRONG
    assert clock.stop() < 10


def test_sigterm_does_not_wait_for_a_mail_server_that_hangs(running: Engines) -> None:
    running.build(teams=3)
    running.sink.decide = lambda _recipients, _number: Verdict(keep=False, hang=30, reply=None)
    running.start("clock")
    worker = running.start("worker", "--processes", "1")
    until(lambda: running.sink.offered, "a mail that hangs")

    assert worker.stop() < 10


def most_in_any(times: Sequence[float], rate: float, at_once: float) -> float:
    """By how many mails the busiest span holds more than `rate` a second and `at_once` beside."""
    return max(
        last - first + 1 - rate * (times[last] - times[first]) - at_once
        for first in range(len(times))
        for last in range(first, len(times))
    )


LATE_BY_CHANCE = 0.5  # seconds for which a busy machine may keep a mail under way after its turn


def test_a_limit_of_the_mail_server_holds_for_all_workers_and_whatever_the_broker_forgets(running: Engines) -> None:
    city = running.build(teams=90)
    limited = {"DDAY_MAIL_RATE": "20"}
    for verb in ("clock", "clock", "worker", "worker"):
        running.start(verb, environment=limited)
    until(lambda: len(running.sink.taken) >= 20, "the first mails")
    with Redis.from_url(running.broker_url) as broker:
        broker.flushall()

    until(lambda: len(running.sink.taken) >= 90 and running.is_quiet(), "90 mails")

    assert check(city, running.sink.taken) == NOTHING_WRONG
    assert most_in_any([mail.at for mail in running.sink.taken], 20, 1) <= 20 * LATE_BY_CHANCE


def test_a_limited_domain_gets_its_mails_one_by_one_and_holds_up_no_other(running: Engines) -> None:
    city = running.build(teams=60)
    slow = {post: f"head{post}@slow.example" for post in list(city.holders)[:24]}
    city = replace(city, holders=city.holders | slow)
    with psycopg.connect(running.database_url.replace("+psycopg", "")) as connection:
        connection.execute("UPDATE person SET email = 'head' || id || '@slow.example' WHERE id <= 24")
    limited = {"DDAY_DOMAIN_RATES": "slow.example=4,absent.example=1"}
    for verb in ("clock", "clock", "worker", "worker"):
        running.start(verb, environment=limited)

    until(lambda: len(running.sink.taken) >= 60 and running.is_quiet(), "60 mails")

    taken = running.sink.taken
    assert check(city, taken) == NOTHING_WRONG
    assert most_in_any([mail.at for mail in taken if "@slow" in mail.recipients[0]], 4, 4) <= 4 * LATE_BY_CHANCE
    last_of_others = max(place for place, mail in enumerate(taken) if "@slow" not in mail.recipients[0])
    assert last_of_others < 60 - 8
    assert running.count("SELECT max(attempts) FROM notification") == 1
    assert running.count("SELECT count(*) FROM answer_link") == 60
