"""The demo is the README's first command: it must end well, and quickly tell what it did."""

import re
from pathlib import Path

import pytest

import cli


def test_the_demo_plays_the_autumn_and_leaves_nothing_queued(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    assert cli.main(["demo", "--no-serve", "--data", str(folder)]) == 0
    told = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert re.search(r"보냄 \d+통, 반송 1통, 실패 0통, 대기 0통", told)
    assert "bounce." in told
    assert {file.suffix for file in folder.glob("report-2024-12.*")} == {".md", ".docx", ".hwpx"}
    assert cli.main(["status", "--data", str(folder)]) == 0


def test_the_demo_leaves_no_folder_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DDAY_DATA", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("commands.demo.send_autumn", lambda office: None)
    assert cli.main(["demo", "--no-serve"]) == 0
    assert list(tmp_path.iterdir()) == []
    assert "--data DIR" in capsys.readouterr().out
