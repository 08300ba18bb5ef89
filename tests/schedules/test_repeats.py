"""Repeats come to an end: with any answer, only with the milestone, or after so many of them."""

import pytest
from sqlmodel import Session, col, select

from models import Milestone, Reminder, ReminderState, RequestState, StatusKind, StatusRequest
from notifications.outbox import dispatch_due
from schedules.answers import Answer, record_answers
from schedules.calendar import WorkingCalendar
from schedules.explain import explain
from schedules.plan import replan
from schedules.rule import RuleError
from schedules.rules import load_rules, set_rule
from tests.schedules.office import SEOUL, SmallOffice, at, reminders, run_until, settings

CALENDAR = WorkingCalendar()
WEEKS = ["10-07", "10-14", "10-21", "10-28", "11-04", "11-11", "11-18"]  # Mondays after 30 September


@pytest.fixture
def office(session: Session) -> SmallOffice:
    """One deadline, 2024-09-30, late from 2024-10-07 on."""
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    return office


def overdue(session: Session, moment: str = "2024-09-02 09:00", **values: object) -> None:
    set_rule(session, {"name": "overdue", **values}, by="admin", now=at(moment))
    replan(session, at(moment), settings(), CALENDAR)


def answer(session: Session, office: SmallOffice, kind: StatusKind, moment: str) -> None:
    record_answers(
        session,
        post_id=office.head,
        by="홍길동 팀장",
        answers=[Answer(1, kind)],
        now=at(moment),
        settings=settings(),
        calendar=CALENDAR,
    )


def days(session: Session, state: ReminderState = ReminderState.DISPATCHED, level: int = 0) -> list[str]:
    """The days of the overdue reminders in that state."""
    rows = [row for row in reminders(session, state) if row.ask == "overdue" and row.level == level]
    return [f"{row.due_at.astimezone(SEOUL):%m-%d}" for row in rows]


def why(session: Session, moment: str, rule: str = "overdue") -> str:
    lines = explain(session, 1, at(moment), settings())
    return next(line for line in lines if line.startswith(f"규칙 {rule}: ")).partition(": ")[2]


def test_any_answer_ends_the_repeats_unless_the_rule_says_otherwise(session: Session, office: SmallOffice) -> None:
    overdue(session)
    run_until(session, "2024-10-15 18:00")
    answer(session, office, StatusKind.ON_TRACK, "2024-10-16 11:00")
    run_until(session, "2024-11-30 18:00")
    assert days(session) == WEEKS[:2]
    assert why(session, "2024-10-17 09:00") == "적용됨, 답이 와서 더 알리지 않습니다"


def test_until_done_an_answer_only_puts_the_next_repeat_off(session: Session, office: SmallOffice) -> None:
    overdue(session, repeat_until="done")
    run_until(session, "2024-10-15 18:00")
    answer(session, office, StatusKind.ON_TRACK, "2024-10-16 11:00")
    assert days(session, ReminderState.PLANNED) == [WEEKS[3]], "a week after the answer at the soonest"
    assert why(session, "2024-10-17 09:00") == "적용됨, 답이 왔지만 완료될 때까지 다시 알립니다"
    [request] = session.exec(select(StatusRequest)).all()
    assert request.state is RequestState.SUBMITTED
    run_until(session, "2024-11-05 18:00")
    session.refresh(request)
    assert request.state is RequestState.REQUESTED, "asked anew"
    answer(session, office, StatusKind.DONE, "2024-11-06 11:00")
    run_until(session, "2024-12-31 18:00")
    assert days(session) == [*WEEKS[:2], *WEEKS[3:5]]
    assert days(session, ReminderState.PLANNED) == []


def test_until_done_what_was_answered_before_the_first_reminder_is_repeated_all_the_same(
    session: Session, office: SmallOffice
) -> None:
    overdue(session, repeat_until="done")
    run_until(session, "2024-09-30 18:00")
    answer(session, office, StatusKind.ON_TRACK, "2024-10-04 11:00")
    run_until(session, "2024-10-22 18:00")
    assert days(session) == WEEKS[1:3], "not three days after the answer"


def test_a_repeat_that_waited_while_sending_was_off_is_put_off_by_an_answer(
    session: Session, office: SmallOffice
) -> None:
    overdue(session, repeat_until="done")
    run_until(session, "2024-10-13 18:00")
    answer(session, office, StatusKind.ON_TRACK, "2024-10-16 11:00")  # that of 14 October waits still
    run_until(session, "2024-10-31 18:00")
    assert days(session) == [WEEKS[0], WEEKS[3]]


@pytest.mark.parametrize("until", ["answered", "done"])
def test_so_many_repeats_are_told_and_no_more(session: Session, office: SmallOffice, until: str) -> None:
    overdue(session, most_repeats=2, levels=[0, 1], repeat_until=until)
    run_until(session, "2024-12-31 18:00")
    assert days(session) == days(session, level=1) == WEEKS[:3]
    assert why(session, "2025-01-02 09:00") == "적용됨, 반복 2번을 모두 알려 더 알리지 않습니다"


def test_another_day_is_repeated_as_often_again(session: Session, office: SmallOffice) -> None:
    overdue(session, most_repeats=1)
    run_until(session, "2024-10-31 18:00")
    office.move(session.get_one(Milestone, 1), "2024-11-04")
    replan(session, at("2024-11-01 09:00"), settings(), CALENDAR)
    run_until(session, "2024-12-31 18:00")
    assert days(session) == [*WEEKS[:2], *WEEKS[5:7]]


def test_a_downtime_uses_up_one_repeat_and_not_three(session: Session, office: SmallOffice) -> None:
    overdue(session, most_repeats=2)
    run_until(session, "2024-10-07 18:00")
    dispatch_due(session, at("2024-10-30 09:00"), settings(), CALENDAR)  # nothing looked for three weeks
    run_until(session, "2024-12-31 18:00")
    assert [row.repeat_number for row in reminders(session, ReminderState.DISPATCHED) if row.repeat_number] == [1, 4]


def test_fewer_repeats_than_were_told_take_back_what_is_ahead(session: Session, office: SmallOffice) -> None:
    overdue(session)
    run_until(session, "2024-10-22 18:00")
    assert days(session, ReminderState.PLANNED) == [WEEKS[3]]
    overdue(session, "2024-10-23 09:00", most_repeats=2)
    assert days(session, ReminderState.PLANNED) == []
    overdue(session, "2024-10-23 09:05", most_repeats=3)
    assert days(session, ReminderState.PLANNED) == [WEEKS[3]]


def test_a_check_that_nobody_answers_stops_and_an_answer_begins_it_anew(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone(None, None, label="예산 확보 후 추진")
    values: dict[str, object] = {"name": "check", "offsets": [5], "repeat_every": 5, "most_repeats": 2}
    set_rule(session, values, by="admin", now=office.activated_at)
    replan(session, office.activated_at, settings(), CALENDAR)

    def checked() -> int:
        rows = select(Reminder).where(Reminder.state == ReminderState.DISPATCHED, col(Reminder.ask) == "check")
        return len(session.exec(rows).all())

    run_until(session, "2024-10-31 18:00")
    assert checked() == 3
    assert why(session, "2024-11-01 09:00", "check") == "적용됨, 반복 2번을 모두 알려 더 알리지 않습니다"
    answer(session, office, StatusKind.NO_CHANGE, "2024-11-01 11:00")
    run_until(session, "2024-12-31 18:00")
    assert checked() == 6


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"repeat_every": 0, "most_repeats": 3}, "most_repeats", "반복하지 않는 규칙"),
        ({"most_repeats": 101}, "most_repeats", "1에서 100 사이"),
        ({"most_repeats": -1}, "most_repeats", "0 이상의 정수"),
        ({"repeat_every": 0, "repeat_until": "done"}, "repeat_until", "repeat_every를 정하거나"),
        ({"repeat_until": "never"}, "repeat_until", "answered, done"),
        ({"name": "check", "repeat_until": "done"}, "repeat_until", "답하면 그날부터 다시 셉니다"),
        ({"name": "today", "most_repeats": 3}, "most_repeats", "반복하지 않는 규칙"),
    ],
)
def test_an_end_that_cannot_be_is_refused(
    session: Session, office: SmallOffice, values: dict[str, object], field: str, words: str
) -> None:
    before = load_rules(session)
    with pytest.raises(RuleError, match=words) as refused:
        set_rule(session, {"name": "overdue", **values}, by="admin", now=at("2024-09-02 09:00"))
    assert refused.value.field == field
    assert load_rules(session) == before
