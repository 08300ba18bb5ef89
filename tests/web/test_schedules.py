"""Collection schedules as forms: what they mean and when they come is shown before they are kept."""

import pytest
from sqlalchemy import update
from sqlmodel import select
from starlette.testclient import TestClient

from models import AuditEntry, CollectionSchedule, RequestState, StatusRequest
from models.database import read, write
from tests.web.office import WebOffice, fields, on_sqlite

MONTHLY = {"name": "정기 취합", "every": "FREQ=MONTHLY;BYMONTHDAY=-1", "unit": ""}


def save(admin: TestClient, **changes: str) -> tuple[int, str]:
    form = fields(admin.get("/schedules/new").text) | MONTHLY | changes
    sent = admin.post("/schedules/save", data=form)
    return sent.status_code, sent.text


def test_a_schedule_says_what_it_means_and_when_it_comes_and_is_switched_off_when_asked_twice(
    office: WebOffice,
) -> None:
    admin = office.admin()
    status, page = save(admin)
    assert status == 200
    assert "매월 말일 09:00에 모든 담당 직위에게 진행상황을 묻고" in page
    assert "2024. 10. 31.(목)" in page
    assert page.count('data-label="마감"') == 10
    assert "앞으로 30일에 회차 1번: 요청 메일 약 <strong>2통</strong>" in page
    weekly = save(admin, every="FREQ=WEEKLY;BYDAY=MO")[1]
    assert "앞으로 30일에 회차 4번: 요청 메일 약 <strong>8통</strong>" in weekly
    assert office.count(CollectionSchedule) == 0
    assert save(admin, sure="yes")[0] == 303
    assert "매월 말일" in admin.get("/schedules").text
    with read(office.engine) as session:
        number = session.exec(select(CollectionSchedule.id)).one()  # trying it out used a number up
    changed = fields(admin.get(f"/schedules/{number}").text) | {
        "every": "custom",
        "custom": "FREQ=MONTHLY;BYMONTHDAY=10",
    }
    assert admin.post("/schedules/save", data=changed | {"sure": "yes"}).status_code == 303
    assert "매월 10일" in admin.get("/schedules").text
    asked = admin.post(f"/schedules/{number}/off", data=fields(admin.get(f"/schedules/{number}").text))
    assert "저절로 열리지 않습니다" in asked.text
    admin.post(f"/schedules/{number}/off", data=fields(asked.text) | {"sure": "yes"})
    with read(office.engine) as session:
        assert session.exec(select(CollectionSchedule)).one().disabled_at is not None
        acts = session.exec(select(AuditEntry.act).where(AuditEntry.subject == f"schedule:{number}")).all()
    assert acts == ["schedule.set", "schedule.set", "schedule.remove"]


def test_a_schedule_of_some_projects_asks_besides_what_its_form_says(office: WebOffice) -> None:
    admin = office.admin()
    form = fields(admin.get("/schedules/new").text) | MONTHLY
    form |= {"projects": str(office.project), "questions": "겨울철 안전대책\r\n주민 불편"}
    page = admin.post("/schedules/save", data=form).text
    assert "이 사업만 묻습니다: 종합청사 전면 개보수 추진" in page
    assert "함께 묻는 것: 겨울철 안전대책 / 주민 불편" in page
    assert admin.post("/schedules/save", data=form | {"sure": "yes"}).status_code == 303
    with read(office.engine) as session:
        row = session.exec(select(CollectionSchedule)).one()
    assert (row.project_ids, row.questions) == ([office.project], ["겨울철 안전대책", "주민 불편"])
    page = admin.get(f"/schedules/{row.id}").text
    assert f'<option value="{office.project}" selected>' in page
    assert "겨울철 안전대책\n주민 불편</textarea>" in page
    assert "함께 묻는 것: 겨울철 안전대책 / 주민 불편" in admin.get("/schedules").text


def test_what_a_round_asks_besides_stands_above_the_form_until_it_is_answered(office: WebOffice) -> None:
    admin = office.admin()
    form = fields(admin.get("/rounds").text) | {"title": "10월 취합", "as_of": "2024. 10. 2."}
    opened = admin.post("/rounds", data=form | {"questions": "겨울철 안전대책"})
    assert "함께 묻는 것: 겨울철 안전대책" in admin.get(opened.headers["location"]).text
    lead = office.client()
    assert "추진실적에 함께 적어 주세요." in lead.get(f"/a/{office.token}").text
    assert "겨울철 안전대책" in lead.get(f"/a/{office.token}").text
    with write(office.engine) as session:
        session.execute(update(StatusRequest).values(state=RequestState.SUBMITTED))
    assert "겨울철 안전대책" not in lead.get(f"/a/{office.token}").text


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"every": "custom", "custom": "FREQ=DAILY"}, "custom"),
        ({"every": "custom", "custom": "매월"}, "custom"),
        ({"grace": "-1"}, "grace"),
        ({"questions": "가" * 101}, "questions"),
    ],
)
def test_a_schedule_that_cannot_work_marks_its_field_and_keeps_the_words(
    office: WebOffice, changes: dict[str, str], field: str
) -> None:
    status, page = save(office.admin(), **changes)
    assert status == 422
    assert 'aria-invalid="true"' in page.partition(f'id="{field}"')[2].partition(">")[0]
    assert fields(page)[field] == changes[field]
    assert office.count(CollectionSchedule) == 0


@on_sqlite
def test_due_days_out_of_order_are_refused_together(office: WebOffice) -> None:
    status, page = save(office.admin(), due1="9", due2="7")
    assert status == 422
    assert 'id="e-due"' in page
    assert fields(page)["due1"] == "9"
