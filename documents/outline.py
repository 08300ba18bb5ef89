"""Lines to an outline: headings, items, notes, paragraphs and tables, each with its marker and nesting rank.

Knows how Korean offices number and mark their lines (Ⅰ. 1. 가. □ ○ - ※ ⇒ ①, Markdown's # and -), and nothing of what
reports say.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from documents.errors import DocumentError
from documents.html_tables import html_rows
from documents.limits import MAX_LINE_CHARS, MAX_LINES, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS
from documents.markup import cell_text, plain


class Shape(StrEnum):
    """What a block looks like. A heading is any line set apart as one, whatever its words."""

    HEADING = "heading"
    ITEM = "item"
    NOTE = "note"
    TEXT = "text"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Row:
    """One printed table row: its line and its cells, merged cells blank."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One outline entry.

    `marker` is the outer sign (`□`, `-`, `1`), `lead` a sign directly after it (`※`, `⇒`, `①`), `rank` the nesting
    (smaller is outer), `parts` the printed lines that the entry runs over, each with its words.
    """

    line: int
    shape: Shape
    marker: str
    lead: str
    rank: int
    parts: tuple[tuple[int, str], ...]
    number: int | None = None
    hashes: int = 0
    bold: bool = False
    rows: tuple[Row, ...] = ()

    @property
    def text(self) -> str:
        """The words of the whole entry, cut lines joined."""
        return self.parts[0][1] if len(self.parts) == 1 else " ".join(words for _, words in self.parts)


_SQUARES = "□■▣▢◻◼❑❏☐◆◇▤◈⬛⬜"
_CIRCLES = "○◯◦●❍⚪◎ㅇο◉⊙⭕⭘⚬∘〇ᄋ\u20dd"
_DASHES = "-–—－‐―*+"
_DOTS = "·•∙・‧▪▫⋅ㆍ✓✔√‣"
_POINTERS = "▶▷►▸☞➤"
_ARROWS = "⇒→⇨➡➔➜↳└=>"
_NOTES = "※＊"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_FILLED = "❶❷❸❹❺❻❼❽❾❿"
# Hangul word processors keep boxed numbers (1 to 10) and box marks in the private planes of Unicode.
_BOXED = "".join(map(chr, range(0xF02B1, 0xF02BB)))
_PRIVATE = "\U000f0000-\U000ffffd\ue000-\uf8ff"
_ROMAN = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ"
_SYLLABLES = "가나다라마바사아자차카타파하"

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*)", re.DOTALL)
_RULE = re.compile(r"[-=_:|+ \t]{3,}")
_ALL_BOLD = re.compile(r"\*\*(?:(?!\*\*).)+\*\*")
_SIGN = re.compile(rf"([{_SQUARES}{_CIRCLES}{_DOTS}{_POINTERS}]|[{re.escape(_DASHES)}](?=\s)|[-–—](?=[^\s\d-]))\s*")
_LATIN_CIRCLE = re.compile(r"o\s+(?=[가-힣「(])")
_NOTE_SIGN = re.compile(rf"([{_NOTES}])\s*")
_ARROW_SIGN = re.compile(r"([⇒→⇨➡➔➜↳└]|=>)\s*")
_ROMAN_NUMBER = re.compile(rf"([{_ROMAN}]+|[IVX]{{1,4}}(?=[.\s]))[.\s]\s*")
# `1. 2025년 …` and `2. 3단계 …` are numbered; `1. 20.` and `9. 3월` are dates.
_NUMBER = re.compile(
    r"(\d{1,2})([.)])(?:\s*(?=[^\d\s.~])|\s+(?=(?:19|20)\d\d\s?[년학.])|\s+(?=\d{1,3}\s?(?![월일초말중상하])[가-힣]))"
)
# Titles are often set with a number and a gap, `1   상수관 정비`; one blank may as well be `3 개소`.
_WIDE_NUMBER = re.compile(r"\d{1,2}(?:[ \u00a0]{2,}|\u3000)(?=[가-힣「『<(A-Z])")
_SPACED_NUMBER = re.compile(r"(\d{1,2})(?:\s*\|)?\s+(?=[^\d\s.~])")
_BRACKETED_NUMBER = re.compile(r"[(\[](\d{1,2})[)\]]\s*")
_CIRCLED_NUMBER = re.compile(rf"([{_CIRCLED}])\s*")
_TITLE_NUMBER = re.compile(rf"([{_FILLED}{_BOXED}])\s*")
_DOUBLE_NUMBER = re.compile(r"(\d{1,2}-\d{1,2})(?:[.)]\s*|\s+)(?=[가-힣「『(<A-Za-z])")
_PRIVATE_SIGN = re.compile(rf"([{_PRIVATE}])\s*")
_SYLLABLE = re.compile(rf"([{_SYLLABLES}])([.)])\s*|\(([{_SYLLABLES}])\)\s*")
_BARE_NUMBER = re.compile(r"(\d{1,2})[.)]?")
_ALL_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_LABELLED = re.compile(r"[^:：]{1,20}\s?[:：]\s")

RANK_ROMAN, RANK_SQUARE, _RANK_HEADING = 10, 30, 33
RANK_NUMBER, RANK_SYLLABLE, _RANK_BRACKET, _RANK_ROUND, _RANK_CIRCLED = 40, 41, 42, 44, 46
RANK_CIRCLE, _RANK_TEXT, _RANK_NOTE, RANK_ARROW = 50, 55, 56, 57
RANK_DASH, _RANK_DOT, _RANK_TABLE = 60, 80, 99


def read_outline(text: str) -> tuple[Block, ...]:
    """Return the blocks of a document in order; line numbers are 1-based and counted by line feeds.

    Raises DocumentError where the document is beyond the limits of reading. Takes time linear in the text.
    """
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise DocumentError(f"줄이 너무 많습니다({len(lines):,}줄, 한도 {MAX_LINES:,}줄). 문서를 나누어 올려 주세요.")
    blocks: list[Block] = []
    rows: list[Row] = []
    html: list[tuple[int, str]] = []
    last_html = max((at for at, line in enumerate(lines, start=1) if "</table" in line.lower()), default=0)
    open_entry = False
    hard_break = False
    for number, raw in enumerate(lines, start=1):
        if len(raw) > MAX_LINE_CHARS:
            raise DocumentError(f"한 줄이 너무 깁니다({len(raw):,}자, 한도 {MAX_LINE_CHARS:,}자).", line=number)
        line = raw.rstrip("\r")
        stripped = line.strip()
        if rows and not _is_row(stripped, line, in_table=True):
            blocks.append(_table(rows))
            rows, open_entry = [], False
        if html or (number <= last_html and stripped[:6].lower() == "<table"):
            html.append((number, line))
            if "</table" in stripped.lower():
                blocks += _html_table(html)
                html = []
            continue
        if not stripped:
            open_entry = hard_break = False
            continue
        if _RULE.fullmatch(stripped):
            continue
        if _is_row(stripped, line, in_table=bool(rows)):
            rows.append(Row(number, _cells(line, stripped, number)))
            if len(rows) > MAX_TABLE_ROWS:
                raise DocumentError(f"표가 너무 깁니다(한도 {MAX_TABLE_ROWS:,}행).", line=number)
            continue
        block = _entry(number, line, stripped)
        if open_entry and block.rank == RANK_ARROW and not block.hashes:
            # An arrow right below an entry answers that entry alone, not what follows.
            block = replace(block, rank=blocks[-1].rank + 1)
        whole = bool(blocks) and blocks[-1].shape is Shape.NOTE and not blocks[-1].lead and not hard_break
        if open_entry and not whole and _continues(block, stripped, hard_break=hard_break):
            previous = blocks[-1]
            blocks[-1] = replace(previous, parts=(*previous.parts, (number, block.parts[0][1])))
        else:
            blocks.append(block)
            open_entry = block.shape in (Shape.ITEM, Shape.NOTE, Shape.TEXT)
        hard_break = line.endswith(("  ", "\\"))
        open_entry = open_entry and (hard_break or blocks[-1].shape is not Shape.TEXT)
    if rows:
        blocks.append(_table(rows))
    return tuple(blocks)


def parents(blocks: Sequence[Block]) -> list[int | None]:
    """Return for each block the index of the block that it stands under, or None at the top.

    A note of its own (`※ …`, a line all in brackets) stands under what it follows and holds nothing itself.
    """
    found: list[int | None] = []
    stack: list[tuple[int, int]] = []
    for index, block in enumerate(blocks):
        rank, last = block.rank, None
        aside = block.shape is Shape.TABLE or rank == _RANK_NOTE
        while stack and stack[-1][0] >= rank and not aside:
            last = stack.pop()[0]
        if last is not None and last > rank and stack and RANK_DASH <= stack[-1][0] < rank < _RANK_DOT:
            # An indent between two known ones belongs to the outer: converters lose half steps, not whole ones.
            rank = stack.pop()[0]
        found.append(stack[-1][1] if stack else None)
        if not aside:
            stack.append((rank, index))
    return found


def depths(owners: Iterable[int | None]) -> list[int]:
    """Return the nesting depth of each block, given the answer of `parents`."""
    found: list[int] = []
    for owner in owners:
        found.append(0 if owner is None else found[owner] + 1)
    return found


def _is_row(stripped: str, line: str, *, in_table: bool) -> bool:
    if stripped.startswith("|"):
        return stripped.endswith("|") and stripped.count("|") > 1
    if "\t" not in line:
        return False
    return "\t" in line.lstrip() or (in_table and not _SIGN.match(stripped))


def _cells(line: str, stripped: str, number: int) -> tuple[str, ...]:
    # A line's own tabs and pipes are its only structure; trailing blank cells stay, they hold merged columns.
    pieces = stripped[1:-1].split("|") if stripped.startswith("|") else line.split("\t")
    if len(pieces) > MAX_TABLE_COLUMNS:
        raise DocumentError(f"표의 칸이 너무 많습니다({len(pieces):,}칸, 한도 {MAX_TABLE_COLUMNS}칸).", line=number)
    return tuple(cell_text(piece) for piece in pieces)


def _table(rows: list[Row]) -> Block:
    words = tuple((row.line, " ".join(cell for cell in row.cells if cell)) for row in rows)
    return Block(rows[0].line, Shape.TABLE, "|", "", _RANK_TABLE, words, rows=tuple(rows))


def _html_table(lines: Sequence[tuple[int, str]]) -> list[Block]:
    rows = [Row(line, cells) for line, cells in html_rows(lines)]
    return [_table(rows)] if rows else []


def _continues(block: Block, stripped: str, *, hard_break: bool) -> bool:
    if block.marker or block.lead or block.hashes or block.bold:
        return False
    return hard_break or not _LABELLED.match(stripped)


def _entry(number: int, line: str, stripped: str) -> Block:
    hashes = 0
    if heading := _HEADING.match(stripped):
        hashes, stripped = len(heading[1]), heading[2].strip()
    bold = bool(_ALL_BOLD.fullmatch(stripped))
    # Bars at the edges are those of a box around the line; an escaped one is the line's own.
    words = plain(stripped.lstrip("|")).rstrip("|").strip()
    indent = min(len(line) - len(line.lstrip()), 19)
    set_apart = bool(hashes or bold or _WIDE_NUMBER.match(stripped))
    marker, rank, rest, count = _marker(words, indent, set_apart=set_apart)
    if not bold and marker:
        inner = stripped[stripped.find(marker) + len(marker) :].strip() if marker in stripped else ""
        bold = bool(_ALL_BOLD.fullmatch(inner))
    lead, rest, shape = _lead(rest)
    if lead and not marker:
        rank = _RANK_NOTE if lead in _NOTES else RANK_ARROW if not lead.isdigit() else rank
    if not marker and not lead and not hashes and _ALL_BRACKETED.fullmatch(words):
        return Block(number, Shape.NOTE, "", "", _RANK_NOTE, ((number, words),), None, 0, bold)
    if not marker and not lead:
        shape, rank = (Shape.HEADING, _RANK_HEADING + hashes) if hashes or bold else (Shape.TEXT, _RANK_TEXT)
        if bold and not hashes:
            rank = _RANK_HEADING + 6
    elif hashes:
        shape = Shape.HEADING
    return Block(number, shape, marker, lead, rank, ((number, rest),), count, hashes, bold)


def _marker(words: str, indent: int, *, set_apart: bool) -> tuple[str, int, str, int | None]:
    """Return the outer marker, its rank, the words after it and its number."""
    if sign := (_SIGN.match(words) or _LATIN_CIRCLE.match(words)):
        mark, rest = sign[0].strip(), words[sign.end() :]
        if mark in _SQUARES:
            return mark, RANK_SQUARE, rest, None
        if mark in _CIRCLES or mark == "o":
            return mark, RANK_CIRCLE, rest, None
        return mark, (_RANK_DOT if mark in _DOTS else RANK_DASH) + indent, rest, None
    if roman := _ROMAN_NUMBER.match(words):
        return roman[1], RANK_ROMAN, words[roman.end() :], None
    if item := _TITLE_NUMBER.match(words):
        at = _FILLED.find(item[1]) if item[1] in _FILLED else _BOXED.find(item[1])
        return item[1], RANK_NUMBER, words[item.end() :], at + 1
    if item := _DOUBLE_NUMBER.match(words):
        return item[1], RANK_NUMBER, words[item.end() :], None
    if item := _PRIVATE_SIGN.match(words):
        return item[1], RANK_SQUARE, words[item.end() :], None
    if bare := _BARE_NUMBER.fullmatch(words):
        return bare[1], RANK_NUMBER, "", int(bare[1])
    if item := _NUMBER.match(words):
        return item[1], RANK_NUMBER if item[2] == "." else _RANK_BRACKET, words[item.end() :], int(item[1])
    if set_apart and (item := _SPACED_NUMBER.match(words)):
        return item[1], RANK_NUMBER, words[item.end() :], int(item[1])
    if item := _BRACKETED_NUMBER.match(words):
        return item[1], _RANK_ROUND, words[item.end() :], int(item[1])
    if item := _CIRCLED_NUMBER.match(words):
        return item[1], _RANK_CIRCLED, words[item.end() :], _CIRCLED.index(item[1]) + 1
    if item := _SYLLABLE.match(words):
        rank = _RANK_ROUND + 1 if item[3] else RANK_SYLLABLE if item[2] == "." else _RANK_BRACKET + 1
        return item[1] or item[3], rank, words[item.end() :], None
    return "", _RANK_TEXT, words, None


def _lead(words: str) -> tuple[str, str, Shape]:
    if sign := _NOTE_SIGN.match(words):
        return sign[1], words[sign.end() :], Shape.NOTE
    if sign := (_ARROW_SIGN.match(words) or re.match(rf"([{_POINTERS}{_CIRCLED}])\s*", words)):
        return sign[1], words[sign.end() :], Shape.ITEM
    return "", words, Shape.ITEM
