"""A report as of the organisation of now: units that were renamed, moved or merged are found by the names they had."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from documents.markup import squeeze
from documents.reading import ProjectRow, Report, UnitRow
from models import FormerHome, FormerUnit, Post, Project, Unit, UnitKind

Known = tuple[str, str, str]  # kind, the name of the unit above, name; without blanks


@dataclass(frozen=True, slots=True)
class _Now:
    """What a unit is now: its name, and the unit above."""

    name: str
    parent: str | None


def in_names_of_now(session: Session, report: Report) -> Report:
    """The report with the units that it names by a former name, or at a former place, as they are called now.

    A merged unit is the one that it went into. A project given to another unit stands where it is now. Lines, titles
    and everything else stay; a report that names no unit so is returned as it is.
    """
    known = _Units(session)
    if not known.former:
        return report
    projects = tuple(known.project(row) for row in report.projects)
    return replace(report, units=tuple(_once(known.unit(row) for row in report.units)), projects=projects)


def by_former_name(session: Session) -> dict[str, set[int]]:
    """The units that are meant by a name they once had, merged ones by the unit that they went into."""
    found: dict[str, set[int]] = {}
    for (_, name), ids in _Units(session).former_names.items():
        found.setdefault(name, set()).update(ids)
    return found


class _Units:
    """The units of now, and by what they were once known."""

    def __init__(self, session: Session) -> None:
        self.units = {unit.id or 0: unit for unit in session.exec(select(Unit))}
        self.successors = _successors(session)
        past = session.exec(select(FormerUnit).order_by(col(FormerUnit.until_on), col(FormerUnit.id))).all()
        self.standing = {self._known(unit.name, unit) for unit in self.units.values() if unit.closed_on is None}
        self.former: dict[Known, int] = {}
        self.former_names: dict[tuple[str, str], set[int]] = {}
        for row in past:
            unit = self.units[row.unit_id]
            above = self.units.get(row.parent_id or 0)
            names = {squeeze(above.name)} if above is not None else {""}
            names |= {squeeze(one.name) for one in past if one.unit_id == row.parent_id}
            for name in names:
                self.former[unit.kind.value, name, squeeze(row.name)] = self._now(row.unit_id)
            self.former_names.setdefault((unit.kind.value, squeeze(row.name)), set()).add(self._now(row.unit_id))
        for unit in self.units.values():  # what stands under a renamed unit is printed under the old name too
            for one in past:
                if one.unit_id == unit.parent_id:
                    key = (unit.kind.value, squeeze(one.name), squeeze(unit.name))
                    self.former.setdefault(key, self._now(unit.id or 0))
        self.homes = _homes(session)

    def unit(self, row: UnitRow) -> UnitRow:
        now = self._find(row.kind, row.parent, row.name)
        if now is None:
            return row
        unit = self.units[now]
        above = self.units.get(unit.parent_id or 0)
        return replace(row, kind=unit.kind.value, name=unit.name, parent=above.name if above is not None else None)

    def project(self, row: ProjectRow) -> ProjectRow:
        """Where it is now: where it was given, else where its team or its department is."""
        department, team = squeeze(row.unit), squeeze(row.team or "")
        home = self.homes.get((department, squeeze(row.title)))
        found = self._find("team", row.unit, team) if team else None
        if home is not None and ("department", department) not in self.former_names:
            unit_id, team_id = home
            return replace(row, unit=self.units[unit_id].name, team=self._team(team_id, row.team))
        if found is not None:
            unit = self.units[found]
            above = self.units.get(unit.parent_id or 0)
            if unit.kind is UnitKind.TEAM and above is not None:
                return replace(row, unit=above.name, team=unit.name)
            return replace(row, unit=unit.name, team=None)
        now = self._find("department", None, row.unit)
        return row if now is None else replace(row, unit=self.units[now].name)

    def _team(self, team_id: int | None, stated: str | None) -> str | None:
        return self.units[team_id].name if team_id is not None else stated

    def _find(self, kind: str, parent: str | None, name: str) -> int | None:
        """The unit that was known so; None where one of that name stands there now, or none ever did."""
        key = kind, squeeze(parent or ""), squeeze(name)
        if key in self.standing:
            return None
        if key in self.former:
            return self.former[key]
        same = self.former_names.get((kind, squeeze(name)), set())
        stands = any(one[0] == kind and one[2] == squeeze(name) for one in self.standing)
        return next(iter(same)) if kind != UnitKind.TEAM and len(same) == 1 and not stands else None

    def _known(self, name: str, unit: Unit) -> Known:
        above = self.units.get(unit.parent_id or 0)
        return unit.kind.value, squeeze(above.name) if above is not None else "", squeeze(name)

    def _now(self, unit_id: int) -> int:
        seen = set()
        while unit_id in self.successors and unit_id not in seen:
            seen.add(unit_id)
            unit_id = self.successors[unit_id]
        return unit_id


def _successors(session: Session) -> dict[int, int]:
    """For a merged unit the one that took it over: where the post that led it has its successor."""
    posts = {post.id or 0: post for post in session.exec(select(Post).order_by(col(Post.id).desc()))}
    return {
        post.unit_id: posts[post.successor_id].unit_id
        for post in posts.values()
        if post.successor_id is not None and post.successor_id in posts
    }


def _homes(session: Session) -> dict[tuple[str, str], tuple[int, int | None]]:
    """Where projects are now, by the department that they were in, and their titles."""
    rows = session.exec(
        select(FormerHome, Project, Unit.name)
        .join(Project, col(Project.id) == col(FormerHome.project_id))
        .join(Unit, col(Unit.id) == col(FormerHome.unit_id))
        .order_by(col(FormerHome.until_on), col(FormerHome.id))
    )
    return {(squeeze(name), squeeze(project.title)): (project.unit_id, project.team_id) for _, project, name in rows}


def _once(rows: Iterable[UnitRow]) -> list[UnitRow]:
    """Of rows that now mean one unit the first, with the duties and staff of the others where it has none."""
    found: dict[tuple[str, str | None, str], UnitRow] = {}
    for row in rows:
        key = row.kind, squeeze(row.parent or ""), squeeze(row.name)
        known = found.get(key)
        if known is None:
            found[key] = row
        else:
            found[key] = replace(known, duties=known.duties + row.duties, staff=known.staff or row.staff)
    return list(found.values())
