"""The peers: N jobs due at one second, each appends 8 bytes to a file; two worker processes each, own defaults else."""

import asyncio
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

MARK = b"8 bytes\n"
WORKERS = 2
WORK = "import sys; from bench.peers import work; work(*sys.argv[1:])"  # huey knows tasks by their module's name


def append(path: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, MARK)
    os.close(descriptor)


def celery_app(url: str):  # type: ignore[no-untyped-def]
    from celery import Celery

    app = Celery("peer", broker=url)
    app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False)
    app.task(name="append")(append)
    return app


def huey_app(url: str):  # type: ignore[no-untyped-def]
    from huey import RedisHuey

    return RedisHuey("peer", url=url, results=False)


def procrastinate_app(url: str):  # type: ignore[no-untyped-def]
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=url.replace("+psycopg", "")))
    app.task(name="append")(append)
    return app


def schedule(peer: str, url: str, path: str, count: int, due: datetime) -> None:
    if peer == "celery":
        app = celery_app(url)
        with app.producer_pool.acquire(block=True) as producer:
            for _ in range(count):
                app.send_task("append", (path,), eta=due, producer=producer)
    elif peer == "huey":
        huey = huey_app(url)
        task = huey.task(name="append")(append)
        for _ in range(count):
            task.schedule((path,), eta=due.astimezone().replace(tzinfo=None))
    else:
        asyncio.run(_schedule_procrastinate(url, path, count, due))


async def _schedule_procrastinate(url: str, path: str, count: int, due: datetime) -> None:
    app = procrastinate_app(url)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        deferrer = app.configure_task("append", schedule_at=due)
        for first in range(0, count, 1000):
            await deferrer.batch_defer_async(*({"path": path} for _ in range(min(1000, count - first))))


def work(peer: str, url: str) -> None:
    """Until killed."""
    if peer == "celery":
        celery_app(url).worker_main(["worker", f"--concurrency={WORKERS}", "--loglevel=ERROR"])
    elif peer == "huey":
        from huey.consumer import Consumer

        huey = huey_app(url)
        huey.task(name="append")(append)
        Consumer(huey, workers=WORKERS, worker_type="process", scheduler_interval=1).run()
    else:
        asyncio.run(_work_procrastinate(url))


async def _work_procrastinate(url: str) -> None:
    app = procrastinate_app(url)
    async with app.open_async():
        await app.run_worker_async(concurrency=WORKERS)


def measure(peer: str, url: str, folder: Path, count: int, lead_seconds: float) -> float:
    """Seconds from the due moment to the last job's bytes. Scheduling must be over before the moment comes."""
    path = folder / "jobs"
    due = datetime.now(UTC) + timedelta(seconds=lead_seconds)
    schedule(peer, url, str(path), count, due)
    if datetime.now(UTC) > due - timedelta(seconds=3):
        raise RuntimeError(f"{peer}: scheduling took longer than {lead_seconds} s")
    with (folder / "log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORK, peer, url],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            while not path.exists() or path.stat().st_size < count * len(MARK):
                if worker.poll() is not None:
                    raise RuntimeError(f"{peer} ended: {(folder / 'log').read_text()[-500:]}")
                time.sleep(0.02)
            return (datetime.now(UTC) - due).total_seconds()
        finally:
            os.killpg(worker.pid, 9)
            worker.wait()
