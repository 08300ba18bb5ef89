"""The pages in a real browser: on a phone and a desk, by keyboard, without scripts, as a screen reader meets them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright
from sqlmodel import select

from models import StatusKind, StatusReport
from models.database import create_schema, make_engine, read
from notifications.mailbox import mailbox_of
from tests.web.office import LATE, TODAY, UPCOMING, WebOffice
from web.app import make_app

pytestmark = pytest.mark.browser

PHONE, DESK = (360, 800), (1280, 900)
CONSOLE = [
    "/",
    "/projects",
    "/projects/1",
    "/documents",
    "/documents/1",
    "/preview",
    "/outbox",
    "/paper?after=0",
    "/outbox/1",
    "/outbox/2",
    "/mailbox",
    "/findings",
    "/people",
    "/rules",
    "/health",
    "/activate",
    "/sending",
    "/timeline",
    "/nothing",
]


@contextmanager
def serving(office: WebOffice) -> Iterator[str]:
    """The application on a real port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = make_app(replace(office.settings, base_url=address), office.engine, office.clock)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from tests.conftest import find_chromium

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[WebOffice, str]]:
    engine = make_engine(f"sqlite:///{tmp_path / 'dday.db'}")
    create_schema(engine)
    office = WebOffice(engine, tmp_path / "data")
    with serving(office) as address:
        yield office, address
    engine.dispose()


def context(browser: Browser, size: tuple[int, int], *, scripts: bool = True) -> BrowserContext:
    return browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="ko-KR", java_script_enabled=scripts
    )


def sign_in(page: Page, office: WebOffice, address: str) -> None:
    page.goto(f"{address}/login/{office.login()}")
    follow(page, page.get_by_role("button", name="관리 화면 열기"))
    page.wait_for_url(f"{address}/")


def follow(page: Page, target: Locator) -> None:
    """Clicks what leads to another page, and waits until it is there."""
    with page.expect_navigation():
        target.click()


def assert_readable(page: Page) -> None:
    """No sideways scrolling, nothing that assistive technology trips over."""
    wide, shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= shown, f"{page.url} scrolls sideways: {wide} > {shown}"
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_admins_pages_are_readable(browser: Browser, site: tuple[WebOffice, str], size: tuple[int, int]) -> None:
    office, address = site
    page = context(browser, size).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if "Policy" in message.text else None)
    page.goto(address)
    assert_readable(page)
    sign_in(page, office, address)
    page.goto(f"{address}/rounds")
    assert_readable(page)
    follow(page, page.get_by_role("button", name="회차 열기"))
    assert_readable(page)
    follow(page, page.get_by_role("link", name="행정지원팀장"))
    assert_readable(page)
    for path in CONSOLE:
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        assert_readable(page)
    assert complaints == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_answer_form_is_readable_in_every_state(
    browser: Browser, site: tuple[WebOffice, str], size: tuple[int, int]
) -> None:
    office, address = site
    page = context(browser, size).new_page()
    page.goto(f"{address}/a/{office.token}")
    assert_readable(page)
    for kind in ("done", "rescheduled", "delayed"):
        page.locator(f"#m{office.milestones[UPCOMING]} .choice-{kind}").click()
    page.locator(f"#m{office.milestones[UPCOMING]} summary").click()
    assert_readable(page)
    follow(page, page.get_by_role("button", name="고른 답 보내기"))
    assert page.get_by_role("alert").is_visible()
    assert_readable(page)
    page.locator(f"#reason-{office.milestones[UPCOMING]}").fill("자재 수급 지연")
    follow(page, page.get_by_role("button", name="고른 답 보내기"))
    assert "접수했습니다" in page.locator("h1").inner_text()
    assert_readable(page)
    page.goto(f"{address}/a/made-up")
    assert_readable(page)


def test_more_fields_appear_only_for_the_choices_that_need_them(browser: Browser, site: tuple[WebOffice, str]) -> None:
    office, address = site
    page = context(browser, PHONE, scripts=False).new_page()
    page.goto(f"{address}/a/{office.token}")
    item = page.locator(f"#m{office.milestones[UPCOMING]}")
    new, reason = item.get_by_label("새 날짜"), item.get_by_label("사유")
    assert (new.is_visible(), reason.is_visible()) == (False, False)
    item.locator(".choice-delayed").click()
    assert (new.is_visible(), reason.is_visible()) == (False, True)
    item.locator(".choice-rescheduled").click()
    assert (new.is_visible(), reason.is_visible()) == (True, True)
    item.locator(".choice-done").click()
    assert (new.is_visible(), reason.is_visible()) == (False, False)


def test_a_lead_answers_by_keyboard_alone_and_without_scripts(browser: Browser, site: tuple[WebOffice, str]) -> None:
    office, address = site
    page = context(browser, DESK, scripts=False).new_page()
    page.goto(f"{address}/a/{office.token}")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "본문으로 건너뛰기"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("name") == f"kind-{office.milestones[LATE]}"
    assert page.evaluate("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("name") == f"kind-{office.milestones[TODAY]}"
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.locator(":focus").inner_text() == "고른 답 보내기":
            break
    with page.expect_navigation(url="**/receipt**"):
        page.keyboard.press("Enter")
    with read(office.engine) as session:
        report = session.exec(select(StatusReport)).one()
    assert report.milestone_id == office.milestones[LATE]
    assert report.kind in StatusKind


def test_what_was_typed_outlives_a_closed_window_and_ends_with_the_receipt(
    browser: Browser, site: tuple[WebOffice, str]
) -> None:
    office, address = site
    opened, item = context(browser, PHONE), office.milestones[UPCOMING]
    page = opened.new_page()
    page.goto(f"{address}/a/{office.token}")
    assert not page.locator("#draft").is_visible()
    page.locator(f"#m{item} .choice-on_track").click()
    page.locator(f"#m{item} summary").click()
    page.locator(f"#m{item} input[type=range]").fill("45")
    page.locator(f"#results-{item}").fill("- 절반을 마침")
    page.close()
    page = opened.new_page()
    page.goto(f"{address}/a/{office.token}")
    assert page.locator("#draft").is_visible()
    assert page.locator(f"#percent-{item}").input_value() == "45"
    follow(page, page.get_by_role("button", name="고른 답 보내기"))
    page.goto(f"{address}/a/{office.token}")
    assert not page.locator("#draft").is_visible()
    with read(office.engine) as session:
        assert session.exec(select(StatusReport.percent_complete)).one() == 45


def test_the_button_of_a_mail_opens_the_form_from_the_mailbox(browser: Browser, site: tuple[WebOffice, str]) -> None:
    from email.message import EmailMessage

    office, address = site
    mail = EmailMessage()
    mail["Subject"], mail["To"] = "[일정 알림] 지연 1건", "홍길동 팀장 <lead@office.example>"
    mail.set_content("글자")
    link = f"{address}/a/{office.token}"
    mail.add_alternative(
        f"<html lang='ko'><head></head><body><a href='{link}'>한 번에 답하기</a></body></html>", "html"
    )
    mailbox_of(office.settings.data).keep(mail.as_bytes())
    opened = context(browser, DESK)
    page = opened.new_page()
    sign_in(page, office, address)
    page.goto(f"{address}/mailbox")
    follow(page, page.get_by_role("link", name="[일정 알림] 지연 1건"))
    with opened.expect_page() as form:
        page.frame_locator("iframe").get_by_role("link", name="한 번에 답하기").click()
    form.value.wait_for_load_state()
    assert "진행상황 답하기" in form.value.locator("h1").inner_text()


def test_the_menu_opens_on_a_phone_without_scripts(browser: Browser, site: tuple[WebOffice, str]) -> None:
    office, address = site
    page = context(browser, PHONE, scripts=False).new_page()
    sign_in(page, office, address)
    entry = page.get_by_role("link", name="발송 기록 Outbox")
    assert not entry.is_visible()
    page.get_by_role("link", name="메뉴 Menu").click()
    follow(page, entry)
    assert page.url == f"{address}/outbox"
