"""What a table says of one date: its cell, what it is about, how it stands, who has it."""

from collections.abc import Callable
from dataclasses import dataclass

from documents.reading import SectionKind
from documents.vocabulary import vocabulary
from schedules.dates_expression import DateExpression

Finder = Callable[[str], list[DateExpression]]


@dataclass(frozen=True, slots=True)
class DatedCell:
    """A cell with dates: what it is about, its own words, and what the row says of status and owners.

    `column` is the heading or row name that announces the date, `scheduled` says that it announces one; `named` is the
    heading of the column that names the things (`공사명`); `section` and `kind` are what the cell holds where the
    table says so itself, in a row or column called 금주실적 or 향후계획.
    """

    line: int
    label: str
    text: str
    expressions: tuple[DateExpression, ...]
    column: str
    named: str
    status: str
    owners: tuple[str, ...]
    scheduled: bool
    section: str = ""
    kind: SectionKind | None = None


def is_fact(name: str) -> bool:
    """Say whether a column or row of this name describes what stands already, such as 준공년도."""
    return vocabulary().is_column("fact", name)


def last_heading(heading: str) -> str:
    """Return the lowest of a column's headings, the one right above its cells."""
    return heading.split(" ")[-1] if heading else ""
