"""An answer is kept as given, moves its milestone, settles what asked for it, and changes the plan at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from models import (
    Milestone,
    MilestoneKind,
    MilestoneRevision,
    MilestoneStatus,
    ReminderState,
    RequestState,
    StatusKind,
    StatusReport,
    StatusRequest,
)
from models.database import read, write
from schedules.answers import Answer, AnswerError, Recorded, record_answers
from schedules.calendar import WorkingCalendar
from schedules.changes import ChangeError, reopen
from schedules.plan import replan
from tests.schedules.office import SmallOffice, at, messages, planned, reminders, run_until, settings, told

CALENDAR = WorkingCalendar()


def record(
    session: Session, office: SmallOffice, *answers: Answer, moment: str = "2024-10-25 11:00", **more: object
) -> Recorded:
    values: dict[str, object] = {"post_id": office.head, "by": "홍길동 팀장", "answers": answers, "now": at(moment)}
    values |= {"settings": settings(), "calendar": CALENDAR, **more}
    return record_answers(session, **values)  # type: ignore[arg-type]


@pytest.fixture
def office(session: Session) -> SmallOffice:
    """One milestone on 31 October, played until its D-7 has gone out."""
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    replan(session, office.activated_at, settings(), CALENDAR)
    run_until(session, "2024-10-24 18:00")
    return office


def the(session: Session, milestone_id: int = 1) -> Milestone:
    return session.get_one(Milestone, milestone_id, populate_existing=True)


def revisions(session: Session) -> list[MilestoneRevision]:
    return list(session.exec(select(MilestoneRevision).order_by(MilestoneRevision.id)).all())


# ------------------------------------------------------------------------------------------------ what answers do


def test_done_closes_the_milestone_and_takes_its_reminders_back(session: Session, office: SmallOffice) -> None:
    recorded = record(session, office, Answer(1, StatusKind.DONE, results="준공검사 완료"))
    assert recorded.plan.cancelled == 4
    assert the(session).status is MilestoneStatus.DONE
    assert the(session).percent_complete == 100
    assert planned(session) == []
    [report] = session.exec(select(StatusReport)).all()
    assert (report.id,) == recorded.report_ids
    assert (report.post_id, report.reported_by, report.results) == (office.head, "홍길동 팀장", "준공검사 완료")
    [revision] = revisions(session)
    assert revision.changed_by == f"post:{office.head} 홍길동 팀장"
    assert (revision.status_before, revision.status_after) == (MilestoneStatus.PLANNED, MilestoneStatus.DONE)
    assert revision.status_report_id == report.id


def test_a_new_date_as_people_type_it_moves_the_window_and_keeps_the_baseline(
    session: Session, office: SmallOffice
) -> None:
    record(session, office, Answer(1, StatusKind.RESCHEDULED, reason="자재 수급 지연", new_raw="11월 중"))
    milestone = the(session)
    assert (milestone.raw, milestone.start_on, milestone.end_on) == ("11월 중", date(2024, 11, 1), date(2024, 11, 30))
    assert (milestone.precision, milestone.tentative, milestone.status) == ("month", True, MilestoneStatus.PLANNED)
    assert (milestone.baseline_start_on, milestone.baseline_end_on) == (date(2024, 10, 31), date(2024, 10, 31))
    [revision] = revisions(session)
    assert (revision.end_before, revision.end_after) == (date(2024, 10, 31), date(2024, 11, 30))
    assert (revision.raw_after, revision.reason) == ("11월 중", "자재 수급 지연")
    assert planned(session)[0] == "confirm_date -10 start 2024-11-01 @ 2024-10-28 09:00", "the day is asked for soon"


@pytest.mark.parametrize(
    ("answer", "start", "end", "precision"),
    [
        (Answer(1, StatusKind.RESCHEDULED, "사유", new_raw="2024. 11. 15."), "2024-11-15", "2024-11-15", "day"),
        (Answer(1, StatusKind.RESCHEDULED, "사유", new_raw="11. 4. ~ 11. 8."), "2024-11-04", "2024-11-08", "range"),
        (Answer(1, StatusKind.RESCHEDULED, "사유", new_raw="1월 말"), "2025-01-21", "2025-01-31", "part-of-month"),
        (Answer(1, StatusKind.RESCHEDULED, "사유", new_raw="11월 말까지"), None, "2024-11-30", "open"),
        (Answer(1, StatusKind.RESCHEDULED, "사유", new_end=date(2024, 12, 2)), "2024-12-02", "2024-12-02", "day"),
        (
            Answer(1, StatusKind.RESCHEDULED, "사유", new_start=date(2024, 12, 2), new_end=date(2024, 12, 6)),
            "2024-12-02",
            "2024-12-06",
            "range",
        ),
        (Answer(1, StatusKind.DELAYED, "사유", new_raw="2024. 12. 20."), "2024-12-20", "2024-12-20", "day"),
    ],
)
def test_new_dates_are_read_as_the_office_writes_them(
    session: Session, office: SmallOffice, answer: Answer, start: str | None, end: str, precision: str
) -> None:
    record(session, office, answer)
    milestone = the(session)
    assert milestone.start_on == (date.fromisoformat(start) if start else None)
    assert (milestone.end_on, milestone.precision) == (date.fromisoformat(end), precision)
    assert milestone.is_deadline


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (StatusKind.ON_TRACK, MilestoneStatus.PLANNED),
        (StatusKind.DELAYED, MilestoneStatus.DELAYED),
        (StatusKind.CANCELLED, MilestoneStatus.CANCELLED),
        (StatusKind.NO_CHANGE, MilestoneStatus.PLANNED),
    ],
)
def test_other_answers_before_the_day(
    session: Session, office: SmallOffice, kind: StatusKind, status: MilestoneStatus
) -> None:
    record(session, office, Answer(1, kind, reason="사유"))
    assert the(session).status is status
    assert len(planned(session)) == (0 if kind is StatusKind.CANCELLED else 4)


def test_progress_with_a_percentage_has_begun(session: Session, office: SmallOffice) -> None:
    record(session, office, Answer(1, StatusKind.ON_TRACK, percent_complete=40))
    assert (the(session).status, the(session).percent_complete) == (MilestoneStatus.IN_PROGRESS, 40)


def test_a_date_fixed_inside_its_window_needs_no_reason(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-01", "2024-10-31", precision="month", tentative=True)
    record(session, office, Answer(1, StatusKind.RESCHEDULED, new_raw="10. 15."), moment="2024-09-20 10:00")
    assert the(session).end_on == date(2024, 10, 15)
    assert revisions(session)[0].reason == "일자 확정"


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("answer", "field", "words"),
    [
        (Answer(1, StatusKind.DELAYED), "reason", "사유를 적어 주세요"),
        (Answer(1, StatusKind.CANCELLED, reason="  "), "reason", "사유를 적어 주세요"),
        (Answer(1, StatusKind.RESCHEDULED, reason="사유"), "new_raw", "새 날짜를 적어 주세요"),
        (Answer(1, StatusKind.RESCHEDULED, new_raw="2024. 12. 2."), "reason", "사유를 적어 주세요"),
        (Answer(1, StatusKind.RESCHEDULED, "사유", new_raw="미정"), "new_raw", "날짜를 읽을 수 없습니다"),
        (Answer(1, StatusKind.RESCHEDULED, "사유", new_raw="2025. 2. 31."), "new_raw", "2월은 28일까지"),
        (Answer(1, StatusKind.RESCHEDULED, "사유", new_raw="11. 4.(화)"), "new_raw", "월요일입니다"),
        (Answer(1, StatusKind.RESCHEDULED, "사유", new_raw="2024. 11. 5. ~ 11. 3."), "new_raw", "끝이 시작보다"),
        (Answer(1, StatusKind.RESCHEDULED, "사유", new_raw="11월부터"), "new_raw", "끝나는 날"),
        (Answer(1, StatusKind.RESCHEDULED, "사유", new_raw="2024. 9. 15."), "new_raw", "이미 지난 날"),
        (
            Answer(1, StatusKind.RESCHEDULED, "사유", new_start=date(2024, 12, 6), new_end=date(2024, 12, 2)),
            "new_raw",
            "보다 늦습니다",
        ),
        (Answer(1, StatusKind.ON_TRACK, new_raw="2024. 12. 2."), "kind", "일정 변경"),
        (Answer(1, StatusKind.ON_TRACK, percent_complete=101), "percent_complete", "0에서 100"),
        (Answer(1, StatusKind.ON_TRACK, results="가" * 20_001), "results", "20,000자까지"),
        (Answer(999, StatusKind.DONE), "milestone_id", "맡은 일정이 아니어서"),
    ],
)
def test_an_answer_that_cannot_be_taken_names_its_field_and_changes_nothing(
    session: Session, office: SmallOffice, answer: Answer, field: str, words: str
) -> None:
    good = office.milestone("2024-12-31", label="다른 일정")
    assert good.id is not None
    with pytest.raises(AnswerError, match=words) as refused:
        record(session, office, Answer(good.id, StatusKind.DONE), answer)
    assert refused.value.field == field
    assert refused.value.milestone_id == answer.milestone_id
    assert session.exec(select(StatusReport)).all() == []
    assert the(session, good.id).status is MilestoneStatus.PLANNED


def test_an_empty_form_and_two_answers_for_one_milestone_are_refused(session: Session, office: SmallOffice) -> None:
    with pytest.raises(AnswerError, match="답이 없습니다"):
        record(session, office)
    with pytest.raises(AnswerError, match="두 번"):
        record(session, office, Answer(1, StatusKind.DONE), Answer(1, StatusKind.NO_CHANGE))


def test_a_post_answers_only_for_what_is_its_own_or_below_or_asked_of_it(session: Session, office: SmallOffice) -> None:
    with pytest.raises(AnswerError, match="맡은 일정이 아니어서"):
        record(session, office, Answer(1, StatusKind.NO_CHANGE), post_id=office.other_head)
    record(session, office, Answer(1, StatusKind.NO_CHANGE), post_id=office.department_head)
    the(session).post_id = office.other_head
    session.flush()
    record(session, office, Answer(1, StatusKind.ON_TRACK), post_id=office.head)
    assert len(session.exec(select(StatusReport)).all()) == 2


# ------------------------------------------------------------------------------------------------ twice, at once


def test_the_same_answer_sent_twice_is_one_report(session: Session, office: SmallOffice) -> None:
    first = record(session, office, Answer(1, StatusKind.ON_TRACK, results="공정률 80%"))
    again = record(session, office, Answer(1, StatusKind.ON_TRACK, results="공정률 80% "), moment="2024-10-25 11:05")
    assert (len(first.report_ids), again.report_ids, again.repeated) == (1, (), 1)
    later = record(session, office, Answer(1, StatusKind.ON_TRACK, results="공정률 80%"), moment="2024-10-28 11:05")
    assert len(later.report_ids) == 1, "the same words on another day are news: nothing has changed since"


def test_the_same_answer_sent_at_once_by_many_is_one_report(engine: Engine) -> None:
    with write(engine) as session:
        office = SmallOffice(session)
        office.milestone("2024-10-31")
        replan(session, office.activated_at, settings(), CALENDAR)
    barrier = Barrier(4)

    def send(_: int) -> int:
        barrier.wait()
        with write(engine) as session:
            return len(record(session, office, Answer(1, StatusKind.DELAYED, reason="우천")).report_ids)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 1
    with read(engine) as session:
        assert len(session.exec(select(StatusReport)).all()) == 1
        assert len(revisions(session)) == 1


# ------------------------------------------------------------------------------------------------ what had been asked


def test_an_answer_settles_the_request_and_stops_the_chasing(session: Session, office: SmallOffice) -> None:
    run_until(session, "2024-11-07 18:00")
    [request] = session.exec(select(StatusRequest)).all()
    recorded = record(session, office, Answer(1, StatusKind.DELAYED, reason="우천"), moment="2024-11-08 10:00")
    assert recorded.submitted == 1
    session.refresh(request)
    assert (request.state, request.submitted_at) == (RequestState.SUBMITTED, at("2024-11-08 10:00"))
    before = told(session)
    run_until(session, "2025-01-31 18:00")
    assert told(session) == before, "answered: not chased any more"
    assert [line.split(" @ ")[0] for line in planned(session)] == ["check +60 none 2024-11-08"]


def test_the_mail_that_carried_the_link_is_marked_as_answered(session: Session, office: SmallOffice) -> None:
    [*_, mail] = messages(session)
    record(session, office, Answer(1, StatusKind.NO_CHANGE), notification_id=mail.id)
    session.refresh(mail)
    assert mail.answered_at == at("2024-10-25 11:00")
    record(session, office, Answer(1, StatusKind.ON_TRACK), notification_id=mail.id, moment="2024-10-28 10:00")
    session.refresh(mail)
    assert mail.answered_at == at("2024-10-25 11:00"), "the first answer counts"


def test_moved_by_another_path_the_request_about_the_old_day_is_cancelled(
    session: Session, office: SmallOffice
) -> None:
    run_until(session, "2024-10-31 18:00")
    office.move(the(session), "2024-12-31")
    replan(session, at("2024-11-01 10:00"), settings(), CALENDAR)
    [request] = session.exec(select(StatusRequest)).all()
    session.refresh(request)
    assert request.state is RequestState.CANCELLED


def test_given_to_another_post_the_new_one_is_asked_with_the_same_due_time(
    session: Session, office: SmallOffice
) -> None:
    run_until(session, "2024-10-31 18:00")
    the(session).post_id = office.other_head
    session.flush()
    replan(session, at("2024-11-01 10:00"), settings(), CALENDAR)
    old, new = session.exec(select(StatusRequest).order_by(StatusRequest.id)).all()
    session.refresh(old)
    assert (old.state, new.state, new.post_id) == (RequestState.CANCELLED, RequestState.REQUESTED, office.other_head)
    assert new.due_at == old.due_at
    record(session, office, Answer(1, StatusKind.DONE), post_id=office.other_head, moment="2024-11-01 11:00")
    session.refresh(new)
    assert new.state is RequestState.SUBMITTED


# ------------------------------------------------------------------------------------------------ closed and reopened


def test_a_done_milestone_is_taken_up_again_only_with_a_reason(session: Session, office: SmallOffice) -> None:
    record(session, office, Answer(1, StatusKind.DONE))
    with pytest.raises(AnswerError, match="다시 여는 사유"):
        record(session, office, Answer(1, StatusKind.ON_TRACK), moment="2024-10-25 12:00")
    record(session, office, Answer(1, StatusKind.ON_TRACK, reason="하자 보수"), moment="2024-10-25 12:00")
    assert the(session).status is MilestoneStatus.IN_PROGRESS
    assert len(planned(session)) == 4


def test_a_cancelled_milestone_takes_no_other_answer(session: Session, office: SmallOffice) -> None:
    record(session, office, Answer(1, StatusKind.CANCELLED, reason="예산 삭감"))
    with pytest.raises(AnswerError, match="이미 중단된"):
        record(session, office, Answer(1, StatusKind.DONE), moment="2024-10-25 12:00")


def test_an_admin_reopens_with_a_reason(session: Session, office: SmallOffice) -> None:
    record(session, office, Answer(1, StatusKind.DONE))
    words: dict[str, object] = {
        "by": "admin",
        "now": at("2024-10-28 10:00"),
        "settings": settings(),
        "calendar": CALENDAR,
    }
    with pytest.raises(ChangeError, match="이유를 적어"):
        reopen(session, 1, reason="", **words)  # type: ignore[arg-type]
    assert reopen(session, 1, reason="잘못 답함", **words).planned == 4  # type: ignore[arg-type]
    assert revisions(session)[-1].reason == "잘못 답함"
    record(session, office, Answer(1, StatusKind.CANCELLED, reason="중단"), moment="2024-10-29 10:00")
    with pytest.raises(ChangeError, match="이미 중단된"):
        reopen(session, 1, reason="다시", **words)  # type: ignore[arg-type]


def test_a_thousand_answers_in_one_form(session: Session) -> None:
    office = SmallOffice(session)
    for number in range(1000):
        office.milestone("2024-10-31", label=f"{number}", kind=MilestoneKind.OTHER)
    replan(session, office.activated_at, settings(), CALENDAR)
    recorded = record(session, office, *(Answer(number, StatusKind.DONE) for number in range(1, 1001)))
    assert len(recorded.report_ids) == len(recorded.changed) == 1000
    assert reminders(session, ReminderState.PLANNED) == []


def test_an_undated_plan_that_gets_a_day_becomes_a_deadline(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone(None, None, label="예산 확보 후 추진")
    replan(session, office.activated_at, settings(), CALENDAR)
    record(session, office, Answer(1, StatusKind.RESCHEDULED, "예산 확보", new_raw="2024. 12. 31."))
    assert [line.split()[0] for line in planned(session)] == [
        "upcoming", "upcoming", "upcoming", "today", "status", "overdue",
    ]  # fmt: skip
    assert session.execute(text("SELECT count(*) FROM reminder WHERE state = 'cancelled'")).scalar_one() == 1
