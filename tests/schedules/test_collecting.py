"""The clock opens a schedule's rounds on their days, chases only who is outstanding, and locks after the grace."""

from datetime import datetime

import pytest
from sqlmodel import Session, select

from models import AuditEntry, CollectionRound, NotificationKind, RoundState, StatusKind, StatusRequest
from schedules.answers import Answer, record_answers
from schedules.calendar import SendDays, WorkingCalendar
from schedules.collecting import Collected, collect_due, next_collection_at
from schedules.collection_schedule import list_schedules, remove_schedule, set_schedule
from schedules.round import RoundError
from tests.schedules.office import SEOUL, SmallOffice, at, messages, settings

CALENDAR = WorkingCalendar()
DAYS = SendDays(CALENDAR, settings().send_window, SEOUL)
MONTHLY = "FREQ=MONTHLY;BYMONTHDAY=-1"


@pytest.fixture
def office(session: Session) -> SmallOffice:
    office = SmallOffice(session)
    office.milestone("2024-12-31", label="교육")
    office.milestone("2024-12-31", label="준공", project=office.make_project("청사 관리", office.other_team))
    office.milestone("2024-12-31", label="심의", post_id=office.department_head)
    return office


def schedule(session: Session, moment: str = "2024-09-02 09:00", **more: object) -> None:
    values: dict[str, object] = {"name": "정기 취합", "recurrence": MONTHLY, **more}
    set_schedule(session, now=at(moment), settings=settings(), by="admin", **values)  # type: ignore[arg-type]


def collect(session: Session, moment: str | datetime) -> Collected:
    now = at(moment) if isinstance(moment, str) else moment
    return collect_due(session, now, settings(), CALENDAR)


def rounds(session: Session) -> list[tuple[str, str]]:
    return [(row.title, row.as_of_on.isoformat()) for row in session.exec(select(CollectionRound))]


def nudged(session: Session) -> list[str]:
    return [row.key for row in messages(session) if row.kind is NotificationKind.NUDGE]


def test_a_round_opens_once_on_its_day(session: Session, office: SmallOffice) -> None:
    schedule(session)
    assert next_collection_at(session, DAYS) == at("2024-09-30 09:00")
    assert collect(session, "2024-09-30 08:59") == Collected()
    assert collect(session, "2024-09-30 09:00") == Collected(opened=1)
    assert collect(session, "2024-09-30 09:00") == Collected(), "told once"
    assert rounds(session) == [("2024년 9월 정기 취합", "2024-09-30")]


def test_it_may_be_about_some_projects_and_ask_something_besides(session: Session, office: SmallOffice) -> None:
    asked = ["겨울철  안전대책", "", "겨울철 안전대책"]
    schedule(session, project_ids=[office.project.id, office.project.id], questions=asked)
    [standing] = list_schedules(session, at("2024-09-02 09:00").date())
    assert (standing.projects, standing.questions) == (("공무원 역량강화 교육",), ("겨울철 안전대책",))
    collect(session, "2024-09-30 09:00")
    [found] = session.exec(select(CollectionRound)).all()
    assert found.questions == ["겨울철 안전대책"]
    posts = session.exec(select(StatusRequest.post_id).where(StatusRequest.round_id == found.id)).all()
    assert sorted(posts) == sorted([office.head, office.department_head]), "not the team of the other project"


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"project_ids": [999]}, "project_ids", "999번 사업은 없습니다"),
        ({"project_ids": range(1, 300)}, "project_ids", "200개까지"),
        ({"questions": ["가" * 101]}, "questions", "100자 안에서 5개까지"),
        ({"questions": list("가나다라마바")}, "questions", "100자 안에서 5개까지"),
    ],
)
def test_a_subject_that_cannot_be_is_refused(
    session: Session, office: SmallOffice, more: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(RoundError, match=words) as refused:
        schedule(session, **more)
    assert refused.value.field == field
    assert list_schedules(session, at("2024-09-02 09:00").date()) == []


def test_on_a_holiday_it_opens_on_the_next_working_day_with_its_own_as_of_day(
    session: Session, office: SmallOffice
) -> None:
    schedule(session, recurrence="0 9 3 * *")
    assert next_collection_at(session, DAYS) == at("2024-09-03 09:00")
    collect(session, "2024-09-03 09:00")
    assert collect(session, "2024-10-03 09:00") == Collected(locked=1), "개천절"
    assert collect(session, "2024-10-04 09:00") == Collected(opened=1)
    assert rounds(session)[-1] == ("2024년 10월 정기 취합", "2024-10-03")


def test_after_downtime_it_opens_the_latest_alone_and_late(session: Session, office: SmallOffice) -> None:
    schedule(session)
    assert collect(session, "2024-12-12 11:00") == Collected(opened=1)
    assert rounds(session) == [("2024년 11월 정기 취합", "2024-11-30")]
    assert collect(session, "2024-12-12 11:00") == Collected()


def test_each_level_has_its_own_due_day(session: Session, office: SmallOffice) -> None:
    schedule(session, due_working_days=(3, 5, 8), grace_working_days=2)
    collect(session, "2024-09-30 09:00")
    due = {row.post_id: row.due_at for row in session.exec(select(StatusRequest))}
    assert due == {
        office.head: at("2024-10-07 18:00"),
        office.other_head: at("2024-10-07 18:00"),
        office.department_head: at("2024-10-10 18:00"),
    }
    found = session.exec(select(CollectionRound)).one()
    assert (found.due_at, found.locks_at) == (at("2024-10-15 18:00"), at("2024-10-17 18:00"))


def test_only_the_outstanding_hear_on_the_due_day_and_every_working_day_after(
    session: Session, office: SmallOffice
) -> None:
    schedule(session, due_working_days=(3, 5, 5), grace_working_days=1)
    collect(session, "2024-09-30 09:00")
    record_answers(
        session,
        post_id=office.head,
        by="홍길동 팀장",
        answers=[Answer(1, StatusKind.NO_CHANGE)],
        now=at("2024-10-02 11:00"),
        settings=settings(),
        calendar=CALENDAR,
    )
    while (moment := next_collection_at(session, DAYS)) is not None and moment < at("2024-10-31 09:00"):
        collect(session, moment)
    assert nudged(session) == [
        f"post:{office.other_head}/email/nudge/1/2024-10-07",
        f"post:{office.other_head}/email/nudge/1/2024-10-08",
        f"post:{office.department_head}/email/nudge/1/2024-10-10",
        f"post:{office.other_head}/email/nudge/1/2024-10-10",
        f"post:{office.department_head}/email/nudge/1/2024-10-11",
        f"post:{office.other_head}/email/nudge/1/2024-10-11",
    ]
    found = session.exec(select(CollectionRound)).one()
    assert (found.state, found.locked_at) == (RoundState.LOCKED, at("2024-10-11 18:00"))
    assert [entry.actor for entry in session.exec(select(AuditEntry)) if entry.act == "round.lock"] == ["clock"]


def test_a_day_with_nothing_to_ask_is_passed_over(session: Session) -> None:
    SmallOffice(session)
    schedule(session)
    assert collect(session, "2024-09-30 09:00") == Collected(passed=1)
    assert collect(session, "2024-09-30 09:00") == Collected()


def test_set_again_it_changes_and_removed_it_opens_no_more(session: Session, office: SmallOffice) -> None:
    schedule(session)
    schedule(session, recurrence="FREQ=MONTHLY;BYMONTHDAY=25", unit_id=office.team.id)
    (standing,) = list_schedules(session, at("2024-09-02 09:00").date())
    assert (standing.words, standing.unit) == ("매월 25일", "인사팀")
    assert [day.isoformat() for day in standing.next_days] == ["2024-09-25", "2024-10-25", "2024-11-25"]
    remove_schedule(session, "정기 취합", by="admin", now=at("2024-09-03 09:00"))
    assert next_collection_at(session, DAYS) is None
    with pytest.raises(RoundError, match="취합이 없습니다"):
        remove_schedule(session, "정기 취합", by="admin", now=at("2024-09-03 09:00"))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "줄\n바꿈"}, "name"),
        ({"due_working_days": (5, 3, 8)}, "due"),
        ({"due_working_days": (0, 3, 8)}, "due"),
        ({"due_working_days": (5,)}, "due"),
        ({"grace_working_days": -1}, "grace"),
        ({"unit_id": 999}, "unit_id"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(
    session: Session, office: SmallOffice, more: dict[str, object], field: str
) -> None:
    with pytest.raises(RoundError) as refused:
        schedule(session, **more)
    assert refused.value.field == field
    assert list_schedules(session, at("2024-09-02 09:00").date()) == []
