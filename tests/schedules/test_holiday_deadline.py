"""A deadline on a day off: before it, after it or as it stands, and never a second mail because the choice changed."""

from datetime import date

import pytest
from sqlmodel import Session, select

from models import AuditEntry, HolidayDeadline, MilestoneKind, OfficeDayKind, StatusKind
from schedules.answers import Answer, record_answers
from schedules.calendar import WorkingCalendar
from schedules.explain import explain
from schedules.office_days import DayChange, load_calendar, set_day, set_holiday_deadline
from schedules.plan import replan
from tests.schedules.office import SmallOffice, at, planned, run_until, settings, told

BEFORE, AFTER, AS_IS = HolidayDeadline.BEFORE, HolidayDeadline.AFTER, HolidayDeadline.AS_IS
SUNDAY = "2024-10-13"
START = "2024-09-02 08:00"


def choose(session: Session, choice: HolidayDeadline, now: str = START) -> DayChange:
    return set_holiday_deadline(session, choice, by="admin", now=at(now), settings=settings())


@pytest.fixture
def office(session: Session) -> SmallOffice:
    office = SmallOffice(session)
    office.milestone(SUNDAY)
    replan(session, at(START), settings(), load_calendar(session))
    return office


def days(session: Session) -> list[str]:
    return [line.partition(" end ")[0] + line.partition("@")[2][:11] for line in planned(session)]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (AS_IS, ["today +0 2024-10-11", "upcoming -1 2024-10-11", "status +0 2024-10-14", "overdue +7 2024-10-21"]),
        (BEFORE, ["upcoming -1 2024-10-10", "today +0 2024-10-11", "status +0 2024-10-11", "overdue +7 2024-10-18"]),
        (AFTER, ["upcoming -1 2024-10-11", "today +0 2024-10-14", "status +0 2024-10-14", "overdue +7 2024-10-21"]),
    ],
)
def test_reminders_count_to_the_day_the_office_chose_and_keep_their_anchor(
    office: SmallOffice, choice: HolidayDeadline, expected: list[str]
) -> None:
    before = {line.partition("@")[0] for line in planned(office.session)}
    choose(office.session, choice)
    assert sorted(days(office.session)[2:]) == sorted(expected)
    assert {line.partition("@")[0] for line in planned(office.session)} == before
    choose(office.session, AS_IS)
    assert "status +0 2024-10-14" in days(office.session)


def test_the_choice_shows_what_it_moves_and_is_kept_on_record(office: SmallOffice) -> None:
    office.milestone("2024-10-16", label="평일 기한")
    replan(office.session, at(START), settings(), load_calendar(office.session))
    change = choose(office.session, BEFORE)
    assert {one.label for one in change.moved} == {"준공"}
    assert change.plan.planned == change.plan.cancelled == 0
    entry = office.session.exec(select(AuditEntry).where(AuditEntry.act == "day.deadline")).one()
    assert entry.detail == "as_is -> before"


def test_nothing_is_told_twice_because_the_choice_changes_on_the_way(office: SmallOffice) -> None:
    session = office.session
    choose(session, BEFORE)
    run_until(session, "2024-10-11 10:00", load_calendar(session))
    choose(session, AFTER, "2024-10-11 10:00")
    run_until(session, "2024-10-14 12:00", load_calendar(session))
    asked = [part for line in told(session) for part in line.partition(" | ")[2].split(", ")]
    assert asked.count(f"status {SUNDAY}") == asked.count(f"today {SUNDAY}") == 1


def test_the_day_after_a_holiday_is_the_day_itself_and_not_missed(office: SmallOffice) -> None:
    choose(office.session, AFTER)
    run_until(office.session, "2024-10-14 12:00", load_calendar(office.session))
    assert told(office.session)[-1] == f"2024-10-14T09:00 | status {SUNDAY}, today {SUNDAY}"


def test_an_answer_on_the_earlier_day_is_an_answer_at_the_end(office: SmallOffice) -> None:
    session = office.session
    choose(session, BEFORE)
    calendar = load_calendar(session)
    run_until(session, "2024-10-11 10:00", calendar)
    record_answers(
        session,
        post_id=office.head,
        by="홍길동",
        answers=[Answer(1, StatusKind.ON_TRACK)],
        now=at("2024-10-11 11:00"),
        settings=settings(),
        calendar=calendar,
    )
    assert [line for line in planned(session) if line.startswith("overdue")] == []


@pytest.mark.parametrize("kind", [MilestoneKind.EVENT, MilestoneKind.MEETING, MilestoneKind.TRAINING])
def test_what_is_held_on_a_day_off_is_held_on_it(session: Session, kind: MilestoneKind) -> None:
    office = SmallOffice(session)
    office.milestone(SUNDAY, kind=kind)
    replan(session, at(START), settings(), load_calendar(session))
    before = planned(session)
    choose(session, AFTER)
    assert planned(session) == before


def test_a_day_off_entered_later_moves_the_deadline_on(office: SmallOffice) -> None:
    choose(office.session, AFTER)
    how = {"by": "admin", "now": at(START), "settings": settings()}
    set_day(office.session, date(2024, 10, 14), OfficeDayKind.HOLIDAY, "재량휴무", **how)  # type: ignore[arg-type]
    after = planned(office.session)
    assert "status +0 2024-10-15" in days(office.session)
    replan(office.session, at(START), settings(), load_calendar(office.session))
    assert planned(office.session) == after


def test_the_explanation_says_that_the_deadline_is_a_holiday(office: SmallOffice) -> None:
    choose(office.session, AFTER)
    lines = explain(office.session, 1, at(START), settings())
    assert "기한 10. 13.(일)이 휴일이어서 10. 14.(월)을 기한으로 봅니다." in lines


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_what_is_over_is_what_counts_on_an_earlier_day(step: int) -> None:
    calendar = WorkingCalendar(deadline_step=step)
    span = [date.fromordinal(n) for n in range(date(2024, 9, 1).toordinal(), date(2024, 10, 20).toordinal())]
    for today in span:
        assert all((calendar.deadline(on) < today) == (on < calendar.over_before(today)) for on in span)
