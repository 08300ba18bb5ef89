"""Tables that people keep in spreadsheets: milestones, and who holds which post, from CSV or XLSX.

Headings may be Korean or English, in any order, under title lines. Every complaint names its row as the spreadsheet
program counts it, so that it can be found and mended there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from documents.errors import DocumentError
from documents.formats.delimited import read_delimited
from documents.formats.sheet import Cell, SheetRow
from documents.formats.xlsx import read_xlsx
from documents.markup import plain, squeeze
from documents.table_headings import find_headings
from documents.vocabulary import vocabulary
from schedules.dates import find_dates

_FORMULA = re.compile(r"[=@]|[+\-](?=\D)")
_EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+\.[^@\s,;<>().]+")
# A whole day in digits needs no grammar: a table of ten thousand rows is read several times as fast without.
_PLAIN_DAY = re.compile(r"(\d{4})(?:-|/|\. ?)(\d{1,2})(?:-|/|\. ?)(\d{1,2})\.?")
_YES = frozenset({"예", "네", "y", "yes", "true", "1", "o", "○", "ㅇ", "v", "잠정", "참"})
_NO = frozenset({"", "아니오", "아니요", "n", "no", "false", "0", "x", "×", "확정", "거짓", "-"})
_SERIAL_DAYS = range(36526, 73051)  # 2000-01-01 to 2099-12-31, as Excel counts days
_SERIAL_EPOCH = date(1899, 12, 30)
_YEARS = range(2000, 2100)
_NO_YEAR = date(1900, 1, 1)
_TOTALS = frozenset({"계", "합계", "총계", "소계", "총원"})
_FIGURE = re.compile(r"[\d,.%]+(?:명|건|개)?")
_NOTE_SIGNS = ("※", "*", "＊", "주)", "비고")
Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class MilestoneEntry:
    """One row of a milestone table. `kind` is a milestone kind's name; `raw` what the date cells hold, as text."""

    line: int
    project: str
    unit: str
    label: str
    kind: str
    start: date | None
    end: date | None
    post: str
    tentative: bool
    raw: str
    supporting: tuple[str, ...] = ()  # posts or units that hear of it, too


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """One row of a staff table: who holds a post of a unit, from and until when (both days included)."""

    line: int
    unit: str
    post: str
    name: str
    email: str | None
    phone: str | None
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a row is refused: its number, the heading of the cell, and what to do."""

    line: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class TableReading(Generic[Entry]):
    """The rows that are right, and the complaints about the others; a row is in one of both."""

    entries: tuple[Entry, ...]
    complaints: tuple[Complaint, ...]


class RefusedCell(Exception):  # noqa: N818  (a verdict on one cell; it never leaves the reader)
    """A cell is not what its column needs."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def read_milestone_table(data: bytes) -> TableReading[MilestoneEntry]:
    """Read a milestone table: 사업명, 부서, 일정, 구분, 시작일, 종료일, 담당, 잠정, 협조 (or their English names).

    Project, label and one of the dates are needed. Raises DocumentError where the file is no such table.
    """
    return read_table(data, "milestone_table", ("project", "label", "end"), _milestone)


def read_staff_table(data: bytes) -> TableReading[StaffEntry]:
    """Read a staff table: 부서, 직위, 성명, 전자우편, 전화, 시작, 종료 (unit, post, name, email, phone, from, until).

    Unit, post and name are needed. Raises DocumentError where the file is no such table.
    """
    return read_table(data, "staff_table", ("unit", "post", "name"), _staff)


def read_sheet(data: bytes) -> tuple[SheetRow, ...]:
    """Return the rows of a CSV or XLSX file, told apart by their first bytes."""
    return read_xlsx(data) if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") else read_delimited(data)


def read_table(
    data: bytes, table: str, needed: Sequence[str], entry: Callable[["Cells"], Entry]
) -> TableReading[Entry]:
    """The rows under the headings of `table`; `entry` makes one of each or raises RefusedCell."""
    rows = read_sheet(data)
    at, columns = find_headings(rows, table, needed)
    entries: list[Entry] = []
    complaints: list[Complaint] = []
    for row in rows[at + 1 :]:
        if not any(cell not in (None, "") for cell in row.cells) or _says_no_entry(row):
            continue
        try:
            entries.append(entry(Cells(row, columns)))
        except RefusedCell as refused:
            complaints.append(Complaint(row.line, refused.field, refused.message))
    if not entries and not complaints:
        raise DocumentError("표에 내용이 없습니다. 제목 행 아래에 한 행 이상 적어 주세요.")
    return TableReading(tuple(entries), tuple(complaints))


def _says_no_entry(row: SheetRow) -> bool:
    """A row of totals, or a note under the table (`※ 2025. 7. 1.자 기준`), is nobody's entry."""
    said = [squeeze(str(cell)) for cell in row.cells if cell not in (None, "")]
    texts = {text for text in said if not _FIGURE.fullmatch(text)}
    return bool(texts) and (texts <= _TOTALS or (len(set(said)) == 1 and said[0].startswith(_NOTE_SIGNS)))


@dataclass(frozen=True, slots=True)
class Cells:
    """A row's cells by field."""

    row: SheetRow
    columns: Mapping[str, tuple[int, str]]

    def value(self, field: str) -> Cell:
        at = self.columns[field][0] if field in self.columns else -1
        return self.row.cells[at] if 0 <= at < len(self.row.cells) else None

    def text(self, field: str, *, needed: bool = False) -> str:
        value = self.value(field)
        heading = self.columns[field][1] if field in self.columns else field
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        text = plain("" if value is None else str(value))
        if isinstance(value, str) and _FORMULA.match(value):
            raise RefusedCell(heading, f"'{heading}' 칸에 수식으로 보이는 값이 있습니다. 값으로 바꿔 주세요.")
        if needed and not text:
            raise RefusedCell(heading, f"'{heading}' 칸이 비어 있습니다.")
        return text

    def window(self, field: str) -> tuple[date | None, date | None]:
        """The first and last day that a date cell names; both `None` for a blank one."""
        value, heading = self.value(field), self.columns.get(field, (0, field))[1]
        if value is None or value == "":
            return None, None
        if isinstance(value, int | float) and not isinstance(value, bool) and int(value) in _SERIAL_DAYS:
            value = _SERIAL_EPOCH + timedelta(days=int(value))
        if isinstance(value, date):
            found: tuple[date | None, date | None] = value, value
        else:
            found = _written(str(value).strip(), heading)
        if any(day is not None and day.year not in _YEARS for day in found):
            raise RefusedCell(heading, f"'{heading}' 칸의 연도를 확인해 주세요: {value}")
        return found

    def says_yes(self, field: str) -> bool:
        """Whether the cell says yes; a blank one says no."""
        value = self.value(field)
        text = squeeze(str("" if value is None else value)).lower()
        if text in _YES or text in _NO:
            return text in _YES
        heading = self.columns[field][1]
        raise RefusedCell(heading, f"'{heading}' 칸에는 예 또는 아니오를 적어 주세요: {text}")


def _written(text: str, heading: str) -> tuple[date | None, date | None]:
    if plain_day := _PLAIN_DAY.fullmatch(text):
        try:
            day = date(int(plain_day[1]), int(plain_day[2]), int(plain_day[3]))
        except ValueError:
            raise RefusedCell(heading, f"'{heading}' 칸의 날짜가 잘못되었습니다: {text}") from None
        return day, day
    found = find_dates(text, _NO_YEAR)
    if len(found) != 1 or (found[0].start is None and found[0].end is None):
        raise RefusedCell(heading, f"'{heading}' 칸을 날짜로 읽을 수 없습니다: {text} (예: 2024-09-30)")
    if found[0].warnings:
        raise RefusedCell(heading, f"'{heading}' 칸의 날짜가 잘못되었습니다: {found[0].warnings[0]}")
    if found[0].inferred_year:
        raise RefusedCell(heading, f"'{heading}' 칸에 연도가 없습니다: {text} (예: 2024-09-30)")
    return found[0].start, found[0].end


def _milestone(cells: Cells) -> MilestoneEntry:
    first, last = cells.window("start"), cells.window("end")
    start, end = first[0], last[1] or first[1]
    if start is None and "start" in cells.columns and cells.value("start") in (None, ""):
        start = last[0]
    heading = cells.columns["end"][1]
    if start is None and end is None:
        raise RefusedCell(heading, f"'{heading}' 칸이 비어 있습니다. 날짜를 적어 주세요.")
    if start and end and start > end:
        raise RefusedCell(heading, f"끝나는 날({end})이 시작하는 날({start})보다 이릅니다.")
    label = cells.text("label", needed=True)
    raw = " ~ ".join(
        dict.fromkeys(str(value) for field in ("start", "end") if (value := cells.value(field)) not in (None, ""))
    )
    return MilestoneEntry(
        cells.row.line,
        cells.text("project", needed=True),
        squeeze(cells.text("unit")),
        label,
        _kind(cells, label),
        start,
        end,
        cells.text("post"),
        cells.says_yes("tentative"),
        raw,
        tuple(name.strip() for name in re.split(r"[,·/;\n]", cells.text("supporting")) if name.strip()),
    )


def _kind(cells: Cells, label: str) -> str:
    text = squeeze(cells.text("kind")).lower()
    if not text:
        return vocabulary().milestone_kind(label)
    kinds = vocabulary().kind_names
    if text not in kinds:
        heading = cells.columns["kind"][1]
        raise RefusedCell(
            heading, f"'{heading}' 칸의 '{text}'은(는) 일정 종류가 아닙니다. 준공, 개관, 교육, 행사 등으로 적어 주세요."
        )
    return kinds[text]


def _staff(cells: Cells) -> StaffEntry:
    email = cells.text("email")
    if email and not _EMAIL.fullmatch(email):
        heading = cells.columns["email"][1]
        raise RefusedCell(heading, f"'{heading}' 칸이 전자우편 주소가 아닙니다: {email}")
    start, end = cells.window("from")[0], cells.window("until")[1]
    if start and end and start > end:
        heading = cells.columns["until"][1]
        raise RefusedCell(heading, f"끝나는 날({end})이 시작하는 날({start})보다 이릅니다.")
    return StaffEntry(
        cells.row.line,
        squeeze(cells.text("team") or cells.text("unit", needed=True)),
        cells.text("post") or cells.text("grade") or cells.text("post", needed=True),
        cells.text("name", needed=True),
        email or None,
        cells.text("phone") or cells.text("mobile") or None,
        start,
        end,
    )
