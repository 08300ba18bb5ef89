"""Which lines of a document are a project.

The list of projects that a department prints is the best guide to which headings are projects. Without one, a project
is a card (`사업명 | …`), else a line set apart that a section follows before any other line set apart, else a
numbered line with attributes (`- 기간 : …`) below it, else a row of a table of projects, else the whole document.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from documents.labels import is_attribute_line
from documents.limits import MAX_LISTED_PROJECTS, MAX_TITLES_COMPARED
from documents.markup import squeeze
from documents.organisation import Chapter, bare_name
from documents.outline import RANK_CIRCLE, RANK_NUMBER, RANK_ROMAN, RANK_SQUARE, Block, Row, Shape
from documents.reading import SectionKind
from documents.sections import section_class
from documents.tables import card_pairs, filled_down, read_grid
from documents.vocabulary import vocabulary

_SAME_TITLE = 0.75
_LISTED: tuple[SectionKind, ...] = ("results", "next_steps")
_OUTER, _INNER = ("square", "bare", "number"), ("circle",)
_DATED = re.compile(r"(?:20\d\d|['’‘]\d\d)\s?[.년]|\d{1,2}\.\s?\d{1,2}\.|\d{1,2}월")
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
class _Start:
    """Where a project begins: the block that ends the one before, the first block of its own, and its title."""

    edge: int
    first: int
    number: int | None
    title: str
    line: int
    listed: Listed | None = None


def find_projects(blocks: Sequence[Block], chapters: Sequence[Chapter], title: str) -> list[tuple[Chapter, Span]]:
    """Return the projects of all chapters in order; `title` names the whole where it is one project itself."""
    found = {chapter: _in_chapter(blocks, chapter) for chapter in chapters}
    # A chapter may keep another form than its neighbours: numbered plans, a table of projects, beside sections.
    for finder in (_by_attributes, _by_rows):
        for chapter in (chapter for chapter in chapters if not found[chapter]):
            found[chapter] = list(finder(blocks, chapter, title))
    last = _by_sections if any(found.values()) else _whole
    for chapter in (chapter for chapter in chapters if not found[chapter]):
        found[chapter] = last(blocks, chapter, title)
    return _merged((chapter, span) for chapter in chapters for span in found[chapter])


def _merged(spans: Iterable[tuple[Chapter, Span]]) -> list[tuple[Chapter, Span]]:
    """One project printed in two parts of a document, its results first and its plans later, is one."""
    kept: dict[tuple[str, str], tuple[Chapter, Span]] = {}
    for chapter, span in spans:
        key = span.unit or chapter.unit, squeeze(span.title)
        if key in kept:
            first = kept[key][1]
            kept[key] = (
                kept[key][0],
                replace(first, blocks=first.blocks + span.blocks, listed=first.listed or span.listed),
            )
        else:
            kept[key] = chapter, span
    return list(kept.values())


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


def same_title(one: str, other: str) -> float:
    """Return how alike two titles are, 0 to 1, spaces and punctuation apart."""
    a, b = _SIGNS.sub("", one), _SIGNS.sub("", other)
    if a == b:
        return 1.0
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _SAME_TITLE else 0.0


def _in_chapter(blocks: Sequence[Block], chapter: Chapter) -> list[Span]:
    listed = find_list(blocks, chapter)
    starts = _by_list(blocks, chapter, listed) if listed else []
    starts = starts or _cards(blocks, chapter)
    if not starts and _lists_sections(blocks, chapter):
        return []
    starts = starts or _by_shape(blocks, chapter, _OUTER) or _by_shape(blocks, chapter, _INNER)
    return _schedule_before(blocks, chapter, starts) + _spans(blocks, chapter, starts)


def _schedule_before(blocks: Sequence[Block], chapter: Chapter, starts: Sequence[_Start]) -> list[Span]:
    """A part that lists plans (`Ⅱ. 월별 추진계획`) above the first project is one by itself, named like the part."""
    if not starts:
        return []
    for index in range(chapter.first, starts[0].edge):
        block, below = blocks[index], blocks[index + 1 : starts[0].edge]
        part = block.shape is Shape.HEADING or block.rank == RANK_ROMAN
        if part and vocabulary().section_kind(block.text) == "next_steps":
            end = next((at for at, other in enumerate(below) if other.rank == RANK_ROMAN), len(below))
            own = tuple(blocks[index : index + 1 + end])
            if any(_DATED.search(other.text) for other in own[1:]):
                return [Span(None, block.text, block.line, own)]
    return []


def _spans(blocks: Sequence[Block], chapter: Chapter, starts: Sequence[_Start]) -> list[Span]:
    edges = [*(start.edge for start in starts[1:]), chapter.last] if starts else []
    return [
        Span(start.number, start.title, start.line, tuple(blocks[start.first : edge]), start.listed)
        for start, edge in zip(starts, edges, strict=True)
    ]


def _listed(cells: Sequence[str], title_at: int, line: int) -> Listed:
    number = next((int(cell) for cell in cells[:title_at] if cell.strip().isdigit()), None)
    return Listed(number, cells[title_at].replace("\n", " ").strip() if title_at < len(cells) else "", line)


def _set_apart(block: Block) -> bool:
    return (
        block.shape in (Shape.HEADING, Shape.TEXT)
        or block.bold
        or block.number is not None
        or block.rank in (RANK_NUMBER, RANK_SQUARE)
    )


def _titles(blocks: Sequence[Block], chapter: Chapter) -> list[_Start]:
    """Every line set apart that may be a title; a number on a line of its own belongs to the title below it."""
    found = []
    for index in range(chapter.first, chapter.last):
        block = blocks[index]
        if not _set_apart(block) or not block.text or block.lead:
            continue
        before = blocks[index - 1] if index > chapter.first else block
        alone = before.number is not None and not before.text and block.number is None
        number = before.number if alone else block.number
        found.append(_Start(index - 1 if alone else index, index + 1, number, block.text, block.line))
    return found


def _by_list(blocks: Sequence[Block], chapter: Chapter, listed: Sequence[Listed]) -> list[_Start]:
    titles = _titles(blocks, chapter)
    found: list[_Start] = []
    position = 0
    for entry in listed:
        best, best_at = 0.0, -1
        for at in range(position, min(position + MAX_TITLES_COMPARED, len(titles))):
            number = titles[at].number
            if number is not None and entry.number is not None and number != entry.number:
                continue
            likeness = same_title(entry.title, titles[at].title)
            if likeness > best:
                best, best_at = likeness, at
            if likeness == 1.0:
                break
        if best >= _SAME_TITLE:
            start = titles[best_at]
            found.append(replace(start, number=start.number or entry.number, listed=entry))
            position = best_at + 1
    return found


def _cards(blocks: Sequence[Block], chapter: Chapter) -> list[_Start]:
    """Project cards: a table or a line that says `사업명` and the name, with the project's attributes around it."""
    words = vocabulary()
    found = []
    for index in range(chapter.first, chapter.last):
        block = blocks[index]
        if block.shape is not Shape.TABLE:
            label, colon, value = block.text.partition(":")
            if colon and value.strip() and words.is_column("card_title", label):
                found.append(_Start(index, index + 1, block.number, value.strip(), block.line))
            continue
        pairs = card_pairs(block.rows)
        title = next((pair for pair in pairs if words.is_column("card_title", pair.label)), None)
        if title:
            numbers = (pair.value for pair in pairs if words.is_column("number", pair.label))
            number = next((int(value) for value in numbers if value.isdigit()), None)
            found.append(_below_heading(_Start(index, index, number, title.value, title.line), blocks, chapter))
    return found


def _below_heading(start: _Start, blocks: Sequence[Block], chapter: Chapter) -> _Start:
    """A card may stand below a heading of the same title, which begins the project and may number it.

    Any other heading right above the card (`관리번호 2025-02`) belongs to the card, too.
    """
    for index in range(start.edge - 1, max(start.edge - 3, chapter.first - 1), -1):
        block = blocks[index]
        if block.shape is not Shape.TABLE and same_title(start.title, block.text) >= _SAME_TITLE:
            return replace(start, edge=index, number=start.number or block.number)
    before = start.edge - 1
    own = before > chapter.first and blocks[before].shape is Shape.HEADING
    return replace(start, edge=before) if own else start


def _by_shape(blocks: Sequence[Block], chapter: Chapter, classes: Sequence[str]) -> list[_Start]:
    """A title is a line set apart above a section; inside a project, a sub-item may stand there as well.

    An overview or background after a line set apart begins a project; another section does so only when the project
    before has one of its kind already.
    """
    titles = {
        start.first - 1: start
        for start in _titles(blocks, chapter)
        if classes == _INNER or blocks[start.first - 1].rank != RANK_SQUARE
    }
    found: list[_Start] = []
    seen: set[SectionKind] = set()
    previous = chapter.first
    for index in range(chapter.first, chapter.last):
        kind = vocabulary().section_kind(blocks[index].text) if section_class(blocks[index]) in classes else None
        if kind is None:
            continue
        title = _title_above(blocks, titles, previous, index)
        if title and (not found or kind in seen or kind in ("overview", "background")):
            found.append(title)
            seen = set()
        seen.add(kind)
        previous = index + 1
    return _with_siblings(found, titles, blocks)


def _with_siblings(found: list[_Start], titles: dict[int, _Start], blocks: Sequence[Block]) -> list[_Start]:
    """Add the titles that are printed and numbered like those found: `## 3. …` after `## 2. …` is the next project."""
    if any(blocks[start.first - 1].rank == RANK_NUMBER for start in found):
        # Roman numbers head the parts of a document whose projects have plain ones.
        found = [start for start in found if blocks[start.first - 1].rank != RANK_ROMAN]
    looks = {(block.rank, block.hashes, block.bold) for start in found if (block := blocks[start.first - 1])}
    if len(looks) != 1:
        return found
    alike = [
        start
        for at, start in sorted(titles.items())
        if (blocks[at].rank, blocks[at].hashes, blocks[at].bold) in looks and not section_class(blocks[at])
    ]
    kept: list[_Start] = []
    for start in alike:
        block = blocks[start.first - 1]
        follows = bool(kept) and _next_number(blocks[kept[-1].first - 1], block)
        follows = follows or (block.rank == RANK_SQUARE and _has_attributes(blocks, start.first, block.rank))
        if start in found or (follows and _is_title(block)):
            kept.append(start)
    return kept


def _has_attributes(blocks: Sequence[Block], first: int, rank: int) -> bool:
    """Whether the line right below says when, where or for whom: `○ 일시 : …` below `□ 직원 연수`."""
    below = blocks[first] if first < len(blocks) else None
    return below is not None and below.rank > rank and is_attribute_line(below.text)


def _next_number(one: Block, other: Block) -> bool:
    if one.number is not None and other.number is not None:
        return other.number == one.number + 1
    return "-" in one.marker and "-" in other.marker and len(one.marker) > 1 and len(other.marker) > 1


def _title_above(blocks: Sequence[Block], titles: dict[int, _Start], first: int, opener: int) -> _Start | None:
    """The nearest title above a section's name, back to the section before; a long table in between parts them."""
    for index in range(opener - 1, first - 1, -1):
        block = blocks[index]
        if section_class(block) or (block.shape is Shape.TABLE and index < opener - 3):
            return None
        if index in titles and block.shape is not Shape.TEXT and block.rank != RANK_CIRCLE and _is_title(block):
            return titles[index]
    return None


def _is_title(block: Block) -> bool:
    name = squeeze(block.text)
    headings = vocabulary().headings
    return vocabulary().unit_kind(bare_name(block.text)) is None and not any(
        name in names for names in headings.values()
    )


def _by_attributes(blocks: Sequence[Block], chapter: Chapter, _title: str) -> list[Span]:
    """Plain plans: titles of the outermost rank below which lines say when, where and for whom.

    Where the chapter's own sections stand above them, they are what the sections list, and no projects.
    """
    if _lists_sections(blocks, chapter):
        return []
    candidates = [
        start
        for start in _titles(blocks, chapter)
        if blocks[start.first - 1].shape is not Shape.TEXT and _is_title(blocks[start.first - 1])
    ]
    candidates += [
        _Start(index, index + 1, None, block.text, block.line)
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
    return _spans(blocks, chapter, [start for start in candidates if blocks[start.first - 1].rank == rank])


def _is_dated_item(block: Block) -> bool:
    return block.shape is Shape.ITEM and _DATED.search(block.text) is not None


def _lists_sections(blocks: Sequence[Block], chapter: Chapter) -> bool:
    """Whether a department's own sections (`[금주 실적]`) stand right below its name, with numbered items in them."""
    first = chapter.first + 1
    if not chapter.has_heading or first >= chapter.last or section_class(blocks[first]) != "bare":
        return False
    return vocabulary().section_kind(blocks[first].text) in _LISTED


def _by_sections(blocks: Sequence[Block], chapter: Chapter, title: str) -> list[Span]:
    """A chapter of sections (금주 실적, 차주 계획) without titles is one project, named like the document."""
    own = (
        vocabulary().section_kind(block.text) for block in blocks[chapter.first : chapter.last] if section_class(block)
    )
    return _whole(blocks, chapter, title) if any(kind in _LISTED for kind in own) else []


def _by_rows(blocks: Sequence[Block], chapter: Chapter, _title: str) -> Iterator[Span]:
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


def _whole(blocks: Sequence[Block], chapter: Chapter, title: str) -> list[Span]:
    """A schedule or a bare list of plans is one project by itself, named like the document, if it has lines to read."""
    own = blocks[chapter.first : chapter.last]
    first = next((at for at, block in enumerate(own) if _is_content(block)), None)
    if not title or first is None:
        return []
    return [Span(None, title, blocks[chapter.first].line, tuple(own[first:]))]


def _is_content(block: Block) -> bool:
    """Past the title page: what stands below is listed in items, tables or named sections."""
    if block.shape is Shape.TEXT and ":" in block.text and is_attribute_line(block.text):
        return True
    return block.shape in (Shape.TABLE, Shape.ITEM) or bool(section_class(block))
