"""Each person's day in a real browser: the lead on a phone, the admin, the reviewer, the operator of a dead server."""

import socket
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlmodel import select

from models import (
    Attachment,
    Document,
    ImportDraft,
    Milestone,
    Notification,
    NotificationState,
    Project,
    RequestState,
    Role,
    StatusReport,
    StatusRequest,
)
from models.database import read, write
from notifications.channels.email import EmailChannel
from notifications.deliver import deliver_due
from notifications.mailbox import mailbox_of
from settings import SmtpServer
from tests.web.browsing import DESK, PHONE, assert_readable, context, follow, sign_in
from tests.web.office import LABELS, UPCOMING, WebOffice

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).parents[2] / "examples" / "report-2024-09.md"


def test_a_lead_goes_from_the_mail_to_the_receipt_on_a_phone_with_a_photo(
    browser: Browser, site: tuple[WebOffice, str], pictures: Path | None
) -> None:
    office, address = site
    mail, link = EmailMessage(), f"{address}/a/{office.token}"
    mail["Subject"], mail["To"] = "[일정 알림] 지연 1건", "홍길동 팀장 <lead@office.example>"
    mail.set_content(f"한 번에 답하기: {link}")
    mailbox_of(office.settings.data).keep(mail.as_bytes())
    page = context(browser, PHONE).new_page()
    page.goto(mail.get_content().partition(": ")[2].strip())
    item = office.milestones[UPCOMING]
    page.locator(f"#m{item} .choice-on_track").click()
    page.locator(f"#m{item} summary").click()
    page.set_input_files(
        f"#files-{item}", {"name": "너무 큼.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 11_000_000}
    )
    page.get_by_role("button", name="고른 답 보내기").click()
    assert "붙일 수 있습니다" in page.evaluate(f"document.getElementById('files-{item}').validationMessage")
    assert "/receipt" not in page.url, "what is too large is said before it is sent"
    photo = {"name": "현장 사진.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0" + b"photo" * 2000}
    page.set_input_files(f"#files-{item}", photo)
    assert_readable(page, pictures)
    follow(page, page.get_by_role("button", name="고른 답 보내기"))
    assert "접수했습니다" in page.locator("h1").inner_text()
    assert_readable(page, pictures)
    with page.expect_download() as download:
        page.get_by_role("link", name="현장 사진.jpg").click()
    assert download.value.suggested_filename == "현장 사진.jpg"
    with read(office.engine) as session:
        assert session.exec(select(Attachment.name)).one() == "현장 사진.jpg"


def test_an_admin_goes_from_the_report_on_paper_to_the_next_one(
    browser: Browser, site: tuple[WebOffice, str], pictures: Path | None
) -> None:
    office, address = site
    page = context(browser, DESK).new_page()
    sign_in(page, office, address)
    page.goto(f"{address}/import")
    page.set_input_files("#file", EXAMPLE)
    follow(page, page.get_by_role("button", name="올리고 읽은 내용 보기"))
    assert_readable(page, pictures)
    follow(page, page.get_by_role("link", name="원문 옆에서 보기").first)
    assert_readable(page, pictures)
    follow(page, page.get_by_role("link", name="2. 확인이 필요한 것"))
    assert_readable(page, pictures)
    page.get_by_label("이대로 맞습니다").first.check()
    follow(page, page.get_by_role("button", name="이 쪽의 내용 담기"))
    assert page.get_by_role("status").is_visible()
    with read(office.engine) as session:
        assert session.exec(select(Document.id)).all() == [office.document], "nothing counts yet"
    follow(page, page.get_by_role("link", name="3. 달라지는 것과 저장"))
    follow(page, page.get_by_role("button", name="저장하고 활성화하기"))
    assert "저장하고 활성화했습니다" in page.get_by_role("status").inner_text()
    with read(office.engine) as session:
        assert session.exec(select(ImportDraft.id)).all() == []
        assert session.exec(select(Project.id).where(Project.activated_at == None)).first() is None  # noqa: E711
    page.goto(f"{address}/milestones?q=가산동주민센터")
    page.get_by_role("checkbox").first.check()
    follow(page, page.get_by_role("button", name="고른 일정 옮기기"))
    page.get_by_label("일수").fill("열흘")
    page.get_by_label("사유").fill("공정 지연")
    follow(page, page.get_by_role("button", name="바뀌는 내용 보기"))
    assert page.get_by_role("alert").is_visible()
    assert_readable(page, pictures)
    page.get_by_label("일수").fill("10")
    follow(page, page.get_by_role("button", name="바뀌는 내용 보기"))
    assert_readable(page, pictures)
    follow(page, page.get_by_role("button", name="이대로 1건 저장"))
    page.goto(f"{address}/rounds")
    follow(page, page.get_by_role("button", name="회차 열기"))
    with page.expect_download() as download:
        page.get_by_role("link", name="텍스트(Markdown) 받기").click()
    report = Path(download.value.path()).read_text(encoding="utf-8")
    assert "가산동주민센터" in report
    assert "변경" in report


def test_a_reviewer_sends_an_answer_back_and_accepts_the_next(
    browser: Browser, site: tuple[WebOffice, str], pictures: Path | None
) -> None:
    office, address = site
    with read(office.engine) as session:
        from models import Unit

        department = session.exec(select(Unit.id).where(Unit.name == "행정지원과")).one()
    admin = context(browser, DESK).new_page()
    sign_in(admin, office, address)
    admin.goto(f"{address}/rounds")
    follow(admin, admin.get_by_role("button", name="회차 열기"))
    board = admin.url.partition("?")[0]
    lead = context(browser, PHONE).new_page()

    def answer(results: str) -> None:
        lead.goto(f"{address}/a/{office.token}")
        for milestone in office.milestones:
            lead.locator(f"#m{milestone} .choice-on_track").click()
        lead.locator(f"#m{office.milestones[UPCOMING]} summary").click()
        lead.fill(f"#results-{office.milestones[UPCOMING]}", results)
        follow(lead, lead.get_by_role("button", name="고른 답 보내기"))

    answer("- 착공")
    reviewing = context(browser, DESK)
    member = office.member((Role.REVIEWER, department))
    reviewing.add_cookies([{"name": name, "value": value, "url": address} for name, value in member.cookies.items()])
    page = reviewing.new_page()
    page.goto(board)
    assert_readable(page, pictures)
    follow(page, page.get_by_role("link", name="행정지원팀장"))
    page.get_by_label("무엇을 보완해야 하는지").fill("공정률을 적어 주세요.")
    page.get_by_label("새 제출 기한").fill("2024. 10. 11.")
    follow(page, page.get_by_role("button", name="보완요청 보내기"))
    answer("- 착공, 공정률 20%")
    follow(page, page.get_by_role("link", name="행정지원팀장"))
    assert "공정률 20%" in page.content()
    follow(page, page.get_by_role("button", name="확정하기"))
    with read(office.engine) as session:
        asked = session.exec(
            select(StatusRequest).where(StatusRequest.post_id == office.post, StatusRequest.round_id == 1)
        ).one()
        assert len(session.exec(select(StatusReport.id)).all()) >= len(LABELS)
    assert asked.state is RequestState.ACCEPTED


def test_an_operator_sees_that_the_mail_server_is_dead_and_stops_sending(
    browser: Browser, site: tuple[WebOffice, str], pictures: Path | None
) -> None:
    office, address = site
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    server = SmtpServer("127.0.0.1", port, "none")
    with write(office.engine) as session:
        message = session.get_one(Notification, office.failed)
        message.state, message.post_id, message.next_attempt_at = (
            NotificationState.QUEUED,
            office.post,
            office.clock.now,
        )
        milestone = session.get_one(Milestone, office.milestones[UPCOMING])
        assert milestone.label == LABELS[UPCOMING]
        from models import Reminder, ReminderState

        reminder = session.exec(select(Reminder).where(Reminder.milestone_id == milestone.id)).first()
        assert reminder is not None
        reminder.notification_id, reminder.state = office.failed, ReminderState.DISPATCHED
    settings = replace(office.settings, smtp=server)
    with EmailChannel(server, settings, timeout_seconds=2) as channel:
        deliver_due(office.engine, office.clock, office.settings, channel)
    page = context(browser, DESK).new_page()
    sign_in(page, office, address)
    follow(page, page.get_by_role("link", name="발송 대기"))
    follow(page, page.locator(".mails a").first)
    assert page.locator("dd.bad").is_visible(), "the error stands there in words"
    assert_readable(page, pictures)
    page.goto(f"{address}/sending")
    page.get_by_label("멈추는 사유").fill("메일 서버 점검")
    page.get_by_label("모든 메일을 지금 멈춥니다").check()
    follow(page, page.get_by_role("button", name="발송 멈추기"))
    assert "메일 서버 점검" in page.get_by_role("status").inner_text()
    follow(page, page.get_by_role("button", name="여기서 발송 다시 켜기"))
    assert page.get_by_role("button", name="발송 멈추기").is_visible()
