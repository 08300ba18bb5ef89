"""The figures that a monitoring system reads are those of the database."""

from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Engine

from bench.city import SLOT, build_city
from models.database import make_engine
from notifications.channels.noted import NotedChannel
from settings import load_settings
from worker.metrics import Standing
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


def test_without_a_database_there_is_one_figure(tmp_path: Path) -> None:
    nowhere = make_engine("postgresql://nobody@127.0.0.1:9/nothing")

    assert "dday_up 0.0" in figures(nowhere, tmp_path)
    assert "dday_reminders_due" not in figures(nowhere, tmp_path)
