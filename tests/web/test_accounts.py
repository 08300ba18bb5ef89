"""Accounts: signing in with a password and a code, guessing, changing a password, being shut out."""

import re
from base64 import b32decode
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.testclient import TestClient

from models import Account, AuditEntry, Role, WebSession
from models.database import read, write
from tests.web.office import NOW, WebOffice, fields, submit
from web.accounts import add_account, disable, find_account, give_role, make_password_link, set_password
from web.one_time_codes import code_at, keep_codes, make_seed, match_step, secret_of, step_of
from web.rates import network_of

PASSWORD = "correct horse battery"


def new_account(office: WebOffice, name: str = "hong", role: Role = Role.REVIEWER) -> None:
    with write(office.engine) as session:
        account = add_account(session, name, now=NOW, by="test")
        give_role(session, account, role, None, now=NOW, by="test")
        set_password(session, account, PASSWORD, now=NOW, by="test")


def sign_in(client: TestClient, name: str = "hong", password: str = PASSWORD) -> int:
    return submit(client, "/login", name=name, password=password).status_code


def acts(office: WebOffice) -> list[str]:
    with read(office.engine) as session:
        return list(session.exec(select(AuditEntry.act).order_by(col(AuditEntry.id))))


def test_a_name_and_a_password_open_what_the_role_covers(office: WebOffice) -> None:
    new_account(office)
    client = office.client()
    assert sign_in(client, password="wrong horse battery") == 422
    assert client.get("/").status_code == 403
    sent = submit(client, "/login?next=/projects", name="Hong", password=PASSWORD, next="/projects")
    assert sent.headers["location"] == "/projects"
    cookie = next(one for one in sent.headers.get_list("set-cookie") if one.startswith("dday_session"))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/projects").status_code == 200
    assert client.get("/mailbox").status_code == 403
    assert acts(office)[-2:] == ["login.failed", "login"]
    assert PASSWORD not in str(office.everything())


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"])
def test_signing_in_leads_to_this_site_only(office: WebOffice, address: str) -> None:
    new_account(office)
    sent = submit(office.client(), "/login", name="hong", password=PASSWORD, next=address)
    assert sent.headers["location"] == "/"


def test_a_stranger_who_guesses_slows_only_themselves(office: WebOffice) -> None:
    new_account(office)
    known = office.client()
    assert sign_in(known) == 303
    guesser = TestClient(office.app, follow_redirects=False, client=("203.0.113.9", 1))
    statuses = [sign_in(guesser, password=f"guess number {n}") for n in range(7)]
    assert statuses == [422] * 5 + [429] * 2
    slowed = submit(guesser, "/login", name="hong", password=PASSWORD)
    assert int(slowed.headers["retry-after"]) > 0
    elsewhere = TestClient(office.app, follow_redirects=False, client=("203.0.113.10", 1))
    assert sign_in(elsewhere) == 303, "a new browser elsewhere"
    same_address = TestClient(office.app, follow_redirects=False, client=("203.0.113.9", 1), cookies=known.cookies)
    assert sign_in(same_address) == 303, "a browser that the account knows, behind the guesser's address"


def test_names_that_nobody_has_are_slowed_alike_and_kept_nowhere(office: WebOffice) -> None:
    client = office.client()
    assert [sign_in(client, "not-there", PASSWORD) for _ in range(6)] == [422] * 5 + [429]
    assert "not-there" not in str(office.everything())


def test_an_ipv6_host_is_one_asker_whatever_address_it_takes() -> None:
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2:bbbb::2") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:10.0.0.1") == network_of("10.0.0.1")


def test_a_session_ends_by_itself_when_idle_and_at_the_latest_after_its_hours(office: WebOffice) -> None:
    new_account(office)
    client = office.client()
    sign_in(client)
    for _ in range(20):
        office.clock.now += timedelta(minutes=50)
        if client.get("/projects").status_code != 200:
            break
    assert office.clock.now - NOW == timedelta(minutes=750), "the first look after twelve hours"
    sign_in(client)
    office.clock.now += timedelta(minutes=61)
    assert client.get("/projects").status_code == 403


def test_signing_in_again_ends_the_session_before(office: WebOffice) -> None:
    new_account(office)
    client = office.client()
    sign_in(client)
    stolen = TestClient(office.app, follow_redirects=False, cookies=client.cookies)
    assert stolen.get("/projects").status_code == 200
    assert sign_in(client) == 303
    assert client.get("/projects").status_code == 200
    assert stolen.get("/projects").status_code == 403


def test_a_disabled_account_and_a_changed_password_end_every_session(office: WebOffice) -> None:
    new_account(office)
    here, there = office.client(), office.client()
    assert [sign_in(here), sign_in(there)] == [303, 303]
    fresh = "another fine password"
    refused = submit(here, "/account", present=PASSWORD)
    assert refused.status_code == 405 or refused.status_code == 404
    form = fields(here.get("/account").text)
    wrong = here.post("/account/password", data=form | {"present": "wrong", "password": fresh, "again": fresh})
    assert wrong.status_code == 422
    changed = here.post("/account/password", data=form | {"present": PASSWORD, "password": fresh, "again": fresh})
    assert changed.status_code == 303
    assert here.get("/projects").status_code == 200
    assert there.get("/projects").status_code == 403
    with write(office.engine) as session:
        disable(session, find_account(session, "hong"), now=NOW, by="test")
    assert here.get("/projects").status_code == 403
    assert sign_in(here, password=fresh) == 422


@pytest.mark.parametrize("password", ["short", "x" * 30, "my-hong-password", "p" * 201])
def test_a_weak_password_is_refused_and_the_link_stays_good(office: WebOffice, password: str) -> None:
    with write(office.engine) as session:
        account = add_account(session, "hong", now=NOW, by="test")
        link = make_password_link(session, account, now=NOW, settings=office.settings)
    path = link.removeprefix("http://testserver")
    client = office.client()
    assert client.post(path, data={"password": password, "again": password}).status_code == 422
    assert client.post(path, data={"password": PASSWORD, "again": "other one here"}).status_code == 422
    assert client.post(path, data={"password": PASSWORD, "again": PASSWORD}).status_code == 303
    assert client.post(path, data={"password": PASSWORD, "again": PASSWORD}).status_code == 410
    assert client.get("/").status_code == 403, "choosing a password signs nobody in"
    assert sign_in(client) == 303


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    secret = b"12345678901234567890"
    assert code_at(secret, seconds // 30, digits=8) == code
    assert match_step(secret, code[2:], datetime.fromtimestamp(seconds + 30, UTC)) == seconds // 30
    assert match_step(secret, code[2:], datetime.fromtimestamp(seconds + 90, UTC)) is None


def test_an_admin_sets_codes_up_first_and_needs_one_from_then_on(office: WebOffice) -> None:
    new_account(office, role=Role.ADMIN)
    client = office.client()
    assert sign_in(client) == 303
    assert client.get("/projects").headers["location"] == "/account/codes"
    page = client.get("/account/codes").text
    key = re.search(r'class="key">([A-Z2-7 ]+)<', page)
    assert key is not None
    secret = b32decode(key[1].replace(" ", ""))
    now = step_of(datetime.now(UTC))
    form = fields(page) | {"present": PASSWORD}
    assert client.post("/account/codes", data=form | {"code": "000000"}).status_code == 422
    shown = client.post("/account/codes", data=form | {"code": code_at(secret, now)})
    recovery = re.findall(r"<code>([a-z2-7-]+)</code>", shown.text)
    assert len(recovery) == 10
    assert client.get("/projects").status_code == 200
    kept = str(office.everything())
    assert key[1].replace(" ", "") not in kept
    assert all(code not in kept and code.replace("-", "") not in kept for code in recovery)

    other = office.client()
    asked = submit(other, "/login", name="hong", password=PASSWORD)
    assert asked.status_code == 200
    assert other.get("/").status_code == 403, "the password alone opens nothing"
    ticket = fields(asked.text)
    assert other.post("/login/code", data=ticket | {"code": code_at(secret, now)}).status_code == 422, "used up"
    assert other.post("/login/code", data=ticket | {"code": recovery[0].upper()}).status_code == 303
    assert other.get("/projects").status_code == 200
    third = office.client()
    ticket = fields(submit(third, "/login", name="hong", password=PASSWORD).text)
    assert third.post("/login/code", data=ticket | {"code": recovery[0]}).status_code == 422, "used up"
    assert third.post("/login/code", data=ticket | {"code": code_at(secret, now + 1)}).status_code == 303


def test_codes_are_guessed_a_few_times_only(office: WebOffice) -> None:
    new_account(office, role=Role.ADMIN)
    with write(office.engine) as session:
        keep_codes(session, find_account(session, "hong"), make_seed(), 0)
    client = office.client()
    ticket = fields(submit(client, "/login", name="hong", password=PASSWORD).text)
    statuses = [client.post("/login/code", data=ticket | {"code": "000000"}).status_code for _ in range(7)]
    assert statuses == [422] * 5 + [429] * 2


def test_two_who_race_with_one_code_are_one(engine: Engine, office: WebOffice) -> None:
    from web.one_time_codes import use_code

    new_account(office, role=Role.ADMIN)
    now = datetime.now(UTC)
    with write(engine) as session:
        keep_codes(session, find_account(session, "hong"), "seed", 0)
    with read(engine) as one, read(engine) as two:
        stale = [find_account(one, "hong"), find_account(two, "hong")]
    code = code_at(secret_of(office.settings, stale[0].id or 0, "seed"), step_of(now))
    used = []
    for account in stale:
        with write(engine) as session:
            used.append(use_code(session, office.settings, account, code, now))
    assert used == [True, False]


def test_sessions_and_accounts_hold_only_hashes(office: WebOffice) -> None:
    new_account(office)
    client = office.client()
    sign_in(client)
    with read(office.engine) as session:
        [account] = session.exec(select(Account))
        [row] = session.exec(select(WebSession).where(WebSession.account_id == account.id))
    assert str(account.password_hash).startswith("$argon2id$")
    assert client.cookies["dday_session"] not in str(row)
    assert len(row.token_sha256) == 64
