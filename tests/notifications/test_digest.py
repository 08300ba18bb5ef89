"""Each item stands once, in the section of its own day on the day of sending."""

from datetime import date

import pytest

from models import Ask, MilestoneStatus
from notifications.digest import Section, arrange, section_of
from tests.notifications.letters import ALL, STALE, TODAY, item


@pytest.mark.parametrize(
    ("due", "asks", "section"),
    [
        ("2024-09-30", (Ask.TODAY,), Section.TODAY),
        ("2024-10-06", (Ask.UPCOMING,), Section.THIS_WEEK),
        ("2024-10-07", (Ask.UPCOMING,), Section.UPCOMING),
        ("2024-09-23", (Ask.OVERDUE,), Section.OVERDUE),
        ("2024-09-20", (Ask.STATUS,), Section.STATUS),
        (None, (Ask.CHECK,), Section.STATUS),
        ("2024-10-14", (Ask.CONFIRM_DATE,), Section.CONFIRM_DATE),
        ("2024-10-07", (Ask.CONFIRM_DATE, Ask.UPCOMING), Section.UPCOMING),
        ("2024-09-30", (Ask.STATUS, Ask.TODAY, Ask.UPCOMING), Section.TODAY),
    ],
)
def test_the_day_decides_where_an_item_stands(due: str | None, asks: tuple[Ask, ...], section: Section) -> None:
    assert section_of(item(1, "준공", due, *asks), TODAY) is section


def test_a_past_deadline_is_called_late_only_when_the_office_was_told_or_said_so() -> None:
    said_so = item(7, "매점 입점", "2024-09-20", Ask.STATUS, status=MilestoneStatus.DELAYED)
    assert section_of(STALE, TODAY) is Section.STATUS
    assert section_of(said_so, TODAY) is Section.OVERDUE


def test_sections_come_in_the_order_of_pressure_and_empty_ones_do_not_come() -> None:
    assert [part.section for part in arrange(ALL, TODAY)] == [
        section for section in Section if section not in (Section.AT_RISK, Section.SUPPORTING)
    ]
    assert arrange((), TODAY) == ()


def test_the_nearest_day_stands_first_and_what_has_none_last() -> None:
    parts = arrange([item(1, "가", None, Ask.CHECK), item(2, "나", "2024-09-20", Ask.STATUS), STALE], TODAY)
    assert [one.milestone_id for one in parts[0].items] == [2, 7, 1]


def test_on_a_sunday_this_week_is_over() -> None:
    sunday = date(2024, 10, 6)
    assert section_of(item(1, "준공", "2024-10-07"), sunday) is Section.UPCOMING
