"""A project's pages: the document's own lines, with what people answered since worked into them.

Done plans move to the results; moved, late and stopped ones are marked where they stand; all others stay verbatim.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from documents.edition_parts import Line, ProjectPage, Section, Table, table_of
from documents.edition_state import Moment, Stand
from documents.edition_words import (
    cancelled_words,
    delayed_words,
    done_heading,
    moved_words,
    running_words,
    settled_words,
    standing_heading,
    without_date,
)
from documents.markup import squeeze
from documents.phrasing import document_lines
from documents.texts import TAB, is_table_row, split_sign
from documents.wording import window_words
from models import MilestoneStatus, Project, ProjectText, SectionKind, StatusKind, StatusReport

_BULLETS = ("-", "○", "ㅇ", "◦", "•", "·", "▪", "□")
_NAMES = {
    SectionKind.RESULTS: "추진실적",
    SectionKind.PROBLEMS: "문제점 및 개선방안",
    SectionKind.NEXT_STEPS: "향후추진계획",
}
_ORDER = (SectionKind.RESULTS, SectionKind.PROBLEMS, SectionKind.NEXT_STEPS, SectionKind.BUDGET)


def make_page(project: Project, texts: Sequence[ProjectText], stands: Sequence[Stand], moment: Moment) -> ProjectPage:
    """The project as it stood at the moment, from the lines of the newest document that prints it."""
    page = _Page(texts, stands, moment)
    page.work_in_answers()
    return ProjectPage(project.number, project.title, tuple(page.sections()))


@dataclass(slots=True, eq=False)
class _Entry:
    words: str
    level: int
    line: int | None = None
    is_new: bool = False
    is_removed: bool = False

    @property
    def is_row(self) -> bool:
        return is_table_row(self.words)


@dataclass(slots=True, eq=False)
class _Draft:
    kind: SectionKind
    heading: str
    entries: list[_Entry] = field(default_factory=list)

    @property
    def bullet(self) -> str:
        """The sign of most of the outermost items, so that new lines look like the old ones."""
        signs = [split_sign(entry.words)[0] for entry in self.entries if entry.level == 0 and not entry.is_row]
        return max(_BULLETS, key=lambda sign: (signs.count(sign), sign == "-"))

    def block(self, entry: _Entry) -> list[_Entry]:
        """What stands below an entry, and the rest of its own words where they were printed on further lines."""
        found: list[_Entry] = []
        at = self.entries.index(entry) + 1
        previous = entry
        for below in self.entries[at:]:
            continues = below.level == entry.level and not found and _continues(previous, below)
            if below.level <= entry.level and not continues:
                break
            if not continues:
                found.append(below)
            previous = below
        return found


def _continues(previous: _Entry, entry: _Entry) -> bool:
    if entry.is_row or previous.is_row or split_sign(entry.words)[0] or not entry.words:
        return False
    return entry.line is not None and previous.line is not None and entry.line == previous.line + 1


class _Page:
    def __init__(self, texts: Sequence[ProjectText], stands: Sequence[Stand], moment: Moment) -> None:
        self.moment = moment
        self.document_id = texts[0].document_id
        self.drafts: list[_Draft] = []
        for text in texts:
            last = self.drafts[-1] if self.drafts else None
            if last is None or (last.kind, last.heading) != (text.section, text.heading):
                self.drafts.append(last := _Draft(text.section, text.heading))
            last.entries.append(_Entry(text.text, text.level, text.line))
        self.printed = {squeeze(split_sign(text.text)[1]) for text in texts}
        self.stands = stands
        self.places: dict[int, tuple[_Draft, _Entry]] = {}
        self.labels: dict[int, _Entry] = {}
        for stand in stands:
            if place := self._find(stand, stand.milestone.line):
                self.places[id(stand)] = place
                label = self._find(stand, stand.milestone.label_line) if stand.milestone.label_line else None
                self.labels[id(stand)] = label[1] if label and label[0] is place[0] else place[1]

    def work_in_answers(self) -> None:
        mains = {stand.milestone.id: stand for stand in self.stands}
        for stand in self.stands:
            main = mains.get(stand.milestone.duplicate_of_id)
            if main is not None and stand.is_verbatim and not main.is_verbatim:
                self._repeat(stand, main)
            else:
                self._work_in(stand)
        for stand in self.stands:
            current = _current(stand)
            for report in [report for report in current if report.problems or report.measures][-1:]:
                self._problems(report)
            for report in [report for report in current if report.next_steps][-1:]:
                self._next_steps(stand, report)

    def sections(self) -> Iterator[Section]:
        for draft in self.drafts:
            left = [entry for entry in draft.entries if not entry.is_removed]
            if left or not draft.entries:
                yield Section(draft.kind, draft.heading, tuple(_blocks(left)))

    # -------------------------------------------------------------------------------------------- one milestone

    def _work_in(self, stand: Stand) -> None:
        place = self.places.get(id(stand))
        if place is None:
            self._append(stand)
        elif not stand.is_verbatim or self._looks_over(stand, place[0]):
            draft, entry = place
            if stand.status is MilestoneStatus.DONE:
                self._settle(stand, draft, entry)
                return
            entry.words = self._marked(entry.words, stand)
            entry.is_new = True
        self._results(stand)

    def _looks_over(self, stand: Stand, draft: _Draft) -> bool:
        """Running work whose time went by since the document would be read as done unless its line says otherwise."""
        is_running = stand.status is MilestoneStatus.IN_PROGRESS and stand.is_open
        in_words = draft.kind not in (SectionKind.NEXT_STEPS, SectionKind.OVERVIEW, SectionKind.BACKGROUND)
        return is_running and in_words and stand.printed_on < (stand.end_on or date.min) <= self.moment.as_of

    def _settle(self, stand: Stand, draft: _Draft, entry: _Entry) -> None:
        """A done plan leaves the next steps for the results; what stands elsewhere is settled where it is."""
        if draft.kind is SectionKind.NEXT_STEPS and not entry.is_row:
            details = self._take_out(stand, draft, entry)
            self._results(stand, details, always=True)
            return
        entry.words = _in_cell(entry.words, lambda words: settled_words(words, stand, self.moment), stand.said_raw)
        entry.is_new = True
        self._results(stand, under=None if entry.is_row else (draft, entry))

    def _repeat(self, stand: Stand, main: Stand) -> None:
        """What is stated twice follows its first statement; a period keeps its beginning and ends with its plan."""
        place = self.places.get(id(stand))
        if place is None:
            return
        draft, entry = place
        if draft.kind in (SectionKind.OVERVIEW, SectionKind.BACKGROUND) or stand.milestone.precision == "range":
            if main.status is MilestoneStatus.DONE:
                entry.words = f"{entry.words} (완료)"
            elif main.is_moved:
                raw = window_words(stand.start_on, main.end_on)
                entry.words = _in_cell(
                    entry.words, lambda words: moved_words(words, stand.said_raw, raw, ""), stand.said_raw
                )
            entry.is_new = True
        elif main.status is not MilestoneStatus.DONE:
            entry.words = self._marked(entry.words, main, stand.said_raw)
            entry.is_new = True
        elif draft.kind is SectionKind.NEXT_STEPS and not entry.is_row:
            self._take_out(stand, draft, entry)
        else:
            entry.words = _in_cell(
                entry.words, lambda words: settled_words(words, main, self.moment, stand.said_raw), stand.said_raw
            )
            entry.is_new = True

    def _marked(self, words: str, stand: Stand, said_raw: str | None = None) -> str:
        raw = stand.said_raw if said_raw is None else said_raw
        reason = stand.reason
        if stand.status is MilestoneStatus.CANCELLED:
            return _in_cell(words, lambda cell: cancelled_words(cell, reason), raw)
        if stand.is_moved:
            new = stand.raw or window_words(stand.start_on, stand.end_on)
            return _in_cell(words, lambda cell: moved_words(cell, raw, new, reason), raw)
        if stand.status is MilestoneStatus.DELAYED:
            return _in_cell(words, lambda cell: delayed_words(cell, reason), raw)
        if stand.status is MilestoneStatus.IN_PROGRESS:
            return _in_cell(words, lambda cell: running_words(cell, raw), raw)
        return words

    def _take_out(self, stand: Stand, draft: _Draft, entry: _Entry) -> list[_Entry]:
        """Removes the plan's lines; what is still open below it stays, one level up. Returns its other details."""
        label = self.labels[id(stand)]
        needed = self._needed(stand)
        if label in needed or (entry is not label and entry in needed):
            if entry is label:
                label.words = without_date(label.words, stand.said_raw)
                label.is_new = True
            elif entry not in needed:
                for below in (entry, *draft.block(entry)):
                    below.is_removed = below not in needed
            return []
        details: list[_Entry] = []
        at = draft.entries.index(label) + 1
        while at < len(draft.entries) and _continues(draft.entries[at - 1], draft.entries[at]):
            draft.entries[at].is_removed = True  # the rest of the plan's own words
            at += 1
        body = draft.block(label)
        label.is_removed = entry.is_removed = True
        while body:
            group = [body[0], *(draft.block(body[0]))]
            body = body[len(group) :]
            if any(below in needed for below in group):
                for below in group:
                    below.level -= 1
                continue
            for below in group:
                if not below.is_removed:
                    below.is_removed = True
                    details.append(_Entry(below.words, below.level - label.level, is_new=True))
        self._remove_empty_above(draft, label, needed)
        return details

    def _remove_empty_above(self, draft: _Draft, entry: _Entry, needed: set[_Entry]) -> None:
        """A line that only named plans which are all done goes with the last of them."""
        level = entry.level
        for above in reversed(draft.entries[: draft.entries.index(entry)]):
            if above.level >= level:
                continue
            level = above.level
            below = draft.block(above)
            if above in needed or any(e in needed or (e.is_new and not e.is_removed) for e in below):
                return
            for left in (above, *below):
                left.is_removed = True

    def _needed(self, but: Stand) -> set[_Entry]:
        """The lines that other milestones still open stand on or are named by."""
        found: set[_Entry] = set()
        for stand in self.stands:
            main = next((s for s in self.stands if s.milestone.id == stand.milestone.duplicate_of_id), stand)
            if stand is not but and stand.is_open and main.is_open and id(stand) in self.places:
                found |= {self.places[id(stand)][1], self.labels[id(stand)]}
        return found

    def _append(self, stand: Stand) -> None:
        """A milestone that no line prints (from a table, or made by a person) gets a line of its own."""
        if stand.is_gone or stand.milestone.duplicate_of_id is not None:
            return
        was_printed = stand.milestone.line is not None and stand.milestone.document_id == self.document_id
        if was_printed and stand.is_verbatim:
            return
        if stand.status is MilestoneStatus.DONE:
            self._results(stand, always=True)
            return
        draft = self._draft(SectionKind.NEXT_STEPS)
        words = f"{draft.bullet} {stand.milestone.label}"
        if stand.said_raw or stand.end_on or stand.start_on:
            words = f"{words} : {stand.said_raw or window_words(stand.start_on, stand.end_on)}"
        entry = _Entry(words, 0, is_new=True)
        entry.words = self._marked(entry.words, stand)
        draft.entries.append(entry)

    # -------------------------------------------------------------------------------------------- what was answered

    def _results(
        self,
        stand: Stand,
        details: Sequence[_Entry] = (),
        *,
        always: bool = False,
        under: tuple[_Draft, _Entry] | None = None,
    ) -> None:
        """One entry a report that tells of results; a done plan that left the next steps has one in any case.

        `under` is the line that says 완료 already: what was done is told below it, without a heading of its own. How
        far something had come is told by the last report only.
        """
        told = False
        for report in stand.reports:
            is_done = report.kind is StatusKind.DONE and stand.status is MilestoneStatus.DONE
            lines = self._fresh(report.results)
            is_news = bool(lines) or (bool(report.percent_complete) and report is stand.reports[-1] and not is_done)
            if is_done and under is not None:
                self._add_below(under, lines)
            elif is_done and (always or lines):
                self._add_result(done_heading(stand, self.moment), lines, details)
                told = True
            elif is_news:
                self._add_result(standing_heading(stand, report, self.moment), lines, ())
        if always and not told:
            self._add_result(done_heading(stand, self.moment), (), details)

    def _add_below(self, place: tuple[_Draft, _Entry], lines: Sequence[str]) -> None:
        draft, entry = place
        at = draft.entries.index([entry, *draft.block(entry)][-1]) + 1
        draft.entries[at:at] = [_Entry(_signed("-", line), entry.level + 1, is_new=True) for line in lines]

    def _add_result(self, heading: str, lines: Sequence[str], details: Sequence[_Entry]) -> None:
        draft = self._draft(SectionKind.RESULTS)
        draft.entries.append(_Entry(f"{draft.bullet} {heading}", 0, is_new=True))
        draft.entries += [_Entry(_signed("-", line), 1, is_new=True) for line in lines]
        draft.entries += details

    def _problems(self, report: StatusReport) -> None:
        problems, measures = self._fresh(report.problems), self._fresh(report.measures)
        if not problems and not measures:
            return
        draft = self._draft(SectionKind.PROBLEMS)
        draft.entries += [_Entry(_signed(draft.bullet, line), 0, is_new=True) for line in problems]
        draft.entries += [_Entry(f"⇒ {line}", 1 if problems else 0, is_new=True) for line in measures]

    def _next_steps(self, stand: Stand, report: StatusReport) -> None:
        lines = self._fresh(report.next_steps)
        if not lines:
            return
        place = self.places.get(id(stand))
        if place is not None and place[0].kind is SectionKind.NEXT_STEPS and stand.is_open and not place[1].is_row:
            self._add_below((place[0], self.labels[id(stand)]), lines)
            return
        draft = self._draft(SectionKind.NEXT_STEPS)
        draft.entries += [_Entry(_signed(draft.bullet, line), 0, is_new=True) for line in lines]

    def _fresh(self, text: str) -> list[str]:
        """The lines that the project does not print yet: forms come prefilled and are sent back as they were."""
        fresh: list[str] = []
        for line in document_lines(text):
            key = squeeze(split_sign(line)[1])
            if key not in self.printed:
                self.printed.add(key)
                fresh.append(line)
        return fresh

    # -------------------------------------------------------------------------------------------- places

    def _draft(self, kind: SectionKind) -> _Draft:
        """The project's section of this kind, the last one if it has several; made where it has none."""
        for draft in reversed(self.drafts):
            if draft.kind is kind:
                return draft
        later = _ORDER[_ORDER.index(kind) + 1 :]
        at = next((i for i, draft in enumerate(self.drafts) if draft.kind in later), len(self.drafts))
        made = _Draft(kind, _NAMES[kind])
        self.drafts.insert(at, made)
        return made

    def _find(self, stand: Stand, line: int | None) -> tuple[_Draft, _Entry] | None:
        """The printed line of a milestone: by its number in its own document, by its words in another edition."""
        if stand.milestone.document_id == self.document_id:
            found = None
            for draft in self.drafts:
                for entry in draft.entries:
                    near = entry.line is not None and line is not None and entry.line <= line
                    if near and (found is None or (entry.line or 0) >= (found[1].line or 0)):
                        found = draft, entry
            return found if found and line is not None and line - (found[1].line or 0) <= 3 else None
        label, raw = squeeze(stand.milestone.label), squeeze(stand.said_raw)
        for draft in self.drafts:
            for entry in draft.entries:
                words = squeeze(entry.words)
                if words and label in words and raw in words:
                    return draft, entry
        return None


def _current(stand: Stand) -> tuple[StatusReport, ...]:
    """The answers whose problems and plans still hold: of something done or stopped only the closing one's."""
    if stand.is_open:
        return stand.reports
    closing = (StatusKind.DONE, StatusKind.CANCELLED)
    at = next((at for at, report in enumerate(stand.reports) if report.kind in closing), len(stand.reports))
    return stand.reports[at:]


def _signed(sign: str, line: str) -> str:
    return line if split_sign(line)[0] else f"{sign} {line}"


def _in_cell(words: str, change: Callable[[str], str], raw: str) -> str:
    """Changes the words of a line, or of the one cell of a table row that holds the date."""
    if not is_table_row(words):
        return change(words)
    cells = words.split(TAB)
    at = next((i for i, cell in enumerate(cells) if raw and raw in cell), len(cells) - 1)
    cells[at] = change(cells[at])
    return TAB.join(cells)


def _blocks(entries: Sequence[_Entry]) -> Iterator[Line | Table]:
    rows: list[tuple[str, ...]] = []
    previous: _Entry | None = None
    for entry in entries:
        if entry.is_row:
            rows.append(tuple(entry.words.split(TAB)))
            previous = entry
            continue
        if rows:
            yield table_of(rows)
            rows = []
        if entry.words:
            sign, text = split_sign(entry.words)
            continues = previous is not None and _continues(previous, entry)
            yield Line(max(entry.level, 0), sign, text, continues)
        previous = entry
    if rows:
        yield table_of(rows)
