"""Sums, differences and shares that a document prints, checked against its own numbers.

Only what the headings themselves declare is checked: a column or row named 계, a column named 증감, a share column
whose shares mostly are what two other columns make. Blank and merged cells count as nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from documents.budgets import TOTALS
from documents.markup import squeeze
from documents.outline import Row
from documents.reading import FindingRow
from documents.tables import Grid, number, read_grid, year_heading

_BOTH = re.compile(r"([△▲\-]?\d[\d,]*(?:\.\d+)?)\s*\(\s*([△▲\-]?\d[\d,]*(?:\.\d+)?)\s*\)")
_RATE = re.compile(r"율|률|비율|비중|구성비|%")
_NOT_ADDED = re.compile(r"율|률|비율|비중|구성비|%|평균|점수|만족도|단가|순위|연번|번호|쪽|면적|비고")
_CHANGE = re.compile(r"증감(?![률율])")
_CHANGE_RATE = re.compile(r"증감[률율]")
_MANY = 200


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A table's numbers: `cells[row][column]`, its row labels, and the group that each row belongs to."""

    grid: Grid
    cells: list[list[float | None]]
    labels: list[str]
    groups: list[str]
    first: int


def table_findings(rows: Sequence[Row]) -> Iterator[FindingRow]:
    """Yield what does not add up in one table: sums of rows and columns, printed differences and shares."""
    if len(rows) < 2:
        return
    grid = read_grid(rows)
    for part in (0, 1):
        numbers = _read(grid, part)
        if numbers is None:
            continue
        suffix = " (괄호 안)" if part else ""
        yield from _row_sums(numbers, suffix)
        yield from _column_sums(numbers, suffix)
        if part == 0:
            yield from _differences(numbers)
            yield from _shares(numbers)
    yield from _changes_in_brackets(grid)


def mismatch(line: int, what: str, expected: float, found: float, code: str = "sum-mismatch") -> FindingRow:
    """Return the finding that a printed number should be another."""
    should, printed = _printed(expected), _printed(found)
    return FindingRow(
        code,
        "error" if code == "sum-mismatch" else "warning",
        line,
        f"{what}: {printed}(이)라고 적혀 있으나 {should}입니다.",
        should,
        printed,
    )


def _read(grid: Grid, part: int) -> _Numbers | None:
    """The numbers of the body, or those in brackets after them; None where there are none to check."""
    cells = [[_value(cell, part) for cell in row.cells] for row in grid.body]
    columns = range(len(grid.columns))
    numeric = [at for at in columns if any(row[at] is not None for row in cells)]
    if not numeric or not grid.header:
        return None
    first = next((at for at in numeric if at > 0), 0)
    labels, groups, group = [], [], ""
    for row in grid.body:
        names = [squeeze(cell) for cell in row.cells[:first]]
        if names and names[0]:
            group = names[0]
        groups.append(group)
        labels.append(next((name for name in reversed(names) if name), ""))
    return _Numbers(grid, cells, labels, groups, first)


def _value(cell: str, part: int) -> float | None:
    both = _BOTH.fullmatch(cell.strip())
    if both:
        return number(both[part + 1])
    return None if part else number(cell)


def _row_sums(numbers: _Numbers, suffix: str) -> Iterator[FindingRow]:
    """A column named 계 is the sum of its group's other columns; within a group the group's own 계 counts for it."""
    grid, width = numbers.grid, len(numbers.grid.columns)
    tops = _tops(grid)
    for at in range(numbers.first, width):
        members = _members_of_total(grid, tops, at, numbers.first)
        if not members:
            continue
        for row, cells in zip(grid.body, numbers.cells, strict=True):
            total = cells[at]
            values = [value for member in members if (value := cells[member]) is not None]
            if total is not None and len(values) > 0 and not _close(total, sum(values), values):
                yield mismatch(row.line, f"'{_name(row)}' 행의 합계{suffix}", sum(values), total)


def _tops(grid: Grid) -> list[str]:
    """The outermost heading of each column, merged headings spread to the right."""
    found, current = [], ""
    deep = len(grid.header) > 1
    for cell in grid.header[0].cells:
        current = squeeze(cell) or (current if deep else "")
        found.append(current)
    return found


def _members_of_total(grid: Grid, tops: Sequence[str], at: int, first: int) -> list[int]:
    width = len(grid.columns)
    names = [heading.split(" ")[-1] if heading else "" for heading in grid.columns]
    if tops[at] in TOTALS:
        subtotals = {
            tops[column]: column
            for column in range(first, width)
            if names[column] in TOTALS and tops[column] not in TOTALS
        }
        members = []
        for column in range(first, width):
            inside = subtotals.get(tops[column])
            if (
                column == at
                or tops[column] in TOTALS
                or _NOT_ADDED.search(grid.columns[column])
                or _CHANGE.search(grid.columns[column])
            ):
                continue
            if inside is None or inside == column:
                members.append(column)
        totals = [column for column in range(first, width) if tops[column] in TOTALS]
        return members if len(totals) == 1 and len(members) > 1 else []
    if names[at] in TOTALS and len(grid.header) > 1:
        members = [column for column in range(first, width) if column != at and tops[column] == tops[at]]
        return members if len(members) > 1 and not any(names[member] in TOTALS for member in members) else []
    return []


def _column_sums(numbers: _Numbers, suffix: str) -> Iterator[FindingRow]:
    """A row named 계 is the sum of the rows of its group; a row 합계 over groups is the sum of the groups' own."""
    grid, labels, groups = numbers.grid, numbers.labels, numbers.groups
    totals = [at for at, label in enumerate(labels) if _is_total(label)]
    if not totals and _names_whole(numbers):
        totals = [0]
    for at in totals:
        members = _members_of_row(labels, groups, at, totals)
        if len(members) < 1:
            continue
        for column in range(numbers.first, len(grid.columns)):
            if _NOT_ADDED.search(grid.columns[column]):
                continue
            total = numbers.cells[at][column]
            values = [value for member in members if (value := numbers.cells[member][column]) is not None]
            if total is None or not values or _close(total, sum(values), values):
                continue
            heading = grid.columns[column].split(" ")[-1] or f"{column + 1}번째"
            yield mismatch(grid.body[at].line, f"'{heading}' 열의 합계{suffix}", sum(values), total)


def _is_total(label: str) -> bool:
    return re.sub(r"\(.*", "", label) in TOTALS


def _names_whole(numbers: _Numbers) -> bool:
    """A first row named like an office (행정안전국 over its departments) sums the others, if most of its columns do."""
    cells = numbers.cells
    if len(cells) < 3 or not numbers.labels[0].endswith(("국", "본부", "청", "구", "시", "군", "도")):
        return False
    right = wrong = 0
    for column in range(numbers.first, len(numbers.grid.columns)):
        total, values = cells[0][column], [value for row in cells[1:] if (value := row[column]) is not None]
        if total is not None and values:
            right, wrong = (right + 1, wrong) if _close(total, sum(values), values) else (right, wrong + 1)
    return right > wrong


def _members_of_row(labels: Sequence[str], groups: Sequence[str], at: int, totals: Sequence[int]) -> list[int]:
    same = [row for row in range(len(labels)) if row != at and groups[row] == groups[at]]
    if same and groups[at] not in TOTALS:
        return [] if any(row in totals for row in same) else same
    others = [row for row in range(len(labels)) if row != at]
    inner = [row for row in others if row in totals]
    if inner:
        # Groups with a total of their own are counted by it, groups without by their rows.
        own = {groups[row] for row in inner}
        return (
            []
            if any(groups[row] in TOTALS for row in inner)
            else [row for row in others if row in inner or groups[row] not in own]
        )
    return others


def _differences(numbers: _Numbers) -> Iterator[FindingRow]:
    """증감 is the newer year less the older one; 증감률 is that over the older one."""
    grid = numbers.grid
    years = {at: year for at, heading in enumerate(grid.columns) if (year := year_heading(heading.split(" ")[0]))}
    changes = [at for at, heading in enumerate(grid.columns) if _CHANGE.search(heading)]
    rates = [at for at, heading in enumerate(grid.columns) if _CHANGE_RATE.search(heading)]
    if len(years) != 2 or len(changes) > 1:
        return
    new, old = sorted(years, key=lambda at: -years[at])
    for row, printed, cells in zip(grid.body, grid.body, numbers.cells, strict=True):
        newer, older = cells[new], cells[old]
        if newer is None and older is None:
            continue
        for at in changes:
            change = cells[at]
            if change is not None and not _close(change, (newer or 0) - (older or 0), ()):
                yield mismatch(row.line, f"'{_name(row)}' 행의 증감", (newer or 0) - (older or 0), change)
        for at in rates:
            rate = cells[at]
            if rate is not None and newer is not None and older:
                share = (newer - older) / older * 100
                if abs(share - rate) > _unit(printed.cells[at]):
                    yield mismatch(row.line, f"'{_name(row)}' 행의 증감률", share, rate, "share-mismatch")


def _shares(numbers: _Numbers) -> Iterator[FindingRow]:
    """A share column is checked against the two columns that make most of its shares; total rows by their parts too."""
    grid, cells = numbers.grid, numbers.cells
    if len(cells) > _MANY or len(grid.columns) > 30:
        return
    for at, heading in enumerate(grid.columns):
        if not _RATE.search(heading) or _CHANGE_RATE.search(heading):
            continue
        rows = [row for row in range(len(cells)) if cells[row][at] is not None]
        pair = _making_pair(numbers, at, rows)
        if pair is None:
            continue
        for row in rows:
            if not _share_fits(numbers, row, at, pair):
                part, whole = cells[row][pair[0]], cells[row][pair[1]]
                if part is not None and whole:
                    share = part / whole * 100
                    yield mismatch(
                        grid.body[row].line,
                        f"'{_name(grid.body[row])}' 행의 {heading}",
                        share,
                        cells[row][at] or 0,
                        "share-mismatch",
                    )


def _making_pair(numbers: _Numbers, at: int, rows: Sequence[int]) -> tuple[int, int] | None:
    columns = [
        column
        for column in range(numbers.first, len(numbers.grid.columns))
        if column != at and not _RATE.search(numbers.grid.columns[column])
    ]
    best, best_count = None, 1
    for part in columns:
        for whole in columns:
            count = sum(_share_fits(numbers, row, at, (part, whole)) for row in rows) if part != whole else 0
            if count > best_count and count * 2 > len(rows):
                best, best_count = (part, whole), count
    return best


def _share_fits(numbers: _Numbers, row: int, at: int, pair: tuple[int, int]) -> bool:
    share, part, whole = numbers.cells[row][at], numbers.cells[row][pair[0]], numbers.cells[row][pair[1]]
    if share is None or part is None or not whole:
        return False
    unit = _unit(numbers.grid.body[row].cells[at])
    if abs(part / whole * 100 - share) <= unit:
        return True
    if not _is_total(numbers.labels[row]):
        return False
    sums = [
        (cells[pair[0]], cells[pair[1]])
        for other, cells in enumerate(numbers.cells)
        if other != row and cells[at] is not None
    ]
    parts, wholes = sum(part or 0 for part, _ in sums), sum(whole or 0 for _, whole in sums)
    return bool(wholes) and abs(parts / wholes * 100 - share) <= unit


def _changes_in_brackets(grid: Grid) -> Iterator[FindingRow]:
    """Rows that say `(증감 : 전년대비)` print each year's change in brackets: it is checked against the year before."""
    years = _year_columns(grid)
    for row in grid.body:
        if not re.search(r"증감|전년\s?대비", row.cells[0]):
            continue
        for kind, columns in years.items():
            del kind
            for year, at in columns.items():
                this, before = _BOTH.fullmatch(row.cells[at].strip()), columns.get(year - 1)
                if not this or before is None:
                    continue
                older = _value(row.cells[before], 0)
                newer, change = number(this[1]), number(this[2])
                if older is not None and newer is not None and change is not None and newer - older != change:
                    yield mismatch(row.line, f"{year}년 전년 대비 증감", newer - older, change)


def _year_columns(grid: Grid) -> Mapping[str, Mapping[int, int]]:
    """Columns by what they count and by year: `2024년 대수` is year 2024 of 대수."""
    found: dict[str, dict[int, int]] = {}
    for at, heading in enumerate(grid.columns):
        year, _, rest = heading.partition(" ")
        if (value := year_heading(year)) is not None:
            found.setdefault(rest, {})[value] = at
    return found


def _close(one: float, other: float, values: Sequence[float]) -> bool:
    """Equal, or apart by no more than what rounding each printed decimal may cost."""
    fractions = any(value != int(value) for value in (*values, one))
    return abs(one - other) <= (0.1 * max(len(values), 1) + 1e-9 if fractions else 1e-9)


def _unit(cell: str) -> float:
    """One unit of the last printed digit: 0.1 for `9.3`, 1 for `△4`."""
    decimals = cell.strip().partition(".")[2]
    return 10.0 ** -len(re.sub(r"\D", "", decimals)) + 1e-9


def _name(row: Row) -> str:
    return next((cell.replace("\n", " ") for cell in row.cells if cell and number(cell) is None), "")


def _printed(value: float) -> str:
    text = f"{abs(value):,.2f}".rstrip("0").rstrip(".")
    return f"△{text}" if value < 0 else text
