"""The outbox: found by what a message is, counted by kind, and sent again when it reached nobody."""

import re
from datetime import date
from uuid import uuid4

import pytest
from sqlmodel import select

from models import Assignment, AuditEntry, Notification, NotificationState, Reminder, ReminderState, Role
from models.database import read, write
from notifications.channels.noted import NotedChannel
from notifications.deliver import deliver_due
from tests.web.office import UPCOMING, WebOffice, fields


def fail(office: WebOffice) -> None:
    """The post's mail about a coming milestone was refused for good; meanwhile the address is right."""
    with write(office.engine) as session:
        message = session.get_one(Notification, office.failed)
        message.post_id, message.error = office.post, "550 mailbox unavailable"
        reminder = session.exec(select(Reminder).where(Reminder.milestone_id == office.milestones[UPCOMING])).first()
        assert reminder is not None
        reminder.notification_id, reminder.state = office.failed, ReminderState.DISPATCHED


def test_messages_are_found_by_department_subject_kind_and_day(office: WebOffice) -> None:
    admin = office.admin()
    for query, there in (("q=인사", False), ("q=지연", True), ("q=ㅎㅈㅈㅇ", True), ("kind=round", False)):
        assert ("[일정 알림] 지연 1건" in admin.get(f"/outbox?{query}").text) is there, query
    assert "[일정 알림] 지연 1건" in admin.get("/outbox?on=2024. 10. 2.").text
    assert "조건에 맞는 메일이 없습니다" in admin.get("/outbox?on=2024. 10. 3.").text
    assert 'aria-invalid="true"' in admin.get("/outbox?on=어제").text
    page = admin.get("/outbox").text
    assert "전자우편 · 일정 알림" in page


def test_a_search_goes_by_the_units_it_names_else_by_subjects_a_look_at_a_time(
    office: WebOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, mail = office.admin(), "[일정 알림] 지연 1건"
    named = admin.get("/outbox?q=ㅎㅈㅈㅇ").text
    assert mail in named
    assert "제목에서 찾기" in named
    assert "제목에서 찾기" not in admin.get("/outbox?q=ㅎㅈㅈㅇ&within=subject").text
    assert "제목에서 찾기" not in admin.get("/outbox?q=지연").text
    monkeypatch.setattr("web.outbox.COUNTED", 1)
    page, looks = admin.get("/outbox?q=지연").text, 0
    while mail not in page:
        assert "여기까지는 조건에 맞는 것이 없습니다" in page
        page, looks = admin.get(re.search(r'/outbox\?[^"]*before=\d+', page)[0].replace("&amp;", "&")).text, looks + 1  # type: ignore[index]
    assert looks > 0


def test_the_figures_are_of_the_latest_messages_however_many_there_are(
    office: WebOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "최근" not in office.admin().get("/outbox").text.partition("종류별 현황")[2]
    monkeypatch.setattr("web.outbox.COUNTED", 1)
    page = office.admin().get("/outbox").text
    assert "최근 1통 기준" in page
    assert "실패·반송 1" in page, "the newest one failed"


def test_the_opened_rate_by_channel_counts_acts_of_people_and_no_image(office: WebOffice) -> None:
    """A scanner that loads the form opens nothing; a button does, an answer does, and what is read in the inbox."""

    def figures() -> dict[str, list[str]]:
        table = office.admin().get("/outbox").text.partition("종류별 현황")[2]
        rows = re.findall(r'<th scope="row">([^<]+)</th>(.*?)</tr>', table, re.DOTALL)
        return {name: re.findall(r'data-label="열람률?">([^<]+)<', cells) for name, cells in rows}

    mail, inbox, paper = "전자우편 · 일정 알림", "받은 알림 · 일정 알림", "종이 목록 · 일정 알림"
    with write(office.engine) as session:
        sent = session.get_one(Notification, office.message)
        for channel in ("email", "email", "inbox", "paper"):
            values = sent.model_dump(exclude={"id"}) | {"channel": channel, "key": f"{channel}-{uuid4()}"}
            session.add(Notification.model_validate(values))
        session.flush()
        read_in = session.exec(select(Notification.id).where(Notification.channel == "inbox")).one()
    client, address = office.client(), f"/a/{office.token}"
    page = client.get(address).text
    assert figures() == {mail: ["0", "0.0%"], inbox: ["0", "0.0%"], paper: ["-", "-"]}
    client.post(f"{address}/seen", data=fields(page))
    client.post(f"{address}/seen", data=fields(page))
    assert figures()[mail] == ["1", "33.3%"], "of the three that were sent; the one that failed counts in no rate"
    lead = office.member((Role.LEAD, office.team))
    lead.post(f"/inbox/{read_in}/read", data={"csrf": fields(lead.get(f"/inbox/{read_in}").text)["csrf"]})
    assert figures()[inbox] == ["1", "100.0%"]
    answer = fields(page) | {f"kind-{office.milestones[UPCOMING]}": "on_track"}
    assert client.post(address, data=answer).status_code == 303
    assert figures()[mail] == ["1", "33.3%"], "answered besides, it is one"


def test_a_message_that_reached_nobody_is_sent_again_once_under_a_key_of_its_own(office: WebOffice) -> None:
    fail(office)
    admin = office.admin()
    assert f"/outbox/{office.failed}/again" in admin.get(f"/outbox/{office.failed}").text
    asked = admin.get(f"/outbox/{office.failed}/again").text
    assert "홍길동 팀장" in asked
    assert admin.post(f"/outbox/{office.failed}/again", data=fields(asked)).status_code == 422, "asked twice"
    sure = fields(asked) | {"sure": "yes"}
    sent = admin.post(f"/outbox/{office.failed}/again", data=sure)
    assert sent.status_code == 303
    assert "다시 보내도록 준비했습니다" in admin.get(sent.headers["location"]).text
    twice = admin.post(f"/outbox/{office.failed}/again", data=sure)
    assert "이미 다시 보내도록 준비했습니다" in twice.text
    with read(office.engine) as session:
        old = session.get_one(Notification, office.failed)
        new = session.exec(select(Notification).where(Notification.key == f"{old.key}/again:1")).one()
        noted = session.exec(select(AuditEntry).where(AuditEntry.act == "message.again")).one()
    assert (old.state, new.state, new.post_id) == (NotificationState.FAILED, NotificationState.QUEUED, office.post)
    assert noted.subject == f"notification:{office.failed}"
    channel = NotedChannel()
    deliver_due(office.engine, office.clock, office.settings, channel=channel)
    with read(office.engine) as session:
        left = session.get_one(Notification, new.id)
    assert left.state is NotificationState.SENT
    assert "심야축열 시스템 구축" in (left.text or "")


def test_what_was_sent_is_not_sent_again(office: WebOffice) -> None:
    admin = office.admin()
    assert f"/outbox/{office.message}/again" not in admin.get(f"/outbox/{office.message}").text
    page = admin.get(f"/outbox/{office.message}/again").text
    assert "한 번만 알립니다" in page
    refused = admin.post(f"/outbox/{office.message}/again", data=fields(page) | {"sure": "yes"})
    assert refused.status_code == 422
    assert office.count(Notification) == 2


def test_where_nobody_can_get_it_the_page_says_so(office: WebOffice) -> None:
    fail(office)
    with write(office.engine) as session:
        for assignment in session.exec(select(Assignment)).all():
            assignment.until_on = date(2024, 6, 30)
    page = office.admin().get(f"/outbox/{office.failed}/again").text
    assert "지금 받을 사람" in page
    assert "홍길동" not in page.partition("지금 받을 사람")[2].partition("</dl>")[0]
