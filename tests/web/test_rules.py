"""Rules as forms: what a rule means and does is shown before it is kept, and a refusal marks its field."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from models import AuditEntry, EscalationStep, Project, Reminder, ReminderRule, ReminderState
from models.database import read, write
from schedules.calendar import WorkingCalendar
from schedules.rules import set_rule
from schedules.trial import try_rule
from tests.web.office import LABELS, NOW, UPCOMING, WebOffice, fields, on_sqlite

ONE = {
    "name": "준공 보름 전",
    "ask": "upcoming",
    "kinds": "construction",
    "certainty": "any",
    "which_end": "end",
    "days": "15, 3",
    "offset_unit": "calendar",
    "time": "09:00",
    "repeat_every": "",
    "repeat_unit": "calendar",
    "levels": "0",
}


def save(admin: TestClient, office: WebOffice, **changes: str) -> tuple[int, str]:
    page = admin.get("/rules/new").text
    sent = admin.post("/rules/save", data={"csrf": fields(page)["csrf"]} | ONE | changes)
    return sent.status_code, sent.text


def rule(office: WebOffice, name: str) -> ReminderRule | None:
    with read(office.engine) as session:
        return session.exec(select(ReminderRule).where(ReminderRule.name == name)).one_or_none()


def test_a_rule_says_what_it_means_and_does_before_it_is_kept(office: WebOffice) -> None:
    admin, before = office.admin(), office.everything()
    status, page = save(admin, office)
    assert status == 200
    assert "마감일 15일, 3일 전 09:00에 담당자에게 일정이 다가온다고 알립니다" in page
    assert "2024. 10. 31.(목) 09:00 - 2건" in page
    assert "이대로 저장" in page
    assert office.everything()["reminder_rule"] == before["reminder_rule"]
    assert office.everything()["reminder"] == before["reminder"]
    status, _ = save(admin, office, sure="yes")
    assert status == 303
    made = rule(office, "준공 보름 전")
    assert made is not None
    assert made.offsets == [-15, -3]
    with read(office.engine) as session:
        due = session.exec(
            select(Reminder).where(Reminder.rule_id == made.id, Reminder.state == ReminderState.PLANNED)
        ).all()
        noted = session.exec(select(AuditEntry).where(AuditEntry.act == "rule.set")).all()
    assert len(due) == 4
    assert noted[-1].detail == "준공 보름 전"


def test_the_order_of_channels_is_chosen_said_and_kept(office: WebOffice) -> None:
    admin = office.admin()
    changes = {"name": "결과 요청", "ask": "status", "days": "0", "channels": "email,inbox,paper", "fallback": "3"}
    _, page = save(admin, office, **changes)
    assert "경로: 전자우편 → 받은 알림 → 종이 목록. 답이 없으면 근무일 3일마다 다음 경로로 알립니다." in page
    status, _ = save(admin, office, **changes, sure="yes")
    assert status == 303
    made = rule(office, "결과 요청")
    assert made is not None
    assert (made.channels, made.fallback_working_days) == (["email", "inbox", "paper"], 3)
    assert '<option value="email,inbox,paper" selected>' in admin.get(f"/rules/{made.id}").text
    status, page = save(admin, office, channels="email,paper")
    assert status == 422
    assert "종이 목록(paper)은 답을 기다리는 요청만 싣습니다." in page


def test_when_repeats_stop_is_chosen_said_and_kept(office: WebOffice) -> None:
    admin = office.admin()
    changes = {"name": "끈질기게", "ask": "overdue", "days": "3", "repeat_every": "5", "repeat_unit": "working"}
    _, page = save(admin, office, **changes)
    assert "답할 때까지 근무일 기준 5일마다 다시 알립니다." in page
    changes |= {"repeat_until": "done", "most_repeats": "4", "sure": "yes"}
    assert save(admin, office, **changes)[0] == 303
    made = rule(office, "끈질기게")
    assert made is not None
    assert (made.repeat_until, made.most_repeats) == ("done", 4)
    assert "완료될 때까지 근무일 기준 5일마다 4번까지 다시 알립니다." in admin.get("/rules").text
    assert "Again every 5 working days until done, at most 4 times." in admin.get("/rules?lang=en").text
    page = admin.get(f"/rules/{made.id}").text
    assert '<option value="done" selected>' in page
    assert fields(page)["most_repeats"] == "4"


def test_a_rule_is_changed_with_its_steps_and_switched_off_after_a_second_look(office: WebOffice) -> None:
    admin = office.admin()
    status = rule(office, "status")
    assert status is not None
    page = admin.get(f"/rules/{status.id}").text
    form = fields(page) | {"ask": "status", "which_end": "end", "escalate1": "5", "escalate2": "12", "sure": "yes"}
    form |= {"certainty": "any", "offset_unit": "calendar", "repeat_unit": "calendar"}
    assert admin.post("/rules/save", data=form).status_code == 303
    with read(office.engine) as session:
        steps = session.exec(select(EscalationStep).where(EscalationStep.rule_id == status.id)).all()
    assert sorted((step.after_working_days, step.level) for step in steps) == [(5, 1), (12, 2)]
    asked = admin.get(f"/rules/{status.id}/off").text
    assert "취소됩니다" in asked
    assert rule(office, "status").disabled_at is None  # type: ignore[union-attr]
    assert admin.post(f"/rules/{status.id}/off", data=fields(asked)).headers["location"] == "/rules?said=off"
    assert rule(office, "status").disabled_at is not None  # type: ignore[union-attr]


def test_a_rule_is_tried_on_one_project_that_nothing_is_sent_about_yet(office: WebOffice) -> None:
    with write(office.engine) as session:
        session.get_one(Project, office.project).activated_at = None
    _, page = save(office.admin(), office, **{"try": str(office.project)})
    assert "고른 사업에만 시험해 보았습니다" in page
    assert LABELS[UPCOMING] in page.partition("이 규칙의 뜻")[2].partition("무엇을 언제")[0]
    with read(office.engine) as session:
        assert session.get_one(Project, office.project).activated_at is None
    assert rule(office, "준공 보름 전") is None


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"days": "곧"}, "days", "수가 아닙니다"),
        ({"days": "9999"}, "days", "사이의 정수"),
        ({"days": ""}, "days", "시점이 하나도 없으면"),
        ({"time": "25:00"}, "time", "시각이 아닙니다"),
        ({"name": "today"}, "name", "이미 있습니다"),
        ({"name": "a/b"}, "name", "줄바꿈"),
        ({"repeat_every": "7"}, "repeat_every", "반복하지 않습니다"),
        ({"most_repeats": "3"}, "most_repeats", "반복하지 않는 규칙"),
        ({"ask": "overdue", "repeat_every": "7", "most_repeats": "많이"}, "most_repeats", "수가 아닙니다"),
        ({"repeat_until": "done"}, "repeat_until", "반복하지 않는 규칙"),
        ({"ask": "status", "escalate1": "0"}, "escalate1", "근무일 1에서"),
        ({"certainty": "firm", "precisions": "month"}, "certainty", "한 번도 알리지 않습니다"),
    ],
)
def test_a_rule_that_cannot_work_marks_its_field_and_keeps_the_words(
    office: WebOffice, changes: dict[str, str], field: str, words: str
) -> None:
    before = office.everything()["reminder_rule"]
    status, page = save(office.admin(), office, **changes)
    assert status == 422
    assert words in page
    assert 'aria-invalid="true"' in page.partition(f'id="{field}"')[2].partition(">")[0]
    assert fields(page)["days"] == changes.get("days", ONE["days"])
    assert office.everything()["reminder_rule"] == before


@on_sqlite
def test_a_rule_warns_when_it_never_fires_or_fires_at_night(office: WebOffice) -> None:
    _, never = save(office.admin(), office, kinds="council")
    assert "앞으로 한 번도 알리지 않습니다" in never
    _, night = save(office.admin(), office, time="22:00")
    assert "발송 시간대(09:00~18:00) 밖이라" in night
    _, scoped = save(office.admin(), office, project=str(office.project))
    assert "대신 이 규칙만 씁니다" in scoped


def test_a_rule_warns_when_one_post_would_get_several_mails_a_day(office: WebOffice) -> None:
    with write(office.engine) as session:
        calendar = WorkingCalendar({})
        for hour in (10, 11):
            values = {"name": f"{hour}시", "ask": "upcoming", "offsets": [-15], "time": f"{hour}:00"}
            set_rule(session, values, by="test", now=NOW)
        tried = try_rule(
            session,
            {"name": "12시", "ask": "upcoming", "offsets": [-15], "time": "12:00"},
            [],
            now=NOW,
            settings=office.settings,
            calendar=calendar,
        )
    assert any("하루에 메일 3통" in warning for warning in tried.warnings)
