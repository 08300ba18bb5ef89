"""Dated lines and table cells of a project to milestones, each with its name, standing, kind and place.

The rules are those of the shared date rules, "from a dated line to a milestone": facts are no milestones, and a plan
whose window is over is stale, never done by itself.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from documents.acts import DatedLine, is_act, is_as_of, is_length
from documents.dated_cells import DatedCell
from documents.labels import Place, clean_label, label_of, split_clauses
from documents.markup import squeeze
from documents.outline import Block, Shape
from documents.owners import find_owners
from documents.reading import MilestoneRow
from documents.schedule_tables import table_dates
from documents.sections import Section
from documents.standing import is_deadline, status_of
from documents.tables import card_pairs
from documents.vocabulary import vocabulary
from schedules.dates_expression import DateExpression, Precision

_REVISED = re.compile(r"당초\s*[:：(]?\s*([^→⇒()]{2,60}?)\)?\s*(?:→|⇒|-+>)\s*(?:변경|조정|연기)\s*[:：]?\s*")
_PROJECT_PERIOD = "사업기간"
_BARE = 3
_FINE = (Precision.DAY, Precision.WEEK, Precision.PART_OF_MONTH, Precision.MONTH, Precision.RANGE)
_ACTS = ("completion", "opening", "contract", "construction")
_PLANNED_DAY = re.compile(r"\s?(?:예정|계획|목표)?\s?(?:일자|일시|일|시기|연월|기간)?(?:\s?\(.*\))?$")
_FIRST, _CHANGED = ("당초", "당초계획", "최초"), ("변경", "변경계획", "조정", "수정")


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for all lines of one project: its title, the document's date, whether the document is a plan.

    `find` reads the dates of one line, counted from the document's date.
    """

    title: str
    as_of: date
    plans: bool
    find: Callable[[str], list[DateExpression]]


@dataclass(frozen=True, slots=True)
class _Named:
    """A dated thing with its name: the words that say how it stands, and the texts that may say its kind."""

    line: int
    label: str
    label_line: int
    attribute: str
    words: str
    kinds: tuple[str, ...]
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Baseline:
    """The first date of a revised one, and where the words about it stood that are left out of the line."""

    expression: DateExpression
    start: int
    end: int


def read_milestones(sections: Sequence[Section], setting: Setting) -> tuple[MilestoneRow, ...]:
    """Return every dated line of a project in order: done, running or planned, its periods included."""
    found: list[tuple[str, MilestoneRow]] = []
    for section in sections:
        for index, block in enumerate(section.blocks):
            place = Place(section, index, setting.title, setting.as_of)
            if block.shape is not Shape.TABLE:
                found += _from_lines(place, setting)
            elif section.kind != "budget":
                found += _from_table(place, setting)
    return _settled(_join_revisions(found), sections)


def _settled(rows: tuple[MilestoneRow, ...], sections: Sequence[Section]) -> tuple[MilestoneRow, ...]:
    """A period that is over has been kept where the project itself says `이행상태 : 완료`."""
    said = any(_says_completed(block) for section in sections for block in section.blocks)
    return tuple(
        replace(row, status="done", is_deadline=False, stale=False) if said and row.is_period and row.stale else row
        for row in rows
    )


def _says_completed(block: Block) -> bool:
    if block.shape is Shape.TABLE:
        pairs = [(pair.label, pair.value) for pair in card_pairs(block.rows)]
    else:
        label, _, value = block.text.partition(":")
        pairs = [(label, value.strip())]
    return any(value.startswith("완료") and vocabulary().is_column("status", label) for label, value in pairs)


def _from_lines(place: Place, setting: Setting) -> Iterator[tuple[str, MilestoneRow]]:
    for line, printed in place.block.parts:
        words, baseline = _without_baseline(printed, setting)
        expressions = setting.find(words)
        clauses = split_clauses(words, expressions) if expressions else []
        for expression in expressions:
            at = expression.span[0]
            clause = next((clause for clause in clauses if clause[0] <= at < clause[0] + len(clause[1])), (0, words))
            if not is_act(expression, DatedLine(place, words, clause[1], expressions, _told_below(place, setting))):
                continue
            label, label_line, attribute = label_of(place, line, words, clause, expression, expressions)
            if len(squeeze(label)) <= _BARE:
                label = f"{place.below()} {label}"
            named = _Named(
                line, label, label_line, attribute, clause[1], (f"{label} {attribute}",), find_owners(place.block.text)
            )
            for part in _members(expression):
                yield attribute, _with_baseline(_milestone(part, named, place, setting), baseline)


def _told_below(place: Place, setting: Setting) -> bool:
    """Say whether the line right below is nested under this one and dated: then that is when it happens."""
    blocks, below = place.section.blocks, place.index + 1
    if below == len(blocks) or place.section.parents[below] != place.index or blocks[below].shape is Shape.TABLE:
        return False
    return any(found.precision in _FINE for found in setting.find(blocks[below].parts[0][1]))


def _without_baseline(words: str, setting: Setting) -> tuple[str, _Baseline | None]:
    """`준공 : 당초 2024. 9월중 → 변경 2024. 11월` is read as `준공 : 2024. 11월` that was once due in September."""
    revised = _REVISED.search(words)
    first = setting.find(revised[1]) if revised else []
    if not revised or not first:
        return words, None
    return words[: revised.start()] + words[revised.end() :], _Baseline(first[0], *revised.span())


def _with_baseline(row: MilestoneRow, baseline: _Baseline | None) -> MilestoneRow:
    if baseline is None:
        return row
    first, span = baseline.expression, row.span
    if span and span[0] >= baseline.start:
        moved = baseline.end - baseline.start
        span = span[0] + moved, span[1] + moved
    return replace(row, baseline_raw=first.raw, baseline_start=first.start, baseline_end=first.end, span=span)


def _join_revisions(rows: Sequence[tuple[str, MilestoneRow]]) -> tuple[MilestoneRow, ...]:
    """Join what stands as 당초 and 변경 in neighbouring cells or lines: the change counts, the first is kept by it."""
    joined: list[tuple[str, MilestoneRow]] = []
    for attribute, row in rows:
        first = joined[-1] if joined else None
        if first and attribute in _CHANGED and first[0] in _FIRST and row.line - first[1].line <= 1:
            before = first[1]
            row = replace(row, baseline_raw=before.raw, baseline_start=before.start, baseline_end=before.end)
            joined[-1] = attribute, row
        else:
            joined.append((attribute, row))
    return tuple(row for _, row in joined)


def _from_table(place: Place, setting: Setting) -> Iterator[tuple[str, MilestoneRow]]:
    for cell in table_dates(place.block.rows, setting.find):
        for expression in cell.expressions:
            if not _cell_is_act(expression, cell):
                continue
            above = place.above()[0]
            label = cell.label or clean_label(cell.text, [expression]) or f"{above} {cell.column}".strip()
            if len(squeeze(label)) <= _BARE and cell.section:
                label = f"{setting.title} {label}"
            act, kind = _act_of_column(cell.column)
            if act and act not in label:
                label = f"{label} {act}"
            named = _Named(
                cell.line,
                label,
                cell.line,
                cell.column,
                f"{cell.text} {cell.status}",
                (kind, cell.named, label, "" if cell.section else above),
                cell.owners,
            )
            for part in _members(expression):
                yield cell.column, _milestone(part, named, place, setting, cell)


def _act_of_column(column: str) -> tuple[str, str]:
    """What a column of dates dates, as words and as a word of its kind: `준공예정일` is 준공."""
    act = _PLANNED_DAY.sub("", column)
    return (act, act) if vocabulary().milestone_kind(act) in _ACTS else ("", "")


def _cell_is_act(expression: DateExpression, cell: DatedCell) -> bool:
    if is_length(expression) or is_as_of(cell.text, expression):
        return False
    if (revised := _REVISED.search(cell.text)) and revised.start() <= expression.span[0] < revised.end():
        return False  # the first date of a revised one
    if expression.precision is Precision.YEAR or (expression.start is None and expression.end is None):
        return cell.scheduled or (expression.end is not None and vocabulary().says("planned", cell.text))
    return True


def _members(expression: DateExpression) -> tuple[DateExpression, ...]:
    """The members of a list (`1,2분기`, `4월, 8월`), each a milestone of its own with the list's words as source."""
    members = (replace(part, raw=expression.raw, span=expression.span) for part in expression.parts)
    return tuple(members) if len(expression.parts) > 1 else (expression,)


def _milestone(
    expression: DateExpression, named: _Named, place: Place, setting: Setting, cell: DatedCell | None = None
) -> MilestoneRow:
    words, section, as_of = vocabulary(), place.section, setting.as_of
    context = (cell.kind if cell else None) or place.context_kind()
    is_period = words.is_attribute("period", named.attribute) and (
        context in ("overview", "background", "other") or (named.attribute == _PROJECT_PERIOD and context == "results")
    )
    status = status_of(
        expression, named.words, context, as_of, is_period=is_period, plans=setting.plans, label=named.label
    )
    is_promised = is_period or context == "next_steps"
    over = expression.end is not None and expression.end < as_of
    return MilestoneRow(
        label=named.label,
        label_line=named.label_line,
        raw=expression.raw,
        start=expression.start,
        end=expression.end,
        precision=expression.precision.value,
        status=status,
        kind=words.milestone_kind(*named.kinds),
        section=(cell.section if cell else "") or section.name,
        section_kind=(cell.kind if cell else None) or section.kind,
        line=named.line,
        open_start=expression.open_start,
        open_end=expression.open_end,
        tentative=status != "done" and (expression.tentative or words.says("planned", named.words)),
        time=expression.time,
        recurrence=expression.recurrence,
        is_deadline=is_deadline(expression, status, named.attribute, named.words, as_of, is_promised=is_promised),
        is_period=is_period,
        stale=over and (status == "planned" or (status == "in_progress" and is_promised)),
        owners=named.owners,
        inferred_year=expression.inferred_year,
        warnings=expression.warnings,
        span=expression.span,
        sub_item=place.sub_item(),
    )
