"""`dday handover` shows everything first and stores it when told; `dday people` answers for any day."""

import json
from pathlib import Path

import pytest
from sqlmodel import select

import cli
import migrations
from models import Assignment
from models.database import create_schema, make_engine, read, write
from schedules.plan import replan
from tests.schedules.office import CALENDAR, SmallOffice, settings

TABLE = "부서,직위,성명,전자우편\n인사팀,팀장,새팀장,new@office.example\n"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the small office in it; 홍길동 leads 인사팀."""
    engine = make_engine(f"sqlite:///{tmp_path / 'dday.sqlite3'}")
    create_schema(engine)
    migrations.stamp(engine)
    with write(engine) as session:
        office = SmallOffice(session)
        office.milestone("2030-09-30", label="청사 로비 공사 준공")
        replan(session, office.activated_at, settings(tmp_path), CALENDAR)
    engine.dispose()
    monkeypatch.setenv("DDAY_DATA", str(tmp_path))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = cli.main(list(words))
    said = capsys.readouterr()
    return status, said.out, said.err


def table(data: Path, text: str = TABLE) -> str:
    path = data / "staff.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def assignments(data: Path) -> int:
    engine = make_engine(f"sqlite:///{data / 'dday.sqlite3'}")
    with read(engine) as session:
        found = len(session.exec(select(Assignment)).all())
    engine.dispose()
    return found


def test_a_change_of_staff_is_shown_first_and_stored_when_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said, _ = run(capsys, "handover", table(data), "--on", "2030-01-02")
    assert status == 0
    assert "인사팀장 (2030. 1. 2.(수)부터)" in said
    assert "나감: 홍길동, 맡은 자리가 없어 메일을 받지 않음: 홍길동" in said
    assert "들어옴: 새팀장" in said
    assert "열린 일정 1건" in said
    assert "청사 로비 공사 준공" in said
    assert "저장하지 않았습니다" in said
    assert assignments(data) == 4
    status, said, _ = run(capsys, "handover", table(data), "--on", "2030-01-02", "--yes", "--json")
    [move] = json.loads(said)["moves"]
    assert (move["effective_on"], move["leavers"], move["comers"]) == ("2030-01-02", ["홍길동"], ["새팀장"])
    assert assignments(data) == 5
    for on, name in (("2030-01-01", "홍길동"), ("2030-01-02", "새팀장")):
        _, said, _ = run(capsys, "people", "--on", on, "--json")
        assert [one["person"] for one in json.loads(said) if one["unit"] == "인사팀"] == [name]
    _, said, _ = run(capsys, "handover", table(data), "--on", "2030-01-02")
    assert "바뀌는 자리가 없습니다" in said


def test_overlapping_assignments_are_refused_and_several_holders_stand_in_one_table(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "handover", table(data), "--on", "2030-01-02", "--yes")
    other = table(data, TABLE.replace("새팀장,new", "또팀장,other"))
    status, _, said = run(capsys, "handover", other, "--on", "2029-12-01", "--yes")
    assert status == 1
    assert "2030-01-02부터 다른 사람이 등록되어 있습니다" in said
    assert "함께 맡는 것이면 두 사람을 한 표에 같이 적어 주세요" in said
    assert assignments(data) == 5
    both = table(data, TABLE + "인사팀,팀장,또팀장,other@office.example\n")
    status, said, _ = run(capsys, "handover", both, "--on", "2030-03-01")
    assert status == 0
    assert "함께 맡음: 새팀장, 또팀장 (메일을 모두 받습니다)" in said


def test_who_waits_to_be_accepted_is_listed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "handover", table(data), "--on", "2024-10-01", "--yes")  # long past: carried out at once
    _, said, _ = run(capsys, "handover")
    assert "인사팀장" in said
    assert "홍길동" in said
    _, said, _ = run(capsys, "handover", "--json")
    assert json.loads(said)[0]["leavers"] == "홍길동"


def test_a_file_that_is_not_there_or_a_day_that_is_none_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "handover", str(data / "nothing.csv"))[0] == 1
    status, _, said = run(capsys, "handover", table(data), "--on", "soon")
    assert status == 1
    assert "--on" in said
