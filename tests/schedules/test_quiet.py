"""A running project of which nobody has said anything for a quarter is asked about once, in the one mail of a day."""

from datetime import date, datetime

import pytest
from sqlmodel import Session, select

from models import (
    Milestone,
    MilestoneStatus,
    Project,
    ReminderState,
    RequestReason,
    RequestState,
    StatusKind,
    StatusRequest,
)
from schedules.answers import Answer, record_answers
from schedules.collection import lock_round, open_round
from schedules.escalation_steps import Step, set_steps
from schedules.explain import explain
from schedules.moving import Move, move_milestones
from schedules.plan import replan
from schedules.rule import RuleError
from schedules.rules import remove_rule, set_rule
from tests.schedules.office import CALENDAR, SEOUL, SmallOffice, at, reminders, run_until, settings, told

ACTIVATED = date(2024, 9, 2)
NEAR, FAR = "2025-06-30", "2025-12-31"


@pytest.fixture
def office(session: Session) -> SmallOffice:
    """One project with two deadlines of the next year."""
    office = SmallOffice(session)
    office.milestone(FAR, label="준공")
    office.milestone(NEAR, label="설계 완료")
    plan(session)
    return office


def plan(session: Session, moment: str = "2024-09-02 08:00") -> None:
    replan(session, at(moment), settings(), CALENDAR)


def quiet(session: Session, *states: ReminderState) -> list[tuple[int, date]]:
    """Which item is asked about for its quiet project, and on which day."""
    rows = [row for row in reminders(session, *states) if row.ask == "quiet"]
    return [(row.milestone_id, row.due_at.astimezone(SEOUL).date()) for row in rows]


def day(working_days: int, since: date = ACTIVATED, post_id: int = 0) -> date:
    """So many working days later, and as many more as the post's checks are put off."""
    return CALENDAR.add_working_days(since, working_days + post_id % 10)


def answer(session: Session, office: SmallOffice, milestone_id: int, kind: StatusKind, moment: datetime) -> None:
    record_answers(
        session,
        post_id=office.head,
        by="홍길동 팀장",
        answers=[Answer(milestone_id, kind)],
        now=moment,
        settings=settings(),
        calendar=CALENDAR,
    )


def why(session: Session, milestone_id: int, moment: str = "2024-09-03 09:00") -> str:
    lines = explain(session, milestone_id, at(moment), settings())
    return next(line for line in lines if line.startswith("규칙 quiet: ")).removeprefix("규칙 quiet: ")


def test_the_nearest_deadline_speaks_for_its_project_after_a_quarter_and_again(
    session: Session, office: SmallOffice
) -> None:
    first, again = day(60, post_id=office.head), day(120, post_id=office.head)
    assert quiet(session, ReminderState.PLANNED) == [(2, first)]
    run_until(session, f"{first} 18:00")
    assert told(session) == [f"{first}T09:00 | quiet {ACTIVATED}"]
    [request] = session.exec(select(StatusRequest)).all()
    assert (request.reason, request.state) == (RequestReason.QUIET, RequestState.REQUESTED)
    assert quiet(session, ReminderState.PLANNED) == [(2, again)]
    assert why(session, 2) == "적용됨"
    assert why(session, 1) == "적용 안 됨: 이 사업은 기한이 가장 가까운 일정(2번)으로 묻습니다"


def test_an_answer_about_any_item_of_the_project_is_news(session: Session, office: SmallOffice) -> None:
    answered = day(30)
    answer(session, office, 1, StatusKind.ON_TRACK, at(f"{answered} 11:00"))
    assert quiet(session, ReminderState.PLANNED) == [(2, day(60, answered, office.head))], "at once, not in the night"
    run_until(session, f"{day(60, post_id=office.head)} 18:00")
    assert quiet(session, ReminderState.DISPATCHED) == []


def test_an_answer_beside_settles_the_question_too(session: Session, office: SmallOffice) -> None:
    asked = day(60, post_id=office.head)
    run_until(session, f"{asked} 18:00")
    answered = CALENDAR.add_working_days(asked, 3)
    answer(session, office, 1, StatusKind.ON_TRACK, at(f"{answered} 11:00"))
    [request] = session.exec(select(StatusRequest)).all()
    assert request.state is RequestState.CANCELLED
    assert quiet(session, ReminderState.PLANNED) == [(2, day(60, answered, office.head))]


def test_when_the_item_is_done_the_next_one_speaks(session: Session, office: SmallOffice) -> None:
    answered = day(30)
    answer(session, office, 2, StatusKind.DONE, at(f"{answered} 11:00"))
    assert quiet(session, ReminderState.PLANNED) == [(1, day(60, answered, office.head))]


def test_what_was_heard_by_another_path_is_seen_when_the_question_is_due(session: Session, office: SmallOffice) -> None:
    """A new edition of the report came in; nobody planned anew since."""
    office.document.imported_at = at("2024-10-10 10:00")
    session.add(office.document)
    run_until(session, f"{day(70)} 18:00")
    assert told(session) == []
    assert quiet(session, ReminderState.PLANNED) == [(2, day(60, date(2024, 10, 10), office.head))]


def test_a_date_that_somebody_moves_is_news(session: Session, office: SmallOffice) -> None:
    moved = day(40)
    how = {"by": "admin", "now": at(f"{moved} 11:00"), "settings": settings(), "calendar": CALENDAR}
    move_milestones(session, [1], Move("공정 조정", days=7), **how)  # type: ignore[arg-type]
    run_until(session, f"{day(75)} 18:00")
    assert told(session) == []
    assert quiet(session, ReminderState.PLANNED) == [(2, day(60, moved, office.head))]


def test_a_project_that_is_asked_anyway_is_not_asked_for_being_quiet(session: Session, office: SmallOffice) -> None:
    undated = office.milestone(None, None, label="예산 확보 후 추진")
    plan(session)
    assert quiet(session, ReminderState.PLANNED) == []
    assert why(session, 2) == f"적용 안 됨: 이 사업에는 점검(check)으로 묻는 일정({undated.id}번)이 있습니다"
    undated.status = MilestoneStatus.DONE
    soon = office.milestone("2025-01-06", label="곧 되는 것")  # 18 weeks after the activation: twelve and six
    plan(session)
    assert quiet(session, ReminderState.PLANNED) == []
    assert why(session, soon.id or 0) == "적용됨, 그 전에 일정의 알림이 있어 따로 묻지 않습니다"


def test_an_open_round_asks_already(session: Session, office: SmallOffice) -> None:
    opened: dict[str, object] = {"title": "정기 취합", "as_of_on": date(2024, 11, 20), "now": at("2024-11-20 09:00")}
    made = open_round(session, **opened, settings=settings(), calendar=CALENDAR, by="admin")  # type: ignore[arg-type]
    plan(session, "2024-11-20 09:05")
    assert quiet(session, ReminderState.PLANNED) == []
    assert why(session, 2) == "적용 안 됨: 정기 취합에서 이미 묻고 있습니다"
    lock_round(session, made.round_id, now=at("2024-11-25 09:00"), by="admin")
    plan(session, "2024-11-25 09:05")
    assert [milestone_id for milestone_id, _ in quiet(session, ReminderState.PLANNED)] == [2]


def test_the_question_comes_with_the_posts_checks_in_one_mail(session: Session, office: SmallOffice) -> None:
    other = office.make_project("다른 사업", office.team)
    office.milestone(None, None, label="예산 확보 후 추진", project=other)
    plan(session)
    on = day(60, post_id=office.head)
    run_until(session, f"{on} 18:00")
    assert told(session) == [f"{on}T09:00 | check {ACTIVATED}, quiet {ACTIVATED}"]


@pytest.mark.parametrize("how", ["closed", "not active", "no rule", "done"])
def test_what_does_not_run_is_not_asked(session: Session, office: SmallOffice, how: str) -> None:
    if how == "no rule":
        remove_rule(session, "quiet", by="admin", now=office.activated_at)
    elif how == "done":
        for milestone in session.exec(select(Milestone)):
            milestone.status = MilestoneStatus.DONE
    else:
        project = session.get_one(Project, office.project.id)
        project.closed_at = at("2024-09-03 09:00") if how == "closed" else None
        project.activated_at = None if how == "not active" else project.activated_at
    session.flush()
    plan(session, "2024-09-03 10:00")
    run_until(session, f"{day(70)} 18:00")
    assert told(session) == []


def test_it_does_not_climb_and_says_so(session: Session, office: SmallOffice) -> None:
    with pytest.raises(RuleError, match="위로 보고하지 않습니다"):
        set_steps(session, "quiet", [Step(5, 1)], by="admin", now=office.activated_at)
    with pytest.raises(RuleError, match="기준 없이"):
        set_rule(session, {"name": "quiet", "which_end": "end"}, by="admin", now=office.activated_at)
