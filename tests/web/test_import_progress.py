"""Long documents: the page comes at once and says how far it is; nobody who writes waits, a restart loses nothing."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread, current_thread

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Connection, event
from starlette.testclient import TestClient

from documents.errors import DocumentError
from documents.report import read_report
from models import ImportDraft, StatusReport, Unit
from models.database import write
from schedules.activation import activate
from tests.web.browsing import DESK, PHONE, assert_readable, context, follow, sign_in
from tests.web.office import TODAY, WebOffice, fields, on_sqlite
from tests.web.test_imports import REPORT, rows, upload
from web import desk as desks
from web import import_drafts, import_trial
from web.app import make_app
from web.desk import Desk
from web.import_desk import Draft, Looked, Question, Step


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Holds every trial, in the middle of its transaction, until it is set."""
    opened, real = Event(), import_trial.load_of_month
    begun: list[Thread] = []

    def noted(**given: object) -> Thread:
        begun.append(Thread(**given))  # type: ignore[arg-type]
        return begun[-1]

    def waiting(*given: object) -> object:
        assert opened.wait(60)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(import_trial, "load_of_month", waiting)
    monkeypatch.setattr(desks, "Thread", noted)
    yield opened
    opened.set()
    for thread in begun:
        thread.join(60)  # none outlives the database of its test


def hasty(office: WebOffice) -> Desk[Draft]:
    desk: Desk[Draft] = office.app.state.desk
    desk.patience_seconds = 0
    return desk


def settled(office: WebOffice, client: TestClient, address: str) -> str:
    """The page once its work is done."""
    office.app.state.desk.patience_seconds = 60
    return client.get(address).text


def test_the_page_comes_at_once_shows_how_far_it_is_and_then_what_was_found(office: WebOffice, gate: Event) -> None:
    admin, before = office.admin(), rows(office)
    hasty(office)
    sent = upload(admin, REPORT)
    assert sent.status_code == 303
    address = sent.headers["location"]
    for path in (address, f"{address}/text", f"{address}/doubts"):
        page = admin.get(path)
        assert page.status_code == 200
        assert page.headers["refresh"] == "3"
        assert "<progress" in page.text
        assert "<script" not in page.text
        assert f'href="{path}"' in page.text
        assert "저장만 하기" not in page.text
    gate.set()
    page = settled(office, admin, address)
    assert "저장만 하기" in page
    assert "<progress" not in page
    assert rows(office) == before


def test_nobody_who_writes_waits_for_a_trial(office: WebOffice, gate: Event) -> None:
    hasty(office)
    admin = office.admin()
    upload(admin, REPORT)
    written = Event()

    def write_something() -> None:
        with write(office.engine) as session:
            session.get_one(Unit, office.elsewhere).name = "문화국"
        written.set()

    Thread(target=write_something, daemon=True).start()
    assert written.wait(20), "the trial holds the only write lock"


@on_sqlite
def test_a_restart_halfway_loses_nothing(office: WebOffice, gate: Event) -> None:
    admin = office.admin()
    hasty(office)
    address = upload(admin, REPORT).headers["location"]
    assert "<progress" in admin.get(address).text
    gate.set()
    again = make_app(office.settings, office.engine, office.clock)
    again.state.desk.patience_seconds = 60
    page = TestClient(again, cookies=admin.cookies).get(address).text
    assert "저장만 하기" in page


@on_sqlite
def test_a_fault_says_what_to_do_and_looking_again_begins_anew(
    office: WebOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = office.admin()

    def broken(*_given: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(import_drafts, "try_draft", broken)
        address = upload(admin, REPORT).headers["location"]
        page = admin.get(address)
        assert "읽다가 멈췄습니다" in page.text
        assert "refresh" not in page.headers
    assert "저장만 하기" in admin.get(address).text


@on_sqlite
def test_what_turns_out_later_not_to_be_readable_can_only_be_dropped(
    office: WebOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, opened = office.admin(), Event()

    def slow(*_given: object, **_more: object) -> None:
        assert opened.wait(60)
        raise DocumentError("사업을 찾지 못했습니다.")

    monkeypatch.setattr(import_drafts, "read_report", slow)
    hasty(office)
    address = upload(admin, REPORT).headers["location"]
    opened.set()
    page = settled(office, admin, address)
    assert "이대로는 저장할 수 없습니다" in page
    assert "저장만 하기" not in page
    assert admin.get(f"{address}/doubts").status_code == 303
    assert admin.post(f"{address}/store", data=fields(page)).status_code == 422
    assert admin.post(f"{address}/drop", data=fields(page)).status_code == 303
    assert office.count(ImportDraft) == 0


def test_reading_says_how_far_it_is() -> None:
    lines: list[int] = []
    read_report(REPORT.decode(), reached=lines.append)
    assert lines == sorted(lines)
    assert len(set(lines)) > 10
    assert 0 < lines[-1] <= REPORT.count(b"\n")
    work = Draft(1000)
    shares = [work.percent]
    work.step = Step.READING
    for work.reached in (10, 500, 990):
        shares.append(work.percent)
    work.step = Step.COMPARING
    shares.append(work.percent)
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] < 100


def test_one_draft_is_read_once_however_often_its_page_is_loaded(gate: Event) -> None:
    desk: Desk[Draft] = Desk("import.look_failed")
    begun = []
    desk.patience_seconds = 0
    question = Question(1, None, "{}", 0)

    def do(work: Draft) -> Looked:
        begun.append(work)
        assert gate.wait(60)
        return Looked(None, import_trial.Outcome())

    works = [desk.look(question, Draft, do) for _ in range(5)]
    other = desk.look(Question(2, None, "{}", 0), Draft, do)
    assert len(set(map(id, works))) == 1
    assert other.step is Step.WAITING
    gate.set()
    works[0].wait(60)
    other.wait(60)
    assert begun == [works[0], other]


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_progress_is_readable_and_ends_by_itself_without_a_script(
    browser: Browser,
    site: tuple[WebOffice, str],
    size: tuple[int, int],
    gate: Event,
    monkeypatch: pytest.MonkeyPatch,
    pictures: Path | None,
) -> None:
    office, address = site
    page = context(browser, size).new_page()
    sign_in(page, office, address)
    page.goto(f"{address}/import")
    page.set_input_files("#file", {"name": "긴 보고서.md", "mimeType": "text/markdown", "buffer": REPORT})
    monkeypatch.setattr(import_drafts, "SECONDS_TO_NEXT", 600)  # looked at for longer than a refresh takes
    follow(page, page.get_by_role("button", name="올리고 읽은 내용 보기"))
    assert page.locator("progress").is_visible()
    assert_readable(page, pictures)
    monkeypatch.setattr(import_drafts, "SECONDS_TO_NEXT", 1)
    page.reload()
    gate.set()
    page.get_by_role("button", name="저장만 하기").wait_for(timeout=60_000)


def test_an_answer_waits_while_a_draft_is_stored_and_is_taken_after_it(
    office: WebOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Storing is one transaction of some seconds: on SQLite it holds the only write lock."""
    admin, lead = office.admin(), office.client()
    address = upload(admin, REPORT).headers["location"]
    form = fields(admin.get(address).text)
    answer = fields(lead.get(f"/a/{office.token}").text) | {"once": f"done-{office.milestones[TODAY]}"}
    sent: list[int] = []
    asks = Event()
    answering = Thread(
        target=lambda: sent.append(lead.post(f"/a/{office.token}", data=answer).status_code), daemon=True
    )

    def activate_while_somebody_answers(*given: object, **more: object) -> object:
        storing = current_thread()

        def note(_connection: Connection) -> None:
            if current_thread() is not storing:
                asks.set()

        event.listen(office.engine, "begin", note, insert=True)
        answering.start()
        assert asks.wait(60)
        return activate(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(import_trial, "activate", activate_while_somebody_answers)
    stored = admin.post(f"{address}/store", data=form | {"activate": "yes"})
    answering.join(60)
    assert (stored.status_code, sent) == (303, [200])
    assert office.count(ImportDraft) == 0
    assert office.count(StatusReport) == 1
