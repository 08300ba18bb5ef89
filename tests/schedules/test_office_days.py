"""The admin's own days stand in the database and win over the public calendar at once."""

from datetime import date

import pytest
from sqlmodel import Session, select

from models import AuditEntry, OfficeDay, OfficeDayKind
from schedules.office_days import DayChange, OfficeDayError, list_days, load_calendar, remove_day, set_day
from schedules.plan import PlanChange, replan
from tests.schedules.office import SmallOffice, at, planned, settings

HOLIDAY, WORKING = OfficeDayKind.HOLIDAY, OfficeDayKind.WORKING


def test_own_days_are_read_and_take_effect_at_once(session: Session) -> None:
    assert load_calendar(session).is_working(date(2024, 10, 4))
    session.add(OfficeDay(on=date(2024, 10, 4), name="구 재량휴무"))
    session.add(OfficeDay(on=date(2024, 10, 5), kind=OfficeDayKind.WORKING, name="토요 근무"))
    session.flush()
    calendar = load_calendar(session)
    assert calendar.holiday_name(date(2024, 10, 4)) == "구 재량휴무"
    assert calendar.is_working(date(2024, 10, 5))


def test_the_calendar_is_made_once_while_the_days_stay_the_same(session: Session) -> None:
    assert load_calendar(session) is load_calendar(session)


def test_a_temporary_day_announced_late_moves_what_is_pending(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-11-15")
    replan(session, office.activated_at, settings(), load_calendar(session))
    session.add(OfficeDay(on=date(2024, 11, 15), name="임시공휴일"))
    session.flush()
    change = replan(session, office.activated_at, settings(), load_calendar(session))
    assert change == PlanChange(moved=2)
    assert "status +0 end 2024-11-15 @ 2024-11-18 09:00" in planned(session)


def put(session: Session, on: str, kind: OfficeDayKind = HOLIDAY, name: str = "임시공휴일") -> DayChange:
    day = date.fromisoformat(on)
    return set_day(session, day, kind, name, by="admin", now=at("2024-09-02 08:00"), settings=settings())


def take_out(session: Session, on: str) -> DayChange:
    return remove_day(session, date.fromisoformat(on), by="admin", now=at("2024-09-02 08:00"), settings=settings())


def test_entering_a_day_plans_anew_and_shows_what_moved_and_taking_it_out_moves_it_back(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-11-15", label="준공")
    replan(session, office.activated_at, settings(), load_calendar(session))
    before = planned(session)
    change = put(session, "2024-11-15")
    assert change.plan == PlanChange(moved=2)
    assert {(one.label, one.before, one.after) for one in change.moved} == {
        ("준공", at("2024-11-15 09:00"), at("2024-11-14 09:00")),
        ("준공", at("2024-11-15 09:00"), at("2024-11-18 09:00")),
    }
    assert [(day.on.isoformat(), day.name) for day in list_days(session)] == [("2024-11-15", "임시공휴일")]
    assert len(take_out(session, "2024-11-15").moved) == 2
    assert planned(session) == before
    acts = [(entry.act, entry.subject) for entry in session.exec(select(AuditEntry))]
    assert acts[-2:] == [("day.set", "day:2024-11-15"), ("day.remove", "day:2024-11-15")]


def test_a_saturday_can_be_worked_and_a_day_be_renamed(session: Session) -> None:
    SmallOffice(session)
    put(session, "2024-10-05", WORKING, "토요 근무")
    put(session, "2024-10-05", WORKING, "축제 근무")
    assert load_calendar(session).is_working(date(2024, 10, 5))
    assert [day.name for day in list_days(session)] == ["축제 근무"]


@pytest.mark.parametrize(
    ("on", "kind", "name", "words"),
    [
        ("2024-10-03", HOLIDAY, "개천절", "이미 쉬는 날"),
        ("2024-10-04", WORKING, "금요일", "이미 근무일"),
        ("2024-10-04", HOLIDAY, " ", "이름을"),
        ("2024-10-04", HOLIDAY, "줄\n바꿈", "이름을"),
        ("1999-10-04", HOLIDAY, "옛날", "사이의 날"),
    ],
)
def test_a_day_that_changes_nothing_or_makes_no_sense_is_refused(
    session: Session, on: str, kind: OfficeDayKind, name: str, words: str
) -> None:
    SmallOffice(session)
    with pytest.raises(OfficeDayError, match=words):
        put(session, on, kind, name)
    assert list_days(session) == []


def test_only_a_day_that_was_entered_can_be_taken_out(session: Session) -> None:
    SmallOffice(session)
    with pytest.raises(OfficeDayError, match="따로 정한 날이 아닙니다"):
        take_out(session, "2024-10-04")
