"""What is past is emptied when an office wants it so: never what keeps a mail from being told twice."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, update
from sqlmodel import Session, col, select

import notifications.prune
from bench.city import SLOT, City, build_city
from models import (
    AuditEntry,
    DeliveryAttempt,
    Installation,
    Notification,
    NotificationState,
    Reminder,
    ReminderState,
)
from models.archive import read_archive, write_archive
from models.database import create_schema, make_engine, read, write
from notifications.channels.noted import NotedChannel
from notifications.prune import Pruned
from settings import Settings, load_settings
from tests.conftest import create_database
from worker.duties import plan_anew, prune
from worker.tick import tick
from worker.watch import audit

TEAMS = 5
MORNING = SLOT.astimezone(UTC) + timedelta(minutes=1)
NEXT_YEAR = MORNING + timedelta(days=364)  # a working day too


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


@pytest.fixture
def kept_a_quarter(tmp_path: Path) -> Settings:
    return load_settings(
        {"DDAY_SECRET_KEY": "a secret of the tests", "DDAY_KEEP_MAIL_DAYS": "90", "DDAY_KEEP_AUDIT_DAYS": "365"},
        data=tmp_path,
    )


@pytest.fixture
def city(engine: Engine, kept_a_quarter: Settings, monkeypatch: pytest.MonkeyPatch) -> City:
    """A morning of five mails, all sent; steps of two rows."""
    monkeypatch.setattr(notifications.prune, "ROWS_AT_ONCE", 2)
    city = build_city(engine, kept_a_quarter, TEAMS)
    assert send(engine, kept_a_quarter, MORNING) == TEAMS
    return city


def send(engine: Engine, settings: Settings, moment: datetime) -> int:
    channel = NotedChannel()
    tick(engine, settings, at(moment), channel)
    return len(channel.mails)


def rows(session: Session) -> list[Notification]:
    return list(session.exec(select(Notification).order_by(col(Notification.id))).all())


def attempts(session: Session) -> int:
    return session.exec(select(func.count()).select_from(DeliveryAttempt)).one()


def test_by_default_everything_stays(engine: Engine, city: City, kept_a_quarter: Settings) -> None:
    for_good = replace(kept_a_quarter, keep_mail_days=0, keep_audit_days=0)
    assert prune(engine, for_good, at(NEXT_YEAR)) == Pruned()
    with read(engine) as session:
        assert all(row.text and row.html for row in rows(session))
        assert attempts(session) == TEAMS


def test_old_texts_and_attempts_go_and_the_rest_of_the_row_stays(
    engine: Engine, city: City, kept_a_quarter: Settings
) -> None:
    with read(engine) as session:
        before = [row.model_dump(exclude={"text", "html"}) for row in rows(session)]

    assert prune(engine, kept_a_quarter, at(MORNING + timedelta(days=89))) == Pruned()
    assert prune(engine, kept_a_quarter, at(MORNING + timedelta(days=91))) == Pruned(TEAMS, TEAMS, TEAMS)
    assert prune(engine, kept_a_quarter, at(MORNING + timedelta(days=91))) == Pruned()

    with read(engine) as session:
        assert [row.model_dump(exclude={"text", "html"}) for row in rows(session)] == before
        assert {(row.text, row.html) for row in rows(session)} == {(None, None)}
        assert attempts(session) == 0
        assert session.exec(select(func.count()).select_from(Reminder)).one() > 0


def test_the_key_of_an_emptied_mail_still_keeps_it_from_being_told_again(
    engine: Engine, city: City, kept_a_quarter: Settings
) -> None:
    prune(engine, kept_a_quarter, at(NEXT_YEAR))
    plan_anew(engine, kept_a_quarter, at(MORNING))  # as if it were that morning still

    assert send(engine, kept_a_quarter, MORNING) == 0

    with write(engine) as session:  # somebody plans what was told once more, by hand
        session.execute(update(Reminder).values(state=ReminderState.PLANNED, notification_id=None))
    send(engine, kept_a_quarter, MORNING)
    with read(engine) as session:
        keys = [row.key for row in rows(session)]
        assert len(keys) == len(set(keys))
        assert {row.sent_at for row in rows(session) if row.key in city.expected()} == {MORNING}


def test_what_still_waits_keeps_its_text_and_a_mail_on_its_way_its_attempts(
    engine: Engine, city: City, kept_a_quarter: Settings
) -> None:
    with write(engine) as session:
        waiting = rows(session)[1]
        waiting.state, waiting.next_attempt_at, waiting.text = NotificationState.UNKNOWN, NEXT_YEAR, "half told"
        session.add(waiting)

    assert prune(engine, kept_a_quarter, at(NEXT_YEAR)) == Pruned(TEAMS, TEAMS - 1, TEAMS - 1)

    with read(engine) as session:
        assert rows(session)[1].text == "half told"
        assert attempts(session) == 1


def test_a_stop_between_two_steps_leaves_nothing_half_done(
    engine: Engine, city: City, kept_a_quarter: Settings
) -> None:
    asked = iter((False, True, True))
    assert prune(engine, kept_a_quarter, at(NEXT_YEAR), lambda: next(asked)) == Pruned(2, 2, 2)
    with read(engine) as session:
        assert [row.text is None for row in rows(session)] == [True, True, False, False, False]
        assert attempts(session) == TEAMS - 2
    assert prune(engine, kept_a_quarter, at(NEXT_YEAR)) == Pruned(3, 3, 3)


def test_the_auditor_misses_no_proof_that_was_kept_long_enough(
    engine: Engine, city: City, kept_a_quarter: Settings
) -> None:
    with write(engine) as session:
        session.execute(update(Reminder).values(state=ReminderState.CANCELLED))  # nothing more is owed
        session.get_one(Installation, 1).clock_last_tick_at = NEXT_YEAR
    prune(engine, kept_a_quarter, at(NEXT_YEAR))
    with read(engine) as session:
        assert audit(session, NEXT_YEAR, kept_a_quarter) == []
        young = {fault.code for fault in audit(session, MORNING, kept_a_quarter)}
    assert "sent_without_proof" in young, "a proof that is gone too early is missed"


def test_a_restored_backup_goes_on_where_it_was(engine: Engine, city: City, kept_a_quarter: Settings) -> None:
    asked = iter((False, True, True))
    prune(engine, kept_a_quarter, at(NEXT_YEAR), lambda: next(asked))
    file, other = io.BytesIO(), make_engine("sqlite://")
    create_schema(other)
    with engine.connect() as connection:
        write_archive(connection, file, "a revision", MORNING)
    with other.begin() as connection:
        read_archive(connection, file, "a revision")

    assert prune(other, kept_a_quarter, at(NEXT_YEAR)) == Pruned(3, 3, 3)
    other.dispose()


def test_the_record_of_acts_is_kept_for_its_own_time(engine: Engine, city: City, kept_a_quarter: Settings) -> None:
    with write(engine) as session:
        for days in (0, 1, 300, 366, 700, 3000):
            act = AuditEntry(at=NEXT_YEAR - timedelta(days=days), actor="hong", act="rule.set", subject=str(days))
            session.add(act)

    prune(engine, replace(kept_a_quarter, keep_mail_days=0), at(NEXT_YEAR))

    with read(engine) as session:
        left = session.exec(select(AuditEntry.subject).where(AuditEntry.act == "rule.set")).all()
        assert sorted(left) == ["0", "1", "300"]
        assert attempts(session) == TEAMS


@pytest.mark.postgres
def test_a_clock_leaves_it_to_another_that_is_at_it(worker_id: str, kept_a_quarter: Settings) -> None:
    engine = make_engine(create_database(f"past_{worker_id}"))
    create_schema(engine)
    build_city(engine, kept_a_quarter, 1)
    send(engine, kept_a_quarter, MORNING)
    with engine.begin() as other:
        other.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('dday.prune'))")
        assert prune(engine, kept_a_quarter, at(NEXT_YEAR)) == Pruned()
    assert prune(engine, kept_a_quarter, at(NEXT_YEAR)).texts == 1
    engine.dispose()
