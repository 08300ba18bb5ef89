"""Departments that a report prints under another bureau than the one they are known under: moved, or another one?"""

from sqlmodel import Session, col, select

from documents.markup import squeeze
from documents.reading import Report, UnitRow
from models import Unit, UnitKind


def known_elsewhere(session: Session, report: Report) -> tuple[tuple[UnitRow, str], ...]:
    """The departments that would be made although one of that name stands under a bureau that the report leaves out."""
    units = {unit.id: unit for unit in session.exec(select(Unit).where(col(Unit.closed_on).is_(None)))}
    standing = {
        squeeze(unit.name): units[unit.parent_id].name
        for unit in units.values()
        if unit.kind is UnitKind.DEPARTMENT and unit.parent_id in units
    }
    places = {
        (squeeze(units[one.parent_id].name), squeeze(one.name)) for one in units.values() if one.parent_id in units
    }
    found = []
    for row in report.units:
        bureau = standing.get(squeeze(row.name))
        is_new = row.kind == "department" and row.parent and (squeeze(row.parent), squeeze(row.name)) not in places
        printed = {squeeze(one.parent or "") for one in report.units if squeeze(one.name) == squeeze(row.name)}
        if is_new and bureau is not None and squeeze(bureau) not in printed:
            found.append((row, bureau))
    return tuple(found)
