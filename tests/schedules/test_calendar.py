"""Working days against the published almanacs of 2020–2028, and the moments at which mail may leave."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.calendar import OwnDay, SendDays, WorkingCalendar, into_window
from settings import parse_send_window
from tests.schedules.office import SEOUL, at

CALENDAR = WorkingCalendar()
WINDOW = parse_send_window("WORKDAYS 09:00-18:00")
DAYS = st.dates(date(2009, 1, 1), date(2062, 12, 31))

# Days off that fall on Monday to Friday, from the almanacs (월력요항) and the cabinet's decisions on temporary days;
# 2028 as the law now computes it.
GOLDEN = {
    2020: "1.1 1.24 1.27 4.15 4.30 5.5 8.17 9.30 10.1 10.2 10.9 12.25",
    2021: "1.1 2.11 2.12 3.1 5.5 5.19 8.16 9.20 9.21 9.22 10.4 10.11",
    2022: "1.31 2.1 2.2 3.1 3.9 5.5 6.1 6.6 8.15 9.9 9.12 10.3 10.10",
    2023: "1.23 1.24 3.1 5.5 5.29 6.6 8.15 9.28 9.29 10.2 10.3 10.9 12.25",
    2024: "1.1 2.9 2.12 3.1 4.10 5.6 5.15 6.6 8.15 9.16 9.17 9.18 10.1 10.3 10.9 12.25",
    2025: "1.1 1.27 1.28 1.29 1.30 3.3 5.5 5.6 6.3 6.6 8.15 10.3 10.6 10.7 10.8 10.9 12.25",
    2026: "1.1 2.16 2.17 2.18 3.2 5.1 5.5 5.25 6.3 7.17 8.17 9.24 9.25 10.5 10.9 12.25",
    2027: "1.1 2.8 2.9 3.1 5.3 5.5 5.13 7.19 8.16 9.14 9.15 9.16 10.4 10.11 12.27",
    2028: "1.26 1.27 1.28 3.1 4.12 5.1 5.2 5.5 6.6 7.17 8.15 10.2 10.3 10.4 10.5 10.9 12.25",
}


@pytest.mark.parametrize("year", GOLDEN)
def test_the_days_off_of_a_year_are_the_published_ones(year: int) -> None:
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    off = [f"{day.month}.{day.day}" for day in days if day.weekday() < 5 and not CALENDAR.is_working(day)]
    assert " ".join(off) == GOLDEN[year]
    assert not any(CALENDAR.is_working(day) for day in days if day.weekday() >= 5)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2024, 9, 17), "추석"),
        (date(2024, 9, 18), "추석 다음날"),
        (date(2024, 10, 1), "국군의 날"),
        (date(2025, 1, 27), "임시공휴일"),
        (date(2024, 2, 12), "대체공휴일(설날)"),
        (date(2025, 5, 5), "부처님오신날 · 어린이날"),
        (date(2024, 4, 10), "국회의원 선거일"),
        (date(2024, 9, 21), None),
        (date(2024, 9, 23), None),
    ],
)
def test_a_day_off_has_a_korean_name_and_a_weekend_has_none(day: date, name: str | None) -> None:
    assert CALENDAR.holiday_name(day) == name
    assert CALENDAR.is_holiday(day) == (name is not None)


def test_the_office_s_own_days_win_over_the_public_ones() -> None:
    own = {
        date(2024, 10, 4): OwnDay(False, "재량휴무"),
        date(2024, 10, 1): OwnDay(True, "비상근무"),
        date(2024, 10, 5): OwnDay(True, "토요 근무"),
    }
    calendar = WorkingCalendar(own)
    assert [calendar.is_working(day) for day in own] == [False, True, True]
    assert calendar.holiday_name(date(2024, 10, 4)) == "재량휴무"
    assert calendar.holiday_name(date(2024, 10, 1)) is None
    assert calendar.next_working_day(date(2024, 10, 3)) == date(2024, 10, 5)


def test_the_calendar_says_until_when_it_is_sure() -> None:
    assert CALENDAR.sure_until == date(2027, 12, 31)
    assert CALENDAR.sure_until.year in GOLDEN


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2024, 9, 13), 1, date(2024, 9, 19)),  # over 추석
        (date(2024, 9, 19), -1, date(2024, 9, 13)),
        (date(2024, 9, 15), 1, date(2024, 9, 19)),  # from a day off
        (date(2024, 9, 15), -1, date(2024, 9, 13)),
        (date(2024, 9, 15), 0, date(2024, 9, 15)),
        (date(2024, 12, 31), 1, date(2025, 1, 2)),  # over the year's end
        (date(2025, 1, 24), 1, date(2025, 1, 31)),  # over 설 with its temporary day
        (date(2024, 2, 28), 1, date(2024, 2, 29)),  # leap day
        (date(2028, 2, 29), 2, date(2028, 3, 3)),
    ],
)
def test_working_days_are_counted_over_days_off(day: date, count: int, expected: date) -> None:
    assert CALENDAR.add_working_days(day, count) == expected


@given(DAYS, st.integers(-200, 200))
def test_counting_is_the_same_one_by_one_and_by_the_table(day: date, count: int) -> None:
    found = day
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        found += step
        left -= CALENDAR.is_working(found)
    assert CALENDAR.add_working_days(day, count) == found
    if count:
        assert CALENDAR.working_days_between(day, found) == (
            count if CALENDAR.is_working(day) or count > 0 else count + 1
        )


@given(DAYS)
def test_the_next_and_the_previous_working_day_are_the_nearest(day: date) -> None:
    after, before = CALENDAR.next_working_day(day), CALENDAR.previous_working_day(day)
    assert before <= day <= after
    assert CALENDAR.is_working(after)
    assert CALENDAR.is_working(before)
    between = [before + timedelta(days=n) for n in range(1, (after - before).days)]
    assert not any(CALENDAR.is_working(other) for other in between)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2024-09-13 09:00", "2024-09-13 09:00"),
        ("2024-09-13 08:59", "2024-09-13 09:00"),
        ("2024-09-13 17:59", "2024-09-13 17:59"),
        ("2024-09-13 18:00", "2024-09-19 09:00"),
        ("2024-09-16 12:00", "2024-09-19 09:00"),
        ("2024-09-30 23:59", "2024-10-02 09:00"),
        ("2024-12-31 18:00", "2025-01-02 09:00"),
        ("2024-02-28 20:00", "2024-02-29 09:00"),
    ],
)
def test_a_moment_outside_the_send_window_waits_for_its_opening(moment: str, expected: str) -> None:
    assert into_window(at(moment), WINDOW, SEOUL, CALENDAR) == at(expected)


@pytest.mark.parametrize(
    ("window", "moment", "expected"),
    [
        ("MON,WED 10:00-12:00", "2024-09-24 11:00", "2024-09-25 10:00"),
        ("MON 10:00-12:00", "2024-09-10 11:00", "2024-09-23 10:00"),  # the Monday between is 추석
        ("SAT 10:00-12:00", "2024-09-24 11:00", "2024-09-28 10:00"),  # a plain Saturday is no holiday
    ],
)
def test_named_weekdays_open_the_window_but_holidays_never_do(window: str, moment: str, expected: str) -> None:
    assert into_window(at(moment), parse_send_window(window), SEOUL, CALENDAR) == at(expected)


def test_a_working_saturday_is_in_a_window_of_working_days() -> None:
    calendar = WorkingCalendar({date(2024, 9, 28): OwnDay(True, "토요 근무")})
    assert into_window(at("2024-09-28 10:00"), WINDOW, SEOUL, calendar) == at("2024-09-28 10:00")


@given(st.datetimes(datetime(2020, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_never_goes_back_and_stays_once_inside(moment: datetime) -> None:
    found = into_window(moment, WINDOW, SEOUL, CALENDAR)
    assert found >= moment
    assert into_window(found, WINDOW, SEOUL, CALENDAR) == found
    local = found.astimezone(SEOUL)
    assert CALENDAR.is_working(local.date())
    assert time(9) <= local.time() < time(18)


def test_a_slot_outside_the_window_is_its_opening() -> None:
    days = SendDays(CALENDAR, WINDOW, SEOUL)
    for outside in (time(7), time(18), time(20)):
        assert days.moment(date(2024, 9, 23), outside) == at("2024-09-23 09:00")
    assert days.first_after(at("2024-09-23 09:00"), time(9)) == at("2024-09-24 09:00")
    assert days.first_after(at("2024-09-23 08:59"), time(9)) == at("2024-09-23 09:00")
    assert days.first_after(at("2024-09-13 09:00"), time(9)) == at("2024-09-19 09:00")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
def test_a_process_in_any_zone_finds_the_same_slots(zone: str) -> None:
    code = (
        "from tests.schedules.office import at, SEOUL\n"
        "from schedules.calendar import *\n"
        "from settings import parse_send_window\n"
        "window = parse_send_window('WORKDAYS 09:00-18:00')\n"
        "print(into_window(at('2024-09-13 18:00'), window, SEOUL, WorkingCalendar()))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "2024-09-19 00:00:00+00:00"
