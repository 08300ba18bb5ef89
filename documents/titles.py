"""Lines that may be the titles of projects, and the stretches of a document between them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from documents.markup import squeeze
from documents.organisation import Chapter, bare_name
from documents.outline import RANK_NUMBER, RANK_SQUARE, Block, Shape
from documents.vocabulary import vocabulary

SAME_TITLE = 0.75
DATED = re.compile(r"(?:20\d\d|['’‘]\d\d)\s?[.년]|\d{1,2}\.\s?\d{1,2}\.|\d{1,2}월")
_TASK = re.compile(r"(?:과제|사업|안건|공약|시책|전략)\s?(\d{1,2})\s?[.):]?\s+(?=[가-힣「『(A-Z])")
_SIGNS = re.compile(r"[\s·ㆍ,.\-~()\[\]「」『』<>《》'’‘\"“”:×xX]")


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of the department's list of projects."""

    number: int | None
    title: str
    line: int


@dataclass(frozen=True, slots=True)
class Span:
    """One project: its title as its own heading prints it, and the blocks that say something about it.

    `unit` is its department where the table's own row names one.
    """

    number: int | None
    title: str
    line: int
    blocks: tuple[Block, ...]
    listed: Listed | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """Where a project begins: the block that ends the one before, the first block of its own, and its title."""

    edge: int
    first: int
    number: int | None
    title: str
    line: int
    listed: Listed | None = None


def read_titles(blocks: Sequence[Block], chapter: Chapter) -> list[Start]:
    """Every line set apart that may be a title; a number on a line of its own belongs to the title below it."""
    found = []
    for index in range(chapter.first, chapter.last):
        block = blocks[index]
        if not _set_apart(block) or not block.text or block.lead or _is_attribute(block.text):
            continue
        before = blocks[index - 1] if index > chapter.first else block
        alone = before.number is not None and not before.text and block.number is None
        number = before.number if alone else block.number
        title = block.text
        if numbered := _TASK.match(title):
            number, title = int(numbered[1]), title[numbered.end() :]
        found.append(Start(index - 1 if alone else index, index + 1, number, title, block.line))
    return found


def is_title(block: Block) -> bool:
    """Say whether a line may title a project: it names no unit and no part of a document such as 일반현황."""
    name = squeeze(block.text)
    headings = vocabulary().headings
    return vocabulary().unit_kind(bare_name(block.text)) is None and not any(
        name in names for names in headings.values()
    )


def same_title(one: str, other: str) -> float:
    """Return how alike two titles are, 0 to 1, spaces and punctuation apart."""
    a, b = _SIGNS.sub("", one), _SIGNS.sub("", other)
    if a == b:
        return 1.0
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= SAME_TITLE else 0.0


def project_spans(blocks: Sequence[Block], chapter: Chapter, starts: Sequence[Start]) -> list[Span]:
    """Return the projects that begin at the starts: each reaches to the next one, the last to the chapter's end."""
    edges = [*(start.edge for start in starts[1:]), chapter.last] if starts else []
    return [
        Span(start.number, start.title, start.line, tuple(blocks[start.first : edge]), start.listed)
        for start, edge in zip(starts, edges, strict=True)
    ]


def _is_attribute(text: str) -> bool:
    """`2) 사업기간 : …` is no title, though it is numbered."""
    label, colon, value = text.partition(":")
    return bool(colon and value.strip()) and vocabulary().is_any_attribute(label)


def _set_apart(block: Block) -> bool:
    return (
        block.shape in (Shape.HEADING, Shape.TEXT)
        or block.bold
        or block.number is not None
        or block.rank in (RANK_NUMBER, RANK_SQUARE)
    )
