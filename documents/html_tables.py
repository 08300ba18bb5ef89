"""HTML tables inside Markdown, as converters write them, to rows of cells: spans become blank cells as in print."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from documents.limits import MAX_TABLE_COLUMNS, MAX_TABLE_ROWS
from documents.markup import cell_text

_TAG = re.compile(r"<(/?)(tr|td|th|table)\b([^<>]{0,300})>", re.IGNORECASE)
_SPAN = re.compile(r"\b(col|row)span\s*=\s*[\"']?(\d{1,4})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HtmlCell:
    """A cell's words, and over how many columns and rows it reaches."""

    text: str
    columns: int
    rows: int


def html_rows(lines: Sequence[tuple[int, str]]) -> list[tuple[int, tuple[str, ...]]]:
    """Return the rows of the tables in the numbered lines, each with the line it begins on.

    A cell that reaches over others stands in its first place and leaves blanks in the rest.
    """
    text = "\n".join(line for _, line in lines)
    starts = list(accumulate((len(line) + 1 for _, line in lines), initial=0))[:-1]
    rows: list[tuple[int, tuple[str, ...]]] = []
    reaching: dict[int, int] = {}
    for at, cells in _cells_by_row(text):
        placed, reaching = _placed(cells, reaching)
        rows.append((lines[bisect_right(starts, at) - 1][0], placed))
    return rows


def _cells_by_row(text: str) -> list[tuple[int, list[HtmlCell]]]:
    found: list[tuple[int, list[HtmlCell]]] = []
    opened: tuple[int, str] | None = None
    for tag in _TAG.finditer(text):
        if opened is not None:
            if found:
                found[-1][1].append(_cell(text[opened[0] : tag.start()], opened[1]))
            opened = None
        name = tag[2].lower()
        if not tag[1] and name == "tr":
            found.append((tag.start(), []))
        elif not tag[1] and name in ("td", "th"):
            opened = tag.end(), tag[3]
    return [row for row in found if row[1]][:MAX_TABLE_ROWS]


def _cell(text: str, attributes: str) -> HtmlCell:
    spans = {kind.lower(): int(count) for kind, count in _SPAN.findall(attributes)}
    columns, rows = max(spans.get("col", 1), 1), max(spans.get("row", 1), 1)
    return HtmlCell(cell_text(text.replace("\n", " ")), min(columns, MAX_TABLE_COLUMNS), min(rows, MAX_TABLE_ROWS))


def _placed(cells: Sequence[HtmlCell], above: dict[int, int]) -> tuple[tuple[str, ...], dict[int, int]]:
    """Put a row's cells beside those that reach down from above; return what still reaches into the next row."""
    below = {column: rows - 1 for column, rows in above.items() if rows > 1}
    placed: list[str] = []
    for cell in cells:
        while len(placed) in above and len(placed) < MAX_TABLE_COLUMNS:
            placed.append("")
        if cell.rows > 1:
            below.update(dict.fromkeys(range(len(placed), len(placed) + cell.columns), cell.rows - 1))
        placed += [cell.text, *[""] * (cell.columns - 1)]
        if len(placed) >= MAX_TABLE_COLUMNS:
            break
    while len(placed) in above and len(placed) < MAX_TABLE_COLUMNS:
        placed.append("")
    return tuple(placed[:MAX_TABLE_COLUMNS]), below
