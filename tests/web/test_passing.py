"""넘기기: a colleague gets one mail and a link for the chosen items only; the lead sees the answer or takes it back."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from models import (
    Assignment,
    AuditEntry,
    Delegation,
    Notification,
    NotificationKind,
    NotificationState,
    Person,
    Post,
    StatusReport,
)
from models.database import read, write
from notifications.channels import OutgoingMail
from notifications.channels.noted import NotedChannel
from notifications.delegations import MOST_A_DAY
from notifications.deliver import deliver_due
from notifications.handovers import hand_over_due
from notifications.links import LinkProblem, find_link
from schedules.activation import bind_here
from schedules.calendar import WorkingCalendar
from tests.web.office import LABELS, LATE, NOW, TODAY, UPCOMING, WebOffice, fields


def send(office: WebOffice) -> list[OutgoingMail]:
    channel = NotedChannel()
    with write(office.engine) as session:
        bind_here(session, office.settings, NOW)
    deliver_due(office.engine, office.clock, office.settings, channel)
    return [mail for mail in channel.mails if "/passed_on/" in mail.key]


def pass_on(office: WebOffice, *which: int, email: str = "kim@office.example", name: str = "김주무 주무관") -> int:
    client = office.client()
    csrf = fields(client.get(f"/a/{office.token}/pass").text)["csrf"]
    data = {"csrf": csrf, "item": [str(office.milestones[one]) for one in which], "name": name, "email": email}
    return client.post(f"/a/{office.token}/pass", data=data).status_code


def colleague(mail: OutgoingMail) -> str:
    found = re.search(r"/a/([A-Za-z0-9_-]+)", mail.text)
    assert found is not None
    return found[1]


def delegations(office: WebOffice) -> list[Delegation]:
    with read(office.engine) as session:
        return list(session.exec(select(Delegation).order_by(col(Delegation.id))))


def test_a_colleague_answers_the_chosen_items_and_the_lead_sees_it(office: WebOffice) -> None:
    assert pass_on(office, LATE, TODAY) == 303
    [mail] = send(office)
    assert mail.recipients == ("kim@office.example",)
    assert mail.subject.endswith(" 외 1건 - 홍길동 팀장님이 넘긴 일정")
    assert "김주무 주무관님, 안녕하십니까." in mail.text
    token = colleague(mail)
    client = office.client()
    page = client.get(f"/a/{token}").text
    assert LABELS[LATE] in page
    assert LABELS[UPCOMING] not in page
    assert "넘기기" not in page
    milestone = office.milestones[TODAY]
    sent = fields(page) | {f"kind-{milestone}": "done"}
    assert client.post(f"/a/{token}", data=sent).status_code == 303
    with read(office.engine) as session:
        report = session.exec(select(StatusReport).where(StatusReport.milestone_id == milestone)).one()
    assert (report.reported_by, report.post_id) == ("김주무 주무관(홍길동 팀장이 넘김)", office.post)
    page = office.client().get(f"/a/{office.token}/pass").text
    assert "김주무 주무관" in page
    assert "답함" in page
    assert "아직" in page


def test_the_colleague_s_link_does_nothing_else(office: WebOffice) -> None:
    pass_on(office, LATE)
    token = colleague(send(office)[0])
    client = office.client()
    page = fields(client.get(f"/a/{token}").text)
    other = office.milestones[UPCOMING]
    client.post(f"/a/{token}", data=page | {f"kind-{other}": "done", f"seen-{other}": "0-1"})
    with read(office.engine) as session:
        assert session.exec(select(StatusReport)).all() == []
    assert client.get(f"/a/{token}/pass").status_code == 404, "one level only"
    for path in ("pass", "accept", "calendar", "pass/1/back"):
        assert client.post(f"/a/{token}/{path}", data={"csrf": page["csrf"]}).status_code == 404, path


def test_the_same_form_twice_is_one_mail(office: WebOffice) -> None:
    assert pass_on(office, LATE) == pass_on(office, LATE) == 303
    assert len(send(office)) == 1
    assert len(delegations(office)) == 1


def test_taken_back_the_link_ends_and_a_mail_that_has_not_left_stays(office: WebOffice) -> None:
    pass_on(office, LATE)
    pass_on(office, TODAY, email="lee@office.example", name="이주무 주무관")
    token = colleague(next(mail for mail in send(office) if mail.recipients == ("kim@office.example",)))
    pass_on(office, UPCOMING, email="park@office.example", name="박주무 주무관")
    client = office.client()
    csrf = fields(client.get(f"/a/{office.token}/pass").text)["csrf"]
    kim, _, park = delegations(office)
    for one in (kim, park):
        address = f"/a/{office.token}/pass/{one.id}/back"
        assert client.post(address, data={"csrf": csrf}).headers["location"].endswith("?said=back")
        assert client.post(address, data={"csrf": csrf}).headers["location"].endswith("?said=gone")
    assert send(office) == []
    with read(office.engine) as session:
        found = find_link(session, token, NOW, office.settings.timezone)
        states = session.exec(
            select(Notification.state)
            .where(Notification.kind == NotificationKind.PASSED_ON)
            .order_by(col(Notification.id))
        ).all()
        acts = session.exec(select(AuditEntry.act).where(col(AuditEntry.act).like("pass_on%"))).all()
    assert found is LinkProblem.REVOKED
    assert states == [NotificationState.SENT, NotificationState.SENT, NotificationState.CANCELLED]
    assert len(acts) == 5


@pytest.mark.parametrize(
    ("email", "name", "which", "said"),
    [
        (
            "kim@elsewhere.example",
            "김주무",
            LATE,
            "쓸 수 있는 주소: office.example",
        ),
        ("lead@office.example", "홍길동", LATE, "본인에게는 넘길 수 없습니다"),
        ("no address", "김주무", LATE, "전자우편 주소가 아닙니다"),
        ("kim@office.example", " ", LATE, "성명과 직급을"),
        ("kim@office.example", "김주무", None, "하나 이상 골라 주세요"),
    ],
)
def test_what_cannot_be_passed_on_is_refused_and_says_why(
    office: WebOffice, email: str, name: str, which: int | None, said: str
) -> None:
    client = office.client()
    csrf = fields(client.get(f"/a/{office.token}/pass").text)["csrf"]
    data = {
        "csrf": csrf,
        "name": name,
        "email": email,
        "item": [str(office.milestones[which])] if which == LATE else [],
    }
    page = client.post(f"/a/{office.token}/pass", data=data)
    assert page.status_code == 422
    assert said in page.text
    assert delegations(office) == []


def test_who_has_left_is_asked_nothing(office: WebOffice) -> None:
    with write(office.engine) as session:
        session.add(Person(name="김주무", email="Kim@office.example", left_on=date(2024, 10, 1)))
    assert pass_on(office, LATE) == 422
    assert delegations(office) == []


def test_when_the_lead_leaves_what_was_passed_on_ends_and_a_mail_that_waits_stays(office: WebOffice) -> None:
    pass_on(office, LATE)
    token = colleague(send(office)[0])
    pass_on(office, TODAY)
    with write(office.engine) as session:
        held = session.exec(select(Assignment).where(Assignment.post_id == office.post)).one()
        held.until_on = date(2024, 10, 1)
        hand_over_due(session, NOW, office.settings, WorkingCalendar())
    assert all("/passed_on/" not in mail.key for mail in send(office))
    assert office.client().get(f"/a/{token}").status_code == 410
    assert all(one.revoked_at is not None for one in delegations(office))


def test_when_the_colleague_leaves_the_link_ends(office: WebOffice) -> None:
    pass_on(office, LATE)
    token = colleague(send(office)[0])
    with write(office.engine) as session:
        person = Person(name="김주무", email="Kim@office.example", left_on=date(2024, 10, 2))
        session.add(person)
        session.flush()
        other = session.exec(select(Post.id).where(Post.id != office.post)).first()
        session.add(
            Assignment(post_id=other, person_id=person.id, from_on=date(2024, 1, 1), until_on=date(2024, 10, 1))
        )
        session.flush()
        hand_over_due(session, NOW, office.settings, WorkingCalendar())
    assert office.client().get(f"/a/{token}").status_code == 410


def test_another_domain_is_allowed_by_the_setting(office: WebOffice) -> None:
    office.app.state.office = replace(
        office.app.state.office, settings=replace(office.settings, pass_domains=("partner.example",))
    )
    assert pass_on(office, LATE, email="kim@partner.example") == 303


def test_somebody_else_s_item_cannot_be_passed_on(office: WebOffice) -> None:
    client = office.client()
    csrf = fields(client.get(f"/a/{office.token}/pass").text)["csrf"]
    data = {"csrf": csrf, "item": str(office.foreign), "name": "김주무", "email": "kim@office.example"}
    assert client.post(f"/a/{office.token}/pass", data=data).status_code == 422


def test_there_is_an_end_to_it_in_a_day(office: WebOffice) -> None:
    for number in range(MOST_A_DAY):
        assert pass_on(office, LATE, email=f"p{number}@office.example") == 303
    assert pass_on(office, LATE, email="more@office.example") == 422
    office.clock.now = NOW + timedelta(days=1, seconds=1)
    assert pass_on(office, LATE, email="more@office.example") == 303
