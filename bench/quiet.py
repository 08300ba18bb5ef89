"""How late the clock is in quiet: single reminders among many pending, each due at a moment of its own."""

from datetime import UTC, datetime, timedelta
from statistics import median, quantiles

from sqlalchemy import Connection, CursorResult, Engine, event, text

from bench.city import SLOT, build_city, shift_to
from bench.ground import Figure, Ground, analyze
from bench.years import add_pending
from models.database import make_engine, read, read_clock
from notifications.deliver import Batch
from tests.worker.processes import until
from worker.clock import ClockRunner
from worker.engine_clock import EngineClock
from worker.tick import database_clock

MOMENTS = 100
SPACING = 0.5  # seconds: on a busy machine a look takes a tenth, and the next moment must not wait for it


class Notes:
    """A broker that only notes when a batch came; and the moments at which reminders were claimed."""

    def __init__(self, engine: Engine) -> None:
        self.came: list[datetime] = []
        self.claimed: list[datetime] = []
        event.listen(engine, "after_cursor_execute", self._listen)

    def waiting(self) -> int:
        return 0

    def publish(self, batch: Batch) -> None:
        self.came += [datetime.now(UTC)] * len(batch.ids)  # each moment is another post's

    def _listen(self, _c: Connection, cursor: CursorResult[object], sql: str, *_: object) -> None:
        if "SKIP LOCKED" in sql and "FROM reminder" in sql and cursor.rowcount > 0:
            self.claimed += [datetime.now(UTC)] * cursor.rowcount


def run(on: Ground, size: int) -> list[Figure]:
    url = on.database()
    engine, settings = make_engine(url), on.settings(url)
    build_city(engine, settings, MOMENTS, 1)
    add_pending(url, size, SLOT + timedelta(days=1))
    analyze(url)
    moments = []
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE reminder SET due_at = due_at + interval '20 days' WHERE due_at < :day AND state = 'planned'"),
            {"day": SLOT + timedelta(days=1)},
        )
        first = "SELECT min(id) FROM reminder WHERE ask = 'upcoming' GROUP BY milestone_id ORDER BY 1 LIMIT :n"
        chosen = connection.execute(text(first), {"n": MOMENTS}).scalars().all()
        shift = shift_to(SLOT - timedelta(seconds=3), datetime.now(UTC))
        for number, row in enumerate(chosen):
            due = SLOT + timedelta(seconds=1 + number * SPACING)
            moments.append(due - timedelta(seconds=shift))
            connection.execute(text("UPDATE reminder SET due_at = :due WHERE id = :id"), {"due": due, "id": row})
    with read(engine) as session:  # the moments are the database's; one machine, so its clock is ours
        difference = read_clock(session) - datetime.now(UTC)
    clock = database_clock(engine, lambda: shift)
    notes = Notes(engine)
    runner = ClockRunner(EngineClock(engine, settings, clock, notes).look, settings.tick_seconds)
    runner.start()
    try:
        until(lambda: len(notes.came) >= len(moments), "every moment", 120)
    finally:
        runner.stop()
    note = f"{len(moments)} moments, {size:,} pending"
    claimed = _late(notes.claimed, moments, difference)
    told = _late(notes.came, moments, difference)
    p99 = quantiles(claimed, n=100)[98]
    return [
        Figure("quiet", "lateness of the claim, median", median(claimed), "ms", note=note),
        Figure("quiet", "lateness of the claim, p99", p99, "ms", goal="≤ 5 ms", is_met=p99 <= 5, note=note),
        Figure("quiet", "lateness of its batch in the broker, median", median(told), "ms", note=note),
        Figure("quiet", "lateness of its batch in the broker, p99", quantiles(told, n=100)[98], "ms", note=note),
    ]


def _late(found: list[datetime], moments: list[datetime], difference: timedelta) -> list[float]:
    """Milliseconds."""
    pairs = zip(found, moments, strict=True)
    return sorted((came + difference - due) / timedelta(milliseconds=1) for came, due in pairs)
