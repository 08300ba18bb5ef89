"""Signs by level, merged cells and widths of columns: what every paged format shares."""

from hypothesis import given
from hypothesis import strategies as st

from documents.edition_parts import Line, Section, Table, table_of
from documents.writers.layout import Merge, alignment, column_widths, display_width, house_blocks, is_unit_line, merges
from models import SectionKind


def signs(*lines: Line) -> list[str]:
    blocks = house_blocks(Section(SectionKind.RESULTS, "추진실적", lines))
    return [f"{block.sign} {block.text}" for block in blocks if isinstance(block, Line)]


def test_dashes_become_the_signs_of_the_house() -> None:
    assert signs(Line(0, "-", "공사"), Line(1, "-", "설계"), Line(2, "- ※", "참고"), Line(1, "- ⇒", "대책")) == [
        "○ 공사",
        "- 설계",
        "※ 참고",
        "⇒ 대책",
    ]


def test_a_section_with_circles_of_its_own_keeps_its_signs() -> None:
    assert signs(Line(0, "○", "공사"), Line(1, "-", "설계")) == ["○ 공사", "- 설계"]


def test_a_line_printed_on_two_lines_is_one() -> None:
    assert signs(Line(0, "-", "예산편성 필요에"), Line(0, "", "따른 추경", continues=True)) == [
        "○ 예산편성 필요에 따른 추경"
    ]


def test_headings_over_columns_and_rows_are_merged() -> None:
    table = table_of(
        [("재원별", "합계", "연차별", "", ""), ("", "", "2023년", "2024년", "2025년"), ("계", "1", "2", "3", "4")]
    )
    assert table.header_rows == 2
    assert merges(table) == (Merge(0, 0, 1, 0), Merge(0, 1, 1, 1), Merge(0, 2, 0, 4))


def test_a_first_cell_holds_for_the_rows_left_blank_below_it() -> None:
    table = table_of([("동", "공사"), ("가산", "소방"), ("", "정화조"), ("독산", "주차장"), ("", "")])
    assert merges(table) == (Merge(1, 0, 2, 0),)


def test_names_stand_in_the_middle_figures_right_words_left() -> None:
    assert [alignment(text, 1) for text in ("1,270,719", "△100", "-", "62.8%", "150 (152)", "완료('24.5월)")] == [
        *["right"] * 5,
        "left",
    ]
    assert (alignment("재무활동비", 0), alignment("◦ 인사팀", 0)) == ("center", "left")


def test_a_unit_is_a_line_of_its_own() -> None:
    assert is_unit_line(Line(0, "", "(단위 : 천원)"))
    assert not is_unit_line(Line(0, "-", "(단위 : 천원)"))


def test_figures_do_not_break_beside_long_headings() -> None:
    heading = "강사료지원금 및 수강료감면분 지원금"
    table = Table((("구분", "총계", heading, heading, heading), ("예산", "1,248,840", "233,880", "3,600", "비고" * 40)))
    widths = column_widths(table, 170)
    assert widths[1] / 1.6 > display_width("1,248,840")


def test_a_heading_that_hangs_into_the_next_row_is_not_taken_again() -> None:
    table = table_of([("", "", "", "", "", "1", ""), ("", "", "", "", "2", "", "3")])
    covered = [
        (row, column)
        for merge in merges(table)
        for row in range(merge.top, merge.bottom + 1)
        for column in range(merge.left, merge.right + 1)
    ]
    assert len(covered) == len(set(covered))


CELLS = st.text(alphabet="가나 1,2-", max_size=12)


@given(st.integers(1, 8).flatmap(lambda n: st.lists(st.tuples(*[CELLS] * n), min_size=1, max_size=6)))
def test_any_table_fills_the_page_and_merges_each_cell_once(rows: list[tuple[str, ...]]) -> None:
    table = table_of(rows)
    widths = column_widths(table, 170)
    assert sum(widths) == 170
    assert min(widths) > 0
    covered = [
        (row, column)
        for merge in merges(table)
        for row in range(merge.top, merge.bottom + 1)
        for column in range(merge.left, merge.right + 1)
    ]
    assert len(covered) == len(set(covered))
    for merge in merges(table):
        texts = [
            table.rows[r][c] for r in range(merge.top, merge.bottom + 1) for c in range(merge.left, merge.right + 1)
        ]
        assert [text for text in texts if text] == [table.rows[merge.top][merge.left]]
