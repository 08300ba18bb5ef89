"""The report as DOCX: A4, Korean fonts by name, real headings, bordered tables, a page for each project."""

import io
from datetime import UTC, datetime

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from documents.edition import DepartmentPart, Edition
from documents.edition_parts import Line, ProjectPage, Section, Table
from documents.writers import front
from documents.writers.layout import column_widths, house_blocks, is_figure, is_unit_line, merges, sanitized
from documents.writers.package import repacked

BODY_FONT, HEADING_FONT = "함초롬바탕", "맑은 고딕"
# What stands in where the office's font is not installed; Word takes it from the font table.
_SUBSTITUTES = {BODY_FONT: "바탕", HEADING_FONT: "Malgun Gothic"}
_WIDTH_MM = 170
_SHADE = "E7ECF3"


def write_docx(edition: Edition) -> bytes:
    """The edition as a DOCX file; equal editions make equal bytes. Page numbers in 목차 are fields that Word fills."""
    page = _Pages(edition)
    page.cover()
    page.contents()
    page.general()
    for at, department in enumerate(edition.departments, start=1):
        page.department(at, department)
    out = io.BytesIO()
    page.document.save(out)
    return repacked(out.getvalue())


class _Pages:
    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.document: DocxDocument = Document()
        self.bookmarks = 0
        _set_up(self.document, edition)

    # -------------------------------------------------------------------------------------------- front

    def cover(self) -> None:
        for _ in range(5):
            self.paragraph("")
        self.paragraph(self.edition.title, "Title")
        self.paragraph(front.as_of_line(self.edition), "Cover Line")
        for _ in range(6):
            self.paragraph("")
        self.paragraph(front.month_line(self.edition), "Cover Date")
        for _ in range(6):
            self.paragraph("")
        for bureau in self.edition.bureaus:
            self.paragraph(bureau, "Cover Date")
        self.paragraph(" · ".join(department.name for department in self.edition.departments), "Cover Line")

    def contents(self) -> None:
        self.paragraph("목 차", "Contents Title", new_page=True)
        names = ["part1", "part2", *(f"chapter{at}" for at in range(1, len(self.edition.departments) + 1))]
        for entry, name in zip(front.contents(self.edition), names, strict=True):
            paragraph = self.paragraph(entry, "Contents Entry")
            if name.startswith("chapter"):
                paragraph.paragraph_format.left_indent = Mm(8)
            paragraph.add_run("\t")
            _field(paragraph, f"PAGEREF {name} \\h")

    def general(self) -> None:
        edition = self.edition
        self.heading(front.PART_ONE, 1, "part1")
        self.heading(f"1. {front.ORGANISATION}", 2)
        self.paragraph(front.organisation_line(edition), "Item")
        self.table(front.chart(edition))
        if staff := front.bureau_staff_table(edition):
            self.paragraph(front.staff_line(edition.staff), "Item")
            self.table(staff)
        if edition.budget:
            self.heading(f"2. {front.BUDGET}", 2)
            self.paragraph(front.THOUSAND_WON, "Unit")
            self.table(edition.budget)
        self.heading(front.PART_TWO, 1, "part2")
        self.paragraph("")

    # -------------------------------------------------------------------------------------------- departments

    def department(self, at: int, department: DepartmentPart) -> None:
        self.heading(f"{at}. {department.name}", 1, f"chapter{at}", new_page=at > 1)
        for team in department.teams:
            self.line(Line(0, "○", team.name))
        self.heading(f"조직현황 : {len(department.teams)}팀", 3)
        self.table(front.duties_table(department))
        if department.staff:
            self.heading(front.staff_line(department.staff), 3)
            self.table(front.staff_table("인력현황", [("정원(현원)", department.staff)]))
        self.heading("주요사업 목록", 3)
        self.table(front.project_table(department))
        for number, project in enumerate(department.projects, start=1):
            self.project(number, project)

    def project(self, at: int, project: ProjectPage) -> None:
        self.heading(f"{project.number or at}  {project.title}", 2, new_page=True)
        for section in project.sections:
            self.section(section)

    def section(self, section: Section) -> None:
        if section.heading:
            self.heading(f"□ {section.heading}", 3)
        for block in house_blocks(section):
            if isinstance(block, Table):
                self.table(block)
            elif is_unit_line(block):
                self.paragraph(block.text, "Unit")
            else:
                self.line(block)

    # -------------------------------------------------------------------------------------------- blocks

    def heading(self, text: str, level: int, bookmark: str = "", *, new_page: bool = False) -> None:
        paragraph = self.document.add_heading(sanitized(text), level)
        paragraph.paragraph_format.page_break_before = new_page or (level == 1 and bookmark == "part1")
        if bookmark:
            self.bookmarks += 1
            _bookmark(paragraph, bookmark, self.bookmarks)

    def paragraph(self, text: str, style: str | None = None, *, new_page: bool = False) -> Paragraph:
        paragraph = self.document.add_paragraph(sanitized(text), style)
        paragraph.paragraph_format.page_break_before = new_page or None
        return paragraph

    def line(self, line: Line) -> None:
        if line.sign.startswith("#"):
            self.paragraph(line.text, "Subheading")
            return
        paragraph = self.paragraph(f"{line.sign} {line.text}".strip(), "Item")
        indent = 4 + 5 * min(line.level, 8)
        paragraph.paragraph_format.left_indent = Mm(indent + 4)
        paragraph.paragraph_format.first_line_indent = Mm(-4)

    def table(self, table: Table) -> None:
        widths = column_widths(table, _WIDTH_MM)
        made = self.document.add_table(len(table.rows), len(widths), "Table Grid")
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        made.autofit = False
        for column, width in enumerate(widths):
            made.columns[column].width = Mm(width)
        cells = [list(row.cells) for row in made.rows]
        for row, texts in enumerate(table.rows):
            for column, text in enumerate(texts):
                cells[row][column].width = Mm(widths[column])
                _fill(cells[row][column], text, is_heading=row < table.header_rows)
        for row in range(min(table.header_rows, len(table.rows) - 1)):
            _repeat_on_each_page(made.rows[row]._tr)
        for row in made.rows:
            _keep_together(row._tr)
        for merge in merges(table):
            merged = cells[merge.top][merge.left].merge(cells[merge.bottom][merge.right])
            for extra in merged.paragraphs[1:]:
                if not extra.text:
                    extra._p.getparent().remove(extra._p)
            merged.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        self.paragraph("", "After Table")


def _fill(cell: _Cell, text: str, *, is_heading: bool) -> None:
    lines = sanitized(text).split("\n")
    for at, line in enumerate(lines):
        paragraph = cell.paragraphs[0] if at == 0 else cell.add_paragraph()
        paragraph.style = "Cell Heading" if is_heading else "Cell"
        paragraph.add_run(line)
        if not is_heading and is_figure(line):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    if is_heading:
        shading = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
            shading.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(shading)


def _set_up(document: DocxDocument, edition: Edition) -> None:
    properties = document.core_properties
    properties.title = sanitized(edition.title)
    properties.author = sanitized(", ".join(edition.bureaus))
    properties.comments = ""
    moment = datetime(edition.as_of.year, edition.as_of.month, edition.as_of.day, tzinfo=UTC)
    properties.created = properties.modified = moment
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(20)
    section.different_first_page_header_footer = True
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run("- ")
    _field(footer, "PAGE")
    footer.add_run(" -")
    _styles(document)
    _font_table(document)


def _styles(document: DocxDocument) -> None:
    _style(document, "Normal", BODY_FONT, 11, spacing=1.3)
    _style(document, "Title", HEADING_FONT, 26, bold=True, center=True)
    _style(document, "Cover Line", HEADING_FONT, 13, center=True)
    _style(document, "Cover Date", HEADING_FONT, 18, bold=True, center=True)
    _style(document, "Contents Title", HEADING_FONT, 20, bold=True, center=True, after=18)
    _style(document, "Contents Entry", BODY_FONT, 13, after=8)
    _style(document, "Heading 1", HEADING_FONT, 18, bold=True, after=10)
    _style(document, "Heading 2", HEADING_FONT, 15, bold=True, before=8, after=8)
    _style(document, "Heading 3", HEADING_FONT, 12, bold=True, before=8, after=3)
    _style(document, "Subheading", HEADING_FONT, 11, bold=True, before=4, after=2)
    _style(document, "Item", BODY_FONT, 11, after=2, spacing=1.3)
    _style(document, "Unit", BODY_FONT, 9, after=1)
    _style(document, "Cell", BODY_FONT, 9)
    _style(document, "Cell Heading", HEADING_FONT, 9, bold=True, center=True)
    _style(document, "After Table", BODY_FONT, 4)
    document.styles["Unit"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.styles["Unit"].paragraph_format.keep_with_next = True
    tabs = document.styles["Contents Entry"].paragraph_format.tab_stops
    tabs.add_tab_stop(Mm(_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def _style(
    document: DocxDocument,
    name: str,
    font: str,
    size: float,
    *,
    bold: bool = False,
    center: bool = False,
    before: float = 0,
    after: float = 0,
    spacing: float = 1.0,
) -> None:
    known = [style.name for style in document.styles]
    style = document.styles[name] if name in known else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(style, ParagraphStyle)
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)
    shape = style.paragraph_format
    shape.space_before, shape.space_after, shape.line_spacing = Pt(before), Pt(after), spacing
    if center:
        shape.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for border in style.element.xpath("./w:pPr/w:pBdr"):
        border.getparent().remove(border)


def _font_table(document: DocxDocument) -> None:
    part = next(part for part in document.part.package.iter_parts() if str(part.partname).endswith("fontTable.xml"))
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="81"/></w:font>'
        for name, other in _SUBSTITUTES.items()
    )
    end = b"</w:fonts>"
    part._blob = part.blob.replace(end, fonts.encode() + end)


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
    paragraph._p.append(end)
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)


def _row_property(row: object, name: str) -> None:
    row.get_or_add_trPr().append(OxmlElement(name))


def _repeat_on_each_page(row: object) -> None:
    _row_property(row, "w:tblHeader")


def _keep_together(row: object) -> None:
    _row_property(row, "w:cantSplit")
