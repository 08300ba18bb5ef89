"""Projects that a document sets apart: by its list of projects, as cards, or as titles above named sections."""

from collections.abc import Sequence
from dataclasses import replace

from documents.labels import is_attribute_line
from documents.limits import MAX_LISTED_PROJECTS, MAX_TITLES_COMPARED
from documents.markup import squeeze
from documents.organisation import Chapter
from documents.outline import RANK_CIRCLE, RANK_NUMBER, RANK_ROMAN, RANK_SQUARE, Block, Shape
from documents.reading import SectionKind
from documents.sections import section_class
from documents.tables import card_pairs
from documents.titles import SAME_TITLE, Listed, Start, is_title, read_titles, same_title
from documents.vocabulary import vocabulary

OUTER, INNER = ("square", "bare", "number"), ("circle",)


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


def by_list(blocks: Sequence[Block], chapter: Chapter, listed: Sequence[Listed]) -> list[Start]:
    """Return the titles of the listed projects in order, each the line most like its entry and of its number."""
    titles = read_titles(blocks, chapter)
    found: list[Start] = []
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
        if best >= SAME_TITLE:
            start = titles[best_at]
            found.append(replace(start, number=start.number or entry.number, listed=entry))
            position = best_at + 1
    return found


def by_cards(blocks: Sequence[Block], chapter: Chapter) -> list[Start]:
    """Project cards: a table or a line that says `사업명` and the name, with the project's attributes around it."""
    words = vocabulary()
    found = []
    for index in range(chapter.first, chapter.last):
        block = blocks[index]
        if block.shape is not Shape.TABLE:
            label, colon, value = block.text.partition(":")
            if colon and value.strip() and words.is_column("card_title", label):
                found.append(Start(index, index + 1, block.number, value.strip(), block.line))
            continue
        pairs = card_pairs(block.rows)
        title = next((pair for pair in pairs if words.is_column("card_title", pair.label)), None)
        if title:
            numbers = (pair.value for pair in pairs if words.is_column("number", pair.label))
            number = next((int(value) for value in numbers if value.isdigit()), None)
            found.append(_below_heading(Start(index, index, number, title.value, title.line), blocks, chapter))
    return found


def by_shape(blocks: Sequence[Block], chapter: Chapter, classes: Sequence[str]) -> list[Start]:
    """A title is a line set apart above a section; inside a project, a sub-item may stand there as well.

    An overview or background after a line set apart begins a project; another section does so only when the project
    before has one of its kind already.
    """
    titles = {
        start.first - 1: start
        for start in read_titles(blocks, chapter)
        if classes == INNER or blocks[start.first - 1].rank != RANK_SQUARE
    }
    found: list[Start] = []
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


def _listed(cells: Sequence[str], title_at: int, line: int) -> Listed:
    number = next((int(cell) for cell in cells[:title_at] if cell.strip().isdigit()), None)
    return Listed(number, cells[title_at].replace("\n", " ").strip() if title_at < len(cells) else "", line)


def _below_heading(start: Start, blocks: Sequence[Block], chapter: Chapter) -> Start:
    """A card may stand below a heading of the same title, which begins the project and may number it.

    Any other heading right above the card (`관리번호 2025-02`) belongs to the card, too.
    """
    for index in range(start.edge - 1, max(start.edge - 3, chapter.first - 1), -1):
        block = blocks[index]
        if block.shape is not Shape.TABLE and same_title(start.title, block.text) >= SAME_TITLE:
            return replace(start, edge=index, number=start.number or block.number)
    before = start.edge - 1
    own = before > chapter.first and blocks[before].shape is Shape.HEADING
    return replace(start, edge=before) if own else start


def _with_siblings(found: list[Start], titles: dict[int, Start], blocks: Sequence[Block]) -> list[Start]:
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
    known = set(found)
    kept: list[Start] = []
    for start in alike:
        block = blocks[start.first - 1]
        follows = bool(kept) and _follows(kept[-1], start, blocks)
        anew = block.rank == RANK_SQUARE or (bool(kept) and start.number == 1)
        follows = follows or (anew and _has_attributes(blocks, start.first, block.rank))
        if start in known or (follows and is_title(block)):
            kept.append(start)
    return kept


def _has_attributes(blocks: Sequence[Block], first: int, rank: int) -> bool:
    """Whether the line right below says when, where or for whom: `○ 일시 : …` below `□ 직원 연수`."""
    below = blocks[first] if first < len(blocks) else None
    if below is None or below.rank <= rank:
        return False
    return bool(card_pairs(below.rows)) if below.shape is Shape.TABLE else is_attribute_line(below.text)


def _follows(one: Start, other: Start, blocks: Sequence[Block]) -> bool:
    if one.number is not None and other.number is not None:
        return other.number == one.number + 1
    return all("-" in (marker := blocks[start.first - 1].marker) and len(marker) > 1 for start in (one, other))


def _title_above(blocks: Sequence[Block], titles: dict[int, Start], first: int, opener: int) -> Start | None:
    """The nearest title above a section's name, back to the section before; a long table in between parts them."""
    for index in range(opener - 1, first - 1, -1):
        block = blocks[index]
        if section_class(block) or (block.shape is Shape.TABLE and index < opener - 3):
            return None
        if index in titles and block.shape is not Shape.TEXT and block.rank != RANK_CIRCLE and is_title(block):
            return titles[index]
    return None
