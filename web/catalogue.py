"""What pages say: the English of every Korean text (`locale/en.po`), a word for each value (`locale/words.toml`).

What the rooms below say in finished sentences has catalogues of its own (`locale/{domain}.en.po`).
"""

import ast
import re
import tomllib
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from schedules.words import WEEKDAYS
from web import english_words

HANGUL = re.compile("[ㄱ-ㅎ가-힣]")
SHORTEST_PATTERN = 12  # shorter messages with a value in them belong to templates, which put the value in themselves
VALUE = re.compile(r"\{\d+\}")
LOCALE = Path(__file__).parent / "locale"
DOMAINS = ("document", "doctor", "recurrence", "reorganisation", "why")
LONG_BEFORE_SHORT = ("document", "doctor")  # a label or a fault first, its state or number last
ON_A_LINE = re.compile(r"(\d+)행: (.*)", re.DOTALL)
A_DAY = re.compile(rf"(\d{{4}})\. (\d{{1,2}})\. (\d{{1,2}})\.\([{WEEKDAYS}]\)")
PARTED_BY = ("; ", ", ", " · ")  # several finished sentences in one


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
def english(domain: str = "") -> dict[str, str]:
    return read_po((LOCALE / (f"{domain}.en.po" if domain else "en.po")).read_text(encoding="utf-8"))


def en(korean: str) -> str:
    """The English of a Korean text; the empty text where the catalogue has none."""
    return english().get(korean, "")


class Both(NamedTuple):
    """A sentence that is put together from parts, in both languages."""

    korean: str
    english: str


Pattern = tuple[re.Pattern[str], str]


@cache
def _patterns(domain: str = "") -> Sequence[Pattern]:
    """Messages with values in them, those that say most first, as what a finished sentence matches."""
    found = [msgid for msgid in english(domain) if "{1}" in msgid and "<1>" not in msgid]
    if not domain:
        found = [msgid for msgid in found if len(msgid) > SHORTEST_PATTERN]
    value = "(.*)" if domain in LONG_BEFORE_SHORT else "(.*?)"
    return [
        (re.compile(value.join(map(re.escape, VALUE.split(msgid))), re.DOTALL), english(domain)[msgid])
        for msgid in sorted(found, key=lambda msgid: (len(VALUE.sub("", msgid)), len(msgid)), reverse=True)
    ]


def in_english(said: object, domain: str = "") -> str:
    """The English of what the code says: a message of the catalogue, with values in it or without; else as it is.

    With a domain: a finished sentence of that room, or several of them in a row; its catalogue is asked first. Days are
    said in English, but not those of a document.
    """
    if isinstance(said, Both):
        return said.english
    text = str(said)
    if not HANGUL.search(text):
        return text
    for asked in dict.fromkeys((domain, "")):
        known = english(asked).get(plain(text))
        if known and (asked == domain or len(text) > SHORTEST_PATTERN):  # short ones may be somebody's words
            return known
    if met := ON_A_LINE.fullmatch(text):
        return f"Line {met[1]}: {in_english(met[2], domain)}"
    for asked in dict.fromkeys((domain, "")):
        for pattern, translated in _patterns(asked):
            if met := pattern.fullmatch(text):
                return translated.format("", *(in_english(value, domain) for value in met.groups()))
    for mark in PARTED_BY if domain else ():
        if mark in text:
            return mark.join(in_english(part, domain) for part in text.split(mark))
    return text if domain == "document" else A_DAY.sub(_day_in_english, text)


def _day_in_english(day: re.Match[str]) -> str:
    try:
        return english_words.day(date(int(day[1]), int(day[2]), int(day[3])))
    except ValueError:  # somebody's words
        return day[0]


def in_korean(said: object, _domain: str = "") -> str:
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
