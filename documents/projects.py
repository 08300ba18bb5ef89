"""Which lines of a document are a project.

The list of projects that a department prints is the best guide to which headings are projects. Without one, a project
is a card (`사업명 | …`), else a line set apart that a section follows before any other line set apart, else a
numbered line with attributes (`- 기간 : …`) below it, else a row of a table of projects, else the whole document.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from documents.markup import squeeze
from documents.organisation import Chapter
from documents.outline import RANK_ROMAN, Block, Shape
from documents.plain_projects import by_attributes, by_rows, by_sections, lists_sections, whole
from documents.reading import SectionKind
from documents.sections import section_class
from documents.titled_projects import INNER, OUTER, by_cards, by_list, by_shape, find_list
from documents.titles import DATED, Span, Start, project_spans
from documents.vocabulary import vocabulary


def find_projects(blocks: Sequence[Block], chapters: Sequence[Chapter], title: str) -> list[tuple[Chapter, Span]]:
    """Return the projects of all chapters in order; `title` names the whole where it is one project itself."""
    found = {chapter: _in_chapter(blocks, chapter) for chapter in chapters}
    # A chapter may keep another form than its neighbours: numbered plans, a table of projects, beside sections.
    for finder in (by_attributes, by_rows):
        for chapter in (chapter for chapter in chapters if not found[chapter]):
            found[chapter] = list(finder(blocks, chapter, title))
    last = by_sections if any(found.values()) else whole
    for chapter in (chapter for chapter in chapters if not found[chapter]):
        found[chapter] = last(blocks, chapter, title)
    return _merged((chapter, span) for chapter in chapters for span in found[chapter])


def _merged(spans: Iterable[tuple[Chapter, Span]]) -> list[tuple[Chapter, Span]]:
    """One project printed in two parts of a document, its results first and its plans later, is one.

    Two of one title that both have the same section are two all the same.
    """
    found: list[tuple[Chapter, Span]] = []
    places: dict[tuple[str, str], int] = {}
    for chapter, span in spans:
        key = span.unit or chapter.unit, squeeze(span.title)
        if key in places and not _sections(found[places[key]][1]) & _sections(span):
            at = places[key]
            first = found[at][1]
            whole_project = replace(first, blocks=first.blocks + span.blocks, listed=first.listed or span.listed)
            found[at] = found[at][0], whole_project
        else:
            places[key] = len(found)
            found.append((chapter, span))
    return found


def _sections(span: Span) -> set[SectionKind | None]:
    return {vocabulary().section_kind(block.text) for block in span.blocks if section_class(block)}


def _in_chapter(blocks: Sequence[Block], chapter: Chapter) -> list[Span]:
    listed = find_list(blocks, chapter)
    starts = by_list(blocks, chapter, listed) if listed else []
    starts = starts or by_cards(blocks, chapter)
    if not starts and lists_sections(blocks, chapter):
        return []
    starts = starts or by_shape(blocks, chapter, OUTER) or by_shape(blocks, chapter, INNER)
    return _schedule_before(blocks, chapter, starts) + project_spans(blocks, chapter, starts)


def _schedule_before(blocks: Sequence[Block], chapter: Chapter, starts: Sequence[Start]) -> list[Span]:
    """A part that lists plans (`Ⅱ. 월별 추진계획`) above the first project is one by itself, named like the part."""
    if not starts:
        return []
    for index in range(chapter.first, starts[0].edge):
        block, below = blocks[index], blocks[index + 1 : starts[0].edge]
        part = block.shape is Shape.HEADING or block.rank == RANK_ROMAN
        if part and vocabulary().section_kind(block.text) == "next_steps":
            end = next((at for at, other in enumerate(below) if other.rank == RANK_ROMAN), len(below))
            own = tuple(blocks[index : index + 1 + end])
            if any(DATED.search(other.text) for other in own[1:]):
                return [Span(None, block.text, block.line, own)]
    return []
