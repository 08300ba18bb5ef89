"""The table of a 조직개편, from CSV or XLSX: one row a change, told by what kind of change it is."""

import re

from documents.markup import squeeze
from documents.spreadsheet import Cells, RefusedCell, TableReading, read_table
from documents.vocabulary import vocabulary
from schedules.arrangement import Act
from schedules.reorganisation_names import Asked

_BETWEEN_PROJECTS = re.compile(r"[;\n]+")
_NEEDS_UNIT = (Act.RENAME, Act.MOVE, Act.MERGE, Act.SPLIT, Act.CLOSE)
_NEEDS_NAME = (Act.RENAME, Act.SPLIT)
_NEEDS_TARGET = (Act.MOVE, Act.MERGE, Act.TRANSFER)


def read_reorganisation_table(data: bytes) -> TableReading[Asked]:
    """Read a table of changes: 구분, 부서, 새 이름, 옮길 곳, 사업 (act, unit, name, target, projects).

    Several projects stand in one cell, parted by semicolons or lines. Raises DocumentError where it is no such table.
    """
    return read_table(data, "reorganisation_table", ("act", "unit"), _change)


def _change(cells: Cells) -> Asked:
    said = cells.text("act", needed=True)
    known = vocabulary().reorganisation_acts
    found = known.get(squeeze(said).lower())
    if found is None:
        heading = cells.columns["act"][1]
        raise RefusedCell(
            heading,
            f"'{said}'은(는) 알 수 없습니다. 명칭변경, 소속변경, 통합, 신설, 분리, 폐지, 사업이관으로 적어 주세요.",
        )
    act = Act(found)
    raw = cells.value("projects")
    projects = tuple(one.strip() for one in _BETWEEN_PROJECTS.split(str(raw or "")) if one.strip())
    return Asked(
        act,
        unit=cells.text("unit", needed=act in _NEEDS_UNIT),
        name=cells.text("name", needed=act in _NEEDS_NAME),
        target=cells.text("target", needed=act in _NEEDS_TARGET),
        projects=projects,
        line=cells.row.line,
    )
