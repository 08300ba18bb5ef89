"""What pages say: the English of every Korean text (`locale/en.po`), a word for each value (`locale/words.toml`)."""

import ast
import re
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

HANGUL = re.compile("[ㄱ-ㅎ가-힣]")
SHORTEST_PATTERN = 12  # shorter messages with a value in them belong to templates, which put the value in themselves
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


class Both(NamedTuple):
    """A sentence that is put together from parts, in both languages."""

    korean: str
    english: str


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Messages with values in them, the longest first, as what a finished sentence matches."""
    found = sorted((msgid for msgid in english() if "{1}" in msgid and "<1>" not in msgid), key=len, reverse=True)
    parts = [(re.split(r"\{\d+\}", msgid), english()[msgid]) for msgid in found if len(msgid) > SHORTEST_PATTERN]
    return [(re.compile("(.*?)".join(map(re.escape, texts)), re.DOTALL), text) for texts, text in parts]


def in_english(said: object) -> str:
    """The English of what the code says: a message of the catalogue, with values in it or without; else as it is."""
    if isinstance(said, Both):
        return said.english
    text = str(said)
    if known := en(plain(text)):
        return known
    if not HANGUL.search(text):
        return text
    for pattern, translated in _patterns():
        if met := pattern.fullmatch(text):
            return translated.format("", *(in_english(value) for value in met.groups()))
    return text


def in_korean(said: object) -> str:
    return said.korean if isinstance(said, Both) else str(said)


def by_number(count: object, one: str, many: str) -> str:
    """Which of two English words goes with a number, written or counted."""
    return one if str(count).strip() == "1" else many


def plain(text: str) -> str:
    """A text as the catalogue has it: its white space single, none around it."""
    return " ".join(text.split())


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
