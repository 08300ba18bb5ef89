"""The list for paper: whom mail could not move, or cannot reach, and what they are asked."""

from collections.abc import Collection
from datetime import date

import pytest
from sqlmodel import Session, select

from models import Milestone, Person, StatusKind
from schedules.answers import Answer, record_answers
from schedules.calendar import WorkingCalendar
from schedules.collection import open_round
from schedules.paper import PaperSlip, patience, read_paper_list
from schedules.rules import remove_rule, set_rule
from tests.schedules.office import SmallOffice, at, settings

CALENDAR = WorkingCalendar()


@pytest.fixture
def office(session: Session) -> SmallOffice:
    office = SmallOffice(session)
    office.milestone("2024-12-31", label="교육")
    office.milestone("2024-12-31", label="준공", project=office.make_project("청사 관리", office.other_team))
    open_round(
        session,
        title="2024년 9월 취합",
        as_of_on=date(2024, 9, 11),
        due_on=date(2024, 9, 25),
        now=at("2024-09-11 10:00"),
        settings=settings(),
        calendar=CALENDAR,
        by="admin",
    )
    return office


def slips(
    session: Session, moment: str, after_working_days: int = 5, unit_ids: Collection[int] | None = None
) -> list[PaperSlip]:
    return read_paper_list(session, at(moment), settings(), CALENDAR, after_working_days, unit_ids)


def test_who_does_not_answer_is_on_it_after_five_working_days(session: Session, office: SmallOffice) -> None:
    assert slips(session, "2024-09-20 09:00") == [], "추석 lies between: four working days so far"

    found = slips(session, "2024-09-23 09:00")

    assert [(one.department, one.unit, one.post, one.holder, one.waited) for one in found] == [
        ("행정지원과", "인사팀", "팀장", "홍길동", 5),
        ("행정지원과", "행정지원팀", "팀장", "성춘향", 5),
    ]
    assert [item.label for item in found[1].items] == ["준공"]
    assert (found[0].asked_on, found[0].due_on) == (date(2024, 9, 11), date(2024, 9, 25))
    assert found[0].why == "5근무일 동안 답이 없음"


def test_the_list_waits_as_long_as_the_offices_own_rule(session: Session, office: SmallOffice) -> None:
    assert patience(session) == 5
    set_rule(session, {"name": "status", "fallback_working_days": 12}, by="admin", now=office.activated_at)
    own: dict[str, object] = {"name": "팀", "ask": "status", "unit_id": office.team.id, "offsets": [0]}
    set_rule(session, own | {"fallback_working_days": 2}, by="admin", now=office.activated_at)
    assert patience(session) == 12, "that of one unit is not the office's"
    remove_rule(session, "status", by="admin", now=office.activated_at)
    assert patience(session) == 5


def test_a_units_list_is_not_crowded_out_by_the_others(
    session: Session, office: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schedules.paper.MOST", 1)
    for unit in (office.team, office.other_team):
        (slip,) = slips(session, "2024-09-23 09:00", unit_ids={unit.id or 0})
        assert slip.unit == unit.name


def test_an_answer_takes_a_post_off(session: Session, office: SmallOffice) -> None:
    first, second = slips(session, "2024-09-23 09:00")
    assert [item.label for item in first.items] == ["교육"]
    training = session.exec(select(Milestone.id).where(Milestone.label == "교육")).one()
    assert training is not None
    record_answers(
        session,
        post_id=office.head,
        by="홍길동 팀장",
        answers=[Answer(training, StatusKind.NO_CHANGE)],
        now=at("2024-09-23 10:00"),
        settings=settings(),
        calendar=CALENDAR,
    )
    assert slips(session, "2024-09-23 11:00") == [second]


def test_whom_no_mail_reaches_is_on_it_at_once_with_the_reason(session: Session, office: SmallOffice) -> None:
    for person in session.exec(select(Person)):
        person.email = None
        session.add(person)
    session.flush()

    found = slips(session, "2024-09-11 11:00")

    assert len(found) == 2
    assert "전자우편 주소가 없음" in found[0].why


def test_it_can_be_of_one_unit_and_of_other_patience(session: Session, office: SmallOffice) -> None:
    team = {office.team.id or 0}
    assert [one.unit for one in slips(session, "2024-09-23 09:00", unit_ids=team)] == ["인사팀"]
    assert slips(session, "2024-09-23 09:00", unit_ids=()) == []
    assert len(slips(session, "2024-09-12 09:00", after_working_days=1)) == 2
