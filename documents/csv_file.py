"""A table for Excel as CSV: UTF-8 with a byte order mark, and no cell that would be taken for a formula."""

import csv
import io
from collections.abc import Iterable

MARK = b"\xef\xbb\xbf"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # OWASP, CSV injection


def write_csv(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """The headings and the rows; characters that UTF-8 cannot say become `?`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    for row in rows:
        writer.writerow(_harmless(cell) for cell in row)
    return MARK + text.getvalue().encode("utf-8", "replace")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
