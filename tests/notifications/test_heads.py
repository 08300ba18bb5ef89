"""What a head reads: what nobody answered or is late in the unit, who was asked when, and never what is settled."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models import Ask, Milestone, MilestoneStatus, Notification, NotificationKind, NotificationState, Person, Reminder
from models.database import read, write
from notifications.channels import OutgoingMail
from notifications.channels.noted import NotedChannel
from notifications.deliver import deliver_due
from notifications.outbox import dispatch_due
from schedules.calendar import WorkingCalendar
from schedules.escalation_steps import Step, set_steps
from schedules.plan import replan
from tests.schedules.office import SmallOffice, at, settings
from worker.play import play

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
