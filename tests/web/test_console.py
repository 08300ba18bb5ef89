"""The admin's pages: what each must tell, and that none grows with the table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlmodel import col, select

from models import AuditEntry, Finding, Installation, Project, Reminder
from models.database import read, write
from notifications.previewed import Previewed, PreviewedItem
from tests.web.office import LABELS, LATE, NOW, SCRIPT, WebOffice, fields
from web.app import make_app

PAGES = [
    "/",
    "/projects",
    "/projects/1",
    "/milestones",
    "/milestones?show=late&q=ㅅㅇ",
    "/days",
    "/people/on",
    "/reorganisations",
    "/absences",
    "/schedules",
    "/rules/1",
    "/preview",
    "/outbox",
    "/findings",
    "/people",
    "/rules",
    "/documents/1",
]


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """Collects the SQL statements that run meanwhile."""
    found: list[str] = []

    def note(*arguments: object) -> None:
        found.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_today_says_what_is_late_who_is_asked_and_what_goes_out_next(office: WebOffice) -> None:
    page = office.admin().get("/").text
    assert "2024. 10. 2.(수)" in page
    assert LABELS[LATE] in page
    assert "D+2" in page
    assert "홍길동 팀장" in page
    assert "10. 9.(수) 10:00까지" in page
    assert "인사팀장" in page, "nobody holds that post"
    assert "보임된 사람이 없습니다" in page


def test_today_says_why_nothing_is_sent(engine: Engine, tmp_path: Path) -> None:
    office = WebOffice(engine, tmp_path, activated=False)
    page = office.admin().get("/").text
    assert "발송이 꺼져 있습니다" in page
    assert "아직 활성화하지 않은 사업이 2건" in page


def test_a_clock_that_stands_still_is_seen(office: WebOffice) -> None:
    assert "멈춰 있는지" not in office.admin().get("/").text
    office.clock.now = NOW + timedelta(minutes=20)
    assert "멈춰 있는지" in office.admin().get("/").text


def test_activating_says_what_it_will_cause_and_then_does_it(engine: Engine, tmp_path: Path) -> None:
    office = WebOffice(engine, tmp_path, activated=False)
    admin = office.admin()
    before = office.everything()
    page = admin.get("/activate").text
    assert "종합청사 전면 개보수 추진" in page
    assert office.everything() == before
    sent = admin.post("/activate", data=fields(page))
    assert sent.headers["location"] == "/"
    with read(engine) as session:
        assert all(project.activated_at == NOW for project in session.exec(select(Project)).all())
        planned = session.exec(select(Reminder)).all()
        assert session.get_one(Installation, 1).fingerprint is not None
    mornings = {(one.post_id, one.due_at.date()) for one in planned if one.due_at < NOW + timedelta(days=30)}
    assert f"메일 {len(mornings)}통)" in page


def test_looking_at_what_activating_brings_waits_for_no_writer(engine: Engine, tmp_path: Path) -> None:
    office = WebOffice(engine, tmp_path, activated=False)
    admin = office.admin()
    with write(engine) as session:  # holds SQLite's one write lock, and on PostgreSQL the rows' locks
        session.exec(select(Project).with_for_update()).all()
        assert admin.get("/activate").status_code == 200


def test_all_sending_is_stopped_with_a_reason_asked_twice_and_let_go_again(office: WebOffice) -> None:
    admin = office.admin()
    form = fields(admin.get("/sending").text)
    assert admin.post("/sending/stop", data=form | {"reason": "오발송"}).status_code == 422
    assert "살펴보기" not in admin.get("/").text
    assert admin.post("/sending/stop", data=form | {"reason": "오발송", "sure": "yes"}).status_code == 303
    assert "오발송" in admin.get("/").text
    with read(office.engine) as session:
        assert session.get_one(Installation, 1).sending_stopped_at == NOW
    assert admin.post("/sending/resume", data=fields(admin.get("/sending").text)).status_code == 303
    assert "발송이 꺼져 있습니다" not in admin.get("/").text
    with read(office.engine) as session:
        acts = session.exec(select(AuditEntry.act).where(col(AuditEntry.act).startswith("sending"))).all()
    assert sorted(acts) == ["sending.resume", "sending.stop"]


def test_a_project_shows_its_words_its_lines_and_its_history(office: WebOffice) -> None:
    client, late = office.client(), office.milestones[LATE]
    form = fields(client.get(f"/a/{office.token}").text)
    form |= {f"kind-{late}": "rescheduled", f"new-{late}": "10월 말", f"reason-{late}": "우천으로 순연"}
    client.post(f"/a/{office.token}", data=form)
    page = office.admin().get(f"/projects/{office.project}").text
    assert f'href="/documents/{office.document}?line=3#L3"' in page
    assert "당초 2024. 9월중" in page
    assert "우천으로 순연" in page
    assert "확실성 83%" in page
    assert "로비 리모델링 공사 공정률 70%" in page
    assert "△1,250" in page
    assert "전력 증가" in page


def test_projects_are_found_by_name_of_project_or_milestone(office: WebOffice) -> None:
    admin = office.admin()
    assert "종합청사 전면 개보수" in admin.get("/projects?q=북카페").text
    assert "내부청렴도" not in admin.get("/projects?q=북카페").text
    assert "조건에 맞는 사업이 없습니다" in admin.get("/projects?q=100%").text
    for initials in ("ㅂㅋㅍ", "ㅈㅎㅊㅅ ㄱㅂㅅ", "ㅊ사"):
        assert "종합청사 전면 개보수" in admin.get("/projects", params={"q": initials}).text
        assert "내부청렴도" not in admin.get("/projects", params={"q": initials}).text
    for odd in ("ㅊ*", "ㅊ[", "ㅊ]\\", "ㅊ("):
        assert "조건에 맞는 사업이 없습니다" in admin.get("/projects", params={"q": odd}).text
    assert "종합청사 전면 개보수" in admin.get("/projects?show=late").text
    assert "내부청렴도" not in admin.get("/projects?show=late").text


def test_the_outbox_shows_the_text_as_sent_and_the_servers_words(office: WebOffice) -> None:
    admin = office.admin()
    assert "받을 사람이 없습니다" in admin.get("/outbox?state=trouble").text
    assert "지연 1건" not in admin.get("/outbox?state=trouble").text
    failed = admin.get(f"/outbox/{office.failed}").text
    assert "550 5.1.1 no such user" in failed
    sent = admin.get(f"/outbox/{office.message}")
    assert "홍길동 팀장" in sent.text
    html = admin.get(f"/outbox/{office.message}/html")
    assert "sandbox" in html.headers["content-security-policy"]
    assert "script-src" not in html.headers["content-security-policy"]


def test_a_finding_is_settled_once_and_noted(office: WebOffice) -> None:
    admin = office.admin()
    page = admin.get("/findings").text
    assert SCRIPT not in page
    assert page.index("오류</span>") < page.index("참고</span>")
    for _ in range(2):
        assert admin.post(f"/findings/{office.finding}/settle", data=fields(page)).status_code == 303
    with read(office.engine) as session:
        assert session.get_one(Finding, office.finding).settled_by == "admin"
        assert len(session.exec(select(AuditEntry).where(AuditEntry.act == "finding.settle")).all()) == 1


def test_a_document_is_shown_with_its_line_numbers(office: WebOffice) -> None:
    page = office.admin().get(f"/documents/{office.document}?line=3").text
    assert '<li id="L3" class="marked">' in page
    assert "<span>구분</span>" in page


def test_the_preview_shows_who_gets_what_and_when(office: WebOffice) -> None:
    item = PreviewedItem(
        milestone_id=1,
        label=LABELS[LATE],
        end="end",
        offset=2,
        offset_unit="calendar",
        due_on="2024-09-30",
        counts_on="2024-09-30",
    )
    mail = Previewed(
        key="post:3/email/morning/2024-10-07T09:00",
        send_at="2024-10-07T09:00+09:00",
        unit="행정지원팀",
        post="팀장",
        person="홍길동",
        channel="email",
        kind="morning",
        subject="[일정 알림] 지연 1건",
        items=[item, item],
    )
    sent = Previewed(**{**mail, "send_at": "2024-10-02T09:00+09:00", "unit": "이미보낸팀"})  # type: ignore[typeddict-item]
    asked: list[object] = []

    def preview(first: object, last: object, _unit: object) -> list[Previewed]:
        asked.extend((first, last))
        return [sent, mail]

    admin = office.admin()
    office.app = make_app(office.settings, office.engine, office.clock, preview_mails=preview)
    client = office.client()
    client.cookies = admin.cookies
    page = client.get("/preview").text
    assert [str(day) for day in asked] == ["2024-10-02", "2024-10-31"]
    assert "행정지원팀장" in page
    assert "10. 7.(월) 09:00" in page
    assert "D+7" in page
    assert "이미보낸팀" not in page
    assert "발송 기록" in client.get("/preview?month=2024-08").text


def test_a_drill_is_written_on_every_page(office: WebOffice) -> None:
    admin = office.admin()
    assert "훈련 중" not in admin.get("/").text
    with write(office.engine) as session:
        session.get_one(Installation, 1).drill_since = NOW
    for page in (admin.get("/"), admin.get("/projects"), office.client().get(f"/a/{office.token}")):
        assert "훈련 중" in page.text


def test_health_shows_what_the_doctor_says(office: WebOffice) -> None:
    from dataclasses import dataclass

    @dataclass
    class Check:
        name: str
        ok: bool
        words: str
        remedy: str = ""

    admin = office.admin()
    office.app = make_app(
        office.settings,
        office.engine,
        office.clock,
        examine=lambda: [Check("메일 서버", False, "닫혀 있음", "열어 주세요")],
    )
    client = office.client()
    client.cookies = admin.cookies
    page = client.get("/health").text
    assert "손볼 것이 1건" in page
    assert "열어 주세요" in page


def test_ready_means_that_the_database_answers(office: WebOffice) -> None:
    from models.database import make_engine

    assert office.client().get("/readyz").status_code == 200
    office.app = make_app(office.settings, make_engine("sqlite:///nowhere/at/all.db"), office.clock)
    assert office.client().get("/readyz").status_code == 503
    assert office.client().get("/healthz").status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_as_many_questions_of_a_large_table_as_of_a_small_one(
    engine: Engine, tmp_path: Path, path: str
) -> None:
    office = WebOffice(engine, tmp_path)
    admin = office.admin()
    admin.get(path)
    with counting(engine) as small:
        admin.get(path)
    grow(office)
    with counting(engine) as large:
        page = admin.get(path)
    assert len(large) <= len(small) + 1
    assert len(large) <= 28
    assert len(page.content) < 150_000


def grow(office: WebOffice) -> None:
    """Many more of everything that the pages list."""
    with write(office.engine) as session:
        project = session.get_one(Project, office.project)
        for number in range(200):
            session.add(
                Project(document_id=office.document, unit_id=project.unit_id, title=f"사업 {number}", activated_at=NOW)
            )
            session.add(
                Finding(document_id=office.document, code="x", severity="note", message=f"내용 {number}", line=number)
            )


def test_the_answer_form_stays_a_page_long(engine: Engine, tmp_path: Path) -> None:
    office = WebOffice(engine, tmp_path, extra=60)
    with counting(engine) as asked:
        page = office.client().get(f"/a/{office.token}")
    assert len(asked) <= 26
    assert len(page.content) < 150_000


@pytest.mark.parametrize("path", ["/a/{token}", "/projects/{project}"])
def test_a_page_about_one_post_or_project_reads_neither_all_units_nor_everybody(
    engine: Engine, tmp_path: Path, path: str
) -> None:
    office = WebOffice(engine, tmp_path)
    admin = office.admin()
    with counting(engine) as asked:
        page = admin.get(path.format(token=office.token, project=office.project))
    assert page.status_code == 200
    organisation = [one for one in asked if re.search(r"FROM (unit|post|person|assignment|absence)\b", one)]
    assert organisation
    assert all("WHERE" in one for one in organisation)
