"""Due reminders become one queued message a post and slot: once, whatever happens around it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, text, update
from sqlmodel import Session, select

from models import (
    MilestoneKind,
    MilestoneStatus,
    Notification,
    NotificationKind,
    NotificationState,
    Post,
    Reminder,
    ReminderRule,
    ReminderState,
    RequestReason,
    RequestState,
    StatusRequest,
    StatusRequestItem,
)
from models.database import read, write
from notifications.outbox import Dispatched, dispatch_due
from notifications.slots import Addressee, join_messages
from schedules.calendar import OwnDay, SendDays, WorkingCalendar
from schedules.plan import replan
from schedules.rules import remove_rule
from tests.schedules.office import SmallOffice, at, messages, planned, reminders, run_until, settings, told

CALENDAR = WorkingCalendar()


def dispatch(session: Session, moment: str, calendar: WorkingCalendar = CALENDAR, limit: int = 500) -> Dispatched:
    return dispatch_due(session, at(moment), settings(), calendar, limit)


def plan(session: Session, office: SmallOffice, calendar: WorkingCalendar = CALENDAR) -> None:
    replan(session, office.activated_at, settings(), calendar)


def send(session: Session, message: Notification, state: NotificationState = NotificationState.SENT) -> None:
    message.state, message.next_attempt_at = state, None
    session.add(message)
    session.flush()


def test_a_rehearsal_claims_nothing_of_what_is_due(session: Session) -> None:
    """A clock makes ready with a claim of no rows; whatever is due then waits for the claim itself."""
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    plan(session, office)
    before = planned(session)
    assert dispatch(session, "2024-09-30 09:00", limit=0) == Dispatched()
    assert planned(session) == before
    assert messages(session) == []


def test_everything_a_post_hears_in_one_slot_is_one_message(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    office.milestone("2024-10-07", label="개소")
    office.milestone("2024-09-30", project=office.make_project("청사 관리", office.other_team))
    plan(session, office)
    run_until(session, "2024-09-30 08:59")
    before = len(messages(session))
    assert dispatch(session, "2024-09-30 09:00") == Dispatched(reminders=5, messages=2)
    own, other = messages(session)[before:]
    assert own.key == f"post:{office.head}/email/morning/2024-09-30T09:00"
    assert other.key == f"post:{office.other_head}/email/morning/2024-09-30T09:00"
    assert own.slot_at == own.next_attempt_at == at("2024-09-30 09:00")
    assert own.state is NotificationState.QUEUED
    assert told(session)[before] == "2024-09-30T09:00 | status 2024-09-30, today 2024-09-30, upcoming 2024-10-07"


def test_nothing_is_dispatched_twice(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    plan(session, office)
    run_until(session, "2024-09-30 09:00")
    before = told(session)
    assert dispatch(session, "2024-09-30 09:00") == Dispatched()
    assert dispatch(session, "2024-09-30 18:30") == Dispatched()
    assert told(session) == before


def test_a_whole_autumn_reads_as_a_calendar(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-09-18", label="추석 연휴에 끝나는 일")
    office.milestone("2024-10-01", label="임시공휴일에 끝나는 일")
    office.milestone("2024-11-04", "2024-11-08", kind=MilestoneKind.TRAINING, label="직무 교육")
    office.milestone("2024-11-01", "2024-11-30", precision="month", tentative=True, label="11월중 준공")
    plan(session, office)
    run_until(session, "2024-12-13 18:00")
    assert told(session) == [
        "2024-09-11T09:00 | upcoming 2024-09-18",
        "2024-09-13T09:00 | today 2024-09-18, upcoming 2024-09-18",
        "2024-09-19T09:00 | status 2024-09-18",
        "2024-09-24T09:00 | upcoming 2024-10-01",
        "2024-09-25T09:00 | overdue 2024-09-18",
        "2024-09-30T09:00 | today 2024-10-01, upcoming 2024-10-01",
        "2024-10-02T09:00 | overdue 2024-09-18, status 2024-10-01",
        "2024-10-04T09:00 | upcoming 2024-11-04",
        "2024-10-07T09:00 | escalation 2024-09-18",
        "2024-10-08T09:00 | overdue 2024-10-01, upcoming 2024-11-08",
        "2024-10-10T09:00 | overdue 2024-09-18",
        "2024-10-15T09:00 | overdue 2024-10-01",
        "2024-10-16T09:00 | overdue 2024-09-18",
        "2024-10-18T09:00 | escalation 2024-10-01",
        "2024-10-18T09:00 | confirm_date 2024-11-01",
        "2024-10-22T09:00 | overdue 2024-10-01",
        "2024-10-23T09:00 | overdue 2024-09-18",
        "2024-10-28T09:00 | upcoming 2024-11-04",
        "2024-10-29T09:00 | overdue 2024-10-01",
        "2024-10-30T09:00 | overdue 2024-09-18",
        "2024-11-01T09:00 | upcoming 2024-11-04, upcoming 2024-11-08",
        "2024-11-04T09:00 | today 2024-11-04",
        "2024-11-05T09:00 | overdue 2024-10-01",
        "2024-11-06T09:00 | overdue 2024-09-18",
        "2024-11-07T09:00 | upcoming 2024-11-08",
        "2024-11-08T09:00 | status 2024-11-08, today 2024-11-08",
        "2024-11-12T09:00 | overdue 2024-10-01",
        "2024-11-13T09:00 | overdue 2024-09-18",
        "2024-11-15T09:00 | overdue 2024-11-08",
        "2024-11-19T09:00 | overdue 2024-10-01",
        "2024-11-20T09:00 | overdue 2024-09-18",
        "2024-11-22T09:00 | escalation 2024-11-08",
        "2024-11-22T09:00 | overdue 2024-11-08, upcoming 2024-11-30",
        "2024-11-26T09:00 | overdue 2024-10-01",
        "2024-11-27T09:00 | overdue 2024-09-18",
        "2024-11-29T09:00 | overdue 2024-11-08, today 2024-11-30",
        "2024-12-02T09:00 | status 2024-11-30",
        "2024-12-03T09:00 | overdue 2024-10-01",
        "2024-12-04T09:00 | overdue 2024-09-18",
        "2024-12-06T09:00 | overdue 2024-11-08",
        "2024-12-09T09:00 | overdue 2024-11-30",
        "2024-12-10T09:00 | overdue 2024-10-01",
        "2024-12-11T09:00 | overdue 2024-09-18",
        "2024-12-13T09:00 | overdue 2024-11-08",
    ]


# ------------------------------------------------------------------------------------------------ looked at again


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("status = 'done'", "완료된 일정입니다"),
        ("status = 'cancelled'", "중단된 일정입니다"),
        ("start_on = '2024-12-30', end_on = '2024-12-30'", "일정이 옮겨졌습니다(2024-09-30 → 2024-12-30)"),
        ("end_on = NULL, start_on = NULL, precision = 'none'", "일정이 옮겨졌습니다(2024-09-30 → 미정)"),
        ("is_deadline = false", "기한으로 관리하는 일정이 아닙니다"),
    ],
)
def test_what_was_closed_or_moved_by_any_path_is_not_sent(session: Session, change: str, reason: str) -> None:
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    plan(session, office)
    session.execute(text(f"UPDATE milestone SET {change}"))
    assert dispatch(session, "2024-09-30 09:00") == Dispatched(cancelled=4)
    assert messages(session) == []
    assert {row.state_reason for row in reminders(session, ReminderState.CANCELLED)} == {reason}


def test_a_closed_project_and_a_switched_off_rule_send_nothing(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    plan(session, office)
    remove_rule(session, "today", by="admin", now=office.activated_at)
    dispatch(session, "2024-09-30 09:00")
    assert {row.ask for row in reminders(session, ReminderState.CANCELLED)} == {"today"}
    office.project.closed_at = at("2024-10-01 09:00")
    session.add(office.project)
    session.flush()
    assert dispatch(session, "2024-10-07 09:00") == Dispatched(cancelled=1)


def test_reassigned_a_minute_before_the_new_post_hears_and_the_old_one_does_not(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-10-31")
    plan(session, office)
    milestone.post_id = office.other_head
    session.add(milestone)
    session.flush()
    dispatch(session, "2024-09-30 09:00")
    assert [message.post_id for message in messages(session)] == [office.other_head]


def test_downtime_over_the_whole_of_chuseok_merges_what_matters_and_marks_what_was_missed(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-09-19", label="연휴 뒤 첫날")
    office.milestone("2024-09-20", label="연휴 뒤 둘째 날")
    plan(session, office)
    run_until(session, "2024-09-12 18:00")
    before = len(messages(session))
    assert dispatch(session, "2024-09-20 09:00") == Dispatched(reminders=5, missed=2, messages=1)
    assert told(session)[before:] == [
        (
            "2024-09-20T09:00 | status 2024-09-19, status 2024-09-20, today 2024-09-20, "
            "upcoming 2024-09-20, upcoming 2024-09-20"
        )
    ]
    assert {f"{row.ask} {row.anchor_on}" for row in reminders(session, ReminderState.MISSED)} == {
        "upcoming 2024-09-19",
        "today 2024-09-19",
    }


def test_a_request_for_the_day_is_missed_when_the_window_is_over(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-01", "2024-10-10", precision="part-of-month", tentative=True)
    plan(session, office)
    dispatch(session, "2024-10-11 09:00")
    assert {str(row.ask) for row in reminders(session, ReminderState.MISSED)} == {"confirm_date", "upcoming", "today"}
    assert told(session) == ["2024-10-10T09:00 | status 2024-10-10"]


# ------------------------------------------------------------------------------------------------ joining


def test_a_late_reminder_joins_the_message_that_is_still_queued(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    plan(session, office)
    dispatch(session, "2024-09-30 09:00")
    office.milestone("2024-10-30", label="개소")
    replan(session, at("2024-09-29 09:00"), settings(), CALENDAR)
    assert dispatch(session, "2024-09-30 09:01") == Dispatched(reminders=1)
    assert told(session) == ["2024-09-30T09:00 | upcoming 2024-10-30, upcoming 2024-10-31"]


@pytest.mark.parametrize("state", [state for state in NotificationState if state is not NotificationState.QUEUED])
def test_a_late_reminder_waits_for_the_next_slot_when_the_message_has_left(
    session: Session, state: NotificationState
) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    plan(session, office)
    dispatch(session, "2024-09-30 09:00")
    send(session, messages(session)[0], state)
    office.milestone("2024-10-30", label="개소")
    replan(session, at("2024-09-29 09:00"), settings(), CALENDAR)
    assert dispatch(session, "2024-09-30 09:01") == Dispatched(reminders=1, messages=1)
    _, waiting = messages(session)
    assert waiting.key == f"post:{office.head}/email/morning/2024-10-02T09:00", "1 October 2024 was a day off"
    assert waiting.next_attempt_at == at("2024-10-02 09:00")
    assert told(session)[1] == "2024-10-02T09:00 | upcoming 2024-10-30"


def test_what_is_due_in_that_next_slot_joins_it(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    plan(session, office)
    dispatch(session, "2024-09-30 09:00")
    send(session, messages(session)[0])
    office.milestone("2024-10-30", label="개소")
    office.milestone("2024-11-01", label="개관")
    replan(session, at("2024-09-29 09:00"), settings(), CALENDAR)
    dispatch(session, "2024-09-30 09:01")
    dispatch(session, "2024-10-02 09:00")
    assert told(session)[1:] == ["2024-10-02T09:00 | upcoming 2024-10-30, upcoming 2024-11-01"]


def test_a_thousand_items_of_one_post_are_one_message_however_small_the_lots(session: Session) -> None:
    office = SmallOffice(session)
    for number in range(1000):
        office.milestone("2024-10-31", label=f"{number}번째 준공")
    plan(session, office)
    assert dispatch(session, "2024-09-30 09:00", limit=7) == Dispatched(reminders=1000, messages=1)
    assert dispatch(session, "2024-09-30 09:00", limit=7) == Dispatched()


def test_a_message_waits_for_the_send_window(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    plan(session, office)
    dispatch(session, "2024-09-30 20:00")
    assert messages(session)[0].next_attempt_at == at("2024-10-02 09:00")
    assert messages(session)[0].key.endswith("/2024-09-30T09:00")


def test_a_day_off_added_while_pending_moves_the_morning(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    plan(session, office)
    closed = WorkingCalendar({date(2024, 10, 31): OwnDay(False, "구 재량휴무")})
    replan(session, at("2024-10-30 17:00"), settings(), closed)
    run_until(session, "2024-11-01 18:00", closed)
    assert told(session)[-1] == "2024-11-01T09:00 | status 2024-10-31"


# ------------------------------------------------------------------------------------------------ status requests


def requests(session: Session) -> list[StatusRequest]:
    return list(session.exec(select(StatusRequest).order_by(StatusRequest.id)).all())


def test_a_reached_deadline_makes_one_request_that_the_chasing_keeps(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-09-30")
    plan(session, office)
    run_until(session, "2024-10-20 18:00")
    [request] = requests(session)
    assert request.key == f"post:{office.head}/milestone:{milestone.id}/2024-09-30"
    assert request.reason is RequestReason.DEADLINE
    assert request.requested_at == at("2024-09-30 09:00")
    assert request.due_at == at("2024-10-10 18:00"), "five working days, past 1, 3 and 9 October"
    [item] = session.exec(select(StatusRequestItem)).all()
    assert (item.request_id, item.milestone_id) == (request.id, milestone.id)


def test_a_stale_plan_is_asked_about_at_the_first_slot_after_activation(session: Session) -> None:
    office = SmallOffice(session, activated="2024-09-02 10:00")
    office.milestone("2024-06-28")
    plan(session, office)
    assert planned(session) == [
        "status +0 end 2024-06-28 @ 2024-09-03 09:00",
        "overdue +7 end 2024-06-28 @ 2024-09-09 09:00",
    ]
    run_until(session, "2024-09-03 09:00")
    assert requests(session)[0].reason is RequestReason.STALE


def test_a_superior_only_hears_and_is_not_asked(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    session.execute(text("UPDATE reminder_rule SET levels = '[0, 1]' WHERE name = 'overdue'"))
    plan(session, office)
    run_until(session, "2024-10-07 09:00")
    assert {message.post_id for message in messages(session)} == {office.head, office.department_head}
    assert [request.post_id for request in requests(session)] == [office.head]


def test_asked_again_after_it_was_settled_the_request_is_open_again(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    plan(session, office)
    run_until(session, "2024-09-30 09:00")
    session.execute(text("UPDATE status_request SET state = 'cancelled', settled_at = requested_at"))
    run_until(session, "2024-10-07 09:00")
    [request] = requests(session)
    session.refresh(request)
    assert request.state is RequestState.REQUESTED
    assert request.settled_at is None
    assert request.due_at == at("2024-10-15 18:00")


# ------------------------------------------------------------------------------------------------ what goes wrong


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE reminder SET ask = 'nonsense' WHERE milestone_id = 2 AND anchor_on = '2024-10-31'",
        "UPDATE reminder SET \"end\" = 'middle' WHERE milestone_id = 2",
    ],
)
def test_one_bad_row_keeps_its_error_and_the_others_go_out(session: Session, damage: str) -> None:
    office = SmallOffice(session)
    for _ in range(5):
        office.milestone("2024-10-31")
    plan(session, office)
    session.execute(text(damage))
    assert dispatch(session, "2024-09-30 09:00") == Dispatched(reminders=4, failed=1, messages=1)
    bad = session.execute(text("SELECT state, error FROM reminder WHERE milestone_id = 2 ORDER BY id")).first()
    assert bad is not None
    assert bad.state == "planned"
    assert bad.error.startswith("ValueError:")
    assert dispatch(session, "2024-09-30 09:05") == Dispatched(), "tried again in the next slot, not at every tick"
    assert dispatch(session, "2024-10-02 09:00").failed == 1


def test_a_rule_that_cannot_be_read_stops_only_its_own_reminders(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    plan(session, office)
    session.execute(text("UPDATE reminder_rule SET time = '25:99' WHERE name = 'today'"))
    run_until(session, "2024-09-30 09:00")
    [bad] = [row for row in reminders(session) if row.error]
    assert bad.ask == "today"
    assert "25:99" in str(bad.error)
    replan(session, at("2024-09-30 10:00"), settings(), CALENDAR)
    assert bad.state is ReminderState.PLANNED, "a broken rule takes nothing back"
    session.execute(text("UPDATE reminder_rule SET time = '09:00' WHERE name = 'today'"))
    run_until(session, "2024-10-02 09:00")
    session.refresh(bad)
    assert bad.error is None


def test_two_dispatchers_at_once_tell_everything_once(engine: Engine) -> None:
    with write(engine) as session:
        office = SmallOffice(session)
        for number in range(40):
            team = office.unit(f"{number}팀", office.team.kind, office.department)
            office.post(team, "팀장", f"팀장{number}")
            project = office.make_project(f"{number}번째 사업", team)
            for day in (30, 31):
                office.milestone(f"2024-10-{day}", project=project)
        plan(session, office)
        due = session.exec(select(func.count()).where(Reminder.due_at <= at("2024-09-30 09:00"))).one()
    barrier = Barrier(4)

    def work(_: int) -> Dispatched:
        barrier.wait()
        total = Dispatched()
        for _round in range(60):
            with write(engine) as session:
                total += dispatch(session, "2024-09-30 09:00", limit=11)
        return total

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(4)))
    assert sum(result.reminders for result in results) == due == 80
    assert sum(result.messages for result in results) == 40
    assert sum(result.failed for result in results) == 0
    with read(engine) as session:
        keys = [row.key for row in session.exec(select(Notification)).all()]
        assert len(keys) == len(set(keys)) == 40
        assert all(row.notification_id for row in session.exec(select(Reminder).where(Reminder.state == "dispatched")))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Seoul"])
def test_the_zone_of_the_process_changes_nothing(session: Session, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    plan(session, office)
    run_until(session, "2024-11-01 00:00")
    monkeypatch.undo()
    time.tzset()
    assert told(session) == [
        "2024-09-30T09:00 | upcoming 2024-10-31",
        "2024-10-24T09:00 | upcoming 2024-10-31",
        "2024-10-30T09:00 | upcoming 2024-10-31",
        "2024-10-31T09:00 | status 2024-10-31, today 2024-10-31",
    ]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
@pytest.mark.postgres
def test_a_dispatcher_passes_over_what_an_answer_is_just_changing(engine: Engine) -> None:
    with write(engine) as session:
        office = SmallOffice(session)
        milestone = office.milestone("2024-10-31")
        office.milestone("2024-10-31", label="개소")
        plan(session, office)
    with write(engine) as answering:
        row = answering.get_one(type(milestone), milestone.id, with_for_update=True)
        row.status = MilestoneStatus.DONE
        answering.flush()
        with write(engine) as session:
            assert dispatch(session, "2024-09-30 09:00").reminders == 1
    with write(engine) as session:
        assert dispatch(session, "2024-09-30 09:00") == Dispatched(cancelled=1)


def test_the_next_repeat_is_planned_when_one_is_dispatched(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    plan(session, office)
    run_until(session, "2024-10-07 09:00")
    assert planned(session) == ["overdue r1 end 2024-09-30 @ 2024-10-14 09:00"]
    dispatch(session, "2024-11-06 09:00")
    assert planned(session) == ["overdue r5 end 2024-09-30 @ 2024-11-11 09:00"], "what passed meanwhile is skipped"


def test_a_check_of_an_undated_plan_comes_every_sixty_working_days(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone(None, None, label="예산 확보 후 추진")
    plan(session, office)
    sixtieth = CALENDAR.add_working_days(date(2024, 9, 2), 60 + office.head % 10)
    run_until(session, "2025-06-30 18:00")
    assert [row.requested_at.date() for row in requests(session)] == [sixtieth]
    asked = [row.anchor_on for row in reminders(session, ReminderState.DISPATCHED)]
    assert asked == [date(2024, 9, 2)] * 3
    assert sixtieth - date(2024, 9, 2) > timedelta(days=80)
    assert {row.reason for row in requests(session)} == {RequestReason.CHECK}
    assert session.exec(select(func.count()).select_from(ReminderRule)).one() == 8


def test_those_whose_message_has_left_join_their_next_slots_in_one_order(session: Session) -> None:
    """Of posts, not of keys as texts: two dispatchers, one a slot behind, would wait for each other."""
    office = SmallOffice(session)
    session.add_all(Post(id=number, unit_id=office.team.id or 0, title=f"담당 {number}") for number in (60, 500))
    session.flush()
    slots = {Addressee(number, NotificationKind.MORNING): at("2024-09-30 09:00") for number in (500, 60)}
    days = SendDays(CALENDAR, settings().send_window, settings().timezone)
    join_messages(session, slots, days, settings(), at("2024-09-30 09:00"))
    session.execute(update(Notification).values(state=NotificationState.SENT, next_attempt_at=None))
    places, made = join_messages(session, slots, days, settings(), at("2024-09-30 09:01"))
    assert made == 2
    assert places[Addressee(60, NotificationKind.MORNING)] < places[Addressee(500, NotificationKind.MORNING)]
