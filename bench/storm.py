"""A morning among few and among many pending reminders, and among ten years of past ones; what the clock needs then."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import hands
from bench.city import SLOT, build_city, fill_yesterday, shift_to
from bench.ground import Figure, Ground, Stopwatch, analyze
from bench.sink import Sink
from bench.years import add_past, add_pending
from models.database import make_engine, write
from notifications.outbox import Dispatched, dispatch_due
from schedules.office_days import load_calendar
from settings import Settings
from tests.worker.processes import Engines, until

HOLDERS, ITEMS_EACH = 40_000, 3
PENDING = 10_000_000  # what the storm is asked for; a run holds its share of it
FEW_PENDING = 100_000
MEMORY_HOLDERS = 200


def run_storm(on: Ground, size: int) -> list[Figure]:
    """`size` holders with three items each; the pending reminders in the same proportion as 40,000 to 10 million."""
    many = PENDING * size // HOLDERS
    few = FEW_PENDING * size // HOLDERS
    calm = _morning(on, size, pending=few)
    stormy = _morning(on, size, pending=many)
    note = f"{size:,} holders, {size * ITEMS_EACH:,} items; dispatch in one process, delivery in two, trivial channel"
    return [
        Figure("storm", f"last mail, {few:,} pending", calm, "s", note=note),
        Figure(
            "storm",
            f"last mail, {many:,} pending",
            stormy,
            "s",
            stormy / calm,
            "with few pending",
            "≤ 1.2",
            stormy / calm <= 1.2,
            note,
        ),
    ]


def run_history(on: Ground, size: int) -> list[Figure]:
    """`size` reminders pending and twice as many past, against none of either: the same morning."""
    holders = max(100, size // 500)
    empty = _morning(on, holders, pending=0)
    full = _morning(on, holders, pending=size, past=2 * size)
    note = f"{holders:,} holders, {holders * ITEMS_EACH:,} items; claim, dispatch, delivery into a trivial channel"
    return [
        Figure("history", "a morning of an empty year", empty, "s", note=note),
        Figure(
            "history",
            f"with {size:,} pending and {2 * size:,} past",
            full,
            "s",
            full / empty,
            "the empty case",
            "≤ 1.2",
            full / empty <= 1.2,
            note,
        ),
    ]


def run_memory(on: Ground, size: int) -> list[Figure]:
    """Peaks of a real clock and of a real worker's process over a morning of 200 holders, by what is pending."""
    found: list[Figure] = []
    base: dict[str, float] = {}
    for pending in (0, size // 10, size):
        for process, megabytes in _peaks(on, pending).items():
            ratio = megabytes / base.setdefault(process, megabytes)
            found.append(
                Figure(
                    "memory",
                    f"{process}, {pending:,} pending",
                    megabytes,
                    "MB peak",
                    ratio,
                    "with none",
                    "0.9 – 1.1",
                    0.9 <= ratio <= 1.1,
                )
            )
    return found


def _peaks(on: Ground, pending: int) -> dict[str, float]:
    """Megabytes at most in memory, once every mail of the morning was taken."""
    url = on.database()
    with Sink() as sink:
        running = Engines(url, on.broker(), sink, on.new_folder("memory"), lease_seconds=120, tick_seconds=1)
        _fill(url, running.settings, MEMORY_HOLDERS, pending)
        running.shift = shift_to(SLOT - timedelta(seconds=8), datetime.now(UTC))
        try:
            clock, worker = running.start("clock"), running.start("worker", "--processes", "1")
            until(lambda: len(sink.taken) >= MEMORY_HOLDERS, "every mail", 300)
            (child,) = worker.children
            return {"clock": _peak(clock.popen.pid), "worker": _peak(child)}
        finally:
            running.end()


def _peak(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) / 1024


def _morning(on: Ground, holders: int, pending: int, past: int = 0) -> float:
    """Seconds from the first claim of a reminder to the last mail told."""
    url = on.database()
    _fill(url, on.settings(url), holders, pending, past)
    started = hands.start(url, on.folder, str(on.new_folder("told") / "told"), processes=2)
    watch = Stopwatch()
    hands.begin(started)
    _dispatch(url, on.settings(url))
    sent = hands.finish(started)
    seconds = watch.seconds
    if sent != holders:
        raise RuntimeError(f"{sent} of {holders} messages were sent")
    return seconds


def _fill(url: str, settings: Settings, holders: int, pending: int, past: int = 0) -> None:
    engine = make_engine(url)
    fill_yesterday(engine, build_city(engine, settings, holders, ITEMS_EACH))
    engine.dispose()
    if pending:
        add_pending(url, pending, SLOT + timedelta(days=1))
    if past:
        add_past(url, past, datetime(2024, 9, 1, tzinfo=UTC))
    analyze(url)


def _dispatch(url: str, settings: Settings) -> None:
    engine = make_engine(url)
    while True:
        with write(engine) as session:
            if dispatch_due(session, hands.NOW, settings, load_calendar(session)) == Dispatched():
                break
    engine.dispose()
