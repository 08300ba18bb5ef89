"""Lines become an outline by their markers, whatever the report is about."""

import pytest

from documents.errors import DocumentError
from documents.limits import MAX_LINE_CHARS, MAX_TABLE_COLUMNS
from documents.outline import Shape, depths, parents, read_outline


def nesting(text: str) -> list[tuple[int, str]]:
    blocks = read_outline(text)
    return [(depth, block.text) for depth, block in zip(depths(parents(blocks)), blocks, strict=True)]


def test_the_marks_of_offices_nest_as_offices_nest_them() -> None:
    text = "Ⅰ. 현황\n1. 사업\n가. 개요\n○ 기간\n- 내용\n· 세부\n"
    assert nesting(text) == [(0, "현황"), (1, "사업"), (2, "개요"), (3, "기간"), (4, "내용"), (5, "세부")]


def test_indented_dashes_nest_by_their_indent_and_come_back_out() -> None:
    assert nesting("- 하나\n  - 둘\n    - 셋\n- 넷\n") == [(0, "하나"), (1, "둘"), (2, "셋"), (0, "넷")]


def test_an_indent_that_fell_half_a_step_short_belongs_to_the_outer_level() -> None:
    assert nesting("- 문제 하나\n    - 대책\n  - 문제 둘\n    - 대책\n") == [
        (0, "문제 하나"),
        (1, "대책"),
        (0, "문제 둘"),
        (1, "대책"),
    ]


@pytest.mark.parametrize("mark", ["□", "■", "○", "ㅇ", "o", "❍", "-", "·", "▪", "*", "1.", "가.", "①", "(1)"])
def test_every_usual_mark_begins_an_entry_and_is_taken_off(mark: str) -> None:
    (block,) = read_outline(f"{mark} 추진계획\n")
    assert block.text == "추진계획"
    assert block.marker


@pytest.mark.parametrize("text", ["2024. 9. 30. 준공", "-5% 감소", "24. 7월 말 기준", "3.5% 증가"])
def test_a_date_or_a_number_at_the_start_is_no_mark(text: str) -> None:
    (block,) = read_outline(text)
    assert (block.marker, block.text) == ("", text)


def test_a_hard_break_continues_the_entry_and_keeps_each_line_s_number() -> None:
    (block,) = read_outline("- 협의 완료  \n(경찰, 소방) 사업 발굴\n")
    assert block.text == "협의 완료 (경찰, 소방) 사업 발굴"
    assert [line for line, _ in block.parts] == [1, 2]


def test_an_arrow_right_below_an_entry_answers_it_alone() -> None:
    assert nesting("- 문제  \n⇒ 대책\n- 다음 문제\n") == [(0, "문제"), (1, "대책"), (0, "다음 문제")]


def test_a_note_stands_under_what_it_follows_and_holds_nothing() -> None:
    assert nesting("○ 사업\n- 항목\n※ 참고\n- 항목 둘\n")[2:] == [(2, "참고"), (1, "항목 둘")]


def test_headings_keep_their_number_whether_beside_the_title_or_alone() -> None:
    alone, title, joined = read_outline("## 2\n\n# 제목\n\n### 3 다른 제목\n")
    assert (alone.number, alone.text) == (2, "")
    assert (title.number, title.shape) == (None, Shape.HEADING)
    assert (joined.number, joined.text) == (3, "다른 제목")


def test_tab_lines_and_pipe_lines_are_tables_and_rules_are_none() -> None:
    tabs, pipes = read_outline("a\tb\n-----\t-----\n\tc\n\n| d | e |\n|---|---|\n| f | |\n")
    assert [row.cells for row in tabs.rows] == [("a", "b"), ("", "c")]
    assert [row.cells for row in pipes.rows] == [("d", "e"), ("f", "")]
    assert [row.line for row in pipes.rows] == [5, 7]


def test_lists_inside_a_cell_become_its_lines() -> None:
    (table,) = read_outline("팀\t<ul> <li>◦ 하나</li> <li>◦ 둘</li> </ul>\n")
    assert table.rows[0].cells == ("팀", "◦ 하나\n◦ 둘")


def test_markup_entities_and_control_characters_leave_only_words() -> None:
    (block,) = read_outline("- **굵게** <b>또</b>&nbsp;한&amp;줄 60 $m^2$ 각주<sup>1)</sup>\x07\n")
    assert block.text == "굵게 또 한&줄 60 ㎡ 각주"


def test_a_line_no_page_can_hold_is_refused_by_its_number() -> None:
    with pytest.raises(DocumentError, match="2행: 한 줄이 너무 깁니다"):
        read_outline("한 줄\n" + "가" * (MAX_LINE_CHARS + 1))


def test_a_row_of_too_many_cells_is_refused_by_its_number() -> None:
    with pytest.raises(DocumentError, match="1행: 표의 칸이 너무 많습니다"):
        read_outline("\t".join("가" for _ in range(MAX_TABLE_COLUMNS + 1)))
