"""Which row of a sheet holds the headings, and which column is which field."""

import re
from collections.abc import Mapping, Sequence

from documents.errors import DocumentError
from documents.formats.sheet import Cell, SheetRow
from documents.markup import squeeze
from documents.vocabulary import vocabulary

# A field that a table has not, and the one that stands in for it.
_INSTEAD = {"unit": "team", "post": "grade", "phone": "mobile"}
_AROUND_HEADING = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[*※]")


def find_headings(
    rows: Sequence[SheetRow], table: str, needed: Sequence[str]
) -> tuple[int, dict[str, tuple[int, str]]]:
    """The last heading row among the first twenty, and each field's column with its heading as printed.

    A heading may be printed in two rows, `연락처` above `전화` and `전자우편`: what the lower row says goes first.
    """
    names = vocabulary().table_columns[table]
    best: dict[str, tuple[int, str]] = {}
    best_at = -1
    above: dict[str, tuple[int, str]] = {}
    for at, row in enumerate(rows[:20]):
        found = _fields(row, names)
        joined = {**{field: place for field, place in above.items() if field not in found}, **found}
        # A second row of headings holds nothing else; a row of data may hold a word that is a heading elsewhere.
        is_heading = bool(above) and len(found) == len({str(cell) for cell in row.cells if cell not in (None, "")})
        known = joined if is_heading else found
        if len(known) > len(best) or (is_heading and found and best_at == at - 1 and len(known) >= len(best)):
            best, best_at = known, at
        above = found
    for field, instead in _INSTEAD.items():
        if field not in best and instead in best:
            best[field] = best[instead]
    missing = [field for field in needed if field not in best]
    if missing:
        wanted = ", ".join(next(name for name, known in names.items() if known == field) for field in missing)
        raise DocumentError(f"표의 제목 행에 다음 칸이 없습니다: {wanted}. 제목을 확인해 주세요.")
    _refuse_twins(rows[best_at], names, best)
    return best_at, best


def _fields(row: SheetRow, names: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """The fields that the cells of a row head, each with its first column."""
    found: dict[str, tuple[int, str]] = {}
    for column, cell in enumerate(row.cells):
        field = names.get(_heading(cell))
        if field and field not in found:
            found[field] = column, str(cell)
    return found


def _heading(cell: Cell) -> str:
    """A heading as the word lists hold it: no blanks, no `(필수)`, no stars."""
    return _AROUND_HEADING.sub("", squeeze(str(cell or ""))).lower()


def _refuse_twins(row: SheetRow, names: Mapping[str, str], chosen: Mapping[str, tuple[int, str]]) -> None:
    for column, cell in enumerate(row.cells):
        field = names.get(_heading(cell), "")
        if field in chosen and chosen[field][0] != column:
            merged = str(cell) == chosen[field][1] and all(
                row.cells[at] == cell for at in range(chosen[field][0], column)
            )
            if not merged:
                raise DocumentError(
                    f"제목 '{cell}'이(가) '{chosen[field][1]}'과 겹칩니다. 하나만 남겨 주세요.", line=row.line
                )
