"""Charts by month or quarter: marks under the columns say from when to when, words what happens then."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from documents.dated_cells import DatedCell, Finder
from documents.outline import Row
from documents.tables import Grid, filled_down, number

_MONTH, _FEWEST_MONTHS = re.compile(r"(?:.*년)?\d{1,2}월"), 3
_QUARTER = re.compile(r"(?:.*년)?\d(?:/4)?분기|[1-4]/4")
_BARE_MONTH, _FEWEST_BARE = re.compile(r"[1-9]|1[0-2]"), 6
_YEAR_ROW = re.compile(r"(?:(?:19|20)\d\d|['’‘]\d\d)(?:\.|년도?)?")


def chart_columns(columns: Sequence[str]) -> list[int]:
    """Return the places of the columns named by months or quarters, or nothing where they are too few for a chart."""
    found = [at for at, name in enumerate(columns) if _MONTH.fullmatch(name) or _QUARTER.fullmatch(name)]
    if len(found) >= _FEWEST_MONTHS:
        return found
    # Under 추진일정 the months may be bare numbers, 1 to 12 in their order.
    bare = [at for at, name in enumerate(columns) if _BARE_MONTH.fullmatch(name)]
    numbers = [int(columns[at]) for at in bare]
    in_order = len(bare) >= _FEWEST_BARE and all(b - a == 1 for a, b in pairwise(numbers))
    return bare if in_order else []


def month_columns(grid: Grid, columns: Sequence[str], months: Sequence[int], find: Finder) -> Iterator[DatedCell]:
    """A chart by month: the cells under the months hold words, or marks that say from when to when."""
    before = [at for at in range(len(columns)) if at < months[0]]
    for row in filled_down(grid.body, before[:-1]):
        year = next((f"{row.cells[at]} " for at in before if _YEAR_ROW.fullmatch(row.cells[at])), "")
        label = " ".join(
            cell for at in before if (cell := row.cells[at]) and number(cell) is None and not _YEAR_ROW.fullmatch(cell)
        )
        marked = [at for at in months if row.cells[at]]
        words = [at for at in marked if re.search(r"[가-힣]{2}", row.cells[at])]
        if words:
            for at in words:
                what = f"{label} {row.cells[at]}".replace("\n", " ").strip()
                yield _month_cell(row, what, year + _spelled(columns[at]), find)
        for run in [] if words else _runs(marked):
            first, last = _spelled(columns[run[0]]), _spelled(columns[run[-1]])
            yield _month_cell(row, label, year + (first if first == last else f"{first} ~ {last}"), find)


def _spelled(name: str) -> str:
    """A column's time in full: `1/4` is a quarter, `3` a month."""
    if _BARE_MONTH.fullmatch(name):
        return f"{name}월"
    return f"{name}분기" if name.endswith("/4") else name


def _runs(marked: Sequence[int]) -> list[list[int]]:
    """Neighbouring marks are one span: marks in April and October are two."""
    runs: list[list[int]] = []
    for at in marked:
        if runs and at == runs[-1][-1] + 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _month_cell(row: Row, label: str, text: str, find: Finder) -> DatedCell:
    return DatedCell(row.line, label, text, tuple(find(text)), "일정", "", "", (), True)
