"""A batch is leased once and opened once: at the lease's end, after a hand-over that came twice, after a stop."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from bench.city import SLOT, build_city
from models import Notification, NotificationState
from models.database import read, write
from notifications.channels.noted import NotedChannel
from notifications.deliver import claim_due, deliver_batch, release
from notifications.outbox import dispatch_due
from schedules.office_days import load_calendar
from settings import Settings, load_settings
from worker.engine_clock import EngineClock
from worker.tasks import CarrierDown

NOW = SLOT + timedelta(minutes=1)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return load_settings(
        {"DDAY_DATABASE_URL": database_url, "DDAY_SECRET_KEY": "a secret of the tests", "DDAY_LEASE_SECONDS": "60"},
        data=tmp_path,
    )


@pytest.fixture
def queued(engine: Engine, settings: Settings) -> Engine:
    """Seven messages that may leave at NOW."""
    build_city(engine, settings, teams=7)
    with write(engine) as session:
        dispatch_due(session, NOW, settings, load_calendar(session))
    return engine


def states(engine: Engine) -> list[NotificationState]:
    with read(engine) as session:
        return list(session.exec(select(Notification.state)))


def test_a_batch_handed_over_twice_is_sent_once(queued: Engine, settings: Settings) -> None:
    batch = claim_due(queued, NOW, settings, 100)
    assert batch is not None
    channel = NotedChannel()

    deliver_batch(queued, lambda: NOW, settings, channel, batch)
    deliver_batch(queued, lambda: NOW, settings, channel, batch)

    assert len(channel.mails) == 7
    assert set(states(queued)) == {NotificationState.SENT}


def test_two_claims_share_nothing(queued: Engine, settings: Settings) -> None:
    first, second = claim_due(queued, NOW, settings, 4), claim_due(queued, NOW, settings, 4)

    assert first is not None
    assert second is not None
    assert len(set(first.ids) | set(second.ids)) == 7
    assert claim_due(queued, NOW, settings, 4) is None


@pytest.mark.parametrize(("later", "is_claimed"), [(59, False), (60, True), (61, True)])
def test_a_lease_holds_until_its_end(queued: Engine, settings: Settings, later: int, is_claimed: bool) -> None:
    assert claim_due(queued, NOW, settings, 100) is not None

    again = claim_due(queued, NOW + timedelta(seconds=later), settings, 100)

    assert (again is not None) == is_claimed


def test_the_message_of_a_batch_that_was_claimed_anew_opens_nothing(queued: Engine, settings: Settings) -> None:
    lost = claim_due(queued, NOW, settings, 100)
    later = NOW + timedelta(seconds=61)
    found = claim_due(queued, later, settings, 100)
    assert lost is not None
    assert found is not None
    channel = NotedChannel()

    deliver_batch(queued, lambda: later, settings, channel, lost)
    assert channel.mails == []
    deliver_batch(queued, lambda: later, settings, channel, found)

    assert len(channel.mails) == 7


def test_a_batch_whose_lease_ran_out_unnoticed_is_still_delivered(queued: Engine, settings: Settings) -> None:
    """It lay long in the queue, but nobody else wanted it."""
    batch = claim_due(queued, NOW, settings, 100)
    assert batch is not None
    channel = NotedChannel()

    deliver_batch(queued, lambda: NOW + timedelta(minutes=5), settings, channel, batch)

    assert len(channel.mails) == 7


def test_a_released_batch_may_be_claimed_at_once(queued: Engine, settings: Settings) -> None:
    batch = claim_due(queued, NOW, settings, 100)
    assert batch is not None

    release(queued, NOW, batch)

    assert set(states(queued)) == {NotificationState.QUEUED}
    assert claim_due(queued, NOW, settings, 100) is not None


def test_a_stop_finishes_the_mail_at_hand_only(queued: Engine, settings: Settings) -> None:
    batch = claim_due(queued, NOW, settings, 100)
    assert batch is not None
    channel = NotedChannel()

    deliver_batch(queued, lambda: NOW, settings, channel, batch, stopping=lambda: len(channel.mails) >= 2)

    assert len(channel.mails) == 2
    assert sorted(states(queued)) == [NotificationState.QUEUED] * 5 + [NotificationState.SENT] * 2
    with read(queued) as session:
        assert {row.attempts for row in session.exec(select(Notification))} == {0, 1}


class Broker:
    """Takes `room` messages, then breaks."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.published: list[int] = []

    def waiting(self) -> int:
        return len(self.published)

    def publish(self, batch: object) -> None:
        if len(self.published) == self.room:
            raise CarrierDown("test")
        self.published.append(1)


def test_a_batch_that_the_broker_does_not_take_is_given_back(queued: Engine, settings: Settings) -> None:
    when = EngineClock(queued, settings, lambda: NOW, Broker(room=0)).look()

    assert set(states(queued)) == {NotificationState.QUEUED}
    assert when is not None  # it looks again soon


def test_a_full_queue_takes_no_more(queued: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.engine_clock.MAILS_AT_ONCE", 1)
    monkeypatch.setattr("worker.engine_clock.MOST_WAITING", 3)

    EngineClock(queued, settings, lambda: NOW, Broker(room=100)).look()

    assert sorted(states(queued)) == [NotificationState.QUEUED] * 4 + [NotificationState.SENDING] * 3


def test_outside_the_window_nothing_is_claimed(queued: Engine, settings: Settings) -> None:
    evening: datetime = SLOT + timedelta(hours=10)

    assert claim_due(queued, evening, settings, 100) is None
    with Session(queued) as session:
        assert session.get_one(Notification, 1).lease_token is None
