"""`dday rules set` refuses what cannot be, and warns of what a person may mean and probably does not."""

from pathlib import Path

import pytest

import cli
import migrations
from models.database import create_schema, make_engine, write
from schedules.plan import replan
from tests.schedules.office import CALENDAR, SmallOffice, at, settings


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small office with one deadline years ahead."""
    engine = make_engine(f"sqlite:///{tmp_path / 'dday.sqlite3'}")
    create_schema(engine)
    migrations.stamp(engine)
    with write(engine) as session:
        office = SmallOffice(session)
        office.milestone("2099-09-30")
        replan(session, at("2024-09-02 08:00"), settings(tmp_path), CALENDAR)
    engine.dispose()
    monkeypatch.setenv("DDAY_DATA", str(tmp_path))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("ask=upcoming", "kinds=council", "offsets=-3"), "주의: 앞으로 한 번도 알리지 않습니다"),
        (
            ("ask=upcoming", "offsets=-3", "time=07:30"),
            "07:30은 발송 시간대(09:00~18:00) 밖이라",
        ),
    ],
)
def test_what_somebody_may_not_have_meant_is_kept_with_a_warning(
    capsys: pytest.CaptureFixture[str], given: tuple[str, ...], said: str
) -> None:
    assert cli.main(["rules", "set", "우리규칙", *given]) == 0
    shown = capsys.readouterr().out
    assert "정했습니다: 우리규칙" in shown
    assert said in " ".join(shown.split())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("ask=upcoming", "offsets=-3000"), "-730에서 -1 사이"),
        (("ask=upcoming", "offsets=3"), "-730에서 -1 사이"),
        (("ask=today", "offsets=0", "repeat_every=2"), "반복하지 않습니다"),
        (("ask=status", "offsets=0", "precisions=none"), "있을 수 없어 한 번도 알리지 않습니다"),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_allowed(
    capsys: pytest.CaptureFixture[str], given: tuple[str, ...], said: str
) -> None:
    assert cli.main(["rules", "set", "우리규칙", *given]) == 1
    assert said in capsys.readouterr().err
