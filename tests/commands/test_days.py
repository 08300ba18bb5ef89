"""`dday days deadline` tells and sets how a deadline on a day off counts, and says what that moved."""

from pathlib import Path

import pytest
from sqlmodel import select

import cli
import migrations
from models import AuditEntry, HolidayDeadline
from models.database import create_schema, make_engine, read, write
from schedules.office_days import holiday_deadline
from schedules.plan import replan
from tests.schedules.office import CALENDAR, SmallOffice, settings

SUNDAY = "2052-10-13"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small office with one deadline, on a Sunday years ahead."""
    engine = make_engine(f"sqlite:///{tmp_path / 'dday.sqlite3'}")
    create_schema(engine)
    migrations.stamp(engine)
    with write(engine) as session:
        office = SmallOffice(session)
        office.milestone(SUNDAY)
        replan(session, office.activated_at, settings(tmp_path), CALENDAR)
    engine.dispose()
    monkeypatch.setenv("DDAY_DATA", str(tmp_path))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = cli.main(["days", "deadline", *words])
    said = capsys.readouterr()
    return status, said.out, said.err


def stored(data: Path) -> tuple[HolidayDeadline, list[str | None]]:
    """The choice, and what the record of acts says of it."""
    engine = make_engine(f"sqlite:///{data / 'dday.sqlite3'}")
    with read(engine) as session:
        acts = session.exec(select(AuditEntry.detail).where(AuditEntry.act == "day.deadline")).all()
        found = holiday_deadline(session), list(acts)
    engine.dispose()
    return found


def test_an_office_that_chose_nothing_counts_deadlines_as_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys) == (0, "기한이 쉬는 날이면 그대로 셉니다.\n", "")


def test_the_choice_is_kept_and_says_what_it_moved(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said, _ = run(capsys, "before")
    assert status == 0
    assert "정했습니다: 기한이 쉬는 날이면 그 앞의 근무일로 당겨 셉니다." in said
    assert "알림 0건 추가, 4건 옮김, 0건 취소" in said
    assert "그 앞의 근무일로 당겨 셉니다." in run(capsys)[1]
    assert stored(data) == (HolidayDeadline.BEFORE, ["as_is -> before"])


def test_the_same_choice_again_moves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "after")
    assert "알림 0건 추가, 0건 옮김, 0건 취소" in run(capsys, "after")[1]


def test_an_unknown_choice_is_refused_with_those_there_are(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, said = run(capsys, "tomorrow")
    assert status == 1
    assert "as_is, before, after" in said
    assert stored(data) == (HolidayDeadline.AS_IS, [])
