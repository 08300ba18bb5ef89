"""The record of acts: each act on it with who, what and from where; found again; nothing secret in it."""

import csv
from datetime import timedelta

import pytest
from sqlmodel import col, select

from models import AuditEntry, Role
from models.database import read, write
from tests.web.office import NOW, TODAY, WebOffice, fields, submit


def entries(office: WebOffice) -> list[AuditEntry]:
    with read(office.engine) as session:
        return list(session.exec(select(AuditEntry).order_by(col(AuditEntry.id))))


def test_every_act_says_who_what_and_from_where(office: WebOffice) -> None:
    member = office.member((Role.ADMIN, None), name="kim")
    member.post(f"/findings/{office.finding}/settle", data={"csrf": fields(member.get("/").text)["csrf"]})
    submit(member, "/sending")
    stop = fields(member.get("/sending").text) | {"reason": "시험", "sure": "yes"}
    assert member.post("/sending/stop", data=stop).status_code == 303
    team = office.client()
    answer = fields(team.get(f"/a/{office.token}").text) | {f"kind-{office.milestones[TODAY]}": "done"}
    assert team.post(f"/a/{office.token}", data=answer).status_code == 303
    *_, settle, stopped, answered = entries(office)
    assert (settle.act, settle.subject) == ("finding.settle", f"finding:{office.finding}")
    assert (stopped.act, stopped.detail) == ("sending.stop", "시험")
    assert (answered.act, answered.subject) == ("answer", f"milestone:{office.milestones[TODAY]}")
    assert settle.actor.endswith(" kim")
    assert answered.actor == "홍길동 팀장"
    assert {entry.origin for entry in (settle, stopped, answered)} == {"web testclient"}


def test_a_page_of_acts_is_found_by_person_act_day_and_unit(office: WebOffice) -> None:
    with write(office.engine) as session:
        for n, (actor, act, subject) in enumerate(
            (
                ("account:1 kim", "rule.set", "rule:1"),
                ("account:2 lee", "rule.remove", "rule:1"),
                ("clock", "round.open", "round:1"),
                ("admin", "milestone.move", f"milestone:{office.milestones[0]}"),
            )
        ):
            at = NOW + timedelta(days=n)
            session.add(AuditEntry(at=at, actor=actor, act=act, subject=subject, detail=f"note {n}"))
    admin = office.admin()

    def notes(query: str) -> list[int]:
        page = admin.get(f"/audit?{query}").text
        return [n for n in range(4) if f"note {n}" in page]

    assert notes("") == [0, 1, 2, 3]
    assert notes("who=LEE") == [1]
    assert notes("who=%25") == []
    assert notes("act=rule") == [0, 1]
    assert notes("act=rule.set") == [0]
    assert notes("first=2024.+10.+3.&last=2024.+10.+4.") == [1, 2]
    assert notes(f"unit={office.department}") == [3]
    assert notes(f"unit={office.elsewhere}") == []
    assert admin.get("/audit?first=someday").status_code == 422


def test_a_long_record_is_read_a_page_at_a_time(office: WebOffice) -> None:
    with write(office.engine) as session:
        session.add_all(AuditEntry(at=NOW, actor="clock", act="x", subject=f"n:{n:03}") for n in range(120))
    admin, address, seen = office.admin(), "/audit?act=x", []
    while address:
        page = admin.get(address).text
        seen += [n for n in range(120) if f"n:{n:03}" in page]
        link = page.partition('<p class="further"><a class="button" href="')[2].partition('"')[0]
        address = link.replace("&amp;", "&")
    assert sorted(seen) == list(range(120))


def test_the_export_is_a_table_in_which_nothing_is_a_formula(office: WebOffice) -> None:
    with write(office.engine) as session:
        session.add(AuditEntry(at=NOW, actor="clock", act="x", subject="", detail='=HYPERLINK("http://x")'))
    sent = office.admin().get("/audit.csv?act=x")
    assert sent.headers["content-disposition"].startswith("attachment")
    head, row = csv.reader(sent.text.removeprefix("\ufeff").splitlines())
    assert head == ["at", "actor", "act", "subject", "detail", "origin"]
    assert row[:3] == ["2024-10-02T10:00:00+09:00", "clock", "x"]
    assert row[4] == '\'=HYPERLINK("http://x")'


def test_nothing_secret_is_on_record(office: WebOffice) -> None:
    client, way_in = office.client(), office.login()
    client.post(f"/login/{way_in}")
    submit(client, "/login", name="kim", password="a typed password")
    told = str(entries(office))
    for secret in (way_in, office.token, "a typed password", client.cookies["dday_session"]):
        assert secret not in told


REMOVES = "notifications/prune.py"  # what is older than the office keeps, and nothing that it has not asked to remove


@pytest.mark.parametrize("word", ["UPDATE", "DELETE"])
def test_no_statement_of_the_product_edits_the_record(word: str) -> None:
    from tests.test_architecture import product_sources

    for source in product_sources():
        if source.path.startswith("migrations/") or (word == "DELETE" and source.path == REMOVES):
            continue
        assert f"{word.lower()}(AuditEntry" not in source.text, source.path
        assert f"{word} audit_entry" not in source.text.replace("FROM ", "").replace("INTO ", ""), source.path
