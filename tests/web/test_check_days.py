"""`/milestones/{id}/check-day`: the day on which a promised measure is asked about, set with a reason."""

from datetime import date

from sqlmodel import select

from models import AuditEntry, Milestone, Problem, Role
from models.database import read, write
from tests.web.office import UNDATED, UPCOMING, WebOffice, fields, on_sqlite


def test_the_project_page_shows_when_a_measure_is_asked_about_and_the_day_can_be_set(office: WebOffice) -> None:
    number = office.milestones[UNDATED]
    with write(office.engine) as session:  # the problem's measure is one of the project's plans
        session.exec(select(Problem)).one().measure = session.get_one(Milestone, number).label
    admin, project = office.admin(), f"/projects/{office.project}"
    page = admin.get(project).text
    assert f'<a href="#m{number}">' in page
    assert "12. 5.(목) 09:00 확인" in page, "sixty working days after the activation, by the office's rule and the post"
    address = f"/milestones/{number}/check-day"
    assert f'href="{address}"' in page
    form = fields(admin.get(address).text) | {"day": "2024. 10. 31.", "reason": "분기 말 점검"}
    answer = admin.post(address, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{project}#m{number}")
    page = admin.get(project).text
    assert "10. 31.(목) 09:00 확인" in page
    assert "확인일 2024. 10. 31.(목)" in page
    with read(office.engine) as session:
        assert session.get_one(Milestone, number).check_on == date(2024, 10, 31)
        entry = session.exec(select(AuditEntry).where(AuditEntry.act == "milestone.check_day")).one()
    assert entry.detail == "규칙에 따름 → 2024-10-31: 분기 말 점검"


@on_sqlite
def test_what_cannot_be_is_refused_at_its_field_and_kept_as_typed(office: WebOffice) -> None:
    admin, address = office.admin(), f"/milestones/{office.milestones[UNDATED]}/check-day"
    csrf = fields(admin.get(address).text)["csrf"]
    for day, reason, said in (
        ("어제", "사유", "날짜를 2024. 10. 4. 처럼"),
        ("2024. 10. 1.", "사유", "내일부터 2년 안에서"),
        ("2024. 10. 31.", " ", "사유를 200자 안에서"),
    ):
        page = admin.post(address, data={"csrf": csrf, "day": day, "reason": reason})
        assert page.status_code == 422
        assert said in page.text
        assert f'value="{day}"' in page.text
    dated = admin.post(
        f"/milestones/{office.milestones[UPCOMING]}/check-day",
        data={"csrf": csrf, "day": "2024. 10. 31.", "reason": "사유"},
    )
    assert "마지막 날이 없는 일정에만" in dated.text


@on_sqlite
def test_the_admin_of_another_bureau_finds_nothing(office: WebOffice) -> None:
    other = office.member((Role.ADMIN, office.elsewhere))
    address = f"/milestones/{office.milestones[UNDATED]}/check-day"
    csrf = fields(other.get("/").text)["csrf"]
    assert other.get(address).status_code == 404
    assert other.post(address, data={"csrf": csrf, "day": "2024. 10. 31.", "reason": "사유"}).status_code == 404
