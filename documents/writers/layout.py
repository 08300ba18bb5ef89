"""How pages look in every paged format: signs by level, widths of columns, merged cells, alignment. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from documents.edition_parts import Line, Section, Table

_CHARACTER_MM = 1.6  # a half-width character of table text
_PADDING = 3
_HEADING_WIDTH = 14
_CIRCLES = ("○", "◯", "◦", "●", "ㅇ")
_NUMBER = re.compile(r"[△▲+-]?[\d,.]+%?|-|\d[\d,]* \(\d[\d,]*\)")
_UNIT = re.compile(r"\(\s*단위\s*[:：][^()]*\)")


@dataclass(frozen=True, slots=True)
class Merge:
    """A block of cells that is one cell, both corners included."""

    top: int
    left: int
    bottom: int
    right: int


def house_blocks(section: Section) -> Iterator[Line | Table]:
    """The section's blocks with the signs of the house: `○` for items, `-` below them, `※` and `⇒` alone.

    A section that has its own circles keeps its signs. The rest of a line printed on two lines is joined to it.
    """
    lines = [block for block in section.blocks if isinstance(block, Line)]
    dashes = [line.level for line in lines if line.sign.startswith("-")]
    outermost = min(dashes, default=0)
    circled = any(line.sign in _CIRCLES for line in lines)
    waiting: Line | None = None
    for block in section.blocks:
        if isinstance(block, Line) and block.continues and waiting is not None:
            waiting = replace(waiting, text=f"{waiting.text} {block.text}")
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        if isinstance(block, Table):
            yield block
            continue
        sign = block.sign
        if sign.startswith("-"):
            lead = sign[1:].strip()
            sign = lead or ("○" if block.level == outermost and not circled else "-")
        waiting = replace(block, sign=sign)
    if waiting is not None:
        yield waiting


def is_unit_line(line: Line) -> bool:
    """`(단위 : 천원)` stands at the right edge above its table."""
    return not line.sign and bool(_UNIT.fullmatch(line.text))


def display_width(text: str) -> int:
    """The width of the longest line in half-width characters: Hangul counts two."""
    lines = text.split("\n")
    return max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines)


def column_widths(table: Table, total_mm: int) -> list[int]:
    """Widths in mm that add up to `total_mm`: first so that no figure or word breaks, the rest by what columns hold.

    A heading that spans columns widens none of them, and a long heading may wrap.
    """
    wide = {(merge.top, merge.left) for merge in merges(table) if merge.right > merge.left}
    least, wanted = [], []
    for column in range(len(table.rows[0])):
        cells = [
            (row[column], at < table.header_rows)
            for at, row in enumerate(table.rows)
            if row[column] and (at, column) not in wide
        ]
        longest_word = max((_word_width(text) for text, _ in cells), default=2)
        body = [display_width(text) for text, is_heading in cells if not is_heading] or [4]
        heading = min(max((display_width(text) for text, is_heading in cells if is_heading), default=0), _HEADING_WIDTH)
        usual = min(max(body), 1.6 * sum(body) / len(body) + 6, 60)
        least.append(longest_word + _PADDING)
        wanted.append(max(longest_word, usual, heading) + _PADDING)
    room = total_mm / _CHARACTER_MM
    if sum(wanted) > room > sum(least):
        share = (room - sum(least)) / (sum(wanted) - sum(least))
        wanted = [small + share * (large - small) for small, large in zip(least, wanted, strict=True)]
    elif sum(least) >= room:
        wanted = [float(small) for small in least]
    widths = [int(total_mm * width / sum(wanted)) for width in wanted]
    widths[widths.index(max(widths))] += total_mm - sum(widths)
    return widths


def _word_width(text: str) -> int:
    """The widest piece that may not break: a figure, a Latin word, or a short Korean one."""
    words = [min(display_width(word), _HEADING_WIDTH) for word in text.split() if word.isascii() or len(word) <= 4]
    return max(words, default=4)


def merges(table: Table) -> tuple[Merge, ...]:
    """Merged heading cells, which are printed once and left blank after, and first cells that hold for several rows."""
    rows, headers, count = table.rows, table.header_rows, len(table.rows[0])
    found: list[Merge] = []
    taken: set[tuple[int, int]] = set()
    for row in range(headers):
        for column in range(count):
            if (row, column) in taken or not rows[row][column]:
                continue
            right = column
            while (
                right + 1 < count
                and not rows[row][right + 1]
                and (row, right + 1) not in taken
                and (headers == 1 or _is_named(table, row, right + 1))
            ):
                right += 1
            bottom = row
            while bottom + 1 < headers and not any(
                rows[bottom + 1][c] or (bottom + 1, c) in taken for c in range(column, right + 1)
            ):
                bottom += 1
            if (bottom, right) != (row, column):
                found.append(Merge(row, column, bottom, right))
                taken |= {(r, c) for r in range(row, bottom + 1) for c in range(column, right + 1)}
    top = headers
    for row in range(headers + 1, len(rows) + 1):
        if row < len(rows) and not rows[row][0] and any(rows[row]):
            continue
        if row - 1 > top and rows[top][0]:
            found.append(Merge(top, 0, row - 1, 0))
        top = row
    return tuple(found)


def _is_named(table: Table, row: int, column: int) -> bool:
    """A further heading row names the column, so the blank above it belongs to the heading on its left."""
    return any(table.rows[below][column] for below in range(row + 1, table.header_rows))


def alignment(text: str, column: int) -> str:
    """Where a body cell's line stands: names in the first column in the middle, amounts, counts and shares right."""
    if column == 0 and not text.startswith(_CIRCLES):
        return "center"
    return "right" if _NUMBER.fullmatch(text.strip()) else "left"


def sanitized(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return "".join(
        c
        for c in text
        if c in "\t\n" or (c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) not in (0xFFFE, 0xFFFF))
    )
