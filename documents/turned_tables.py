"""Tables on their side: the first column names attributes (기간, 장소, 대상), each other column is one thing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from documents.dated_cells import DatedCell, Finder, is_fact
from documents.markup import squeeze
from documents.tables import Grid
from documents.vocabulary import vocabulary
from schedules.dates_expression import DateExpression

_PAIR = re.compile(r"\d{2}\.\s?\d{1,2}\.?")


def is_turned(grid: Grid) -> bool:
    """A table whose first column names attributes (기간, 장소, 대상) has one thing in each other column."""
    words = vocabulary()
    names = [row.cells[0] for row in (*grid.header[1:], *grid.body)]
    known = sum(
        any(words.is_attribute(role, name) for role in ("period", "when", "plain")) or is_fact(name) for name in names
    )
    return known >= 2


def turned(grid: Grid, find: Finder) -> Iterator[DatedCell]:
    """Yield the dated cells of such a table, each about the thing that heads its column."""
    words = vocabulary()
    heads = grid.header[0].cells
    for row in (*grid.header[1:], *grid.body):
        name = squeeze(row.cells[0])
        if is_fact(name):
            continue
        scheduled = any(words.is_attribute(role, name) for role in ("period", "when"))
        texts = [cell.replace("\n", " ") for cell in row.cells]
        read = [find(text) if at and text else [] for at, text in enumerate(texts)]
        for at, expressions in enumerate(_in_one_notation(texts, read, find)):
            for expression in expressions:
                label = heads[at].replace("\n", " ")
                what = label if scheduled else f"{label} {_bracketed(texts[at], expression)}".strip()
                yield DatedCell(row.line, what, texts[at], (expression,), name, "", "", (), scheduled)


def _in_one_notation(
    texts: Sequence[str], read: Sequence[list[DateExpression]], find: Finder
) -> Sequence[list[DateExpression]]:
    """Beside `24.8.` read as a year and month, `11.4.` in the same row is one too, and not the fourth of November."""
    pairs = [expression for found in read for expression in found if _PAIR.fullmatch(expression.raw)]
    if not any(not pair.inferred_year for pair in pairs):
        return read
    harmonised = []
    for text, found in zip(texts, read, strict=True):
        cell = []
        for expression in found:
            again: list[DateExpression] = []
            if expression.inferred_year and _PAIR.fullmatch(expression.raw):
                again = find(f"20{expression.raw}")
            span, raw = expression.span, expression.raw
            cell.append(replace(again[0], raw=raw, span=span) if len(again) == 1 and raw in text else expression)
        harmonised.append(cell)
    return harmonised


def _bracketed(text: str, expression: DateExpression) -> str:
    """What a date in a bracket of its own dates: `[24.9. 개관예정] 월~토` is about an opening."""
    first, last = expression.span
    opened, closed = text.rfind("[", 0, first), text.find("]", last)
    if opened < 0 or closed < 0:
        return ""
    return re.sub(r"예정|완료", "", text[last:closed]).strip(" .:")
