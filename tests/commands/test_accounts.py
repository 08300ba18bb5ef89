"""`dday accounts`: made on the command line, a password by an address or a pipe, never as a word of it."""

import io
import json
import re
from pathlib import Path

import pytest

import cli
from commands.run import use_data


def dday(folder: Path, *words: str) -> int:
    use_data(None)
    return cli.main(["--data", str(folder), *words])


def test_an_account_is_made_given_roles_and_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dday(tmp_path, "accounts", "add", "Hong", "--role", "auditor") == 0
    assert re.search(r"/login/[\w-]{40,}", capsys.readouterr().out)
    monkeypatch.setattr("sys.stdin", io.StringIO("a password from a pipe\n"))
    assert dday(tmp_path, "accounts", "reset-password", "hong", "--password") == 0
    assert dday(tmp_path, "accounts", "roles", "hong", "--give", "admin") == 0
    assert dday(tmp_path, "accounts", "roles", "hong", "--take", "auditor") == 0
    assert dday(tmp_path, "accounts", "disable", "hong") == 0
    capsys.readouterr()
    assert dday(tmp_path, "accounts", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "name": "hong",
            "roles": [{"role": "admin", "unit": None}],
            "disabled": True,
            "has_password": True,
            "has_codes": False,
        }
    ]


def test_what_is_not_there_is_said_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ("disable", "nobody"),
        ("add", "two words"),
        ("add", "hong", "--role", "reviewer", "--unit", "없는과"),
        ("roles", "hong"),
    ):
        assert dday(tmp_path, "accounts", *words) == 1
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert dday(tmp_path, "accounts", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
