"""Days, spans, money and posts are written as an office writes them."""

from datetime import date, datetime

import pytest

from schedules import words

SEPTEMBER = (date(2024, 9, 1), date(2024, 9, 30))


def test_a_day_carries_its_weekday() -> None:
    assert words.day(date(2024, 9, 30)) == "2024. 9. 30.(월)"
    assert words.near_day(date(2024, 10, 4), date(2024, 9, 30)) == "10. 4.(금)"
    assert words.near_day(date(2025, 1, 2), date(2024, 12, 30)) == "2025. 1. 2.(목)"
    assert words.moment(datetime(2024, 9, 30, 9, 5)) == "2024. 9. 30.(월) 09:05"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        (*SEPTEMBER, "2024. 9. 1. ~ 9. 30."),
        (date(2024, 12, 1), date(2025, 1, 31), "2024. 12. 1. ~ 2025. 1. 31."),
        (None, date(2024, 10, 31), "~ 2024. 10. 31."),
        (date(2024, 1, 1), None, "2024. 1. 1. ~"),
        (date(2024, 9, 30), date(2024, 9, 30), "2024. 9. 30.(월)"),
        (None, None, ""),
    ],
)
def test_a_span_leaves_out_what_its_sides_share(start: date | None, end: date | None, written: str) -> None:
    assert words.span(start, end) == written


@pytest.mark.parametrize(
    ("raw", "start", "end", "written"),
    [
        ("9월중", *SEPTEMBER, "9월중 (9. 1. ~ 9. 30.)"),
        ("2024. 9월중", *SEPTEMBER, "2024. 9월중 (9. 1. ~ 9. 30.)"),
        ("'25.상반기", date(2025, 1, 1), date(2025, 6, 30), "'25.상반기 (1. 1. ~ 6. 30.)"),
        ("내년 상반기", date(2025, 1, 1), date(2025, 6, 30), "내년 상반기 (2025. 1. 1. ~ 6. 30.)"),
        ("12월~1월", date(2024, 12, 1), date(2025, 1, 31), "12월~1월 (2024. 12. 1. ~ 2025. 1. 31.)"),
        ("9.30.(예정)", date(2024, 9, 30), date(2024, 9, 30), "2024. 9. 30.(월)"),
        ("2024. 9. 3. ~ 9. 5.", date(2024, 9, 3), date(2024, 9, 5), "2024. 9. 3. ~ 9. 5."),
        ("예산 확보 후", None, None, "예산 확보 후"),
        ("", None, None, "일자 미정"),
    ],
)
def test_a_window_is_shown_as_written_with_the_days_it_means(
    raw: str, start: date | None, end: date | None, written: str
) -> None:
    assert words.window(raw, start, end, today=date(2024, 9, 2)) == written


def test_days_are_counted_from_today() -> None:
    today = date(2024, 9, 30)
    counted = [words.d_day(date(2024, 10, 7), today), words.d_day(today, today), words.d_day(date(2024, 9, 27), today)]
    assert counted == ["D-7", "D-day", "D+3"]
    assert words.working_days(-5) == "근무일 기준 5일 전"


def test_money_is_in_thousands_with_a_triangle_for_less() -> None:
    assert [words.amount(1250), words.amount(-1250), words.amount(0), words.amount(None)] == [
        "1,250",
        "△1,250",
        "0",
        "-",
    ]
    assert [words.share(628, 1000), words.share(-1, 3), words.share(1, 0)] == ["62.8%", "△33.3%", "-"]


def test_a_post_is_named_by_its_unit() -> None:
    assert words.post_name("행정지원팀", "팀장") == "행정지원팀장"
    assert words.post_name("행정국", "국장") == "행정국장"
    assert words.post_name("행정지원팀", "담당") == "행정지원팀 담당"


def test_long_texts_are_cut_at_a_word() -> None:
    assert words.shortened("청사 로비 리모델링 공사 준공", 13) == "청사 로비 리모델링…"
    assert words.shortened(" 두   칸 ", 10) == "두 칸"
    assert len(words.shortened("가" * 50, 20)) == 20


def test_a_particle_follows_the_last_sound() -> None:
    said = [words.with_particle(word, "이", "가") for word in ("행정지원팀장", "담당자", "TF", "")]
    assert said == ["행정지원팀장이", "담당자가", "TF가", "가"]
