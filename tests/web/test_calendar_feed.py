"""A post's calendar at a secret address: what it holds, who may read it, and how it ends."""

import re
from datetime import date

from icalendar import Calendar, Event
from sqlmodel import select

from models import CalendarFeed
from models.database import read, write
from notifications.links import revoke_links
from tests.web.office import LABELS, NOW, THIS_WEEK, TODAY, WebOffice, fields


def make(office: WebOffice) -> str:
    """The path of a new calendar address, as the page shows it."""
    client = office.client()
    csrf = fields(client.get(f"/a/{office.token}").text)["csrf"]
    page = client.post(f"/a/{office.token}/calendar", data={"csrf": csrf})
    assert page.status_code == 200
    found = re.search(r'value="http[^"/]*//[^/"]+(/calendar/[\w-]+\.ics)"', page.text)
    assert found is not None
    return found[1]


def events(office: WebOffice, path: str) -> dict[str, Event]:
    answer = office.client().get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    return {str(event["UID"]): event for event in Calendar.from_ical(answer.content).events}


def uid(office: WebOffice, which: int) -> str:
    return f"milestone-{office.milestones[which]}@"


def find(found: dict[str, Event], office: WebOffice, which: int) -> Event | None:
    return next((event for key, event in found.items() if key.startswith(uid(office, which))), None)


def test_it_holds_the_posts_own_open_milestones_whose_days_are_known(office: WebOffice) -> None:
    found = events(office, make(office))

    event = find(found, office, TODAY)
    assert event is not None
    assert LABELS[TODAY] in str(event["SUMMARY"])
    assert not any("인사제도 협의회" in str(event["SUMMARY"]) for event in found.values()), "another post's"


def answer(office: WebOffice, which: int, **values: str) -> None:
    client = office.client()
    form = fields(client.get(f"/a/{office.token}").text)
    form |= {f"{name}-{office.milestones[which]}": value for name, value in values.items()}
    assert client.post(f"/a/{office.token}", data=form, follow_redirects=False).status_code == 303


def test_a_moved_one_keeps_its_uid_and_raises_its_sequence(office: WebOffice) -> None:
    path = make(office)
    before = find(events(office, path), office, THIS_WEEK)
    answer(office, THIS_WEEK, kind="rescheduled", new="2024. 12. 24.", reason="자재 지연")
    after = find(events(office, path), office, THIS_WEEK)

    assert before is not None
    assert after is not None
    assert (after["UID"], after["SEQUENCE"]) == (before["UID"], before["SEQUENCE"] + 1)
    assert after["DTEND"].dt == date(2024, 12, 25), "the day after, exclusive"


def test_a_done_one_leaves(office: WebOffice) -> None:
    path = make(office)
    answer(office, THIS_WEEK, kind="done", results="마침")
    assert find(events(office, path), office, THIS_WEEK) is None


def test_reading_it_changes_nothing_and_only_its_hash_is_kept(office: WebOffice) -> None:
    path = make(office)
    before = office.everything()

    for _ in range(3):
        events(office, path)

    assert office.everything() == before
    token = path.rpartition("/")[2].removesuffix(".ics")
    with read(office.engine) as session:
        assert session.exec(select(CalendarFeed.token_sha256)).one() != token


def test_an_answer_link_opens_no_calendar_and_a_calendar_opens_no_form(office: WebOffice) -> None:
    token = make(office).rpartition("/")[2].removesuffix(".ics")
    client = office.client()
    assert client.get(f"/calendar/{office.token}.ics").status_code == 404
    assert client.get(f"/a/{token}").status_code == 404


def test_it_ends_when_the_lead_stops_it_and_when_the_post_changes_hands(office: WebOffice) -> None:
    stopped = make(office)
    client = office.client()
    csrf = fields(client.get(f"/a/{office.token}").text)["csrf"]
    page = client.post(f"/a/{office.token}/calendar/stop", data={"csrf": csrf})
    assert page.headers["location"].endswith("said=stopped")
    assert client.get(stopped).status_code == 410

    handed_over = make(office)
    with write(office.engine) as session:
        post_id = session.exec(select(CalendarFeed.post_id)).first()
        assert post_id is not None
        revoke_links(session, post_id, NOW)
    assert client.get(handed_over).status_code == 410


def test_the_form_needs_its_own_token(office: WebOffice) -> None:
    assert office.client().post(f"/a/{office.token}/calendar", data={"csrf": "x"}).status_code == 403
    assert office.count(CalendarFeed) == 0
