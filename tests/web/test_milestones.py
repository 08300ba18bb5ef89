"""The list of milestones, and moving several at once: shown before it is kept, refused as a whole."""

from datetime import date

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from models import AuditEntry, Milestone, MilestoneRevision, MilestoneStatus, Reminder, ReminderState
from models.database import read, write
from tests.web.office import FUZZY, LABELS, LATE, THIS_WEEK, TODAY, UNDATED, UPCOMING, WebOffice, fields, on_sqlite


def planned(office: WebOffice, which: int) -> list[str]:
    with read(office.engine) as session:
        rows = session.exec(
            select(Reminder.key).where(
                Reminder.milestone_id == office.milestones[which], Reminder.state == ReminderState.PLANNED
            )
        ).all()
    return sorted(rows)


def typed(admin: TestClient, office: WebOffice, *which: int, **changes: str) -> dict[str, list[str]]:
    ids = [str(office.milestones[one]) for one in which]
    page = admin.get("/milestones/move?" + "&".join(f"milestone={one}" for one in ids)).text
    given = {"csrf": fields(page)["csrf"], "way": "days", "reason": "예산 조정"} | changes
    return {name: [value] for name, value in given.items()} | {"milestone": ids}


def test_milestones_are_filtered_by_what_they_are(office: WebOffice) -> None:
    admin = office.admin()
    for query, there, missing in (
        ("", LABELS[UPCOMING], "no such"),
        ("show=late", LABELS[LATE], LABELS[UPCOMING]),
        ("show=undated", LABELS[UNDATED], LABELS[LATE]),
        ("show=soon", LABELS[THIS_WEEK], LABELS[UPCOMING]),
        ("kind=opening", LABELS[TODAY], LABELS[LATE]),
        ("q=ㅅㅇㅊㅇ", LABELS[UPCOMING], LABELS[LATE]),
        ("show=done", "조건에 맞는 일정이 없습니다", LABELS[LATE]),
        ("show=nonsense", LABELS[LATE], "no such"),
    ):
        page = admin.get(f"/milestones?{query}").text
        assert there in page, query
        assert missing not in page, query


def test_a_move_is_shown_first_and_nothing_is_kept_until_it_is_confirmed(office: WebOffice) -> None:
    admin, before = office.admin(), office.everything()
    form = typed(admin, office, UPCOMING, FUZZY, days="14")
    shown = admin.post("/milestones/move", data=form)
    assert shown.status_code == 200, shown.text
    assert "아직 저장하지 않았습니다" in shown.text
    assert "2024. 11. 29.(금)" in shown.text
    assert {name: rows for name, rows in office.everything().items() if name != "login_link"} == {
        name: rows for name, rows in before.items() if name != "login_link"
    }
    kept = fields(shown.text) | {"milestone": form["milestone"], "sure": "yes"}
    earlier = planned(office, UPCOMING)
    assert admin.post("/milestones/move", data=kept).headers["location"] == "/milestones?moved=2"
    moved, fuzzy = office.milestone(UPCOMING), office.milestone(FUZZY)
    assert (moved.start_on, moved.end_on, moved.baseline_end_on) == (date(2024, 11, 29),) * 2 + (date(2024, 11, 15),)
    assert (fuzzy.end_on, fuzzy.precision) == (date(2025, 1, 14), "month"), "as uncertain as before"
    assert planned(office, UPCOMING) != earlier
    assert all("2024-11-29" in key for key in planned(office, UPCOMING))
    with read(office.engine) as session:
        revision = session.exec(
            select(MilestoneRevision).where(
                MilestoneRevision.milestone_id == moved.id, MilestoneRevision.reason == "예산 조정"
            )
        ).one()
        assert (revision.end_before, revision.end_after) == (date(2024, 11, 15), date(2024, 11, 29))
        noted = session.exec(select(AuditEntry).where(AuditEntry.act == "milestone.move")).all()
    assert [entry.subject for entry in noted] == [f"milestone:{office.milestones[one]}" for one in (UPCOMING, FUZZY)]
    assert "당초 2024. 11. 15." in admin.get("/milestones?show=moved").text


def test_milestones_are_moved_to_a_date_as_written(office: WebOffice) -> None:
    admin = office.admin()
    shown = admin.post("/milestones/move", data=typed(admin, office, UNDATED, way="date", new="12월 말"))
    kept = fields(shown.text) | {"milestone": [str(office.milestones[UNDATED])], "sure": "yes"}
    assert admin.post("/milestones/move", data=kept).status_code == 303
    assert office.milestone(UNDATED).end_on == date(2024, 12, 31)
    assert office.milestone(UNDATED).raw == "12월 말"


@on_sqlite
@pytest.mark.parametrize(
    ("which", "changes", "field", "words"),
    [
        ((UPCOMING,), {"days": "열흘"}, "days", "수로 적어 주세요"),
        ((UPCOMING,), {"days": "0"}, "days", "사이로 적어 주세요"),
        ((UPCOMING,), {"days": "-300"}, "days", "이미 지난 날입니다"),
        ((UPCOMING, UNDATED), {"days": "7"}, "days", "마지막 날이 없어"),
        ((UPCOMING,), {"way": "date", "new": "언젠가"}, "new", "날짜를 읽을 수 없습니다"),
        ((UPCOMING,), {"days": "7", "reason": " "}, "reason", "사유를"),
        ((), {"days": "7"}, "milestone", "하나 이상"),
    ],
)
def test_what_cannot_be_moved_says_why_keeps_the_words_and_moves_nothing(
    office: WebOffice, which: tuple[int, ...], changes: dict[str, str], field: str, words: str
) -> None:
    admin = office.admin()
    form = typed(admin, office, UPCOMING, **changes) | {"milestone": [str(office.milestones[one]) for one in which]}
    before = office.everything()["milestone"]
    refused = admin.post("/milestones/move", data=form)
    assert refused.status_code == 422
    assert words in refused.text
    if which:
        assert 'aria-invalid="true"' in refused.text.partition(f'id="{field}"')[2].partition(">")[0]
        assert fields(refused.text)["days"] == changes.get("days", "")
    assert office.everything()["milestone"] == before


def test_what_changed_while_it_was_shown_is_not_overwritten(office: WebOffice) -> None:
    admin = office.admin()
    form = typed(admin, office, UPCOMING, days="14")
    kept = fields(admin.post("/milestones/move", data=form).text) | {"milestone": form["milestone"], "sure": "yes"}
    with write(office.engine) as session:
        from schedules.changes import change_milestone

        milestone = session.get_one(Milestone, office.milestones[UPCOMING])
        change_milestone(
            session, milestone, now=office.clock(), by="x", reason="답변", status=MilestoneStatus.IN_PROGRESS
        )
    refused = admin.post("/milestones/move", data=kept)
    assert refused.status_code == 422
    assert "보시는 동안 바뀐 일정이 있습니다" in refused.text
    assert office.milestone(UPCOMING).end_on == date(2024, 11, 15)


def test_a_project_shows_what_its_document_prints_beside_each_milestone(office: WebOffice) -> None:
    page = office.admin().get(f"/projects/{office.project}").text
    assert "청사 로비 리모델링 공사 준공 : 2024. 9월중</blockquote>" in page
