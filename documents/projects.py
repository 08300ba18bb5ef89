"""Which lines of a chapter are a project, which of its lines belong to which section, and its overview items.

The list of projects that a department prints is the best guide to which headings are projects. Without one, a
project is a line set apart that an overview or background section follows before any other line set apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from documents.limits import MAX_LISTED_PROJECTS
from documents.markup import squeeze
from documents.organisation import Chapter
from documents.outline import RANK_CIRCLE, RANK_SQUARE, RANK_SYLLABLE, Block, Shape, depths, parents
from documents.reading import OverviewItem, ProblemRow, SectionKind, SectionLine, SectionText
from documents.vocabulary import vocabulary

_SAME_TITLE = 0.75
_ARROWS = tuple("⇒→⇨➡➔➜↳└▶▷☞")
_SIGNS = re.compile(r"[\s·ㆍ,.\-~()\[\]「」『』<>《》'’‘\"“”:×xX]")


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of the department's list of projects."""

    number: int | None
    title: str
    line: int


@dataclass(frozen=True, slots=True)
class Span:
    """One project: its title as its own heading prints it, and the blocks `first` to `last` (excluded) below it."""

    number: int | None
    title: str
    line: int
    first: int
    last: int
    listed: Listed | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a project: the heading's block, the blocks below it and under which of those each one stands."""

    kind: SectionKind
    heading: Block | None
    name: str
    blocks: tuple[Block, ...]
    parents: tuple[int | None, ...]


def find_list(blocks: Sequence[Block], chapter: Chapter) -> tuple[Listed, ...]:
    """Return the department's printed list of projects, or nothing where it has none."""
    words = vocabulary()
    for index in range(chapter.first, chapter.last):
        block = blocks[index]
        if block.shape is not Shape.TABLE or len(block.rows) < 2:
            continue
        head = block.rows[0].cells
        title_at = next((at for at, cell in enumerate(head) if words.is_column("project_title", cell)), None)
        if title_at is None:
            continue
        announced = any(
            squeeze(before.text) in words.headings["project_list"] for before in blocks[max(index - 2, 0) : index]
        )
        paged = any(words.is_column("page", cell) for cell in head)
        if announced or paged:
            listed = [_listed(row.cells, title_at, row.line) for row in block.rows[1:]]
            return tuple(entry for entry in listed if entry.title)[:MAX_LISTED_PROJECTS]
    return ()


def find_projects(blocks: Sequence[Block], chapter: Chapter, listed: Sequence[Listed]) -> tuple[Span, ...]:
    """Return the projects of a chapter in order, found by the list where there is one and else by their shape."""
    starts = _by_list(blocks, chapter, listed) if listed else []
    if not starts:
        starts = _by_shape(blocks, chapter)
    spans = []
    for at, (number_at, title_at, entry) in enumerate(starts):
        last = starts[at + 1][0] if at + 1 < len(starts) else chapter.last
        title, number = blocks[title_at], blocks[number_at].number
        if number is None and entry is not None:
            number = entry.number
        spans.append(Span(number, title.text, title.line, title_at + 1, last, entry))
    return tuple(spans)


def find_sections(blocks: Sequence[Block]) -> tuple[Section, ...]:
    """Split a project's blocks into its sections, in order; what stands before the first heading has kind `other`.

    A section's name opens a section only where it stands at the outermost level of such names in the project:
    `○ 사업개요` inside a sub-item does not end `□ 추진실적`.
    """
    level = _section_level(blocks)
    starts = [index for index, block in enumerate(blocks) if _section_class(block) in level]
    found: list[Section] = []
    lead = tuple(blocks[: starts[0] if starts else len(blocks)])
    if lead:
        found.append(Section("other", None, "", lead, tuple(parents(lead))))
    for start, end in zip(starts, [*starts[1:], len(blocks)], strict=True):
        heading, below = blocks[start], tuple(blocks[start + 1 : end])
        kind = vocabulary().section_kind(heading.text) or "other"
        found.append(Section(kind, heading, section_name(heading.text), below, tuple(parents(below))))
    return tuple(found)


def section_name(heading: str) -> str:
    """Return a section's name without spaces, value and brackets: `향후 추진계획(안) : 2건` is `향후추진계획`."""
    return squeeze(re.sub(r"[(\[:：].*", "", heading, flags=re.DOTALL))


def as_text(section: Section) -> SectionText:
    """Return the section's own words in order, table rows cell by cell, with the level of each line."""
    lines: list[SectionLine] = []
    for block, depth in zip(section.blocks, depths(section.parents), strict=True):
        if block.shape is Shape.TABLE:
            lines += [
                SectionLine(row.line, depth, "|", " ".join(filter(None, row.cells)), row.cells) for row in block.rows
            ]
        else:
            marker = f"{block.marker} {block.lead}".strip() or "#" * block.hashes
            lines += [
                SectionLine(line, depth, marker if at == 0 else "", text) for at, (line, text) in enumerate(block.parts)
            ]
    heading = section.heading
    first = lines[0].line if lines else 0
    return SectionText(section.kind, heading.text if heading else "", heading.line if heading else first, tuple(lines))


def overview_items(sections: Sequence[Section]) -> tuple[OverviewItem, ...]:
    """Return the labelled lines of the overview and background sections, each with the lines below it."""
    items: list[OverviewItem] = []
    for section in sections:
        if section.kind not in ("overview", "background", "other"):
            continue
        for index, (block, parent) in enumerate(zip(section.blocks, section.parents, strict=True)):
            label, colon, value = block.text.partition(":")
            if parent is None and (colon or block.shape is Shape.ITEM) and len(label) <= 20:
                below = tuple(
                    child.text for child, owner in zip(section.blocks, section.parents, strict=True) if owner == index
                )
                items.append(OverviewItem(label.strip(), value.strip(), block.line, below))
            elif block.shape is Shape.TABLE:
                items += _table_items(block)
    return tuple(items)


def problems(sections: Sequence[Section]) -> tuple[ProblemRow, ...]:
    """Return the problems with their measures: what stands below a problem, or after it with an arrow or a note."""
    found: list[ProblemRow] = []
    for section in sections:
        if section.kind != "problems":
            continue
        for block, owner in zip(section.blocks, section.parents, strict=True):
            if block.shape is Shape.TABLE:
                continue
            if found and found[-1].line >= section.blocks[0].line and _is_measure(block, owner):
                last = found[-1]
                found[-1] = replace(
                    last, measures=(*last.measures, block.text), measure_lines=(*last.measure_lines, block.line)
                )
            else:
                found.append(ProblemRow(block.text, (), block.line))
    return tuple(found)


def same_title(one: str, other: str) -> float:
    """Return how alike two titles are, 0 to 1, spaces and punctuation apart."""
    a, b = _SIGNS.sub("", one), _SIGNS.sub("", other)
    if a == b:
        return 1.0
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _SAME_TITLE else 0.0


def _is_measure(block: Block, owner: int | None) -> bool:
    return owner is not None or block.shape is Shape.NOTE or block.lead in _ARROWS


def _table_items(block: Block) -> list[OverviewItem]:
    """A card's table: labels and values side by side, `사업기간 | 2024. 1. ~ 12. | 담당부서 | 도로과`."""
    words = vocabulary()
    labels = (
        words.attributes["period"] | words.attributes["plain"] | words.attributes["owner"] | words.attributes["support"]
    )
    return [
        OverviewItem(squeeze(label), value.replace("\n", " "), row.line)
        for row in block.rows
        for label, value in zip(row.cells, row.cells[1:], strict=False)
        if squeeze(label) in labels and value and squeeze(value) not in labels
    ]


def _listed(cells: Sequence[str], title_at: int, line: int) -> Listed:
    number = next((int(cell) for cell in cells[:title_at] if cell.strip().isdigit()), None)
    return Listed(number, cells[title_at].replace("\n", " ").strip() if title_at < len(cells) else "", line)


def _set_apart(block: Block) -> bool:
    return block.shape is Shape.HEADING or block.bold or block.shape is Shape.TEXT or block.number is not None


def _titles(blocks: Sequence[Block], chapter: Chapter) -> list[tuple[int, int]]:
    """Every line set apart that may be a title, as (block with its number, block with its words)."""
    found = []
    for index in range(chapter.first + 1, chapter.last):
        block = blocks[index]
        if not _set_apart(block) or not block.text or block.lead:
            continue
        before = blocks[index - 1]
        alone = before.number is not None and not before.text and block.number is None
        found.append((index - 1 if alone else index, index))
    return found


def _by_list(
    blocks: Sequence[Block], chapter: Chapter, listed: Sequence[Listed]
) -> list[tuple[int, int, Listed | None]]:
    titles = _titles(blocks, chapter)
    found: list[tuple[int, int, Listed | None]] = []
    position = 0
    for entry in listed:
        best, best_at = 0.0, -1
        for at in range(position, len(titles)):
            number_at, title_at = titles[at]
            number = blocks[number_at].number
            if number is not None and entry.number is not None and number != entry.number:
                continue
            likeness = same_title(entry.title, blocks[title_at].text)
            if likeness > best:
                best, best_at = likeness, at
            if likeness == 1.0:
                break
        if best >= _SAME_TITLE:
            found.append((*titles[best_at], entry))
            position = best_at + 1
    return found


def _by_shape(blocks: Sequence[Block], chapter: Chapter) -> list[tuple[int, int, Listed | None]]:
    openers = [
        index
        for index in range(chapter.first, chapter.last)
        if _section_class(blocks[index]) in ("square", "bare", "number")
        and vocabulary().section_kind(blocks[index].text) in ("overview", "background", "results")
    ]
    titles = {title: number for number, title in _titles(blocks, chapter)}
    found: list[tuple[int, int, Listed | None]] = []
    previous = chapter.first
    for opener in openers:
        # The nearest line set apart above, with no section between: a second section of one project has none.
        for index in range(opener - 1, previous - 1, -1):
            if vocabulary().section_kind(blocks[index].text) and _section_class(blocks[index]):
                break
            if index in titles and blocks[index].shape is not Shape.TEXT and blocks[index].rank != RANK_CIRCLE:
                found.append((titles[index], index, None))
                break
        previous = opener + 1
    return found


def _section_class(block: Block) -> str:
    """How a section's name is set apart: by a square, a number, a circle, or by standing alone; "" if it is none."""
    if block.shape is Shape.TABLE or block.lead or not vocabulary().section_kind(block.text):
        return ""
    if block.rank == RANK_SQUARE:
        return "square"
    if block.rank == RANK_CIRCLE:
        return "circle"
    if block.number is not None or block.rank == RANK_SYLLABLE:
        return "number"
    return "" if block.marker else "bare"


def _section_level(blocks: Sequence[Block]) -> frozenset[str]:
    classes = [name for name in map(_section_class, blocks) if name]
    if not classes:
        return frozenset()
    if classes[0] == "number":
        return frozenset({"number", "bare"})
    if "square" in classes or "bare" in classes:
        return frozenset({"square", "bare"})
    return frozenset({"number"} if "number" in classes else {"circle"})
