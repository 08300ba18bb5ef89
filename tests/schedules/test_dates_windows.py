"""Named spans of the calendar and their days, the awkward ones first."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import dates_windows as windows


def test_a_school_year_ends_with_february_leap_or_not() -> None:
    assert windows.school_year(2023)[:2] == (date(2023, 3, 1), date(2024, 2, 29))
    assert windows.school_year(2024)[:2] == (date(2024, 3, 1), date(2025, 2, 28))


def test_winter_goes_over_the_years_end() -> None:
    assert windows.season(2023, "겨울")[:2] == (date(2023, 12, 1), date(2024, 2, 29))


def test_the_third_week_of_october_2026_holds_its_third_thursday() -> None:
    assert windows.week_of_month(2026, 10, 3)[:2] == (date(2026, 10, 12), date(2026, 10, 18))


@given(st.integers(1900, 2100), st.integers(1, 12), st.integers(1, 4))
def test_week_n_of_a_month_holds_its_nth_thursday(year: int, month: int, number: int) -> None:
    week = windows.week_of_month(year, month, number)
    thursday = week.start + timedelta(days=3)
    assert (thursday.year, thursday.month, (thursday.day + 6) // 7) == (year, month, number)


@given(st.integers(1900, 2100), st.integers(1, 12))
def test_the_last_week_of_a_month_holds_its_last_thursday(year: int, month: int) -> None:
    thursday = windows.week_of_month(year, month, windows.LAST).start + timedelta(days=3)
    assert thursday.month == month
    assert (thursday + timedelta(weeks=1)).month != month


def test_a_fifth_weekday_that_a_month_lacks_is_its_last() -> None:
    assert windows.nth_weekday(2024, 9, 5, 2).start == date(2024, 9, 25)
    assert windows.nth_weekday(2024, 9, windows.LAST, 2).start == date(2024, 9, 25)
    assert windows.nth_weekday(2024, 10, 5, 2).start == date(2024, 10, 30)


@pytest.mark.parametrize(
    ("name", "year", "day"),
    [
        ("설날", 2024, date(2024, 2, 10)),
        ("설", 2025, date(2025, 1, 29)),
        ("추석", 2024, date(2024, 9, 17)),
        ("추석", 2025, date(2025, 10, 6)),
        ("한가위", 2025, date(2025, 10, 6)),
        ("부처님오신날", 2025, date(2025, 5, 5)),
        ("어린이날", 2025, date(2025, 5, 5)),
    ],
)
def test_lunar_and_solar_feasts_have_their_day(name: str, year: int, day: date) -> None:
    assert windows.holiday(name, year) == day


def test_the_stretch_of_a_lunar_feast_is_three_days_whatever_the_substitutes() -> None:
    assert windows.holiday_stretch("설날", 2024) == (date(2024, 2, 9), date(2024, 2, 11))
    assert windows.holiday_stretch("추석", 2025) == (date(2025, 10, 5), date(2025, 10, 7))
    assert windows.holiday_stretch("광복절", 2025) == (date(2025, 8, 15), date(2025, 8, 15))


def test_a_feast_outside_the_calendars_years_has_no_day() -> None:
    assert windows.holiday("추석", 1900) is None
    assert windows.holiday_stretch("추석", 1900) is None
