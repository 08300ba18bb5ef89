"""What is due leaves once, says what holds at that moment, and its outcome is written down whatever happens."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, text, update
from sqlmodel import Session, col, select

from models import (
    BESIDE,
    Absence,
    AnswerLink,
    Assignment,
    AttemptOutcome,
    DeliveryAttempt,
    Installation,
    Milestone,
    MilestoneKind,
    MilestoneStatus,
    Notification,
    NotificationKind,
    NotificationState,
    Person,
    Reminder,
    ReminderState,
    RequestState,
    StatusKind,
    StatusReport,
    StatusRequest,
    StatusRequestItem,
    SupportingPost,
)
from models.database import read, write
from notifications.bounces import read_bounces
from notifications.channels import Channel, ChannelDownError, ChannelError, OutgoingMail, Receipt, Refusal
from notifications.channels.email import EmailChannel
from notifications.channels.noted import NotedChannel
from notifications.deliver import Delivered, claim_due, deliver_batch, deliver_due
from notifications.links import LinkProblem, find_link
from notifications.mailbox import MailboxServer, list_mails, mailbox_of, read_mail
from notifications.outbox import dispatch_due
from notifications.outcomes import MOST_ATTEMPTS
from schedules.calendar import WorkingCalendar
from schedules.collection import open_round
from schedules.plan import replan
from settings import SmtpServer
from tests.notifications.smtp_servers import Behaviour, smtp_server
from tests.schedules.office import SEOUL, SmallOffice, at, settings

CALENDAR = WorkingCalendar()
NINE = "2024-09-30 09:00"


class Town:
    """A small office in a database of its own: change it in a transaction, let the clock tick, look at the rows."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self.engine, self.settings = engine, settings(data)
        with write(engine) as session:
            self.office = SmallOffice(session)
            for person in session.exec(select(Person)):
                person.email = f"p{person.id}@office.example"
                session.add(person)
            self.today = self.office.milestone(
                "2024-09-30", label="청사 로비 공사 준공", raw="9. 30.", baseline_raw="9. 30."
            )
            replan(session, self.office.activated_at, self.settings, CALENDAR)
            # September's earlier mails are not what these tests are about.
            session.execute(update(Reminder).where(col(Reminder.due_at) < at(NINE)).values(state=ReminderState.MISSED))

    def replan(self, session: Session) -> None:
        replan(session, self.office.activated_at, self.settings, CALENDAR)

    def dispatch(self, moment: str = NINE) -> None:
        with write(self.engine) as session:
            dispatch_due(session, at(moment), self.settings, CALENDAR)

    def deliver(self, channel: object, moment: str | datetime = NINE) -> Delivered:
        now = at(moment) if isinstance(moment, str) else moment
        return deliver_due(self.engine, lambda: now, self.settings, channel)  # type: ignore[arg-type]

    def send(self, moment: str = NINE) -> list[OutgoingMail]:
        channel = NotedChannel()
        self.dispatch(moment)
        self.deliver(channel, moment)
        return channel.mails

    def message(self) -> Notification:
        with read(self.engine) as session:
            return session.exec(select(Notification)).one()

    def attempts(self) -> list[tuple[str, AttemptOutcome]]:
        with read(self.engine) as session:
            rows = session.exec(select(DeliveryAttempt).order_by(col(DeliveryAttempt.id))).all()
            return [(row.address.partition("@")[0], row.outcome) for row in rows]

    def states(self) -> set[tuple[ReminderState, str | None]]:
        with read(self.engine) as session:
            rows = session.exec(select(Reminder).where(Reminder.due_at == at(NINE))).all()
            return {(row.state, row.state_reason) for row in rows}

    @contextmanager
    def change(self) -> Iterator[Session]:
        with write(self.engine) as session:
            self.office.session = session
            yield session


@pytest.fixture
def town(engine: Engine, tmp_path: Path) -> Town:
    return Town(engine, tmp_path)


class Failing:
    """A channel that answers as told, one answer a mail, and then accepts."""

    is_real = False
    reads_content = True

    def __init__(self, *answers: ChannelError | Receipt) -> None:
        self.answers = list(answers)
        self.mails: list[OutgoingMail] = []

    def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
        self.mails.append(mail)
        answer = self.answers.pop(0) if self.answers else Receipt("250 OK")
        if isinstance(answer, ChannelError):
            raise answer
        return answer


# ------------------------------------------------------------------------------------------------ it arrives


def test_a_row_becomes_a_mail_in_the_mailbox(town: Town) -> None:
    town.dispatch()
    with (
        MailboxServer(town.settings.data) as server,
        EmailChannel(SmtpServer(server.host, server.port, "none"), town.settings) as channel,
    ):
        assert town.deliver(channel) == Delivered(sent=1)
        assert town.deliver(channel) == Delivered()
    count, (kept,) = list_mails(mailbox_of(town.settings.data))
    message = town.message()
    assert count == 1
    assert kept.key == message.key
    assert kept.subject == message.subject == "[일정 알림] 오늘 1건 (9. 30. 월) - 인사팀"
    assert kept.recipients == "홍길동 팀장 <p3@office.example>"
    assert kept.sent_at == message.sent_at == at(NINE)
    assert (message.state, message.next_attempt_at, message.error) == (NotificationState.SENT, None, None)
    assert message.recipients[0]["name"] == "홍길동"
    assert town.attempts() == [("p3", AttemptOutcome.ACCEPTED)]


def test_the_link_in_the_mail_opens_and_the_stored_text_does_not_hold_it(town: Town) -> None:
    (mail,) = town.send()
    address = mail.text.partition("한 번에 답하기: ")[2].split()[0]
    token = address.rpartition("/")[2]
    with read(town.engine) as session:
        link = find_link(session, token, at(NINE), SEOUL)
    message = town.message()
    assert isinstance(link, AnswerLink)
    assert (link.post_id, link.notification_id) == (message.post_id, message.id)
    assert token not in f"{message.text}{message.html}"


def test_an_item_stands_once_however_many_reminders_point_at_it(town: Town) -> None:
    (mail,) = town.send()
    assert mail.text.count("청사 로비 공사 준공") == 1
    assert "추진 결과를 알려 주세요." in mail.text  # the day itself and the status request, in one row
    assert "10. 10.(목) 18:00까지 답해 주세요." in mail.text


def test_the_last_answer_is_shown_with_its_day(town: Town) -> None:
    with town.change() as session:
        for day, kind, results in ((9, StatusKind.ON_TRACK, "설계 완료"), (20, StatusKind.DELAYED, "자재 수급 지연")):
            session.add(
                StatusReport(
                    milestone_id=town.today.id,
                    project_id=town.office.project.id,
                    post_id=town.office.head,
                    reported_at=at(f"2024-09-{day:02d} 10:00"),
                    reported_by="홍길동",
                    kind=kind,
                    percent_complete=70,
                    results=results,
                )
            )
    (mail,) = town.send()
    assert "최근 상황: 지연, 공정률 70%, 자재 수급 지연 (9. 20.(금) 보고)" in mail.text


def test_nothing_leaves_where_sending_is_off_or_outside_the_window(town: Town) -> None:
    town.dispatch()
    channel = NotedChannel()
    for moment in ("2024-09-30 18:00", "2024-10-01 10:00", "2024-10-03 10:00"):  # evening, 국군의 날, 개천절
        assert town.deliver(channel, moment) == Delivered()
    with town.change() as session:
        session.get_one(Installation, 1).fingerprint = "somewhere else"
    assert town.deliver(channel) == Delivered()
    assert channel.mails == []
    assert town.message().state is NotificationState.QUEUED


@pytest.mark.parametrize(("moment", "late"), [("2024-09-30 10:00", False), ("2024-09-30 10:01", True)])
def test_a_mail_that_is_an_hour_late_says_so(town: Town, moment: str, late: bool) -> None:
    town.dispatch()
    channel = NotedChannel()
    town.deliver(channel, moment)
    assert ("9. 30.(월) 09:00에 보낼 메일을 예정 시각보다 늦게 보냈습니다." in channel.mails[0].text) is late


def test_a_drill_is_marked(town: Town) -> None:
    with town.change() as session:
        session.get_one(Installation, 1).drill_since = at("2024-09-01 09:00")
    (mail,) = town.send()
    assert mail.subject.startswith("[훈련] ")
    assert mail.text.startswith("[훈련] ")


def test_the_first_mail_through_a_real_server_is_remembered(town: Town) -> None:
    real = replace(town.settings, smtp=SmtpServer("127.0.0.1", 1, "none"))
    town.dispatch()
    with smtp_server(Behaviour()) as port, EmailChannel(SmtpServer("127.0.0.1", port, "none"), real) as channel:
        town.deliver(channel)
    with read(town.engine) as session:
        assert session.get_one(Installation, 1).sent_really_at == at(NINE)


# ------------------------------------------------------------------------------------------------ to whom


def test_a_deputy_gets_it_in_the_name_of_the_absent(town: Town) -> None:
    with town.change() as session:
        deputy = town.office.person("이몽룡", "lee@office.example")
        session.add(Absence(person_id=3, deputy_id=deputy, from_on=date(2024, 9, 30), until_on=date(2024, 9, 30)))
    (mail,) = town.send()
    assert mail.recipients == ("lee@office.example",)
    assert "이몽룡 팀장 업무대행님" in mail.text
    assert "홍길동 팀장님이 자리를 비워" in mail.text
    assert town.message().key.startswith(f"post:{town.office.head}/")


def test_a_vacant_post_is_heard_by_the_one_above(town: Town) -> None:
    with town.change() as session:
        session.get_one(Person, 3).left_on = date(2024, 9, 1)
    (mail,) = town.send()
    assert mail.recipients == ("p2@office.example",)
    assert "인사팀장 자리에 메일을 받을 분이 없어" in mail.text


def test_with_nobody_to_reach_it_waits_for_the_next_morning_visibly(town: Town) -> None:
    with town.change() as session:
        session.execute(update(Person).values(email=None))
    town.dispatch()
    channel = NotedChannel()
    assert town.deliver(channel) == Delivered(unreachable=1)
    message = town.message()
    assert message.state is NotificationState.QUEUED
    assert message.next_attempt_at == at("2024-10-02 09:00")  # 10. 1. is a day off
    assert message.error is not None
    assert message.error.startswith("받을 사람이 없습니다")
    assert town.attempts() == [("", AttemptOutcome.UNREACHABLE)]
    with town.change() as session:
        session.get_one(Person, 3).email = "hong@office.example"
    assert town.deliver(channel, "2024-10-02 09:00") == Delivered(sent=1)


def test_with_nobody_to_reach_the_admin_hears_it(town: Town) -> None:
    town.settings = replace(town.settings, admin_email="admin@office.example")
    with town.change() as session:
        session.execute(update(Person).values(email=None))
    (mail,) = town.send()
    assert mail.recipients == ("admin@office.example",)
    assert "총괄 담당자님" in mail.text
    assert "인사팀장 자리에 메일을 받을 분이 없어" in mail.text


def test_an_address_that_mail_cannot_carry_is_passed_over(town: Town) -> None:
    with town.change() as session:
        session.get_one(Person, 3).email = "홍길동@office.example"
    (mail,) = town.send()
    assert mail.recipients == ("p2@office.example",)
    assert town.attempts() == [("홍길동", AttemptOutcome.PERMANENT), ("p2", AttemptOutcome.ACCEPTED)]


# ------------------------------------------------------------------------------------------------ read again


@pytest.mark.parametrize("what", ["done", "cancelled", "closed"])
def test_what_was_closed_before_it_left_is_not_told(town: Town, what: str) -> None:
    town.dispatch()
    with town.change() as session:
        if what == "closed":
            town.office.project.closed_at = at("2024-09-30 08:59")
            session.add(town.office.project)
        else:
            session.get_one(Milestone, town.today.id).status = MilestoneStatus(what)
    channel = NotedChannel()
    assert town.deliver(channel) == Delivered(cancelled=1)
    message = town.message()
    assert (message.state, message.next_attempt_at) == (NotificationState.CANCELLED, None)
    assert channel.mails == []
    assert {state for state, _ in town.states()} == {ReminderState.CANCELLED}


def test_what_was_moved_before_it_left_drops_out_and_the_rest_goes(town: Town) -> None:
    with town.change() as session:
        other = town.office.milestone("2024-09-30", label="민원실 개소")
        town.replan(session)
    town.dispatch()
    with town.change() as session:
        moved = session.get_one(Milestone, other.id)
        moved.start_on = moved.end_on = date(2024, 12, 2)
    channel = NotedChannel()
    assert town.deliver(channel) == Delivered(sent=1)
    assert "청사 로비 공사 준공" in channel.mails[0].text
    assert "민원실 개소" not in channel.mails[0].text
    assert (ReminderState.CANCELLED, "보내기 전에 일정이 바뀌었습니다") in town.states()


def test_what_was_reassigned_before_it_left_goes_to_the_new_post_instead(town: Town) -> None:
    town.dispatch()
    with town.change() as session:
        session.get_one(Milestone, town.today.id).post_id = town.office.other_head
    channel = NotedChannel()
    assert town.deliver(channel) == Delivered(cancelled=1)
    town.dispatch()
    assert town.deliver(channel) == Delivered(sent=1)
    (mail,) = channel.mails
    assert mail.recipients == ("p4@office.example",)


def test_what_was_answered_before_it_left_is_not_asked(town: Town) -> None:
    town.dispatch()
    with town.change() as session:
        session.execute(update(StatusRequest).values(state=RequestState.SUBMITTED))
    channel = NotedChannel()
    town.deliver(channel)
    assert "청사 로비 공사 준공" in channel.mails[0].text  # the day is still today
    assert "추진 결과를 알려 주세요." not in channel.mails[0].text


def test_an_announcement_that_could_not_leave_in_time_is_missed_and_the_request_still_goes(town: Town) -> None:
    town.dispatch()
    channel = NotedChannel()
    assert town.deliver(channel, "2024-10-04 09:00") == Delivered(sent=1)
    assert channel.mails[0].subject == "[진행상황 요청] 청사 로비 공사 준공 - 10. 10.(목)까지"
    assert "D+4" in channel.mails[0].text
    assert (ReminderState.MISSED, "보내기 전에 날짜가 지났습니다") in town.states()


def test_a_head_sees_whose_item_it_is(town: Town) -> None:
    with town.change() as session:
        reminder = session.exec(select(Reminder).where(Reminder.due_at == at(NINE))).first()
        assert reminder is not None
        session.execute(update(Reminder).where(col(Reminder.id) != reminder.id).values(state=ReminderState.MISSED))
        reminder.level, reminder.post_id = 1, town.office.department_head
    (mail,) = town.send()
    assert mail.recipients == ("p2@office.example",)
    assert "담당: 인사팀장" in mail.text


def test_before_training_of_several_days_its_preparation_is_asked_for(town: Town) -> None:
    with town.change() as session:
        town.office.milestone("2024-10-07", "2024-10-11", kind=MilestoneKind.TRAINING, label="직무 교육")
        town.office.milestone("2024-10-07", kind=MilestoneKind.TRAINING, label="하루 교육")
        town.replan(session)
    (mail,) = town.send()
    several, one_day = mail.text.index("직무 교육"), mail.text.index("하루 교육")
    assert mail.text.count("시작하기 전에 준비 상황을 확인해 주세요.") == 1
    assert several < mail.text.index("시작하기 전에") < one_day or one_day < several < mail.text.index("시작하기 전에")


def test_what_a_round_asks_besides_stands_in_its_mails(town: Town) -> None:
    day = {"as_of_on": date(2024, 9, 30), "now": at(NINE), "settings": town.settings, "calendar": CALENDAR}
    with town.change() as session:
        session.execute(update(Reminder).values(state=ReminderState.MISSED))
        open_round(session, title="9월 취합", questions=["겨울철 안전대책"], by="admin", **day)  # type: ignore[arg-type]
    (mail,) = town.send()
    assert "추진실적에 함께 적어 주세요\n  - 겨울철 안전대책" in mail.text
    assert "겨울철 안전대책" in mail.html


def beside(town: Town, session: Session) -> None:
    """The one reminder of the day is that of a post which supports the project."""
    reminder = session.exec(select(Reminder).where(Reminder.due_at == at(NINE))).first()
    assert reminder is not None
    session.execute(update(Reminder).where(col(Reminder.id) != reminder.id).values(state=ReminderState.MISSED))
    reminder.level, reminder.post_id = BESIDE, town.office.other_head
    project_id = town.office.project.id or 0
    session.add(
        SupportingPost(project_id=project_id, post_id=town.office.other_head, added_at=at(NINE), added_by="admin")
    )


def test_a_post_beside_reads_whose_item_it_is_and_that_it_owes_no_answer(town: Town) -> None:
    with town.change() as session:
        beside(town, session)
    (mail,) = town.send()
    assert mail.recipients == ("p4@office.example",)
    assert mail.subject == "[일정 알림] 협조 일정 1건 (9. 30. 월) - 행정지원팀"
    assert "담당: 인사팀장" in mail.text
    assert "답하지 않으셔도 됩니다" in mail.text
    assert "한 번에 답하기" not in mail.text


def test_a_post_beside_is_told_nothing_that_it_supports_no_more(town: Town) -> None:
    with town.change() as session:
        beside(town, session)
    town.dispatch()
    with town.change() as session:
        session.delete(session.exec(select(SupportingPost)).one())
    assert town.send() == []
    assert (ReminderState.CANCELLED, "보내기 전에 협조 직위에서 빠졌습니다") in town.states()


def test_who_left_a_post_beside_gets_nothing(town: Town) -> None:
    with town.change() as session:
        beside(town, session)
        held = session.exec(select(Assignment).where(Assignment.post_id == town.office.other_head)).one()
        held.until_on = date(2024, 9, 29)
    (mail,) = town.send()
    assert mail.recipients == ("p2@office.example",), "the post above, as for every vacancy"


@pytest.mark.parametrize(
    ("kind", "state", "subject"),
    [
        (NotificationKind.NUDGE, RequestState.REQUESTED, "[미제출 안내] 진행상황 보고 - 10. 4.(금)까지"),
        (NotificationKind.RETURNED, RequestState.RETURNED, "[보완요청] 청사 로비 공사 준공 - 문제점 및 개선방안"),
        (NotificationKind.ROUND, RequestState.REQUESTED, "[진행상황 요청] 진행상황 보고 1건 - 10. 4.(금)까지"),
    ],
)
def test_a_message_of_a_round_tells_its_requests(
    town: Town, kind: NotificationKind, state: RequestState, subject: str
) -> None:
    with town.change() as session:
        request = StatusRequest(
            key="r",
            post_id=town.office.head,
            reason="round",
            state=state,
            requested_at=at(NINE),
            due_at=at("2024-10-04 18:00"),
            comment="문제점 및 개선방안",
        )
        session.add(request)
        session.flush()
        session.add(StatusRequestItem(request_id=request.id, milestone_id=town.today.id))
        session.add(_queued("n", town.office.head, kind))
    channel = NotedChannel()
    assert town.deliver(channel) == Delivered(sent=1)
    assert channel.mails[0].subject == subject
    assert "청사 로비 공사 준공" in channel.mails[0].text


def _queued(key: str, post_id: int, kind: NotificationKind = NotificationKind.MORNING) -> Notification:
    return Notification(
        key=key,
        post_id=post_id,
        channel="email",
        kind=kind,
        slot_at=at(NINE),
        next_attempt_at=at(NINE),
        created_at=at(NINE),
    )


# --------------------------------------------------------------------------------------- when it does not go well


def test_pauses_grow_until_the_attempts_are_used_up(town: Town) -> None:
    town.dispatch()
    channel = Failing(*[ChannelError("451 later")] * MOST_ATTEMPTS)
    waited: list[timedelta] = []
    now = at(NINE)
    for number in range(MOST_ATTEMPTS):
        assert town.deliver(channel, now) == (
            Delivered(retried=1) if number < MOST_ATTEMPTS - 1 else Delivered(failed=1)
        )
        next_at = town.message().next_attempt_at
        if next_at is not None:
            waited.append(next_at - now)
            now = next_at
    minutes = [wait.total_seconds() / 60 for wait in waited]
    assert minutes[:5] == [1, 5, 15, 60, 180]
    assert max(minutes[5:]) >= 900  # from here on they end in the morning after a night or days off
    assert town.message().state is NotificationState.FAILED
    assert len({mail.message_id for mail in channel.mails}) == 1
    assert town.attempts() == [("p3", AttemptOutcome.TEMPORARY)] * MOST_ATTEMPTS


def test_a_mail_refused_for_good_is_failed_at_once(town: Town) -> None:
    town.dispatch()
    assert town.deliver(Failing(ChannelError("554 no", permanent=True))) == Delivered(failed=1)
    message = town.message()
    assert (message.state, message.next_attempt_at, message.error) == (NotificationState.FAILED, None, "554 no")


def test_a_lost_answer_is_tried_once_more_under_the_same_identity(town: Town) -> None:
    town.dispatch()
    lost = ChannelError("connection lost", unknown=True)
    channel = Failing(lost, lost)
    assert town.deliver(channel) == Delivered(retried=1)
    assert town.message().state is NotificationState.UNKNOWN
    assert town.deliver(channel, "2024-09-30 09:01") == Delivered(failed=1)
    assert town.message().state is NotificationState.FAILED
    assert len({mail.message_id for mail in channel.mails}) == 1
    assert town.attempts() == [("p3", AttemptOutcome.UNKNOWN)] * 2


def test_a_lost_answer_may_end_well(town: Town) -> None:
    town.dispatch()
    channel = Failing(ChannelError("connection lost", unknown=True))
    town.deliver(channel)
    assert town.deliver(channel, "2024-09-30 09:01") == Delivered(sent=1)


def test_what_waited_through_an_outage_leaves_as_one_late_mail(town: Town) -> None:
    with town.change() as session:
        town.office.milestone("2024-10-04", label="민원실 개소")
        town.replan(session)
    channel = Failing(*[ChannelDownError("connection refused")] * 2)
    town.dispatch()
    town.deliver(channel)
    town.dispatch("2024-10-04 09:00")
    town.deliver(channel, "2024-10-04 09:00")  # still down
    with town.change() as session:
        waiting = update(Notification).where(col(Notification.next_attempt_at).is_not(None))
        session.execute(waiting.values(next_attempt_at=at("2024-10-04 10:00")))
    assert town.deliver(channel, "2024-10-04 10:00") == Delivered(sent=1)
    last = channel.mails[-1]
    assert last.key.endswith("2024-10-04T09:00")
    assert "청사 로비 공사 준공" in last.text
    assert "민원실 개소" in last.text
    assert "9. 30.(월) 09:00에 보낼 메일을 예정 시각보다 늦게 보냈습니다." in last.text
    with read(town.engine) as session:
        states = session.exec(select(Notification.state).order_by(col(Notification.id))).all()
    assert states == [NotificationState.CANCELLED, NotificationState.SENT]


def test_a_server_that_is_down_costs_the_mails_behind_nothing(town: Town) -> None:
    with town.change() as session:
        town.office.milestone("2024-09-30", project=town.office.make_project("청사 관리", town.office.other_team))
        town.replan(session)
    town.dispatch()
    channel = Failing(ChannelDownError("connection refused"))
    assert town.deliver(channel) == Delivered(retried=2)
    assert len(channel.mails) == 1
    with read(town.engine) as session:
        messages = session.exec(select(Notification).order_by(col(Notification.id))).all()
    assert sorted(message.attempts for message in messages) == [0, 1]
    assert {message.next_attempt_at for message in messages} == {at("2024-09-30 09:01")}
    assert town.deliver(channel, "2024-09-30 09:01") == Delivered(sent=2)


def test_an_address_that_does_not_exist_sends_the_mail_another_way(town: Town) -> None:
    town.dispatch()
    gone = Refusal("p3@office.example", "550 5.1.1 no such user", permanent=True, no_such_address=True)
    channel = Failing(Receipt("", (gone,)))
    assert town.deliver(channel) == Delivered(sent=1, retried=1)
    assert [mail.recipients for mail in channel.mails] == [("p3@office.example",), ("p2@office.example",)]
    with read(town.engine) as session:
        assert session.get_one(Person, 3).bounced_at == at(NINE)
    assert town.message().state is NotificationState.SENT


def test_an_address_that_only_refuses_is_failed_and_not_given_up(town: Town) -> None:
    town.dispatch()
    full = Refusal("p3@office.example", "552 5.2.2 full", permanent=True)
    assert town.deliver(Failing(Receipt("", (full,)))) == Delivered(failed=1)
    with read(town.engine) as session:
        assert session.get_one(Person, 3).bounced_at is None


def test_of_two_holders_only_the_one_who_has_not_got_it_is_tried_again(town: Town) -> None:
    with town.change() as session:
        town.office.assign(town.office.head, town.office.person("이몽룡", "lee@office.example"))
        session.flush()
    town.dispatch()
    grey = Refusal("lee@office.example", "450 4.2.0 greylisted", permanent=False)
    channel = Failing(Receipt("250 OK", (grey,)))
    assert town.deliver(channel) == Delivered(retried=1)
    assert town.deliver(channel, "2024-09-30 09:01") == Delivered(sent=1)
    assert [mail.recipients for mail in channel.mails] == [
        ("p3@office.example", "lee@office.example"),
        ("lee@office.example",),
    ]
    assert [person["name"] for person in town.message().recipients] == ["홍길동", "이몽룡"]


def test_a_mail_that_cannot_be_composed_stops_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from notifications import deliver

    with town.change() as session:
        town.office.milestone("2024-09-30", project=town.office.make_project("청사 관리", town.office.other_team))
        town.replan(session)
    compose = deliver.compose

    def broken(digest: object, *rest: object) -> object:
        if digest.unit == "인사팀":  # type: ignore[attr-defined]
            raise KeyError("a broken template")
        return compose(digest, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(deliver, "compose", broken)
    town.dispatch()
    assert town.deliver(NotedChannel()) == Delivered(sent=1, retried=1)


def test_a_row_that_cannot_be_read_stops_no_other(town: Town) -> None:
    with town.change() as session:
        other = town.office.milestone(
            "2024-09-30", project=town.office.make_project("청사 관리", town.office.other_team)
        )
        town.replan(session)
    town.dispatch()
    with town.change() as session:
        session.execute(text("UPDATE reminder SET ask = 'nonsense' WHERE milestone_id = :id"), {"id": other.id})
    channel = NotedChannel()
    assert town.deliver(channel) == Delivered(sent=1, retried=1)
    assert [mail.recipients for mail in channel.mails] == [("p3@office.example",)]
    with read(town.engine) as session:
        (waiting,) = session.exec(select(Notification).where(Notification.state == NotificationState.QUEUED)).all()
    assert waiting.error is not None
    assert "nonsense" in waiting.error


# ------------------------------------------------------------------------------------------------ several senders


def test_a_message_whose_sender_died_is_taken_over_when_its_lease_ends(town: Town) -> None:
    town.dispatch()

    class Dying:
        is_real = False
        reads_content = True

        def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        town.deliver(Dying())
    channel = NotedChannel()
    lease_ends = at(NINE) + timedelta(seconds=town.settings.lease_seconds)
    assert town.deliver(channel, lease_ends - timedelta(seconds=1)) == Delivered()
    assert town.deliver(channel, lease_ends) == Delivered(sent=1)


def test_a_sender_whose_lease_ran_out_does_not_overwrite_what_another_did(town: Town) -> None:
    town.dispatch()
    channel = NotedChannel()

    class Slow:
        is_real = False
        reads_content = True

        def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
            town.deliver(channel, at(NINE) + timedelta(seconds=town.settings.lease_seconds))
            raise ChannelError("451 later")

    town.deliver(Slow())
    message = town.message()
    assert message.state is NotificationState.SENT
    assert message.next_attempt_at is None


def test_mails_that_the_lease_does_not_reach_are_given_back_untried(town: Town) -> None:
    with town.change() as session:
        town.office.milestone("2024-09-30", project=town.office.make_project("청사 관리", town.office.other_team))
        town.replan(session)
    town.dispatch()
    now, left = [at(NINE)], list[float]()
    channel = NotedChannel()

    class Slow:
        is_real = False
        reads_content = True

        def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
            with read(town.engine) as session:
                message = session.exec(select(Notification).where(Notification.key == mail.key)).one()
            assert message.next_attempt_at is not None
            left.append((message.next_attempt_at - now[0]).total_seconds())
            now[0] += timedelta(seconds=town.settings.lease_seconds * 0.75)
            return channel.deliver(mail)

    assert deliver_due(town.engine, lambda: now[0], town.settings, Slow()) == Delivered(sent=2)
    assert left == [town.settings.lease_seconds] * 2  # each left under a lease that could still hold it
    with read(town.engine) as session:
        assert set(session.exec(select(Notification.attempts))) == {1}
    assert len({mail.key for mail in channel.mails}) == 2


def slow_sender(town: Town, channel: Channel, meanwhile: Callable[[], object]) -> Delivered:
    """One that reads its batch until its lease is over; `meanwhile` others do something."""
    batch = claim_due(town.engine, at(NINE), town.settings, 500)
    assert batch is not None
    moments = iter((at(NINE), at(NINE) + timedelta(seconds=town.settings.lease_seconds)))

    def clock() -> datetime:
        now = next(moments)
        if now > at(NINE):
            meanwhile()
        return now

    return deliver_batch(town.engine, clock, town.settings, channel, batch)


def test_a_sender_that_reads_longer_than_its_lease_sends_nothing_that_another_took_over(town: Town) -> None:
    town.dispatch()
    channel = NotedChannel()

    def take_over() -> None:
        assert town.deliver(channel, at(NINE) + timedelta(seconds=town.settings.lease_seconds)) == Delivered(sent=1)

    assert slow_sender(town, channel, take_over) == Delivered()
    assert len(channel.mails) == 1


def test_messages_that_go_from_hand_to_hand_untried_are_not_given_up(town: Town) -> None:
    town.dispatch()
    channel = NotedChannel()
    later = at(NINE) + timedelta(seconds=town.settings.lease_seconds)

    def take_over() -> None:
        batch = claim_due(town.engine, later, town.settings, 500)
        assert batch is not None
        deliver_batch(town.engine, lambda: later, town.settings, channel, batch, stopping=lambda: True)
        with town.change() as session:
            session.execute(update(Notification).values(next_attempt_at=at(NINE)))

    for _ in range(MOST_ATTEMPTS + 1):
        assert slow_sender(town, channel, take_over) == Delivered()
        assert town.message().attempts == 0
    assert town.deliver(channel) == Delivered(sent=1)


def test_two_senders_at_once_send_each_message_once(town: Town) -> None:
    with town.change() as session:
        for number in range(20):
            unit = town.office.unit(f"{number}시험팀", town.office.team.kind, town.office.department)
            post = town.office.post(unit, "팀장")
            town.office.assign(post, town.office.person(f"사람{number}", f"q{number}@office.example"))
            town.office.milestone("2024-09-30", project=town.office.make_project(f"사업 {number}", unit))
        town.replan(session)
    town.dispatch()
    together = Barrier(2)

    def send() -> tuple[Delivered, list[str]]:
        channel = NotedChannel()
        together.wait()
        done = deliver_due(town.engine, lambda: at(NINE), town.settings, channel, limit=3)
        return done, [mail.key for mail in channel.mails]

    with ThreadPoolExecutor(2) as pool:
        (first, ones), (second, others) = [future.result() for future in [pool.submit(send) for _ in range(2)]]
    assert first.sent + second.sent == len(ones) + len(others) == len({*ones, *others}) == 21


# ------------------------------------------------------------------------------------------------ it comes back


def test_a_bounce_marks_the_message_and_the_address_once(town: Town) -> None:
    with town.change() as session:
        session.get_one(Person, 3).email = "bounce.hong@office.example"
    town.dispatch()
    with (
        MailboxServer(town.settings.data) as server,
        EmailChannel(SmtpServer(server.host, server.port, "none"), town.settings) as channel,
    ):
        town.deliver(channel)
    for expected in (1, 0):
        with write(town.engine) as session:
            assert read_bounces(session, town.settings, at("2024-09-30 09:05")) == expected
    message = town.message()
    assert message.state is NotificationState.BOUNCED
    assert message.error == "bounce.hong@office.example: 반송: 550 5.1.1 No such mailbox here"
    with read(town.engine) as session:
        assert session.get_one(Person, 3).bounced_at == at("2024-09-30 09:05")
    assert town.attempts() == [("bounce.hong", AttemptOutcome.ACCEPTED), ("bounce.hong", AttemptOutcome.PERMANENT)]


def test_a_bounce_of_one_of_two_leaves_the_message_sent(town: Town) -> None:
    with town.change():
        town.office.assign(town.office.head, town.office.person("이몽룡", "bounce@office.example"))
    town.dispatch()
    with (
        MailboxServer(town.settings.data) as server,
        EmailChannel(SmtpServer(server.host, server.port, "none"), town.settings) as channel,
    ):
        town.deliver(channel)
    with write(town.engine) as session:
        assert read_bounces(session, town.settings, at("2024-09-30 09:05")) == 1
    assert town.message().state is NotificationState.SENT


def test_a_bounce_is_read_again_when_its_transaction_failed(town: Town) -> None:
    with town.change() as session:
        session.get_one(Person, 3).email = "bounce.hong@office.example"
    town.dispatch()
    with (
        MailboxServer(town.settings.data) as server,
        EmailChannel(SmtpServer(server.host, server.port, "none"), town.settings) as channel,
    ):
        town.deliver(channel)
    with Session(town.engine) as session:
        assert read_bounces(session, town.settings, at(NINE)) == 1
        session.rollback()
    with write(town.engine) as session:
        assert read_bounces(session, town.settings, at(NINE)) == 1


def test_a_mail_kept_in_the_mailbox_reads_as_it_was_stored(town: Town) -> None:
    town.dispatch()
    with (
        MailboxServer(town.settings.data) as server,
        EmailChannel(SmtpServer(server.host, server.port, "none"), town.settings) as channel,
    ):
        town.deliver(channel)
    box = mailbox_of(town.settings.data)
    mail = read_mail(box, box.names()[0])
    assert mail is not None
    assert mail.header.subject == town.message().subject


def test_a_link_whose_mail_never_left_opens_nothing(town: Town) -> None:
    town.dispatch()
    channel = Failing(ChannelError("451 later"))
    town.deliver(channel)
    token = channel.mails[0].text.partition("/a/")[2].split()[0]
    with read(town.engine) as session:
        assert find_link(session, token, at(NINE), SEOUL) is LinkProblem.UNKNOWN


def test_a_channel_that_reads_no_content_is_spared_composing_it(town: Town) -> None:
    channel = Failing()
    channel.reads_content = False
    town.dispatch()

    assert town.deliver(channel) == Delivered(sent=1)

    (mail,) = channel.mails
    assert (mail.recipients, mail.content, mail.text) == (("p3@office.example",), b"", "")
    assert town.message().subject == mail.subject


class Crowded:
    """A mail server that takes a hundred recipients at a time (RFC 5321 4.5.3.1.8)."""

    is_real = False
    reads_content = True

    def __init__(self) -> None:
        self.mails: list[tuple[str, ...]] = []

    def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
        self.mails.append(mail.recipients[:100])
        full = (Refusal(address, "452 4.5.3 too many recipients", False) for address in mail.recipients[100:])
        return Receipt("250 OK", tuple(full))


def test_a_thousand_holders_are_told_at_once_though_the_server_takes_a_hundred_at_a_time(town: Town) -> None:
    with town.change() as session:
        post = town.office.head
        for number in range(1000):
            person = Person(name=f"홍길동{number}", email=f"crowd{number}@office.example")
            session.add(person)
            session.flush()
            session.add(Assignment(post_id=post, person_id=person.id, from_on=date(2024, 1, 1)))
    channel = Crowded()
    town.dispatch()

    done = town.deliver(channel)

    assert (done.sent, done.failed) == (1, 0)
    told = [address for mail in channel.mails for address in mail]
    assert len(told) == len(set(told))
    assert {f"crowd{number}@office.example" for number in range(1000)} <= set(told)
    message = town.message()
    assert message.state is NotificationState.SENT
    assert len(message.recipients) == len(told)


class Interrupted:
    """While a mail is in the mail server's hands, somebody enters something."""

    is_real = False
    reads_content = True

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act
        self.mails: list[OutgoingMail] = []

    def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
        if not self.mails:
            self.act()
        self.mails.append(mail)
        return Receipt("250 OK")


def test_a_date_moved_while_its_mail_is_in_a_senders_hands_is_told_for_the_new_day_only(town: Town) -> None:
    """The mail cannot be taken back: it counts as told for the old day, and for no other."""

    def move() -> None:
        with town.change() as session:
            town.office.move(session.get_one(Milestone, town.today.id), "2024-10-14")
            replan(session, at(NINE), town.settings, CALENDAR)

    town.dispatch()
    channel = Interrupted(move)
    assert town.deliver(channel) == Delivered(sent=1)

    assert len(channel.mails) == 1
    assert town.message().state is NotificationState.SENT
    assert town.states() == {(ReminderState.DISPATCHED, None)}
    assert town.deliver(channel) == Delivered()
    with read(town.engine) as session:
        ahead = session.exec(select(Reminder).where(Reminder.state == ReminderState.PLANNED)).all()
    assert {row.anchor_on for row in ahead} == {date(2024, 10, 14)}
    first = min(row.due_at for row in ahead)
    [later] = town.send(f"{first.astimezone(SEOUL):%Y-%m-%d %H:%M}")
    assert "2024. 10. 14." in later.text
