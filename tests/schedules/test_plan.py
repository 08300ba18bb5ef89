"""What is planned for a milestone, and what a change of it makes of the plan."""

from sqlmodel import Session

from schedules.calendar import WorkingCalendar
from schedules.plan import replan
from tests.schedules.office import SmallOffice, planned, settings

CALENDAR = WorkingCalendar()


def test_a_firm_day_is_announced_a_month_a_week_and_a_day_before_and_asked_about_when_it_is_reached(
    session: Session,
) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    replan(session, office.activated_at, settings(), CALENDAR)
    assert planned(session) == [
        "upcoming -30 end 2024-10-31 @ 2024-09-30 09:00",
        "upcoming -7 end 2024-10-31 @ 2024-10-24 09:00",
        "upcoming -1 end 2024-10-31 @ 2024-10-30 09:00",
        "today +0 end 2024-10-31 @ 2024-10-31 09:00",
        "status +0 end 2024-10-31 @ 2024-10-31 09:00",
        "overdue +7 end 2024-10-31 @ 2024-11-07 09:00",
    ]
