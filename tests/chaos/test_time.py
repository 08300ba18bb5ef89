"""More clocks than one, clocks that jump, processes in other time zones, and three days of downtime over a holiday."""

from datetime import datetime, timedelta

import pytest

from bench.city import SEOUL
from tests.chaos.conftest import Tell
from tests.chaos.town import MORNING, Town, Wave
from tests.worker.processes import until

pytestmark = pytest.mark.postgres

MAILS = 40
ONE_DAY = timedelta(days=1)


def jump(town: Town, to: datetime) -> None:
    """Every process's clock stands at `to` from now on; back when each has looked at it."""
    town.running.move_clock_to(to)
    first, last = (to - timedelta(seconds=1)).isoformat(), (to + timedelta(hours=1)).isoformat()
    looked = f"SELECT count(*) FROM installation WHERE clock_last_tick_at BETWEEN '{first}' AND '{last}'"
    for _ in range(2):
        town.execute("UPDATE installation SET clock_last_tick_at = NULL")
        until(lambda: town.running.count(looked), f"a look at {to}")


@pytest.mark.long
def test_five_clocks_and_three_workers(town: Town, tell: Tell) -> None:
    for verb in ("clock", "clock", "clock", "worker", "worker"):
        town.start(verb)
    until(lambda: all(one.has_started for one in town.running.processes if one.is_running), "five clocks")
    wave = town.wave(200)
    town.settle(wave)

    found = town.judge(wave)
    tell(f"{len(wave.keys)} mails: {len(found.lost)} lost, {len(found.repeated)} repeated")
    assert (found.lost, found.broken, found.repeated) == ((), (), ())


@pytest.mark.long
def test_processes_in_other_time_zones(town: Town, tell: Tell) -> None:
    for process in town.of("clock", "worker"):
        process.kill()
    for verb, zone in (("clock", "America/Los_Angeles"), ("clock", "Pacific/Kiritimati"), ("worker", "Asia/Kathmandu")):
        town.start(verb, {"TZ": zone})
    wave = town.wave(MAILS)
    town.settle(wave)

    found = town.judge(wave)
    tell(f"{len(wave.keys)} mails: {len(found.lost)} lost, {len(found.repeated)} repeated")
    assert (found.lost, found.broken, found.repeated) == ((), (), ())


@pytest.mark.long
def test_clocks_that_jump_by_a_day_both_ways(town: Town, tell: Tell) -> None:
    """A day on, two days back, three on, and a week: each thing is told once, whatever day it seems to be."""
    wave = town.wave(MAILS)
    town.settle(wave)
    assert len(town.taken(wave)) == MAILS
    jump(town, MORNING + ONE_DAY)
    town.settle(wave)
    on_the_day = len(town.taken(wave))
    jump(town, MORNING)
    jump(town, MORNING - ONE_DAY)
    jump(town, MORNING + ONE_DAY)
    town.settle(wave)
    again = len(town.taken(wave))
    jump(town, MORNING + 8 * ONE_DAY)
    town.settle(wave)

    found = town.judge(wave)
    days = ", ".join(f"{mails}" for mails in (MAILS, on_the_day, again, len(town.taken(wave))))
    tell(f"mails after each jump: {days}; {len(found.lost)} lost, {len(found.repeated)} repeated")
    assert (found.lost, found.broken, found.repeated) == ((), (), ())
    assert on_the_day == again == 2 * MAILS


@pytest.mark.long
def test_down_over_the_harvest_holiday(town: Town, tell: Tell) -> None:
    """Planned on Wednesday, down from Friday before nine over the three holidays until Thursday at eleven."""
    planned_at = datetime(2024, 9, 11, 10, tzinfo=SEOUL)
    down = datetime(2024, 9, 13, 8, tzinfo=SEOUL), datetime(2024, 9, 19, 11, tzinfo=SEOUL)
    town.running.move_clock_to(planned_at)
    wave = town.wave(MAILS, change=SPREAD, planned_at=planned_at)
    jump(town, datetime(2024, 9, 12, 17, tzinfo=SEOUL))
    town.settle(wave)
    for process in town.of("clock", "worker"):
        process.kill()
    town.asleep.append(down)
    town.running.move_clock_to(down[1])
    for verb in ("clock", "clock", "worker"):
        town.start(verb)
    town.settle(wave)

    found = town.judge(wave, planned_at=planned_at)
    missed = missed_of(town, wave)
    late = len([mail for mail in town.taken(wave) if town.moment_of(mail) >= down[1]])
    tell(
        f"{late} late mails, {missed} reminders visibly missed; {len(found.lost)} lost, {len(found.repeated)} repeated"
    )
    assert (found.lost, found.broken, found.repeated) == ((), (), ())
    assert late == MAILS  # one each, whatever was due meanwhile
    due_while_down = [duty for duty in wave.duties if duty.day.isoformat() == "2024-09-13"]
    assert missed == len(due_while_down)


# A quarter each: due on the Friday itself, on the Thursday after, on that Friday, and a week later.
SPREAD = """
UPDATE milestone SET start_on = d, end_on = d, baseline_start_on = d, baseline_end_on = d
FROM (VALUES (0, '2024-09-13'::date), (1, '2024-09-19'), (2, '2024-09-20'), (3, '2024-09-26')) AS days (place, d)
WHERE place = id % 4 AND id IN {ids}
"""


def missed_of(town: Town, wave: Wave) -> int:
    ids = ", ".join(map(str, wave.milestones))
    missed = "SELECT count(*) FROM reminder WHERE state = 'missed' AND state_reason <> ''"
    return town.running.count(f"{missed} AND milestone_id IN ({ids})")
