"""XLSX workbooks: the cells of the first sheet that holds anything, merged cells filled, formulas as last reckoned."""

import io
import zipfile
from datetime import date, datetime, time

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from documents.errors import DocumentError
from documents.formats.sheet import Cell, SheetRow
from documents.limits import MAX_BYTES, MAX_CELL_CHARS, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS, MAX_UNZIPPED_BYTES

_BROKEN = "엑셀 파일(.xlsx)로 읽을 수 없습니다. 엑셀에서 다시 저장해 올려 주세요."


def read_xlsx(data: bytes) -> tuple[SheetRow, ...]:
    """Return the rows of a workbook's first sheet with cells.

    Raises DocumentError where it is none, is locked by a password, carries entity declarations, or unpacks beyond the
    limits: the sizes are checked before anything is unpacked into memory.
    """
    if len(data) > MAX_BYTES:
        raise DocumentError(f"파일이 너무 큽니다(한도 {MAX_BYTES // 2**20} MB).")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise DocumentError("암호가 걸렸거나 옛 형식(.xls)입니다. 암호 없이 .xlsx나 CSV로 저장해 올려 주세요.")
    _check_package(data)
    try:
        book = load_workbook(io.BytesIO(data), data_only=True)
    except (
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        SyntaxError,
    ) as error:
        raise DocumentError(_BROKEN) from error
    for sheet in book.worksheets:
        if rows := _rows(sheet):
            return rows
    raise DocumentError("빈 엑셀 파일입니다. 내용이 있는 파일을 올려 주세요.")


def _check_package(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            if sum(entry.file_size for entry in entries) > MAX_UNZIPPED_BYTES or len(entries) > 2000:
                raise DocumentError(
                    f"압축을 풀면 너무 큽니다(한도 {MAX_UNZIPPED_BYTES // 2**20} MB). 필요한 시트만 남겨 주세요."
                )
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    # A declared size can lie; reading stops one byte beyond it.
                    with package.open(entry) as part:
                        text = part.read(entry.file_size + 1)
                    if len(text) > entry.file_size:
                        raise DocumentError(_BROKEN)
                    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                        raise DocumentError(
                            "엑셀 파일에 허용되지 않는 선언(DOCTYPE)이 있습니다. 엑셀에서 다시 저장해 주세요."
                        )
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise DocumentError(_BROKEN) from error


def _rows(sheet: Worksheet) -> tuple[SheetRow, ...]:
    if sheet.max_row > MAX_TABLE_ROWS or sheet.max_column > MAX_TABLE_COLUMNS:
        raise DocumentError(f"표가 너무 큽니다(한도 {MAX_TABLE_ROWS:,}행, {MAX_TABLE_COLUMNS}칸). 나누어 올려 주세요.")
    table = [
        [_plain(value, line) for value in row] for line, row in enumerate(sheet.iter_rows(values_only=True), start=1)
    ]
    for area in sheet.merged_cells.ranges:
        value = table[area.min_row - 1][area.min_col - 1] if area.min_row <= len(table) else None
        for row in range(area.min_row - 1, min(area.max_row, len(table))):
            for column in range(area.min_col - 1, min(area.max_col, len(table[row]))):
                table[row][column] = value
    rows = [SheetRow(line, tuple(cells)) for line, cells in enumerate(table, start=1)]
    return tuple(row for row in rows if any(cell not in (None, "") for cell in row.cells))


def _plain(value: object, line: int) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        if len(value) > MAX_CELL_CHARS:
            raise DocumentError(f"칸 하나가 너무 깁니다(한도 {MAX_CELL_CHARS:,}자).", line=line)
        return value.strip()
    if value is None or isinstance(value, bool | int | float | date):
        return value
    return str(value) if isinstance(value, time) else None
