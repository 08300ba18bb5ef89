"""The figures that a monitoring system reads are those of the database."""

import contextlib
import re
from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Engine

from bench.city import SLOT, build_city
from models.database import make_engine
from notifications.channels.noted import NotedChannel
from notifications.outcomes import Delivered
from settings import load_settings
from worker.metrics import Standing
from worker.tally import Tally
from worker.tick import tick

NOW = SLOT + timedelta(seconds=30)


def figures(engine: Engine, folder: Path) -> str:
    registry = CollectorRegistry()
    registry.register(
        Standing(engine, load_settings({"DDAY_SECRET_KEY": "a secret of the tests"}, data=folder), lambda: NOW)
    )
    return generate_latest(registry).decode()


def test_a_morning_in_figures(engine: Engine, tmp_path: Path) -> None:
    settings = load_settings({"DDAY_SECRET_KEY": "a secret of the tests"}, data=tmp_path)
    build_city(engine, settings, teams=5)
    assert "dday_reminders_due 5.0" in figures(engine, tmp_path)

    tick(engine, settings, lambda: NOW, NotedChannel())

    after = figures(engine, tmp_path)
    for line in (
        "dday_up 1.0",
        "dday_reminders_due 0.0",
        'dday_messages{state="sent"} 5.0',
        'dday_attempts{outcome="accepted"} 5.0',
        "dday_lateness_seconds_count 5.0",
        'dday_lateness_seconds_bucket{le="60"} 5.0',
        "dday_clock_lag_seconds 0.0",
        "dday_audit_passed 1.0",
    ):
        assert line in after, after


def test_every_figure_stands_in_the_operating_guide(engine: Engine, tmp_path: Path) -> None:
    settings = load_settings({"DDAY_SECRET_KEY": "a secret of the tests"}, data=tmp_path)
    build_city(engine, settings, teams=5)
    tick(engine, settings, lambda: NOW, NotedChannel())
    tally = CollectorRegistry()
    tally.register(Tally(1, lambda: 0))
    shown = figures(engine, tmp_path) + generate_latest(tally).decode()
    named = {line.split()[2] for line in shown.splitlines() if line.startswith("# TYPE")}
    guide = (Path(__file__).parent.parent.parent / "docs" / "operating.md").read_text(encoding="utf-8")
    assert named == set(re.findall(r"`(dday_[a-z_]+)(?:\{[a-z,]+\})?`", guide))


def test_a_worker_counts_what_its_processes_do_and_no_counter_falls() -> None:
    place = [0]
    tally = Tally(2, lambda: place[0])

    def shown() -> dict[str, float]:
        registry = CollectorRegistry()
        registry.register(tally)
        lines = generate_latest(registry).decode().splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}

    with tally.batch() as note:
        assert shown()["dday_worker_busy"] == 1
        note(Delivered(sent=3, retried=1))
    place[0] = 1
    with tally.batch() as note:
        note(Delivered(sent=2))
    with contextlib.suppress(ValueError), tally.batch():
        raise ValueError("the database is gone")
    with tally.batch():  # killed in the middle of this one: its row is another's now
        tally.begin_process()
        assert shown()["dday_worker_busy"] == 0
    found = shown()
    assert found['dday_worker_mails_total{outcome="sent"}'] == 5
    assert found['dday_worker_mails_total{outcome="retried"}'] == 1
    assert found["dday_worker_failed_batches_total"] == 2
    assert found["dday_worker_batch_seconds_count"] == 4
    assert found['dday_worker_batch_seconds_bucket{le="60"}'] == 4
    assert found["dday_worker_processes"] == 2


def test_without_a_database_there_is_one_figure(tmp_path: Path) -> None:
    nowhere = make_engine("postgresql://nobody@127.0.0.1:9/nothing")

    assert "dday_up 0.0" in figures(nowhere, tmp_path)
    assert "dday_reminders_due" not in figures(nowhere, tmp_path)
