"""Which lines of a project belong to which section, and what its overview and its problems say."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from documents.markup import squeeze
from documents.outline import RANK_ARROW, RANK_CIRCLE, RANK_SQUARE, RANK_SYLLABLE, Block, Shape, depths, parents
from documents.reading import OverviewItem, ProblemRow, SectionKind, SectionLine, SectionText
from documents.tables import card_pairs
from documents.vocabulary import vocabulary

_LONGEST_NAME = 16
_ARROWS = tuple("⇒→⇨➡➔➜↳└▶▷☞")


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a project: the heading's block, the blocks below it and under which of those each one stands."""

    kind: SectionKind
    heading: Block | None
    name: str
    blocks: tuple[Block, ...]
    parents: tuple[int | None, ...]


def find_sections(blocks: Sequence[Block]) -> tuple[Section, ...]:
    """Split a project's blocks into its sections, in order; what stands before the first heading has kind `other`.

    A section's name opens a section only where it stands at the outermost level of such names in the project:
    `○ 사업개요` inside a sub-item does not end `□ 추진실적`.
    """
    level = _section_level(blocks)
    starts = [index for index, block in enumerate(blocks) if section_class(block) in level]
    ranks = {blocks[index].rank for index in starts if blocks[index].marker}
    if starts:
        others = (index for index in range(starts[0] + 1, len(blocks)) if _is_other_heading(blocks, index, ranks))
        starts = sorted((*starts, *others))
    found: list[Section] = []
    lead = tuple(blocks[: starts[0] if starts else len(blocks)])
    if lead:
        found.append(Section("other", None, "", lead, tuple(parents(lead))))
    for start, end in zip(starts, [*starts[1:], len(blocks)], strict=False):
        heading, below = blocks[start], tuple(blocks[start + 1 : end])
        kind = vocabulary().section_kind(heading.text) or "other"
        if kind != "budget" and (value := _value(heading)):
            heading, below = _bare(heading), (value, *below)
        found.append(Section(kind, heading, section_name(heading.text), below, tuple(parents(below))))
    return tuple(found)


def _is_other_heading(blocks: Sequence[Block], index: int, ranks: Set[int]) -> bool:
    """A line printed like the sections' names, with lines below it, ends a section, whatever it is called."""
    block = blocks[index]
    if block.rank not in ranks or block.lead or section_class(block) or index + 1 == len(blocks):
        return False
    plain_name = len(block.text) <= _LONGEST_NAME and not any(
        letter.isdigit() or letter == ":" for letter in block.text
    )
    return plain_name and not vocabulary().is_any_attribute(block.text) and blocks[index + 1].rank > block.rank


def _value(heading: Block) -> Block | None:
    """What a section says beside its name, `향후계획 : 준공(~8월)`, as a line of its own below it."""
    _, colon, value = heading.text.partition(":")
    if not colon or not any(letter.isdigit() for letter in value):
        return None
    return replace(
        heading,
        shape=Shape.TEXT,
        marker="",
        number=None,
        hashes=0,
        rank=RANK_ARROW,
        parts=((heading.line, value.strip()),),
    )


def _bare(heading: Block) -> Block:
    name = heading.text.partition(":")[0].strip()
    return replace(heading, parts=((heading.line, name),))


def section_name(heading: str) -> str:
    """Return a section's name without spaces, value and brackets: `향후 추진계획(안) : 2건` is `향후추진계획`."""
    return squeeze(re.sub(r"[(\[:：].*", "", heading, flags=re.DOTALL))


def children(section: Section) -> dict[int, list[Block]]:
    """Return for each block that has any the blocks directly below it, in order."""
    found: dict[int, list[Block]] = {}
    for block, owner in zip(section.blocks, section.parents, strict=True):
        if owner is not None:
            found.setdefault(owner, []).append(block)
    return found


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
        below_of = children(section)
        for index, (block, parent) in enumerate(zip(section.blocks, section.parents, strict=True)):
            label, colon, value = block.text.partition(":")
            if parent is None and (colon or block.shape is Shape.ITEM) and len(label) <= 20:
                below = tuple(child.text for child in below_of.get(index, ()))
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


def _is_measure(block: Block, owner: int | None) -> bool:
    return owner is not None or block.shape is Shape.NOTE or block.lead in _ARROWS


def _table_items(block: Block) -> list[OverviewItem]:
    """A card's table: labels and values side by side, `사업기간 | 2024. 1. ~ 12. | 담당부서 | 도로과`."""
    return [OverviewItem(squeeze(pair.label), pair.value, pair.line) for pair in card_pairs(block.rows)]


def section_class(block: Block) -> str:
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
    classes = [name for name in map(section_class, blocks) if name]
    if not classes:
        return frozenset()
    if classes[0] == "number":
        return frozenset({"number", "bare"})
    if "square" in classes or "bare" in classes:
        return frozenset({"square", "bare"})
    return frozenset({"number"} if "number" in classes else {"circle"})
