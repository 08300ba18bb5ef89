"""When a promise is broken the admin gets one mail that day, however many clocks audit."""

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from sqlmodel import select

from bench.city import SLOT, build_city
from models import DeliveryAttempt, Installation, Notification, NotificationKind, NotificationState
from models.database import read, write
from notifications.channels.noted import NotedChannel
from settings import Settings, load_settings
from worker.admin_mail import letters_wait, send_letters
from worker.alarm import tell_admin
from worker.watch import Fault, audit

NOW = SLOT + timedelta(hours=3)
FAULTS = [Fault("messages_late", 12, "보낼 때가 지났는데 아무도 보내지 않은 메일")]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(
        {"DDAY_SECRET_KEY": "a secret of the tests", "DDAY_ADMIN_EMAIL": "admin@office.example"}, data=tmp_path
    )


def test_one_mail_a_day_however_many_ask(engine: Engine, settings: Settings) -> None:
    channel = NotedChannel()

    told = [tell_admin(engine, settings, NOW + timedelta(minutes=minute), FAULTS) for minute in range(3)]
    tell_admin(engine, settings, NOW + timedelta(days=1), FAULTS)
    send_letters(engine, settings, NOW + timedelta(days=1), channel)

    assert told == [True, False, False]
    first, second = channel.mails
    assert first.recipients == ("admin@office.example",)
    assert first.key != second.key
    read_back = message_from_bytes(first.content, policy=policy.default)
    assert read_back["Subject"] == first.subject
    body = read_back.get_body(("plain",))
    assert body is not None
    assert "아무도 보내지 않은 메일: 12건" in body.get_content()


def test_it_stands_on_record_and_passes_the_audit_itself(engine: Engine, settings: Settings) -> None:
    build_city(engine, settings, teams=1, plan=False)
    with write(engine) as session:
        session.execute(update(Installation).values(clock_last_tick_at=NOW))

    tell_admin(engine, settings, NOW, FAULTS)
    send_letters(engine, settings, NOW, NotedChannel())

    with read(engine) as session:
        row = session.exec(select(Notification)).one()
        assert (row.kind, row.state, row.post_id) == (NotificationKind.ADMIN, NotificationState.SENT, None)
        assert session.exec(select(DeliveryAttempt.address)).one() == "admin@office.example"
        assert audit(session, NOW, settings) == []


def test_without_an_address_or_a_fault_nobody_is_told(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    nobody = load_settings({"DDAY_SECRET_KEY": "a secret of the tests"}, data=tmp_path)

    assert not tell_admin(engine, settings, NOW, [])
    assert not tell_admin(engine, nobody, NOW, FAULTS)

    assert not letters_wait(engine, NOW)
