"""The raw tables: every one opens, nothing that opens something is shown, nothing can be written, no page grows."""

import re

import pytest
from sqlmodel import select

from models import AnswerLink, Notification
from models.database import read, write
from models.transfer import tables
from tests.web.office import NOW, WebOffice
from tests.web.test_accounts import new_account
from web.catalogue import word_of
from web.tables import SHOWN, is_secret, searchable


def test_every_table_and_its_first_row_opens(office: WebOffice) -> None:
    admin = office.admin()
    listed = admin.get("/tables").text
    for table in tables():
        assert f'href="/tables/{table.name}"' in listed
        assert word_of("Table", table.name) != table.name
        page = admin.get(f"/tables/{table.name}")
        assert page.status_code == 200, table.name
        for address in re.findall(rf'href="(/tables/{table.name}/[^"]+)"', page.text)[:1]:
            assert admin.get(address).status_code == 200, address


def test_what_opens_something_is_never_shown(office: WebOffice) -> None:
    new_account(office)
    admin = office.admin()
    secrets = {f"{table.name}.{column.name}" for table in tables() for column in table.c if is_secret(column)}
    assert secrets == {
        "account.password_hash",
        "account.totp_seed",
        "answer_link.token_sha256",
        "calendar_feed.token_sha256",
        "known_browser.browser_sha256",
        "login_link.token_sha256",
        "notification.lease_token",
        "recovery_code.code_sha256",
        "web_session.token_sha256",
    }
    with read(office.engine) as session:
        link = session.exec(select(AnswerLink)).first()
    assert link is not None
    shown = admin.get("/tables/answer_link").text + admin.get(f"/tables/answer_link/{link.id}").text
    assert link.token_sha256 not in shown
    assert "보이지 않는 값입니다" in shown
    assert "$argon2id$" not in admin.get("/tables/account").text + admin.get("/tables/account/1").text
    assert admin.get("/tables/answer_link?by=token_sha256&value=" + link.token_sha256).text.count("<td") == 0


@pytest.mark.parametrize(
    "address",
    ["nothing", "milestone/0", "milestone/x", "milestone/1%00", "milestone?after=x", "sqlite_master", "person/1'--"],
)
def test_what_is_not_there_says_so(office: WebOffice, address: str) -> None:
    assert office.admin().get(f"/tables/{address}").status_code == 404


def test_rows_are_narrowed_by_what_an_index_finds(office: WebOffice) -> None:
    admin = office.admin()
    page = admin.get(f"/tables/milestone?by=id&value={office.milestones[0]}").text
    assert page.count(f'href="/tables/milestone/{office.milestones[0]}"') == 1
    for by, value in (("label", "x"), ("id", "하나"), ("id", "9" * 40), ("", "1"), ("state", "sent")):
        refused = admin.get("/tables/milestone", params={"by": by, "value": value})
        assert refused.status_code == 200
        assert "찾을 수 있는 값이 아닙니다" in refused.text
        assert f'value="{value}"' in refused.text
    assert "state" not in searchable(next(table for table in tables() if table.name == "notification"))


def test_a_long_table_is_read_on_from_a_key_and_long_texts_are_cut(office: WebOffice) -> None:
    with write(office.engine) as session:
        for number in range(2 * SHOWN):
            session.add(
                Notification(
                    key=f"post:1/email/x/{number}",
                    kind="morning",
                    channel="email",
                    slot_at=NOW,
                    subject=f"[일정 알림] {number}",
                    text="<b>글</b>" * 30_000,
                    created_at=NOW,
                )
            )
    admin = office.admin()
    page = admin.get("/tables/notification")
    assert len(page.content) < 150_000
    assert "<b>글" not in page.text
    seen: list[str] = []
    address: str | None = "/tables/notification"
    while address:
        text = admin.get(address).text
        seen += re.findall(r"<tr><td><a href=\"/tables/notification/(\d+)\"", text)
        found = re.search(r'class="further"><a class="button" href="([^"]+)"', text)
        address = found[1].replace("&amp;", "&") if found else None
    assert len(seen) == len(set(seen)) >= 2 * SHOWN
    assert seen == sorted(seen, key=int, reverse=True)
    assert len(admin.get(f"/tables/notification/{seen[0]}").content) < 150_000
