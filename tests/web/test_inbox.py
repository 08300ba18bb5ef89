"""받은 알림: a lead reads and answers on the web what was mailed to the post, also when the mail did not arrive."""

from sqlalchemy import update
from sqlmodel import col, select

from models import Notification, NotificationState, Role
from models.database import read, write
from tests.web.office import WebOffice, fields


def message(office: WebOffice) -> Notification:
    with read(office.engine) as session:
        return session.get_one(Notification, office.message)


def test_a_lead_sees_what_was_told_to_the_post_and_nobody_elses(office: WebOffice) -> None:
    mine, others = office.member((Role.LEAD, office.team)), office.member((Role.LEAD, office.elsewhere))

    assert message(office).subject in mine.get("/inbox").text
    assert message(office).subject not in others.get("/inbox").text
    assert others.get(f"/inbox/{office.message}").status_code == 404


def test_also_what_came_back_or_failed_stands_there(office: WebOffice) -> None:
    lead = office.member((Role.LEAD, office.team))
    for state in (NotificationState.FAILED, NotificationState.BOUNCED):
        with write(office.engine) as session:
            session.execute(update(Notification).where(col(Notification.id) == office.message).values(state=state))
        assert lead.get(f"/inbox/{office.message}").status_code == 200


def test_what_waits_to_be_sent_is_not_told_here_before(office: WebOffice) -> None:
    with write(office.engine) as session:
        session.execute(update(Notification).values(state=NotificationState.QUEUED))

    assert office.member((Role.LEAD, office.team)).get(f"/inbox/{office.message}").status_code == 404


def test_reading_is_an_act_and_kept_once(office: WebOffice) -> None:
    lead = office.member((Role.LEAD, office.team))
    page = lead.get(f"/inbox/{office.message}").text
    assert message(office).opened_at is None, "looking is not reading"

    lead.post(f"/inbox/{office.message}/read", data={"csrf": fields(page)["csrf"]})
    first = message(office).opened_at
    assert first is not None
    office.clock.now = office.clock.now.replace(minute=office.clock.now.minute + 5)
    lead.post(f"/inbox/{office.message}/read", data={"csrf": fields(page)["csrf"]})

    assert message(office).opened_at == first
    assert "읽지 않음" not in lead.get("/inbox").text.partition("<main")[2].partition(str(message(office).subject))[0]


def test_answering_opens_the_form_of_the_messages_post(office: WebOffice) -> None:
    lead = office.member((Role.LEAD, office.team))
    csrf = fields(lead.get(f"/inbox/{office.message}").text)["csrf"]

    sent = lead.post(f"/inbox/{office.message}/answer", data={"csrf": csrf}, follow_redirects=False)

    form = office.client().get(sent.headers["location"])
    assert (sent.status_code, form.status_code) == (303, 200)
    assert "홍길동 팀장님" in form.text


def test_no_link_stands_in_the_text(office: WebOffice) -> None:
    with read(office.engine) as session:
        text = session.exec(select(Notification.text).where(Notification.id == office.message)).one()
    page = office.member((Role.LEAD, office.team)).get(f"/inbox/{office.message}").text
    assert office.token not in page
    assert office.token not in (text or "")


def test_a_text_that_is_kept_no_longer_is_said_to_be_gone(office: WebOffice) -> None:
    with write(office.engine) as session:
        session.execute(update(Notification).where(col(Notification.id) == office.message).values(text=None, html=None))
    mine = office.member((Role.LEAD, office.team))
    for page in (mine.get(f"/inbox/{office.message}"), office.admin().get(f"/outbox/{office.message}")):
        assert page.status_code == 200
        assert "보관 기간이 지나 지웠습니다" in page.text
    assert message(office).subject in mine.get("/inbox").text
