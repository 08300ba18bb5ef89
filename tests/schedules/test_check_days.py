"""확인일: an undated plan is asked about on the day that a person set, once, and never has a deadline."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models import AuditEntry, Milestone, MilestoneStatus, Person, StatusKind
from models.database import read, write
from notifications.channels.noted import NotedChannel
from schedules.answers import Answer, record_answers
from schedules.calendar import WorkingCalendar
from schedules.check_days import CheckDayError, set_check_day
from schedules.plan import replan
from schedules.responsibility import load_chart
from schedules.summary import late_items
from tests.schedules.office import SmallOffice, at, planned, run_until, settings, told
from worker.play import play
from worker.rehearsal import preview

CALENDAR = WorkingCalendar()
BEGINNING = at("2024-09-02 08:00")


@pytest.fixture
def office(session: Session) -> SmallOffice:
    return SmallOffice(session)


def put(office: SmallOffice, plan: Milestone, day: str, now: datetime = BEGINNING) -> None:
    on = date.fromisoformat(day)
    set_check_day(
        office.session, plan.id or 0, on, "분기 말", by="admin", now=now, settings=settings(), calendar=CALENDAR
    )


def answer(office: SmallOffice, plan: Milestone, kind: StatusKind, moment: str) -> None:
    record_answers(
        office.session,
        post_id=office.head,
        by="홍길동 팀장",
        answers=[Answer(plan.id or 0, kind)],
        now=at(moment),
        settings=settings(),
        calendar=CALENDAR,
    )


def test_without_a_day_of_its_own_the_office_s_rule_says_when(office: SmallOffice) -> None:
    office.milestone(label="심야축열 설비를 함께 운영")
    replan(office.session, BEGINNING, settings(), CALENDAR)
    assert planned(office.session) == ["check +60 none 2024-09-02 @ 2024-12-06 09:00"]


def test_it_is_asked_about_on_its_day_and_then_by_the_rule_again(office: SmallOffice) -> None:
    plan = office.milestone(label="심야축열 설비를 함께 운영")
    put(office, plan, "2024-10-31")
    assert planned(office.session) == ["check +0 none 2024-10-31 @ 2024-10-31 09:00"]
    run_until(office.session, "2025-03-31 00:00")
    assert told(office.session) == [
        "2024-10-31T09:00 | check 2024-10-31",
        "2025-01-31T09:00 | check 2024-10-31",
    ], "sixty working days later, since nobody answered"


def test_on_a_day_off_it_is_asked_about_on_the_next_working_day(office: SmallOffice) -> None:
    plan = office.milestone()
    put(office, plan, "2024-10-03")
    assert planned(office.session) == ["check +0 none 2024-10-03 @ 2024-10-04 09:00"]


def test_an_answer_before_the_day_leaves_it_and_one_on_the_day_ends_it(office: SmallOffice) -> None:
    plan = office.milestone()
    put(office, plan, "2024-10-31")
    answer(office, plan, StatusKind.ON_TRACK, "2024-10-10 10:00")
    assert planned(office.session) == ["check +0 none 2024-10-31 @ 2024-10-31 09:00"]
    answer(office, plan, StatusKind.ON_TRACK, "2024-10-31 08:30")
    assert planned(office.session) == ["check +60 none 2024-10-31 @ 2025-02-05 09:00"]
    run_until(office.session, "2025-02-10 00:00")
    assert told(office.session) == ["2025-02-05T09:00 | check 2024-10-31"], "not lost, and not that very morning"
    answer(office, plan, StatusKind.DONE, "2025-02-10 10:00")
    assert planned(office.session) == []


def test_moved_the_old_day_asks_nothing_and_moved_back_it_asks_once(office: SmallOffice) -> None:
    plan = office.milestone()
    for day in ("2024-10-31", "2024-11-29", "2024-10-31"):
        put(office, plan, day)
    assert planned(office.session) == ["check +0 none 2024-10-31 @ 2024-10-31 09:00"]
    run_until(office.session, "2024-10-31 10:00")
    put(office, plan, "2024-11-29", at("2024-10-31 10:00"))
    run_until(office.session, "2024-12-31 00:00")
    assert told(office.session) == ["2024-10-31T09:00 | check 2024-10-31", "2024-11-29T09:00 | check 2024-11-29"]


def test_it_is_no_deadline_and_nothing_is_late_after_it(office: SmallOffice) -> None:
    plan = office.milestone()
    put(office, plan, "2024-10-31")
    run_until(office.session, "2024-10-31 10:00")
    office.session.refresh(plan)
    assert (plan.start_on, plan.end_on, plan.is_deadline, plan.raw) == (None, None, False, "None ~ ")
    answer(office, plan, StatusKind.ON_TRACK, "2024-11-01 10:00")
    assert late_items(office.session, at("2024-12-01 10:00"), settings(), load_chart(office.session)) == []


@pytest.mark.parametrize(
    ("day", "reason", "field"),
    [
        ("2024-09-02", "분기 말", "day"),
        ("2024-08-01", "분기 말", "day"),
        ("2027-01-01", "분기 말", "day"),
        ("2024-10-31", " ", "reason"),
        ("2024-10-31", "가" * 201, "reason"),
    ],
)
def test_an_impossible_day_and_a_day_without_a_reason_are_refused(
    office: SmallOffice, day: str, reason: str, field: str
) -> None:
    plan = office.milestone()
    with pytest.raises(CheckDayError) as refused:
        set_check_day(
            office.session,
            plan.id or 0,
            date.fromisoformat(day),
            reason,
            by="admin",
            now=BEGINNING,
            settings=settings(),
            calendar=CALENDAR,
        )
    assert refused.value.field == field
    assert plan.check_on is None


def test_only_what_is_open_and_has_no_last_day_gets_one(office: SmallOffice) -> None:
    for milestone in (office.milestone("2024-10-10"), office.milestone(status=MilestoneStatus.DONE)):
        with pytest.raises(CheckDayError):
            put(office, milestone, "2024-10-31")


def test_each_day_is_on_record_with_its_reason(office: SmallOffice) -> None:
    plan = office.milestone()
    put(office, plan, "2024-10-31")
    put(office, plan, "2024-11-29")
    entries = office.session.exec(select(AuditEntry).where(AuditEntry.act == "milestone.check_day")).all()
    assert [entry.detail for entry in entries] == [
        "규칙에 따름 → 2024-10-31: 분기 말",
        "2024-10-31 → 2024-11-29: 분기 말",
    ]


def test_the_preview_shows_it_in_the_day_s_one_mail(engine: Engine, tmp_path: Path) -> None:
    theirs = settings(tmp_path)
    with write(engine) as session:
        office = SmallOffice(session)
        for person in session.exec(select(Person)):
            person.email = f"p{person.id}@office.example"
        plan = office.milestone(label="심야축열 설비를 함께 운영")
        office.milestone("2024-10-31", label="안전교육")
        put(office, plan, "2024-10-31")
        replan(session, BEGINNING, theirs, CALENDAR)
    day = date(2024, 10, 31)
    shown = preview(engine, theirs, day, day, BEGINNING)[0]
    channel = NotedChannel()
    for _ in play(engine, theirs, BEGINNING, at("2024-10-31 23:00"), channel):
        pass
    mails = [mail for mail in channel.mails if "2024-10-31T" in mail.key]
    assert [mail["key"] for mail in shown] == [mail.key for mail in mails]
    (mail,) = mails
    assert "심야축열 설비를 함께 운영" in mail.text
    assert "안전교육" in mail.text
    with read(engine) as session:
        assert session.get_one(Milestone, plan.id).end_on is None
