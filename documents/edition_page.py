"""A project's pages: the document's own lines, with what people answered since worked into them.

Done plans move to the results; moved, late and stopped ones are marked where they stand; all others stay verbatim.
"""

from collections.abc import Sequence
from datetime import date

from documents.edition_draft import Draft, Drafts, Entry, signed
from documents.edition_parts import ProjectPage
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
from documents.texts import split_sign
from documents.wording import window_words
from models import MilestoneStatus, Project, ProjectText, SectionKind, StatusKind, StatusReport


def make_page(project: Project, texts: Sequence[ProjectText], stands: Sequence[Stand], moment: Moment) -> ProjectPage:
    """The project as it stood at the moment, from the lines of the newest document that prints it."""
    page = _Page(texts, stands, moment)
    page.work_in_answers()
    return ProjectPage(project.number, project.title, tuple(page.drafts.finished()))


class _Page:
    def __init__(self, texts: Sequence[ProjectText], stands: Sequence[Stand], moment: Moment) -> None:
        self.moment = moment
        self.drafts = Drafts(texts)
        self.printed = {squeeze(split_sign(text.text)[1]) for text in texts}
        self.stands = stands
        self.mains = {stand.milestone.id: stand for stand in stands}
        self.places: dict[int, tuple[Draft, Entry]] = {}
        self.labels: dict[int, Entry] = {}
        for stand in stands:
            if place := self._find(stand):
                self.places[id(stand)] = place
                label = self.drafts.on_line(stand.milestone.label_line) if self._is_of_this(stand) else None
                self.labels[id(stand)] = label[1] if label and label[0] is place[0] else place[1]

    def work_in_answers(self) -> None:
        for stand in self.stands:
            main = self.mains.get(stand.milestone.duplicate_of_id)
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

    # -------------------------------------------------------------------------------------------- one milestone

    def _is_of_this(self, stand: Stand) -> bool:
        return stand.milestone.document_id == self.drafts.document_id

    def _find(self, stand: Stand) -> tuple[Draft, Entry] | None:
        """The printed line of a milestone: by its number in its own document, by its words in another edition."""
        if self._is_of_this(stand):
            return self.drafts.on_line(stand.milestone.line)
        return self.drafts.with_words(stand.milestone.label, stand.said_raw)

    def _work_in(self, stand: Stand) -> None:
        place = self.places.get(id(stand))
        if place is None:
            self._append(stand)
        elif not stand.is_verbatim or self._looks_over(stand, place[0]):
            draft, entry = place
            if stand.status is MilestoneStatus.DONE:
                self._settle(stand, draft, entry)
                return
            self._mark(entry, stand, stand.said_raw)
        self._results(stand)

    def _looks_over(self, stand: Stand, draft: Draft) -> bool:
        """Running work whose time went by since the document would be read as done unless its line says otherwise."""
        is_running = stand.status is MilestoneStatus.IN_PROGRESS and stand.is_open
        in_words = draft.kind not in (SectionKind.NEXT_STEPS, SectionKind.OVERVIEW, SectionKind.BACKGROUND)
        return is_running and in_words and stand.printed_on < (stand.end_on or date.min) <= self.moment.as_of

    def _settle(self, stand: Stand, draft: Draft, entry: Entry) -> None:
        """A done plan leaves the next steps for the results; what stands elsewhere is settled where it is."""
        if draft.kind is SectionKind.NEXT_STEPS and not entry.is_row:
            details = self._take_out(stand, draft, entry)
            self._results(stand, details, always=True)
            return
        entry.change(lambda words: settled_words(words, stand, self.moment), stand.said_raw)
        self._results(stand, under=None if entry.is_row else (draft, entry))

    def _repeat(self, stand: Stand, main: Stand) -> None:
        """What is stated twice follows its first statement; a period keeps its beginning and ends with its plan."""
        place = self.places.get(id(stand))
        if place is None:
            return
        draft, entry = place
        raw = stand.said_raw
        if draft.kind in (SectionKind.OVERVIEW, SectionKind.BACKGROUND) or stand.milestone.precision == "range":
            if main.status is MilestoneStatus.DONE:
                entry.change(lambda words: f"{words} (완료)", raw)
            elif main.is_moved:
                new = window_words(stand.start_on, main.end_on)
                entry.change(lambda words: moved_words(words, raw, new, ""), raw)
        elif main.status is not MilestoneStatus.DONE:
            self._mark(entry, main, raw)
        elif draft.kind is SectionKind.NEXT_STEPS and not entry.is_row:
            self._take_out(stand, draft, entry)
        else:
            entry.change(lambda words: settled_words(words, main, self.moment, raw), raw)

    def _mark(self, entry: Entry, stand: Stand, raw: str) -> None:
        """Writes 변경, 지연, 중단 or 추진 중 beside the date `raw` of an open or stopped plan."""
        if stand.status is MilestoneStatus.CANCELLED:
            entry.change(lambda words: cancelled_words(words, stand.reason), raw)
        elif stand.is_moved:
            new = stand.raw or window_words(stand.start_on, stand.end_on)
            entry.change(lambda words: moved_words(words, raw, new, stand.reason), raw)
        elif stand.status is MilestoneStatus.DELAYED:
            entry.change(lambda words: delayed_words(words, stand.reason), raw)
        elif stand.status is MilestoneStatus.IN_PROGRESS:
            entry.change(lambda words: running_words(words, raw), raw)

    def _take_out(self, stand: Stand, draft: Draft, entry: Entry) -> list[Entry]:
        """Removes the plan's lines; what is still open below it stays, one level up. Returns its other details."""
        label = self.labels[id(stand)]
        needed = self._needed(stand)
        if label in needed or (entry is not label and entry in needed):
            if entry is label:
                label.change(lambda words: without_date(words, stand.said_raw), stand.said_raw)
            elif entry not in needed:
                for below in (entry, *draft.block(entry)):
                    below.is_removed = below not in needed
            return []
        details: list[Entry] = []
        body = draft.block(label)
        for removed in (label, entry, *draft.further_words(label)):
            removed.is_removed = True
        while body:
            group = [body[0], *draft.block(body[0])]
            body = body[len(group) :]
            if any(below in needed for below in group):
                for below in group:
                    below.level -= 1
                continue
            for below in group:
                if not below.is_removed:
                    below.is_removed = True
                    details.append(Entry(below.words, below.level - label.level, is_new=True))
        self._remove_empty_above(draft, label, needed)
        return details

    def _remove_empty_above(self, draft: Draft, entry: Entry, needed: set[Entry]) -> None:
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

    def _needed(self, but: Stand) -> set[Entry]:
        """The lines that other milestones still open stand on or are named by."""
        found: set[Entry] = set()
        for stand in self.stands:
            main = self.mains.get(stand.milestone.duplicate_of_id, stand)
            if stand is not but and stand.is_open and main.is_open and id(stand) in self.places:
                found |= {self.places[id(stand)][1], self.labels[id(stand)]}
        return found

    def _append(self, stand: Stand) -> None:
        """A milestone that no line prints (from a table, or made by a person) gets a line of its own."""
        was_printed = stand.milestone.line is not None and self._is_of_this(stand)
        if stand.is_gone or stand.milestone.duplicate_of_id is not None or (was_printed and stand.is_verbatim):
            return
        if stand.status is MilestoneStatus.DONE:
            self._results(stand, always=True)
            return
        draft = self.drafts.section(SectionKind.NEXT_STEPS)
        words = f"{draft.bullet} {stand.milestone.label}"
        if stand.said_raw or stand.end_on or stand.start_on:
            words = f"{words} : {stand.said_raw or window_words(stand.start_on, stand.end_on)}"
        draft.add(words)
        self._mark(draft.entries[-1], stand, stand.said_raw)

    # -------------------------------------------------------------------------------------------- what was answered

    def _results(
        self,
        stand: Stand,
        details: Sequence[Entry] = (),
        *,
        always: bool = False,
        under: tuple[Draft, Entry] | None = None,
    ) -> None:
        """One entry a report that tells of results; a done plan that left the next steps has one in any case.

        `under` is the line that says 완료 already: what was done is told below it, without a heading of its own. How
        far something had come is told by the last report only.
        """
        told = False
        for report in stand.reports:
            is_done = report.kind is StatusKind.DONE and stand.status is MilestoneStatus.DONE
            lines = self._fresh(report.results)
            if files := stand.files.get(report.id):
                lines.append(f"※ 붙임: {', '.join(files)}")
            is_news = bool(lines) or (bool(report.percent_complete) and report is stand.reports[-1] and not is_done)
            if is_done and under is not None:
                under[0].add_below(under[1], lines)
            elif is_done and (always or lines):
                self._add_result(done_heading(stand, self.moment), lines, details)
                told = True
            elif is_news:
                self._add_result(standing_heading(stand, report, self.moment), lines, ())
        if always and not told:
            self._add_result(done_heading(stand, self.moment), (), details)

    def _add_result(self, heading: str, lines: Sequence[str], details: Sequence[Entry]) -> None:
        draft = self.drafts.section(SectionKind.RESULTS)
        draft.add(f"{draft.bullet} {heading}")
        for line in lines:
            draft.add(signed("-", line), 1)
        draft.entries += details

    def _problems(self, report: StatusReport) -> None:
        problems, measures = self._fresh(report.problems), self._fresh(report.measures)
        if not problems and not measures:
            return
        draft = self.drafts.section(SectionKind.PROBLEMS)
        for line in problems:
            draft.add(signed(draft.bullet, line))
        for line in measures:
            draft.add(f"⇒ {line}", 1 if problems else 0)

    def _next_steps(self, stand: Stand, report: StatusReport) -> None:
        lines = self._fresh(report.next_steps)
        place = self.places.get(id(stand))
        if place is not None and place[0].kind is SectionKind.NEXT_STEPS and stand.is_open and not place[1].is_row:
            place[0].add_below(self.labels[id(stand)], lines)
        elif lines:
            draft = self.drafts.section(SectionKind.NEXT_STEPS)
            for line in lines:
                draft.add(signed(draft.bullet, line))

    def _fresh(self, text: str) -> list[str]:
        """The lines that the project does not print yet: forms come prefilled and are sent back as they were."""
        fresh: list[str] = []
        for line in document_lines(text):
            key = squeeze(split_sign(line)[1])
            if key not in self.printed:
                self.printed.add(key)
                fresh.append(line)
        return fresh


def _current(stand: Stand) -> tuple[StatusReport, ...]:
    """The answers whose problems and plans still hold: of something done or stopped only the closing one's."""
    if stand.is_open:
        return stand.reports
    closing = (StatusKind.DONE, StatusKind.CANCELLED)
    at = next((at for at, report in enumerate(stand.reports) if report.kind in closing), len(stand.reports))
    return stand.reports[at:]
