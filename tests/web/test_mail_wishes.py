"""`/a/{token}/settings`: a holder chooses without an account or script; the admin sees it and can undo it."""

import re
from datetime import timedelta

from sqlmodel import select

from models import AuditEntry, MailWish
from models.database import read, write
from notifications.links import make_link
from tests.web.office import NOW, UPCOMING, WebOffice, fields, on_sqlite


def kept(office: WebOffice) -> list[tuple[int, str | None, list[str], str]]:
    with read(office.engine) as session:
        return [(row.post_id, row.send_time, row.declined, row.set_by) for row in session.exec(select(MailWish))]


def test_a_lead_chooses_a_time_and_does_without_early_notice(office: WebOffice) -> None:
    client, address = office.client(), f"/a/{office.token}/settings"
    assert f'href="{address}"' in client.get(f"/a/{office.token}").text
    page = client.get(address).text
    assert "끌 수 없습니다" in page
    assert "D-30" in page
    assert "주간 보고" not in page, "a team lead has none"
    csrf = fields(page)["csrf"]
    answer = client.post(address, data={"csrf": csrf, "time": "14:00"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{address}?said=kept")
    assert kept(office) == [(office.post, "14:00", ["ahead"], "홍길동 팀장")]
    page = client.get(address).text
    assert '<option value="14:00" selected>' in page
    assert not re.search(r'value="ahead"[^>]*checked', page)
    client.post(address, data={"csrf": csrf, "time": "", "wanted": "ahead"})
    assert kept(office) == [], "as the office has set it: nothing is kept"


def test_only_a_head_may_do_without_the_weekly_report(office: WebOffice) -> None:
    with write(office.engine) as session:
        token = make_link(session, office.head, None, NOW, office.settings).rpartition("/")[2]
    client = office.client()
    page = client.get(f"/a/{token}/settings").text
    assert "주간 보고" in page
    client.post(f"/a/{token}/settings", data={"csrf": fields(page)["csrf"], "time": "", "wanted": "ahead"})
    assert kept(office) == [(office.head, None, ["weekly"], "과장이 과장")]


def test_the_receipt_says_when_mail_comes_next(office: WebOffice) -> None:
    client, address = office.client(), f"/a/{office.token}"
    csrf = fields(client.get(f"{address}/settings").text)["csrf"]
    client.post(f"{address}/settings", data={"csrf": csrf, "time": "14:00", "wanted": "ahead"})
    form = fields(client.get(address).text) | {f"kind-{office.milestones[UPCOMING]}": "on_track"}
    receipt = client.post(address, data=form).headers["location"]
    assert "10. 16.(수) 14:00" in client.get(receipt).text


@on_sqlite
def test_a_time_outside_the_window_is_refused_with_what_is_allowed(office: WebOffice) -> None:
    client, address = office.client(), f"/a/{office.token}/settings"
    csrf = fields(client.get(address).text)["csrf"]
    answer = client.post(address, data={"csrf": csrf, "time": "03:00", "wanted": "ahead"})
    assert answer.status_code == 422
    assert "09:00부터 17:30 사이" in answer.text
    assert kept(office) == []


def test_the_receipt_promises_no_moment_that_is_over(office: WebOffice) -> None:
    """What is due and waits, since nobody has looked for days, comes at the next opening of the window."""
    office.clock.now = NOW + timedelta(days=15)  # the D-30 of the day before waits still
    client, address = office.client(), f"/a/{office.token}"
    form = fields(client.get(address).text) | {f"kind-{office.milestones[UPCOMING]}": "no_change"}
    page = client.get(client.post(address, data=form).headers["location"]).text
    said = re.search(r"<dt>다음 알림</dt><dd>([^<]+)</dd>", page)
    assert said is not None
    assert said[1] == "10. 17.(목) 10:00", "with the next look, and not yesterday"


@on_sqlite
def test_a_form_without_its_token_and_a_link_of_nobody_change_nothing(office: WebOffice) -> None:
    client = office.client()
    assert client.post(f"/a/{office.token}/settings", data={"time": "14:00"}).status_code == 403
    assert client.get("/a/nothing/settings").status_code == 404
    assert client.post("/a/nothing/settings", data={"time": "14:00"}).status_code == 404
    assert kept(office) == []


def test_the_admin_sees_it_on_the_post_s_page_and_undoes_it(office: WebOffice) -> None:
    client, address = office.client(), f"/a/{office.token}/settings"
    client.post(address, data={"csrf": fields(client.get(address).text)["csrf"], "time": "14:00"})
    admin = office.admin()
    page = admin.get(f"/people/assign?post={office.post}").text
    assert "14:00" in page
    assert "홍길동 팀장" in page
    undo = f"/people/{office.post}/wish/forget"
    assert f'action="{undo}"' in page
    assert admin.post(undo, data={"csrf": fields(page)["csrf"]}).status_code == 303
    assert kept(office) == []
    assert undo not in admin.get(f"/people/assign?post={office.post}").text
    assert admin.post("/people/999/wish/forget", data={"csrf": fields(page)["csrf"]}).status_code == 404
    with read(office.engine) as session:
        acts = session.exec(select(AuditEntry.act).where(AuditEntry.subject == f"post:{office.post}")).all()
    assert acts[-2:] == ["mail.wish", "mail.forget"]
