"""A rule's channels in their order: who cannot be reached on one hears on the next, and so does who does not answer."""

import pytest
from sqlmodel import Session, col, select

from models import (
    Account,
    AccountRole,
    Assignment,
    ChannelName,
    MilestoneStatus,
    NotificationKind,
    Person,
    Reminder,
    ReminderState,
    Role,
    StatusKind,
)
from schedules.answers import Answer, record_answers
from schedules.calendar import WorkingCalendar
from schedules.explain import explain
from schedules.fallback import NO_READER
from schedules.paper import HANDED, read_paper_list
from schedules.plan import replan
from schedules.rule import RuleError
from schedules.rules import set_rule
from tests.schedules.office import SEOUL, SmallOffice, at, messages, reminders, run_until, settings

CALENDAR = WorkingCalendar()
NOW = at("2024-09-02 09:00")
EVERYTHING = ["email", "inbox", "paper"]


@pytest.fixture
def office(session: Session) -> SmallOffice:
    """One deadline, 2024-09-30; five working days later, past 국군의날, 개천절 and 한글날, is 2024-10-10."""
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    replan(session, office.activated_at, settings(), CALENDAR)
    return office


def order(session: Session, *channels: str, rule: str = "status", **more: object) -> None:
    set_rule(session, {"name": rule, "channels": list(channels), **more}, by="admin", now=NOW)
    replan(session, NOW, settings(), CALENDAR)


def account(session: Session, unit_id: int | None) -> Account:
    account = Account(name="hong", created_at=NOW)
    session.add(account)
    session.flush()
    session.add(AccountRole(account_id=account.id, role=Role.LEAD, unit_id=unit_id))
    session.flush()
    return account


def without_address(session: Session, post_id: int) -> None:
    held = session.exec(select(Person).join(Assignment).where(Assignment.post_id == post_id)).one()
    held.email = None
    session.add(held)
    session.flush()


def about(session: Session, rule: str = "status") -> list[str]:
    """`email 09-30`: on which channel the rule was told, and when, in that order."""
    by_id = {message.id: message for message in messages(session)}
    rows = [row for row in reminders(session, ReminderState.DISPATCHED) if row.ask == rule]
    told = [by_id[row.notification_id] for row in rows]
    return [f"{one.channel} {one.slot_at.astimezone(SEOUL):%m-%d}" for one in told]


def answer(session: Session, office: SmallOffice, moment: str) -> None:
    record_answers(
        session,
        post_id=office.head,
        by="홍길동 팀장",
        answers=[Answer(1, StatusKind.ON_TRACK)],
        now=at(moment),
        settings=settings(),
        calendar=CALENDAR,
    )


def test_what_nobody_answers_is_asked_again_on_each_channel_once(session: Session, office: SmallOffice) -> None:
    order(session, *EVERYTHING)
    account(session, office.team.id)
    run_until(session, "2024-12-31 18:00")
    assert about(session) == ["email 09-30", "inbox 10-10", "paper 10-17"]
    again = [row for row in reminders(session) if row.channel is not None]
    assert [row.key.partition("/milestone:")[2] for row in again] == [
        "1/end/2024-09-30/channel:inbox",
        "1/end/2024-09-30/channel:paper",
    ]
    keys = {message.key for message in messages(session)}
    assert f"post:{office.head}/inbox/morning/2024-10-10T09:00" in keys
    assert f"post:{office.head}/paper/morning/2024-10-17T09:00" in keys
    first = next(row for row in reminders(session) if row.ask == "status" and row.channel is None)
    assert first.key.endswith("/end/2024-09-30/0/level:0"), "what went out before keeps its key"


def test_an_answer_takes_back_what_is_ahead(session: Session, office: SmallOffice) -> None:
    order(session, *EVERYTHING)
    account(session, office.team.id)
    run_until(session, "2024-10-14 10:00")
    answer(session, office, "2024-10-14 10:00")
    run_until(session, "2024-12-31 18:00")
    assert about(session) == ["email 09-30", "inbox 10-10"]


def test_one_without_an_address_hears_on_the_next_channel_at_once(session: Session, office: SmallOffice) -> None:
    order(session, *EVERYTHING)
    account(session, office.team.id)
    without_address(session, office.head)
    run_until(session, "2024-12-31 18:00")
    assert about(session) == ["inbox 09-30", "paper 10-10"]


def test_a_channel_without_a_reader_is_passed_over_and_paper_comes_once(session: Session, office: SmallOffice) -> None:
    """An account of the department is the department's: it does not read for the team."""
    order(session, *EVERYTHING)
    account(session, office.department.id)
    run_until(session, "2024-12-31 18:00")
    assert about(session) == ["email 09-30", "paper 10-10"]
    (gone,) = [row for row in reminders(session, ReminderState.CANCELLED) if row.channel == ChannelName.PAPER]
    assert gone.state_reason == "이 경로로 이미 알렸습니다"


def test_nobody_on_the_last_channel_is_said_on_the_row(session: Session, office: SmallOffice) -> None:
    order(session, "email", "inbox")
    account(session, office.team.id).disabled_at = NOW
    run_until(session, "2024-12-31 18:00")
    assert about(session) == ["email 09-30"]
    (gone,) = [row for row in reminders(session) if row.channel is not None]
    assert (gone.state, gone.state_reason) == (ReminderState.CANCELLED, NO_READER)


def test_a_rule_that_reaches_nobody_goes_by_mail_to_the_post_above(session: Session, office: SmallOffice) -> None:
    order(session, "inbox")
    run_until(session, "2024-12-31 18:00")
    assert about(session) == ["email 09-30"]


def test_what_asks_for_no_answer_only_passes_over_channels(session: Session, office: SmallOffice) -> None:
    order(session, "inbox", "email", rule="today")
    account(session, office.team.id)
    run_until(session, "2024-12-31 18:00")
    assert about(session, "today") == ["inbox 09-30"]
    assert [row for row in reminders(session) if row.channel is not None] == []


def test_closed_or_moved_it_is_not_asked_again(session: Session, office: SmallOffice) -> None:
    order(session, "email", "paper")
    run_until(session, "2024-10-01 09:00")
    milestone = session.get_one(type(office.milestone("2024-12-01")), 1)
    milestone.status = MilestoneStatus.DONE
    session.add(milestone)
    replan(session, at("2024-10-02 09:00"), settings(), CALENDAR)
    (row,) = [row for row in reminders(session) if row.channel is not None]
    assert row.state is ReminderState.CANCELLED
    assert row.state_reason == "완료된 일정입니다"


def test_paper_lists_what_a_rule_has_brought_to_it(session: Session, office: SmallOffice) -> None:
    order(session, "email", "paper", fallback_working_days=2)
    run_until(session, "2024-10-02 18:00")
    assert read_paper_list(session, at("2024-10-02 18:00"), settings(), CALENDAR) == []
    run_until(session, "2024-10-04 09:00")
    (slip,) = read_paper_list(session, at("2024-10-04 10:00"), settings(), CALENDAR)
    assert (slip.post_id, slip.why, slip.waited) == (office.head, HANDED, 2)
    answer(session, office, "2024-10-04 11:00")
    assert read_paper_list(session, at("2024-10-04 12:00"), settings(), CALENDAR) == []


def test_reports_upwards_stay_mails(session: Session, office: SmallOffice) -> None:
    order(session, "paper")
    run_until(session, "2024-12-31 18:00")
    assert {one.channel for one in messages(session) if one.kind is NotificationKind.SUMMARY} == {"email"}


def test_explaining_says_the_order_and_why_one_is_passed_over(session: Session, office: SmallOffice) -> None:
    order(session, *EVERYTHING)
    run_until(session, "2024-09-30 09:00")
    lines = [line.strip() for line in explain(session, 1, at("2024-10-01 09:00"), settings())]
    assert f"경로: 전자우편 → 받은 알림({NO_READER}) → 종이 목록, 답이 없으면 근무일 5일마다 다음 경로로" in lines
    assert any(
        line.startswith("2024. 10. 10.(목) 09:00") and "답이 없으면 다시 알림 · 받은 알림" in line for line in lines
    )


@pytest.mark.parametrize(
    ("rule", "values", "field"),
    [
        ("status", {"channels": ["paper", "email"]}, "channels"),
        ("status", {"channels": ["fax"]}, "channels"),
        ("today", {"channels": ["email", "paper"]}, "channels"),
        ("status", {"fallback_working_days": 0}, "fallback_working_days"),
        ("status", {"fallback_working_days": 61}, "fallback_working_days"),
    ],
)
def test_an_order_that_cannot_work_is_refused(
    session: Session, office: SmallOffice, rule: str, values: dict[str, object], field: str
) -> None:
    with pytest.raises(RuleError) as refused:
        set_rule(session, {"name": rule, **values}, by="admin", now=NOW)
    assert refused.value.field == field
    assert session.exec(select(Reminder.id).where(col(Reminder.channel).is_not(None))).all() == []
