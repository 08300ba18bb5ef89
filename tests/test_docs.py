"""What the documents say is so: every command they name exists, every setting is in them with its default."""

import re
from pathlib import Path

import pytest

import cli
from settings import DESCRIBED

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "README.ko.md", *sorted((ROOT / "docs").rglob("*.md"))]
LAUNCHER_VERBS = {"test", "check", "bench"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_named_in_a_document_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|\./|^    )(?:\./)?dday ([a-z][a-z-]*)", text, re.MULTILINE))
    assert named <= set(cli.VERBS) | LAUNCHER_VERBS


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (document.parent / target).exists(), target


def test_every_setting_stands_in_the_operating_guide() -> None:
    guide = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(DDAY_[A-Z_]+)`", guide)) - {"DDAY_SECRET_KEY_FILE", "DDAY_PUBLISH"}
    assert told == {setting.name for setting in DESCRIBED}


@pytest.mark.parametrize("verb", sorted(cli.VERBS))
def test_every_verb_has_help_with_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([verb, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "예:" in shown or "Commands" in shown


def test_every_file_of_verbs_registers_just_its_own() -> None:
    import importlib

    import typer
    from typer.main import get_group

    for name in set(cli.VERBS.values()):
        app = typer.Typer()
        importlib.import_module(f"commands.{name}").register(app)
        app.command("other")(lambda: None)  # a lone command would not make a group
        app.command("another")(lambda: None)
        registered = set(get_group(app).commands) - {"other", "another"}
        assert registered == {verb for verb, owner in cli.VERBS.items() if owner == name}
