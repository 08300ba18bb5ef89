"""The clock stops whole, whatever it is doing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event

from worker.clock import ClockRunner


def test_a_clock_stops_while_a_look_is_under_way() -> None:
    began, ends = Event(), Event()

    def look() -> datetime:
        began.set()
        ends.wait(20)
        return datetime.now(UTC)

    runner = ClockRunner(look, tick_seconds=30)
    runner.start()
    assert began.wait(20)
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(runner.stop)
        ends.set()
        stopping.result(timeout=20)
