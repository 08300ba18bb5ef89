"""The console's main paths by keyboard alone: whatever has the focus on the way is seen to have it."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from sqlmodel import select

from models import ReminderRule, RequestState, Role, StatusRequest
from models.database import read, write
from tests.web.browsing import DESK, context
from tests.web.office import NOW, UPCOMING, WebOffice, fields, submit
from tests.web.test_accounts import PASSWORD, new_account
from web.accounts import find_account
from web.one_time_codes import keep_codes, make_seed, step_of

pytestmark = pytest.mark.browser

MOST_KEYS = 150
FOCUS = """selector => {
    const one = document.activeElement, style = getComputedStyle(one);
    const seen = style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2;
    return [one.matches(selector), seen || one === document.body, one.outerHTML.slice(0, 200)];
}"""


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until the focus is there; everything that has it on the way is seen to have it."""
    for _ in range(MOST_KEYS):
        page.keyboard.press("Tab")
        is_there, is_seen, what = page.evaluate(FOCUS, selector)
        assert is_seen, f"the focus is not seen: {what}"
        if is_there:
            return
    raise AssertionError(f"Tab never comes to {selector} on {page.url}")


def write_in(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(text)


def press(page: Page, selector: str, key: str = "Enter") -> None:
    """What leads to another page, once Tab has come to it."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press(key)


def with_codes(office: WebOffice) -> str:
    """An admin's account; returns one of its recovery codes, since those of an app go by the wall's clock."""
    new_account(office, role=Role.ADMIN)
    with write(office.engine) as session:
        return keep_codes(session, find_account(session, "hong"), make_seed(), step_of(NOW))[0]


def ask_and_answer(office: WebOffice) -> None:
    """A round in which the team has answered everything."""
    submit(office.admin(), "/rounds", due="2024. 10. 4.")
    team, form = office.client(), f"/a/{office.token}"
    typed = fields(team.get(form).text)
    answers = {name: "on_track" for name in typed if name.startswith("kind-")}
    answers |= {f"kind-{milestone}": "on_track" for milestone in office.milestones}
    assert team.post(form, data=typed | answers).status_code == 303


def test_an_admin_signs_in_moves_a_day_sets_a_rule_and_reviews_by_keyboard_alone(
    browser: Browser, site: tuple[WebOffice, str]
) -> None:
    office, address = site
    code, milestone = with_codes(office), office.milestones[UPCOMING]
    ask_and_answer(office)
    before = office.milestone(UPCOMING).end_on
    assert before is not None
    page = context(browser, DESK, scripts=False).new_page()

    page.goto(f"{address}/login")
    write_in(page, "#name", "hong")
    write_in(page, "#password", PASSWORD)
    press(page, "button[type=submit]")
    write_in(page, "#code", code)
    press(page, "button[type=submit]")
    assert page.url == f"{address}/"
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "본문으로 건너뛰기"

    press(page, "nav a[href='/projects']")
    press(page, "a[href='/milestones']")
    tab_to(page, f"input[name=milestone][value='{milestone}']")
    page.keyboard.press("Space")
    press(page, "button:not([value]).primary")
    write_in(page, "#days", "10")
    write_in(page, "#reason", "공정 지연")
    press(page, "main button.primary")
    press(page, "button[name=sure]")
    assert office.milestone(UPCOMING).end_on == before + timedelta(days=10)

    press(page, "nav a[href='/rules']")
    press(page, "a[href='/rules/new']")
    write_in(page, "#name", "보름 전")
    write_in(page, "#days", "15")
    press(page, "main button.primary")
    press(page, "button[name=sure]")
    with read(office.engine) as session:
        assert session.exec(select(ReminderRule.offsets).where(ReminderRule.name == "보름 전")).one() == [-15]

    press(page, "nav a[href='/rounds']")
    press(page, "main a[href^='/rounds/1']")
    press(page, "a[href^='/rounds/1/requests/']")
    press(page, "main button.primary")
    with read(office.engine) as session:
        asked = select(StatusRequest.state).where(StatusRequest.post_id == office.post, StatusRequest.round_id == 1)
        assert session.exec(asked).one() is RequestState.ACCEPTED
