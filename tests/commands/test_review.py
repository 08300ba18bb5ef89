"""`dday review` and back: the list goes out, comes home corrected, and changes what is planned."""

import csv
import json
from pathlib import Path

import pytest

import cli

REPORT = Path(__file__).resolve().parent.parent.parent / "examples" / "report-2024-09.md"


def run(tmp_path: Path, *words: str) -> int:
    return cli.main(["--data", str(tmp_path / "data"), *words])


def test_a_corrected_list_comes_home_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "import", str(REPORT), "--as-of", "2024-09-01") == 0
    assert run(tmp_path, "import", str(REPORT.with_name("staff.csv")), "--kind", "staff") == 0
    assert run(tmp_path, "activate", "--all", "--yes") == 0
    file = tmp_path / "확인.csv"
    assert run(tmp_path, "review", "--out", str(file)) == 0
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    at = next(at for at, row in enumerate(rows) if row["일정"] == "청사 로비 리모델링 공사 준공")
    rows[at]["종료일"] = "2024-10-04"
    with file.open("w", encoding="cp949", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    capsys.readouterr()
    assert run(tmp_path, "import", str(file), "--kind", "review", "--json") == 0
    assert capsys.readouterr().out == '{"corrected": 1, "confirmed": 0}\n'
    assert run(tmp_path, "import", str(file), "--kind", "review") == 0
    assert "바뀌는 것이 없습니다" in capsys.readouterr().out
    assert run(tmp_path, "preview", "--from", "2024-10-01", "--to", "2024-10-10", "--json") == 0
    items = [item for message in json.loads(capsys.readouterr().out) for item in message["items"]]
    assert {item["due_on"] for item in items if item["label"] == "청사 로비 리모델링 공사 준공"} == {"2024-10-04"}


def test_a_bad_row_refuses_the_whole_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "import", str(REPORT), "--as-of", "2024-09-01") == 0
    file = tmp_path / "review.csv"
    file.write_text("id,end\nM3,2024-10-04\nM99999,2024-10-05\n", encoding="utf-8")
    assert run(tmp_path, "import", str(file), "--kind", "review") == 1
    assert "3행" in capsys.readouterr().err
    file.write_text("id,end\nM3,2024-09-30\n", encoding="utf-8")
    assert run(tmp_path, "import", str(file), "--kind", "review") == 0
    assert "바뀌는 것이 없습니다" in capsys.readouterr().out
