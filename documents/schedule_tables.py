"""Dates in tables: rows of works with their dates, attributes side by side, and month columns."""

import re
from collections.abc import Iterator, Sequence, Set

from documents.budgets import is_budget_table
from documents.dated_cells import DatedCell, Finder, is_fact, last_heading
from documents.labels import clean_label
from documents.markup import squeeze
from documents.month_charts import chart_columns, month_columns
from documents.outline import Row
from documents.owners import find_owners, is_office
from documents.reading import SectionKind
from documents.tables import CardPair, Grid, card_pairs, filled_down, number, read_grid, year_heading
from documents.turned_tables import is_turned, turned
from documents.vocabulary import vocabulary
from schedules.dates_expression import DateExpression, Precision

_LINED: tuple[SectionKind, ...] = ("results", "next_steps", "problems", "details")
_SHORTEST_NAME = 2
_MANY_WORDS, _STATUS_WORDS = 12, 5
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_SIGN = re.compile(r"^[-○ㅇ◦•·▪□*]\s*")
_DAYS = (Precision.DAY, Precision.RANGE)
_FINE = (*_DAYS, Precision.OPEN, Precision.MONTH, Precision.PART_OF_MONTH, Precision.WEEK)
_COARSE = (Precision.HALF, Precision.QUARTER, Precision.YEAR, Precision.SEASON)
_PLACELIKE = re.compile(r"[가-힣0-9]+(?:동|읍|면|리|구|역|교)|공통|전체")


def table_dates(rows: Sequence[Row], find: Finder) -> Iterator[DatedCell]:
    """Yield the dated cells of a table in reading order, budget tables and dates of what stands already left out."""
    grid = read_grid(rows)
    if is_budget_table(grid) or not any(_may_hold_date(cell) for row in rows for cell in row.cells):
        return
    rest, told = _section_cells(grid, find)
    yield from told
    if pairs := card_pairs(rows):
        yield from _card(pairs, find)
    elif is_turned(rest):
        yield from turned(rest, find)
    else:
        yield from _upright(_without_header(rest, find), find)


def _section_cells(grid: Grid, find: Finder) -> tuple[Grid, list[DatedCell]]:
    """Read the cells of rows and columns that are sections themselves, line by line; return the table without them."""
    words = vocabulary()
    columns = {
        at: kind for at, name in enumerate(grid.columns) if at and (kind := words.section_kind(last_heading(name)))
    }
    scheduled = any(words.is_column("schedule", last_heading(name)) for name in grid.columns)
    # Beside a column of dates, 추진내용 is what is dated and no section of its own.
    columns = {at: kind for at, kind in columns.items() if kind in _LINED and not (scheduled and kind == "details")}
    told: list[DatedCell] = []
    body: list[Row] = []
    for row in grid.body:
        own = words.section_kind(row.cells[0])
        cells = list(row.cells)
        for at, cell in enumerate(row.cells):
            kind = columns.get(at) or (own if at and own in _LINED else None)
            own_dates = kind == own or not words.is_column("schedule", last_heading(grid.columns[at]))
            if kind and any(_tells_more(line, find, short=own_dates) for line in cell.split("\n")):
                name = row.cells[0] if kind == own else last_heading(grid.columns[at])
                lines = list(_lines_of_cell(row, at, (squeeze(name), kind), find))
                told += lines
                cells[at] = "" if lines else cell
        body.append(Row(row.line, tuple(cells)))
    return Grid(grid.columns, grid.header, tuple(body)), told


def _tells_more(line: str, find: Finder, *, short: bool) -> bool:
    """Say whether a line says what is done and not only when: `완료(2024. 9. 30.)` under 추진일정 is a mere date.

    In a column that is no schedule a `short` word will do, if it names no state: `준공(2025. 4. 25.)`.
    """
    if short and (expressions := find(line)):
        told = squeeze(_SIGN.sub("", clean_label(line, expressions)))
        return len(told) >= _SHORTEST_NAME and told not in vocabulary().status_names
    if len(line) <= _MANY_WORDS:
        return False
    bare = _IN_BRACKETS.sub("", line)
    for expression in find(bare):
        bare = bare.replace(expression.raw, "")
    return len(squeeze(bare)) > _STATUS_WORDS


def _lines_of_cell(row: Row, at: int, section: tuple[str, SectionKind], find: Finder) -> Iterator[DatedCell]:
    office = squeeze(row.cells[0])
    for text in row.cells[at].split("\n"):
        words = _SIGN.sub("", text)
        owners = find_owners(words) or ((office,) if is_office(office) else ())
        expressions = find(words)
        finer = any(expression.precision in _FINE for expression in expressions)
        for expression in expressions:
            if finer and expression.precision in _COARSE:
                continue  # `하반기 점검(9월)` is in September
            yield DatedCell(row.line, "", words, (expression,), "", "", "", owners, False, *section)


def _may_hold_date(cell: str) -> bool:
    return any(letter.isdigit() for letter in cell) or "기" in cell or "월" in cell


def _card(pairs: Sequence[CardPair], find: Finder) -> Iterator[DatedCell]:
    words = vocabulary()
    for pair in pairs:
        name = squeeze(pair.label)
        tells_when = any(words.is_attribute(role, name) for role in ("period", "when")) and not is_fact(name)
        if tells_when and (expressions := find(pair.value)):
            yield DatedCell(pair.line, "", pair.value, tuple(expressions), name, "", "", (), True)


def _without_header(grid: Grid, find: Finder) -> Grid:
    """A schedule may have no header at all: its first row is data when a cell of it holds a day or a month."""
    first = grid.header[0]
    dated = any(
        expression.precision not in ("year", "half", "quarter", "none")
        for cell in first.cells
        if not year_heading(cell)
        and not vocabulary().is_column("schedule", cell)
        and not re.fullmatch(r"\d{1,2}월", cell)
        for expression in find(cell.replace("\n", " "))
    )
    if not dated or len(grid.header) > 1:
        return grid
    return Grid(("",) * len(grid.columns), (), (first, *grid.body))


def _upright(grid: Grid, find: Finder) -> Iterator[DatedCell]:
    words = vocabulary()
    columns = [last_heading(heading) for heading in grid.columns]
    if months := chart_columns(columns):
        yield from month_columns(grid, columns, months, find)
        return
    names = [
        at for at, name in enumerate(columns) if words.is_column("name", name) or words.is_column("project_title", name)
    ]
    places = [at for at, name in enumerate(columns) if words.is_column("place", name)]
    owners = [at for at, name in enumerate(columns) if words.is_column("owner", name)]
    status = [at for at, name in enumerate(columns) if words.is_column("status", name)]
    remarks = [at for at, name in enumerate(columns) if name == "비고"]
    facts = {at for at, name in enumerate(columns) if is_fact(name)}
    merged = sorted({0, *places, *names[:-1], *owners})
    for row, printed in zip(filled_down(grid.body, merged), grid.body, strict=True):
        for at, text, expressions in _dated_cells(row, printed, columns, facts, find):
            label = _row_label(row, at, names, places, {*owners, *status, *remarks, *facts}, find)
            yield DatedCell(
                row.line,
                label,
                text,
                tuple(expressions),
                columns[at],
                columns[names[0]] if names else "",
                _standing(row, at, status, remarks),
                tuple(squeeze(row.cells[column]) for column in owners if is_office(squeeze(row.cells[column]))),
                words.is_column("schedule", columns[at]) or not columns[at],
            )


def _dated_cells(
    row: Row, printed: Row, columns: Sequence[str], facts: Set[int], find: Finder
) -> list[tuple[int, str, list[DateExpression]]]:
    """The cells of a row that hold dates; a first column of months counts where no cell of the row says the day.

    A blank there is merged with the month above.
    """
    found = []
    for at, cell in enumerate(printed.cells):
        text = cell.replace("\n", " ")
        if at not in facts and text and number(text) is None and _may_hold_date(text) and (dates := find(text)):
            found.append((at, text, dates))
    leads = vocabulary().is_column("schedule", columns[0])
    if leads and not found and not printed.cells[0] and any(printed.cells) and (dates := find(row.cells[0])):
        return [(0, row.cells[0].replace("\n", " "), dates)]
    if any(date.precision in _FINE for _, _, dates in found for date in dates):
        # `상반기 강좌 개강` in April is no second date.
        finer_only = (
            (at, text, [date for date in dates if date.precision not in _COARSE]) for at, text, dates in found
        )
        found = [
            (at, text, dates if vocabulary().is_column("schedule", columns[at]) else finer)
            for (at, text, dates), (_, _, finer) in zip(found, finer_only, strict=True)
        ]
        found = [cell for cell in found if cell[2]]
    finer = any(at and date.precision in _DAYS for at, _, dates in found for date in dates)
    if leads and finer and all(date.precision not in _DAYS for at, _, dates in found if not at for date in dates):
        return [cell for cell in found if cell[0]]
    return found


def _standing(row: Row, dated: int, status: Sequence[int], remarks: Sequence[int]) -> str:
    """What the row says of how the thing stands; a remark counts only where it names a state and nothing else."""
    said = [row.cells[at] for at in status if at != dated and row.cells[at]]
    said += [row.cells[at] for at in remarks if squeeze(row.cells[at]) in vocabulary().status_names]
    return " ".join(f"({text})" if squeeze(text) in vocabulary().status_names else text for text in said)


def _row_label(
    row: Row, dated: int, names: Sequence[int], places: Sequence[int], others: set[int], find: Finder
) -> str:
    if dated in names and len(squeeze(_bare(row.cells[dated], find))) > _SHORTEST_NAME:
        return ""
    chosen = [at for at in (*places, *names) if at != dated and row.cells[at] and row.cells[at] != "-"]
    if not any(at in names for at in chosen):
        chosen += [
            at
            for at, cell in enumerate(row.cells)
            if at != dated
            and at not in chosen
            and at not in others
            and cell
            and cell != "-"
            and number(cell) is None
            and not any(expression.start or expression.end for expression in find(cell))
        ][:3]
    words = [row.cells[at].replace("\n", " ") for at in sorted(set(chosen))]
    return " ".join(squeeze(word) if _PLACELIKE.fullmatch(squeeze(word)) else word for word in words)


def _bare(text: str, find: Finder) -> str:
    for expression in find(text.replace("\n", " ")):
        text = text.replace(expression.raw, "")
    return _IN_BRACKETS.sub("", text)
