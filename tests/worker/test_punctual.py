"""The clock gets ready ahead of a moment and claims nothing before it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from bench.city import SLOT, build_city
from models import Reminder, ReminderState
from models.database import read
from notifications.deliver import Batch
from settings import load_settings
from worker.engine_clock import EngineClock
from worker.punctual import EARLY, Punctual

MOMENT = SLOT.astimezone(UTC)
MILLISECOND = timedelta(milliseconds=1)


@dataclass
class Wall:
    """A clock and a stopwatch that go on only when somebody waits, or a reading takes its time."""

    now: datetime
    waits: list[timedelta] = field(default_factory=list)
    reading: timedelta = timedelta()

    def clock(self) -> datetime:
        self.now += self.reading
        return self.now

    def monotonic(self) -> float:
        return (self.now - MOMENT) / timedelta(seconds=1)

    def wait(self, seconds: float) -> None:
        self.waits.append(timedelta(seconds=seconds))
        self.now += timedelta(seconds=seconds)


def never_rehearsed() -> None:
    raise AssertionError("there is no time to rehearse")


def punctual(wall: Wall) -> Punctual:
    return Punctual(wall.clock, wall.monotonic, wall.wait)


def test_a_look_begins_early_and_holds_until_its_moment() -> None:
    wall = Wall(MOMENT - timedelta(seconds=9), reading=MILLISECOND)
    on_time = punctual(wall)
    begins = on_time.begin_at(MOMENT, MOMENT)
    assert begins == MOMENT - EARLY

    wall.now = begins
    assert on_time.now() == MOMENT
    rehearsed: list[datetime] = []
    on_time.hold(lambda: rehearsed.append(wall.now))

    assert abs(wall.now - MOMENT) < MILLISECOND / 100
    (rehearsal,) = rehearsed
    assert MOMENT - EARLY < rehearsal < MOMENT
    assert len(wall.waits) == 2
    on_time.hold(lambda: rehearsed.append(wall.now))
    assert len(wall.waits) == 2, "its moment has come"
    assert len(rehearsed) == 1


def test_a_rehearsal_that_takes_long_makes_nothing_early_and_waits_no_more() -> None:
    wall = Wall(MOMENT - EARLY)
    on_time = punctual(wall)
    on_time.begin_at(MOMENT, MOMENT)
    on_time.now()
    on_time.hold(lambda: wall.wait(1))
    assert wall.now > MOMENT
    assert len(wall.waits) == 2


@pytest.mark.parametrize("late", [timedelta(), timedelta(seconds=3)])
def test_a_look_that_comes_late_waits_for_nothing(late: timedelta) -> None:
    wall = Wall(MOMENT + late)
    on_time = punctual(wall)
    on_time.begin_at(MOMENT, MOMENT)
    assert on_time.now() == MOMENT + late
    on_time.hold(never_rehearsed)
    assert wall.waits == []


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=1), -3 * EARLY])
def test_a_clock_that_jumps_is_believed(jump: timedelta) -> None:
    wall = Wall(MOMENT - EARLY)
    on_time = punctual(wall)
    on_time.begin_at(MOMENT, MOMENT)
    wall.now += jump
    assert on_time.now() == MOMENT - EARLY + jump
    on_time.hold(never_rehearsed)
    assert wall.waits == []


def test_without_a_moment_the_pace_is_the_clocks_own() -> None:
    on_time = punctual(Wall(MOMENT))
    assert on_time.begin_at(None, None) is None
    assert on_time.now() == MOMENT


class Broker:
    def __init__(self) -> None:
        self.came: list[Batch] = []

    def publish(self, batch: Batch) -> None:
        self.came.append(batch)

    def waiting(self) -> int:
        return 0


def test_nothing_is_dispatched_before_it_is_due_and_all_of_it_then(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings({"DDAY_SECRET_KEY": "a secret of the tests"}, data=tmp_path)
    build_city(engine, settings, teams=3)
    wall, broker = Wall(MOMENT - timedelta(seconds=5)), Broker()

    def dispatched() -> int:
        with read(engine) as session:
            return len(session.exec(select(Reminder).where(col(Reminder.state) == ReminderState.DISPATCHED)).all())

    seen_while_waiting: list[int] = []

    def wait(seconds: float) -> None:
        if engine.dialect.name == "postgresql":  # the one writer of SQLite is waiting
            seen_while_waiting.append(dispatched())
        wall.wait(seconds)

    monkeypatch.setattr("worker.engine_clock.Punctual", lambda clock: Punctual(clock, wall.monotonic, wait))
    clock = EngineClock(engine, settings, wall.clock, broker)
    assert clock.look() is not None
    assert dispatched() == 0

    wall.now = MOMENT - EARLY
    clock.look()

    assert sum(seen_while_waiting) == 0
    assert wall.now >= MOMENT
    assert dispatched() == 3
    assert len(broker.came) == 1
