"""The next report finds units by their old and their new names, wherever they stand now; no unit comes twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, select

from documents.edition import edition_as_of
from documents.former_names import in_names_of_now
from documents.reading import Report, UnitRow
from documents.spreadsheet import StaffEntry
from documents.store import compare, store_report
from documents.store_staff import store_staff
from models import Assignment, Post, Project, Unit
from notifications.reorganisations import enter
from schedules.arrangement import Act
from schedules.reorganisation import Asked
from schedules.rules import install_default_rules
from tests.documents.reports import OCTOBER, report, text_of
from tests.schedules.office import CALENDAR, settings

NOW = datetime(2024, 9, 2, 0, 0, tzinfo=UTC)
DAY = date(2024, 9, 20)


def store(session: Session, made: Report, now: datetime = NOW) -> None:
    store_report(session, made, text_of(made), "report.md", now, "admin")
    session.commit()
    session.expire_all()


def reorganise(session: Session, *asked: Asked) -> None:
    now = datetime(2024, 9, 20, 0, 0, tzinfo=UTC)
    enter(session, asked, DAY, by="admin", now=now, settings=settings(), calendar=CALENDAR)
    session.commit()
    session.expire_all()


def chart(session: Session) -> set[str]:
    units = {unit.id: unit for unit in session.exec(select(Unit))}
    return {
        f"{units[unit.parent_id].name if unit.parent_id else ''}/{unit.name}"
        for unit in units.values()
        if unit.closed_on is None
    }


def homes(session: Session) -> set[tuple[str, str, str | None]]:
    units = {unit.id: unit.name for unit in session.exec(select(Unit))}
    return {
        (project.title, units[project.unit_id], units.get(project.team_id)) for project in session.exec(select(Project))
    }


@pytest.fixture
def stored(session: Session) -> Session:
    install_default_rules(session)
    store(session, report())
    return session


RENAMES = (
    Asked(Act.RENAME, unit="행정지원과", name="총무과"),
    Asked(Act.RENAME, unit="행정지원팀", name="총무팀"),
)


def in_new_words(made: Report) -> Report:
    new = {"행정지원과": "총무과", "행정지원팀": "총무팀"}
    return replace(
        made,
        units=tuple(
            replace(row, name=new.get(row.name, row.name), parent=new.get(row.parent or "", row.parent))
            for row in made.units
        ),
        projects=tuple(
            replace(row, unit=new.get(row.unit, row.unit), team=new.get(row.team or "", row.team))
            for row in made.projects
        ),
    )


@pytest.mark.parametrize("write", [lambda made: made, in_new_words], ids=["old", "new"])
def test_after_a_rename_both_names_mean_the_unit(stored: Session, write: Callable[[Report], Report]) -> None:
    before = homes(stored)
    reorganise(stored, *RENAMES)
    renamed = chart(stored)
    made = write(report(as_of=OCTOBER))
    assert compare(stored, made).lines == ("지난 문서와 달라진 것이 없습니다.",)
    store(stored, made, datetime(2024, 10, 2, 0, 0, tzinfo=UTC))
    assert chart(stored) == renamed
    new = {"행정지원과": "총무과", "행정지원팀": "총무팀"}
    assert homes(stored) == {(title, new.get(unit, unit), new.get(team or "", team)) for title, unit, team in before}
    assert len(stored.exec(select(Post)).all()) == len(stored.exec(select(Unit)).all())


def test_a_report_that_names_a_merged_department_means_the_one_it_went_into(stored: Session) -> None:
    count = len(stored.exec(select(Project)).all())
    reorganise(stored, Asked(Act.MERGE, unit="자치행정과", target="행정지원과"))
    merged = chart(stored)
    assert "행정지원과/자치행정팀" in merged
    store(stored, report(as_of=OCTOBER), datetime(2024, 10, 2, 0, 0, tzinfo=UTC))
    assert chart(stored) == merged
    assert len(stored.exec(select(Project)).all()) == count


def test_a_department_printed_under_its_old_bureau_is_not_made_again(stored: Session) -> None:
    reorganise(
        stored,
        Asked(Act.NEW, name="자치국"),
        Asked(Act.MOVE, unit="자치행정과", target="자치국"),
    )
    moved = chart(stored)
    store(stored, report(as_of=OCTOBER), datetime(2024, 10, 2, 0, 0, tzinfo=UTC))
    assert chart(stored) == moved


def test_a_department_under_another_bureau_is_pointed_at_before_it_is_made(stored: Session) -> None:
    made = report(as_of=OCTOBER)
    moved = replace(
        made,
        units=(
            UnitRow("자치국", "bureau", None),
            *(replace(row, parent="자치국") if row.name == "자치행정과" else row for row in made.units),
        ),
    )
    [line] = compare(stored, moved).lines
    assert line.startswith("자치행정과 자치국에 새로 등록: 행정안전국에도 있습니다. 소속이 바뀐 것이면 조직개편")
    reorganise(stored, Asked(Act.NEW, name="자치국"), Asked(Act.MOVE, unit="자치행정과", target="자치국"))
    assert compare(stored, moved).lines == ("지난 문서와 달라진 것이 없습니다.",)


def test_a_team_that_moved_takes_its_projects_out_of_the_printed_department(stored: Session) -> None:
    count = len(stored.exec(select(Project)).all())
    reorganise(stored, Asked(Act.MOVE, unit="행정지원팀", target="자치행정과"))
    after = homes(stored)
    store(stored, report(as_of=OCTOBER), datetime(2024, 10, 2, 0, 0, tzinfo=UTC))
    assert homes(stored) == after
    assert len(stored.exec(select(Project)).all()) == count


def test_a_name_that_somebody_else_has_now_means_that_one(stored: Session) -> None:
    reorganise(
        stored,
        Asked(Act.RENAME, unit="인사팀", name="행정지원팀"),
        Asked(Act.RENAME, unit="행정지원팀", name="총무팀"),
    )
    row = UnitRow("행정지원팀", "team", "행정지원과", (), 45)
    assert in_names_of_now(stored, replace(report(), units=(row,))).units == (row,)


def test_an_edition_of_a_day_before_tells_the_names_and_places_of_that_day(stored: Session) -> None:
    before = edition_as_of(stored, date(2024, 9, 10))
    reorganise(stored, *RENAMES, Asked(Act.MERGE, unit="자치행정과", target="행정지원과"))
    assert edition_as_of(stored, date(2024, 9, 10)) == before
    after = edition_as_of(stored, DAY)
    assert [part.name for part in after.departments] == ["총무과"]
    assert sum(len(part.projects) for part in after.departments) == sum(
        len(part.projects) for part in before.departments
    )


def test_a_staff_table_in_old_names_is_taken(stored: Session) -> None:
    reorganise(stored, *RENAMES)
    rows = [
        StaffEntry(2, "행정지원과", "과장", "김과장", "kim@office.example", None, None, None),
        StaffEntry(3, "행정지원팀", "팀장", "이팀장", "lee@office.example", None, None, None),
    ]
    store_staff(stored, rows, NOW, "admin")
    assert len(stored.exec(select(Assignment)).all()) == 2


def test_nothing_is_looked_at_where_nothing_was_rearranged(stored: Session) -> None:
    made = report()
    assert in_names_of_now(stored, made) is made
