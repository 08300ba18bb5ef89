"""A staff table says who holds which post from when; successors end their predecessors, rows with faults are named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, col, select

from documents.errors import DocumentError
from documents.spreadsheet import StaffEntry
from documents.store import store_report
from documents.store_staff import StaffStored, store_staff
from models import Assignment, AuditEntry, Person, Post, Unit
from tests.documents.reports import report

NOW = datetime(2024, 9, 1, 15, 30, tzinfo=UTC)  # already 2 September in Seoul
FIRST = StaffEntry(2, "행정지원팀", "팀장", "가나다", "first@office.example", "02-000-0001", date(2024, 1, 1), None)


@pytest.fixture
def take(session: Session) -> Callable[..., StaffStored]:
    store_report(session, report(), "text", "report.md", NOW, "admin")
    return lambda *rows: store_staff(session, rows, NOW, "admin")


def holders(session: Session, unit: str, title: str) -> list[tuple[str, date, date | None]]:
    found = session.exec(
        select(Person.name, Assignment.from_on, Assignment.until_on)
        .join(Assignment, col(Assignment.person_id) == col(Person.id))
        .join(Post, col(Post.id) == col(Assignment.post_id))
        .join(Unit, col(Unit.id) == col(Post.unit_id))
        .where(Unit.name == unit, Post.title == title)
        .order_by(col(Assignment.from_on))
    )
    return [(name, begins, ends) for name, begins, ends in found]


def test_a_row_puts_a_person_on_a_post(session: Session, take: Callable[..., StaffStored]) -> None:
    assert take(FIRST) == StaffStored(persons=1, assignments=1, ended=0, updated=0)
    assert holders(session, "행정지원팀", "팀장") == [("가나다", date(2024, 1, 1), None)]
    assert session.exec(select(Person)).one().email == "first@office.example"
    assert [entry.act for entry in session.exec(select(AuditEntry))] == ["import", "import.staff"]


@pytest.mark.parametrize(
    ("unit", "post"),
    [("행정지원과 행정지원팀", "팀장"), ("행정지원과/행정지원팀", "팀 장"), ("행정지원팀", "행정지원팀장")],
)
def test_units_and_posts_are_found_by_the_names_offices_use(
    session: Session, take: Callable[..., StaffStored], unit: str, post: str
) -> None:
    take(replace(FIRST, unit=unit, post=post))
    assert len(holders(session, "행정지원팀", "팀장")) == 1


def test_the_same_table_again_changes_nothing(session: Session, take: Callable[..., StaffStored]) -> None:
    take(FIRST)
    assert take(FIRST) == StaffStored(0, 0, 0, 0)
    assert len(session.exec(select(AuditEntry)).all()) == 2


def test_a_row_without_a_first_day_counts_from_today_in_seoul(
    session: Session, take: Callable[..., StaffStored]
) -> None:
    take(replace(FIRST, start=None))
    assert holders(session, "행정지원팀", "팀장") == [("가나다", date(2024, 9, 2), None)]


def test_the_previous_holder_ends_the_day_before(session: Session, take: Callable[..., StaffStored]) -> None:
    take(FIRST)
    take(replace(FIRST, name="라마바", email="second@office.example", start=date(2024, 10, 1)))
    assert holders(session, "행정지원팀", "팀장") == [
        ("가나다", date(2024, 1, 1), date(2024, 9, 30)),
        ("라마바", date(2024, 10, 1), None),
    ]


def test_who_moves_to_another_post_leaves_the_old_one(session: Session, take: Callable[..., StaffStored]) -> None:
    take(FIRST)
    take(replace(FIRST, unit="인사팀", start=date(2024, 10, 1)))
    assert holders(session, "행정지원팀", "팀장") == [("가나다", date(2024, 1, 1), date(2024, 9, 30))]
    assert len(session.exec(select(Person)).all()) == 1


def test_two_posts_of_one_person_stand_in_one_table(session: Session, take: Callable[..., StaffStored]) -> None:
    take(FIRST)
    take(FIRST, replace(FIRST, unit="인사팀", start=date(2024, 10, 1)))
    assert holders(session, "행정지원팀", "팀장") == [("가나다", date(2024, 1, 1), None)]


def test_several_holders_of_one_post_stand_in_one_table(session: Session, take: Callable[..., StaffStored]) -> None:
    take(FIRST, replace(FIRST, name="라마바", email="second@office.example"))
    assert len(holders(session, "행정지원팀", "팀장")) == 2


def test_a_new_address_clears_the_bounce(session: Session, take: Callable[..., StaffStored]) -> None:
    take(FIRST)
    session.exec(select(Person)).one().bounced_at = NOW
    assert take(replace(FIRST, email="new@office.example")).updated == 1
    person = session.exec(select(Person)).one()
    assert (person.email, person.bounced_at) == ("new@office.example", None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "없는팀"}, "2행: '없는팀'"),
        ({"post": "과장"}, "2행: 행정지원팀에 '과장' 직위가 없습니다"),
        ({"name": " "}, "2행: 성명"),
        ({"email": "no-address"}, "2행: 'no-address'"),
        ({"end": date(2023, 12, 31)}, "2행: 종료"),
    ],
)
def test_a_row_with_a_fault_is_named_and_nothing_is_stored(
    session: Session, take: Callable[..., StaffStored], change: dict[str, object], message: str
) -> None:
    with pytest.raises(DocumentError, match=message):
        take(replace(FIRST, line=1, unit="인사팀"), replace(FIRST, **change))  # type: ignore[arg-type]
    assert session.exec(select(Person)).all() == []


def test_a_holder_who_begins_before_the_known_one_is_asked_about(
    session: Session, take: Callable[..., StaffStored]
) -> None:
    take(FIRST)
    with pytest.raises(DocumentError, match=r"2행: .*2024-01-01부터 다른 사람"):
        take(replace(FIRST, name="라마바", email="second@office.example", start=date(2023, 7, 1)))
