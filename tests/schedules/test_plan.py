"""What is planned for a milestone, and what a change of it makes of the plan."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from models import Milestone, MilestoneKind, MilestoneStatus, Reminder, ReminderState, UnitKind
from models.database import create_schema, make_engine, write
from schedules import responsibility
from schedules.calendar import OwnDay, WorkingCalendar
from schedules.plan import PlanChange, replan
from schedules.responsibility import Chart, ChartPost, ChartUnit
from schedules.rows import table_of
from schedules.rules import remove_rule, set_rule
from tests.schedules.office import SmallOffice, at, planned, reminders, run_until, settings

CALENDAR = WorkingCalendar()


def plan(
    session: Session, office: SmallOffice, moment: str | None = None, calendar: WorkingCalendar = CALENDAR
) -> PlanChange:
    return replan(session, at(moment) if moment else office.activated_at, settings(), calendar)


# ------------------------------------------------------------------------------------------------ by kind and precision


def test_a_firm_day_is_announced_before_and_asked_about_when_it_is_reached(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    assert plan(session, office) == PlanChange(planned=6)
    assert planned(session) == [
        "upcoming -30 end 2024-10-31 @ 2024-09-30 09:00",  # 1 October 2024 was a day off
        "upcoming -7 end 2024-10-31 @ 2024-10-24 09:00",
        "upcoming -1 end 2024-10-31 @ 2024-10-30 09:00",
        "today +0 end 2024-10-31 @ 2024-10-31 09:00",
        "status +0 end 2024-10-31 @ 2024-10-31 09:00",
        "overdue +7 end 2024-10-31 @ 2024-11-07 09:00",
    ]


def test_an_event_counts_from_its_start_and_its_result_from_its_end(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-11", "2024-10-13", kind=MilestoneKind.EVENT)
    plan(session, office)
    assert [line for line in planned(session) if "start" in line] == [
        "upcoming -30 start 2024-10-11 @ 2024-09-11 09:00",
        "upcoming -7 start 2024-10-11 @ 2024-10-04 09:00",
        "upcoming -1 start 2024-10-11 @ 2024-10-10 09:00",
        "today +0 start 2024-10-11 @ 2024-10-11 09:00",
    ]
    assert "status +0 end 2024-10-13 @ 2024-10-14 09:00" in planned(session)


def test_a_training_counts_from_both_ends_and_a_training_of_one_day_from_one(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-11-04", "2024-11-08", kind=MilestoneKind.TRAINING)
    plan(session, office)
    assert {line.split()[2] for line in planned(session) if line.startswith("today")} == {"start", "end"}
    office.milestone("2024-12-02", kind=MilestoneKind.TRAINING)
    plan(session, office)
    assert [line for line in planned(session) if line.startswith("today") and "12-02" in line] == [
        "today +0 start 2024-12-02 @ 2024-12-02 09:00"
    ]


def test_a_fuzzy_window_is_asked_for_its_day_before_it_opens_and_counts_from_its_end(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-11-01", "2024-11-30", kind=MilestoneKind.EVENT, precision="month", tentative=True)
    plan(session, office)
    assert planned(session) == [
        "confirm_date -10 start 2024-11-01 @ 2024-10-18 09:00",
        "upcoming -7 end 2024-11-30 @ 2024-11-22 09:00",
        "today +0 end 2024-11-30 @ 2024-11-29 09:00",
        "status +0 end 2024-11-30 @ 2024-12-02 09:00",
        "overdue +7 end 2024-11-30 @ 2024-12-09 09:00",
    ]


def test_a_window_that_is_already_open_is_asked_for_its_day_once_and_soon(session: Session) -> None:
    office = SmallOffice(session, activated="2024-09-13 11:00")
    office.milestone("2024-09-01", "2024-09-30", precision="month", tentative=True)
    plan(session, office)
    assert "confirm_date -10 start 2024-09-01 @ 2024-09-19 09:00" in planned(session)


def test_a_year_gets_a_check_and_no_question_for_the_day(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-01-01", "2024-12-31", precision="year", tentative=True)
    plan(session, office)
    asks = [line.split()[0] for line in planned(session)]
    assert asks == ["check", "upcoming", "today", "status", "overdue"]


def test_an_open_start_counts_from_its_end(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone(None, "2024-10-31", precision="open", open_start=True, kind=MilestoneKind.EVENT)
    plan(session, office)
    assert [line.split()[:3] for line in planned(session)] == [
        ["upcoming", "-7", "end"],
        ["today", "+0", "end"],
        ["status", "+0", "end"],
        ["overdue", "+7", "end"],
    ]


@pytest.mark.parametrize(
    "window",
    [
        {"start": None, "end": None},
        {"start": "2024-03-01", "end": None, "precision": "open", "open_end": True},
        {"start": "2024-03-01", "end": "2024-12-31", "recurrence": "FREQ=WEEKLY;BYDAY=TH", "is_deadline": False},
    ],
)
def test_what_has_no_deadline_gets_a_check_and_never_an_invented_one(
    session: Session, window: dict[str, object]
) -> None:
    office = SmallOffice(session)
    office.milestone(**window)  # type: ignore[arg-type]
    plan(session, office)
    put_off = CALENDAR.add_working_days(date(2024, 9, 2), 60 + office.head % 10)
    assert planned(session) == [f"check +60 none 2024-09-02 @ {put_off} 09:00"]


def test_a_mere_occasion_asks_nothing(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31", is_deadline=False)
    assert plan(session, office) == PlanChange()


@pytest.mark.parametrize(
    "values",
    [
        {"status": MilestoneStatus.DONE},
        {"status": MilestoneStatus.CANCELLED},
        {"duplicate_of_id": 1},
    ],
)
def test_closed_and_doubled_milestones_ask_nothing(session: Session, values: dict[str, object]) -> None:
    office = SmallOffice(session)
    office.milestone("2024-12-24", status=MilestoneStatus.DONE)
    office.milestone("2024-10-31", **values)  # type: ignore[arg-type]
    assert plan(session, office) == PlanChange()


def test_nothing_is_planned_before_activation(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31", project=office.make_project("아직", office.team, is_active=False))
    assert plan(session, office) == PlanChange()


@pytest.mark.parametrize(
    ("day", "today_at", "status_at"),
    [
        ("2024-09-17", "2024-09-13", "2024-09-19"),  # 추석
        ("2024-10-01", "2024-09-30", "2024-10-02"),  # temporary day off
        ("2025-01-29", "2025-01-24", "2025-01-31"),  # 설 with its temporary day
        ("2024-12-31", "2024-12-31", "2024-12-31"),  # year end
        ("2028-02-29", "2028-02-29", "2028-02-29"),  # leap day
    ],
)
def test_on_awkward_days_the_warning_comes_before_and_the_question_after(
    session: Session, day: str, today_at: str, status_at: str
) -> None:
    office = SmallOffice(session)
    office.milestone(day)
    plan(session, office)
    assert f"today +0 end {day} @ {today_at} 09:00" in planned(session)
    assert f"status +0 end {day} @ {status_at} 09:00" in planned(session)


def test_what_is_past_at_activation_is_not_made_up_for(session: Session) -> None:
    office = SmallOffice(session, activated="2024-10-30 09:30")
    office.milestone("2024-10-31")
    plan(session, office)
    assert [line.split(" end")[0] for line in planned(session)] == ["today +0", "status +0", "overdue +7"]


# ------------------------------------------------------------------------------------------------ changes


def test_planning_again_changes_nothing(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    office.milestone("2024-06-28")
    office.milestone(None, None)
    office.milestone("2024-09-01", "2024-09-30", precision="month", tentative=True)
    plan(session, office)
    before = planned(session)
    for moment in ("2024-09-02 08:00", "2024-09-02 08:30", "2024-09-02 23:00", "2024-09-03 08:59"):
        assert plan(session, office, moment) == PlanChange()
    assert planned(session) == before


def test_what_is_due_and_waits_is_left_alone_by_planning(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    office.milestone("2024-06-28")
    plan(session, office)
    assert plan(session, office, "2024-12-02 10:00") == PlanChange()


def test_a_moved_date_makes_new_reminders_and_takes_the_old_ones_back(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-10-31")
    plan(session, office)
    run_until(session, "2024-10-24 09:00")
    office.move(milestone, "2024-12-31")
    assert plan(session, office, "2024-10-25 10:00") == PlanChange(planned=6, cancelled=4)
    assert {line.split()[3] for line in planned(session)} == {"2024-12-31"}
    gone = {row.state_reason for row in reminders(session, ReminderState.CANCELLED)}
    assert gone == {"일정이 바뀌었습니다(2024-10-31 → 2024-12-31)"}


def test_moved_back_what_was_sent_is_not_repeated_and_what_lies_ahead_is_planned_again(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-10-31")
    plan(session, office)
    run_until(session, "2024-10-24 09:00")
    office.move(milestone, "2024-12-31")
    plan(session, office, "2024-10-25 10:00")
    office.move(milestone, "2024-10-31")
    assert plan(session, office, "2024-10-30 10:00").planned == 3
    assert planned(session) == [
        "today +0 end 2024-10-31 @ 2024-10-31 09:00",
        "status +0 end 2024-10-31 @ 2024-10-31 09:00",
        "overdue +7 end 2024-10-31 @ 2024-11-07 09:00",
    ]
    cancelled = [row for row in reminders(session, ReminderState.CANCELLED) if row.anchor_on == date(2024, 10, 31)]
    assert [row.due_at for row in cancelled] == [at("2024-10-30 09:00")], "its moment passed while it was cancelled"


def test_done_takes_everything_back_and_reopened_plans_what_lies_ahead(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-10-31")
    plan(session, office)
    milestone.status = MilestoneStatus.DONE
    session.flush()
    assert plan(session, office, "2024-10-28 10:00").cancelled == 6
    assert planned(session) == []
    milestone.status = MilestoneStatus.IN_PROGRESS
    session.flush()
    assert plan(session, office, "2024-10-29 10:00").planned == 4
    assert planned(session)[0] == "upcoming -1 end 2024-10-31 @ 2024-10-30 09:00"


def test_reopened_after_the_deadline_the_result_is_asked_for_again(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-10-31")
    plan(session, office)
    milestone.status = MilestoneStatus.DONE
    session.flush()
    plan(session, office, "2024-10-30 10:00")
    milestone.status = MilestoneStatus.IN_PROGRESS
    session.flush()
    plan(session, office, "2024-11-12 10:00")
    assert planned(session) == [
        "status +0 end 2024-10-31 @ 2024-11-13 09:00",
        "overdue r1 end 2024-10-31 @ 2024-11-14 09:00",
    ]


def test_a_day_off_added_while_pending_moves_what_is_planned(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    plan(session, office)
    closed = WorkingCalendar({date(2024, 10, 31): OwnDay(False, "재량휴무")})
    assert plan(session, office, calendar=closed) == PlanChange(moved=2)
    assert "today +0 end 2024-10-31 @ 2024-10-30 09:00" in planned(session)
    assert "status +0 end 2024-10-31 @ 2024-11-01 09:00" in planned(session)
    assert plan(session, office) == PlanChange(moved=2)


def test_a_new_post_takes_over_what_is_planned(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-10-31")
    plan(session, office)
    milestone.post_id = office.other_head
    session.flush()
    assert plan(session, office) == PlanChange(moved=6)
    assert {row.post_id for row in reminders(session)} == {office.other_head}


def test_a_rule_changed_or_removed_changes_what_is_planned(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    plan(session, office)
    set_rule(
        session,
        {"name": "upcoming-firm", "offsets": [-14, -7], "time": "10:30"},
        by="admin",
        now=at("2024-09-02 09:00"),
    )
    assert plan(session, office) == PlanChange(planned=1, moved=1, cancelled=2)
    assert planned(session)[:2] == [
        "upcoming -14 end 2024-10-31 @ 2024-10-17 10:30",
        "upcoming -7 end 2024-10-31 @ 2024-10-24 10:30",
    ]
    remove_rule(session, "upcoming-firm", by="admin", now=at("2024-09-02 09:00"))
    assert plan(session, office).cancelled == 2


def test_the_next_level_hears_too_when_a_rule_says_so(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    set_rule(session, {"name": "overdue", "levels": [0, 1, 2]}, by="admin", now=at("2024-09-02 09:00"))
    plan(session, office)
    overdue = [row for row in reminders(session) if row.ask == "overdue"]
    assert [(row.level, row.post_id) for row in overdue] == [
        (0, office.head),
        (1, office.department_head),
        (2, office.bureau_head),
    ]
    assert len({row.key for row in overdue}) == 3


def test_keys_hold_ids_and_iso_dates_only(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-10-31")
    plan(session, office)
    rule = reminders(session)[0].rule_id
    assert reminders(session)[0].key == f"rule:{rule}/milestone:{milestone.id}/end/2024-10-31/-30/level:0"
    run_until(session, "2024-11-07 09:00")
    last = next(row for row in reminders(session, ReminderState.PLANNED) if row.repeat_number)
    assert last.key == f"rule:{last.rule_id}/milestone:{milestone.id}/end/2024-10-31/r1/level:0"
    assert all(row.key.isascii() for row in reminders(session))


@pytest.mark.parametrize("damage", ["end_on = '9999-12-31'", "kind = 'nonsense'", "precision = 'sometime'"])
def test_one_milestone_that_makes_no_sense_stops_no_other(session: Session, damage: str) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    office.milestone("2024-10-31")
    session.execute(text(f"UPDATE milestone SET {damage} WHERE id = 1"))
    change = plan(session, office)
    assert change.planned >= 6
    assert len([row for row in reminders(session) if row.milestone_id == 2]) == 6
    assert set(change.failed) <= {"milestone:1"}


def test_a_milestone_without_any_post_is_not_planned(session: Session) -> None:
    office = SmallOffice(session)
    unit = office.unit("새로운팀", office.team.kind)
    project = office.make_project("갈 곳 없는 사업", unit)
    project.unit_id = unit.id or 0
    office.milestone("2024-10-31", project=project)
    assert plan(session, office) == PlanChange()


# ------------------------------------------------------------------------------------------------ for any change

WINDOWS = st.tuples(st.dates(date(2024, 9, 10), date(2025, 6, 30)), st.integers(0, 40)).map(
    lambda pair: (pair[0], pair[0] + timedelta(days=pair[1]))
)
KINDS = st.sampled_from([MilestoneKind.COMPLETION, MilestoneKind.EVENT, MilestoneKind.TRAINING])
PRECISIONS = st.sampled_from([("range", False), ("range", True), ("month", True), ("open", False)])
CLOSINGS = st.sampled_from(
    [
        "UPDATE milestone SET status = 'done'",
        "UPDATE milestone SET status = 'cancelled'",
        "UPDATE milestone SET duplicate_of_id = 2 WHERE id = 1",
        "UPDATE project SET closed_at = activated_at",
    ]
)


def fresh_session() -> Session:
    engine = make_engine("sqlite://")
    create_schema(engine)
    return Session(engine, expire_on_commit=False)


def ahead(session: Session, milestone_id: int | None, now: str) -> list[tuple[object, ...]]:
    return sorted(
        (row.rule_id, row.end, row.anchor_on, row.offset, row.repeat_number, row.level, row.due_at, row.post_id)
        for row in reminders(session, ReminderState.PLANNED)
        if row.milestone_id == milestone_id and row.due_at > at(now) and row.ask != "escalation"
    )


@given(WINDOWS, WINDOWS, KINDS, PRECISIONS, st.integers(0, 90))
@examples(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_after_a_change_of_date_the_future_is_that_of_a_fresh_item(
    first: tuple[date, date], second: tuple[date, date], kind: MilestoneKind, how: tuple[str, bool], passed: int
) -> None:
    with fresh_session() as session:
        office = SmallOffice(session)
        values = {"kind": kind, "precision": how[0], "tentative": how[1]}
        moved = office.milestone(str(first[0]), str(first[1]), **values)  # type: ignore[arg-type]
        plan(session, office)
        day = date(2024, 9, 2) + timedelta(days=passed)
        now = f"{max(day, date(2024, 9, 2))} 13:00"
        run_until(session, now)
        office.move(moved, str(second[0]), str(second[1]))
        values["project"] = office.make_project("새 사업", office.team)  # of one project only one item is asked
        fresh = office.milestone(str(second[0]), str(second[1]), **values)  # type: ignore[arg-type]
        plan(session, office, now)
        told = {
            (row.rule_id, row.end, row.anchor_on, row.offset, row.repeat_number)
            for row in reminders(session, ReminderState.DISPATCHED, ReminderState.MISSED)
            if row.milestone_id == moved.id
        }
        expected = [row for row in ahead(session, fresh.id, now) if row[:5] not in told]
        assert ahead(session, moved.id, now) == expected


@given(WINDOWS, KINDS, PRECISIONS, CLOSINGS, st.integers(0, 120), st.booleans())
@examples(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_closes_an_item_nothing_is_sent_for_it_any_more(
    window: tuple[date, date], kind: MilestoneKind, how: tuple[str, bool], closing: str, passed: int, plans_again: bool
) -> None:
    with fresh_session() as session:
        office = SmallOffice(session)
        values = {"kind": kind, "precision": how[0], "tentative": how[1]}
        office.milestone(str(window[0]), str(window[1]), **values)  # type: ignore[arg-type]
        office.milestone("2030-01-01", is_deadline=False)
        plan(session, office)
        now = f"{date(2024, 9, 2) + timedelta(days=passed)} 13:00"
        run_until(session, now)
        before = {row.id for row in reminders(session, ReminderState.DISPATCHED)}
        session.execute(text(closing))
        session.expire_all()
        if plans_again:
            plan(session, office, now)
            assert not [row for row in reminders(session, ReminderState.PLANNED) if row.milestone_id == 1]
        run_until(session, "2025-12-31 18:00")
        assert {row.id for row in reminders(session, ReminderState.DISPATCHED)} == before


def test_thousands_of_milestones_are_planned_in_a_few_statements(session: Session) -> None:
    office = SmallOffice(session)
    like = office.milestone("2024-10-31").model_dump(exclude={"id", "start_on", "end_on"})
    days = [date(2024, 10, 1) + timedelta(days=number % 90) for number in range(3000)]
    session.execute(table_of(Milestone).insert(), [{**like, "start_on": day, "end_on": day} for day in days])
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda _c, _x, sql, *_: statements.append(sql))
    assert plan(session, office).planned == len(session.exec(select(Reminder.id)).all()) > 15000
    assert len(statements) < 60


def test_planning_one_milestone_reads_the_organisation_around_it_alone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every answer plans again, and must not read a whole country's posts and units each time."""
    office = SmallOffice(session)
    milestone = office.milestone("2024-10-31")
    for number in range(50):
        office.post(office.unit(f"다른과 {number}", UnitKind.DEPARTMENT), "과장")
    sizes: list[int] = []
    make_chart = responsibility.make_chart

    def count(units: Mapping[int, ChartUnit], posts: Mapping[int, ChartPost]) -> Chart:
        sizes.append(len(units) + len(posts))
        return make_chart(units, posts)

    monkeypatch.setattr(responsibility, "make_chart", count)
    assert milestone.id is not None
    assert replan(session, office.activated_at, settings(), CALENDAR, [milestone.id]).planned == 6
    assert 0 < max(sizes) < 15, "its team, its department and their posts"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_nobody_changes_a_milestone_while_it_is_planned(engine: Engine) -> None:
    """Else what is planned here could be of a day that another has just moved."""
    with write(engine) as session:
        office = SmallOffice(session)
        office.milestone("2024-10-31")
        plan(session, office)
    with write(engine) as session, engine.connect() as other:
        assert plan(session, office) == PlanChange()
        with pytest.raises(OperationalError, match="could not obtain lock"):
            other.execute(text("SELECT id FROM milestone FOR UPDATE NOWAIT"))
