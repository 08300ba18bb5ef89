"""A morning among few and among many pending reminders, and among ten years of past ones; what the clock needs then."""

import resource
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import hands
from bench.city import SLOT, build_city, fill_yesterday
from bench.ground import Figure, Ground, Stopwatch, analyze
from bench.years import add_past, add_pending
from models.database import make_engine, write
from notifications.outbox import Dispatched, dispatch_due
from schedules.office_days import load_calendar
from settings import Settings, load_settings

HOLDERS, ITEMS_EACH = 40_000, 3
PENDING = 10_000_000  # what the storm is asked for; a run holds its share of it
FEW_PENDING = 100_000


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
    """Peak of a process that claims, dispatches and delivers a morning of 200 holders, by what is pending."""
    found = []
    base = None
    for pending in (0, size // 10, size):
        url = _city(on, 200, pending, 0)
        command = [sys.executable, "-m", "bench.storm", url, str(on.folder), str(on.new_folder("told") / "told")]
        megabytes = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 1024
        base = base or megabytes
        found.append(
            Figure(
                "memory",
                f"clock and sender, {pending:,} pending",
                megabytes,
                "MB peak",
                megabytes / base,
                "with none",
                "0.9 – 1.1",
                0.9 <= megabytes / base <= 1.1,
            )
        )
    return found


def _morning(on: Ground, holders: int, pending: int, past: int = 0) -> float:
    """Seconds from the first claim of a reminder to the last mail told."""
    url = _city(on, holders, pending, past)
    started = hands.start(url, on.folder, str(on.new_folder("told") / "told"), processes=2)
    watch = Stopwatch()
    _dispatch(url, on.settings(url))
    sent = hands.run(started)
    seconds = watch.seconds
    if sent != holders:
        raise RuntimeError(f"{sent} of {holders} messages were sent")
    return seconds


def _city(on: Ground, holders: int, pending: int, past: int) -> str:
    url = on.database()
    engine = make_engine(url)
    fill_yesterday(engine, build_city(engine, on.settings(url), holders, ITEMS_EACH))
    engine.dispose()
    if pending:
        add_pending(url, pending, SLOT + timedelta(days=1))
    if past:
        add_past(url, past, datetime(2024, 9, 1, tzinfo=UTC))
    analyze(url)
    return url


def _dispatch(url: str, settings: Settings) -> None:
    engine = make_engine(url)
    while True:
        with write(engine) as session:
            if dispatch_due(session, hands.NOW, settings, load_calendar(session)) == Dispatched():
                break
    engine.dispose()


if __name__ == "__main__":
    url, folder, told = sys.argv[1:]
    values = {"DDAY_DATABASE_URL": url, "DDAY_SECRET_KEY": "a secret of the benchmark"}
    _dispatch(url, load_settings(values, data=Path(folder)))
    hands.deliver_all(url, Path(folder), told)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
