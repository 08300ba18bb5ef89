"""소요예산: the amounts a project prints by source and year, in thousand won, and what its heading states."""

import re
from collections.abc import Sequence

from documents.markup import squeeze
from documents.outline import Block, Shape
from documents.reading import Budget, BudgetRow, BudgetYear
from documents.sections import Section
from documents.tables import Grid, card_pairs, number, read_grid, year_heading
from documents.vocabulary import vocabulary

_THOUSAND_WON = {"조원": 10**9, "억원": 10**5, "억": 10**5, "백만원": 1000, "천만원": 10**4, "만원": 10, "천원": 1}
_AMOUNT = re.compile(r"(?<![\d,])(\d[\d,]*(?:\.\d+)?)\s*(조\s?원|억\s?원|억|천만\s?원|백만\s?원|만\s?원|천\s?원|원)")
# 8억 5천만 원: hundreds of millions and the rest in words between.
_SPOKEN = re.compile(r"(?<![\d,])(\d[\d,]*)\s*억\s*(\d{1,4})\s*(천만|백만|만|천)?\s*원")
_UNIT = re.compile(r"단위\s*[:：]?\s*(억\s?원|천만\s?원|백만\s?원|만\s?원|천\s?원|원)")
_YEAR = re.compile(r"['’‘]?((?:20)?\d{2})년")
TOTALS = frozenset({"계", "합계", "총계", "소계"})


def thousand_won(text: str) -> int | None:
    """Return the first amount of money in a text in thousand won (`70백만원` is 70,000), or None."""
    match = _AMOUNT.search(text)
    if not match:
        return None
    if (spoken := _SPOKEN.search(text)) and spoken.start() <= match.start():
        return round(float(spoken[1].replace(",", "")) * 10**5) + _in_thousand(float(spoken[2]), f"{spoken[3] or ''}원")
    return _in_thousand(float(match[1].replace(",", "")), match[2])


def read_budget(sections: Sequence[Section]) -> Budget | None:
    """Return the budget of a project, or None where the document says nothing about one.

    The table by source and year is taken from wherever it stands; the heading's amount from the budget section.
    """
    found = Budget()
    for section in sections:
        words = section.heading.text if section.heading else ""
        if section.kind == "budget" and section.heading:
            found = _with_heading(found, words, section.heading.line)
        unit = "천원"
        for block in section.blocks:
            if block.shape is Shape.TABLE:
                if not found.rows and is_budget_table(grid := read_grid(block.rows)):
                    found = _with_table(found, grid, unit)
                elif found.line is None:
                    found = _with_card(found, block)
            elif stated := _UNIT.search(block.text):
                unit = stated[1]
            elif section.kind != "budget" or found.stated_year is None:
                found = _with_line(found, block)
    return None if found == Budget() else found


def is_budget_table(grid: Grid) -> bool:
    """Say whether a table shows amounts by source and year: a first column named 재원별 or 구분, columns of years."""
    years = sum(_column_year(grid, column) is not None for column in range(1, len(grid.columns)))
    if not vocabulary().is_column("source", grid.header[0].cells[0]) or not years:
        return False
    sources = [squeeze(row.cells[0]) for row in grid.body]
    return any(source in TOTALS or source.endswith("비") for source in sources)


def source_name(label: str) -> str:
    """Return the source of a row without spaces and brackets: `시(재배정)비` is `시비`."""
    return re.sub(r"\(.*?\)", "", squeeze(label))


def _column_year(grid: Grid, column: int) -> int | None:
    cells = (row.cells[column] for row in reversed(grid.header) if row.cells[column])
    return next((year for year in map(year_heading, cells) if year is not None), None)


def _with_table(found: Budget, grid: Grid, unit: str) -> Budget:
    words = vocabulary()
    total_at = next((at for at, name in enumerate(grid.header[0].cells) if at and words.is_column("total", name)), None)
    years = {at: year for at in range(1, len(grid.columns)) if (year := _column_year(grid, at)) and at != total_at}
    rows: list[BudgetRow] = []
    totals: list[BudgetYear] = []
    stated_total = None
    for row in grid.body:
        name = source_name(row.cells[0])
        is_total = name in TOTALS
        if is_total and total_at is not None and (value := number(row.cells[total_at])) is not None:
            stated_total = _in_thousand(value, unit)
        for at, year in years.items():
            value = number(row.cells[at])
            if value is None:
                continue
            amount = _in_thousand(value, unit)
            if is_total:
                totals.append(BudgetYear(year, amount, row.line))
            else:
                rows.append(BudgetRow(name, year, amount, row.cells[0], row.line))
    return Budget(
        tuple(rows),
        stated_total,
        tuple(totals),
        found.stated_year,
        found.none_needed,
        found.line or grid.header[0].line,
    )


def _with_heading(found: Budget, words: str, line: int) -> Budget:
    if "비예산" in words:
        return Budget(found.rows, found.stated_total, found.year_totals, found.stated_year, True, line)
    year, amount = _YEAR.search(words), thousand_won(words)
    if amount is None or year is None:
        total = found.stated_total if found.stated_total is not None else amount
        return Budget(found.rows, total, found.year_totals, found.stated_year, found.none_needed, line)
    stated = BudgetYear(int(year[1]) % 100 + 2000, amount, line)
    return Budget(found.rows, found.stated_total, found.year_totals, stated, found.none_needed, line)


def _with_line(found: Budget, block: Block) -> Budget:
    label, colon, value = block.text.partition(":")
    if not colon or not vocabulary().is_attribute("budget", label) or found.line is not None:
        return found
    if "비예산" in value:
        return Budget(none_needed=True, line=block.line)
    amount = thousand_won(value)
    return Budget(stated_total=amount, line=block.line) if amount is not None else found


def _with_card(found: Budget, block: Block) -> Budget:
    """A project card states the budget beside its label: `사업비 | 850백만원`."""
    for pair in card_pairs(block.rows):
        if vocabulary().is_attribute("budget", pair.label) and (amount := thousand_won(pair.value)) is not None:
            return Budget(stated_total=amount, line=pair.line)
    return found


def _in_thousand(value: float, unit: str) -> int:
    unit = squeeze(unit)
    return round(value / 1000) if unit == "원" else round(value * _THOUSAND_WON[unit])
