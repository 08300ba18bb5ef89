"""What nobody answers climbs to the post above: once, on its day, along the chain it started with, unless answered."""

from datetime import date

import pytest
from sqlmodel import Session, select

from models import (
    Ask,
    EscalationPause,
    EscalationStep,
    Milestone,
    MilestoneStatus,
    NotificationKind,
    Person,
    Reminder,
    ReminderRule,
    ReminderState,
    StatusKind,
)
from schedules.answers import Answer, record_answers
from schedules.calendar import OwnDay, WorkingCalendar
from schedules.escalation_pauses import PauseError, acknowledge, list_told, snooze
from schedules.escalation_steps import Step, default_steps, load_steps, set_steps
from schedules.plan import replan
from schedules.rule import RuleError
from tests.schedules.office import SmallOffice, at, messages, reminders, run_until, settings

CALENDAR = WorkingCalendar()
NOW = at("2024-09-02 09:00")


@pytest.fixture
def office(session: Session) -> SmallOffice:
    """One deadline, 2024-09-30; ten working days later, past 국군의날, 개천절 and 한글날, is 2024-10-17."""
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    replan(session, office.activated_at, settings(), CALENDAR)
    return office


def climbing(session: Session) -> list[Reminder]:
    return [row for row in reminders(session) if row.ask is Ask.ESCALATION]


def reports(session: Session) -> list[str]:
    return [row.key for row in messages(session) if row.kind is NotificationKind.SUMMARY]


def steps(session: Session, *wanted: Step) -> None:
    set_steps(session, "status", wanted, by="admin", now=NOW)


def answer(session: Session, office: SmallOffice, moment: str, kind: StatusKind = StatusKind.ON_TRACK) -> None:
    record_answers(
        session,
        post_id=office.head,
        by="홍길동 팀장",
        answers=[Answer(1, kind)],
        now=at(moment),
        settings=settings(),
        calendar=CALENDAR,
    )


def test_ten_working_days_without_an_answer_the_department_head_hears_it_once(
    session: Session, office: SmallOffice
) -> None:
    assert climbing(session) == [], "nothing climbs before it is asked"
    run_until(session, "2024-10-17 08:59")
    assert reports(session) == []
    run_until(session, "2024-12-31 18:00")
    assert reports(session) == [f"post:{office.department_head}/email/summary/2024-10-17T09:00"]
    (step,) = climbing(session)
    rule = session.exec(select(ReminderRule).where(ReminderRule.name == "status")).one()
    assert step.key == f"rule:{rule.id}/milestone:1/end/2024-09-30/escalation:10/level:1"


def test_an_answer_ends_it(session: Session, office: SmallOffice) -> None:
    run_until(session, "2024-10-08 10:00")
    answer(session, office, "2024-10-08 11:00")
    run_until(session, "2024-12-31 18:00")
    assert reports(session) == []
    assert [row.state for row in climbing(session)] == [ReminderState.CANCELLED]


@pytest.mark.parametrize("status", [MilestoneStatus.DONE, MilestoneStatus.CANCELLED])
def test_closed_by_whatever_path_it_is_not_told(session: Session, office: SmallOffice, status: MilestoneStatus) -> None:
    run_until(session, "2024-10-08 10:00")
    session.get_one(Milestone, 1).status = status
    session.flush()
    run_until(session, "2024-12-31 18:00")
    assert reports(session) == []


def test_a_moved_deadline_begins_a_new_chain(session: Session, office: SmallOffice) -> None:
    run_until(session, "2024-10-08 10:00")
    office.move(session.get_one(Milestone, 1), "2024-10-31")
    replan(session, at("2024-10-08 11:00"), settings(), CALENDAR)
    run_until(session, "2024-12-31 18:00")
    assert reports(session) == [f"post:{office.department_head}/email/summary/2024-11-14T09:00"]


def test_a_late_question_is_not_reported_on_the_same_day(session: Session) -> None:
    """After a long downtime the question goes out first, and the wait begins with it."""
    office = SmallOffice(session, activated="2024-09-02 08:00")
    office.milestone("2024-05-31")
    replan(session, office.activated_at, settings(), CALENDAR)
    run_until(session, "2024-09-19 18:00")
    assert reports(session) == [f"post:{office.department_head}/email/summary/2024-09-19T09:00"], "ten after 9. 2."


def test_days_and_posts_are_fixed_when_it_starts(session: Session, office: SmallOffice) -> None:
    run_until(session, "2024-10-02 18:00")
    steps(session, Step(3, 2))
    before = [(row.post_id, row.due_at) for row in climbing(session)]
    calendar = WorkingCalendar({date(2024, 10, 4): OwnDay(False, "재량휴무")})
    replan(session, at("2024-10-02 18:00"), settings(), calendar)
    assert [(row.post_id, row.due_at) for row in climbing(session)] == before


def test_a_head_whom_no_mail_reaches_is_passed_over_upwards(session: Session) -> None:
    office = SmallOffice(session)
    session.get_one(Person, 2).email = None  # 과장이
    office.milestone("2024-09-30")
    replan(session, office.activated_at, settings(), CALENDAR)
    run_until(session, "2024-10-17 18:00")
    assert [row.post_id for row in climbing(session)] == [office.bureau_head]


def test_the_second_step_goes_one_higher(session: Session, office: SmallOffice) -> None:
    steps(session, Step(10, 1), Step(20, 2))
    run_until(session, "2024-12-31 18:00")
    assert reports(session) == [
        f"post:{office.department_head}/email/summary/2024-10-17T09:00",
        f"post:{office.bureau_head}/email/summary/2024-10-31T09:00",
    ]


def test_two_items_at_once_are_one_report(session: Session, office: SmallOffice) -> None:
    office.milestone("2024-09-30", label="개소", project=office.make_project("청사 관리", office.other_team))
    replan(session, office.activated_at, settings(), CALENDAR)
    run_until(session, "2024-10-17 18:00")
    assert len(reports(session)) == 1
    assert len({row.notification_id for row in climbing(session)}) == 1


def test_given_to_another_team_it_still_climbs_to_a_post_above(session: Session, office: SmallOffice) -> None:
    run_until(session, "2024-10-08 10:00")
    milestone = session.get_one(Milestone, 1)
    milestone.post_id = office.department_head
    session.flush()
    replan(session, at("2024-10-08 11:00"), settings(), CALENDAR)
    assert [row.post_id for row in climbing(session)] == [office.bureau_head]


def test_moved_and_moved_back_it_climbs_as_before(session: Session, office: SmallOffice) -> None:
    run_until(session, "2024-10-08 10:00")
    milestone = session.get_one(Milestone, 1)
    office.move(milestone, "2024-10-15")
    replan(session, at("2024-10-08 10:00"), settings(), CALENDAR)
    office.move(milestone, "2024-09-30")
    replan(session, at("2024-10-08 10:30"), settings(), CALENDAR)
    run_until(session, "2024-12-31 18:00")
    assert reports(session) == [f"post:{office.department_head}/email/summary/2024-10-17T09:00"]


def test_the_default_is_readable_and_installed(session: Session, office: SmallOffice) -> None:
    assert default_steps() == {"status": (Step(10, 1),)}
    names = {rule.id: rule.name for rule in session.exec(select(ReminderRule))}
    assert {names[rule_id]: found for rule_id, found in load_steps(session).items()} == default_steps()


@pytest.mark.parametrize(
    ("name", "wanted", "words"),
    [
        ("status", [Step(0, 1)], "근무일 1에서"),
        ("status", [Step(5, 3)], "1\\(바로 위\\)에서 2"),
        ("status", [Step(5, 0)], "1\\(바로 위\\)에서 2"),
        ("status", [Step(5, 2), Step(10, 1)], "위로 올라가야"),
        ("today", [Step(5, 1)], "위로 보고하지 않습니다"),
        ("없는 규칙", [Step(5, 1)], "규칙이 없습니다"),
    ],
)
def test_steps_that_make_no_sense_are_refused(
    session: Session, office: SmallOffice, name: str, wanted: list[Step], words: str
) -> None:
    with pytest.raises(RuleError, match=words):
        set_steps(session, name, wanted, by="admin", now=NOW)
    assert [(row.after_working_days, row.level) for row in session.exec(select(EscalationStep))] == [(10, 1)]


# ------------------------------------------------------------------------------------------------ 확인·보류


def listed(session: Session, office: SmallOffice) -> list[str]:
    return [one.label for one in list_told(session, settings(), office.department_head)]


def acknowledged(session: Session, office: SmallOffice, moment: str) -> EscalationPause:
    return acknowledge(
        session,
        1,
        post_id=office.department_head,
        by="과장이 과장",
        now=at(moment),
        settings=settings(),
        calendar=CALENDAR,
    )


def snoozed(session: Session, office: SmallOffice, until: str, reason: str = "예산 협의 중") -> EscalationPause:
    return snooze(
        session,
        1,
        date.fromisoformat(until),
        reason,
        post_id=office.department_head,
        by="과장이 과장",
        now=at("2024-10-17 10:00"),
        settings=settings(),
        calendar=CALENDAR,
    )


def test_acknowledged_it_waits_five_working_days_and_is_told_again(session: Session, office: SmallOffice) -> None:
    steps(session, Step(10, 1), Step(12, 2))
    run_until(session, "2024-10-17 09:00")
    assert listed(session, office) == ["준공"]
    assert acknowledged(session, office, "2024-10-17 10:00").until_on == date(2024, 10, 24)
    run_until(session, "2024-10-24 08:59")
    assert len(reports(session)) == 1, "the second step would have been due on the 21st"
    run_until(session, "2024-12-31 18:00")
    assert sorted(reports(session)[1:]) == sorted(
        f"post:{post}/email/summary/2024-10-24T09:00" for post in (office.department_head, office.bureau_head)
    )


def test_snoozed_until_a_day_it_is_told_again_on_that_day_only(session: Session, office: SmallOffice) -> None:
    run_until(session, "2024-10-17 09:00")
    snoozed(session, office, "2024-11-01")
    snoozed(session, office, "2024-11-02")  # a Saturday: the Monday after
    run_until(session, "2024-12-31 18:00")
    assert reports(session)[1:] == [f"post:{office.department_head}/email/summary/2024-11-04T09:00"]


def test_an_answer_ends_what_was_snoozed(session: Session, office: SmallOffice) -> None:
    run_until(session, "2024-10-17 09:00")
    snoozed(session, office, "2024-11-01")
    answer(session, office, "2024-10-18 09:00")
    assert listed(session, office) == []
    run_until(session, "2024-12-31 18:00")
    assert len(reports(session)) == 1


def test_what_starts_to_climb_while_it_is_snoozed_waits_too(session: Session, office: SmallOffice) -> None:
    run_until(session, "2024-10-17 09:00")
    snoozed(session, office, "2024-11-15")
    set_steps(session, "overdue", [Step(3, 2)], by="admin", now=NOW)  # asked again on the 21st: due on the 24th
    run_until(session, "2024-11-14 18:00")
    assert len(reports(session)) == 1
    run_until(session, "2024-11-15 18:00")
    assert f"post:{office.bureau_head}/email/summary/2024-11-15T09:00" in reports(session)


def test_only_what_was_told_can_be_put_off_and_only_for_a_while_with_a_reason(
    session: Session, office: SmallOffice
) -> None:
    run_until(session, "2024-10-08 10:00")
    with pytest.raises(PauseError, match="보고된 일정이 아니거나"):
        acknowledged(session, office, "2024-10-08 11:00")
    run_until(session, "2024-10-17 09:00")
    for until, reason, said in (
        ("2024-10-17", "협의", "내일부터 2025. 1. 17.까지"),
        ("2025-06-01", "협의", "내일부터"),
        ("2024-11-01", " ", "사유를"),
    ):
        with pytest.raises(PauseError, match=said):
            snoozed(session, office, until, reason)
    with pytest.raises(PauseError):
        acknowledge(session, 1, post_id=office.other_head, by="성춘향", now=NOW, settings=settings(), calendar=CALENDAR)
