"""Rows of cells from a spreadsheet file, whatever its format."""

from dataclasses import dataclass
from datetime import date

Cell = str | int | float | bool | date | None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number as the spreadsheet program shows it, and its cells; dates are dates, times of day dropped."""

    line: int
    cells: tuple[Cell, ...]
