"""Supporting posts hear where a rule says so, owe no answer, and fall silent with whoever answers."""

from datetime import date

import pytest
from sqlmodel import Session, select

from models import (
    AuditEntry,
    Milestone,
    Person,
    ReminderState,
    StatusKind,
    StatusRequest,
    SupportingPost,
    UnitKind,
)
from notifications.reorganisations import reorganise_due
from schedules.answers import Answer, AnswerError, record_answers
from schedules.arrangement import Act
from schedules.explain import explain
from schedules.plan import replan
from schedules.reorganisation import Asked, decide
from schedules.responsibility import load_chart
from schedules.rules import set_rule
from schedules.supporting import SupportingError, add_supporting, find_post, list_supporting, remove_supporting
from schedules.unreachable import unreachable_posts
from tests.schedules.office import CALENDAR, SmallOffice, at, reminders, run_until, settings

NOW = "2024-09-02 09:00"


@pytest.fixture
def office(session: Session) -> SmallOffice:
    """Two deadlines of one project, whose posts beside hear of D-7 and of what is asked."""
    office = SmallOffice(session)
    office.milestone("2024-09-30")
    office.milestone("2024-10-31", label="개관")
    tell(session)
    return office


def tell(session: Session, moment: str = NOW, **values: object) -> None:
    for name in ("upcoming-firm", "status"):
        set_rule(session, {"name": name, "levels": [0, "supporting"], **values}, by="admin", now=at(moment))
    replan(session, at(moment), settings(), CALENDAR)


def add(session: Session, office: SmallOffice, post: str, milestone_id: int | None = None, moment: str = NOW) -> str:
    name, _ = add_supporting(
        session,
        post,
        project_id=office.project.id or 0,
        milestone_id=milestone_id,
        by="admin",
        now=at(moment),
        settings=settings(),
        calendar=CALENDAR,
    )
    return name


def heard(session: Session, post_id: int, state: ReminderState = ReminderState.DISPATCHED) -> list[str]:
    rows = [row for row in reminders(session, state) if row.post_id == post_id and row.ask != "escalation"]
    return [f"{row.milestone_id} {row.ask} {row.offset:+d}" for row in rows]


def answer(session: Session, office: SmallOffice, post_id: int, moment: str, kind: StatusKind) -> None:
    record_answers(
        session,
        post_id=post_id,
        by="홍길동 팀장",
        answers=[Answer(1, kind)],
        now=at(moment),
        settings=settings(),
        calendar=CALENDAR,
    )


def test_a_post_beside_hears_of_the_whole_project_or_of_one_milestone(session: Session, office: SmallOffice) -> None:
    assert add(session, office, "행정지원팀") == "행정지원팀장"
    assert add(session, office, "행정지원과장", 2) == "행정지원과장"
    run_until(session, "2024-10-31 18:00")
    assert heard(session, office.other_head) == [
        "1 upcoming -7",
        "1 upcoming -1",
        "1 status +0",
        "2 upcoming -30",
        "2 upcoming -7",
        "2 upcoming -1",
        "2 status +0",
    ]
    assert heard(session, office.department_head) == ["2 upcoming -30", "2 upcoming -7", "2 upcoming -1", "2 status +0"]
    requests = session.exec(select(StatusRequest.post_id)).all()
    assert set(requests) == {office.head}, "only who answers is asked"
    keys = [row.key for row in reminders(session) if row.post_id == office.other_head]
    assert all(key.endswith(f"/supporting:{office.other_head}") for key in keys)


def test_the_answer_of_whoever_is_responsible_closes_it_for_them_too(session: Session, office: SmallOffice) -> None:
    set_rule(session, {"name": "overdue", "levels": [0, "supporting"]}, by="admin", now=at(NOW))
    add(session, office, "행정지원팀", 1)
    run_until(session, "2024-10-07 18:00")
    assert heard(session, office.other_head)[-1] == "1 overdue +7"
    answer(session, office, office.head, "2024-10-08 10:00", StatusKind.ON_TRACK)
    assert heard(session, office.other_head, ReminderState.PLANNED) == []
    with pytest.raises(AnswerError, match="맡은 일정이 아니어서"):
        answer(session, office, office.other_head, "2024-10-08 11:00", StatusKind.NO_CHANGE)


def test_taken_back_it_hears_no_more_though_it_was_planned(session: Session, office: SmallOffice) -> None:
    add(session, office, "행정지원팀")
    run_until(session, "2024-09-23 18:00")
    [row] = list_supporting(session)
    assert (row.post, row.label) == ("행정지원팀장", None)
    how = {"by": "admin", "now": at("2024-09-24 09:00"), "settings": settings(), "calendar": CALENDAR}
    remove_supporting(session, row.id, **how)  # type: ignore[arg-type]
    assert heard(session, office.other_head, ReminderState.PLANNED) == []
    assert heard(session, office.other_head) == ["1 upcoming -7"]
    assert [entry.act for entry in session.exec(select(AuditEntry)) if entry.act.startswith("supporting")] == [
        "supporting.add",
        "supporting.remove",
    ]
    with pytest.raises(SupportingError, match="이미 협조 직위가 아닙니다"):
        remove_supporting(session, row.id, **how)  # type: ignore[arg-type]


def test_taken_back_by_hand_it_is_seen_when_the_reminder_is_due(session: Session, office: SmallOffice) -> None:
    add(session, office, "행정지원팀", 1)
    session.delete(session.exec(select(SupportingPost)).one())
    run_until(session, "2024-09-23 18:00")
    reasons = {row.state_reason for row in reminders(session, ReminderState.CANCELLED)}
    assert reasons == {"협조 직위에서 빠졌습니다"}


def test_whoever_comes_to_answer_for_it_hears_of_it_once(session: Session, office: SmallOffice) -> None:
    add(session, office, "행정지원팀", 1)
    session.get_one(Milestone, 1).post_id = office.other_head
    session.flush()
    replan(session, at(NOW), settings(), CALENDAR)
    assert heard(session, office.other_head, ReminderState.PLANNED).count("1 upcoming -7") == 1


def test_explain_names_them_and_says_where_nobody_supports(session: Session, office: SmallOffice) -> None:
    set_rule(session, {"name": "today", "levels": ["supporting"]}, by="admin", now=at(NOW))
    add(session, office, "행정지원팀", 1)
    lines = explain(session, 1, at(NOW), settings())
    assert lines[0].endswith("담당: 인사팀장 | 협조: 행정지원팀장")
    assert "    2024. 9. 23.(월) 09:00 D-7 · 협조 행정지원팀장 · 예정" in lines
    assert "규칙 today: 적용됨, 협조 직위가 없습니다" in explain(session, 2, at(NOW), settings())


def test_a_merged_post_hands_its_support_to_its_successor_once(session: Session, office: SmallOffice) -> None:
    residents = office.unit("주민팀", UnitKind.TEAM, office.department)
    successor = office.post(residents, "팀장", "새팀장")
    add(session, office, "행정지원팀")
    add(session, office, "행정지원팀", 1)
    add(session, office, "주민팀", 1)
    merge = Asked(Act.MERGE, "행정지원팀", target="주민팀")
    decide(session, [merge], date(2024, 9, 10), by="admin", now=at(NOW))
    reorganise_due(session, at("2024-09-10 09:00"), settings(), CALENDAR)
    rows = session.exec(select(SupportingPost.milestone_id, SupportingPost.post_id)).all()
    assert sorted(rows, key=str) == sorted([(None, successor), (1, successor)], key=str)
    run_until(session, "2024-09-23 18:00")
    assert heard(session, successor) == ["1 upcoming -7"]
    assert heard(session, office.other_head) == []


def test_a_post_beside_whom_no_mail_reaches_is_known_beforehand(session: Session, office: SmallOffice) -> None:
    on = date(2024, 9, 3)
    add(session, office, "행정지원팀")
    session.exec(select(Person).where(Person.name == "성춘향")).one().email = None
    session.flush()
    assert [(one.unit, one.goes_to) for one in unreachable_posts(session, on)] == [
        ("행정지원팀", "행정지원과 과장 과장이")
    ]
    tell(session, levels=[0])
    assert unreachable_posts(session, on) == [], "nobody tells it anything"


@pytest.mark.parametrize(
    ("post", "milestone_id", "field", "words"),
    [
        ("", None, "post", "적어 주세요"),
        ("없는과", None, "post", "직위나 부서가 없습니다"),
        ("인사팀장", None, "post", "이미 답하는 담당 직위"),
        ("총무팀장", None, "post", "둘 이상입니다. 윗부서와 함께 적어 주세요: 행정지원과/총무팀장"),
        ("행정지원팀", 99, "milestone", "이 사업에 없습니다"),
        ("행정지원팀", 3, "milestone", "같은 일정이 다른 줄에 있습니다(1번)"),
    ],
)
def test_what_cannot_support_is_refused(
    session: Session, office: SmallOffice, post: str, milestone_id: int | None, field: str, words: str
) -> None:
    office.milestone("2024-09-30", duplicate_of_id=1)
    culture = office.unit("문화과", UnitKind.DEPARTMENT, office.bureau)
    for parent in (office.department, culture):
        office.post(office.unit("총무팀", UnitKind.TEAM, parent), "팀장")
    with pytest.raises(SupportingError, match=words.replace("(", r"\(").replace(")", r"\)")) as refused:
        add(session, office, post, milestone_id)
    assert refused.value.field == field
    assert session.exec(select(SupportingPost)).all() == []


def test_the_same_post_twice_is_refused_and_a_path_names_one_of_several(session: Session, office: SmallOffice) -> None:
    culture = office.unit("문화과", UnitKind.DEPARTMENT, office.bureau)
    for parent in (office.department, culture):
        office.post(office.unit("총무팀", UnitKind.TEAM, parent), "팀장")
    add(session, office, "문화과/총무팀장")
    with pytest.raises(SupportingError, match="이미 협조 직위"):
        add(session, office, " 문화과 / 총무팀 ")
    assert find_post(load_chart(session), "행정국장").id == office.bureau_head
