"""What users of such systems complain of, each as it would happen, through the same ticks that run in earnest."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, update
from sqlmodel import col, select

from models import Assignment, Milestone, Notification, NotificationState, Person, Reminder, ReminderState
from models.database import read, write
from notifications.channels import OutgoingMail
from notifications.channels.noted import NotedChannel
from schedules.plan import replan
from tests.schedules.office import CALENDAR, SmallOffice, at, settings
from worker.tick import tick


class Running:
    """A small office whose people can be reached; the clock looks only when it is told to."""

    def __init__(self, engine: Engine, data: Path, *ends: str, since: str = "2024-09-27") -> None:
        self.engine, self.settings = engine, settings(data)
        with write(engine) as session:
            self.office = SmallOffice(session)
            for person in session.exec(select(Person)):
                person.email = f"p{person.id}@office.example"
            for number, end in enumerate(ends):
                self.office.milestone(end, label=f"{number + 1}번째 준공")
            replan(session, self.office.activated_at, self.settings, CALENDAR)
            past = col(Reminder.due_at) < at(f"{since} 00:00")
            session.execute(update(Reminder).where(past).values(state=ReminderState.MISSED))

    def look(self, moment: str) -> list[OutgoingMail]:
        channel = NotedChannel()
        tick(self.engine, self.settings, lambda: at(moment), channel)
        return [mail for mail in channel.mails if "/morning/" in mail.key]


@pytest.mark.parametrize(
    ("due", "down", "back", "is_late"),
    [
        ("2024-10-04", "2024-10-02 17:00", "2024-10-04 09:59", False),
        ("2024-10-04", "2024-10-02 17:00", "2024-10-04 10:30", True),
        ("2024-10-04", "2024-10-02 17:00", "2024-10-07 09:00", True),  # down over Friday and the weekend
        ("2024-09-13", "2024-09-12 17:00", "2024-09-19 09:00", True),  # over Friday, the weekend and 추석
    ],
    ids=["an hour", "longer than an hour", "a weekend", "the whole 추석"],
)
def test_after_a_downtime_one_mail_tells_it_and_says_that_it_is_late(
    engine: Engine, tmp_path: Path, due: str, down: str, back: str, *, is_late: bool
) -> None:
    running = Running(engine, tmp_path, due, since="2024-09-10")
    running.look(down)
    [mail] = running.look(back)
    assert "1번째 준공" in mail.text
    assert ("예정 시각보다 늦게 보냈습니다" in mail.text) is is_late
    assert running.look(back) == []


def test_two_items_at_once_are_one_mail(engine: Engine, tmp_path: Path) -> None:
    [mail] = Running(engine, tmp_path, "2024-09-30", "2024-09-30").look("2024-09-30 09:00")
    assert "1번째 준공" in mail.text
    assert "2번째 준공" in mail.text


def test_a_thousand_items_for_one_person_are_one_capped_mail(engine: Engine, tmp_path: Path) -> None:
    [mail] = Running(engine, tmp_path, *["2024-09-30"] * 1000).look("2024-09-30 09:00")
    assert len(re.findall("번째 준공", mail.text)) == 10
    assert "외 990건" in mail.text
    assert len(mail.content) < 102 * 1024


def test_an_owner_who_was_deleted_costs_nobody_a_mail(engine: Engine, tmp_path: Path) -> None:
    running = Running(engine, tmp_path, "2024-09-30")
    with write(engine) as session:
        holder = session.exec(select(Assignment).where(Assignment.post_id == running.office.head)).one()
        session.execute(delete(Assignment).where(col(Assignment.id) == holder.id))
        session.execute(delete(Person).where(col(Person.id) == holder.person_id))
    [mail] = running.look("2024-09-30 09:00")
    assert "인사팀장 자리에 메일을 받을 분이 없어" in mail.text
    with read(engine) as session:
        assert session.exec(select(Notification)).one().state is NotificationState.SENT


def test_moved_before_the_mail_left_it_is_told_for_the_new_day_only(engine: Engine, tmp_path: Path) -> None:
    running = Running(engine, tmp_path, "2024-09-30")
    with write(engine) as session:
        running.office.session = session
        running.office.move(session.exec(select(Milestone)).one(), "2024-10-04")
        replan(session, at("2024-09-29 12:00"), running.settings, CALENDAR)
    assert running.look("2024-09-30 09:00") == []
    assert [len(running.look(f"2024-10-{day} 09:00")) for day in ("02", "04")] == [1, 1]
