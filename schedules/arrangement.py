"""조직개편 as a thought: units and the steps that rearrange them, tried before any row is touched. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from models import UnitKind
from schedules import words
from settings import Refusal

RANK = {UnitKind.TEAM: 0, UnitKind.DEPARTMENT: 1, UnitKind.BUREAU: 2}
KIND_WORDS = {UnitKind.TEAM: "팀", UnitKind.DEPARTMENT: "과", UnitKind.BUREAU: "국"}
LONGEST_NAME = 40


class Act(StrEnum):
    RENAME = "rename"
    MOVE = "move"
    MERGE = "merge"
    NEW = "new"
    SPLIT = "split"  # newly made, out of another unit
    CLOSE = "close"
    TRANSFER = "transfer"  # projects go to another unit; the units stay


MADE = (Act.NEW, Act.SPLIT)
ACT_WORDS = {
    Act.RENAME: "명칭 변경",
    Act.MOVE: "소속 변경",
    Act.MERGE: "통합",
    Act.NEW: "신설",
    Act.SPLIT: "분리",
    Act.CLOSE: "폐지",
    Act.TRANSFER: "사업 이관",
}


class ReorganisationError(Refusal):
    """The change cannot be made like this: why, and what to do; `line` is its row. Nothing has changed."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f"{line}행: {message}" if line is not None else message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Step:
    """One change, by ids. `target_id`: the unit above of a moved or new one, the unit that takes over of the others."""

    act: Act
    unit_id: int | None = None
    target_id: int | None = None
    name: str = ""
    project_ids: tuple[int, ...] = ()
    words: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A unit where it stands. `changed_on`: the day of its latest change, before which nothing can be changed."""

    id: int
    name: str
    kind: UnitKind
    parent_id: int | None
    is_open: bool = True
    changed_on: date | None = None


def arrange(places: Mapping[int, Place], steps: Iterable[Step], on: date) -> dict[int, Place]:
    """The units after these steps, taken in their order, on that day. Raises ReorganisationError."""
    found = dict(places)
    touched: dict[int, int | None] = {}
    for step in steps:
        for unit_id, after in take_step(found, step).items():
            before = places.get(unit_id)
            if before is not None and before.changed_on is not None and on < before.changed_on:
                raise ReorganisationError(
                    f"'{before.name}'은(는) {words.day(before.changed_on)}에 이미 바뀌었습니다. "
                    "시행일을 그날이나 그 뒤로 적어 주세요.",
                    step.line,
                )
            found[unit_id] = replace(after, changed_on=on)
            touched[unit_id] = step.line
    _refuse_twins(found, touched)
    return found


def take_step(found: Mapping[int, Place], step: Step) -> dict[int, Place]:
    """The units that one step changes, as they are after it; names that clash are seen at the end only."""
    if step.act is Act.TRANSFER:
        _open(found, step.target_id, step)
        return {}
    if step.act in (Act.NEW, Act.SPLIT):
        unit = found[step.unit_id or 0]
        parent_id = _parent(found, unit, step)
        return {unit.id: replace(unit, parent_id=parent_id, is_open=True)}
    unit = _open(found, step.unit_id, step)
    if step.act is Act.RENAME:
        check_name(step.name, unit.kind, step.line)
        if step.name == unit.name:
            raise ReorganisationError(f"'{unit.name}'은(는) 이미 그 이름입니다.", step.line)
        return {unit.id: replace(unit, name=step.name)}
    if step.act is Act.MOVE:
        parent_id = _parent(found, unit, step)
        if parent_id == unit.parent_id:
            raise ReorganisationError(f"'{unit.name}'은(는) 이미 그 아래에 있습니다.", step.line)
        return {unit.id: replace(unit, parent_id=parent_id)}
    below = [one for one in found.values() if one.parent_id == unit.id and one.is_open]
    gone = replace(unit, parent_id=None, is_open=False)
    if step.act is Act.CLOSE:
        if below:
            names = ", ".join(one.name for one in below)
            raise ReorganisationError(
                f"'{unit.name}' 아래에 {names}이(가) 있습니다. 먼저 옮기거나 통합해 주세요.", step.line
            )
        return {unit.id: gone}
    target = _open(found, step.target_id, step)
    _refuse_merge(found, unit, target, below, step)
    moved = {one.id: replace(one, parent_id=target.id) for one in below}
    return {unit.id: gone, **moved}


def _open(found: Mapping[int, Place], unit_id: int | None, step: Step) -> Place:
    unit = found.get(unit_id or 0)
    if unit is None:
        raise ReorganisationError("어느 부서인지 적어 주세요.", step.line)
    if not unit.is_open:
        raise ReorganisationError(f"'{unit.name}'은(는) 그날 없는 부서입니다. 다른 부서를 적어 주세요.", step.line)
    return unit


def _parent(found: Mapping[int, Place], unit: Place, step: Step) -> int | None:
    if step.target_id is None:
        has_bureaus = any(one.kind is UnitKind.BUREAU and one.is_open for one in found.values())
        if unit.kind is UnitKind.BUREAU or (unit.kind is UnitKind.DEPARTMENT and not has_bureaus):
            return None
        raise ReorganisationError(f"'{unit.name}'이(가) 어느 부서 아래에 있을지 적어 주세요.", step.line)
    parent = _open(found, step.target_id, step)
    if unit.id in _upwards(found, parent):
        raise ReorganisationError(f"'{unit.name}'을(를) 자기 자신이나 그 아래로 옮길 수 없습니다.", step.line)
    if RANK[parent.kind] <= RANK[unit.kind]:
        raise ReorganisationError(
            f"{KIND_WORDS[unit.kind]}인 '{unit.name}'은(는) {KIND_WORDS[parent.kind]}인 '{parent.name}' 아래에 둘 수 "
            "없습니다. 팀은 과 아래에, 과는 국 아래에 둡니다.",
            step.line,
        )
    return parent.id


def _upwards(found: Mapping[int, Place], unit: Place) -> list[int]:
    up = [unit.id]
    while unit.parent_id is not None and unit.parent_id not in up:
        unit = found[unit.parent_id]
        up.append(unit.id)
    return up


def _refuse_merge(found: Mapping[int, Place], unit: Place, target: Place, below: Sequence[Place], step: Step) -> None:
    if target.id == unit.id:
        raise ReorganisationError(f"'{unit.name}'을(를) 자기 자신에 통합할 수 없습니다.", step.line)
    into_above = unit.kind is UnitKind.TEAM and target.kind is UnitKind.DEPARTMENT
    if target.kind is not unit.kind and not into_above:
        raise ReorganisationError(
            f"{KIND_WORDS[unit.kind]}인 '{unit.name}'은(는) {KIND_WORDS[target.kind]}인 '{target.name}'에 통합할 수 "
            "없습니다. 같은 급끼리, 또는 팀을 과에 통합합니다.",
            step.line,
        )
    theirs = {one.name for one in found.values() if one.parent_id == target.id and one.is_open}
    twins = sorted(one.name for one in below if one.name in theirs)
    if twins:
        raise ReorganisationError(
            f"'{unit.name}'과(와) '{target.name}'에 같은 이름의 부서({', '.join(twins)})가 있습니다. "
            "그 부서를 먼저 통합하거나 이름을 바꾸는 행을 앞에 적어 주세요.",
            step.line,
        )


def _refuse_twins(found: Mapping[int, Place], touched: Mapping[int, int | None]) -> None:
    by_place: dict[tuple[int | None, str], Place] = {}
    for unit in found.values():
        if not unit.is_open:
            continue
        other = by_place.setdefault((unit.parent_id, unit.name), unit)
        if other is not unit and (unit.id in touched or other.id in touched):
            under = f"'{found[unit.parent_id].name}' 아래에 " if unit.parent_id is not None else ""
            raise ReorganisationError(
                f"{under}'{unit.name}'이(가) 둘이 됩니다. 다른 이름을 적거나 통합해 주세요.",
                touched.get(unit.id, touched.get(other.id)),
            )


def check_name(name: str, kind: UnitKind, line: int | None = None) -> None:
    """Raises ReorganisationError for a name that a unit of this kind cannot have."""
    if not name or len(name) > LONGEST_NAME or any(sign in name for sign in "/>\n\t"):
        raise ReorganisationError(f"새 이름을 {LONGEST_NAME}자 안에서 '/' 없이 적어 주세요.", line)
    said = kind_of(name)
    if said is not None and said is not kind:
        raise ReorganisationError(
            f"{KIND_WORDS[kind]}의 이름을 '{name}'(으)로 바꿀 수 없습니다. 급이 달라지면 새 부서를 만들고 거기에 "
            "통합하거나 사업을 옮겨 주세요.",
            line,
        )


def kind_of(name: str) -> UnitKind | None:
    """What the ending of a unit's name says it is; None where it may be of more than one kind (`○○실`, `○○단`)."""
    endings = {"팀": UnitKind.TEAM, "과": UnitKind.DEPARTMENT, "담당관": UnitKind.DEPARTMENT, "국": UnitKind.BUREAU}
    return next((kind for ending, kind in endings.items() if name.endswith(ending)), None)
