"""조직개편 in the console: shown before it is kept, several changes together, taken back while it waits."""

import csv
import io
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from models import AuditEntry, Reorganisation, Role, StatusRequest, Unit
from models.database import read, write
from schedules.calendar import WorkingCalendar
from schedules.collection import lock_round, open_round
from tests.web.office import NOW, WebOffice, fields, on_sqlite

RENAME = {"on": "2024. 10. 2.", "act": "rename", "unit": "행정지원팀", "name": "총무팀"}


def names(office: WebOffice) -> set[str]:
    with read(office.engine) as session:
        return {unit.name for unit in session.exec(select(Unit)) if unit.closed_on is None}


def test_a_change_is_shown_first_and_carried_out_when_told(office: WebOffice) -> None:
    admin, before = office.admin(), office.everything()
    page = admin.get("/reorganisations").text
    assert "조직개편이 없습니다" in page
    shown = admin.post("/reorganisations", data=fields(page) | RENAME)
    assert shown.status_code == 200, shown.text
    assert "아직 저장하지 않았습니다" in shown.text
    assert "행정지원팀 → 총무팀 (명칭 변경)" in shown.text
    assert "총무팀장: 총무팀 팀장 홍길동" in shown.text
    assert office.everything() == before
    sure = {name: fields(shown.text)[name] for name in ("csrf", "on", "rows")} | {"sure": "yes"}
    assert admin.post("/reorganisations", data=sure).headers["location"] == "/reorganisations?said=done"
    assert "총무팀" in names(office)
    assert "행정지원팀 → 총무팀 (명칭 변경)" in admin.get("/reorganisations").text
    with read(office.engine) as session:
        acts = session.exec(select(AuditEntry.act).where(col(AuditEntry.subject).startswith("reorganisation:"))).all()
    assert acts == ["reorganisation.decide", "reorganisation"]


def test_one_more_joins_what_was_put_together_and_waits_for_its_day(office: WebOffice) -> None:
    admin = office.admin()
    ahead = RENAME | {"on": "2025. 1. 2."}
    shown = admin.post("/reorganisations", data=fields(admin.get("/reorganisations").text) | ahead)
    kept = {name: fields(shown.text)[name] for name in ("csrf", "on", "rows")}
    more = admin.post("/reorganisations", data=kept | {"act": "merge", "unit": "인사팀", "target": "총무팀"})
    assert "행정지원팀 → 총무팀 (명칭 변경)" in more.text
    assert "인사팀 → 총무팀 (통합)" in more.text
    sure = {name: fields(more.text)[name] for name in ("csrf", "on", "rows")} | {"sure": "yes"}
    assert admin.post("/reorganisations", data=sure).headers["location"] == "/reorganisations?said=waits"
    assert "행정지원팀" in names(office)
    with read(office.engine) as session:
        number = session.exec(select(Reorganisation.id)).one()
    form = fields(admin.get("/reorganisations").text)
    gone = admin.post(f"/reorganisations/{number}/cancel", data=form)
    assert gone.headers["location"] == "/reorganisations?said=cancelled"
    with read(office.engine) as session:
        row = session.exec(select(Reorganisation)).one()
        assert (row.effective_on, row.cancelled_at is not None) == (date(2025, 1, 2), True)


def test_a_table_is_taken_whole(office: WebOffice) -> None:
    admin = office.admin()
    table = io.StringIO()
    csv.writer(table).writerows(
        [("구분", "부서", "새 이름"), ("명칭변경", "행정지원팀", "총무팀"), ("명칭변경", "인사팀", "인재팀")]
    )
    page = fields(admin.get("/reorganisations").text) | {"on": "2024. 10. 2."}
    shown = admin.post("/reorganisations", data=page, files={"file": ("개편.csv", table.getvalue().encode())})
    assert "인사팀 → 인재팀 (명칭 변경)" in shown.text
    wrong = admin.post("/reorganisations", data=page, files={"file": ("개편.csv", "구분,부서\n합병,인사팀\n".encode())})
    assert wrong.status_code == 422
    assert "2행 구분: " in wrong.text


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"on": "내일"}, "날짜를 2025. 1. 2. 처럼"),
        ({"unit": "", "name": ""}, "바뀌는 부서를 적거나"),
        ({"unit": "없는팀"}, "라는 부서가 없습니다"),
        ({"name": "인사팀"}, "둘이 됩니다"),
        ({"act": "merge", "target": ""}, "칸이 비어 있습니다"),
        ({"act": "nonsense"}, "알 수 없습니다"),
    ],
)
def test_what_cannot_be_says_why_and_keeps_what_was_typed(
    office: WebOffice, changes: dict[str, str], said: str
) -> None:
    admin = office.admin()
    refused = admin.post("/reorganisations", data=fields(admin.get("/reorganisations").text) | RENAME | changes)
    assert refused.status_code == 422
    assert said in refused.text
    assert fields(refused.text)["on"] == (RENAME | changes)["on"]
    assert office.count(Reorganisation) == 0


def test_who_held_a_post_on_a_day_is_told_with_the_names_of_that_day(office: WebOffice) -> None:
    admin = office.admin()
    shown = admin.post("/reorganisations", data=fields(admin.get("/reorganisations").text) | RENAME)
    sure = {name: fields(shown.text)[name] for name in ("csrf", "on", "rows")} | {"sure": "yes"}
    admin.post("/reorganisations", data=sure)
    assert "행정지원팀" in admin.get("/people/on?day=2024. 10. 1.").text
    after = admin.get("/people/on?day=2024-10-02").text
    assert "총무팀" in after
    assert "행정지원팀" not in after
    assert "날짜를 2024. 9. 30. 처럼" in admin.get("/people/on?day=어제").text


def test_a_lead_sees_only_the_posts_of_the_own_units(office: WebOffice) -> None:
    with read(office.engine) as session:
        team = session.exec(select(Unit.id).where(Unit.name == "인사팀")).one()
    page = office.member((Role.LEAD, team)).get("/people/on").text
    assert "인사팀" in page
    assert "홍길동" not in page


def test_a_locked_round_is_shown_with_the_names_of_its_day(office: WebOffice) -> None:
    with write(office.engine) as session:
        round_id = open_round(
            session,
            title="9월 정기 취합",
            as_of_on=date(2024, 9, 30),
            now=NOW - timedelta(days=1),
            settings=office.settings,
            calendar=WorkingCalendar(),
            by="admin",
        ).round_id
        lock_round(session, round_id, by="admin", now=NOW - timedelta(hours=12))
        request_id = session.exec(select(StatusRequest.id).where(StatusRequest.round_id == round_id)).first()
    admin = office.admin()
    shown = admin.post("/reorganisations", data=fields(admin.get("/reorganisations").text) | RENAME)
    sure = {name: fields(shown.text)[name] for name in ("csrf", "on", "rows")} | {"sure": "yes"}
    admin.post("/reorganisations", data=sure)
    for page in (f"/rounds/{round_id}", f"/rounds/{round_id}/requests/{request_id}"):
        text = admin.get(page).text
        assert "행정지원팀" in text, page
        assert "총무팀" not in text, page
