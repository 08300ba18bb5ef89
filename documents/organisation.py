"""Who presents the document: bureau, departments and teams with their duties and staff, and each chapter's place."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from documents.markup import squeeze
from documents.outline import RANK_NUMBER, RANK_ROMAN, RANK_SQUARE, Block, Row, Shape
from documents.reading import StaffRow, UnitKind, UnitRow
from documents.vocabulary import vocabulary

_COUNT_SUFFIX = re.compile(r"\(\s*\d+\s*[가-힣]*\s*\)$")
_GRADE = re.compile(r"\d급|합계|계|총계|정무직|별정직|임기제|연구직|지도직|일반직|공무직|기타")
_QUOTA_PRESENT = re.compile(r"(\d[\d,]*)\s*\(\s*(\d[\d,]*)\s*\)")
_ABOVE_TEAMS: tuple[UnitKind, ...] = ("bureau", "department")
_BETWEEN_NAMES = re.compile(r"[(),·ㆍ/\n:]")
_LIST_SIGN = re.compile(r"^[◦○ㅇ•·\-▪▶]\s*")
_BRACKET_BEHIND = re.compile(r"[가-힣]\s*[(\[]")
_OFFICE = re.compile(
    r"^(?:(?:[가-힣]{2,}(?:시|군|구|도|청|국|본부|사업소|공단|공사|재단)|[가-힣]*보건소|[동서남북중]구)\s+)+(?=[가-힣]+$)"
)
_AROUND_NAME = re.compile(
    r"[【】〔〕\[\]()<>〈〉《》]|\s*(?:소관|소관사항|주요\s?업무.*|업무\s?보고|추진\s?상황)(?=[】〕\]>〉》]?$)"
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """The blocks `first` to `last` (excluded) of one department; `unit` is its name without inner spaces.

    `has_heading` tells a chapter set apart by the department's name from a whole document that merely names one.
    """

    unit: str
    first: int
    last: int
    has_heading: bool = True


def find_chapters(blocks: Sequence[Block]) -> tuple[Chapter, ...]:
    """Return the departments' chapters in order; a document without any is one chapter of the unit that it names.

    A chapter starts at a line set apart that holds a department's name and nothing else. Names in the cover and in
    the table of contents are followed by another name and hold nothing, so they are dropped. An office such as
    기획예산실 that is printed like the departments beside it is one of them.
    """
    names = {index: name for index, block in enumerate(blocks) if (name := _chapter_name(block, "department"))}
    looks = {_look(blocks[index]) for index in names}
    names |= {
        index: name
        for index, block in enumerate(blocks)
        if (name := _chapter_name(block, "bureau")) and not name.endswith("국") and _look(block) in looks
    }
    starts = sorted(names)
    ends = [*starts[1:], len(blocks)]
    chapters = [
        Chapter(names[first], first, last)
        for first, last in zip(starts, ends, strict=False)
        if any(
            block.shape in (Shape.HEADING, Shape.TABLE) or block.rank < blocks[first].rank + 30
            for block in blocks[first + 1 : last]
        )
        and (last - first > 2 or any(len(block.rows) > 1 for block in blocks[first + 1 : last]))
    ]
    if chapters:
        return tuple(chapters)
    return (Chapter(_only_unit(blocks), 0, len(blocks), has_heading=False),)


def find_units(blocks: Sequence[Block], chapters: Sequence[Chapter]) -> tuple[UnitRow, ...]:
    """Return bureaus, departments and teams in the document's order, each once, with duties and staff where printed."""
    found: dict[tuple[UnitKind, str], UnitRow] = {}
    bureau = _first_bureau(blocks, {chapter.unit for chapter in chapters if chapter.has_heading})
    if bureau:
        found["bureau", bureau.name] = bureau
    parent = bureau.name if bureau else None
    chapter_at = {chapter.first: chapter for chapter in chapters if chapter.has_heading}
    department: str | None = None
    last = 0
    for index, block in enumerate(blocks):
        if index >= last:
            department = None
        if chapter := chapter_at.get(index):
            department, last = chapter.unit, chapter.last
            _add(found, UnitRow(department, "department", parent, line=block.line))
        elif block.shape is Shape.TABLE:
            _read_table(found, block, department, parent)
        elif department and block.shape is Shape.ITEM and vocabulary().unit_kind(block.text) == "team":
            _add(found, UnitRow(squeeze(block.text), "team", department, line=block.line))
        elif department and (teams := _listed_teams(block)):
            for team in teams:
                _add(found, UnitRow(team, "team", department, line=block.line))
        elif block.shape is Shape.HEADING and vocabulary().unit_kind(block.text) == "bureau":
            parent = squeeze(block.text)
            _add(found, UnitRow(parent, "bureau", None, line=block.line))
        elif department and (note := _staff_note(block, blocks[index - 1])):
            found["department", department] = replace(found["department", department], staff_note=note)
    if not chapter_at and vocabulary().unit_kind(chapters[0].unit) == "department":
        _add(found, UnitRow(chapters[0].unit, "department", parent))
    return tuple(_in_order(found))


def bare_name(text: str) -> str:
    """Return a unit's name without brackets, 소관 and the office before it: `【나래구 도로과 소관】` is `도로과`."""
    text = _COUNT_SUFFIX.sub("", text.strip())
    if _BRACKET_BEHIND.search(text):
        return squeeze(text)  # `안전관리 (안전총괄과)` is work with an owner, and no unit
    return squeeze(_OFFICE.sub("", _AROUND_NAME.sub("", text).strip()))


def _chapter_name(block: Block, kind: UnitKind) -> str:
    """The unit of a kind that a line set apart names, or nothing."""
    bracketed = block.shape is Shape.NOTE and not block.marker and not block.lead
    set_apart = block.shape in (Shape.HEADING, Shape.TEXT) or block.rank in (RANK_ROMAN, RANK_SQUARE, RANK_NUMBER)
    set_apart = set_apart or bracketed
    name = bare_name(block.text) if set_apart and len(block.text) <= 30 else ""
    return name if vocabulary().unit_kind(name) == kind else ""


def _look(block: Block) -> tuple[Shape, int, int, bool]:
    return block.shape, block.rank, block.hashes, bool(_AROUND_NAME.search(block.text))


def _listed_teams(block: Block) -> list[str]:
    """The teams that a line about the organisation names: `조직 : 1과 3팀(농정기획팀, 농촌개발팀)`."""
    label, colon, value = block.text.partition(":")
    if not colon or squeeze(label) not in vocabulary().headings["organisation"]:
        return []
    names = (squeeze(name) for name in _BETWEEN_NAMES.split(value))
    return [name for name in names if vocabulary().unit_kind(name) == "team"]


def _only_unit(blocks: Sequence[Block]) -> str:
    """The department that a document of one department names: on its cover, in its title, or as 담당부서."""
    for block in blocks[:40]:
        label, _, value = block.text.partition(":")
        if vocabulary().is_attribute("owner", label) and vocabulary().unit_kind(value) == "department":
            return squeeze(value)
        if block.shape is not Shape.TABLE and vocabulary().unit_kind(block.text) == "department":
            return squeeze(block.text)
        for row in block.rows:
            for label, value in zip(row.cells, row.cells[1:], strict=False):
                if vocabulary().is_attribute("owner", label) and vocabulary().unit_kind(value) == "department":
                    return squeeze(value)
    cover = [bare_name(word) for block in blocks[:10] if block.shape is not Shape.TABLE for word in block.text.split()]
    if named := next((word for word in cover if vocabulary().unit_kind(word) == "department"), ""):
        return named
    bureau = _first_bureau(blocks)
    return bureau.name if bureau else next((word for word in cover if vocabulary().unit_kind(word) == "bureau"), "")


def _first_bureau(blocks: Sequence[Block], departments: Collection[str] = ()) -> UnitRow | None:
    for block in blocks[:60]:
        name = "" if block.shape is Shape.TABLE else bare_name(block.text)
        if vocabulary().unit_kind(name) == "bureau" and name not in departments:
            return UnitRow(name, "bureau", None, line=block.line)
    return None


def _add(found: dict[tuple[UnitKind, str], UnitRow], unit: UnitRow) -> None:
    """Keep the unit, filling what an earlier mention left out; a team's department is the one that lists it first."""
    key = unit.kind, unit.name
    known = found.get(key)
    if known is None:
        found[key] = unit
        return
    found[key] = replace(
        known,
        parent=known.parent or unit.parent,
        duties=known.duties or unit.duties,
        staff=known.staff or unit.staff,
        line=unit.line if unit.duties and not known.duties else known.line,
    )


def _read_table(
    found: dict[tuple[UnitKind, str], UnitRow], block: Block, department: str | None, bureau: str | None
) -> None:
    rows = block.rows
    head = rows[0].cells
    words = vocabulary()
    if len(head) > 1 and words.is_column("team", head[0]) and words.is_column("duties", head[1]):
        if department:
            _read_duties(found, rows[1:], department)
    elif _GRADE.search(" ".join(head)) and sum(bool(_GRADE.fullmatch(squeeze(cell))) for cell in head) > 2:
        _read_staff(found, rows, department)
    elif not department:
        _read_chart(found, rows, bureau)


def _read_duties(found: dict[tuple[UnitKind, str], UnitRow], rows: Sequence[Row], department: str) -> None:
    team = ""
    for row in rows:
        if row.cells[0]:
            team = squeeze(row.cells[0])
        if len(row.cells) < 2 or words_kind(team) != "team":
            continue
        duties = tuple(_LIST_SIGN.sub("", duty) for cell in row.cells[1:] for duty in cell.split("\n") if duty)
        key: tuple[UnitKind, str] = ("team", team)
        if key in found and found[key].duties and not row.cells[0]:
            found[key] = replace(found[key], duties=found[key].duties + duties)
        else:
            _add(found, UnitRow(team, "team", department, duties, row.line))


def words_kind(name: str) -> UnitKind | None:
    """Return what kind of unit a cell names, its count in brackets left out: `행정지원과 (5팀)` is a department."""
    return vocabulary().unit_kind(_COUNT_SUFFIX.sub("", name.strip()))


def _read_chart(found: dict[tuple[UnitKind, str], UnitRow], rows: Sequence[Row], bureau: str | None) -> None:
    """An organisation chart as a table: departments in a row and their teams in the cells below, or side by side."""
    columns: dict[int, str] = {}
    for row in rows:
        if words_kind(row.cells[0]) == "department" and (teams := _teams_beside(row)):
            name = squeeze(_COUNT_SUFFIX.sub("", row.cells[0].strip()))
            _add(found, UnitRow(name, "department", bureau, line=row.line))
            for team in teams:
                _add(found, UnitRow(team, "team", name, line=row.line))
            continue
        for index, cell in enumerate(row.cells):
            name = squeeze(_COUNT_SUFFIX.sub("", cell.strip()))
            if words_kind(cell) == "department" and all(c == "" or words_kind(c) == "department" for c in row.cells):
                columns[index] = name
                _add(found, UnitRow(name, "department", bureau, line=row.line))
            elif index in columns:
                for entry in cell.split("\n"):
                    team = squeeze(_LIST_SIGN.sub("", entry))
                    if words_kind(team) == "team":
                        _add(found, UnitRow(team, "team", columns[index], line=row.line))


def _teams_beside(row: Row) -> list[str]:
    entries = (_LIST_SIGN.sub("", entry.strip()) for cell in row.cells[1:] for entry in _BETWEEN_NAMES.split(cell))
    return [squeeze(entry) for entry in entries if words_kind(entry) == "team"]


def _read_staff(found: dict[tuple[UnitKind, str], UnitRow], rows: Sequence[Row], department: str | None) -> None:
    grades = [squeeze(cell) for cell in rows[0].cells]
    for row in rows[1:]:
        name = squeeze(row.cells[0])
        unit = next((key for kind in _ABOVE_TEAMS if (key := (kind, name)) in found), None)
        if unit is None and department and "정원" in name:
            unit = ("department", department)
        if unit is None:
            continue
        staff = []
        for grade, cell in zip(grades[1:], row.cells[1:], strict=False):
            if both := _QUOTA_PRESENT.fullmatch(cell.strip()):
                quota, present = (int(part.replace(",", "")) for part in both.groups())
                staff.append(StaffRow("합계" if grade in ("계", "총계") else grade, quota, present))
        if staff and not found[unit].staff:
            found[unit] = replace(found[unit], staff=tuple(staff))


def _staff_note(block: Block, previous: Block) -> str | None:
    if block.lead != "※" or previous.shape is not Shape.TABLE:
        return None
    return block.text if "정원" in previous.rows[-1].cells[0] else None


def _in_order(found: dict[tuple[UnitKind, str], UnitRow]) -> list[UnitRow]:
    """Bureaus, each followed by its departments, each followed by its teams."""
    units = list(found.values())
    ordered = []
    by_parent: dict[str | None, list[UnitRow]] = {}
    for unit in units:
        by_parent.setdefault(unit.parent if unit.kind != "bureau" else None, []).append(unit)
    names = {unit.name for unit in units}
    tops = [unit for unit in units if unit.kind == "bureau" or unit.parent is None or unit.parent not in names]
    for top in tops:
        ordered.append(top)
        for child in by_parent.get(top.name, []):
            if child.kind != "bureau" and child not in tops:
                ordered.append(child)
                if child.kind == "department":
                    ordered.extend(team for team in by_parent.get(child.name, []) if team.kind == "team")
    return ordered
