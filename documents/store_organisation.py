"""The organisation of a document as rows: units, their duties and staff, and a head post for each."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from documents.markup import squeeze
from documents.reading import Report, UnitRow
from models import Post, StaffCount, Unit, UnitDuty, UnitKind

HEAD_TITLES = {UnitKind.BUREAU: "국장", UnitKind.DEPARTMENT: "과장", UnitKind.TEAM: "팀장"}


@dataclass(frozen=True, slots=True)
class Organisation:
    """The units a document may name, by their names without blanks."""

    departments: dict[str, Unit]
    teams: dict[tuple[int | None, str], Unit]
    all: tuple[Unit, ...]

    def named(self, name: str) -> Unit | None:
        """The one unit of this name, or None where there is none or more than one."""
        found = [unit for unit in self.all if squeeze(unit.name) == squeeze(name)]
        return found[0] if len(found) == 1 else None


def store_organisation(session: Session, report: Report, document_id: int) -> Organisation:
    """Adds the units that are new, keeps the others, and gives every unit its head post.

    Duties and staff are kept per edition, under `document_id`. A department that only projects name is added too.
    """
    # What was closed by the report's day is none of its units; what still stands goes before what was closed since.
    stored = [
        unit
        for unit in session.exec(select(Unit).order_by(col(Unit.closed_on).is_not(None), col(Unit.id)))
        if unit.closed_on is None or (report.as_of is not None and report.as_of < unit.closed_on)
    ]
    by_name: dict[str, Unit] = {}
    places = {unit.id: unit for unit in stored}
    for kind in UnitKind:  # a unit's parent comes before it
        for position, row in enumerate(_of_kind(report, kind)):
            parent = by_name.get(squeeze(row.parent or ""))
            unit = _find(stored, row, kind, parent)
            if unit is None:
                unit = Unit(name=squeeze(row.name), kind=kind, parent_id=parent.id if parent else None)
                session.add(unit)
                stored.append(unit)
            elif unit.parent_id is None and parent is not None:
                unit.parent_id = parent.id
            unit.position = position
            if kind is not UnitKind.TEAM:
                by_name[squeeze(row.name)] = unit
        session.flush()
    places.update({unit.id: unit for unit in stored})
    _store_duties_and_staff(session, report, document_id, stored)
    _give_head_posts(session, stored)
    return Organisation(
        departments={squeeze(unit.name): unit for unit in reversed(stored) if unit.kind is UnitKind.DEPARTMENT},
        teams={(unit.parent_id, squeeze(unit.name)): unit for unit in reversed(stored) if unit.kind is UnitKind.TEAM},
        all=tuple(stored),
    )


def _of_kind(report: Report, kind: UnitKind) -> list[UnitRow]:
    rows = [row for row in report.units if row.kind == kind]
    if kind is UnitKind.DEPARTMENT:
        known = {squeeze(row.name) for row in rows}
        bureaus = [row.name for row in report.units if row.kind == "bureau"]
        parent = bureaus[0] if len(bureaus) == 1 else None
        named = dict.fromkeys(squeeze(project.unit) for project in report.projects)
        rows += [UnitRow(name, "department", parent) for name in named if name not in known]
    return rows


def _find(stored: Iterable[Unit], row: UnitRow, kind: UnitKind, parent: Unit | None) -> Unit | None:
    """The stored unit of this name under the parent; a bureau or department is found wherever it stands."""
    same = [unit for unit in stored if unit.kind is kind and squeeze(unit.name) == squeeze(row.name)]
    same = [unit for unit in same if unit.closed_on is None] or same
    under = next((unit for unit in same if unit.parent_id == (parent.id if parent else None)), None)
    if under is not None or kind is UnitKind.TEAM:
        return under
    return same[0] if len(same) == 1 and (parent is None or same[0].parent_id is None) else None


def _store_duties_and_staff(session: Session, report: Report, document_id: int, units: list[Unit]) -> None:
    by_id = {unit.id: unit for unit in units}
    by_place: dict[tuple[str, str, str], Unit] = {}
    for unit in units:
        parent = by_id.get(unit.parent_id)
        by_place[unit.kind.value, squeeze(parent.name) if parent else "", squeeze(unit.name)] = unit
    for row in report.units:
        found = by_place.get((row.kind, squeeze(row.parent or ""), squeeze(row.name)))
        if found is None or found.id is None:
            continue
        session.add_all(
            UnitDuty(unit_id=found.id, document_id=document_id, position=at, text=text, line=row.line)
            for at, text in enumerate(row.duties)
        )
        session.add_all(
            StaffCount(
                unit_id=found.id,
                document_id=document_id,
                grade=staff.grade,
                quota=staff.quota,
                actual=staff.present,
                line=row.line,
            )
            for staff in row.staff
        )


def _give_head_posts(session: Session, units: list[Unit]) -> None:
    held = set(session.exec(select(Post.unit_id, Post.title)))
    wanted = [(unit.id, HEAD_TITLES[unit.kind]) for unit in units if unit.id is not None]
    session.add_all(Post(unit_id=unit_id, title=title) for unit_id, title in wanted if (unit_id, title) not in held)
