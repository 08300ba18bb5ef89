"""`dday supporting` and `dday rules`: posts beside are named as people name them, and told where a rule says so."""

import json
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


def said(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert cli.main(list(words)) == status
    shown = capsys.readouterr()
    return " ".join((shown.out + shown.err).split())


def test_a_post_beside_is_added_told_by_a_rule_explained_and_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    added = said(capsys, "supporting", "add", "행정지원팀", "--milestone", "1")
    assert "정했습니다: 행정지원팀장. 알림 0건 추가" in added
    assert "주의: 협조 직위에 알리는 규칙이 없습니다" in added
    assert "알림 3건 추가" in said(capsys, "rules", "set", "upcoming-firm", "levels=0,supporting")
    assert "협조" in said(capsys, "rules", "list")
    explained = said(capsys, "rules", "explain", "1")
    assert "협조: 행정지원팀장" in explained
    assert explained.count("· 협조 행정지원팀장 · 예정") == 3
    [row] = json.loads(said(capsys, "supporting", "list", "--json"))
    assert (row["post"], row["milestone_id"], row["project_id"]) == ("행정지원팀장", 1, 1)
    assert "행정지원팀장" in said(capsys, "supporting", "list", "--project", "1")
    assert "뺐습니다: 행정지원팀장. 알림 0건 추가, 3건 취소" in said(capsys, "supporting", "remove", str(row["id"]))
    assert "정해진 협조 직위가 없습니다" in said(capsys, "supporting", "list")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("행정지원팀",), "--project 나 --milestone 하나를"),
        (("행정지원팀", "--project", "1", "--milestone", "1"), "--project 나 --milestone 하나를"),
        (("행정지원팀", "--project", "9"), "9번 사업은 없습니다"),
        (("행정지원팀", "--milestone", "9"), "9번 일정은 없습니다"),
        (("없는과", "--project", "1"), "직위나 부서가 없습니다"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], given: tuple[str, ...], words: str
) -> None:
    assert words in said(capsys, "supporting", "add", *given, status=1)


def test_when_repeats_stop_is_set_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    ends = ("repeat_every=7", "repeat_until=done", "most_repeats=5")
    assert "정했습니다: overdue" in said(capsys, "rules", "set", "overdue", *ends)
    rules = {rule["name"]: rule for rule in json.loads(said(capsys, "rules", "list", "--json"))}
    assert (rules["overdue"]["repeat_until"], rules["overdue"]["most_repeats"]) == ("done", 5)
    assert "많아도" in said(capsys, "rules", "set", "--help")
    assert "반복하지 않는 규칙" in said(capsys, "rules", "set", "today", "most_repeats=2", status=1)
