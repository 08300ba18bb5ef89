"""Random windows, written in every notation that offices use, are read back as they were meant."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schedules.dates import find_dates
from schedules.dates_candidates import next_candidate
from schedules.dates_words import LOOKALIKES, WORDS, Word

WEEKDAYS = "월화수목금토일"
ENGLISH = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
REF = date(2024, 9, 1)


class Written(NamedTuple):
    """A text for a window, and the window."""

    text: str
    start: date | None
    end: date | None


def last_of(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def month_of(day: date) -> tuple[date, date]:
    return day.replace(day=1), last_of(day.year, day.month)


def weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


DAYS: tuple[Callable[[date], str], ...] = (
    lambda d: f"{d.year}. {d.month}. {d.day}.",
    lambda d: f"{d.year}.{d.month}.{d.day}.",
    lambda d: f"{d.year}.{d.month}.{d.day}",
    lambda d: f"{d.year}. {d.month:02}. {d.day:02}.",
    lambda d: f"{d.year}년 {d.month}월 {d.day}일",
    lambda d: f"{d.year}년{d.month}월{d.day}일",
    lambda d: f"{d.year}. {d.month}월 {d.day}일",
    lambda d: f"{d.year}-{d.month:02}-{d.day:02}",
    lambda d: f"{d.year}/{d.month}/{d.day}",
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"'{d:%y}. {d.month}. {d.day}.",
    lambda d: f"'{d:%y}.{d.month}.{d.day}",
    lambda d: f"{d:%y}.{d.month:02}.{d.day:02}.",
    lambda d: f"'{d:%y}. {d.month}월 {d.day}일",
    lambda d: f"{d:%y}년 {d.month}월 {d.day}일",
    lambda d: f"{d.year}. {d.month}. {d.day}.({weekday(d)})",
    lambda d: f"{d.year}년 {d.month}월 {d.day}일({weekday(d)}요일)",
    lambda d: f"{d.year}. {d.month}. {d.day}. {weekday(d)}요일",
    lambda d: f"{d.year}. {d.month}. {d.day}.({weekday(d)}) 14:00",
    lambda d: f"{d.year}년 {d.month}월 {d.day}일 오후 2시",
    lambda d: f"{d.year}年 {d.month}月 {d.day}日",
    lambda d: f"{d.year}. {d.month}. {d.day}({ENGLISH[d.weekday()]})",
    lambda d: f"{d:%Y-%m-%d}T09:30:00",
    lambda d: f"'{d:%y}/{d.month}/{d.day}",
    lambda d: f"{d.year}.{d.month:02}.{d.day:02}. {weekday(d)}요일 10:00~12:00",
)
DAYS_OF_THE_YEAR: tuple[Callable[[date], str], ...] = (
    lambda d: f"{d.month}월 {d.day}일",
    lambda d: f"{d.month}. {d.day}.({weekday(d)})",
    lambda d: f"{d.month}.{d.day}({weekday(d)})",
    lambda d: f"{d.month}/{d.day}({weekday(d)})",
    lambda d: f"{d.month}. {d.day}. 14:00",
)
MONTHS: tuple[Callable[[date], str], ...] = (
    lambda d: f"{d.year}. {d.month}.",
    lambda d: f"{d.year}.{d.month}",
    lambda d: f"{d.year}년 {d.month}월",
    lambda d: f"{d.year}. {d.month}월중",
    lambda d: f"{d.year}.{d.month}월",
    lambda d: f"'{d:%y}.{d.month}월",
    lambda d: f"'{d:%y}. {d.month}.",
    lambda d: f"{d:%y}.{d.month}월",
    lambda d: f"{d.year}-{d.month:02}",
)
RANGE_MARKS = ("~", " ~ ", "∼", " ～ ", "-", " – ", " — ", " − ", "부터 ")


@st.composite
def written(draw: st.DrawFn) -> Written:
    """A day, month, part, quarter, half, year or range of 2015 to 2032 in one of the notations of offices."""
    day = draw(st.dates(date(2015, 1, 1), date(2032, 12, 31)))
    kind = draw(st.sampled_from(KINDS))
    return kind(draw, day)


def a_day(draw: st.DrawFn, day: date) -> Written:
    return Written(draw(st.sampled_from(DAYS))(day), day, day)


def a_month(draw: st.DrawFn, day: date) -> Written:
    return Written(draw(st.sampled_from(MONTHS))(day), *month_of(day))


def a_part(draw: st.DrawFn, day: date) -> Written:
    end = last_of(day.year, day.month)
    name, first, last = draw(
        st.sampled_from([("초", 1, 10), ("초순", 1, 10), ("중순", 11, 20), ("말", 21, end.day), ("하순", 21, end.day)])
    )
    return Written(f"{day.year}년 {day.month}월 {name}", day.replace(day=first), day.replace(day=last))


def a_quarter(draw: st.DrawFn, day: date) -> Written:
    number = (day.month + 2) // 3
    form = draw(st.sampled_from(["{y}년 {n}분기", "{y}. {n}/4분기", "'{s} {n}분기", "{y}년 {n}/4분기", "'{s}. {n}Q"]))
    text = form.format(y=day.year, s=f"{day:%y}", n=number)
    return Written(text, date(day.year, number * 3 - 2, 1), last_of(day.year, number * 3))


def a_half(draw: st.DrawFn, day: date) -> Written:
    name, first = ("상반기", 1) if day.month <= 6 else ("하반기", 7)
    form = draw(st.sampled_from(["{y}년 {n}", "{y}.{n}", "'{s}년 {n}", "{y} {n}", "'{s}. {n}"]))
    text = form.format(y=day.year, s=f"{day:%y}", n=name)
    return Written(text, date(day.year, first, 1), last_of(day.year, first + 5))


def a_week(draw: st.DrawFn, day: date) -> Written:
    # A week belongs to the month of its Thursday (KS X ISO 8601).
    monday = day - timedelta(days=day.weekday())
    thursday = monday + timedelta(days=3)
    number = (thursday.day + 6) // 7
    ordinal = ("첫째", "둘째", "셋째", "넷째", "다섯째")[number - 1]
    form = draw(st.sampled_from(["{y}년 {m}월 {o} 주", "{y}. {m}월 {o}주", "{y}년 {m}월 {n}주", "{y}년 {m}월 {n}주차"]))
    text = form.format(y=thursday.year, m=thursday.month, n=number, o=ordinal)
    return Written(text, monday, monday + timedelta(days=6))


def a_year(draw: st.DrawFn, day: date) -> Written:
    form = draw(st.sampled_from(["{y}년", "{y}년도", "'{s}년", "'{s}", "'{s}."]))
    return Written(form.format(y=day.year, s=f"{day:%y}"), date(day.year, 1, 1), date(day.year, 12, 31))


def a_school_year(_draw: st.DrawFn, day: date) -> Written:
    return Written(f"{day.year}학년도", date(day.year, 3, 1), last_of(day.year + 1, 2))


def a_range_of_days(draw: st.DrawFn, day: date) -> Written:
    last = day + timedelta(days=draw(st.integers(1, 400)))
    mark = draw(st.sampled_from(RANGE_MARKS))
    if mark == "부터 ":
        return Written(f"{DAYS[4](day)}부터 {DAYS[4](last)}까지", day, last)
    left = draw(st.sampled_from(DAYS[:6]))(day)
    full = [DAYS[0](last), DAYS[1](last), DAYS[4](last), DAYS[15](last), DAYS[10](last)]
    if last.year == day.year:
        full += [
            f"{last.month}. {last.day}.",
            f"{last.month}월 {last.day}일",
            f"{last.month}.{last.day}.({weekday(last)})",
        ]
    if (last.year, last.month) == (day.year, day.month):
        full += [f"{last.day}.", f"{last.day}일", f"{last.day}.({weekday(last)})"]
    return Written(left + mark + draw(st.sampled_from(full)), day, last)


def a_range_of_months(draw: st.DrawFn, day: date) -> Written:
    months = day.year * 12 + day.month - 1 + draw(st.integers(1, 30))
    last = last_of(months // 12, months % 12 + 1)
    mark = draw(st.sampled_from(["~", " ~ ", "∼", " – "]))
    left = draw(
        st.sampled_from([f"{day.year}. {day.month}.", f"{day.year}년 {day.month}월", f"'{day:%y}. {day.month}월"])
    )
    right = [f"{last.year}. {last.month}.", f"{last.year}년 {last.month}월", f"'{last:%y}.{last.month}월"]
    if last.year == day.year:
        right += [f"{last.month}월", f"{last.month}."]
    return Written(left + mark + draw(st.sampled_from(right)), day.replace(day=1), last)


def a_deadline(draw: st.DrawFn, day: date) -> Written:
    if draw(st.booleans()):
        return Written(draw(st.sampled_from(MONTHS[:3]))(day) + "까지", None, month_of(day)[1])
    form = draw(st.sampled_from(["{}까지", "{} 이전", "~ {}", "~{}까지", "{}限", "계약일 ~ {}", "늦어도 {}까지"]))
    return Written(form.format(DAYS[0](day)), None, day)


def a_beginning(draw: st.DrawFn, day: date) -> Written:
    if draw(st.booleans()):
        return Written(
            f"{day.year}년 {day.month}월{draw(st.sampled_from(['부터', ' 이후', ' ~', ' ~ 현재']))}",
            month_of(day)[0],
            None,
        )
    return Written(DAYS[0](day) + draw(st.sampled_from(["부터", " 이후", " ~", " ~ 현재"])), day, None)


def a_list_of_days(draw: st.DrawFn, day: date) -> Written:
    first = day.replace(day=draw(st.integers(1, 14)))
    last = day.replace(day=draw(st.integers(15, 28)))
    form = draw(
        st.sampled_from(
            [
                "{y}. {m}. {a}., {m}. {b}.",
                "{y}년 {m}월 {a}일, {b}일",
                "{y}년 {m}월 {a}일과 {b}일",
                "{y}. {m}. {a}., {b}.",
            ]
        )
    )
    return Written(form.format(y=day.year, m=day.month, a=first.day, b=last.day), first, last)


def a_length(draw: st.DrawFn, day: date) -> Written:
    count = draw(st.integers(2, 60))
    form, days = draw(
        st.sampled_from([("{d}부터 {n}일간", count), ("{d}부터 {n}일 동안", count), ("{d}부터 {n}주간", count * 7)])
    )
    return Written(form.format(d=DAYS[4](day), n=count), day, day + timedelta(days=days - 1))


def a_list_of_spans(draw: st.DrawFn, day: date) -> Written:
    first = draw(st.integers(1, 3))
    last = draw(st.integers(first + 1, 4))
    form = draw(
        st.sampled_from(["{y}년 {a}, {b}분기", "{y}년 {a}~{b}분기", "{y}년 {a}분기~{b}분기", "'{s}. {a}·{b}분기"])
    )
    text = form.format(y=day.year, s=f"{day:%y}", a=first, b=last)
    return Written(text, date(day.year, first * 3 - 2, 1), last_of(day.year, last * 3))


def a_list_of_months(draw: st.DrawFn, day: date) -> Written:
    months = sorted(draw(st.sets(st.integers(1, 12), min_size=2, max_size=4)))
    joint = draw(st.sampled_from([", ", "·", ","]))
    text = f"{day.year}년 " + joint.join(f"{month}" for month in months) + "월"
    return Written(text, date(day.year, months[0], 1), last_of(day.year, months[-1]))


def a_weekend(draw: st.DrawFn, day: date) -> Written:
    saturday = day.replace(day=1) + timedelta(days=(5 - day.replace(day=1).weekday()) % 7)
    ordinal, weeks = draw(st.sampled_from([("첫", 0), ("둘째", 1), ("셋째", 2), ("넷째", 3)]))
    saturday += timedelta(weeks=weeks)
    return Written(f"{day.year}년 {day.month}월 {ordinal} 주말", saturday, saturday + timedelta(days=1))


KINDS = (
    a_day,
    a_month,
    a_part,
    a_quarter,
    a_half,
    a_week,
    a_year,
    a_school_year,
    a_range_of_days,
    a_range_of_months,
    a_deadline,
    a_beginning,
    a_list_of_days,
    a_length,
    a_list_of_spans,
    a_list_of_months,
    a_weekend,
)
SETTINGS = (
    "{}",
    "(사업기간 : {})",
    "○ 추진시기 : {}",
    "준공({}) 및 개관",
    "{} 행사 운영",
    "⇒ {}, 주민센터",
    "[{}]",
    "당초 {}",
    "【{}】 개통",
    "※{} 공고",
    "착공→{}→",
    "붙임 1. 계획서 1부. {} 시행",
    "① {} ② 협약",
)


@given(written(), st.sampled_from(SETTINGS))
@settings(max_examples=1500)
@example(Written("2024. 12. 31. ~ 2025. 1. 1.", date(2024, 12, 31), date(2025, 1, 1)), "{}")
@example(Written("2024. 2. 29.", date(2024, 2, 29), date(2024, 2, 29)), "{}")
def test_a_window_in_any_notation_is_read_back(case: Written, around: str) -> None:
    found = [one for one in find_dates(around.format(case.text), REF) if one.start or one.end]
    assert [(one.start, one.end) for one in found] == [(case.start, case.end)], case.text
    assert not found[0].inferred_year
    assert not found[0].weekday_mismatches


# Numbers that are no date, with what is beside them; each place is filled with any number that fits.
OTHERS = (
    "{n}명", "{n}㎡", "{n},{h}천원", "{n}.{m}%", "{n}.{m}㎡", "제{n}조 제{m}항", "지하 {m}층", "중앙로 {n}-{m}",
    "{n}회 운영", "{n}:{m}의 비율", "{n}~{h}세 주민", "{n}대 증차", "☎ 02-{h}-{n}{n}{n}{n}", "개청 {n}주년",
    "만 {n}세 이상", "v{n}.{m} 배포", "{n}kW급", "{n}개소 설치", "{n}년간 운영", "{n}개월 이내",
    "{n}일 이내 처리", "{n}시간 근무", "{n}차시 수업", "{n}호선 연장", "{n}번 출구", "{n}동 {h}호",
    "{n}억 {h}만원", "{m}급 공무원", "{m}~{n}학년", "D-{n}", "{n}배 증가", "{n}m 도로", "{n}점 만점",
    "제{n}회 임시회", "제{n}기 위원회", "{n}년 만에 재개", "{n}일째 운영", "{n}박 {n}일 과정",
    "단가 {n}천원×{m}월", "붙임 {m}. {m}.",
)  # fmt: skip


@given(st.sampled_from(OTHERS), st.integers(1, 99), st.integers(1, 9), st.integers(100, 999), st.sampled_from(SETTINGS))
@settings(max_examples=800)
def test_a_number_of_another_thing_gets_no_window(form: str, n: int, m: int, h: int, around: str) -> None:
    text = around.format(form.format(n=n, m=m, h=h))
    assert [one.raw for one in find_dates(text, REF) if one.start or one.end] == [], text


@given(st.dates(date(2024, 1, 1), date(2024, 12, 31)), st.sampled_from(DAYS_OF_THE_YEAR))
def test_a_day_without_a_year_is_of_the_year_of_the_context(day: date, notation: Callable[[date], str]) -> None:
    (found,) = find_dates(notation(day), date(2019, 5, 5), year=2024)
    assert (found.start, found.end, found.inferred_year) == (day, day, True)


@given(written(), st.data())
def test_look_alike_marks_change_nothing_but_the_raw_text(case: Written, data: st.DataObject) -> None:
    text = "".join(
        data.draw(st.sampled_from([mark, *LOOKALIKES[mark]])) if mark in LOOKALIKES else mark for mark in case.text
    )
    (found,) = [one for one in find_dates(text, REF) if one.start or one.end]
    assert (found.start, found.end) == (case.start, case.end)
    assert found.raw == text[slice(*found.span)]


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(WEEKDAYS))
def test_a_printed_weekday_is_doubted_exactly_when_it_is_wrong(day: date, printed: str) -> None:
    (found,) = find_dates(f"{day.year}. {day.month}. {day.day}.({printed})", REF)
    wrong = printed != weekday(day)
    assert found.weekday_mismatches == (((day, printed, weekday(day)),) if wrong else ())
    assert bool(found.warnings) == wrong


PIECES = (
    "2024 24 9 12 31 0 13 99 . , ~ - / ' ( ) : 년 월 일 분기 학기 주 까지 부터 이후 전 중 초 말 중순 상반기 상·하반기"
    " 연말 올해 다음 이달 지난 오는 매주 매월 매년 격월 (월) 둘째 설 추석 명절 연휴 대비 겨울 이듬해 20240903 14:00"
    " 오후 시 5일간 예정 · 및 과 제 호 % 명 개월"
)


@given(
    st.lists(st.tuples(st.sampled_from(PIECES.split()), st.sampled_from(["", " ", "\t", "\n"])), max_size=16),
    st.dates(date(1950, 1, 1), date(2090, 1, 1)),
)
@settings(max_examples=600)
def test_any_heap_of_pieces_is_read_without_overlap(pieces: list[tuple[str, str]], ref_date: date) -> None:
    text = "".join(piece + gap for piece, gap in pieces)
    end = 0
    for found in find_dates(text, ref_date):
        assert end <= found.span[0] < found.span[1] <= len(text)
        assert found.raw == text[slice(*found.span)]
        assert all(found.span[0] <= part.span[0] and part.span[1] <= found.span[1] for part in found.parts)
        if found.recurrence and found.recurrence.startswith("FREQ="):
            rrulestr(found.recurrence, dtstart=None)
        end = found.span[1]


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    find_dates(text, REF)


STANDING_ALONE = [word for word in WORDS if not word.before.startswith("(?<=")]


@pytest.mark.parametrize("word", STANDING_ALONE, ids=lambda word: word.words)
def test_every_word_of_the_vocabulary_is_noticed_where_it_may_start(word: Word) -> None:
    for alternative in word.words.split("|"):
        start = alternative.replace("[·,/]", "·")
        assert next_candidate(f"○ {start}", 0) is not None, start


@pytest.mark.parametrize("ref_date", [date(1899, 12, 31), date(2101, 1, 1), date.max])
def test_reference_dates_outside_two_centuries_are_refused(ref_date: date) -> None:
    with pytest.raises(ValueError, match="1900"):
        find_dates("오늘", ref_date)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("- 구립도서관[11.4. 개관]", date(2011, 4, 1), date(2011, 4, 30)),
        ("[12.10. 준공]", date(2012, 10, 1), date(2012, 10, 31)),
        ("[11.4. 개관예정]", date(2024, 11, 4), date(2024, 11, 4)),
        ("[9.5. 개관]", date(2024, 9, 5), date(2024, 9, 5)),
        ("[11.30. 개관]", date(2024, 11, 30), date(2024, 11, 30)),
    ],
)
def test_a_pair_in_square_brackets_tells_since_when_a_building_stands(text: str, start: date, end: date) -> None:
    (found,) = find_dates(text, date(2024, 9, 1))
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize(
    ("text", "end"), [("추석 연휴 전날까지", date(2024, 9, 15)), ("추석 전날까지", date(2024, 9, 16))]
)
def test_the_day_before_a_holiday_is_a_limit(text: str, end: date) -> None:
    (found,) = find_dates(f"{text} 마무리", date(2024, 9, 1))
    assert (found.raw, found.start, found.end) == (text, None, end)
