"""The HWPX opens with its library, is valid, holds every text and table, and every cell says its height."""

import io
import zipfile

from hwpx import HwpxDocument
from lxml import etree

from documents.writers.hwpx import write_hwpx
from tests.documents.editions import EDITION, EMPTY, HOSTILE, printed_texts

HP = "{http://www.hancom.co.kr/hwpml/2011/paragraph}"
HH = "{http://www.hancom.co.kr/hwpml/2011/head}"
CONTENT = write_hwpx(EDITION)
FILE = HwpxDocument.open(CONTENT)
SECTION = FILE.sections[0].element
TABLES = list(SECTION.iter(f"{HP}tbl"))


def words(element: etree._Element) -> str:
    """The paragraphs of an element, a line each."""
    return "\n".join("".join(t.text or "" for t in p.iter(f"{HP}t")) for p in element.iter(f"{HP}p"))


def cells(table: etree._Element) -> dict[tuple[int, int], str]:
    """The texts of the cells that are there, by row and column."""
    found = {}
    for cell in table.iter(f"{HP}tc"):
        place = cell.find(f"{HP}cellAddr")
        assert place is not None
        found[int(place.get("rowAddr", "")), int(place.get("colAddr", ""))] = words(cell)
    return found


def test_the_library_finds_the_package_valid() -> None:
    report = FILE.validate()
    assert report.ok, report


def test_every_text_of_the_edition_is_there() -> None:
    everything = words(SECTION)
    assert [text for text in printed_texts(EDITION) if text not in everything] == []


def test_items_carry_the_signs_of_the_house_by_level() -> None:
    lines = words(SECTION).split("\n")
    assert "○ 사업 내용" in lines
    assert "- 종합청사 로비 리모델링" in lines
    assert "※ 고효율 평판형 LED 1,098개" in lines


def test_tables_hold_their_cells_and_merged_ones_are_left_out() -> None:
    budget = cells(next(table for table in TABLES if cells(table)[0, 0] == "재원별"))
    assert budget[0, 2] == "연차별 소요재원"
    assert (0, 3) not in budget
    assert (1, 0) not in budget
    assert [budget[2, column] for column in range(5)] == ["계", "2,487,248", "-", "2,487,248", "△1,250"]
    works = cells(next(table for table in TABLES if cells(table)[0, 0] == "동 명"))
    assert (2, 0) not in works
    assert works[2, 2] == "정화조 배관 보수\n1층 로비"


def test_every_cell_says_its_size_and_the_sizes_add_up() -> None:
    for table in TABLES:
        size = table.find(f"{HP}sz")
        assert size is not None
        area = 0
        for cell in table.iter(f"{HP}tc"):
            own = cell.find(f"{HP}cellSz")
            assert own is not None
            assert int(own.get("height", "")) >= 1000
            area += int(own.get("width", "")) * int(own.get("height", ""))
        assert area == int(size.get("width", "")) * int(size.get("height", ""))


def test_each_project_begins_a_page() -> None:
    breaks = [words(p) for p in SECTION.iterchildren(f"{HP}p") if p.get("pageBreak") == "1"]
    assert breaks[:2] == ["목 차", "Ⅰ. 일반현황"]
    assert breaks[-3:] == ["2. 보건 <안전> 점검", "2. 자치행정과", "1. 동 청사 기능 보강"]


def test_pages_are_numbered_and_headings_keep_their_own_numbers() -> None:
    assert [node.get("sideChar") for node in SECTION.iter(f"{HP}pageNum")] == ["-"]
    heads = FILE.parts.headers[0].element.iter(f"{HH}paraHead")
    assert {head.text or "" for head in heads} == {""}


def test_the_fonts_are_the_offices_own() -> None:
    names = {font.get("face") for font in FILE.parts.headers[0].element.iter(f"{HH}font")}
    assert names >= {"함초롬바탕", "맑은 고딕"}


def test_equal_editions_make_equal_files_with_the_type_first_and_plain() -> None:
    assert write_hwpx(EDITION) == CONTENT
    with zipfile.ZipFile(io.BytesIO(CONTENT)) as package:
        first = package.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert package.read("mimetype") == b"application/hwp+zip"


def test_hostile_text_and_an_empty_edition_make_valid_files() -> None:
    everything = words(SECTION)
    assert all(text in everything for text in HOSTILE)
    empty = HwpxDocument.open(write_hwpx(EMPTY))
    assert empty.validate().ok
    assert "빈 보고" in words(empty.sections[0].element)
