"""The engine as an operator runs it: real processes on PostgreSQL, Valkey and a mail server that keeps a record."""

import pytest

from bench.sink import Verdict
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
