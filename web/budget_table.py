"""소요예산 as the office prints it: a row for each source of funds, a column for each year."""

from collections.abc import Sequence
from dataclasses import dataclass

from models import BudgetLine


@dataclass(frozen=True, slots=True)
class BudgetTable:
    """`rows`: source, its total, its amounts in the order of `years`; thousand won, None = left blank."""

    years: tuple[int, ...]
    rows: tuple[tuple[str, int | None, tuple[int | None, ...]], ...]


def read_budget_table(lines: Sequence[BudgetLine]) -> BudgetTable | None:
    """The cells as a table, sources in the order of the document; None without cells."""
    if not lines:
        return None
    years = sorted({line.year for line in lines if line.year is not None})
    cells = {(line.source, line.year): line.amount for line in lines}
    sources = list(dict.fromkeys(line.source for line in lines))
    return BudgetTable(
        tuple(years),
        tuple(
            (source, cells.get((source, None)), tuple(cells.get((source, year)) for year in years))
            for source in sources
        ),
    )
