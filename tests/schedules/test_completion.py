"""The completion table of a round: who was asked, opened, submitted, was late, still owes, and how long it took."""

from datetime import date

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from models import Notification, StatusKind, StatusRequest, StatusRequestItem
from schedules.answers import Answer, record_answers
from schedules.calendar import WorkingCalendar
from schedules.collection import lock_round, open_round
from schedules.completion import Board, Completion, read_completion
from tests.schedules.office import SmallOffice, at, settings

CALENDAR = WorkingCalendar()
OPENED_AT = "2024-09-13 10:00"  # the Friday before 추석: 16 to 18 September are no working days


@pytest.fixture
def office(session: Session) -> SmallOffice:
    office = SmallOffice(session)
    office.milestone("2024-12-31", label="교육")
    office.milestone("2024-12-31", label="준공", project=office.make_project("청사 관리", office.other_team))
    office.milestone("2024-12-31", label="심의", post_id=office.department_head)
    return office


@pytest.fixture
def round_id(session: Session, office: SmallOffice) -> int:
    return open_round(
        session,
        title="2024년 9월 취합",
        as_of_on=date(2024, 9, 13),
        due_on=date(2024, 9, 20),
        now=at(OPENED_AT),
        settings=settings(),
        calendar=CALENDAR,
        by="admin",
    ).round_id


def board(session: Session, round_id: int, moment: str) -> Board:
    return read_completion(session, round_id, at(moment), settings(), CALENDAR)


def answer(session: Session, post_id: int, moment: str) -> None:
    asked = session.exec(
        select(StatusRequestItem.milestone_id)
        .join(StatusRequest, col(StatusRequest.id) == col(StatusRequestItem.request_id))
        .where(StatusRequest.post_id == post_id)
    ).all()
    record_answers(
        session,
        post_id=post_id,
        by="팀장",
        answers=[Answer(milestone_id, StatusKind.NO_CHANGE) for milestone_id in asked],
        now=at(moment),
        settings=settings(),
        calendar=CALENDAR,
    )


def test_departments_come_before_their_teams_and_hold_them(
    session: Session, office: SmallOffice, round_id: int
) -> None:
    found = board(session, round_id, "2024-09-13 11:00")

    assert [(row.unit, row.department, row.asked, row.outstanding) for row in found.rows] == [
        ("행정지원과", "행정지원과", 3, 3),
        ("인사팀", "행정지원과", 1, 1),
        ("행정지원팀", "행정지원과", 1, 1),
    ]
    assert found.total == Completion("합계", "합계", 3, 0, 0, 0, 3, None)


def test_days_to_answer_are_working_days_and_their_median(session: Session, office: SmallOffice, round_id: int) -> None:
    answer(session, office.head, "2024-09-13 17:00")
    answer(session, office.other_head, "2024-09-19 09:00")  # the first working day after 추석

    found = board(session, round_id, "2024-09-20 09:00")

    assert [(row.unit, row.submitted, row.days) for row in found.rows] == [
        ("행정지원과", 2, 0.5),
        ("인사팀", 1, 0),
        ("행정지원팀", 1, 1),
    ]


def test_whoever_answers_or_is_late_after_the_due_time_is_late(
    session: Session, office: SmallOffice, round_id: int
) -> None:
    answer(session, office.head, "2024-09-20 17:59")
    answer(session, office.other_head, "2024-09-20 18:01")

    before, after = board(session, round_id, "2024-09-20 17:59"), board(session, round_id, "2024-09-23 09:00")

    assert {row.unit: row.late for row in after.rows} == {"행정지원과": 2, "인사팀": 0, "행정지원팀": 1}
    assert before.total.late == 1, "the answer after the due time; what is outstanding is not late yet"


def test_opened_is_an_act_on_a_link_of_this_round_or_an_answer(
    session: Session, office: SmallOffice, round_id: int
) -> None:
    session.execute(
        update(Notification)
        .where(col(Notification.post_id) == office.department_head, col(Notification.round_id) == round_id)
        .values(opened_at=at("2024-09-13 12:00"))
    )
    answer(session, office.head, "2024-09-13 17:00")

    assert {row.unit: row.opened for row in board(session, round_id, "2024-09-13 18:00").rows} == {
        "행정지원과": 2,
        "인사팀": 1,
        "행정지원팀": 0,
    }


def test_after_the_lock_what_was_closed_unanswered_stays_outstanding(
    session: Session, office: SmallOffice, round_id: int
) -> None:
    answer(session, office.head, "2024-09-13 17:00")
    lock_round(session, round_id, by="admin", now=at("2024-09-23 18:00"))

    found = board(session, round_id, "2025-09-01 09:00").total

    assert (found.asked, found.submitted, found.outstanding) == (3, 1, 2)
