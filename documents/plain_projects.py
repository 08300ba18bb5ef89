"""Projects of plain documents: numbered plans, rows of a table, sections without titles, a schedule as a whole."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from documents.labels import is_attribute_line
from documents.markup import squeeze
from documents.organisation import Chapter
from documents.outline import RANK_CIRCLE, Block, Row, Shape
from documents.reading import SectionKind
from documents.sections import section_class
from documents.tables import filled_down, read_grid
from documents.titles import DATED, Span, Start, is_title, project_spans, read_titles
from documents.vocabulary import vocabulary

_LISTED: tuple[SectionKind, ...] = ("results", "next_steps")


def by_attributes(blocks: Sequence[Block], chapter: Chapter, _title: str) -> list[Span]:
    """Plain plans: titles of the outermost rank below which lines say when, where and for whom.

    Where the chapter's own sections stand above them, they are what the sections list, and no projects.
    """
    if lists_sections(blocks, chapter):
        return []
    candidates = [
        start
        for start in read_titles(blocks, chapter)
        if (block := blocks[start.first - 1]).shape is not Shape.TEXT and is_title(block) and not section_class(block)
    ]
    candidates += [
        Start(index, index + 1, None, block.text, block.line)
        for index, block in enumerate(blocks[chapter.first : chapter.last], start=chapter.first)
        if block.rank == RANK_CIRCLE and block.shape is Shape.ITEM and not block.bold
        if not section_class(block) and not is_attribute_line(block.text)
    ]
    candidates.sort(key=lambda start: start.edge)
    edges = [*(start.edge for start in candidates[1:]), chapter.last] if candidates else []
    owning = Counter(
        blocks[start.first - 1].rank
        for start, edge in zip(candidates, edges, strict=True)
        if any(is_attribute_line(block.text) or _is_dated_item(block) for block in blocks[start.first : edge])
    )
    if not owning:
        return []
    most = max(owning.values())
    rank = min(rank for rank, count in owning.items() if count * 2 > most)
    return project_spans(blocks, chapter, [start for start in candidates if blocks[start.first - 1].rank == rank])


def by_sections(blocks: Sequence[Block], chapter: Chapter, title: str) -> list[Span]:
    """A chapter of sections (금주 실적, 차주 계획) without titles is one project, named like the document."""
    own = (
        vocabulary().section_kind(block.text) for block in blocks[chapter.first : chapter.last] if section_class(block)
    )
    return whole(blocks, chapter, title) if any(kind in _LISTED for kind in own) else []


def by_rows(blocks: Sequence[Block], chapter: Chapter, _title: str) -> Iterator[Span]:
    """Tables of projects (a pledge list): each title with its rows, and the table's heading rows above them."""
    words = vocabulary()
    for block in blocks[chapter.first : chapter.last]:
        if block.shape is not Shape.TABLE or len(block.rows) < 2:
            continue
        grid = read_grid(block.rows)
        names = [heading.split(" ")[-1] if heading else "" for heading in grid.columns]
        title_at = next((at for at, name in enumerate(names) if words.is_column("card_title", name)), None)
        owner_at = next((at for at, name in enumerate(names) if words.is_column("owner", name)), None)
        if title_at is None or not any(
            words.is_column(role, name) for name in names for role in ("schedule", "owner", "status")
        ):
            continue
        groups: dict[str, list[Row]] = {}
        for row in filled_down(grid.body, [title_at]):
            groups.setdefault(row.cells[title_at].replace("\n", " "), []).append(row)
        for title, rows in groups.items():
            if title:
                number = next((int(cell) for cell in rows[0].cells[:title_at] if cell.strip().isdigit()), None)
                table = replace(block, line=rows[0].line, rows=(*grid.header, *rows))
                owner = squeeze(rows[0].cells[owner_at]) if owner_at is not None else ""
                unit = owner if words.unit_kind(owner) == "department" else None
                yield Span(number, title, rows[0].line, (table,), unit=unit)


def whole(blocks: Sequence[Block], chapter: Chapter, title: str) -> list[Span]:
    """A schedule or a bare list of plans is one project by itself, named like the document, if it has lines to read."""
    own = blocks[chapter.first : chapter.last]
    first = next((at for at, block in enumerate(own) if _is_content(block)), None)
    if not title or first is None:
        return []
    return [Span(None, title, blocks[chapter.first].line, tuple(own[first:]))]


def lists_sections(blocks: Sequence[Block], chapter: Chapter) -> bool:
    """Whether a department's own sections (`[금주 실적]`) stand right below its name, with numbered items in them."""
    first = chapter.first + 1
    if not chapter.has_heading or first >= chapter.last or section_class(blocks[first]) != "bare":
        return False
    return vocabulary().section_kind(blocks[first].text) in _LISTED


def _is_dated_item(block: Block) -> bool:
    return block.shape is Shape.ITEM and DATED.search(block.text) is not None


def _is_content(block: Block) -> bool:
    """Past the title page: what stands below is listed in items, tables or named sections."""
    if block.shape is Shape.TEXT and ":" in block.text and is_attribute_line(block.text):
        return True
    return block.shape in (Shape.TABLE, Shape.ITEM) or bool(section_class(block))
