"""The calendar file says the same days as the mail, in a form that another library reads."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from models import MilestoneKind
from notifications.calendar_file import calendar_file
from notifications.digest import Item
from tests.notifications.letters import ALL, FUZZY, LATER, MEETING, NINE, OVERDUE, SEOUL, UNDATED, item


def calendar(*items: Item) -> Calendar:
    file = calendar_file(items, "office.example", NINE, SEOUL)
    assert file is not None
    return Calendar.from_ical(file.content)


def events(*items: Item) -> list[Event]:
    return list(calendar(*items).events)


def test_a_deadline_is_its_last_day_and_ends_on_the_next() -> None:
    (event,) = events(LATER)
    assert event["DTSTART"].dt == date(2024, 10, 31)
    assert event["DTEND"].dt == date(2024, 11, 1)
    assert event["UID"] == "milestone-4@office.example"
    assert event["SEQUENCE"] == 1
    assert event["SUMMARY"] == "개별 냉난방 시스템 추가 발주"
    assert event["TRANSP"] == "TRANSPARENT"


def test_what_is_held_takes_all_its_days() -> None:
    training = item(
        8,
        "신규자 교육",
        "2024-10-16",
        kind=MilestoneKind.TRAINING,
        end_on=date(2024, 10, 18),
        time="09:00",
        raw="10.16.~18.",
    )
    (event,) = events(training)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2024, 10, 16), date(2024, 10, 19))


@pytest.mark.parametrize(("time", "minutes"), [("14:00", None), ("14:00~16:30", 150), ("14:00-13:00", None)])
def test_a_clock_time_comes_with_its_zone(time: str, minutes: int | None) -> None:
    its_calendar = calendar(MEETING._replace(time=time))
    (event,) = its_calendar.events
    assert event["DTSTART"].dt == datetime(2024, 10, 2, 14, 0, tzinfo=SEOUL)
    assert event["DTSTART"].params["TZID"] == "Asia/Seoul"
    assert [zone["TZID"] for zone in its_calendar.timezones] == ["Asia/Seoul"]
    assert ("DTEND" in event) == (minutes is not None)
    if minutes is not None:
        assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=minutes)


def test_days_alone_need_no_zone() -> None:
    assert not calendar(LATER, OVERDUE).timezones


def test_only_what_names_its_days_goes_into_a_calendar() -> None:
    assert [event["UID"].split("@")[0] for event in events(*ALL)] == [
        f"milestone-{one.milestone_id}" for one in ALL if one.is_firm
    ]
    assert calendar_file([FUZZY, UNDATED], "office.example", NINE, SEOUL) is None


@settings(max_examples=60)
@given(label=st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=9, max_size=60))
def test_any_label_comes_back_whole_in_lines_of_75_octets(label: str) -> None:
    one = item(1, f"가나다라 마바사아 {label}", "2024-10-02", project="사업; 이름, 쉼표\\")
    file = calendar_file([one], "office.example", NINE, SEOUL)
    assert file is not None
    assert all(len(line) <= 75 for line in file.content.split(b"\r\n"))
    (event,) = Calendar.from_ical(file.content).events
    assert event["DESCRIPTION"].startswith("사업; 이름, 쉼표\\ / ")
    assert str(event["SUMMARY"])[:9] == "가나다라 마바사아"
