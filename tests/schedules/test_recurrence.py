"""How often a collection comes: read from RFC 5545 and cron, told in Korean, refused where it makes no sense."""

from datetime import date
from itertools import islice

import pytest

from schedules.recurrence import RecurrenceError, read_recurrence

TODAY = date(2024, 9, 2)


@pytest.mark.parametrize(
    ("text", "words", "days"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "매월 말일", ["2024-09-30", "2024-10-31", "2024-11-30"]),
        ("RRULE:freq=monthly;bymonthday=25", "매월 25일", ["2024-09-25", "2024-10-25", "2024-11-25"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", "매월 마지막 금요일", ["2024-09-27", "2024-10-25", "2024-11-29"]),
        (
            "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1",
            "매 분기 마지막 달 말일",
            ["2024-09-30", "2024-12-31", "2025-03-31"],
        ),
        ("FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=20", "매년 6·12월 20일", ["2024-12-20", "2025-06-20", "2025-12-20"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2주마다 월요일", ["2024-09-16", "2024-09-30", "2024-10-14"]),
        ("0 9 25 * *", "매월 25일", ["2024-09-25", "2024-10-25", "2024-11-25"]),
        ("0 9 L * *", "매월 말일", ["2024-09-30", "2024-10-31", "2024-11-30"]),
        ("0 9 * * 0", "매주 일요일", ["2024-09-08", "2024-09-15", "2024-09-22"]),
        ("0 9 29 2 *", "매년 2월 29일", ["2028-02-29", "2032-02-29"]),
    ],
)
def test_what_is_read_is_told_in_words_and_days(text: str, words: str, days: list[str]) -> None:
    recurrence = read_recurrence(text, TODAY)
    assert recurrence.in_words() == words
    assert [day.isoformat() for day in islice(recurrence.days_after(TODAY), 3)] == days


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "읽을 수 없습니다"),
        ("매달", "읽을 수 없습니다"),
        ("FREQ=DAILY", "WEEKLY"),
        ("FREQ=SECONDLY", "WEEKLY"),
        ("FREQ=MONTHLY;INTERVAL=0", "WEEKLY"),
        ("FREQ=MONTHLY;BYHOUR=9", "WEEKLY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "한 번도 열리지 않습니다"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "한 번도 열리지 않습니다"),
        ("FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20240101T000000", "한 번도 열리지 않습니다"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,3", "잦을 수 없습니다"),
        ("0 9 31 2 *", "읽을 수 없습니다"),
        ("0 9 * * 1-5", "잦을 수 없습니다"),
        ("0 9 * *", "읽을 수 없습니다"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_is_allowed(text: str, words: str) -> None:
    with pytest.raises(RecurrenceError, match=words):
        read_recurrence(text, TODAY)
