"""The order of the pages and the look of their paragraphs, the same in every paged format."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from documents.edition import DepartmentPart, ProgressReport
from documents.edition_parts import Line, ProjectPage, Section, Table
from documents.writers import front
from documents.writers.layout import house_blocks, is_unit_line

BODY_FONT, HEADING_FONT = "함초롬바탕", "맑은 고딕"
PAGE_WIDTH_MM, PAGE_HEIGHT_MM, MARGIN_MM = 210, 297, 20
TEXT_WIDTH_MM = PAGE_WIDTH_MM - 2 * MARGIN_MM
HEADING_SHADE = "E7ECF3"
DEEPEST = 8  # levels below it look like it


class Style(StrEnum):
    """What a paragraph is."""

    TITLE = "Title"
    COVER_LINE = "Cover Line"
    COVER_DATE = "Cover Date"
    COVER_UNIT = "Cover Unit"
    CONTENTS_TITLE = "Contents Title"
    CONTENTS_ENTRY = "Contents Entry"
    HEADING_1 = "Heading 1"
    HEADING_2 = "Heading 2"
    HEADING_3 = "Heading 3"
    SUBHEADING = "Subheading"
    ITEM = "Item"
    UNIT = "Unit"
    CELL = "Cell"
    CELL_HEADING = "Cell Heading"
    GAP = "Gap"


@dataclass(frozen=True, slots=True)
class Look:
    """Sizes and spaces in points, line spacing in percent; `level` is that of a heading in the outline."""

    font: str
    size: float
    bold: bool = False
    align: str = "left"
    before: float = 0
    after: float = 0
    spacing: int = 130
    level: int = 0


LOOKS: Mapping[Style, Look] = {
    Style.TITLE: Look(HEADING_FONT, 26, bold=True, align="center", before=140, after=6),
    Style.COVER_LINE: Look(HEADING_FONT, 13, align="center"),
    Style.COVER_DATE: Look(HEADING_FONT, 18, bold=True, align="center", before=170, after=140),
    Style.COVER_UNIT: Look(HEADING_FONT, 20, bold=True, align="center", after=6),
    Style.CONTENTS_TITLE: Look(HEADING_FONT, 20, bold=True, align="center", after=18),
    Style.CONTENTS_ENTRY: Look(BODY_FONT, 13, after=8),
    Style.HEADING_1: Look(HEADING_FONT, 18, bold=True, after=10, level=1),
    Style.HEADING_2: Look(HEADING_FONT, 15, bold=True, before=8, after=8, level=2),
    Style.HEADING_3: Look(HEADING_FONT, 12, bold=True, before=8, after=3, level=3),
    Style.SUBHEADING: Look(HEADING_FONT, 11, bold=True, before=4, after=2),
    Style.ITEM: Look(BODY_FONT, 11, after=2),
    Style.UNIT: Look(BODY_FONT, 9, align="right", after=1, spacing=100),
    Style.CELL: Look(BODY_FONT, 9, spacing=110),
    Style.CELL_HEADING: Look(HEADING_FONT, 9, bold=True, align="center", spacing=110),
    Style.GAP: Look(BODY_FONT, 5, spacing=100),
}


class Pages(ABC):
    """Prints an edition page by page; a format says how one paragraph and one table are made."""

    @abstractmethod
    def paragraph(self, text: str, style: Style, *, new_page: bool = False, mark: str = "") -> None:
        """One paragraph; `mark` is the name by which the table of contents finds its page."""

    @abstractmethod
    def contents_entry(self, text: str, mark: str, *, is_chapter: bool) -> None:
        """One line of 목차 that points at the paragraph with this mark."""

    @abstractmethod
    def item(self, text: str, level: int) -> None:
        """One line of a section, its sign in front, hanging at its level."""

    @abstractmethod
    def table(self, table: Table) -> None:
        """One bordered table, its heading rows repeated where it runs over pages."""

    def print(self, edition: ProgressReport) -> None:
        """The whole edition, front to back."""
        self._cover(edition)
        self._contents(edition)
        self._general(edition)
        self.paragraph(front.PART_TWO, Style.HEADING_1, new_page=True, mark="part2")
        for at, department in enumerate(edition.departments, start=1):
            self._department(at, department)

    def _cover(self, edition: ProgressReport) -> None:
        self.paragraph(edition.title, Style.TITLE)
        self.paragraph(front.as_of_line(edition), Style.COVER_LINE)
        self.paragraph(front.month_line(edition), Style.COVER_DATE)
        for bureau in edition.bureaus:
            self.paragraph(bureau, Style.COVER_UNIT)
        self.paragraph(" · ".join(department.name for department in edition.departments), Style.COVER_LINE)

    def _contents(self, edition: ProgressReport) -> None:
        self.paragraph("목 차", Style.CONTENTS_TITLE, new_page=True)
        marks = ["part1", "part2", *(f"chapter{at}" for at in range(1, len(edition.departments) + 1))]
        for entry, mark in zip(front.contents(edition), marks, strict=True):
            self.contents_entry(entry, mark, is_chapter=mark.startswith("chapter"))

    def _general(self, edition: ProgressReport) -> None:
        self.paragraph(front.PART_ONE, Style.HEADING_1, new_page=True, mark="part1")
        self.paragraph(f"1. {front.ORGANISATION}", Style.HEADING_2)
        self.item(front.organisation_line(edition), 0)
        self.table(front.chart(edition))
        if staff := front.bureau_staff_table(edition):
            self.item(front.staff_line(edition.staff), 0)
            self.table(staff)
        if edition.budget:
            self.paragraph(f"2. {front.BUDGET}", Style.HEADING_2)
            self.paragraph(front.THOUSAND_WON, Style.UNIT)
            self.table(edition.budget)

    def _department(self, at: int, department: DepartmentPart) -> None:
        self.paragraph(f"{at}. {department.name}", Style.HEADING_1, new_page=at > 1, mark=f"chapter{at}")
        for team in department.teams:
            self.item(f"○ {team.name}", 0)
        self.paragraph(f"조직현황 : {len(department.teams)}팀", Style.HEADING_3)
        self.table(front.duties_table(department))
        if department.staff:
            self.paragraph(front.staff_line(department.staff), Style.HEADING_3)
            self.table(front.staff_table("인력현황", [("정원(현원)", department.staff)]))
        self.paragraph("주요사업 목록", Style.HEADING_3)
        self.table(front.project_table(department))
        for number, project in enumerate(department.projects, start=1):
            self._project(number, project)

    def _project(self, at: int, project: ProjectPage) -> None:
        self.paragraph(f"{project.number or at}. {project.title}", Style.HEADING_2, new_page=True)
        for section in project.sections:
            self._section(section)

    def _section(self, section: Section) -> None:
        if section.heading:
            self.paragraph(f"□ {section.heading}", Style.HEADING_3)
        for block in house_blocks(section):
            if isinstance(block, Table):
                self.table(block)
            elif is_unit_line(block):
                self.paragraph(block.text, Style.UNIT)
            else:
                self._line(block)

    def _line(self, line: Line) -> None:
        if line.sign.startswith("#"):
            self.paragraph(line.text, Style.SUBHEADING)
        else:
            self.item(f"{line.sign} {line.text}".strip(), min(line.level, DEEPEST))
