"""The parts of a project's pages as values: sections of lines and tables, ready for any writer."""

from dataclasses import dataclass

from models import SectionKind


@dataclass(frozen=True, slots=True)
class Line:
    """One line under its section: nesting level, sign (`-`, `○`, `※`, `1.`, `###` for a heading), words.

    `continues` = the rest of the line before, which was printed on two lines.
    """

    level: int
    sign: str
    text: str
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of equal length, merged cells blank; the first `header_rows` of them name the columns."""

    rows: tuple[tuple[str, ...], ...]
    header_rows: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its heading as printed, without the square before it."""

    kind: SectionKind
    heading: str
    blocks: tuple[Line | Table, ...]


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """A project's pages."""

    number: int | None
    title: str
    sections: tuple[Section, ...]


def table_of(rows: list[tuple[str, ...]]) -> Table:
    """A table with its rows filled up to one length; a row below merged headings is a heading row too."""
    width = max(len(row) for row in rows)
    filled = tuple((*row, *[""] * (width - len(row))) for row in rows)
    headers = 1
    while headers < len(filled) and headers < 3 and "" in filled[headers - 1] and filled[headers][0] == "":
        headers += 1
    return Table(filled, headers if headers < len(filled) else 1)
