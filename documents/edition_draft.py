"""A project's printed lines while they are being worked on: found by number or words, marked, removed, added to."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from documents.edition_parts import Line, Section, Table, table_of
from documents.markup import squeeze
from documents.texts import TAB, is_table_row, split_sign
from models import ProjectText, SectionKind

_BULLETS = ("-", "○", "ㅇ", "◦", "•", "·", "▪", "□")
_NAMES = {
    SectionKind.RESULTS: "추진실적",
    SectionKind.PROBLEMS: "문제점 및 개선방안",
    SectionKind.NEXT_STEPS: "향후추진계획",
}
_ORDER = (SectionKind.RESULTS, SectionKind.PROBLEMS, SectionKind.NEXT_STEPS, SectionKind.BUDGET)
_LINES_OF_ONE_ENTRY = 3  # a milestone stands on its entry's line or, where that was cut, on one just below


@dataclass(slots=True, eq=False)
class Entry:
    """One line or table row, with its sign; `line` is where the document prints it, None for one added since."""

    words: str
    level: int
    line: int | None = None
    is_new: bool = False
    is_removed: bool = False

    @property
    def is_row(self) -> bool:
        return is_table_row(self.words)

    def continues(self, previous: "Entry") -> bool:
        """Whether it is the rest of the line before, which was printed on two lines."""
        if self.is_row or previous.is_row or split_sign(self.words)[0] or not self.words:
            return False
        return self.line is not None and previous.line is not None and self.line == previous.line + 1

    def change(self, change: Callable[[str], str], raw: str) -> None:
        """Changes the words; of a table row those of the one cell that holds the date `raw`."""
        self.is_new = True
        if not self.is_row:
            self.words = change(self.words)
            return
        cells = self.words.split(TAB)
        at = next((i for i, cell in enumerate(cells) if raw and raw in cell), len(cells) - 1)
        cells[at] = change(cells[at])
        self.words = TAB.join(cells)


@dataclass(slots=True, eq=False)
class Draft:
    """One section on its way into the edition."""

    kind: SectionKind
    heading: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def bullet(self) -> str:
        """The sign of most of the outermost items, so that new lines look like the old ones."""
        signs = [split_sign(entry.words)[0] for entry in self.entries if entry.level == 0 and not entry.is_row]
        return max(_BULLETS, key=lambda sign: (signs.count(sign), sign == "-"))

    def block(self, entry: Entry) -> list[Entry]:
        """What stands below an entry, the rest of its own words on further lines left out."""
        found: list[Entry] = []
        previous = entry
        for below in self.entries[self.entries.index(entry) + 1 :]:
            continues = below.level == entry.level and not found and below.continues(previous)
            if below.level <= entry.level and not continues:
                break
            if not continues:
                found.append(below)
            previous = below
        return found

    def further_words(self, entry: Entry) -> list[Entry]:
        """The lines that carry on an entry's own words."""
        found = [entry]
        for below in self.entries[self.entries.index(entry) + 1 :]:
            if not below.continues(found[-1]):
                break
            found.append(below)
        return found[1:]

    def add(self, words: str, level: int = 0) -> None:
        self.entries.append(Entry(words, level, is_new=True))

    def add_below(self, entry: Entry, lines: Sequence[str]) -> None:
        """New lines as the last ones below an entry."""
        at = self.entries.index([entry, *self.block(entry)][-1]) + 1
        self.entries[at:at] = [Entry(signed("-", line), entry.level + 1, is_new=True) for line in lines]


class Drafts:
    """All sections of a project as one edition prints them."""

    def __init__(self, texts: Sequence[ProjectText]) -> None:
        self.document_id = texts[0].document_id
        self.drafts: list[Draft] = []
        self._places: list[tuple[Draft, Entry]] = []
        for text in texts:
            last = self.drafts[-1] if self.drafts else None
            if last is None or (last.kind, last.heading) != (text.section, text.heading):
                self.drafts.append(last := Draft(text.section, text.heading))
            last.entries.append(Entry(text.text, text.level, text.line))
            self._places.append((last, last.entries[-1]))
        self._numbered = sorted(
            ((entry.line, at) for at, (_, entry) in enumerate(self._places) if entry.line is not None)
        )
        self._squeezed = [squeeze(entry.words) for _, entry in self._places]

    def on_line(self, line: int | None) -> tuple[Draft, Entry] | None:
        """The entry printed on a line of its document, or the cut one that runs over it."""
        if line is None:
            return None
        at = bisect_right(self._numbered, (line, len(self._places))) - 1
        if at < 0 or line - self._numbered[at][0] > _LINES_OF_ONE_ENTRY:
            return None
        return self._places[self._numbered[at][1]]

    def with_words(self, *words: str) -> tuple[Draft, Entry] | None:
        """The first entry that holds all of these words, blanks apart."""
        wanted = [squeeze(each) for each in words]
        for place, text in zip(self._places, self._squeezed, strict=True):
            if text and all(each in text for each in wanted):
                return place
        return None

    def section(self, kind: SectionKind) -> Draft:
        """The project's section of this kind, the last one if it has several; made where it has none."""
        for draft in reversed(self.drafts):
            if draft.kind is kind:
                return draft
        later = _ORDER[_ORDER.index(kind) + 1 :]
        at = next((i for i, draft in enumerate(self.drafts) if draft.kind in later), len(self.drafts))
        made = Draft(kind, _NAMES[kind])
        self.drafts.insert(at, made)
        return made

    def finished(self) -> Iterator[Section]:
        """The sections as they are now; one that lost all its lines is left out."""
        for draft in self.drafts:
            left = [entry for entry in draft.entries if not entry.is_removed]
            if left or not draft.entries:
                yield Section(draft.kind, draft.heading, tuple(_blocks(left)))


def signed(sign: str, line: str) -> str:
    """The line with this sign before it, unless it has one of its own (`※`)."""
    return line if split_sign(line)[0] else f"{sign} {line}"


def _blocks(entries: Sequence[Entry]) -> Iterator[Line | Table]:
    rows: list[tuple[str, ...]] = []
    previous: Entry | None = None
    for entry in entries:
        if entry.is_row:
            rows.append(tuple(entry.words.split(TAB)))
        else:
            if rows:
                yield table_of(rows)
                rows = []
            if entry.words:
                sign, text = split_sign(entry.words)
                yield Line(max(entry.level, 0), sign, text, previous is not None and entry.continues(previous))
        previous = entry
    if rows:
        yield table_of(rows)
