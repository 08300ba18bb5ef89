"""The calendar of what will be sent: of the office or of a unit, never of too much; what takes long comes later."""

from datetime import date, timedelta
from threading import Event

import pytest
from starlette.testclient import TestClient

from models import AuditEntry, Role
from models.database import write
from notifications.previewed import Previewed
from tests.web.office import NOW, WebOffice, on_sqlite
from web import preview as pages
from web.app import make_app

MAIL = Previewed(
    key="post:3/email/morning/2024-10-07T09:00",
    send_at="2024-10-07T09:00+09:00",
    unit="행정지원팀",
    post="팀장",
    person="홍길동",
    channel="email",
    kind="morning",
    subject="[일정 알림] 지연 1건",
    items=[],
)


class Plays:
    """A preview that waits until it may go on, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[date, date, int | None]] = []
        self.may_go_on = Event()
        self.may_go_on.set()
        self.error: Exception | None = None

    def __call__(self, first: date, last: date, unit: int | None) -> list[Previewed]:
        self.asked.append((first, last, unit))
        assert self.may_go_on.wait(60)
        if self.error is not None:
            raise self.error
        return [MAIL]


@pytest.fixture
def plays(office: WebOffice) -> Plays:
    found = Plays()
    office.app = make_app(office.settings, office.engine, office.clock, preview_mails=found)
    office.app.state.previews.patience_seconds = 60
    return found


def something_happens(office: WebOffice) -> None:
    with write(office.engine) as session:
        session.add(AuditEntry(at=NOW, actor="admin", act="rule.set", subject="rule:1"))


def finished(office: WebOffice, admin: TestClient, address: str) -> str:
    office.app.state.previews.patience_seconds = 60
    return admin.get(address).text


@on_sqlite
def test_a_unit_is_looked_at_alone_and_every_way_on_keeps_it(office: WebOffice, plays: Plays) -> None:
    admin = office.admin()
    page = admin.get(f"/preview?unit={office.department}").text
    assert plays.asked == [(date(2024, 10, 2), date(2024, 10, 31), office.department)]
    assert f'<option value="{office.department}" selected>' in page
    assert f"month=2024-11&amp;unit={office.department}" in page
    assert f"view=week&amp;unit={office.department}" in page
    assert admin.get(f"/preview?unit={office.team}").status_code == 404, "a team is seen with its department"
    assert admin.get("/preview?unit=99999").status_code == 404


@on_sqlite
def test_what_is_played_holds_until_something_happens(office: WebOffice, plays: Plays) -> None:
    admin = office.admin()
    for _ in range(2):
        assert "행정지원팀장" in admin.get("/preview").text
        assert "행정지원팀장" in admin.get("/preview?day=2024-10-07").text
    assert len(plays.asked) == 1
    something_happens(office)
    admin.get("/preview")
    assert len(plays.asked) == 2


@on_sqlite
@pytest.mark.parametrize("large", [False, True])
def test_what_takes_long_is_shown_on_a_later_look_even_if_something_happened_meanwhile(
    office: WebOffice, plays: Plays, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    admin = office.admin()
    if large:
        monkeypatch.setattr(pages, "SOON_PLAYED", 0)
    else:
        office.app.state.previews.patience_seconds = 0
    plays.may_go_on.clear()
    first = admin.get("/preview")
    assert first.headers["refresh"] == "3"
    assert "<progress" in first.text
    assert "통, " not in first.text
    something_happens(office)
    assert "<progress" in admin.get("/preview").text
    plays.may_go_on.set()
    monkeypatch.undo()
    page = finished(office, admin, "/preview")
    assert "행정지원팀장" in page
    assert "10. 2.(수) 10:00 기준" in page
    assert len(plays.asked) == 1
    finished(office, admin, "/preview")
    assert len(plays.asked) == 2, "shown once; what happened since is in the next"


@on_sqlite
def test_of_too_much_a_part_is_asked_for(office: WebOffice, plays: Plays, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = office.admin()
    monkeypatch.setattr(pages, "MOST_PLAYED", 3)
    page = admin.get("/preview").text
    assert "부서를 골라 주세요" in page
    assert plays.asked == []
    assert "이 기간에 나갈 메일이 없습니다" not in page
    page = admin.get(f"/preview?unit={office.elsewhere}").text
    assert plays.asked[0][2] == office.elsewhere


@on_sqlite
def test_a_fault_is_said_and_looked_at_anew_when_asked_again(office: WebOffice, plays: Plays) -> None:
    admin = office.admin()
    plays.error = RuntimeError("a fault of the program")
    page = admin.get("/preview")
    assert "따져 보다가 멈췄습니다" in page.text
    assert "refresh" not in page.headers
    plays.error = None
    assert "행정지원팀장" in admin.get("/preview").text


@on_sqlite
def test_another_day_is_another_question(office: WebOffice, plays: Plays) -> None:
    for days in (0, 1):
        office.clock.now = NOW + timedelta(days=days)
        assert office.member((Role.AUDITOR, None)).get("/preview").status_code == 200
    assert [first for first, _, _ in plays.asked] == [date(2024, 10, 2), date(2024, 10, 3)]
