"""What pages say: English beside the Korean (`locale/en.po`), a word for each value (`locale/words.toml`)."""

import ast
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"


def read_po(text: str) -> dict[str, str]:
    """`msgid` → `msgstr` of a gettext catalogue without plurals; untranslated entries and the header are left out."""
    found: dict[str, str] = {}
    parts = {"msgid": "", "msgstr": ""}
    field = "msgid"

    def keep() -> None:
        if parts["msgid"] and parts["msgstr"]:
            found[parts["msgid"]] = parts["msgstr"]

    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith(("msgid ", "msgstr ")):
            field, _, quoted = stripped.partition(" ")
            if field == "msgid":
                keep()
                parts = {"msgid": "", "msgstr": ""}
            parts[field] = ast.literal_eval(quoted)
        elif stripped.startswith('"'):
            parts[field] += ast.literal_eval(stripped)
    keep()
    return found


@cache
def english() -> dict[str, str]:
    return read_po((LOCALE / "en.po").read_text(encoding="utf-8"))


def en(korean: str) -> str:
    """The English of a Korean text; the empty text where the catalogue has none."""
    return english().get(korean, "")


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((LOCALE / "words.toml").read_text(encoding="utf-8"))


def word(value: StrEnum) -> str:
    """`MilestoneStatus.DELAYED` → `지연`. Raises KeyError for a value that the catalogue does not know."""
    return _words()[type(value).__name__][value.value]


def word_of(kind: str, value: str) -> str:
    """The word of a value that a column keeps as plain text; the value itself where the catalogue has none."""
    return _words().get(kind, {}).get(value, value)


def words_of(kind: str) -> dict[str, str]:
    """All values of a kind with their words, in the order of the catalogue."""
    return _words()[kind]


def phrase(kind: str, value: str) -> str:
    """A piece of a sentence: `phrase("end", "start")` → `시작일`."""
    return _words()["phrases"][f"{kind}-{value}"]
