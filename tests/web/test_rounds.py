"""A collection round from opening to the document: opened, answered, reviewed, chased, locked, opened again."""

import pytest
from sqlmodel import select

from models import CollectionRound, Notification, NotificationKind, RequestState, RoundState, StatusRequest
from models.database import read, write
from notifications.links import make_link
from tests.web.office import LABELS, LATE, NOW, UPCOMING, WebOffice, fields, submit
from web.typed_days import read_day


def open_round(office: WebOffice, **changes: str) -> str:
    admin = office.admin()
    form = fields(admin.get("/rounds").text) | changes
    sent = admin.post("/rounds", data=form)
    assert sent.status_code == 303, sent.text
    location: str = sent.headers["location"]
    return location.partition("?")[0]


def requests(office: WebOffice) -> list[StatusRequest]:
    with read(office.engine) as session:
        return list(session.exec(select(StatusRequest).where(StatusRequest.round_id == 1)).all())


def test_a_round_is_opened_with_one_form_and_asks_every_post(office: WebOffice) -> None:
    path = open_round(office, due="2024. 10. 8.")
    page = office.admin().get(path).text
    assert "2024년 10월 정기 취합" in page
    assert "제출 <strong>0</strong> / 2" in page
    assert "행정지원팀장" in page
    assert "2024. 10. 8.(화) 18:00" in page
    assert len(requests(office)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"as_of": "시월"}, "as_of"),
        ({"due": "2024. 11. 31."}, "due"),
        ({"due": "2024. 9. 1."}, "due"),
    ],
)
def test_a_round_that_cannot_be_opened_says_why_and_keeps_the_words(
    office: WebOffice, changes: dict[str, str], field: str
) -> None:
    admin = office.admin()
    page = admin.post("/rounds", data=fields(admin.get("/rounds").text) | {"title": "회차"} | changes)
    assert page.status_code == 422
    assert "회차를 열지 않았습니다" in page.text
    marked = page.text.partition(f'id="{field}"')[2].partition(">")[0]
    assert 'aria-invalid="true"' in marked
    assert fields(page.text)[field] == changes[field]
    assert office.count(CollectionRound) == 0


def test_answers_are_reviewed_accepted_or_returned(office: WebOffice) -> None:
    path = open_round(office)
    answers = {f"kind_{milestone}": "no_change" for milestone in office.milestones}
    submit(office.client(), f"/a/{office.token}", **answers)
    admin = office.admin()
    board = admin.get(path).text
    assert "제출 <strong>1</strong> / 2" in board
    asked = next(one for one in requests(office) if one.state is RequestState.SUBMITTED)
    page = f"{path}/requests/{asked.id}"
    shown = admin.get(page).text
    assert LABELS[LATE] in shown
    assert "변동 없음" in shown
    form = fields(shown)
    refused = admin.post(f"{page}/return", data=form | {"comment": "", "due": "2024. 10. 10."})
    assert refused.status_code == 422
    assert (
        admin.post(f"{page}/return", data=form | {"comment": "실적을 적어 주세요", "due": "2024. 10. 10."}).status_code
        == 303
    )
    assert next(one for one in requests(office) if one.id == asked.id).state is RequestState.RETURNED
    submit(office.client(), f"/a/{office.token}", **dict.fromkeys(answers, "on_track"))
    accepted = admin.post(f"{path}/accept", data={"csrf": form["csrf"], "request": str(asked.id)})
    assert accepted.headers["location"].endswith("said=accepted&count=1")
    assert next(one for one in requests(office) if one.id == asked.id).state is RequestState.ACCEPTED


def test_who_owes_an_answer_is_nudged_once_a_day_and_the_round_is_locked_and_opened_again(office: WebOffice) -> None:
    path = open_round(office)
    admin = office.admin()
    form = fields(admin.get(path).text)
    assert admin.post(f"{path}/nudge", data=form).headers["location"].endswith("said=nudged&count=2")
    assert admin.post(f"{path}/nudge", data=form).headers["location"].endswith("said=nudged&count=0")
    with read(office.engine) as session:
        assert len(session.exec(select(Notification).where(Notification.kind == NotificationKind.NUDGE)).all()) == 2
    assert admin.post(f"{path}/lock", data=form).status_code == 422
    assert admin.post(f"{path}/lock", data=form | {"sure": "yes"}).status_code == 303
    with read(office.engine) as session:
        assert session.get_one(CollectionRound, 1).state is RoundState.LOCKED
    assert admin.post(f"{path}/nudge", data=form).status_code == 422
    locked = admin.get(path).text
    assert "회차 다시 열기" in locked
    again = {"csrf": form["csrf"], "reason": "실적 정정", "due": "2024. 10. 11."}
    assert admin.post(f"{path}/reopen", data=again | {"reason": ""}).status_code == 422
    assert admin.post(f"{path}/reopen", data=again).headers["location"].endswith("said=reopened&count=2")


def test_a_request_of_another_round_is_not_reviewed_here(office: WebOffice) -> None:
    path = open_round(office)
    admin = office.admin()
    form = fields(admin.get(path).text)
    with read(office.engine) as session:
        other = session.exec(select(StatusRequest.id).where(StatusRequest.round_id == None)).first()  # noqa: E711
    assert admin.get(f"{path}/requests/{other}").status_code == 404
    assert admin.post(f"{path}/accept", data={"csrf": form["csrf"], "request": str(other)}).status_code == 404


@pytest.mark.parametrize("kind", ["md", "docx", "hwpx"])
def test_the_next_document_is_handed_out_as_a_file(office: WebOffice, kind: str) -> None:
    file = office.admin().get(f"/reports?format={kind}")
    assert file.status_code == 200
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["content-disposition"].endswith(f".{kind}")
    assert len(file.content) > 100


def test_a_report_before_the_first_document_is_refused_in_words(office: WebOffice) -> None:
    admin = office.admin()
    assert admin.get("/reports?format=md&as_of=2020-01-01").status_code == 409
    assert admin.get("/reports?format=md&as_of=yesterday").status_code == 422


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024. 10. 4.", "2024-10-04"),
        ("2024. 10. 4.(금)", "2024-10-04"),
        ("2024-10-04", "2024-10-04"),
        (" 2024.10.4 ", "2024-10-04"),
        ("2024년 10월 4일", "2024-10-04"),
        ("2024. 11. 31.", None),
        ("10. 4.", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_an_officer_types_it(text: str, day: str | None) -> None:
    found = read_day(text)
    assert (found.isoformat() if found else None) == day


def test_the_board_counts_by_department_and_team_and_shows_what_changed_since_the_edition(office: WebOffice) -> None:
    path = open_round(office)
    item = office.milestones[UPCOMING]
    changes = {f"kind_{item}": "rescheduled", f"new_{item}": "2024. 12. 20.", f"reason_{item}": "자재 수급"}
    assert submit(office.client(), f"/a/{office.token}", **changes).status_code == 303
    admin = office.admin()
    board = admin.get(path).text
    row = board.partition('class="team">행정지원팀')[2].partition("</tr>")[0]
    assert 'data-label="요청">1' in row
    assert 'data-label="미제출">1' in row
    page = admin.get(f"{path}/changes").text
    assert LABELS[UPCOMING] in page
    assert "당초 2024. 11. 15." in page
    assert "2024. 12. 20.(금)" in page
    assert "자재 수급" in page
    assert LABELS[LATE] not in page


def test_after_the_lock_the_form_says_where_an_answer_will_stand(office: WebOffice) -> None:
    path = open_round(office)
    with write(office.engine) as session:
        asking = session.exec(select(Notification).where(Notification.kind == NotificationKind.ROUND)).all()
        asked = next(message for message in asking if message.post_id == office.post)
        assert asked.id is not None
        token = make_link(session, office.post, asked.id, NOW, office.settings).rpartition("/")[2]
    assert "마감했습니다" not in office.client().get(f"/a/{token}").text
    admin = office.admin()
    admin.post(f"{path}/lock", data=fields(admin.get(path).text) | {"sure": "yes"})
    page = office.client().get(f"/a/{token}")
    assert page.status_code == 410
    assert "이미 마감된 회차입니다" in page.text
    assert "'2024년 10월 정기 취합'은(는)" in page.text
    assert "회차 열기를 요청해 주세요" in page.text
    still = office.client().get(f"/a/{office.token}").text
    assert "마감" not in still.partition("<form")[0], "another mail's link asks about other things"
