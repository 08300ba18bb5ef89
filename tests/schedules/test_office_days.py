"""The admin's own days stand in the database and win over the public calendar at once."""

from datetime import date

from sqlmodel import Session

from models import OfficeDay, OfficeDayKind
from schedules.office_days import load_calendar
from schedules.plan import PlanChange, replan
from tests.schedules.office import SmallOffice, planned, settings


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
