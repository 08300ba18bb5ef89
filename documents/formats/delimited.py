"""CSV as spreadsheet programs save it: rows of cells, each with the line it begins on."""

import csv
import io

from documents.errors import DocumentError
from documents.formats.sheet import SheetRow
from documents.formats.text import decode_text
from documents.limits import MAX_CELL_CHARS, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS

_DELIMITERS = ",\t;"


def read_delimited(data: bytes) -> tuple[SheetRow, ...]:
    """Return the rows of a CSV file in UTF-8, UTF-16 or CP949, separated by commas, tabs or semicolons.

    Raises DocumentError where it is no such table or beyond the limits.
    """
    text = decode_text(data).lstrip("\ufeff")
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(MAX_CELL_CHARS)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    rows: list[SheetRow] = []
    line = 1
    try:
        for cells in reader:
            if len(cells) > MAX_TABLE_COLUMNS:
                raise DocumentError(f"칸이 너무 많습니다(한도 {MAX_TABLE_COLUMNS}칸).", line=line)
            rows.append(SheetRow(line, tuple(cell.strip() for cell in cells)))
            line = reader.line_num + 1
            if len(rows) > MAX_TABLE_ROWS:
                raise DocumentError(f"표가 너무 깁니다(한도 {MAX_TABLE_ROWS:,}행). 나누어 올려 주세요.")
    except csv.Error as error:
        raise DocumentError(f"CSV로 읽을 수 없습니다({error}). 따옴표와 쉼표를 확인해 주세요.", line=line) from error
    return tuple(rows)
