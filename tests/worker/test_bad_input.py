"""Wrong settings and a newer database, as an operator meets them: said in one line, nothing lost."""

import psycopg
import pytest

import cli
from tests.worker.checker import Found, check
from tests.worker.processes import Engines, until

pytestmark = pytest.mark.postgres

NOTHING_WRONG = Found((), (), (), ())


@pytest.mark.parametrize("verb", ["clock", "worker"])
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DDAY_DATABASE_URL", "postgresql://dday:s3cret@127.0.0.1:9/dday", "데이터베이스 오류"),
        ("DDAY_DATABASE_URL", "postgresql://dday:s3cret@127.0.0.1:port/dday", "DDAY_DATABASE_URL"),
        ("DDAY_DATABASE_URL", "sqlite:///dday.sqlite3", "PostgreSQL이 필요합니다"),
        ("DDAY_BROKER_URL", "redis://:s3cret@127.0.0.1:port/0", "DDAY_BROKER_URL"),
        ("DDAY_BROKER_URL", "", "DDAY_BROKER_URL"),
        ("DDAY_SMTP_URL", "mail.office.example:s3cret", "DDAY_SMTP_URL"),
    ],
)
def test_what_is_wrong_with_a_setting_is_said_in_one_line(
    running: Engines,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    verb: str,
    name: str,
    value: str,
    said: str,
) -> None:
    for one, usual in (running.environment | {name: value}).items():
        monkeypatch.setenv(one, usual)
    assert cli.main([verb]) == 1

    told = capfd.readouterr()
    assert told.out == ""
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert "s3cret" not in told.err


def test_a_process_with_a_wrong_setting_ends(running: Engines) -> None:
    process = running.start("worker", environment={"DDAY_BROKER_URL": "redis://:s3cret@127.0.0.1:port/0"})
    until(lambda: not process.is_running, "the end of a process that cannot work")
    assert process.popen.returncode == 1
    assert [line for line in process.log.read_text().splitlines() if "DDAY_BROKER_URL" not in line] == []


def test_a_database_of_a_newer_version_is_left_alone(running: Engines) -> None:
    running.build(teams=3)
    with psycopg.connect(running.database_url.replace("+psycopg", "")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for verb in ("clock", "worker", "web"):
        process = running.start(verb)
        until(lambda one=process: not one.is_running, "the end of an older process")  # type: ignore[misc]
        assert process.popen.returncode == 1
        assert "새 판(9999)" in process.log.read_text()
        assert len(process.log.read_text().splitlines()) == 1
    assert running.count("SELECT count(*) FROM notification") == 0
    assert running.sink.taken == []


def test_mails_wait_with_the_reason_while_the_mail_server_is_a_wrong_one(running: Engines) -> None:
    city = running.build(teams=20)
    running.start("clock")
    astray = running.start("worker", environment={"DDAY_SMTP_URL": "smtp://127.0.0.1:9"})
    waiting = "SELECT count(*) FROM notification WHERE state = 'queued' AND error LIKE '127.0.0.1:9 %'"
    until(lambda: running.count(waiting) == 20, "twenty that wait")
    assert astray.stop() < 10

    running.start("worker")
    until(running.is_settled_with_time, "all to be sent")

    assert check(city, running.sink.taken) == NOTHING_WRONG


def test_a_broker_that_is_not_there_delays_and_nothing_else(running: Engines) -> None:
    city = running.build(teams=20)
    clock = running.start("clock", environment={"DDAY_BROKER_URL": "redis://127.0.0.1:9/0"})
    until(lambda: "broker.unreachable" in clock.log.read_text(), "a clock that complains")
    assert clock.stop() < 10
    assert running.sink.taken == []

    running.start("clock")
    running.start("worker")
    until(running.is_settled_with_time, "all to be sent")

    assert check(city, running.sink.taken) == NOTHING_WRONG


def test_a_thousand_holders_of_one_post_get_its_mail_and_the_others_theirs(running: Engines) -> None:
    city = running.build(teams=5)
    with psycopg.connect(running.database_url.replace("+psycopg", "")) as connection:
        connection.execute(
            "INSERT INTO person (id, name, email) SELECT 1000 + n, '홍길동' || n, 'crowd' || n || '@office.example'"
            " FROM generate_series(1, 999) AS n"
        )
        connection.execute(
            "INSERT INTO assignment (post_id, person_id, from_on)"
            " SELECT 1, id, '2024-01-01' FROM person WHERE id > 1000"
        )
    running.start("clock")
    running.start("worker")

    until(lambda: len(running.sink.taken) >= 5 and running.is_quiet(), "5 mails")

    taken = {mail.key: mail.recipients for mail in running.sink.taken}
    assert len(running.sink.taken) == len(taken) == 5
    assert sorted(taken) == sorted(city.expected())
    [crowd] = [recipients for recipients in taken.values() if len(recipients) > 1]
    assert len(set(crowd)) == 1000
    assert running.count("SELECT count(*) FROM delivery_attempt WHERE outcome = 'accepted'") == 1004
