"""What the processes of one worker have done since it started: counted without a lock, told by the parent."""

import mmap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields

from billiard.process import current_process
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from notifications.outcomes import Delivered

OUTCOMES = tuple(one.name for one in fields(Delivered))
BATCH_SECONDS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0)
COLUMNS = (*OUTCOMES, "busy", "failed_batches", "seconds", *(f"{edge:g}" for edge in BATCH_SECONDS), "+Inf")
SIZE = 8  # bytes a figure


def place_in_pool() -> int:
    """Which of the worker's processes this is, from 0; one that replaces another has its number."""
    return int(getattr(current_process(), "index", 0))


class Tally(Collector):
    """One row of figures a process, in memory that all of them share: each writes its own, the parent adds them up.

    A process that takes the place of a killed one takes over its row, so that no counter falls.
    """

    def __init__(self, processes: int, row: Callable[[], int] = place_in_pool) -> None:
        """Make it before the processes are forked. `row` tells a process which it is, from 0."""
        self._processes, self._row = processes, row
        self._figures = memoryview(mmap.mmap(-1, processes * len(COLUMNS) * SIZE)).cast("d")

    @contextmanager
    def batch(self) -> Iterator[Callable[[Delivered], None]]:
        """Around a batch; call what it gives with the outcome. One that ends without is counted as failed."""
        began = time.monotonic()
        self._set("busy", 1)
        done: list[Delivered] = []
        try:
            yield done.append
        finally:
            self._set("busy", 0)
            took = time.monotonic() - began
            for outcome, count in asdict(done[0]).items() if done else [("failed_batches", 1)]:
                self._add(outcome, count)
            self._add("seconds", took)
            for edge in BATCH_SECONDS:
                self._add(f"{edge:g}", took <= edge)
            self._add("+Inf", 1)

    def begin_process(self) -> None:
        """In a new process: whatever the one before it in its row was doing, it does no more."""
        self._set("busy", 0)

    def collect(self) -> Iterator[Metric]:
        mails = CounterMetricFamily(
            "dday_worker_mails", "Mails that this worker was done with, by outcome", labels=["outcome"]
        )
        for outcome in OUTCOMES:
            mails.add_metric([outcome], self._sum(outcome))
        yield mails
        yield HistogramMetricFamily(
            "dday_worker_batch_seconds",
            "How long batches took, from reading them to the last outcome",
            buckets=[(edge, self._sum(edge)) for edge in COLUMNS[-len(BATCH_SECONDS) - 1 :]],
            sum_value=self._sum("seconds"),
        )
        yield CounterMetricFamily(
            "dday_worker_failed_batches", "Batches that ended in an error", value=self._sum("failed_batches")
        )
        yield GaugeMetricFamily("dday_worker_processes", "Processes that send", value=self._processes)
        yield GaugeMetricFamily("dday_worker_busy", "Those of them that have a batch", value=self._sum("busy"))

    def _place(self, column: str) -> int:
        return self._row() % self._processes * len(COLUMNS) + COLUMNS.index(column)

    def _set(self, column: str, value: float) -> None:
        self._figures[self._place(column)] = value

    def _add(self, column: str, value: float) -> None:
        self._figures[self._place(column)] += value

    def _sum(self, column: str) -> float:
        return float(sum(self._figures[COLUMNS.index(column) :: len(COLUMNS)]))


def serve_tally(tally: Tally, port: int) -> None:
    """Answers GET /metrics on every address of this host, from a thread, until the process ends."""
    registry = CollectorRegistry()
    registry.register(tally)
    start_http_server(port, registry=registry)
