"""`/projects/{id}/supporting`: posts beside are set and taken back; a lead reads what their post supports, to read."""

from sqlmodel import select

from models import BESIDE, AuditEntry, Reminder, ReminderState, Role, StatusReport, SupportingPost
from models.database import read, write
from schedules.plan import replan
from schedules.rules import set_rule
from tests.schedules.office import CALENDAR
from tests.web.office import LABELS, NOW, UPCOMING, WebOffice, fields, on_sqlite


def support(office: WebOffice, project_id: int, post: str = "행정지원팀", **more: str) -> tuple[int, str]:
    admin, address = office.admin(), f"/projects/{project_id}/supporting"
    sent = admin.post(address, data=fields(admin.get(address).text) | {"post": post, **more})
    return sent.status_code, sent.text


def tell(office: WebOffice) -> None:
    with write(office.engine) as session:
        set_rule(session, {"name": "upcoming-firm", "levels": [0, "supporting"]}, by="admin", now=NOW)
        replan(session, NOW, office.settings, CALENDAR)


def test_a_post_beside_is_set_shown_and_taken_back(office: WebOffice) -> None:
    admin, address = office.admin(), f"/projects/{office.project}/supporting"
    assert f'href="{address}"' in admin.get(f"/projects/{office.project}").text
    assert "협조 직위에 알리는 규칙이 없습니다" in admin.get(address).text
    tell(office)
    assert support(office, office.project, "인사팀장", milestone=str(office.milestones[UPCOMING]))[0] == 303
    page = admin.get(address).text
    assert "협조 직위에 알리는 규칙이 없습니다" not in page
    assert "인사팀장" in page
    assert LABELS[UPCOMING] in page
    assert "협조 인사팀장" in admin.get(f"/projects/{office.project}").text
    with read(office.engine) as session:
        row = session.exec(select(SupportingPost)).one()
        due = session.exec(select(Reminder).where(Reminder.post_id == office.other_post)).all()
        acts = session.exec(select(AuditEntry.subject).where(AuditEntry.act == "supporting.add")).all()
    assert {reminder.state for reminder in due if reminder.milestone_id == row.milestone_id} == {ReminderState.PLANNED}
    assert acts == [f"milestone:{office.milestones[UPCOMING]}"]
    form = fields(page)
    assert admin.post(f"{address}/{row.id}/remove", data=form).headers["location"] == address
    assert "정해진 협조 직위가 없습니다" in admin.get(address).text
    with read(office.engine) as session:
        of_row = Reminder.milestone_id == row.milestone_id, Reminder.post_id == office.other_post
        assert {reminder.state for reminder in session.exec(select(Reminder).where(*of_row))} == {
            ReminderState.CANCELLED
        }


@on_sqlite
def test_what_cannot_support_is_refused_at_its_field_and_kept_as_typed(office: WebOffice) -> None:
    for post, more, said in (
        ("없는과", {}, "직위나 부서가 없습니다"),
        ("행정지원팀장", {}, "이미 답하는 담당 직위"),
        ("인사팀", {"milestone": "0x"}, "목록에서 골라 주세요"),
    ):
        status, page = support(office, office.project, post, **more)
        assert status == 422
        assert said in page
        assert f'value="{post}"' in page
        assert 'aria-invalid="true"' in page


def test_a_lead_reads_what_the_post_supports_and_cannot_answer_for_it(office: WebOffice) -> None:
    assert support(office, office.foreign_project)[0] == 303
    with write(office.engine) as session:  # the mail that carried the link told it
        reminder = session.exec(select(Reminder).where(Reminder.milestone_id == office.foreign)).first()
        assert reminder is not None
        reminder.post_id, reminder.level, reminder.notification_id = office.post, BESIDE, office.message
        reminder.state = ReminderState.DISPATCHED
    client, address = office.client(), f"/a/{office.token}"
    page = client.get(address).text
    own, _, beside = page.partition("협조하는 일정")
    assert "인사제도 협의회" not in own
    assert "인사제도 협의회" in beside
    assert "담당 인사팀장" in beside
    assert "답하지 않으셔도 됩니다" in beside
    assert f"kind-{office.foreign}" not in page
    client.post(address, data=fields(page) | {f"kind-{office.foreign}": "on_track"})
    with read(office.engine) as session:
        assert session.exec(select(StatusReport).where(StatusReport.milestone_id == office.foreign)).all() == []


@on_sqlite
def test_the_admin_of_another_bureau_finds_nothing(office: WebOffice) -> None:
    other = office.member((Role.ADMIN, office.elsewhere))
    address = f"/projects/{office.project}/supporting"
    csrf = fields(other.get("/").text)["csrf"]
    assert other.get(address).status_code == 404
    assert other.post(address, data={"csrf": csrf, "post": "인사팀"}).status_code == 404
    assert other.post(f"{address}/1/remove", data={"csrf": csrf}).status_code == 404
