"""What contradicts is found with its line and what it should be; what adds up stays silent."""

from datetime import date

import pytest

from documents.reading import FindingRow
from documents.report import read_report

HEAD = "# 도로과\n\n## 1 도로 정비\n\n### □ 사업개요\n\n- 사업대상 : 전 구간\n\n### □ 추진실적\n\n"
FIRST = 11


def findings(*lines: str, code: str | None = None) -> list[FindingRow]:
    report = read_report(HEAD + "\n".join(lines) + "\n", as_of=date(2024, 9, 1))
    return [finding for finding in report.findings if code in (None, finding.code)]


def told(*lines: str, code: str) -> list[tuple[int, str | None, str | None]]:
    return [(finding.line or 0, finding.expected, finding.found) for finding in findings(*lines, code=code)]


BUDGET = (
    "재원별\t합계\t연차별 소요재원\t\t",
    "\t\t2023년\t2024년\t2025년",
    "계\t600\t100\t200\t300",
    "국비\t240\t40\t80\t120",
    "구비\t360\t60\t120\t180",
)


def changed(row: int, column: int, value: str) -> list[str]:
    lines = [line.split("\t") for line in BUDGET]
    lines[row][column] = value
    return ["\t".join(cells) for cells in lines]


def test_a_budget_that_adds_up_is_silent() -> None:
    assert findings(*BUDGET) == []


def test_a_row_s_wrong_sum_is_told_on_its_row_and_the_column_s_on_the_total_row() -> None:
    assert told(*changed(3, 1, "250"), code="sum-mismatch") == [(FIRST + 2, "610", "600"), (FIRST + 3, "240", "250")]


def test_a_wrong_cell_breaks_its_row_and_its_column() -> None:
    assert told(*changed(4, 3, "100"), code="sum-mismatch") == [(FIRST + 2, "180", "200"), (FIRST + 4, "340", "360")]


def test_blank_cells_and_dashes_count_as_nothing() -> None:
    lines = ["재원별\t합계\t2023년\t2024년", "계\t5\t-\t5", "국비\t-\t-\t-", "구비\t5\t\t5"]
    assert findings(*lines) == []


def test_groups_with_their_own_totals_make_the_grand_total() -> None:
    lines = ["구 분\t\t금액", "합계\t\t30", "가과\t계\t10", "\t사업비\t4", "\t경비\t6", "나과\t계\t20", "\t사업비\t20"]
    assert findings(*lines) == []
    lines[2] = "가과\t계\t11"
    assert told(*lines, code="sum-mismatch") == [(FIRST + 1, "31", "30"), (FIRST + 2, "10", "11")]


def test_a_group_of_columns_counts_by_its_own_total() -> None:
    lines = ["구분\t총계\t인건비\t운영비\t\t", "\t\t\t계\t강사료\t관리비", "예산\t30\t10\t20\t15\t5"]
    assert findings(*lines) == []
    assert told(*lines[:2], "예산\t30\t10\t20\t15\t6", code="sum-mismatch") == [(FIRST + 2, "21", "20")]


def test_staff_in_brackets_adds_up_apart() -> None:
    lines = ["부서명\t합계\t5급\t6급", "도로과\t5 (4)\t1 (1)\t4 (2)"]
    assert told(*lines, code="sum-mismatch") == [(FIRST + 1, "3", "4")]


def test_printed_differences_and_their_rates_are_checked() -> None:
    lines = [
        "구 분\t2024년\t2023년 (당초예산)\t증 감\t증감률(%)",
        "사업비\t110\t100\t10\t10",
        "경비\t90\t100\t△10\t△10",
    ]
    assert findings(*lines) == []
    assert told(lines[0], "사업비\t110\t100\t12\t10", code="sum-mismatch") == [(FIRST + 1, "10", "12")]
    assert told(lines[0], "사업비\t110\t100\t10\t12", code="share-mismatch") == [(FIRST + 1, "10", "12")]


def test_a_change_in_brackets_is_checked_against_the_year_before() -> None:
    lines = ["구분\t2024년\t2023년", "계 (증감 : 전년대비)\t940 (4)\t936 (157)", "방범\t940\t936"]
    assert findings(*lines) == []
    assert told(lines[0], "계 (증감 : 전년대비)\t940 (5)\t936 (157)", lines[2], code="sum-mismatch") == [
        (FIRST + 1, "4", "5")
    ]


def test_a_share_is_wrong_only_beyond_one_unit_of_its_last_digit() -> None:
    head = "중계사\t발송인원\t열람인원\t열람율(%)"
    rows = ["가\t16,766\t11,909\t71.03", "나\t4,208\t2,100\t49.90", "다\t2,423\t674\t27.82"]
    assert findings(head, "계\t23,397\t14,683\t62.75", *rows) == []
    assert told(head, "계\t23,397\t14,683\t62.65", *rows, code="share-mismatch") == [(FIRST + 1, "62.76", "62.65")]


def test_a_sum_in_words_is_the_sum_of_the_lines_below_it() -> None:
    right = ["- 소요 예산 : 150천원", "  - 로비 : 100천원", "  - 조명 : 50천원"]
    assert findings(*right) == []
    assert told("- 소요 예산 : 160천원", *right[1:], code="sum-mismatch") == [(FIRST, "150", "160")]


def test_a_sum_and_its_split_by_source_are_compared_in_one_unit() -> None:
    assert findings("- 소요예산 : 2,200,000천원(국비 1,200백만원, 구비 1,000백만원)") == []
    assert told("- 소요예산 : 500천원(국비 300천원, 구비 100천원)", code="sum-mismatch") == [(FIRST, "400", "500")]


@pytest.mark.parametrize(("weekday", "wrong"), [("월", False), ("화", True)])
def test_a_weekday_that_is_not_the_day_s_is_told(weekday: str, wrong: bool) -> None:
    found = told(f"- 회의 개최 : 2024. 9. 30.({weekday})", code="weekday-mismatch")
    assert found == ([(FIRST, "월", "화")] if wrong else [])


def test_a_day_that_does_not_exist_is_told_and_the_rest_is_read() -> None:
    (finding,) = findings("- 회의 개최 : 2024. 11. 31.", "- 점검 : 2024. 10. 5.", code="impossible-date")
    assert finding.line == FIRST


def test_the_same_visit_with_two_ends_is_a_conflict() -> None:
    lines = ["- 2024. 7. 25. ~ 7. 27. : 르카쩌시 방문", "- 2024. 7. 25. ~ 7. 26. : 르카쩌시 방문"]
    assert told(*lines, code="date-conflict") == [(FIRST + 1, "2024. 7. 25. ~ 7. 27.", "2024. 7. 25. ~ 7. 26.")]


def test_a_title_that_differs_from_the_list_is_told_and_a_mere_space_only_mentioned() -> None:
    listed = "# 도로과\n\n# 주요사업 목록\n\n연번\t주요사업\t쪽\n1\t도로 정비를 위한 조성\t3\n2\t하천정비\t5\n\n"
    body = "# 1\n\n## 도로 정비를 통한 조성\n\n### □ 사업개요\n\n- a\n\n# 2\n\n## 하천 정비\n\n### □ 사업개요\n\n- b\n"
    report = read_report(listed + body, as_of=date(2024, 9, 1))
    assert [(row.code, row.severity, row.expected) for row in report.findings] == [
        ("title-mismatch", "warning", "도로 정비를 위한 조성"),
        ("title-mismatch", "info", "하천정비"),
    ]


@pytest.mark.parametrize(
    ("stated", "wrong"),
    [
        ("사업비 : 2,400백만원(국비 1,600, 구비 800)", False),
        ("사업비 : 2,500백만원(국비 1,600, 구비 800)", True),
        ("총사업비 : 25,000백만원(국 12,500 / 시 6,250 / 구 6,250)", False),
        ("사업비 : 8억 5천만 원(도비 1억 원, 군비 7억 5천만 원)", False),
        ("사업비 : 8억 5천만 원(도비 1억 원, 군비 5억 원)", True),
        ("사업비 : 210억원(국비 70%, 지방비 30%)", False),
        ("사업비 : 900백만원(국비 300, 2026년 이후 확보)", False),
    ],
)
def test_a_split_by_source_in_running_text_makes_the_whole(stated: str, wrong: bool) -> None:
    report = read_report(f"# 도로과\n\n## 1 도로 정비\n\n### □ 사업개요\n\n- {stated}\n", as_of=date(2024, 9, 1))
    assert [row.code for row in report.findings] == (["sum-mismatch"] if wrong else [])


def test_two_projects_with_one_number_are_told() -> None:
    one = "## 1 {}\n\n### □ 사업개요\n\n- 사업대상 : 주민\n\n"
    report = read_report("# 도로과\n\n" + one.format("도로 정비") + one.format("하천 정비"), as_of=date(2024, 9, 1))
    assert [(row.code, row.line) for row in report.findings] == [("duplicate-number", 9)]


def test_letters_that_were_lost_are_told() -> None:
    assert [row.code for row in findings("- 청사 \ufffd\ufffd 공사")] == ["unreadable"]
