"""The pages in a real browser: on a phone and a desk, by keyboard, without scripts, as a screen reader meets them."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlmodel import select

from models import StatusKind, StatusReport
from models.database import read
from notifications.mailbox import mailbox_of
from tests.web.browsing import DESK, PHONE, assert_readable, context, follow, sign_in
from tests.web.office import FUZZY, LATE, TODAY, UPCOMING, WebOffice

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_answer_form_is_readable_in_every_state(
    browser: Browser, site: tuple[WebOffice, str], size: tuple[int, int], pictures: Path | None
) -> None:
    office, address = site
    page = context(browser, size).new_page()
    page.goto(f"{address}/a/{office.token}")
    assert_readable(page, pictures)
    for kind in ("on_track", "rescheduled", "delayed"):
        page.locator(f"#m{office.milestones[UPCOMING]} .choice-{kind}").click()
    page.locator(f"#m{office.milestones[UPCOMING]} summary").click()
    assert_readable(page, pictures)
    follow(page, page.get_by_role("button", name="고른 답 보내기"))
    assert page.get_by_role("alert").is_visible()
    assert_readable(page, pictures)
    page.locator(f"#reason-{office.milestones[UPCOMING]}").fill("자재 수급 지연")
    follow(page, page.get_by_role("button", name="고른 답 보내기"))
    assert "접수했습니다" in page.locator("h1").inner_text()
    assert_readable(page, pictures)
    page.goto(f"{address}/a/made-up")
    assert_readable(page, pictures)


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
    item.locator(".choice-on_track").click()
    assert (new.is_visible(), reason.is_visible()) == (False, False)


def tab_to(page: Page, button: str) -> None:
    """Presses Tab once: the focus is on the button that sends this, and is seen there."""
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.get_attribute("value") == button
    assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"


def test_a_lead_answers_by_keyboard_alone_and_without_scripts(browser: Browser, site: tuple[WebOffice, str]) -> None:
    office, address = site
    page = context(browser, DESK, scripts=False).new_page()
    page.goto(f"{address}/a/{office.token}")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "본문으로 건너뛰기"
    page.keyboard.press("Enter")
    tab_to(page, "no_change-rest")
    tab_to(page, f"done-{office.milestones[LATE]}")
    tab_to(page, f"no_change-{office.milestones[LATE]}")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("name") == f"kind-{office.milestones[LATE]}"
    assert page.evaluate("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    tab_to(page, f"done-{office.milestones[TODAY]}")
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


def test_one_tap_answers_and_what_was_typed_elsewhere_is_still_a_draft(
    browser: Browser, site: tuple[WebOffice, str], pictures: Path | None
) -> None:
    office, address = site
    page = context(browser, PHONE).new_page()
    page.goto(f"{address}/a/{office.token}")
    page.locator(f"#m{office.milestones[UPCOMING]} summary").click()
    page.locator(f"#results-{office.milestones[UPCOMING]}").fill("- 적다 만 글")
    follow(page, page.locator(f"#m{office.milestones[TODAY]}").get_by_role("button", name="완료"))
    assert page.locator("#sent").is_visible()
    assert_readable(page, pictures)
    page.locator(f"#results-{office.milestones[UPCOMING]}").fill("- 적다 만 글 하나")
    follow(page, page.locator(f"#m{office.milestones[FUZZY]}").get_by_role("button", name="변동 없음"))
    follow(page, page.get_by_role("link", name="접수증 보기"))
    page.goto(f"{address}/a/{office.token}")
    assert page.locator(f"#results-{office.milestones[UPCOMING]}").input_value() == "- 적다 만 글 하나"
    page.goto(f"{address}/a/{office.token}/again/{office.milestones[TODAY]}")
    assert_readable(page, pictures)
    page.locator(".choice-on_track").click()
    follow(page, page.get_by_role("button", name="고친 답 보내기"))
    assert "접수했습니다" in page.locator("h1").inner_text()


def test_the_enter_key_in_a_field_presses_no_button_of_an_item(browser: Browser, site: tuple[WebOffice, str]) -> None:
    office, address = site
    page = context(browser, DESK, scripts=False).new_page()
    page.goto(f"{address}/a/{office.token}")
    item = office.milestones[UPCOMING]
    page.locator(f"#m{item} summary").click()
    page.locator(f"#percent-{item}").fill("30")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("alert").is_visible(), "nothing was chosen for it"
    with read(office.engine) as session:
        assert session.exec(select(StatusReport)).all() == []


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
