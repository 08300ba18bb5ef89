"""The corrected list of what is uncertain, read back: each cell checked, nothing stored."""

import re
from dataclasses import dataclass, fields

from documents.markup import squeeze
from documents.review import SEPARATOR, Values, kind_word
from documents.spreadsheet import Cells, RefusedCell, TableReading, read_table
from documents.vocabulary import vocabulary
from documents.wording import STATUS_WORDS
from models import MilestoneStatus

_ID = re.compile(r"([TMF])(\d{1,12})")
_EDITABLE = tuple(field.name for field in fields(Values))


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """One row: `about` T, M or F and the key; the cells by field, in the words they are written with.

    A column that the file has not is not in `cells`; `as_read` is what the same cells were when the list was made,
    None where the file no longer says.
    """

    line: int
    about: str
    key: int
    cells: dict[str, str]
    as_read: dict[str, str] | None
    is_checked: bool


def read_review_table(data: bytes) -> TableReading[ReviewEntry]:
    """Reads the CSV or XLSX that `dday review` wrote. Raises DocumentError where the file is no such table."""
    return read_table(data, "review_table", ("id",), _entry)


def _entry(cells: Cells) -> ReviewEntry:
    found = _ID.fullmatch(cells.text("id", needed=True))
    if not found:
        heading = cells.columns["id"][1]
        raise RefusedCell(heading, f"'{heading}' 칸은 목록에 있던 그대로여야 합니다(예: M12).")
    written = {name: _written(cells, name) for name in _EDITABLE if name in cells.columns}
    if written.get("start") and written.get("end") and written["start"] > written["end"]:
        heading = cells.columns["end"][1]
        raise RefusedCell(heading, f"끝나는 날({written['end']})이 시작하는 날({written['start']})보다 이릅니다.")
    return ReviewEntry(
        cells.row.line,
        found[1],
        int(found[2]),
        written,
        _as_read(cells),
        "checked" in cells.columns and cells.says_yes("checked"),
    )


def _written(cells: Cells, name: str) -> str:
    if name in ("start", "end"):
        day = cells.window(name)[0 if name == "start" else 1]
        return day.isoformat() if day else ""
    text = cells.text(name)
    if not text:
        return ""
    if name == "is_deadline":
        return "예" if cells.says_yes(name) else "아니오"
    if name == "kind":
        return kind_word(_known(cells, name, text, vocabulary().kind_names, "준공, 개관, 교육, 행사"))
    if name == "status":
        status = _known(cells, name, text, vocabulary().status_names, "예정, 추진 중, 지연, 완료, 중단")
        return STATUS_WORDS[MilestoneStatus(status)]
    return squeeze(text)


def _known(cells: Cells, name: str, text: str, names: dict[str, str], examples: str) -> str:
    if (known := names.get(squeeze(text).lower())) is not None:
        return known
    heading = cells.columns[name][1]
    raise RefusedCell(heading, f"'{heading}' 칸의 '{text}'을(를) 알 수 없습니다. {examples} 등으로 적어 주세요.")


def _as_read(cells: Cells) -> dict[str, str] | None:
    if "as_read" not in cells.columns:
        return None
    value = str(cells.value("as_read") or "")
    parts = [part.strip() for part in value.split(SEPARATOR.strip())]
    if len(parts) != len(_EDITABLE):
        heading = cells.columns["as_read"][1]
        raise RefusedCell(heading, f"'{heading}' 칸은 고치지 말고 그대로 두어 주세요.")
    return dict(zip(_EDITABLE, parts, strict=True))
