"""Date expressions of office texts: every notation, what is open, what contradicts, and what is no date at all."""

import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from schedules.dates import DateExpression, Precision, as_json, find_dates

HERE = Path(__file__).parent
SHARED = HERE.parent.parent.parent / "shared"
REF = date(2024, 9, 1)


class Case(NamedTuple):
    """A text, the place of the expression in it, and the window or the rule that a reader gave it."""

    ref_date: date
    text: str
    span: tuple[int, int]
    window: tuple[str, str] | None
    rule: str | None = None


def read_cases(name: str) -> list[Case]:
    cases = []
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if "⟦" not in line or line.startswith("#"):
            continue
        ref_date, marked, *window = line.split(" | ")
        start = marked.index("⟦")
        end = marked.index("⟧") - 1
        text = marked.replace("⟦", "").replace("⟧", "")
        days = (window[0].strip(), window[1].strip()) if len(window) == 2 else None
        rule = window[0] if len(window) == 1 else None
        cases.append(Case(date.fromisoformat(ref_date), text, (start, end), days, rule))
    return cases


def windows_over(found: list[DateExpression], span: tuple[int, int]) -> set[tuple[str, str]]:
    """The windows of what was found over these characters; `-` for an open side."""
    return {
        (str(one.start or "-"), str(one.end or "-"))
        for one in found
        if (one.start or one.end) and one.span[0] < span[1] and one.span[1] > span[0]
    }


def only(text: str, ref_date: date = REF, *, year: int | None = None) -> DateExpression:
    found = find_dates(text, ref_date, year=year)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("case", read_cases("dates_windows.txt"), ids=lambda case: case.text)
def test_an_expression_means_the_days_a_reader_gave_it(case: Case) -> None:
    assert windows_over(find_dates(case.text, case.ref_date), case.span) == {case.window}


@pytest.mark.parametrize("case", read_cases("dates_without_window.txt"), ids=lambda case: case.text)
def test_what_names_no_day_gets_none(case: Case) -> None:
    assert windows_over(find_dates(case.text, case.ref_date), case.span) == set()


def test_the_tables_are_large_enough_to_mean_something() -> None:
    assert len(read_cases("dates_windows.txt")) >= 250
    assert len(read_cases("dates_without_window.txt")) >= 150


class TestFields:
    def test_raw_is_what_stands_at_the_span_with_the_marks_of_the_text(self) -> None:
        text = "○ 준공 : ’２４．１０월중"
        found = only(text)
        assert found.raw == text[slice(*found.span)] == "’２４．１０월중"

    @pytest.mark.parametrize(
        ("text", "precision"),
        [
            ("2024. 9. 3.", Precision.DAY),
            ("9월 둘째 주", Precision.WEEK),
            ("2024. 9월", Precision.MONTH),
            ("9월 초", Precision.PART_OF_MONTH),
            ("3분기", Precision.QUARTER),
            ("하반기", Precision.HALF),
            ("2025년", Precision.YEAR),
            ("2025년 봄", Precision.SEASON),
            ("추석 연휴", Precision.HOLIDAY),
            ("9~10월", Precision.RANGE),
            ("9월부터", Precision.OPEN),
            ("매주 목요일", Precision.NONE),
        ],
    )
    def test_precision_says_how_finely_the_text_names_it(self, text: str, precision: Precision) -> None:
        assert only(text).precision is precision

    def test_a_deadline_leaves_the_start_open_and_a_beginning_the_end(self) -> None:
        until, since = only("9월 말까지"), only("4월 이후")
        assert (until.start, until.end, until.open_start, until.open_end) == (None, date(2024, 9, 30), True, False)
        assert (since.start, since.end, since.open_start, since.open_end) == (date(2024, 4, 1), None, False, True)

    @pytest.mark.parametrize(
        "text",
        [
            "2024. 9월중",
            "9월 중(예정)",
            "2024. 8. 30.(예정)",
            "예정('24.9월)",
            "하반기",
            "2025년 320명",
            "2024년 착공",
            "7~8월경",
        ],
    )
    def test_hedges_make_it_tentative(self, text: str) -> None:
        assert only(text).tentative

    @pytest.mark.parametrize(
        "text",
        ["2024. 9. 3.", "9월 중순", "준공(2023. 12.)", "2024. 7. ~ 9.", "상반기", "2023년 320명", "2024년 320명"],
    )
    def test_what_is_not_hedged_is_firm(self, text: str) -> None:
        assert not only(text).tentative

    @pytest.mark.parametrize(
        ("text", "time"),
        [
            ("9. 3.(화) 14:00", "14:00"),
            ("9. 3.(화), 14:00~16:00", "14:00~16:00"),
            ("9월 3일 오후 2시", "14:00"),
            ("9월 3일 오후 2시~4시 30분", "14:00~16:30"),
            ("9월 3일 정오", "12:00"),
            ("9월 3일(화) 10시부터 17시까지", "10:00~17:00"),
            ("9. 3.(화) 10:00 ~ 9. 5.(목) 18:00", "10:00~18:00"),
        ],
    )
    def test_clock_times_are_kept_beside_the_days(self, text: str, time: str) -> None:
        assert only(text).time == time

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("매주 목요일", "FREQ=WEEKLY;BYDAY=TH"),
            ("매주 월·수·금", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
            ("격주 수요일", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE"),
            ("매월 둘째·넷째 수요일", "FREQ=MONTHLY;BYDAY=2WE,4WE"),
            ("매월 마지막 수요일", "FREQ=MONTHLY;BYDAY=-1WE"),
            ("매월 10일", "FREQ=MONTHLY;BYMONTHDAY=10"),
            ("매월 10일과 25일", "FREQ=MONTHLY;BYMONTHDAY=10,25"),
            ("매월 말일", "FREQ=MONTHLY;BYMONTHDAY=-1"),
            ("매월", "FREQ=MONTHLY"),
            ("격월", "FREQ=MONTHLY;INTERVAL=2"),
            ("분기별", "FREQ=MONTHLY;INTERVAL=3"),
            ("반기별", "FREQ=MONTHLY;INTERVAL=6"),
            ("매년 3월", "FREQ=YEARLY;BYMONTH=3"),
            ("매년 9월 3일", "FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=3"),
            ("매년 9~11월", "FREQ=YEARLY;BYMONTH=9,10,11"),
            ("격년", "FREQ=YEARLY;INTERVAL=2"),
            ("매일", "FREQ=DAILY"),
            ("평일", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
            ("연 2회", "연 2회"),
            ("익월 10일까지", "익월 10일까지"),
        ],
    )
    def test_recurrences_are_rules_where_a_rule_says_them(self, text: str, rule: str) -> None:
        found = only(text)
        assert (found.recurrence, found.start, found.end) == (rule, None, None)

    def test_a_rule_beside_a_window_holds_within_it(self) -> None:
        found = only("2024. 9. 4. ~ 11. 27. 매주 수요일 14:00~16:00")
        assert (found.start, found.end) == (date(2024, 9, 4), date(2024, 11, 27))
        assert (found.recurrence, found.time) == ("FREQ=WEEKLY;BYDAY=WE", "14:00~16:00")

    def test_members_of_a_list_keep_their_own_windows_and_places(self) -> None:
        text = "설명회 : 9. 3.(화), 10.(화), 9. 17.~9. 18."
        found = only(text)
        assert [part.raw for part in found.parts] == ["9. 3.(화)", "10.(화)", "9. 17.~9. 18."]
        assert [text[slice(*part.span)] for part in found.parts] == [part.raw for part in found.parts]
        assert [(str(part.start), str(part.end)) for part in found.parts] == [
            ("2024-09-03", "2024-09-03"),
            ("2024-09-10", "2024-09-10"),
            ("2024-09-17", "2024-09-18"),
        ]

    @pytest.mark.parametrize("text", ["계약일로부터 6개월", "착공일로부터 30일 이내", "25년 인사운영 계획 수립 전"])
    def test_what_hangs_on_an_event_keeps_its_words(self, text: str) -> None:
        found = only(f"준공 : {text}")
        assert (found.raw, found.start, found.end, found.precision) == (text, None, None, Precision.NONE)

    def test_members_get_the_unit_of_the_last(self) -> None:
        assert [(part.raw, str(part.start)) for part in only("3, 4분기").parts] == [
            ("3", "2024-07-01"),
            ("4분기", "2024-10-01"),
        ]

    def test_as_json_has_the_fields_of_the_contract(self) -> None:
        found = as_json(only("9. 3.(수), 9. 10."))
        assert list(found) == [
            "raw", "span", "start", "end", "precision", "open_start", "open_end", "tentative", "time", "recurrence",
            "inferred_year", "parts", "warnings",
        ]  # fmt: skip
        assert json.loads(json.dumps(found))["start"] == "2024-09-03"


class TestYears:
    def test_a_year_that_is_left_out_comes_from_the_context_before_the_reference_date(self) -> None:
        assert only("하반기", year=2026).start == date(2026, 7, 1)
        assert only("하반기").start == date(2024, 7, 1)
        assert only("하반기", year=2026).inferred_year
        assert only("하반기").inferred_year

    def test_a_printed_year_is_not_inferred(self) -> None:
        assert not only("2024. 9. ~ 11.").inferred_year
        assert not only("'24.9월").inferred_year

    def test_the_right_side_goes_over_the_years_end_when_it_says_so(self) -> None:
        found = only("2024. 12월 ~ 2025. 1월")
        assert (found.start, found.end, found.warnings) == (date(2024, 12, 1), date(2025, 1, 31), ())

    def test_a_right_side_before_the_left_is_read_as_the_next_year_with_a_warning(self) -> None:
        found = only("2024. 12. ~ 2.")
        assert (found.end, found.warnings) == (date(2025, 2, 28), ("끝이 시작보다 앞서 다음 해로 읽었습니다",))

    def test_an_end_before_the_start_is_kept_as_printed_and_warned_of(self) -> None:
        found = only("2024. 9. 10. ~ 2024. 9. 3.")
        assert (found.start, found.end) == (date(2024, 9, 10), date(2024, 9, 3))
        assert found.warnings == ("끝이 시작보다 앞섭니다",)


class TestWarnings:
    def test_a_wrong_weekday_is_named_with_the_right_one(self) -> None:
        found = only("1차보충 : 2024. 08. 01.(월) ~ 09. 20.(수)")
        assert found.warnings == (
            "요일 불일치: 2024. 8. 1.은 목요일입니다 (문서: 월)",
            "요일 불일치: 2024. 9. 20.은 금요일입니다 (문서: 수)",
        )
        assert found.weekday_mismatches == ((date(2024, 8, 1), "월", "목"), (date(2024, 9, 20), "수", "금"))

    def test_a_right_weekday_is_silent(self) -> None:
        assert only("2024. 7. 21.(일) ~ 7. 22.(월)").warnings == ()

    def test_a_status_in_the_bracket_is_no_weekday(self) -> None:
        assert only("2024. 8. 30.(예정)").warnings == ()

    def test_a_day_that_does_not_exist_is_the_last_of_its_month(self) -> None:
        found = only("2024. 11. 31.")
        assert (found.end, found.warnings) == (
            date(2024, 11, 30),
            ("없는 날짜: 2024. 11. 31. (11월은 30일까지입니다)",),
        )

    @pytest.mark.parametrize(
        "text", ["2024. 13. 5.", "2024년 13월 5일", "2024년 13월", "'24. 9. 32.", "2월 32일", "2024. 9. 35."]
    )
    def test_what_no_calendar_has_names_no_day_and_is_warned_of(self, text: str) -> None:
        found = only(f"준공 : {text}")
        assert (found.raw, found.start, found.end, found.warnings) == (text, None, None, (f"없는 날짜: {text}",))

    def test_a_range_that_ends_on_no_day_keeps_its_first_day_only(self) -> None:
        found = find_dates("2024. 9. 1. ~ 2024. 13. 5.", REF)
        assert [(one.start, one.end, bool(one.warnings)) for one in found] == [
            (date(2024, 9, 1), date(2024, 9, 1), False),
            (None, None, True),
        ]

    def test_the_leap_day_exists_only_in_leap_years(self) -> None:
        assert only("2024. 2. 29.").warnings == ()
        assert only("2025. 2. 29.").end == date(2025, 2, 28)


def test_expressions_come_left_to_right_and_do_not_overlap() -> None:
    text = "당초 2024. 9. 3. → 변경 '24. 12. 말, 매월 10일(3월부터), 예산 1,270,719천원, 2025년 상반기(4월)"
    spans = [found.span for found in find_dates(text, REF)]
    assert len(spans) == 5
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


@pytest.mark.parametrize("text", ["", " ", "날짜 없음", "\x00\x01", "2024", "~", "((((", "'", "월일년"])
def test_texts_without_a_date_give_nothing(text: str) -> None:
    assert find_dates(text, REF) == []


@pytest.mark.shared
class TestTheFirstReport:
    """The hand-made labels of the first customer's report, which lies beside the checkout."""

    lines: tuple[str, ...]

    @pytest.fixture(autouse=True)
    def report(self) -> None:
        path = SHARED / "data" / "seed" / "geumcheon-2024-09.md"
        if not path.exists():
            pytest.skip(f"needs {path.name} beside the checkout")
        self.lines = tuple(path.read_text(encoding="utf-8").split("\n"))

    def rows(self, name: str) -> list[dict[str, object]]:
        path = SHARED / "data" / "gold" / name
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def test_windows_are_those_of_the_labels(self) -> None:
        rows = self.rows("milestones.jsonl")
        right = 0
        for row in rows:
            found = find_dates(self.lines[int(str(row["line"])) - 1], REF, year=2024)
            window = (str(row["start"] or "-"), str(row["end"] or "-"))
            wanted = set() if window == ("-", "-") else {window}
            right += windows_over(found, (int(str(row["col"])), int(str(row["col_end"])))) == wanted
        assert right / len(rows) >= 0.99

    def test_nothing_else_becomes_a_date(self) -> None:
        labelled: dict[int, list[tuple[int, int]]] = {}
        for row in self.rows("milestones.jsonl"):
            labelled.setdefault(int(str(row["line"])), []).append((int(str(row["col"])), int(str(row["col_end"]))))
        false = []
        for number, line in enumerate(self.lines[:1059], 1):
            for found in find_dates(line, REF, year=2024):
                near = any(found.span[0] < end and found.span[1] > start for start, end in labelled.get(number, []))
                if (found.start or found.end) and not near:
                    false.append((number, found.raw))
        assert false == []
