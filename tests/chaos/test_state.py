"""What changes while its mail waits: closed and moved is told to nobody; a new holder hears, not the old one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bench.city import SLOT
from tests.chaos.conftest import Tell
from tests.chaos.town import Town
from tests.worker.processes import until

pytestmark = pytest.mark.postgres

MAILS = 40
CLOSE = "UPDATE milestone SET status = 'done' WHERE id IN ({ids})"
MOVE = "UPDATE milestone SET start_on = start_on + 60, end_on = end_on + 60 WHERE id IN ({ids})"
REPLACE = """
UPDATE person SET email = 'new.' || email
WHERE id IN (SELECT person_id FROM assignment WHERE post_id IN ({ids}))
"""
CLOSED, MOVED, HANDED_OVER = range(10), range(10, 20), range(20, 30)


def test_changed_while_its_mail_waits(town: Town, tell: Tell) -> None:
    town.sink.refuse_connections = True
    town.sink.cut_connections()
    wave = town.wave(MAILS)
    posts = ", ".join(str(duty.post) for duty in wave.duties)
    waiting = f"SELECT count(*) FROM notification WHERE post_id IN ({posts})"
    until(lambda: town.running.count(waiting) == MAILS, "messages that wait")

    def of(places: range, what: str) -> str:
        return ", ".join(str(getattr(wave.duties[place], what)) for place in places)

    town.execute(CLOSE.format(ids=of(CLOSED, "milestone")))
    town.execute(MOVE.format(ids=of(MOVED, "milestone")))
    town.execute(REPLACE.format(ids=of(HANDED_OVER, "post")))
    over = {wave.duties[place].milestone: town.running.now for place in (*CLOSED, *MOVED)}
    for place in HANDED_OVER:
        wave.duties[place] = replace(wave.duties[place], address=f"new.{wave.duties[place].address}")
    town.running.move_clock_to(town.running.now + timedelta(minutes=1))  # beyond what a mail in flight excuses
    town.asleep.append((SLOT - timedelta(hours=1), town.running.now))
    town.sink.refuse_connections = False
    town.settle(wave)

    found = town.judge(wave, closed=over)
    tell(
        f"{len(town.taken(wave))} of {MAILS} told, {len(over)} closed or moved: {len(found.lost)} lost,"
        f" {len(found.broken)} told wrongly, {len(found.repeated)} repeated"
    )
    assert (found.lost, found.broken, found.repeated) == ((), (), ())
    assert len(town.taken(wave)) == MAILS - len(over)
    until(lambda: town.faults() == [], "the auditor's peace")
