"""Tables of cells: merged cells filled down, header rows told from data rows, printed numbers read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from documents.markup import squeeze
from documents.outline import Row
from documents.vocabulary import vocabulary

_AMOUNT = re.compile(r"([△▲▽\-−–]?)\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
_YEAR_HEADING = re.compile(r"['’‘]?(?:(?:19|20)?\d{2})\s*년도?")


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its header rows apart; `columns` holds each column's headings joined from top to bottom."""

    columns: tuple[str, ...]
    header: tuple[Row, ...]
    body: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class CardPair:
    """A label and its value side by side in a project card."""

    line: int
    label: str
    value: str


def card_pairs(rows: Sequence[Row]) -> tuple[CardPair, ...]:
    """Return the labels and values of a project card (`사업기간 | 2025. 3. ~ 12. | 위치 | …`), else nothing.

    A card's odd cells are mostly names of attributes, and the cells beside them are none.
    """
    found = [_side_by_side(row) for row in rows]
    sections = sum(vocabulary().section_kind(row.cells[0]) is not None for row in rows)
    pairs = [pair for row in found for pair in row]
    is_card = len(pairs) >= 2 and sum(map(bool, found)) * 2 > len(rows) - sections
    return tuple(pair for pair in pairs if pair.value) if is_card else ()


def _side_by_side(row: Row) -> list[CardPair]:
    """The pairs of one row, or nothing where a label's place holds something else, or a value's place a label."""
    words = vocabulary()
    cells = list(row.cells)
    while cells and not cells[-1]:
        cells.pop()
    labels, values = cells[0::2], cells[1::2]
    named = [words.is_column("card_title", label) or words.is_any_attribute(label) for label in labels]
    if not values or len(labels) != len(values) or not named[0] or sum(named) * 2 < len(named):
        return []
    if any(words.is_any_attribute(value) for value in values):
        return []
    if any(letter.isdigit() for label, known in zip(labels, named, strict=True) if not known for letter in label):
        return []  # `기간 | 2024. 7. | 2024. 9. ~ 12. | …` has one thing in each column
    return [CardPair(row.line, label, value.replace("\n", " ")) for label, value in zip(labels, values, strict=True)]


def number(text: str) -> float | None:
    """Return a printed number, `△` and a leading dash as minus; None for anything else, `-` and blank included."""
    match = _AMOUNT.fullmatch(text.strip())
    if not match:
        return None
    value = float(match[2].replace(",", "") + (match[3] or ""))
    return -value if match[1] else value


def year_heading(text: str) -> int | None:
    """Return the year that a column heading names (`2024년`, `'24년`, `2023년 (당초예산)`), or None."""
    match = re.fullmatch(r"['’‘]?((?:19|20)?\d{2})\.?\s*(?:년도?)?\s*(?:\(.*\))?", text.strip(), re.DOTALL)
    if not match or (len(match[1]) == 2 and "년" not in text and text.strip()[0].isdigit()):
        return None
    return int(match[1]) if len(match[1]) == 4 else 2000 + int(match[1])


def read_grid(rows: Sequence[Row]) -> Grid:
    """Return a table with its header rows joined into column headings; rows are padded to one width.

    Rows after the first belong to the header while their first cell is blank and they hold no amount. A blank
    heading stands for a merged cell: it takes the heading to its left, in the rows that have one below.
    """
    width = max(len(row.cells) for row in rows)
    padded = [Row(row.line, row.cells + ("",) * (width - len(row.cells))) for row in rows]
    count = 1
    while count < len(padded) and _is_header(padded[count]):
        count += 1
    header, body = padded[:count], padded[count:]
    spread = [_spread(row.cells, last=at == count - 1) for at, row in enumerate(header)]
    columns = tuple(
        " ".join(dict.fromkeys(squeeze(cells[column]) for cells in spread if cells[column])) for column in range(width)
    )
    return Grid(columns, tuple(header), tuple(body))


def filled_down(body: Sequence[Row], columns: Sequence[int]) -> list[Row]:
    """Return the rows with blank cells of the given columns filled from the row above, outer columns first.

    A column's value ends where a column to its left begins a new one.
    """
    above: dict[int, str] = {}
    filled = []
    for row in body:
        cells = list(row.cells)
        for column in columns:
            if cells[column]:
                above[column] = cells[column]
                for inner in columns:
                    if inner > column:
                        above.pop(inner, None)
            else:
                cells[column] = above.get(column, "")
        filled.append(Row(row.line, tuple(cells)))
    return filled


def _is_header(row: Row) -> bool:
    if row.cells[0] or not any(row.cells):
        return False
    return all(number(cell) is None and len(cell) <= 30 for cell in row.cells if cell)


def _spread(cells: Sequence[str], *, last: bool) -> list[str]:
    """Repeat a heading over the blank cells to its right, which it is merged over; not in the last header row."""
    result, current = [], ""
    for cell in cells:
        current = cell or current
        result.append(cell if last else current)
    return result
