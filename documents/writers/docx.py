"""The report as DOCX: A4, Korean fonts by name, real headings, bordered tables, a page for each project."""

import io
from datetime import UTC, datetime

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from documents.edition import ProgressReport
from documents.edition_parts import Table
from documents.writers.layout import Merge, alignment, column_widths, merges, sanitized
from documents.writers.package import repacked
from documents.writers.pages import (
    BODY_FONT,
    HEADING_FONT,
    HEADING_SHADE,
    LOOKS,
    MARGIN_MM,
    PAGE_HEIGHT_MM,
    PAGE_WIDTH_MM,
    TEXT_WIDTH_MM,
    Look,
    Pages,
    Style,
)

# What stands in where the office's font is not installed; Word takes it from the font table.
_SUBSTITUTES = {BODY_FONT: "바탕", HEADING_FONT: "Malgun Gothic"}
_ALIGNMENTS = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_CELL_MARGINS = "".join(
    f'<w:{side} w:w="{width}" w:type="dxa"/>'
    for side, width in (("top", 40), ("left", 80), ("bottom", 40), ("right", 80))
).join(("<w:tblCellMar>", "</w:tblCellMar>"))
_TWIPS_PER_MM = 1440 / 25.4


def write_docx(edition: ProgressReport) -> bytes:
    """The edition as a DOCX file; equal editions make equal bytes. Page numbers in 목차 are fields that Word fills."""
    pages = _DocxPages(edition)
    pages.print(edition)
    out = io.BytesIO()
    pages.document.save(out)
    return repacked(out.getvalue())


class _DocxPages(Pages):
    def __init__(self, edition: ProgressReport) -> None:
        self.document: DocxDocument = Document()
        self.marks = 0
        _set_up(self.document, edition)
        self.body = self.document.element.body
        self.end = self.body.sectPr

    def paragraph(self, text: str, style: Style, *, new_page: bool = False, mark: str = "") -> None:
        paragraph = self._add(text, style)
        if new_page:
            paragraph.paragraph_format.page_break_before = True
        if mark:
            self.marks += 1
            _bookmark(paragraph, mark, self.marks)

    def contents_entry(self, text: str, mark: str, *, is_chapter: bool) -> None:
        paragraph = self._add(text, Style.CONTENTS_ENTRY)
        if is_chapter:
            paragraph.paragraph_format.left_indent = Mm(8)
        paragraph.add_run("\t")
        _field(paragraph, f"PAGEREF {mark} \\h")

    def item(self, text: str, level: int) -> None:
        paragraph = self._add(text, Style.ITEM)
        paragraph.paragraph_format.left_indent = Mm(6 + 5 * level)
        paragraph.paragraph_format.first_line_indent = Mm(-4)

    def table(self, table: Table) -> None:
        widths = [round(width * _TWIPS_PER_MM) for width in column_widths(table, TEXT_WIDTH_MM)]
        self.end.addprevious(_table_element(table, widths))
        self._add("", Style.GAP)

    def _add(self, text: str, style: Style) -> Paragraph:
        return self.document.add_paragraph(sanitized(text), style.value)


# ------------------------------------------------------------------------------------------------ tables


def _table_element(table: Table, widths: list[int]) -> BaseOxmlElement:
    """The table's XML, built row by row: the library finds each cell anew from the table's start."""
    joined = merges(table)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    made: BaseOxmlElement = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblLayout w:type="fixed"/>{_CELL_MARGINS}</w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid></w:tbl>"
    )
    for at, texts in enumerate(table.rows):
        is_heading = at < table.header_rows
        row = OxmlElement("w:tr")
        properties = OxmlElement("w:trPr")
        properties.append(OxmlElement("w:cantSplit"))
        if is_heading and table.header_rows < len(table.rows):
            properties.append(OxmlElement("w:tblHeader"))
        row.append(properties)
        column = 0
        while column < len(texts):
            merge = next((m for m in joined if m.left == column and m.top <= at <= m.bottom), None)
            span = merge.right - merge.left + 1 if merge else 1
            text = "" if merge and at > merge.top else texts[column]
            width = sum(widths[column : column + span])
            row.append(_cell(text, width, merge or Merge(at, column, at, column), at, is_heading=is_heading))
            column += span
        made.append(row)
    return made


def _cell(text: str, width: int, place: Merge, row: int, *, is_heading: bool) -> BaseOxmlElement:
    span = f'<w:gridSpan w:val="{place.right - place.left + 1}"/>' if place.right > place.left else ""
    down = ""
    if place.bottom > place.top:
        down = '<w:vMerge w:val="restart"/>' if row == place.top else "<w:vMerge/>"
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{HEADING_SHADE}"/>' if is_heading else ""
    cell: BaseOxmlElement = parse_xml(
        f'<w:tc {nsdecls("w")}><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{down}{shade}'
        f'<w:vAlign w:val="center"/></w:tcPr></w:tc>'
    )
    style = "CellHeading" if is_heading else "Cell"
    for line in sanitized(text).split("\n"):
        aligned = "" if is_heading else f'<w:jc w:val="{alignment(line, place.left)}"/>'
        paragraph = parse_xml(f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{style}"/>{aligned}</w:pPr></w:p>')
        if line:
            run, words = OxmlElement("w:r"), OxmlElement("w:t")
            words.text = line
            words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            run.append(words)
            paragraph.append(run)
        cell.append(paragraph)
    return cell


# ------------------------------------------------------------------------------------------------ set-up


def _set_up(document: DocxDocument, edition: ProgressReport) -> None:
    properties = document.core_properties
    properties.title = sanitized(edition.title)
    properties.author = sanitized(", ".join(edition.bureaus))
    properties.comments = ""
    moment = datetime(edition.as_of.year, edition.as_of.month, edition.as_of.day, tzinfo=UTC)
    properties.created = properties.modified = moment
    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE_WIDTH_MM), Mm(PAGE_HEIGHT_MM)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN_MM)
    section.different_first_page_header_footer = True
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("- ")
    _field(footer, "PAGE")
    footer.add_run(" -")
    for style, look in LOOKS.items():
        _style(document, style, look)
    tabs = _paragraph_style(document, Style.CONTENTS_ENTRY).paragraph_format.tab_stops
    tabs.add_tab_stop(Mm(TEXT_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    for style in (Style.UNIT, Style.SUBHEADING):
        _paragraph_style(document, style).paragraph_format.keep_with_next = True
    _font_table(document)


def _paragraph_style(document: DocxDocument, style: Style) -> ParagraphStyle:
    known = [known.name for known in document.styles]
    found = (
        document.styles[style.value]
        if style.value in known
        else document.styles.add_style(style.value, WD_STYLE_TYPE.PARAGRAPH)
    )
    if not isinstance(found, ParagraphStyle):
        raise TypeError(f"{style} is no paragraph style of the template")
    return found


def _style(document: DocxDocument, name: Style, look: Look) -> None:
    style = _paragraph_style(document, name)
    style.font.size, style.font.bold, style.font.italic = Pt(look.size), look.bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), look.font)
    shape = style.paragraph_format
    shape.space_before, shape.space_after, shape.line_spacing = Pt(look.before), Pt(look.after), look.spacing / 100
    shape.alignment = _ALIGNMENTS[look.align]
    for border in style.element.xpath("./w:pPr/w:pBdr"):
        border.getparent().remove(border)


def _font_table(document: DocxDocument) -> None:
    part = next(part for part in document.part.package.iter_parts() if str(part.partname).endswith("fontTable.xml"))
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="81"/></w:font>'
        for name, other in _SUBSTITUTES.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", fonts.encode() + b"</w:fonts>")


def _field(paragraph: Paragraph, instruction: str) -> None:
    """A field without a stored result; `dirty` asks the program to work it out when the file is opened."""
    for kind in ("begin", "instruction", "separate", "end"):
        run = paragraph.add_run()
        if kind == "instruction":
            text = OxmlElement("w:instrText")
            text.text = f" {instruction} "
            run._r.append(text)
            continue
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        if kind == "begin":
            mark.set(qn("w:dirty"), "true")
        run._r.append(mark)


def _bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(end)
