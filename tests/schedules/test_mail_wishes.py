"""메일 받는 방식: a wished time moves the one mail of the day and nothing else; what has to be told is told."""

from datetime import date, time
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models import (
    Assignment,
    AuditEntry,
    MailWish,
    Notification,
    NotificationState,
    OptionalKind,
    Person,
    Reminder,
    ReminderState,
)
from models.database import read, write
from notifications.channels import OutgoingMail
from notifications.channels.noted import NotedChannel
from notifications.outbox import dispatch_due
from schedules.calendar import WorkingCalendar
from schedules.mail_wishes import WishError, forget_wish, load_wishes, offered_times, put_wish
from schedules.plan import replan
from settings import SendWindow
from tests.schedules.office import SEOUL, SmallOffice, at, settings
from worker.play import play
from worker.rehearsal import preview
from worker.tick import tick

BEGINNING = "2024-09-02 08:00"
CALENDAR = WorkingCalendar()
AHEAD, WEEKLY = OptionalKind.AHEAD, OptionalKind.WEEKLY


class Town:
    """A small office that is played with the real ticks."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self.engine, self.settings, self.played = engine, settings(data), at(BEGINNING)
        with write(engine) as session:
            self.office = SmallOffice(session)
            for person in session.exec(select(Person)):
                person.email = f"p{person.id}@office.example"
            self.head, self.boss = self.office.head, self.office.department_head

    def milestone(self, day: str) -> None:
        with write(self.engine) as session:
            self.office.session = session
            session.add(self.office.project)
            session.add(self.office.document)
            self.office.milestone(day, label=f"준공 {day}")

    def wish(self, when: str = "", *declined: str, post: int = 0, now: str = BEGINNING) -> None:
        with write(self.engine) as session:
            put_wish(session, post or self.head, when, declined, by="홍길동 팀장", now=at(now), settings=self.settings)

    def play(self, until: str) -> list[str]:
        """`09-30 14:00 post:3/email/morning/2024-09-30T09:00` for each mail that left."""
        channel = NotedChannel()
        for _ in play(self.engine, self.settings, self.played, at(until), channel):
            pass
        self.played = at(until)
        self.mails: list[OutgoingMail] = channel.mails
        with read(self.engine) as session:
            sent = {row.key: row.sent_at for row in session.exec(select(Notification)) if row.sent_at is not None}
        return [f"{sent[mail.key].astimezone(SEOUL):%m-%d %H:%M} {mail.key}" for mail in channel.mails]


@pytest.fixture
def town(engine: Engine, tmp_path: Path) -> Town:
    return Town(engine, tmp_path)


def test_the_mail_comes_at_the_wished_time_under_the_key_it_always_had(town: Town) -> None:
    town.milestone("2024-09-30")
    town.wish("14:00")
    with write(town.engine) as session:
        replan(session, at(BEGINNING), town.settings, CALENDAR)
    shown = preview(town.engine, town.settings, date(2024, 9, 2), date(2024, 9, 30), at(BEGINNING))[0]
    sent = town.play("2024-09-30 23:00")
    key = f"post:{town.head}/email/morning/"
    assert sent == [
        f"09-23 14:00 {key}2024-09-23T09:00",
        f"09-27 14:00 {key}2024-09-27T09:00",
        f"09-30 14:00 {key}2024-09-30T09:00",
    ]
    assert [mail["key"] for mail in shown] == [mail.key for mail in town.mails]
    assert [mail["send_at"][11:16] for mail in shown] == ["14:00"] * 3
    assert not any("늦게 보냈습니다" in mail.text for mail in town.mails), "it came when it was wished for"
    assert all("‘메일 받는 방식 바꾸기’에서 정할 수 있습니다." in mail.text for mail in town.mails)


def test_a_change_after_the_mail_went_out_is_for_the_next_one(town: Town) -> None:
    town.milestone("2024-09-30")
    assert len(town.play("2024-09-23 10:00")) == 1
    town.wish("14:00", now="2024-09-23 10:00")
    assert town.play("2024-09-23 23:00") == []
    assert [mail[:11] for mail in town.play("2024-09-27 23:00")] == ["09-27 14:00"]


def test_a_change_while_a_mail_waits_leaves_that_one_as_it_is(town: Town) -> None:
    town.milestone("2024-09-30")
    town.wish("14:00")
    assert town.play("2024-09-23 10:00") == []
    town.wish("10:30", now="2024-09-23 10:00")
    assert [mail[:11] for mail in town.play("2024-09-27 23:00")] == ["09-23 14:00", "09-27 10:30"]


def test_what_becomes_due_while_the_mail_waits_joins_it(town: Town) -> None:
    town.milestone("2024-09-30")
    town.wish("14:00")
    assert town.play("2024-09-23 10:00") == []
    with write(town.engine) as session:  # another one, due at the same slot, made after the message
        first = session.exec(select(Reminder).where(Reminder.state == ReminderState.DISPATCHED)).one()
        copied = first.model_dump(exclude={"id", "key", "state", "notification_id"})
        session.add(Reminder(**copied, key="another", state=ReminderState.PLANNED))
    channel = NotedChannel()
    for moment in ("2024-09-23 11:00", "2024-09-23 14:00"):
        tick(town.engine, town.settings, lambda now=moment: at(now), channel)
    assert len(channel.mails) == 1
    with read(town.engine) as session:
        told = session.exec(select(Reminder.notification_id).where(Reminder.state == ReminderState.DISPATCHED)).all()
    assert len(told) == 2
    assert len(set(told)) == 1


def test_two_clocks_make_one_message(town: Town) -> None:
    town.milestone("2024-09-30")
    town.wish("14:00")
    with write(town.engine) as session:
        replan(session, at(BEGINNING), town.settings, CALENDAR)
    channel = NotedChannel()
    for moment in ("2024-09-23 09:00", "2024-09-23 09:00", "2024-09-23 14:00", "2024-09-23 14:00"):
        tick(town.engine, town.settings, lambda now=moment: at(now), channel)
    assert len(channel.mails) == 1


def test_a_wish_earlier_than_the_rule_waits_for_the_rule(session: Session) -> None:
    office = SmallOffice(session)
    put_wish(session, office.head, "10:00", (), by="홍길동", now=at(BEGINNING), settings=settings())
    office.milestone("2024-09-30")
    replan(session, at(BEGINNING), settings(), CALENDAR)
    for row in session.exec(select(Reminder)):
        row.due_at = at("2024-09-23 15:00")
    session.flush()
    dispatch_due(session, at("2024-09-23 15:00"), settings(), CALENDAR)
    message = session.exec(select(Notification)).one()
    assert message.slot_at == message.next_attempt_at == at("2024-09-23 15:00")


def test_after_downtime_the_mail_is_late_and_leaves_at_once(town: Town) -> None:
    """Down from the slot until after the wished time."""
    town.milestone("2024-09-30")
    town.wish("14:00")
    with write(town.engine) as session:
        replan(session, at(BEGINNING), town.settings, CALENDAR)
    channel = NotedChannel()
    tick(town.engine, town.settings, lambda: at("2024-09-23 16:00"), channel)
    (mail,) = channel.mails
    assert "14:00에 보낼 메일을 예정 시각보다 늦게 보냈습니다." in mail.text


def test_notice_of_days_far_ahead_is_left_out_visibly_and_what_is_near_comes(town: Town) -> None:
    town.milestone("2024-10-10")
    town.wish("", AHEAD)
    assert [mail[:5] for mail in town.play("2024-10-09 00:00")] == ["10-02", "10-08"], "not the D-30 of 10 September"
    with read(town.engine) as session:
        left_out = session.exec(select(Reminder).where(Reminder.state == ReminderState.CANCELLED)).one()
    assert (left_out.offset, left_out.state_reason) == (-30, "홍길동 팀장의 설정으로 미리 알리지 않습니다")
    town.wish("", now="2024-10-09 00:00")
    town.milestone("2024-11-20")
    assert "10-21" in [mail[:5] for mail in town.play("2024-10-31 00:00")], "wanted again"


def test_what_asks_for_an_answer_cannot_be_declined(town: Town) -> None:
    town.milestone("2024-09-03")
    for asked in ("status", "overdue", "check", "returned", "escalation"):
        with pytest.raises(WishError), write(town.engine) as session:
            put_wish(session, town.head, "", [asked], by="홍길동", now=at(BEGINNING), settings=town.settings)
    town.wish("", AHEAD, WEEKLY)
    sent = town.play("2024-09-12 00:00")
    assert [mail[:5] for mail in sent] == ["09-02", "09-03", "09-10"], "D-1, the day, and a week after it"


def test_a_head_without_the_weekly_report_still_hears_what_climbs(town: Town) -> None:
    town.milestone("2024-09-03")
    town.wish("11:00", WEEKLY, post=town.boss)
    sent = [mail for mail in town.play("2024-10-01 00:00") if f"post:{town.boss}/" in mail]
    assert sent == [f"09-20 11:00 post:{town.boss}/email/summary/2024-09-20T09:00"], "no Monday, but the tenth day"
    others = [mail for mail in town.mails if f"post:{town.office.bureau_head}/" in mail.key]
    assert others, "the bureau's head hears every week"


@pytest.mark.parametrize("event", ["comes", "goes"])
def test_the_wish_is_forgotten_when_the_holders_change(town: Town, event: str) -> None:
    town.milestone("2024-09-30")
    town.wish("14:00")
    with write(town.engine) as session:
        held = session.exec(select(Assignment).where(Assignment.post_id == town.head)).one()
        if event == "goes":
            held.until_on = date(2024, 9, 24)
        new = Person(name="새팀장", email="new@office.example")
        session.add_all([held, new])
        session.flush()
        session.add(Assignment(post_id=town.head, person_id=new.id or 0, from_on=date(2024, 9, 25)))
    days = [mail[:11] for mail in town.play("2024-09-30 23:00") if "/morning/" in mail]
    assert days == ["09-23 14:00", "09-27 09:00", "09-30 09:00"]


def test_each_post_of_one_holder_has_its_own(session: Session) -> None:
    office = SmallOffice(session)
    put_wish(session, office.head, "14:00", (), by="홍길동", now=at(BEGINNING), settings=settings())
    put_wish(session, office.other_head, "", [AHEAD], by="홍길동", now=at(BEGINNING), settings=settings())
    found = load_wishes(session, [office.head, office.other_head, office.bureau_head], date(2024, 9, 30))
    assert {post: (one.send_time, set(one.declined)) for post, one in found.items()} == {
        office.head: (time(14), set()),
        office.other_head: (None, {AHEAD}),
    }


def test_nothing_asked_is_no_row_and_every_change_is_on_record(session: Session) -> None:
    office = SmallOffice(session)
    for when in ("14:00", "10:30", ""):
        put_wish(session, office.head, when, (), by="홍길동 팀장", now=at(BEGINNING), settings=settings())
    assert session.exec(select(MailWish)).all() == []
    assert not forget_wish(session, office.head, by="admin", now=at(BEGINNING))
    entries = session.exec(select(AuditEntry).where(AuditEntry.subject == f"post:{office.head}")).all()
    assert [(entry.actor, entry.act, entry.detail) for entry in entries] == [
        ("홍길동 팀장", "mail.wish", "14:00"),
        ("홍길동 팀장", "mail.wish", "10:30"),
        ("홍길동 팀장", "mail.forget", ""),
    ]


@pytest.mark.parametrize("when", ["08:30", "18:00", "09:01", "25:00", "아침"])
def test_only_times_of_the_send_window_are_taken(session: Session, when: str) -> None:
    office = SmallOffice(session)
    with pytest.raises(WishError, match="09:00부터 17:30 사이"):
        put_wish(session, office.head, when, (), by="홍길동", now=at(BEGINNING), settings=settings())


def test_a_wish_outside_a_window_that_has_become_smaller_is_its_opening(town: Town) -> None:
    town.milestone("2024-09-30")
    town.wish("16:00")
    town.settings = settings(town.settings.data, send_window=SendWindow(frozenset(range(5)), time(9), time(12)))
    assert [mail[:11] for mail in town.play("2024-09-23 23:00")] == ["09-23 09:00"]
    assert offered_times(town.settings.send_window)[-1] == time(11, 30)


def test_a_row_that_cannot_be_read_wishes_nothing(town: Town) -> None:
    town.milestone("2024-09-30")
    town.wish("14:00")
    with write(town.engine) as session:
        session.get_one(MailWish, town.head).send_time = "noon"
    assert [mail[:11] for mail in town.play("2024-09-23 23:00")] == ["09-23 09:00"]
    with read(town.engine) as session:
        states = session.exec(select(Notification.state)).all()
    assert states == [NotificationState.SENT]
