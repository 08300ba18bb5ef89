"""Tables as offices print them: merged cells, several heading rows, numbers with their signs."""

import pytest

from documents.html_tables import html_rows
from documents.outline import Row
from documents.tables import card_pairs, filled_down, number, read_grid, year_heading


def rows(*lines: str) -> list[Row]:
    return [Row(at, tuple(line.split("\t"))) for at, line in enumerate(lines, start=1)]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,234", 1234), ("△50,000", -50000), ("▲3", -3), ("9.3", 9.3), ("-5", -5), ("0", 0), ("-", None), ("", None)],
)
def test_numbers_are_read_with_their_signs_and_none_stays_none(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2024년", 2024),
        ("'24년", 2024),
        ("24년", 2024),
        ("2023년 (당초예산)", 2023),
        ("'22", 2022),
        ("24", None),
        ("합계", None),
    ],
)
def test_columns_of_years_are_known_by_their_heading(text: str, year: int | None) -> None:
    assert year_heading(text) == year


def test_heading_rows_are_joined_over_merged_cells() -> None:
    grid = read_grid(rows("재원별\t합계\t연차별\t", "\t\t2023년\t2024년", "계\t3\t1\t2"))
    assert grid.columns == ("재원별", "합계", "연차별 2023년", "연차별 2024년")
    assert [row.line for row in grid.body] == [3]


def test_a_merged_cell_holds_until_a_column_to_its_left_begins_anew() -> None:
    body = rows("가동\t연간\t보수", "\t\t정비", "\t긴급\t방수", "나동\t\t설치")
    assert [row.cells for row in filled_down(body, [0, 1])] == [
        ("가동", "연간", "보수"),
        ("가동", "연간", "정비"),
        ("가동", "긴급", "방수"),
        ("나동", "", "설치"),
    ]


def test_a_card_is_labels_beside_values_and_a_turned_table_is_not() -> None:
    card = rows("사업명\t도서관\t담당부서\t문화과", "사업기간\t2025. 3. ~ 12.\t위치\t중앙로")
    assert [(pair.label, pair.value) for pair in card_pairs(card)] == [
        ("사업명", "도서관"),
        ("담당부서", "문화과"),
        ("사업기간", "2025. 3. ~ 12."),
        ("위치", "중앙로"),
    ]
    assert card_pairs(rows("구분\t탐방\t캠프", "기간\t7월\t8월", "장소\t과학관\t강당")) == ()
    assert card_pairs(rows("일시\t행사명\t장소\t담당", "9. 6.\t걷기\t공원\t체육팀")) == ()


def test_html_spans_become_blank_cells_in_their_rows() -> None:
    lines = [
        (5, "<table><tr><td rowspan=3>가</td><td colspan='2'>나</td></tr>"),
        (6, "<tr><td>다</td><td>라<br/>마</td></tr>"),
        (7, "<tr><td>바</td></tr></table>"),
    ]
    assert html_rows(lines) == [(5, ("가", "나", "")), (6, ("", "다", "라\n마")), (7, ("", "바"))]
