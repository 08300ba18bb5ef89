"""A round asks every post once, chases who has not answered, is reviewed, and is never changed once it is locked."""

from datetime import date

import pytest
from sqlmodel import Session, select

from models import (
    AuditEntry,
    CollectionRound,
    Milestone,
    MilestoneStatus,
    NotificationKind,
    NotificationState,
    RequestState,
    RoundState,
    StatusKind,
    StatusReport,
    StatusRequest,
)
from schedules.answers import Answer, record_answers
from schedules.calendar import WorkingCalendar
from schedules.collection import (
    Opened,
    RoundError,
    accept_request,
    lock_round,
    nudge,
    open_round,
    outstanding_requests,
    reopen_round,
    return_request,
)
from tests.schedules.office import SmallOffice, at, messages, settings

CALENDAR = WorkingCalendar()
NOW = at("2024-09-23 10:00")


@pytest.fixture
def office(session: Session) -> SmallOffice:
    office = SmallOffice(session)
    office.milestone("2024-10-31", label="교육")
    office.milestone(None, None, label="예산 확보 후 추진")
    office.milestone("2024-06-30", label="끝난 일", status=MilestoneStatus.DONE)
    office.milestone("2024-11-30", label="준공", project=office.make_project("청사 관리", office.other_team))
    office.milestone("2024-12-31", project=office.make_project("아직", office.other_team, is_active=False))
    return office


def opened(session: Session, **more: object) -> Opened:
    values: dict[str, object] = {
        "title": "2024년 9월 정기 취합",
        "as_of_on": date(2024, 9, 30),
        "now": NOW,
        "settings": settings(),
        "calendar": CALENDAR,
        "by": "admin",
        **more,
    }
    return open_round(session, **values)  # type: ignore[arg-type]


def answer(session: Session, office: SmallOffice, milestone_id: int, moment: str = "2024-09-25 11:00") -> None:
    record_answers(
        session,
        post_id=office.head,
        by="홍길동 팀장",
        answers=[Answer(milestone_id, StatusKind.NO_CHANGE)],
        now=at(moment),
        settings=settings(),
        calendar=CALENDAR,
    )


def test_every_post_is_asked_once_about_all_its_open_items(session: Session, office: SmallOffice) -> None:
    assert opened(session) == Opened(round_id=1, requests=2, items=3, unasked=0)
    first, second = outstanding_requests(session, NOW, 1)
    assert (first.unit, first.post, first.items, first.left) == ("인사팀", "팀장", 2, 2)
    assert (second.unit, second.items) == ("행정지원팀", 1)
    assert first.due_at == at("2024-09-30 18:00"), "five working days"
    assert [(row.key, row.kind, row.round_id, row.next_attempt_at) for row in messages(session)] == [
        (f"post:{office.head}/email/round/1", NotificationKind.ROUND, 1, NOW),
        (f"post:{office.other_head}/email/round/1", NotificationKind.ROUND, 1, NOW),
    ]


def test_a_round_of_one_unit_asks_only_there(session: Session, office: SmallOffice) -> None:
    assert opened(session, unit_id=office.team.id).requests == 1
    assert opened(session, title="과 전체", unit_id=office.department.id).requests == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "줄\n바꿈"}, "title"),
        ({"due_on": date(2024, 9, 22)}, "due_on"),
        ({"unit_id": 999}, "unit_id"),
    ],
)
def test_a_round_that_makes_no_sense_is_refused(
    session: Session, office: SmallOffice, more: dict[str, object], field: str
) -> None:
    with pytest.raises(RoundError) as refused:
        opened(session, **more)
    assert refused.value.field == field
    assert session.exec(select(CollectionRound)).all() == []


def test_two_rounds_of_one_name_are_refused(session: Session, office: SmallOffice) -> None:
    opened(session)
    with pytest.raises(RoundError, match="이미 있습니다"):
        opened(session)


def test_a_round_with_nothing_to_ask_is_refused(session: Session) -> None:
    SmallOffice(session)
    with pytest.raises(RoundError, match="물어볼 일정이 없습니다"):
        opened(session)


def test_a_request_is_submitted_when_its_last_item_is_answered(session: Session, office: SmallOffice) -> None:
    opened(session)
    answer(session, office, 1)
    assert [(row.post_id, row.left) for row in outstanding_requests(session, NOW)] == [
        (office.head, 1),
        (office.other_head, 1),
    ]
    answer(session, office, 2)
    assert [row.post_id for row in outstanding_requests(session, NOW)] == [office.other_head]
    assert {report.round_id for report in session.exec(select(StatusReport)).all()} == {1}


def test_only_the_outstanding_are_nudged_and_once_a_day(session: Session, office: SmallOffice) -> None:
    opened(session)
    answer(session, office, 1)
    answer(session, office, 2)
    words: dict[str, object] = {"settings": settings(), "calendar": CALENDAR, "by": "admin", "round_id": 1}
    first = nudge(session, now=at("2024-09-27 10:00"), **words)  # type: ignore[arg-type]
    again = nudge(session, now=at("2024-09-27 10:01"), **words)  # type: ignore[arg-type]
    assert (first.posts, first.messages, again.messages) == (1, 1, 0)
    assert messages(session)[-1].key == f"post:{office.other_head}/email/nudge/1/2024-09-27"
    assert nudge(session, now=at("2024-09-30 10:00"), **words).messages == 1  # type: ignore[arg-type]


def test_a_nudge_at_night_waits_for_the_morning(session: Session, office: SmallOffice) -> None:
    opened(session)
    nudge(session, now=at("2024-09-30 20:00"), settings=settings(), calendar=CALENDAR, by="admin")
    assert messages(session)[-1].next_attempt_at == at("2024-10-02 09:00")


def test_late_is_after_the_due_time(session: Session, office: SmallOffice) -> None:
    opened(session)
    assert not any(row.is_late for row in outstanding_requests(session, at("2024-09-30 18:00")))
    assert all(row.is_late for row in outstanding_requests(session, at("2024-09-30 18:01")))


def test_a_locked_round_closes_the_outstanding_and_takes_no_later_answer(session: Session, office: SmallOffice) -> None:
    opened(session)
    answer(session, office, 1)
    assert lock_round(session, 1, by="admin", now=at("2024-10-04 18:00")) == 2
    assert {row.state for row in messages(session)} == {NotificationState.CANCELLED}, "what had not left stays here"
    answer(session, office, 2, "2024-10-07 10:00")
    assert [report.round_id for report in session.exec(select(StatusReport).order_by(StatusReport.id)).all()] == [
        1,
        None,
    ]
    with pytest.raises(RoundError, match="이미 마감된"):
        lock_round(session, 1, by="admin", now=at("2024-10-05 18:00"))
    with pytest.raises(RoundError, match="이미 마감된"):
        nudge(session, now=at("2024-10-05 18:00"), settings=settings(), calendar=CALENDAR, by="admin", round_id=1)


def test_reopening_is_an_act_with_a_reason(session: Session, office: SmallOffice) -> None:
    opened(session)
    lock_round(session, 1, by="admin", now=at("2024-10-04 18:00"))
    words: dict[str, object] = {"due_at": at("2024-10-11 18:00"), "by": "admin", "now": at("2024-10-07 09:00")}
    with pytest.raises(RoundError) as refused:
        reopen_round(session, 1, reason=" ", **words)  # type: ignore[arg-type]
    assert refused.value.field == "reason"
    assert reopen_round(session, 1, reason="수치 정정", **words) == 2  # type: ignore[arg-type]
    assert session.get_one(CollectionRound, 1).state is RoundState.OPEN
    acts = [
        (entry.act, entry.detail) for entry in session.exec(select(AuditEntry)).all() if entry.act == "round.reopen"
    ]
    assert acts == [("round.reopen", "수치 정정")]


def test_a_returned_request_is_asked_again_and_an_accepted_one_is_settled(
    session: Session, office: SmallOffice
) -> None:
    opened(session)
    answer(session, office, 1)
    answer(session, office, 2)
    request = session.exec(select(StatusRequest).where(StatusRequest.post_id == office.head)).one()
    assert request.id is not None
    return_request(
        session,
        request.id,
        comment="문제점과 개선방안을 적어 주세요.",
        due_at=at("2024-10-02 18:00"),
        by="admin",
        now=at("2024-09-26 10:00"),
        settings=settings(),
        calendar=CALENDAR,
    )
    assert request.state is RequestState.RETURNED
    assert messages(session)[-1].kind is NotificationKind.RETURNED
    with pytest.raises(RoundError, match="제출된 요청만"):
        accept_request(session, request.id, by="admin", now=at("2024-09-26 11:00"))
    answer(session, office, 1, "2024-09-27 10:00")
    session.refresh(request)
    assert request.state is RequestState.SUBMITTED
    accept_request(session, request.id, by="admin", now=at("2024-09-27 11:00"))
    assert request.state is RequestState.ACCEPTED


def test_an_item_closed_by_another_path_is_not_waited_for(session: Session, office: SmallOffice) -> None:
    from schedules.plan import replan

    opened(session)
    answer(session, office, 1)
    session.get_one(Milestone, 2).status = MilestoneStatus.CANCELLED
    session.get_one(Milestone, 4).status = MilestoneStatus.DONE
    session.flush()
    replan(session, at("2024-09-26 10:00"), settings(), CALENDAR, [2, 4])
    assert outstanding_requests(session, NOW) == []
    states = [row.state for row in session.exec(select(StatusRequest).order_by(StatusRequest.id)).all()]
    assert states == [RequestState.SUBMITTED, RequestState.CANCELLED]
