"""The auditor sees each kind of broken promise, and calls the heartbeat only when there is none."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, update
from sqlmodel import Session, SQLModel

from bench.city import SLOT, build_city
from models import DeliveryAttempt, Installation, Notification, NotificationState, Reminder, ReminderState
from models.database import write
from notifications.channels.noted import NotedChannel
from settings import Settings, load_settings
from worker.tick import tick
from worker.watch import GRACE, watch

NOW = SLOT + timedelta(minutes=1)
LATER = NOW + GRACE + timedelta(minutes=1)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return load_settings({"DDAY_DATABASE_URL": database_url, "DDAY_SECRET_KEY": "a secret of the tests"}, data=tmp_path)


@pytest.fixture
def sent(engine: Engine, settings: Settings) -> Engine:
    """A morning on which everything went as it should."""
    build_city(engine, settings, teams=5)
    tick(engine, settings, lambda: NOW, NotedChannel())
    with write(engine) as session:
        session.execute(update(Installation).values(clock_last_tick_at=LATER))
    return engine


def test_a_good_morning_passes(sent: Engine, settings: Settings) -> None:
    assert watch(sent, settings, lambda: LATER) == []


def change(model: type[SQLModel], **values: object) -> Callable[[Session], object]:
    return lambda session: session.execute(update(model).values(**values))


BREACHES: dict[str, Callable[[Session], object]] = {
    "reminders_late": change(Reminder, state=ReminderState.PLANNED, due_at=SLOT),
    "messages_late": change(Notification, state=NotificationState.QUEUED, next_attempt_at=SLOT),
    "messages_stuck": change(Notification, state=NotificationState.SENDING, next_attempt_at=SLOT),
    "messages_lost": change(Notification, state=NotificationState.QUEUED, next_attempt_at=None),
    "sent_without_proof": lambda session: session.execute(delete(DeliveryAttempt)),
    "reminders_untold": change(Notification, state=NotificationState.CANCELLED),
    "reminders_broken": change(Reminder, state=ReminderState.PLANNED, due_at=LATER, error="ValueError"),
    "clock_late": change(Installation, clock_last_tick_at=SLOT),
}


@pytest.mark.parametrize("code", BREACHES)
def test_a_broken_promise_is_seen(sent: Engine, settings: Settings, code: str) -> None:
    with write(sent) as session:
        BREACHES[code](session)

    assert code in {fault.code for fault in watch(sent, settings, lambda: LATER)}


def test_where_sending_is_off_nothing_is_owed(sent: Engine, settings: Settings) -> None:
    with write(sent) as session:
        BREACHES["reminders_late"](session)
        session.execute(update(Installation).values(fingerprint="elsewhere"))

    assert watch(sent, settings, lambda: LATER) == []


def test_at_night_nothing_is_late(sent: Engine, settings: Settings) -> None:
    night = SLOT + timedelta(hours=12)
    with write(sent) as session:
        BREACHES["messages_late"](session)
        session.execute(update(Installation).values(clock_last_tick_at=night))

    assert watch(sent, settings, lambda: night) == []


@pytest.fixture
def heartbeats() -> Iterator[tuple[str, list[str]]]:
    """An address outside and what was called there."""
    called: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            called.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/beat", called
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_heartbeat_means_that_the_audit_passed(
    sent: Engine, settings: Settings, heartbeats: tuple[str, list[str]]
) -> None:
    url, called = heartbeats
    settings = replace(settings, heartbeat_url=url)

    watch(sent, settings, lambda: LATER)
    assert called == ["/beat"]
    with write(sent) as session:
        BREACHES["messages_lost"](session)
    watch(sent, settings, lambda: LATER)

    assert called == ["/beat"]


def test_a_heartbeat_that_nobody_hears_breaks_nothing(sent: Engine, settings: Settings) -> None:
    assert watch(sent, replace(settings, heartbeat_url="http://127.0.0.1:9/beat"), lambda: LATER) == []
