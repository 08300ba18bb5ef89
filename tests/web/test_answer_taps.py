"""One tap: what the buttons of the answer form send, what they leave alone, and the way back."""

import pytest
from httpx2 import Response
from sqlmodel import col, select
from starlette.testclient import TestClient

from models import (
    CollectionRound,
    Milestone,
    MilestoneStatus,
    Reminder,
    ReminderState,
    RequestState,
    RoundState,
    StatusKind,
    StatusReport,
    StatusRequest,
    StatusRequestItem,
)
from models.database import read, write
from tests.web.office import FUZZY, LABELS, LATE, NOW, THIS_WEEK, TODAY, UNDATED, UPCOMING, WebOffice, fields


def reports(office: WebOffice) -> list[tuple[int, StatusKind]]:
    with read(office.engine) as session:
        found = session.exec(select(StatusReport).order_by(col(StatusReport.id))).all()
        return [(report.milestone_id, report.kind) for report in found]


def tap(office: WebOffice, client: TestClient, button: str, **typed: str) -> Response:
    """Loads the form, types, and presses one button of it."""
    path = f"/a/{office.token}"
    form = fields(client.get(path).text) | {name.replace("_", "-"): value for name, value in typed.items()}
    return client.post(path, data=form | {"once": button})


@pytest.mark.parametrize(
    ("which", "kind", "status"),
    [(TODAY, StatusKind.DONE, MilestoneStatus.DONE), (UPCOMING, StatusKind.NO_CHANGE, MilestoneStatus.PLANNED)],
)
def test_one_tap_sends_one_answer_and_says_so(
    office: WebOffice, which: int, kind: StatusKind, status: MilestoneStatus
) -> None:
    client, item = office.client(), office.milestones[which]
    sent = tap(office, client, f"{kind.value}-{item}")
    assert sent.status_code == 303
    page = client.get(sent.headers["location"]).text
    assert "접수했습니다" in page
    assert f"{LABELS[which]}: <strong>{'완료' if kind is StatusKind.DONE else '변동 없음'}</strong>" in page
    assert reports(office) == [(item, kind)]
    assert office.milestone(which).status is status


def test_the_answer_takes_what_was_typed_for_its_item(office: WebOffice) -> None:
    item = office.milestones[LATE]
    tap(office, office.client(), f"done-{item}", **{f"results_{item}": "- 준공식 개최"})
    with read(office.engine) as session:
        assert session.exec(select(StatusReport.results)).one() == "- 준공식 개최"


def test_what_was_typed_for_other_items_stays_without_a_script(office: WebOffice) -> None:
    client, other = office.client(), office.milestones[UPCOMING]
    typed = {f"kind_{other}": "delayed", f"reason_{other}": "자재 <수급>", f"percent_{other}": "30"}
    button = f"done-{office.milestones[TODAY]}"
    page = tap(office, client, button, **typed)
    assert page.status_code == 200
    kept = fields(page.text)
    assert {name: kept[name.replace("_", "-")] for name in typed} == typed
    assert reports(office) == [(office.milestones[TODAY], StatusKind.DONE)]
    again = client.post(f"/a/{office.token}", data=kept)
    assert again.status_code == 303, "the rest is sent from the page that came back"
    assert reports(office)[1:] == [(other, StatusKind.DELAYED)]


def test_a_tap_that_is_sent_again_is_one_answer(office: WebOffice) -> None:
    client, path = office.client(), f"/a/{office.token}"
    form = fields(client.get(path).text) | {"once": f"done-{office.milestones[TODAY]}"}
    first, second = client.post(path, data=form), client.post(path, data=form)
    assert first.headers["location"] == second.headers["location"]
    assert len(reports(office)) == 1


def test_who_taps_second_overwrites_nothing(office: WebOffice) -> None:
    path, item = f"/a/{office.token}", office.milestones[UPCOMING]
    one, other = office.client(), office.client()
    old = fields(other.get(path).text)
    tap(office, one, f"no_change-{item}", **{f"results_{item}": "- 착공"})
    refused = other.post(path, data=old | {"once": f"done-{item}"})
    assert refused.status_code == 422
    assert "다른 분이 먼저 답했거나" in refused.text
    other.post(path, data=old | {"once": "no_change-rest"})
    assert [kind for of, kind in reports(office) if of == item] == [StatusKind.NO_CHANGE]
    assert office.milestone(UPCOMING).status is MilestoneStatus.PLANNED


def test_a_refused_tap_marks_its_field_and_keeps_everything(office: WebOffice) -> None:
    item, other = office.milestones[LATE], office.milestones[UPCOMING]
    before = office.everything()
    typed = {f"percent_{item}": "백", f"results_{other}": "- 적다 만 글"}
    page = tap(office, office.client(), f"done-{item}", **typed)
    assert page.status_code == 422
    assert f'id="e-percent-{item}"' in page.text
    assert fields(page.text)[f"results-{other}"] == "- 적다 만 글"
    assert office.everything() == before


def test_one_tap_says_of_all_that_lies_ahead_that_nothing_has_changed(office: WebOffice) -> None:
    client = office.client()
    page = client.get(f"/a/{office.token}").text
    assert "4건 모두 변동 없음" in page, "neither what is late nor what is due today"
    sent = tap(office, client, "no_change-rest")
    ahead = [office.milestones[which] for which in (THIS_WEEK, UPCOMING, FUZZY, UNDATED)]
    assert sorted(reports(office)) == sorted((item, StatusKind.NO_CHANGE) for item in ahead)
    page = client.get(sent.headers["location"]).text
    assert "4건을 접수했습니다" in page
    assert "모두 변동 없음" not in page, "they were answered today"
    assert page.index(LABELS[LATE]) < page.index(LABELS[TODAY]) < page.index('id="g-answered"')
    assert page.index('id="g-answered"') < page.index(f">{LABELS[THIS_WEEK]}</h3>")


def test_the_rest_is_what_nobody_chose_or_typed_anything_for(office: WebOffice) -> None:
    chosen, typed = office.milestones[UPCOMING], office.milestones[FUZZY]
    page = tap(
        office, office.client(), "no_change-rest", **{f"kind_{chosen}": "on_track", f"results_{typed}": "- 협의 중"}
    )
    assert {of for of, _ in reports(office)} == {office.milestones[which] for which in (THIS_WEEK, UNDATED)}
    kept = fields(page.text)
    assert (kept[f"kind-{chosen}"], kept[f"results-{typed}"]) == ("on_track", "- 협의 중")


@pytest.mark.parametrize("button", ["done-999999999999", "done-x", "no_change-", "done-rest", "cancelled-1", "", "\0"])
def test_a_button_that_is_not_on_the_form_sends_nothing(office: WebOffice, button: str) -> None:
    before = office.everything()
    page = tap(office, office.client(), button)
    assert page.headers["location"] == f"/a/{office.token}?said=nothing"
    assert office.everything() == before


def test_the_button_of_another_posts_item_sends_nothing(office: WebOffice) -> None:
    before = office.everything()
    page = tap(office, office.client(), f"done-{office.foreign}", **{f"seen_{office.foreign}": "0-1"})
    assert page.headers["location"] == f"/a/{office.token}?said=nothing"
    assert office.everything() == before


def test_the_last_item_leads_to_its_receipt(office: WebOffice) -> None:
    with write(office.engine) as session:
        for milestone in session.exec(select(Milestone).where(Milestone.id != office.milestones[LATE])).all():
            milestone.status = MilestoneStatus.CANCELLED
    client = office.client()
    sent = tap(office, client, f"done-{office.milestones[LATE]}")
    assert "/receipt?" in sent.headers["location"]
    assert "이 답 고치기" in client.get(sent.headers["location"]).text


def take_back(office: WebOffice, client: TestClient, **typed: str) -> Response:
    item = office.milestones[LATE]
    form = fields(client.get(f"/a/{office.token}/again/{item}").text)
    return client.post(f"/a/{office.token}", data=form | {f"{name}-{item}": value for name, value in typed.items()})


def test_what_was_sent_as_done_by_mistake_is_taken_back(office: WebOffice) -> None:
    client, item = office.client(), office.milestones[LATE]
    tap(office, client, f"done-{item}")
    assert client.get(f"/a/{office.token}").status_code == 410, "all that the mail asked about is settled"
    assert office.milestone(LATE).percent_complete == 100
    sent = take_back(office, client, kind="on_track")
    assert "답변 1건을 접수했습니다" in client.get(sent.headers["location"]).text
    assert reports(office) == [(item, StatusKind.DONE), (item, StatusKind.ON_TRACK)]
    assert office.milestone(LATE).status is MilestoneStatus.IN_PROGRESS
    assert office.milestone(LATE).percent_complete is None, "the 100% came with 완료"
    assert client.get(f"/a/{office.token}").status_code == 200
    with read(office.engine) as session:
        planned = select(Reminder.id).where(Reminder.milestone_id == item, Reminder.state == ReminderState.PLANNED)
        assert session.exec(planned).first() is not None, "it is reminded of again"


def test_taking_back_asks_for_a_choice_and_a_reason_and_keeps_the_words(office: WebOffice) -> None:
    client, item = office.client(), office.milestones[LATE]
    tap(office, client, f"done-{item}")
    before = office.everything()
    for typed, field in (({"results": "- 글"}, "kind"), ({"kind": "delayed", "results": "- 글"}, "reason")):
        page = take_back(office, client, **typed)
        assert page.status_code == 422
        assert f'id="e-{field}-{item}"' in page.text
        assert fields(page.text)[f"results-{item}"] == "- 글"
    assert office.everything() == before


def test_taking_back_twice_is_one_answer(office: WebOffice) -> None:
    client, item = office.client(), office.milestones[LATE]
    tap(office, client, f"done-{item}")
    form = fields(client.get(f"/a/{office.token}/again/{item}").text) | {f"kind-{item}": "on_track"}
    assert client.post(f"/a/{office.token}", data=form).status_code == 303
    assert client.post(f"/a/{office.token}", data=form).status_code == 303
    assert len(reports(office)) == 2


@pytest.mark.parametrize("why", ["locked", "another post", "not the last answer"])
def test_what_may_not_be_taken_back_is_refused(office: WebOffice, why: str) -> None:
    client, item = office.client(), office.milestones[LATE]
    tap(office, client, f"done-{item}")
    form = fields(client.get(f"/a/{office.token}/again/{item}").text) | {f"kind-{item}": "on_track"}
    with write(office.engine) as session:
        report = session.exec(select(StatusReport)).one()
        if why == "locked":
            session.add(CollectionRound(id=5, title="9월", as_of_on=NOW.date(), due_at=NOW, opened_at=NOW))
            session.flush()
            session.get_one(CollectionRound, 5).state = RoundState.LOCKED
            report.round_id = 5
        elif why == "another post":
            report.post_id = office.other_post
        else:
            session.get_one(Milestone, item).status = MilestoneStatus.CANCELLED
    before = office.everything()
    assert client.get(f"/a/{office.token}/again/{item}").headers["location"] == f"/a/{office.token}"
    page = client.post(f"/a/{office.token}", data=form)
    assert page.status_code in (303, 410, 422)
    assert office.everything() == before


def test_what_was_sent_back_today_stands_with_what_is_to_be_answered(office: WebOffice) -> None:
    client, item = office.client(), office.milestones[UPCOMING]
    tap(office, client, f"no_change-{item}")
    assert 'id="g-answered"' in client.get(f"/a/{office.token}").text
    with write(office.engine) as session:
        asked = StatusRequest(
            key="round:1/returned",
            post_id=office.post,
            reason="round",
            requested_at=NOW,
            due_at=NOW,
            state=RequestState.RETURNED,
        )
        session.add(asked)
        session.flush()
        session.add(StatusRequestItem(request_id=asked.id, milestone_id=item))
    assert 'id="g-answered"' not in client.get(f"/a/{office.token}").text
