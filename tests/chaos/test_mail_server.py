"""Mail servers as they are: closed for an hour, greylisting, slow, refusing for good, silent after the last dot."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from bench.sink import Verdict
from tests.chaos.conftest import Tell
from tests.chaos.town import Town, Wave, hold_back
from tests.worker.processes import until

pytestmark = pytest.mark.postgres

MAILS = 40
Fate = Callable[[int], Verdict | None]  # the how manieth try → what the server does; None = takes it


def decide_by(wave: Wave, fates: list[tuple[range, Fate]]) -> Callable[[tuple[str, ...], int], Verdict]:
    """Each address of the wave meets the fate of its place in it."""
    place = {duty.address: number for number, duty in enumerate(wave.duties)}
    tries: Counter[str] = Counter()

    def decide(recipients: tuple[str, ...], _number: int) -> Verdict:
        address = recipients[0]
        tries[address] += 1
        for places, fate in fates:
            if place.get(address, -1) in places:
                return fate(tries[address]) or Verdict()
        return Verdict()

    return decide


def first_time(verdict: Verdict) -> Fate:
    return lambda tries: verdict if tries == 1 else None


GREYLISTED, REFUSED, TAKEN_AND_CUT, CUT = range(5), range(5, 8), range(8, 12), range(12, 15)


def test_each_mail_gets_what_its_server_allows(town: Town, tell: Tell) -> None:
    town.sink.refuse_connections = True
    town.sink.cut_connections()
    refused_before = town.sink.connections
    wave = town.wave(MAILS)
    town.sink.decide = decide_by(
        wave,
        [
            (GREYLISTED, first_time(Verdict(keep=False, reply="451 4.7.1 greylisted"))),
            (REFUSED, lambda _tries: Verdict(keep=False, reply="550 5.7.1 not here")),
            (TAKEN_AND_CUT, first_time(Verdict(reply=None))),
            (CUT, first_time(Verdict(keep=False, reply=None))),
        ],
    )
    until(lambda: town.sink.connections > refused_before, "a connection that is refused")
    town.sink.refuse_connections = False
    town.settle(wave)

    found = town.judge(wave)
    tell(f"{MAILS} mails, {len(REFUSED)} refused for good, {len(found.repeated)} repeats of {len(TAKEN_AND_CUT)} cut")
    titles = [duty.title for duty in wave.duties]
    assert {lost.partition(" on ")[0] for lost in found.lost} == {titles[place] for place in REFUSED}
    assert found.broken == ()
    assert len(found.repeated) == len(TAKEN_AND_CUT)
    assert set(found.repeated) == {key for key in wave.keys if key.split("/")[0] in posts(wave, TAKEN_AND_CUT)}
    failed = "SELECT count(*) FROM notification WHERE state = 'failed' AND error LIKE '550 5.7.1%'"
    assert town.running.count(f"{failed} AND post_id IN ({ids(wave)})") == len(REFUSED)


def test_an_answer_lost_twice_is_given_up_and_said(town: Town, tell: Tell) -> None:
    wave = town.wave(2)
    town.sink.decide = lambda _recipients, _number: Verdict(reply=None)
    town.settle(wave)

    found = town.judge(wave)
    tell(f"2 mails, {len(found.repeated)} repeats, then given up visibly")
    assert (found.lost, found.broken, len(found.repeated)) == ((), (), 2)
    state = f"SELECT count(*) FROM notification WHERE state = 'failed' AND error <> '' AND post_id IN ({ids(wave)})"
    assert town.running.count(state) == 2


@pytest.mark.long
def test_closed_for_an_hour(town: Town, tell: Tell) -> None:
    """4xx to whatever it is offered; each try waits longer than the one before."""
    wave = town.wave(MAILS)
    opens = town.running.now + timedelta(hours=1)
    offered = town.sink.offered

    def decide(_recipients: tuple[str, ...], _number: int) -> Verdict:
        is_open = town.running.now >= opens
        return Verdict() if is_open else Verdict(keep=False, reply="451 4.3.2 try again later")

    town.sink.decide = decide
    town.settle(wave)

    found = town.judge(wave)
    tries = (town.sink.offered - offered) / MAILS
    tell(f"{len(found.lost)} lost, {len(found.repeated)} repeated, {tries:.1f} tries a mail")
    assert (found.lost, found.broken, found.repeated) == ((), (), ())
    assert 3 <= tries <= 6


@pytest.mark.long
def test_it_hangs_after_the_last_dot(town: Town, tell: Tell) -> None:
    """It has the mail and says nothing: given up after a quarter of the lease, and offered once more."""
    wave = town.wave(6)
    town.sink.decide = decide_by(wave, [(range(3), first_time(Verdict(reply=None, hang=30)))])
    town.settle(wave)

    found = town.judge(wave)
    tell(f"{len(found.lost)} lost, {len(found.repeated)} repeats of 3 that hung")
    assert (found.lost, found.broken, len(found.repeated)) == ((), (), 3)


@pytest.mark.long
def test_it_is_slower_than_a_lease_allows(town: Town, tell: Tell) -> None:
    """What does not fit into a lease goes back and leaves with the next."""
    town.sink.decide = hold_back(0.5)
    wave = town.wave(MAILS)
    town.settle(wave, seconds=120)

    found = town.judge(wave)
    tell(f"half a second a mail, 3 s of lease: {len(found.lost)} lost, {len(found.repeated)} repeated")
    assert (found.lost, found.broken, found.repeated) == ((), (), ())


@pytest.mark.long
def test_it_refuses_connections_for_a_while(town: Town, tell: Tell) -> None:
    """No mail is to blame: none counts an attempt."""
    town.sink.refuse_connections = True
    town.sink.cut_connections()  # those that were kept
    before = town.sink.connections
    wave = town.wave(MAILS)
    until(lambda: town.sink.connections > before, "a connection that is refused")
    until(lambda: town.running.count(f"SELECT count(*) FROM notification WHERE post_id IN ({ids(wave)})"), "messages")
    town.sink.refuse_connections = False
    town.settle(wave)

    found = town.judge(wave)
    tell(f"{len(found.lost)} lost, {len(found.repeated)} repeated")
    assert (found.lost, found.broken, found.repeated) == ((), (), ())


def ids(wave: Wave) -> str:
    return ", ".join(str(duty.post) for duty in wave.duties)


def posts(wave: Wave, places: range) -> set[str]:
    return {f"post:{wave.duties[place].post}" for place in places}
