"""An absence sends the mail to a deputy who is there; chains, cycles and oneself are refused."""

from datetime import date

import pytest
from sqlmodel import Session, select

from models import AuditEntry, Person
from schedules.absences import AbsenceError, Away, list_absences, remove_absence, set_absence
from schedules.people import reach
from tests.schedules.office import SmallOffice, at

NOW = at("2024-10-01 09:00")
HONG, SEONG, HEAD = "홍길동@office.example", "성춘향@office.example", "과장이@office.example"


@pytest.fixture
def office(session: Session) -> SmallOffice:
    return SmallOffice(session)


def put(session: Session, email: str, deputy: str, first: str = "2024-10-07", last: str = "2024-10-11") -> Away:
    return set_absence(
        session,
        email=email,
        deputy=deputy,
        from_on=date.fromisoformat(first),
        until_on=date.fromisoformat(last),
        reason="연가",
        by="admin",
        now=NOW,
    )


def receiver(session: Session, office: SmallOffice, on: str) -> list[tuple[str, str | None]]:
    return [(one.name, one.deputy_for) for one in reach(session, office.head, date.fromisoformat(on)).recipients]


def test_the_deputy_hears_while_the_holder_is_away(session: Session, office: SmallOffice) -> None:
    made = put(session, HONG, SEONG)
    assert (made.person, made.deputy) == ("홍길동", "성춘향")
    assert receiver(session, office, "2024-10-07") == [("성춘향", "홍길동")]
    assert receiver(session, office, "2024-10-12") == [("홍길동", None)]
    assert list_absences(session, date(2024, 10, 11)) == [made]
    assert list_absences(session, date(2024, 10, 12)) == []


def test_taken_out_the_holder_hears_again(session: Session, office: SmallOffice) -> None:
    remove_absence(session, put(session, HONG, SEONG).id, by="admin", now=NOW)
    assert receiver(session, office, "2024-10-07") == [("홍길동", None)]
    assert [entry.act for entry in session.exec(select(AuditEntry))] == ["absence.set", "absence.remove"]
    with pytest.raises(AbsenceError, match="부재는 없습니다"):
        remove_absence(session, 99, by="admin", now=NOW)


def test_one_after_the_other_is_no_overlap(session: Session, office: SmallOffice) -> None:
    put(session, HONG, SEONG)
    put(session, HONG, HEAD, "2024-10-12", "2024-10-13")
    put(session, SEONG, HONG, "2024-10-14", "2024-10-15")
    assert len(list_absences(session, date(2024, 10, 1))) == 3


@pytest.mark.parametrize(
    ("email", "deputy", "first", "last", "words"),
    [
        (HONG, HONG, "2024-10-10", "2024-10-10", "본인을"),
        (HONG, SEONG, "2024-10-11", "2024-10-10", "빠릅니다"),
        ("nobody@office.example", SEONG, "2024-10-10", "2024-10-10", "사람이 없습니다"),
        (HONG, "nobody@office.example", "2024-10-10", "2024-10-10", "사람이 없습니다"),
        (HONG, HEAD, "2024-10-11", "2024-10-20", "겹치는 부재"),
        (HEAD, HONG, "2024-10-10", "2024-10-10", "부재 중이어서"),
        (SEONG, HEAD, "2024-10-01", "2024-10-07", "업무대행입니다"),
        (HONG, SEONG, "2023-10-10", "2023-10-10", "맡은 직위가 없어"),
    ],
)
def test_what_would_reach_nobody_is_refused(
    session: Session, office: SmallOffice, email: str, deputy: str, first: str, last: str, words: str
) -> None:
    put(session, HONG, SEONG)
    with pytest.raises(AbsenceError, match=words):
        put(session, email, deputy, first, last)
    assert len(list_absences(session, date(2023, 1, 1))) == 1


def test_somebody_who_leaves_or_gets_no_mail_is_no_deputy(session: Session, office: SmallOffice) -> None:
    seong = session.exec(select(Person).where(Person.email == SEONG)).one()
    seong.left_on = date(2024, 10, 10)
    session.flush()
    with pytest.raises(AbsenceError, match="떠나는 사람"):
        put(session, HONG, SEONG)
    seong.left_on, seong.bounced_at = None, NOW
    session.flush()
    with pytest.raises(AbsenceError, match="보낼 수 없습니다"):
        put(session, HONG, SEONG)
