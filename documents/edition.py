"""The next document as a value: what every writer prints, the same for each format.

The documents' own words come first and stay as they are; what people have answered since is worked into them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import TypeVar

from sqlmodel import Session, col, select

from documents.difference import SEOUL
from documents.edition_front import read_budget_overview
from documents.edition_page import make_page
from documents.edition_parts import Line, ProjectPage, Section, Table
from documents.edition_state import Moment, States
from documents.errors import DocumentError
from models import CollectionRound, Document, Project, ProjectText, StaffCount, UnitDuty, UnitKind
from schedules.history import homes_on, load_chart_on
from schedules.responsibility import ChartUnit

__all__ = [
    "DepartmentPart",
    "Line",
    "ProgressReport",
    "ProjectPage",
    "Section",
    "StaffLine",
    "Table",
    "TeamDuties",
    "edition_as_of",
    "edition_of_round",
]

Printed = TypeVar("Printed", UnitDuty, StaffCount)


@dataclass(frozen=True, slots=True)
class StaffLine:
    """정원 and 현원 of one grade; `합계` is the whole unit."""

    grade: str
    quota: int | None
    actual: int | None


@dataclass(frozen=True, slots=True)
class TeamDuties:
    """A team and its 주요업무 as printed."""

    name: str
    duties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DepartmentPart:
    """A department's part: its teams, staff and projects, in the house order."""

    name: str
    teams: tuple[TeamDuties, ...]
    staff: tuple[StaffLine, ...]
    projects: tuple[ProjectPage, ...]


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """One whole report as of a day; equal rows make equal editions, and equal editions equal files."""

    title: str
    as_of: date
    bureaus: tuple[str, ...]
    staff: tuple[StaffLine, ...]
    departments: tuple[DepartmentPart, ...]
    budget: Table | None

    @property
    def team_count(self) -> int:
        return sum(len(department.teams) for department in self.departments)


def edition_as_of(session: Session, as_of: date, zone: tzinfo = SEOUL) -> ProgressReport:
    """The report as of a day: documents, answers and changes of that day and before, and nothing later.

    Raises DocumentError where no document of that day or before is stored.
    """
    return _edition(session, Moment(as_of, None, zone))


def edition_of_round(session: Session, round_id: int, zone: tzinfo = SEOUL) -> ProgressReport:
    """The report of a round: as of its day, and with every answer given in it, also after that day.

    Raises DocumentError for an unknown round and where no document of its day or before is stored.
    """
    asked = session.get(CollectionRound, round_id)
    if asked is None:
        raise DocumentError(f"{round_id}번 회차가 없습니다. 회차 목록에서 번호를 확인해 주세요.")
    return _edition(session, Moment(asked.as_of_on, round_id, zone))


def _edition(session: Session, moment: Moment) -> ProgressReport:
    until = (
        select(Document)
        .where(col(Document.as_of_on) <= moment.as_of)
        .order_by(col(Document.as_of_on), col(Document.id))
    )
    documents = {document.id or 0: document for document in session.exec(until)}
    pages = _texts(session, documents)
    if not pages:
        raise DocumentError(
            f"{moment.as_of} 기준일 또는 그 이전의 보고 문서가 없습니다. 먼저 문서를 가져오거나 기준일을 바꿔 주세요."
        )
    states = States(session, moment, documents, list(pages))
    order = list(documents)
    printing = [texts[0].document_id for texts in pages.values()]
    # The report gives title and front part; a card of one project that is newer than it does not.
    newest = documents[max(printing, key=lambda number: (printing.count(number), order.index(number)))]
    chart, homes = load_chart_on(session, moment.as_of), homes_on(session, moment.as_of)
    units = sorted((unit for unit in chart.units.values() if unit.closed_on is None), key=_in_order)
    duties = _newest_by_unit(session.exec(select(UnitDuty).order_by(col(UnitDuty.position))).all(), order)
    staff = _newest_by_unit(session.exec(select(StaffCount).order_by(col(StaffCount.id))).all(), order)
    projects = session.exec(select(Project).order_by(col(Project.number), col(Project.id)))
    by_department: dict[int, list[ProjectPage]] = {}
    for project in sorted(projects, key=lambda row: (row.number is None, row.number or 0, row.id or 0)):
        texts = pages.get(project.id or 0)
        closed = project.closed_at is not None and moment.day(project.closed_at) <= moment.as_of
        if texts and not closed and not states.is_gone(project):
            page = make_page(project, texts, states.of(project, documents[texts[0].document_id]), moment)
            home = homes.get(project.id or 0)
            by_department.setdefault(home.unit_id if home is not None else project.unit_id, []).append(page)
    bureaus = [unit for unit in units if unit.kind is UnitKind.BUREAU]
    places = {bureau.id: place for place, bureau in enumerate(bureaus)}
    departments = [unit for unit in units if unit.kind is UnitKind.DEPARTMENT]
    departments.sort(key=lambda unit: (places.get(unit.parent_id or 0, len(places)), unit.position, unit.id))
    return ProgressReport(
        title=newest.title,
        as_of=moment.as_of,
        bureaus=tuple(bureau.name for bureau in bureaus),
        staff=_staff_lines(staff.get(bureaus[0].id, [])) if len(bureaus) == 1 else (),
        departments=tuple(
            DepartmentPart(
                name=department.name,
                teams=tuple(
                    TeamDuties(team.name, tuple(duty.text for duty in duties.get(team.id, [])))
                    for team in units
                    if team.kind is UnitKind.TEAM and team.parent_id == department.id
                ),
                staff=_staff_lines(staff.get(department.id, [])),
                projects=tuple(by_department.get(department.id, ())),
            )
            for department in departments
        ),
        budget=read_budget_overview(newest.text),
    )


def _in_order(unit: ChartUnit) -> tuple[int, int]:
    return unit.position, unit.id


def _texts(session: Session, documents: dict[int, Document]) -> dict[int, list[ProjectText]]:
    """For each project the lines of the newest of these documents that prints it."""
    order = list(documents)
    found: dict[int, list[ProjectText]] = {}
    for text in session.exec(select(ProjectText).order_by(col(ProjectText.project_id), col(ProjectText.position))):
        if text.document_id not in documents:
            continue
        known = found.get(text.project_id)
        if known is None or order.index(text.document_id) > order.index(known[0].document_id):
            found[text.project_id] = [text]
        elif known[0].document_id == text.document_id:
            known.append(text)
    return found


def _newest_by_unit(rows: Sequence[Printed], order: list[int]) -> dict[int, list[Printed]]:
    """For each unit the rows of the newest of the documents in `order` that prints any."""
    found: dict[int, list[Printed]] = {}
    for row in rows:
        if row.document_id not in order:
            continue
        known = found.get(row.unit_id)
        if known is None or order.index(row.document_id) > order.index(known[0].document_id):
            found[row.unit_id] = [row]
        elif known[0].document_id == row.document_id:
            known.append(row)
    return found


def _staff_lines(rows: list[StaffCount]) -> tuple[StaffLine, ...]:
    return tuple(StaffLine(row.grade, row.quota, row.actual) for row in rows)
