"""The report as HWPX, what a Korean office files: A4, the same pages and looks as the DOCX.

The library makes the package, its fonts and formats; paragraphs and tables are our own XML, since each cell must say
its height (a table without heights collapses in the word processor) and ids must not be random.
"""

import re
import zipfile
from dataclasses import replace
from io import BytesIO
from math import ceil

from hwpx import HwpxDocument
from lxml import etree

from documents.edition import ProgressReport
from documents.edition_parts import Table
from documents.writers.layout import Merge, alignment, column_widths, display_width, merges, sanitized
from documents.writers.package import repacked
from documents.writers.pages import (
    DEEPEST,
    HEADING_SHADE,
    LOOKS,
    MARGIN_MM,
    TEXT_WIDTH_MM,
    Look,
    Pages,
    Style,
)

_HP = "http://www.hancom.co.kr/hwpml/2011/paragraph"
_HH = "http://www.hancom.co.kr/hwpml/2011/head"
_UNITS_PER_MM = 7200 / 25.4  # HWPUNIT: a hundredth of a point
_CELL_MARGIN = 283
_RANDOM_ID = re.compile(rb'\b(id|idRef|instid)="(\d{5,})"')


def write_hwpx(edition: ProgressReport) -> bytes:
    """The edition as an HWPX file; equal editions make equal bytes."""
    pages = _HwpxPages()
    pages.print(edition)
    pages.section.mark_dirty()
    return _without_chance(pages.document.to_bytes())


class _HwpxPages(Pages):
    def __init__(self) -> None:
        self.document = HwpxDocument.new()
        self.document.page.setup(
            paper_size="A4",
            margin_left_mm=MARGIN_MM,
            margin_right_mm=MARGIN_MM,
            margin_top_mm=MARGIN_MM / 2,  # this format counts them from the header's and footer's edges
            margin_bottom_mm=MARGIN_MM / 2,
            header_margin_mm=MARGIN_MM / 2,
            footer_margin_mm=MARGIN_MM / 2,
        )
        self.section = self.document.sections[0]
        self.root = self.section.element
        self.formats = _Formats(self.document)
        self.border = self.document.styles.ensure_border_fill(border_color="#000000", border_width="0.12 mm")
        self.heading_fill = self.document.styles.ensure_border_fill(
            border_color="#000000", border_width="0.12 mm", fill_color=f"#{HEADING_SHADE}"
        )
        self.ids = 0
        _number_pages(self.root)
        _leave_headings_unnumbered(self.document)

    def paragraph(self, text: str, style: Style, *, new_page: bool = False, mark: str = "") -> None:
        paragraph = self._p(text, style, new_page=new_page)
        if mark:
            control = _element("ctrl")
            control.append(_element("bookmark", name=mark))
            paragraph[0].insert(0, control)
        self.root.append(paragraph)

    def contents_entry(self, text: str, mark: str, *, is_chapter: bool) -> None:  # noqa: ARG002
        # Without a page number: the word processor makes its own 목차 from the outline levels and the bookmarks.
        self.root.append(self._p(f"    {text}" if is_chapter else text, Style.CONTENTS_ENTRY))

    def item(self, text: str, level: int) -> None:
        self.root.append(self._p(text, Style.ITEM, paragraph_format=self.formats.items[level]))

    def table(self, table: Table) -> None:
        holder = self._p("", Style.GAP)
        run = holder[0]
        run.remove(run[0])
        run.append(self._tbl(table))
        self.root.append(holder)
        self.root.append(self._p("", Style.GAP))

    def _p(
        self, text: str, style: Style, *, new_page: bool = False, paragraph_format: str | None = None
    ) -> etree._Element:
        paragraph = _element(
            "p",
            id=self._id(),
            paraPrIDRef=paragraph_format or self.formats.paragraphs[style],
            styleIDRef="0",
            pageBreak=str(int(new_page)),
            columnBreak="0",
            merged="0",
        )
        run = etree.SubElement(paragraph, f"{{{_HP}}}run", charPrIDRef=self.formats.runs[style])
        etree.SubElement(run, f"{{{_HP}}}t").text = sanitized(text)
        return paragraph

    def _tbl(self, table: Table) -> etree._Element:
        widths = [round(width * _UNITS_PER_MM) for width in column_widths(table, TEXT_WIDTH_MM)]
        joined = merges(table)
        heights = _row_heights(table, widths, joined)
        made = _element(
            "tbl",
            id=self._id(),
            zOrder="0",
            numberingType="TABLE",
            textWrap="TOP_AND_BOTTOM",
            textFlow="BOTH_SIDES",
            lock="0",
            dropcapstyle="None",
            pageBreak="CELL",
            repeatHeader="1",
            rowCnt=str(len(table.rows)),
            colCnt=str(len(widths)),
            cellSpacing="0",
            borderFillIDRef=self.border,
            noAdjust="0",
        )
        size = {"width": str(sum(widths)), "height": str(sum(heights))}
        made.append(_element("sz", **size, widthRelTo="ABSOLUTE", heightRelTo="ABSOLUTE", protect="0"))
        made.append(
            _element(
                "pos",
                treatAsChar="0",
                affectLSpacing="0",
                flowWithText="1",
                allowOverlap="0",
                holdAnchorAndSO="0",
                vertRelTo="PARA",
                horzRelTo="COLUMN",
                vertAlign="TOP",
                horzAlign="LEFT",
                vertOffset="0",
                horzOffset="0",
            )
        )
        made.append(_element("outMargin", left="0", right="0", top="0", bottom="0"))
        made.append(_element("inMargin", left="510", right="510", top="141", bottom="141"))
        for row, texts in enumerate(table.rows):
            tr = etree.SubElement(made, f"{{{_HP}}}tr")
            for column, text in enumerate(texts):
                merge = next((m for m in joined if _covers(m, row, column)), Merge(row, column, row, column))
                if (merge.top, merge.left) == (row, column):
                    width = sum(widths[merge.left : merge.right + 1])
                    height = sum(heights[merge.top : merge.bottom + 1])
                    tr.append(self._tc(text, merge, width, height, is_heading=row < table.header_rows))
        return made

    def _tc(self, text: str, place: Merge, width: int, height: int, *, is_heading: bool) -> etree._Element:
        cell = _element(
            "tc",
            name="",
            header=str(int(is_heading)),
            hasMargin="0",
            protect="0",
            editable="0",
            dirty="0",
            borderFillIDRef=self.heading_fill if is_heading else self.border,
        )
        words = etree.SubElement(
            cell,
            f"{{{_HP}}}subList",
            id="",
            textDirection="HORIZONTAL",
            lineWrap="BREAK",
            vertAlign="CENTER",
            linkListIDRef="0",
            linkListNextIDRef="0",
            textWidth="0",
            textHeight="0",
            hasTextRef="0",
            hasNumRef="0",
        )
        for line in text.split("\n"):
            style = Style.CELL_HEADING if is_heading else Style.CELL
            aligned = None if is_heading else self.formats.cells[alignment(line, place.left)]
            words.append(self._p(line, style, paragraph_format=aligned))
        spans = {"colSpan": str(place.right - place.left + 1), "rowSpan": str(place.bottom - place.top + 1)}
        cell.append(_element("cellAddr", colAddr=str(place.left), rowAddr=str(place.top)))
        cell.append(_element("cellSpan", **spans))
        cell.append(_element("cellSz", width=str(width), height=str(height)))
        cell.append(_element("cellMargin", left="510", right="510", top="141", bottom="141"))
        return cell

    def _id(self) -> str:
        self.ids += 1
        return str(self.ids)


class _Formats:
    """The character and paragraph formats of all styles, as the ids by which paragraphs name them."""

    def __init__(self, document: HwpxDocument) -> None:
        self.document = document
        self.runs = {
            style: str(document.styles.ensure_run(font=look.font, size=look.size, bold=look.bold))
            for style, look in LOOKS.items()
        }
        self.paragraphs = {style: self._format(look) for style, look in LOOKS.items()}
        item = LOOKS[Style.ITEM]
        self.items = [self._format(item, left_mm=6 + 5 * level, first_mm=-4) for level in range(DEEPEST + 1)]
        cell = LOOKS[Style.CELL]
        self.cells = {align: self._format(replace(cell, align=align)) for align in ("left", "center", "right")}

    def _format(self, look: Look, left_mm: float | None = None, first_mm: float | None = None) -> str:
        """Made on a sample paragraph, which is taken away again: the library has no other way to name a format."""
        sample = self.document.add_paragraph("", inherit_style=False)
        self.document.styles.apply_paragraph_format(
            paragraphs=[sample],
            alignment=look.align,
            line_spacing_percent=look.spacing,
            indent_left_mm=left_mm,
            first_line_indent_mm=first_mm,
            spacing_before_pt=look.before,
            spacing_after_pt=look.after,
            outline_level=look.level or None,
            keep_with_next=True if look.level else None,
        )
        made = str(sample.para_pr_id_ref)
        sample.remove()
        return made


def _element(tag: str, /, **attributes: str) -> etree._Element:
    return etree.Element(f"{{{_HP}}}{tag}", attributes)


def _number_pages(root: etree._Element) -> None:
    """`- 1 -` at the foot of every page but the cover, as the word processor itself numbers pages."""
    visibility = next(root.iter(f"{{{_HP}}}visibility"))
    visibility.set("hideFirstPageNum", "1")
    first_run = next(root.iter(f"{{{_HP}}}run"))
    control = etree.SubElement(first_run, f"{{{_HP}}}ctrl")
    control.append(_element("pageNum", pos="BOTTOM_CENTER", formatType="DIGIT", sideChar="-"))


def _leave_headings_unnumbered(document: HwpxDocument) -> None:
    """Headings have outline levels, for navigation, and their own numbers in words: the template's would come twice."""
    for header in document.parts.headers:
        for head in header.element.iter(f"{{{_HH}}}paraHead"):
            head.text = ""
        header.mark_dirty()


def _row_heights(table: Table, widths: list[int], joined: tuple[Merge, ...]) -> list[int]:
    """How high each row is when its words wrap at the widths of its cells; merged cells count where they end."""
    line = round(LOOKS[Style.CELL].size * 100 * LOOKS[Style.CELL].spacing / 100)
    half = LOOKS[Style.CELL].size * 50  # the width of a half-width character
    heights = []
    for row, texts in enumerate(table.rows):
        most = 1
        for column, text in enumerate(texts):
            merge = next((m for m in joined if _covers(m, row, column)), None)
            if merge is not None and merge.bottom > merge.top:
                continue
            right = merge.right if merge else column
            room = max(half * 2, sum(widths[column : right + 1]) - 1020)
            lines = sum(max(1, ceil(display_width(part) * half / room)) for part in text.split("\n"))
            most = max(most, lines)
        heights.append(most * line + _CELL_MARGIN)
    return heights


def _covers(merge: Merge, row: int, column: int) -> bool:
    return merge.top <= row <= merge.bottom and merge.left <= column <= merge.right


def _without_chance(content: bytes) -> bytes:
    """The package with the library's random ids numbered in reading order, and without the time of packing."""
    out = BytesIO()
    numbers: dict[bytes, bytes] = {}

    def number(match: re.Match[bytes]) -> bytes:
        known = numbers.setdefault(match[2], str(10_000_000 + len(numbers)).encode())
        return match[1] + b'="' + known + b'"'

    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            entry = old.read(name)
            new.writestr(name, _RANDOM_ID.sub(number, entry) if name.startswith("Contents/section") else entry)
    return repacked(out.getvalue(), stored=("mimetype",))
