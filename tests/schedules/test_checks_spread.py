"""The checks of an office are spread over ten working days by post, and nobody is asked twice for it."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import update
from sqlmodel import Session, col

from models import Milestone, OfficeDayKind, Reminder, ReminderState
from schedules.office_days import load_calendar, set_day
from schedules.plan import replan
from schedules.rules import set_rule
from tests.schedules.office import CALENDAR, SEOUL, SmallOffice, at, planned, reminders, run_until, settings

ACTIVATED = date(2024, 9, 2)
NOW = at("2024-09-02 09:00")


def checked_on(rows: Iterable[Reminder]) -> list[date]:
    return [row.due_at.astimezone(SEOUL).date() for row in rows]


def plan(session: Session, moment: str = "2024-09-02 09:00") -> None:
    replan(session, at(moment), settings(), load_calendar(session))


def day(working_days: int) -> date:
    return CALENDAR.add_working_days(ACTIVATED, working_days)


def undated(office: SmallOffice, post_id: int) -> Milestone:
    return office.milestone(None, None, post_id=post_id, label="예산 확보 후 추진")


def test_posts_are_checked_on_ten_working_days_and_all_of_one_post_on_one(session: Session) -> None:
    office = SmallOffice(session)
    posts = [office.post(office.team, f"담당 {number}", f"담당이 {number}") for number in range(20)]
    for post_id in posts * 2:
        undated(office, post_id)
    plan(session)
    rows = reminders(session, ReminderState.PLANNED)
    assert sorted(set(checked_on(rows))) == [day(60 + later) for later in range(10)]
    assert {row.anchor_on for row in rows} == {ACTIVATED}
    for post_id in posts:
        assert set(checked_on(row for row in rows if row.post_id == post_id)) == {day(60 + post_id % 10)}
    run_until(session, f"{day(75)} 18:00")
    told = reminders(session, ReminderState.DISPATCHED)
    assert len(told) == 40
    assert len({row.notification_id for row in told}) == 20, "one mail a post"
    repeats = reminders(session, ReminderState.PLANNED)
    assert sorted(set(checked_on(repeats))) == [day(120 + later) for later in range(10)]


def test_what_stood_before_checks_were_spread_keeps_its_key_and_is_told_once(session: Session) -> None:
    office = SmallOffice(session)
    told, waiting = undated(office, office.head), undated(office, office.other_head)
    plan(session)
    keys = {row.milestone_id: row.key for row in reminders(session)}
    session.execute(update(Reminder).values(due_at=at(f"{day(60)} 09:00")))
    session.execute(
        update(Reminder)
        .where(col(Reminder.milestone_id) == told.id)
        .values(state=ReminderState.DISPATCHED, state_since=at(f"{day(60)} 09:00"))
    )
    plan(session, f"{day(60)} 09:05")
    assert {row.milestone_id: row.key for row in reminders(session) if not row.repeat_number} == keys
    run_until(session, f"{day(90)} 18:00")
    asked = reminders(session, ReminderState.DISPATCHED)
    assert sorted(row.key for row in asked) == sorted(keys.values())
    assert checked_on(row for row in asked if row.milestone_id == waiting.id) == [day(60 + office.other_head % 10)]
    assert checked_on(reminders(session, ReminderState.PLANNED)) == [
        day(120 + post_id % 10) for post_id in (office.head, office.other_head)
    ]


def test_a_repeat_given_to_a_post_that_is_checked_earlier_is_late_and_not_lost(session: Session) -> None:
    office = SmallOffice(session)
    posts = [office.post(office.team, f"담당 {number}", f"담당이 {number}") for number in range(10)]
    late, early = (next(post_id for post_id in posts if post_id % 10 == last) for last in (9, 0))
    given = undated(office, late)
    plan(session)
    run_until(session, f"{day(124)} 18:00")
    assert checked_on(reminders(session, ReminderState.PLANNED)) == [day(129)]
    given.post_id = early
    session.flush()
    plan(session, f"{day(124)} 18:00")
    [row] = reminders(session, ReminderState.PLANNED)
    assert (row.repeat_number, row.post_id, checked_on([row])) == (1, early, [day(129)])
    set_day(
        session, day(129), OfficeDayKind.HOLIDAY, "임시", by="admin", now=at(f"{day(125)} 18:00"), settings=settings()
    )
    assert checked_on(reminders(session, ReminderState.PLANNED)) == [day(130)]
    run_until(session, f"{day(135)} 18:00", load_calendar(session))
    assert checked_on(reminders(session, ReminderState.DISPATCHED))[1:] == [day(130)]


def test_a_rule_that_checks_sooner_checks_on_its_day(session: Session) -> None:
    office = SmallOffice(session)
    set_rule(session, {"name": "check", "offsets": [29], "repeat_every": 5}, by="admin", now=NOW)
    undated(office, office.head)
    plan(session)
    assert planned(session) == [f"check +29 none {ACTIVATED} @ {day(29)} 09:00"]
