"""인사이동: on its day the leaver's links die, the successor is told once and accepts; nobody who left gets mail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from documents.spreadsheet import StaffEntry
from documents.store_staff import store_staff
from models import (
    Absence,
    AnswerLink,
    Assignment,
    AuditEntry,
    Handover,
    Milestone,
    Notification,
    NotificationKind,
    Person,
)
from models.database import read, write
from notifications.channels import ChannelError, OutgoingMail, Receipt
from notifications.channels.noted import NotedChannel
from notifications.handovers import hand_over_due, next_handover_at
from notifications.links import LinkProblem, find_link, make_link
from notifications.reorganisations import enter
from schedules.absences import set_absence
from schedules.arrangement import Act
from schedules.handovers import accept, note_ends, settle_moves, unaccepted, waiting_for
from schedules.plan import replan
from schedules.reorganisation import Asked
from tests.notifications.test_deliver import Failing
from tests.schedules.office import CALENDAR, SEOUL, SmallOffice, at, settings
from worker.tick import tick

ADDRESSES = {"국장이": "bureau", "과장이": "department", "홍길동": "hong", "성춘향": "seong"}
MONDAY = date(2024, 9, 30)


class Moving:
    """홍길동 leads 인사팀 until Sunday, 성춘향's colleague 새팀장 from Monday; one item is due on Monday."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self.engine, self.settings = engine, settings(data)
        with write(engine) as session:
            self.office = SmallOffice(session)
            for person in session.exec(select(Person)):
                person.email = f"{ADDRESSES[person.name]}@office.example"
                session.add(person)
            self.milestone = self.office.milestone("2024-09-30", label="청사 로비 공사 준공")
            replan(session, self.office.activated_at, self.settings, CALENDAR)

    @contextmanager
    def change(self) -> Iterator[Session]:
        with write(self.engine) as session:
            self.office.session = session
            yield session

    def succeed(self, until_on: date = date(2024, 9, 29)) -> None:
        with self.change() as session:
            held = session.exec(select(Assignment).where(Assignment.post_id == self.office.head)).one()
            held.until_on = until_on
            session.add(held)
            self.office.assign(self.office.head, self.office.person("새팀장", "new@office.example"), MONDAY)

    def link(self, moment: str) -> str:
        with write(self.engine) as session:
            return make_link(session, self.office.head, None, at(moment), self.settings).rpartition("/")[2]

    def look(self, moment: str) -> list[OutgoingMail]:
        channel = NotedChannel()
        tick(self.engine, self.settings, lambda: at(moment), channel)
        return channel.mails

    def find(self, token: str, moment: str) -> AnswerLink | LinkProblem:
        with read(self.engine) as session:
            return find_link(session, token, at(moment), SEOUL)


@pytest.fixture
def moving(engine: Engine, tmp_path: Path) -> Moving:
    return Moving(engine, tmp_path)


def to(mails: list[OutgoingMail], kind: str) -> list[tuple[str, ...]]:
    return [mail.recipients for mail in mails if f"/{kind}/" in mail.key]


def test_on_its_day_the_links_die_and_the_successor_gets_the_items_in_one_mail(moving: Moving) -> None:
    moving.look("2024-09-27 09:00")
    moving.succeed()
    token = moving.link("2024-09-27 09:00")
    assert isinstance(moving.find(token, "2024-09-29 23:59"), AnswerLink), "until then it is the leaver's to answer"
    mails = moving.look("2024-09-30 09:00")
    assert to(mails, "handover") == [("new@office.example",)]
    assert to(mails, "morning") == [("new@office.example",)]
    [handed] = [mail for mail in mails if "/handover/" in mail.key]
    assert handed.subject == "[인수인계] 이어받으실 일정 1건 - 인사팀장"
    assert "청사 로비 공사 준공" in handed.text
    assert "‘수락’" in handed.text
    assert moving.find(token, "2024-09-30 09:00") is LinkProblem.REVOKED
    assert moving.look("2024-09-30 09:01") == []
    with read(moving.engine) as session:
        assert session.exec(select(Notification).where(Notification.kind == NotificationKind.HANDOVER)).one().sent_at
        [entry] = session.exec(select(AuditEntry).where(AuditEntry.act == "handover"))
        assert entry.detail == "홍길동: 일정 1건, 링크 2개"


def test_the_links_die_at_midnight_even_while_no_clock_runs(moving: Moving) -> None:
    moving.succeed()
    token = moving.link("2024-09-27 09:00")
    assert moving.find(token, "2024-09-30 00:00") is LinkProblem.REVOKED


def test_a_move_entered_after_its_day_is_carried_out_at_once(moving: Moving) -> None:
    token = moving.link("2024-09-30 09:00")
    moving.succeed(date(2024, 9, 29))
    assert moving.find(token, "2024-10-01 10:00") is LinkProblem.REVOKED
    with write(moving.engine) as session:
        assert hand_over_due(session, at("2024-10-01 10:00"), moving.settings, CALENDAR) == 1
    new = moving.link("2024-10-01 10:01")
    assert isinstance(moving.find(new, "2024-10-01 10:02"), AnswerLink)
    assert moving.find(token, "2024-10-01 10:02") is LinkProblem.REVOKED


def test_reassigned_at_8_59_goes_to_the_new_holder_at_9_00(moving: Moving) -> None:
    moving.look("2024-09-30 08:58")
    moving.succeed()
    mails = moving.look("2024-09-30 09:00")
    assert {mail.recipients for mail in mails} == {("new@office.example",)}


class Interrupted(NotedChannel):
    """While the server takes the first mail, somebody enters something."""

    def __init__(self, enter: Callable[[Session], object], engine: Engine) -> None:
        super().__init__()
        self.enter, self.engine = enter, engine

    def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
        if not self.mails:
            with write(self.engine) as session:
                self.enter(session)
        return super().deliver(mail, following)


def enter_move(session: Session) -> None:
    row = StaffEntry(2, "인사팀", "팀장", "새팀장", "new@office.example", None, MONDAY, None)
    before = note_ends(session)
    store_staff(session, [row], at("2024-09-30 09:00"), "admin")
    settle_moves(session, before, at("2024-09-30 09:00"), SEOUL)


def enter_absence(session: Session) -> None:
    set_absence(
        session,
        email="hong@office.example",
        deputy="seong@office.example",
        from_on=MONDAY,
        until_on=MONDAY,
        reason="",
        by="admin",
        now=at("2024-09-30 09:00"),
    )


def enter_merge(session: Session) -> None:
    asked = [Asked(Act.MERGE, unit="인사팀", target="행정지원팀")]
    now = at("2024-09-30 09:00")
    enter(session, asked, MONDAY, by="admin", now=now, settings=settings(), calendar=CALENDAR)


@pytest.mark.parametrize(
    ("act", "instead"),
    [
        (enter_move, "new@office.example"),
        (enter_absence, "seong@office.example"),
        (enter_merge, "seong@office.example"),
    ],
)
def test_a_mail_in_a_sender_s_hands_does_not_reach_who_was_moved_meanwhile(
    moving: Moving, act: Callable[[Session], object], instead: str
) -> None:
    with moving.change() as session:  # its mail leaves first: the post is older
        other = moving.office.make_project("청사 관리")
        other.unit_id, other.team_id = moving.office.department.id or 0, None
        session.add(other)
        moving.office.milestone("2024-09-30", label="주차장 준공", project=other)
        replan(session, at("2024-09-27 09:00"), moving.settings, CALENDAR)
    channel = Interrupted(act, moving.engine)
    tick(moving.engine, moving.settings, lambda: at("2024-09-30 09:00"), channel)
    tick(moving.engine, moving.settings, lambda: at("2024-09-30 09:01"), channel)
    assert channel.mails[0].recipients == ("department@office.example",)
    to_whom = {mail.recipients for mail in channel.mails if "청사 로비 공사 준공" in mail.text}
    assert to_whom == {(instead,)}


def test_a_mail_that_waits_after_a_failure_goes_to_the_new_holder(moving: Moving) -> None:
    moving.succeed()
    with moving.change() as session:  # due in the evening before, and the window closed over it
        session.execute(update(Assignment).where(col(Assignment.until_on).is_not(None)).values(until_on=MONDAY))
        session.execute(update(Assignment).where(col(Assignment.from_on) == MONDAY).values(from_on=date(2024, 10, 2)))
    failing = Failing(ChannelError("busy", permanent=False))
    tick(moving.engine, moving.settings, lambda: at("2024-09-30 17:59"), failing)  # type: ignore[arg-type]
    assert [mail.recipients for mail in failing.mails] == [("hong@office.example",)]
    mails = moving.look("2024-10-02 09:00")
    assert {mail.recipients for mail in mails} == {("new@office.example",)}


def test_the_successor_accepts_once(moving: Moving) -> None:
    moving.succeed()
    moving.look("2024-09-30 09:00")
    with write(moving.engine) as session:
        [waiting] = unaccepted(session)
        assert (waiting.post, waiting.leavers, waiting.effective_on) == ("인사팀장", "홍길동", MONDAY)
        assert waiting_for(session, moving.office.head) is not None
        assert accept(session, moving.office.head, "새팀장 팀장", at("2024-09-30 10:00")) == 1
        assert accept(session, moving.office.head, "새팀장 팀장", at("2024-09-30 10:01")) == 0
        assert unaccepted(session) == []
        handover = session.exec(select(Handover)).one()
        assert (handover.accepted_by, handover.accepted_at) == ("새팀장 팀장", at("2024-09-30 10:00"))


def test_what_was_closed_before_the_mail_left_is_not_handed_over(moving: Moving) -> None:
    moving.succeed()
    moving.look("2024-09-30 00:00")
    with moving.change() as session:
        session.execute(update(Milestone).values(status="done"))
    assert moving.look("2024-09-30 09:00") == []


def test_a_renewed_assignment_hands_nothing_over(moving: Moving) -> None:
    with moving.change() as session:
        held = session.exec(select(Assignment).where(Assignment.post_id == moving.office.head)).one()
        held.until_on = date(2024, 9, 29)
        session.add(held)
        moving.office.assign(moving.office.head, held.person_id, MONDAY)
    token = moving.link("2024-09-27 09:00")
    assert to(moving.look("2024-09-30 09:00"), "handover") == []
    assert isinstance(moving.find(token, "2024-09-30 09:01"), AnswerLink)


def test_a_vacant_post_s_items_are_told_to_the_one_above_with_a_note(moving: Moving) -> None:
    with moving.change() as session:
        session.execute(
            update(Assignment).where(col(Assignment.post_id) == moving.office.head).values(until_on=date(2024, 9, 29))
        )
    [mail] = [mail for mail in moving.look("2024-09-30 09:00") if "/handover/" in mail.key]
    assert mail.recipients == ("department@office.example",)
    assert "인사팀장 자리에 메일을 받을 분이 없어" in mail.text


def test_a_history_of_moves_before_the_activation_tells_nobody(moving: Moving) -> None:
    with moving.change():
        moving.office.assign(
            moving.office.head,
            moving.office.person("옛팀장", "old@office.example"),
            date(2022, 1, 1),
            until_on=date(2023, 12, 31),
        )
    assert to(moving.look("2024-09-03 09:00"), "handover") == []
    with read(moving.engine) as session:
        assert session.exec(select(Handover)).one().notification_id is None
        assert unaccepted(session) == []


def test_the_next_end_is_known_beforehand(moving: Moving) -> None:
    with read(moving.engine) as session:
        assert next_handover_at(session, moving.settings) is None
    moving.succeed()
    with read(moving.engine) as session:
        assert next_handover_at(session, moving.settings) == at("2024-09-30 00:00")


def test_somebody_who_left_is_asked_as_no_one_s_deputy_either(moving: Moving) -> None:
    with moving.change() as session:
        gone = session.exec(select(Person).where(Person.name == "성춘향")).one()
        gone.left_on = MONDAY
        session.add(gone)
        away = session.exec(select(Person).where(Person.name == "홍길동")).one()
        session.add(Absence(person_id=away.id, deputy_id=gone.id, from_on=MONDAY, until_on=MONDAY))
    assert {mail.recipients for mail in moving.look("2024-09-30 09:00")} == {("department@office.example",)}
