"""What a head reads: what nobody answered or is late in the unit, who was asked when, and never what is settled."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models import (
    Ask,
    Milestone,
    MilestoneStatus,
    Notification,
    NotificationKind,
    NotificationState,
    Person,
    Reminder,
    StatusKind,
)
from models.database import read, write
from notifications.channels import OutgoingMail
from notifications.channels.noted import NotedChannel
from notifications.deliver import deliver_due
from notifications.outbox import dispatch_due
from notifications.previewed import Previewed
from notifications.summaries import summarise_due
from schedules.answers import Answer, record_answers
from schedules.calendar import SendDays, WorkingCalendar
from schedules.escalation_steps import Step, set_steps
from schedules.plan import replan
from schedules.summary import slot_after
from tests.schedules.office import SEOUL, SmallOffice, at, settings
from worker.play import play
from worker.rehearsal import preview
from worker.tick import tick

CALENDAR = WorkingCalendar()


class Town:
    """A small office with one deadline on 2024-09-30, played with the real ticks."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self.engine, self.settings = engine, settings(data)
        self.played = at("2024-09-02 08:00")
        with write(engine) as session:
            self.office = SmallOffice(session)
            for person in session.exec(select(Person)):
                person.email = f"p{person.id}@office.example"
            self.office.milestone("2024-09-30", label="가산동주민센터 문화복합공간 준공", raw="9. 30.")

    def play(self, until: str) -> list[OutgoingMail]:
        channel = NotedChannel()
        for _ in play(self.engine, self.settings, self.played, at(until), channel):
            pass
        self.played = at(until)
        return [mail for mail in channel.mails if "/summary/" in mail.key]


@pytest.fixture
def town(engine: Engine, tmp_path: Path) -> Town:
    return Town(engine, tmp_path)


def test_the_subject_names_item_day_and_unit_and_the_text_the_chain(town: Town) -> None:
    with write(town.engine) as session:
        set_steps(session, "status", [Step(3, 1), Step(10, 2)], by="admin", now=at("2024-09-02 08:00"))
    (mail,) = town.play("2024-10-08 08:00")
    assert mail.subject == "[지연 보고] 가산동주민센터 문화복합공간 준공 D+7 - 행정지원과"
    assert mail.recipients == ("p2@office.example",)
    chain = "인사팀장(9. 30.(월) 요청) → 행정지원과장(10. 7.(월) 보고) → 행정국장(10. 17.(목) 예정)"
    assert f"보고 단계: {chain}" in mail.text
    assert "행정지원과장이 이끄는 부서의 일정이어서 보내 드렸습니다." in mail.text
    assert "담당: 인사팀장" in mail.text


def slots(session: Session, year: int = 2024) -> list[str]:
    days = SendDays(CALENDAR, settings().send_window, SEOUL)
    found, moment = [], at(f"{year}-09-01 00:00")
    while (moment := slot_after(moment, days)) < at(f"{year}-10-20 00:00"):
        found.append(f"{moment.astimezone(SEOUL):%m-%d %H:%M}")
    return found


def test_the_week_is_told_on_its_first_working_day(session: Session) -> None:
    found = [slot.removesuffix(" 09:00") for slot in slots(session)]
    assert found == ["09-02", "09-09", "09-19", "09-23", "09-30", "10-07", "10-14"]
    assert "10-10 09:00" in slots(session, 2025), "the week of 추석 2025 works only on its Friday"


def test_heads_hear_once_a_week_what_went_unanswered_and_nothing_when_there_is_nothing(town: Town) -> None:
    with write(town.engine) as session:
        set_steps(session, "status", [], by="admin", now=at("2024-09-02 08:00"))
    assert town.play("2024-10-14 08:00") == [], "asked on 9. 30., late after 10. 10."
    first = town.play("2024-10-15 08:00")
    assert [(mail.key, mail.recipients) for mail in first] == [
        ("post:1/email/summary/2024-10-14T09:00", ("p1@office.example",)),
        ("post:2/email/summary/2024-10-14T09:00", ("p2@office.example",)),
    ]
    assert first[1].subject == "[지연 보고] 가산동주민센터 문화복합공간 준공 D+14 - 행정지원과"
    assert "지연 일정 1건이 있습니다. 담당자와 확인해 주세요." in first[1].text
    assert [mail.key for mail in town.play("2024-10-22 08:00")] == [
        "post:1/email/summary/2024-10-21T09:00",
        "post:2/email/summary/2024-10-21T09:00",
    ]
    with write(town.engine) as session:
        answer(session, town, StatusKind.DONE, "2024-10-22 10:00")
    assert town.play("2024-12-31 18:00") == []


def test_a_date_that_is_ahead_but_reported_late_is_at_risk(town: Town) -> None:
    with write(town.engine) as session:
        town.office.session = session
        town.office.milestone("2024-12-20", label="청사 로비 리모델링 준공")
    assert town.play("2024-09-10 10:00") == []
    with write(town.engine) as session:
        answer(session, town, StatusKind.DELAYED, "2024-09-10 10:00", milestone_id=2)
    mails = town.play("2024-09-20 08:00")
    assert [mail.subject for mail in mails] == [
        "[지연 보고] 청사 로비 리모델링 준공 D-92 - 행정국",
        "[지연 보고] 청사 로비 리모델링 준공 D-92 - 행정지원과",
    ]
    assert "□ 지연 우려 1건" in mails[0].text


def test_an_escalation_of_the_same_morning_joins_the_weekly_mail(town: Town) -> None:
    with write(town.engine) as session:
        set_steps(session, "status", [Step(12, 1)], by="admin", now=at("2024-09-02 08:00"))
    mails = [mail for mail in town.play("2024-10-22 08:00") if mail.key.startswith("post:2/")]
    assert [mail.key[-16:] for mail in mails] == ["2024-10-14T09:00", "2024-10-21T09:00"]
    assert "보고 단계" in mails[1].text


def test_weeks_of_downtime_are_one_mail(town: Town) -> None:
    town.play("2024-10-10 12:00")
    channel = NotedChannel()
    moment = at("2024-11-06 10:00")
    for _ in range(2):
        tick(town.engine, town.settings, lambda: moment, channel)
    keys = [mail.key for mail in channel.mails if "/summary/" in mail.key]
    assert keys.count("post:1/email/summary/2024-11-04T09:00") == 1
    assert len(keys) == len(set(keys))


def test_what_is_settled_before_the_weekly_mail_leaves_is_not_told(town: Town) -> None:
    with write(town.engine) as session:
        set_steps(session, "status", [], by="admin", now=at("2024-09-02 08:00"))
    town.play("2024-10-14 09:00")
    with write(town.engine) as session:
        assert summarise_due(session, at("2024-10-14 09:00"), town.settings, CALENDAR) == 2
        assert summarise_due(session, at("2024-10-14 09:00"), town.settings, CALENDAR) is None
        answer(session, town, StatusKind.DONE, "2024-10-14 09:00")
    channel = NotedChannel()
    deliver_due(town.engine, lambda: at("2024-10-14 09:00"), town.settings, channel)
    assert [mail.key for mail in channel.mails if "/summary/" in mail.key] == []
    with read(town.engine) as session:
        assert set(states(session)) == {NotificationState.CANCELLED}


def test_preview_tells_the_same_reports_as_are_sent(town: Town) -> None:
    def keys(previewed: list[Previewed]) -> list[tuple[str, int]]:
        return [(one["key"], len(one["items"])) for one in previewed if one["kind"] == "summary"]

    foreseen, _ = preview(town.engine, town.settings, date(2024, 9, 2), date(2024, 12, 31), at("2024-09-02 08:00"))
    sent = [mail.key for mail in town.play("2025-01-01 00:00")]
    assert len(sent) > 20
    assert [key for key, _ in keys(foreseen)] == sent
    assert all(count for _, count in keys(foreseen))


def answer(session: Session, town: Town, kind: StatusKind, moment: str, milestone_id: int = 1) -> None:
    record_answers(
        session,
        post_id=town.office.head,
        by="홍길동 팀장",
        answers=[Answer(milestone_id, kind, reason="자재 수급 지연")],
        now=at(moment),
        settings=town.settings,
        calendar=CALENDAR,
    )


def test_settled_between_queue_and_mail_it_is_not_told(town: Town) -> None:
    with write(town.engine) as session:
        set_steps(session, "status", [Step(3, 1)], by="admin", now=at("2024-09-02 08:00"))
    town.play("2024-10-07 09:00")
    with write(town.engine) as session:
        dispatch_due(session, at("2024-10-07 09:00"), town.settings, CALENDAR)
        session.get_one(Milestone, 1).status = MilestoneStatus.DONE
        session.flush()
        replan(session, at("2024-10-07 09:00"), town.settings, CALENDAR)
    channel = NotedChannel()
    deliver_due(town.engine, lambda: at("2024-10-07 09:00"), town.settings, channel)
    assert channel.mails == []
    with read(town.engine) as session:
        assert states(session) == [NotificationState.CANCELLED]
        assert session.exec(select(Reminder.state).where(Reminder.ask == Ask.ESCALATION)).one() == "cancelled"


def states(session: Session) -> list[NotificationState]:
    rows = session.exec(select(Notification).where(Notification.kind == NotificationKind.SUMMARY)).all()
    return [row.state for row in rows]
