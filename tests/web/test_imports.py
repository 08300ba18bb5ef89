"""The way in for reports and tables: looked through, corrected and compared first; nothing counts before the end."""

from datetime import date
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.testclient import TestClient

from models import AuditEntry, Document, ImportDraft, Milestone, Person, Project, Reminder
from models.database import read
from tests.web.office import WebOffice, fields, on_sqlite

REPORT = (Path(__file__).parents[2] / "examples" / "report-2024-09.md").read_bytes()
STAFF = "부서,직위,성명,전자우편,시작\n인사팀,팀장,성춘향,spring@office.example,2024-10-01\n".encode()
UNTOUCHED = (
    "document",
    "project",
    "milestone",
    "milestone_revision",
    "finding",
    "reminder",
    "person",
    "assignment",
    "unit",
)


def upload(admin: TestClient, content: bytes, name: str = "보고서.md", **changes: str) -> Response:
    form = fields(admin.get("/import").text) | {"kind": "report", "as_of": ""} | changes
    form.pop("file", None)
    return admin.post("/import", data=form, files={"file": (name, content)})


def rows(office: WebOffice) -> dict[str, object]:
    everything = office.everything()
    return {name: everything[name] for name in UNTOUCHED}


@pytest.fixture
def newcomer(engine: Engine, tmp_path: Path) -> WebOffice:
    """The example's first import happens beside the office's one project of another department."""
    return WebOffice(engine, tmp_path / "data", activated=False)


def test_a_report_is_looked_through_corrected_stored_and_activated(newcomer: WebOffice) -> None:
    admin, before = newcomer.admin(), rows(newcomer)
    sent = upload(admin, REPORT)
    assert sent.status_code == 303, sent.text
    draft = sent.headers["location"]
    overview = admin.get(draft).text
    assert "저장하지 않았습니다" in overview
    assert "활성화까지 하면" in overview
    beside = admin.get(f"{draft}/text?line=200").text
    assert "기한: " in beside
    doubts = admin.get(f"{draft}/doubts")
    assert doubts.status_code == 200
    form = fields(doubts.text)
    number = next(name.partition("-")[2] for name in form if name.startswith("end-"))
    label = doubts.text.partition(f'id="end-{number}"')[0].rpartition("<legend>")[2].partition("<")[0].strip()
    page = fill(doubts.text, form) | {f"start-{number}": "2024-12-02", f"end-{number}": "2024-12-03"}
    kept = admin.post(f"{draft}/doubts", data=page)
    assert kept.status_code == 303, kept.text
    assert "담았습니다" in admin.get(kept.headers["location"]).text
    assert rows(newcomer) == before, "nothing counts before the last step"
    stored = admin.post(f"{draft}/store", data=fields(overview) | {"activate": "yes"})
    assert stored.headers["location"] == "/import?said=activated"
    with read(newcomer.engine) as session:
        assert session.exec(
            select(Milestone).where(Milestone.label == label, Milestone.end_on == date(2024, 12, 3))
        ).all()
        assert session.exec(select(Project).where(col(Project.activated_at).is_(None))).first() is None
        assert session.exec(select(Reminder.id)).first() is not None
        acts = session.exec(select(AuditEntry.act)).all()
    assert {"import", "import.review", "activate"} <= set(acts)
    assert newcomer.count(ImportDraft) == 0
    assert admin.get(draft).status_code == 404


def fill(page: str, form: dict[str, str]) -> dict[str, str]:
    """The form as a browser sends it: with what its selects show."""
    import re

    for name, body in re.findall(r'<select id="[^"]*" name="([^"]*)">(.*?)</select>', page):
        chosen = re.search(r'value="([^"]*)" selected', body)
        form[name] = chosen[1] if chosen else ""
    return form


def test_the_next_edition_shows_what_changes_and_the_same_again_nothing(newcomer: WebOffice) -> None:
    admin = newcomer.admin()
    first = upload(admin, REPORT).headers["location"]
    admin.post(f"{first}/store", data=fields(admin.get(first).text))
    again = upload(admin, REPORT).headers["location"]
    assert "이미 가져온 것과 같은 파일입니다" in admin.get(again).text
    changed = REPORT.decode().replace("공간 준공 : 2024. 10.", "공간 준공 : 2024. 11.").encode()
    later = upload(admin, changed, as_of="2024. 10. 1.").headers["location"]
    page = admin.get(later).text
    assert "일정 변경" in page
    assert "당초" in page
    assert newcomer.count(Document) == 2
    admin.post(f"{later}/drop", data=fields(page))
    assert newcomer.count(Document) == 2


@on_sqlite
@pytest.mark.parametrize(
    ("content", "changes", "words"),
    [
        (b"\x00\x01\x02binary\x00", {}, "텍스트"),
        (b"hello", {}, "기준일을"),
        (b"hello", {"as_of": "2024. 9. 1."}, "사업"),
        (REPORT, {"as_of": "시월"}, "기준일을"),
        (b"a,b\n1,2\n", {"kind": "staff"}, ""),
        (REPORT, {"kind": "nothing"}, "골라 주세요"),
    ],
)
def test_what_cannot_be_read_says_why_and_leaves_no_draft(
    newcomer: WebOffice, content: bytes, changes: dict[str, str], words: str
) -> None:
    refused = upload(newcomer.admin(), content, **changes)
    assert refused.status_code == 422
    assert "가져오지 않았습니다" in refused.text
    assert words in refused.text
    assert newcomer.count(ImportDraft) == 0


def test_a_staff_table_names_its_bad_rows_or_says_what_it_changes(office: WebOffice) -> None:
    admin = office.admin()
    bad = upload(admin, STAFF.replace(b"2024-10-01", b"someday"), "staff.csv", kind="staff").headers["location"]
    page = admin.get(bad).text
    assert "2행" in page
    assert "저장만 하기" not in page
    good = upload(admin, STAFF, "명단.csv", kind="staff").headers["location"]
    page = admin.get(good).text
    assert "새 사람 1명" in page
    people = office.count(Person)
    assert admin.post(f"{good}/store", data=fields(page)).status_code == 303
    assert office.count(Person) == people + 1


@on_sqlite
def test_a_correction_that_cannot_be_read_marks_its_row_and_keeps_the_words(newcomer: WebOffice) -> None:
    admin = newcomer.admin()
    draft = upload(admin, REPORT).headers["location"]
    page = admin.get(f"{draft}/doubts").text
    form = fill(page, fields(page))
    number = next(name.partition("-")[2] for name in form if name.startswith("end-"))
    refused = admin.post(f"{draft}/doubts", data=form | {f"end-{number}": "언젠가"})
    assert refused.status_code == 422
    assert f'id="e-{number}"' in refused.text
    assert fields(refused.text)[f"end-{number}"] == "언젠가"
    with read(newcomer.engine) as session:
        assert session.exec(select(ImportDraft)).one().corrections == {}


@on_sqlite
def test_a_report_without_a_day_asks_for_it(newcomer: WebOffice) -> None:
    admin = newcomer.admin()
    nameless = "\n".join(
        line for line in REPORT.decode().split("\n") if "기준" not in line and "2024. 9. 1" not in line
    )
    draft = upload(admin, nameless.replace("2024.  9.", "").encode()).headers["location"]
    page = admin.get(draft).text
    if "이 문서의 기준일" in page:
        assert "저장만 하기" not in page
        refused = admin.post(f"{draft}/as-of", data=fields(page) | {"as_of": "어제"})
        assert refused.status_code == 422
        said = admin.post(f"{draft}/as-of", data=fields(page) | {"as_of": "2024. 9. 1."})
        assert said.status_code == 303
    assert "저장만 하기" in admin.get(draft).text


@on_sqlite
def test_nobody_but_the_admin_uploads_anything(office: WebOffice) -> None:
    assert office.client().post("/import", files={"file": ("a.md", REPORT)}).status_code == 403
    admin = office.admin()
    assert admin.post("/import", data={"kind": "report"}, files={"file": ("a.md", REPORT)}).status_code == 403
    assert office.count(ImportDraft) == 0


def test_one_post_gets_another_holder_after_what_goes_over_was_shown(office: WebOffice) -> None:
    admin = office.admin()
    assert f'href="/people/assign?post={office.post}"' in admin.get("/people").text
    form = fields(admin.get(f"/people/assign?post={office.post}").text)
    refused = admin.post("/people/assign", data=form | {"name": " "})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text.partition('id="name"')[2].partition(">")[0]
    new = form | {"name": "성춘향", "email": "spring@office.example", "from": "2024. 10. 7."}
    draft = admin.post("/people/assign", data=new).headers["location"]
    page = admin.get(draft).text
    assert "홍길동" in page
    assert "→ 성춘향" in " ".join(page.split())
    assert "열린 일정 6건" in page
    with read(office.engine) as session:
        assert session.exec(select(Person).where(Person.name == "성춘향")).first() is None
    assert admin.post(f"{draft}/store", data=fields(page)).status_code == 303
    with read(office.engine) as session:
        assert session.exec(select(Person).where(Person.name == "성춘향")).one().email == "spring@office.example"
