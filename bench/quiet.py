"""How late the clock is in quiet: single reminders among many pending, each due at a moment of its own."""

from datetime import UTC, datetime, timedelta
from statistics import quantiles

from sqlalchemy import text

from bench.city import SLOT, build_city, shift_to
from bench.ground import Figure, Ground, analyze
from models.database import make_engine, read, read_clock
from notifications.deliver import Batch
from tests.worker.processes import until
from worker.clock import ClockRunner
from worker.engine_clock import EngineClock
from worker.tick import database_clock

MOMENTS = 100
SPACING = 0.15  # seconds


class Notes:
    """A broker that only notes when a batch came."""

    def __init__(self) -> None:
        self.came: list[datetime] = []

    def waiting(self) -> int:
        return 0

    def publish(self, _batch: Batch) -> None:
        self.came.append(datetime.now(UTC))


def run(on: Ground, size: int) -> list[Figure]:
    url = on.database()
    engine, settings = make_engine(url), on.settings(url)
    build_city(engine, settings, max(MOMENTS, size // 50), 10)
    analyze(url)
    shift = shift_to(SLOT - timedelta(seconds=3), datetime.now(UTC))
    clock = database_clock(engine, lambda: shift)
    with engine.begin() as connection:
        pending = connection.execute(text("SELECT count(*) FROM reminder WHERE state = 'planned'")).scalar_one()
        connection.execute(text("UPDATE reminder SET due_at = due_at + interval '20 days' WHERE state = 'planned'"))
        first = connection.execute(
            text("SELECT min(id) FROM reminder WHERE ask = 'upcoming' GROUP BY post_id ORDER BY 1 LIMIT :n"),
            {"n": MOMENTS},
        ).scalars()
        moments = []
        for number, row in enumerate(list(first)):
            due = SLOT + timedelta(seconds=1 + number * SPACING)
            moments.append(due - timedelta(seconds=shift))
            connection.execute(text("UPDATE reminder SET due_at = :due WHERE id = :id"), {"due": due, "id": row})
    with read(engine) as session:  # the moments are the database's; one machine, so its clock is ours
        difference = read_clock(session) - datetime.now(UTC)
    notes = Notes()
    runner = ClockRunner(EngineClock(engine, settings, clock, notes).look, settings.tick_seconds)
    runner.start()
    try:
        until(lambda: len(notes.came) >= len(moments), "every moment", 120)
    finally:
        runner.stop()
    late = sorted(
        (came + difference - due) / timedelta(milliseconds=1) for came, due in zip(notes.came, moments, strict=True)
    )
    p99 = quantiles(late, n=100)[98]
    note = f"{len(late)} moments, {pending:,} pending; due → batch leased and published"
    return [
        Figure("quiet", "lateness, median", late[len(late) // 2], "ms", note=note),
        Figure("quiet", "lateness, p99", p99, "ms", goal="≤ 5 ms", is_met=p99 <= 5, note=note),
    ]
