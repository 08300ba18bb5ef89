"""The admin hears each working morning how far the open rounds are, and which addresses mail came back from."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col, select

from models import Installation, Notification, Person
from models.database import read, write
from schedules.activation import bind_here
from schedules.collection import lock_round, open_round
from settings import Settings, load_settings
from tests.schedules.office import CALENDAR, SmallOffice, at
from worker.morning_letter import tell_morning


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"DDAY_ADMIN_EMAIL": "admin@office.example"}, data=tmp_path)


@pytest.fixture
def round_id(engine: Engine, settings: Settings) -> int:
    with write(engine) as session:
        office = SmallOffice(session)
        bind_here(session, settings, at("2024-09-02 08:00"))
        office.milestone("2024-12-31", label="교육")
        office.milestone("2024-12-31", label="준공", project=office.make_project("청사 관리", office.other_team))
        return open_round(
            session,
            title="2024년 9월 취합",
            as_of_on=date(2024, 9, 12),
            due_on=date(2024, 9, 20),
            now=at("2024-09-12 10:00"),
            settings=settings,
            calendar=CALENDAR,
            by="admin",
        ).round_id


def told(engine: Engine, settings: Settings, *moments: str) -> list[str]:
    """The moments at which a new mail was made."""
    return [moment for moment in moments if tell_morning(engine, settings, at(moment))]


def test_every_working_morning_from_the_day_after_it_opened_and_once_a_day(
    engine: Engine, settings: Settings, round_id: int
) -> None:
    asked = [f"2024-09-{day} {hour}" for day in range(12, 21) for hour in ("08:59", "09:00", "09:01", "15:00")]

    assert told(engine, settings, *asked) == ["2024-09-13 09:00", "2024-09-19 09:00", "2024-09-20 09:00"], (
        "추석 between"
    )


def test_a_clock_that_slept_tells_when_it_wakes(engine: Engine, settings: Settings, round_id: int) -> None:
    assert told(engine, settings, "2024-09-13 14:20") == ["2024-09-13 14:20"]


def test_it_says_what_is_asked_and_what_is_outstanding_by_department_and_team(
    engine: Engine, settings: Settings, round_id: int
) -> None:
    told(engine, settings, "2024-09-13 09:00")

    with read(engine) as session:
        mail = session.exec(select(Notification).where(Notification.key == "admin/email/morning/2024-09-13")).one()
    assert mail.subject == "[아침 보고] 취합 미제출 2곳"
    assert mail.text is not None
    assert mail.text.splitlines()[2:7] == [
        "■ 2024년 9월 취합 (제출 기한 2024. 9. 20.(금) 18:00)",
        "  합계: 요청 2, 열람 0, 제출 0, 지연 0, 미제출 2",
        "  행정지원과: 요청 2, 열람 0, 제출 0, 지연 0, 미제출 2",
        "    - 인사팀: 요청 1, 열람 0, 제출 0, 지연 0, 미제출 1",
        "    - 행정지원팀: 요청 1, 열람 0, 제출 0, 지연 0, 미제출 1",
    ]


def test_nothing_is_said_without_an_open_round_or_where_sending_is_off(
    engine: Engine, settings: Settings, round_id: int
) -> None:
    with write(engine) as session:
        installation = session.get_one(Installation, 1)
        installation.sending_stopped_at = at("2024-09-12 18:00")
    assert told(engine, settings, "2024-09-13 09:00") == []

    with write(engine) as session:
        bind_here(session, settings, at("2024-09-13 08:00"))
    with write(engine) as session:
        lock_round(session, round_id, by="admin", now=at("2024-09-13 08:00"))

    assert told(engine, settings, "2024-09-13 09:00") == []


def test_without_an_address_nobody_is_told(engine: Engine, settings: Settings, round_id: int) -> None:
    assert told(engine, replace(settings, admin_email=None), "2024-09-13 09:00") == []


def test_an_address_that_mail_came_back_from_is_told_once(engine: Engine, settings: Settings) -> None:
    with write(engine) as session:
        office = SmallOffice(session)
        bind_here(session, settings, at("2024-09-02 08:00"))
        first = office.person("홍길순", bounced_at=at("2024-09-12 09:30"))
        office.person("성춘희", email="gone@office.example")
    asked = [f"2024-09-{day} 09:00" for day in (11, 12, 13, 19, 20)]

    assert told(engine, settings, *asked) == ["2024-09-13 09:00"]

    with write(engine) as session:
        assert session.get_one(Person, first).email == "홍길순@office.example"
        session.execute(update(Person).where(col(Person.name) == "성춘희").values(bounced_at=at("2024-09-20 09:05")))
    assert told(engine, settings, "2024-09-20 10:00", "2024-09-23 09:00", "2024-09-24 09:00") == ["2024-09-23 09:00"]
    with read(engine) as session:
        mail = session.exec(select(Notification).where(Notification.key == "admin/email/morning/2024-09-23")).one()
    assert mail.subject == "[아침 보고] 메일이 돌아온 주소 1개"
    assert "성춘희 <gone@office.example>" in (mail.text or "")
    assert "홍길순" not in (mail.text or "")
