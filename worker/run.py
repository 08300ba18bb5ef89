"""The engine's long-running processes: started here, stopped by SIGTERM within ten seconds with nothing half done."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

import structlog
from celery import signals
from celery.apps.worker import Worker
from sqlalchemy import Engine

from settings import Settings
from worker import tasks
from worker.app import QUEUE, make_app
from worker.clock import ClockRunner
from worker.duties import make_duties
from worker.engine_clock import EngineClock
from worker.hands import Hands, StopMark
from worker.memory import look_for_garbage_seldom
from worker.metrics import serve_metrics
from worker.tally import Tally, serve_tally
from worker.tick import Clock

log = structlog.get_logger()

STOP_SECONDS = 8.0  # then the process ends without those that hang in a mail server's answer


def run_clock(engine: Engine, settings: Settings, clock: Clock, metrics_port: int = 0) -> None:
    """Ticks until SIGTERM or SIGINT; then the step under way is finished. `metrics_port` 0 = no metrics."""
    stop = threading.Event()
    _on_stop(stop.set)
    carrier = tasks.Carrier(make_app(settings))
    runner = ClockRunner(
        EngineClock(engine, settings, clock, carrier, stop.is_set).look,
        settings.tick_seconds,
        make_duties(engine, settings, clock, stop.is_set),
    )
    if metrics_port:
        serve_metrics(engine, settings, clock, metrics_port)
    look_for_garbage_seldom()
    runner.start()
    log.info("clock.started", pid=os.getpid())
    stop.wait()
    _end_in_time()
    runner.stop()
    log.info("clock.stopped")


def run_worker(settings: Settings, processes: int, metrics_port: int = 0) -> int:
    """Delivers batches in `processes` processes until SIGTERM; returns the exit status. `metrics_port` 0 = no metrics.

    On SIGTERM each process finishes the mail in its hands and gives the rest of its batch back. One that hangs in the
    mail server's answer is left behind after STOP_SECONDS: it still writes the answer down when there is one.
    """
    stop, tally = StopMark(), Tally(processes)
    hands = Hands(settings, stop, tally)
    app = make_app(settings)
    tasks.register(app, hands.deliver)

    def begin_stop(**_: object) -> None:
        stop.set()
        _end_in_time()

    def say_goodbye(**_: object) -> None:
        hands.close()

    def begin_process(**_: object) -> None:
        tally.begin_process()

    def ready(**_: object) -> None:
        if metrics_port:
            serve_tally(tally, metrics_port)
        log.info("worker.started", pid=os.getpid(), processes=processes)

    signals.worker_shutting_down.connect(begin_stop, weak=False)
    signals.worker_process_init.connect(begin_process, weak=False)
    signals.worker_process_shutdown.connect(say_goodbye, weak=False)
    signals.worker_ready.connect(ready, weak=False)
    signals.setup_logging.connect(_keep_logs, weak=False)
    worker = Worker(
        app=app,
        hostname=f"dday-{os.getpid()}@{socket.gethostname()}",
        concurrency=processes,
        pool="prefork",
        queues=[QUEUE],
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    look_for_garbage_seldom()  # before the fork: its children share what is frozen
    worker.start()
    log.info("worker.stopped")
    return int(worker.exitcode or 0)


def _keep_logs(**_: object) -> None:
    """Taken as Celery's own set-up of logging, which then leaves ours alone."""


def _on_stop(act: Callable[[], None]) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        act()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _end_in_time() -> None:
    """Whatever still hangs then is the lease's business."""
    timer = threading.Timer(STOP_SECONDS, os._exit, [0])
    timer.daemon = True
    timer.start()
