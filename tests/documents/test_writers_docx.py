"""The DOCX opens with its library, holds every text and table of the edition, and looks like an office document."""

import io
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from documents.edition_parts import Table
from documents.writers.docx import write_docx
from tests.documents.editions import EDITION, EMPTY, HOSTILE, printed_texts

CONTENT = write_docx(EDITION)
FILE = Document(io.BytesIO(CONTENT))


def cells(table: object) -> list[list[str]]:
    """The cells' texts, those under a merged cell as the library gives them: again."""
    return [[cell.text for cell in row.cells] for row in table.rows]  # type: ignore[attr-defined]


def test_every_text_of_the_edition_is_there() -> None:
    everything = "\n".join(node.text or "" for node in FILE.element.body.iter(qn("w:t")))
    assert [text for text in printed_texts(EDITION) if text not in everything] == []


def test_headings_are_headings_and_each_project_begins_a_page() -> None:
    headings = [(p.style.name, p.text) for p in FILE.paragraphs if p.style and p.style.name.startswith("Heading")]
    assert ("Heading 1", "1. 행정지원과") in headings
    assert ("Heading 2", "1. 종합청사 전면 개보수 추진") in headings
    assert ("Heading 3", "□ 추진실적(2024. 9. 기준)") in headings
    projects = [p for p in FILE.paragraphs if p.style and p.style.name == "Heading 2" and "개보수" in p.text]
    assert [p.paragraph_format.page_break_before for p in projects] == [True]


def test_items_carry_the_signs_of_the_house_by_level() -> None:
    items = [p.text for p in FILE.paragraphs if p.style and p.style.name == "Item"]
    assert "○ 사업 내용" in items
    assert "- 종합청사 로비 리모델링" in items
    assert "※ 고효율 평판형 LED 1,098개" in items
    assert "○ 설계용역 완료(2023. 12.) 주민 의견수렴에 따른 추경 진행" in items


def test_tables_hold_their_cells_with_merged_headings() -> None:
    budget = next(t for t in FILE.tables if t.cell(0, 0).text == "재원별")
    assert cells(budget) == [
        ["재원별", "합계", "연차별 소요재원", "연차별 소요재원", "연차별 소요재원"],
        ["재원별", "합계", "2023년", "2024년", "2025년"],
        ["계", "2,487,248", "-", "2,487,248", "△1,250"],
        ["구비", "2,487,248", "", "2,487,248", ""],
    ]
    works = next(t for t in FILE.tables if t.cell(0, 0).text == "동 명")
    assert works.cell(2, 0).text == "가산동"
    assert works.cell(2, 2).text == "정화조 배관 보수\n1층 로비"


def test_every_table_has_borders_and_stays_within_the_page() -> None:
    for table in FILE.tables:
        assert table.style is not None
        assert table.style.name == "Table Grid"
        assert sum(column.width or 0 for column in table.columns) <= Mm(171)


def test_the_page_is_a4_and_the_fonts_are_korean_with_a_substitute() -> None:
    section = FILE.sections[0]
    assert [round((length or 0) / Mm(1)) for length in (section.page_width, section.page_height)] == [210, 297]
    fonts = FILE.styles["Item"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "함초롬바탕"
    with zipfile.ZipFile(io.BytesIO(CONTENT)) as package:
        assert '<w:altName w:val="바탕"/>' in package.read("word/fontTable.xml").decode()


def test_the_contents_point_at_the_chapters() -> None:
    marks = {node.get(qn("w:name")) for node in FILE.element.body.iter(qn("w:bookmarkStart"))}
    asked = {
        (node.text or "").split()[1] for node in FILE.element.body.iter(qn("w:instrText")) if "PAGEREF" in node.text
    }
    assert asked == marks == {"part1", "part2", "chapter1", "chapter2"}


def test_equal_editions_make_equal_files() -> None:
    assert write_docx(EDITION) == CONTENT


def test_hostile_text_and_an_empty_edition_make_valid_files() -> None:
    texts = [p.text for p in FILE.paragraphs]
    assert all(any(text in paragraph for paragraph in texts) for text in HOSTILE)
    assert Document(io.BytesIO(write_docx(EMPTY))).paragraphs[0].text == "빈 보고"


def test_the_front_table_of_the_budget_is_printed() -> None:
    assert isinstance(EDITION.budget, Table)
    table = next(t for t in FILE.tables if t.cell(0, 0).text == "구 분")
    assert cells(table)[0] == ["구 분", "구 분", "2024년", "2023년", "증 감"]
    assert cells(table)[3] == ["행정지원과", "정책사업비", "1,500", "-", "1,500"]


@pytest.mark.parametrize("part", ["word/document.xml", "docProps/core.xml"])
def test_nothing_of_the_template_is_left_in_the_file(part: str) -> None:
    with zipfile.ZipFile(io.BytesIO(CONTENT)) as package:
        assert "python-docx" not in package.read(part).decode()
