"""Answers, dispatchers and plannings at the same moment: no deadlock, nothing lost, nothing told twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models import (
    Milestone,
    MilestoneStatus,
    Notification,
    Reminder,
    ReminderState,
    StatusKind,
    StatusReport,
    StatusRequest,
)
from models.database import read, write
from notifications.outbox import dispatch_due
from schedules.answers import Answer, record_answers
from schedules.calendar import WorkingCalendar
from schedules.plan import replan
from schedules.requests import OUTSTANDING
from tests.schedules.office import SmallOffice, at, settings

CALENDAR = WorkingCalendar()
ITEMS = 30
MOMENTS = [f"2024-10-{day:02d} 09:00" for day in range(1, 32, 3)]


def test_answers_dispatchers_and_plannings_get_along(engine: Engine) -> None:
    with write(engine) as session:
        office = SmallOffice(session)
        for number in range(ITEMS):
            team = office.unit(f"{number}팀", office.team.kind, office.department)
            head = office.post(team, "팀장", f"팀장{number}")
            milestone = office.milestone(
                f"2024-10-{1 + number % 28:02d}", project=office.make_project(f"{number}", team)
            )
            milestone.post_id = head
        replan(session, office.activated_at, settings(), CALENDAR)
        posts = dict(session.exec(select(Milestone.id, Milestone.post_id)).all())
    barrier = Barrier(4)

    def dispatching() -> None:
        for moment in MOMENTS:
            with write(engine) as session:
                dispatch_due(session, at(moment), settings(), CALENDAR, limit=20)

    def planning() -> None:
        for moment in MOMENTS:
            with write(engine) as session:
                replan(session, at(moment), settings(), CALENDAR)

    def answering() -> None:
        for number, (milestone_id, post_id) in enumerate(posts.items()):
            answer = (
                Answer(milestone_id, StatusKind.DONE)
                if number % 2
                else Answer(milestone_id, StatusKind.RESCHEDULED, "사유", new_raw="2024. 12. 20.")
            )
            with write(engine) as session:
                record_answers(
                    session,
                    post_id=post_id,
                    by="팀장",
                    answers=[answer],
                    now=at(MOMENTS[number % len(MOMENTS)]),
                    settings=settings(),
                    calendar=CALENDAR,
                )

    def together(work: Callable[[], None]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(together, work) for work in (dispatching, dispatching, planning, answering)]:
            done.result()

    with write(engine) as session:
        dispatch_due(session, at("2024-11-29 09:00"), settings(), CALENDAR)
        replan(session, at("2024-11-29 09:00"), settings(), CALENDAR)
    with read(engine) as session:
        check(session)


def check(session: Session) -> None:
    assert len(session.exec(select(StatusReport.id)).all()) == ITEMS
    done = set(session.exec(select(Milestone.id).where(Milestone.status == MilestoneStatus.DONE)).all())
    assert len(done) == ITEMS // 2
    waiting = session.exec(select(Reminder).where(Reminder.state == ReminderState.PLANNED)).all()
    assert not [row for row in waiting if row.milestone_id in done], "what is done asks nothing"
    assert {row.milestone_id for row in waiting} == set(session.exec(select(Milestone.id)).all()) - done
    assert all(str(row.anchor_on) == "2024-12-20" for row in waiting)
    told = session.exec(select(Reminder).where(Reminder.state == ReminderState.DISPATCHED)).all()
    assert all(row.notification_id is not None and row.error is None for row in told)
    messages = {row.id: row for row in session.exec(select(Notification)).all()}
    assert all(messages[row.notification_id].post_id == row.post_id for row in told)
    outstanding = session.exec(select(StatusRequest).where(col(StatusRequest.state).in_(OUTSTANDING))).all()
    assert outstanding == [], "every answer settled what had been asked, whichever came first"
