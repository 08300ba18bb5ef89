"""Mail servers as they are: closed for a while, greylisting, refusing for good, cutting the line after the last dot."""

from collections import Counter

import pytest

from bench.sink import Verdict
from tests.worker.processes import Engines, until

pytestmark = pytest.mark.postgres

GREYLISTED = range(1, 6)
REFUSED = range(6, 9)
TAKEN_AND_CUT = range(9, 13)  # the server has the mail, its answer is lost
CUT = range(13, 16)  # the server does not have the mail
TEAMS = 40


def test_each_mail_gets_what_its_server_allows(running: Engines) -> None:
    city = running.build(teams=TEAMS)
    tries: Counter[int] = Counter()

    def decide(recipients: tuple[str, ...], _number: int) -> Verdict:
        number = int(recipients[0].split("@")[0].removeprefix("head"))
        tries[number] += 1
        if number in REFUSED:
            return Verdict(keep=False, reply="550 5.7.1 not here")
        if number in GREYLISTED and tries[number] == 1:
            return Verdict(keep=False, reply="451 4.7.1 greylisted")
        if number in (*TAKEN_AND_CUT, *CUT) and tries[number] == 1:
            return Verdict(keep=number in TAKEN_AND_CUT, reply=None)
        return Verdict()

    running.sink.decide = decide
    running.sink.refuse_connections = True
    running.start("clock")
    running.start("worker")
    until(lambda: running.sink.connections, "a connection that is refused")
    running.sink.refuse_connections = False

    until(running.is_settled_with_time, "the end")

    came = Counter(mail.key for mail in running.sink.taken)
    keys = {post: key for (key, _address), post in zip(city.expected().items(), city.holders, strict=True)}
    assert {post for post, key in keys.items() if came[key] == 0} == set(REFUSED)
    assert {post for post, key in keys.items() if came[key] == 2} == set(TAKEN_AND_CUT)
    assert max(came.values()) == 2
    for post in TAKEN_AND_CUT:
        assert len({mail.message_id for mail in running.sink.taken if mail.key == keys[post]}) == 1
    assert all(tries[post] == 1 for post in REFUSED)
    assert running.count("SELECT count(*) FROM notification WHERE state = 'failed'") == len(REFUSED)
    assert running.count("SELECT count(*) FROM notification WHERE state = 'sent'") == TEAMS - len(REFUSED)


def test_an_answer_lost_twice_is_given_up_and_said(running: Engines) -> None:
    running.build(teams=2)
    running.sink.decide = lambda _recipients, _number: Verdict(reply=None)
    running.start("clock")
    running.start("worker")

    until(running.is_settled_with_time, "the end")

    assert running.sink.offered == 4
    assert running.count("SELECT count(*) FROM notification WHERE state = 'failed' AND error IS NOT NULL") == 2
    assert running.count("SELECT count(*) FROM delivery_attempt WHERE outcome = 'unknown'") == 4
