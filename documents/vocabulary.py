"""The words by which reports are read, loaded once from `vocabulary.toml`: names of sections, columns, kinds."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast, get_args

from documents.markup import squeeze
from documents.reading import SectionKind, UnitKind

_QUALIFIER = re.compile(
    r"(?:(?:19|20)?\d{2}년도?|['’‘]\d{2}\.?년?|\d{1,2}월|상반기|하반기|\d/?4?분기|주요|그간의?|그동안의?|현재까지|현재|지금까지|금년|올해)"
)
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_COUNTED = re.compile(r"\d+\s?(?:개소|개관|개장|개원)")
TABLES = ("milestone_table", "staff_table", "review_table", "reorganisation_table")
_TAIL = re.compile(r"[(\[〔].*|[:：].*", re.DOTALL)
_ENCLOSED = re.compile(r"\s*[\[【〔<〈《「(]\s*([^\[\]【】〔〕<>〈〉《》「」()]+?)\s*[\]】〕>〉》」)]\s*")
_LONGEST_LABEL, _LONGEST_ENDED = 20, 8
_SHORTEST_DIVISION = 4
_JOINED = re.compile(r"[/·ㆍ]|및")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The word lists by the keys of the file, names squeezed for comparison."""

    units: dict[str, tuple[str, ...]]
    headings: dict[str, frozenset[str]]
    columns: dict[str, frozenset[str]]
    sections: dict[str, SectionKind]
    attributes: dict[str, frozenset[str]]
    known_attributes: frozenset[str]
    attribute_endings: dict[str, tuple[str, ...]]
    status: dict[str, re.Pattern[str]]
    not_act: dict[str, re.Pattern[str]]
    kinds: tuple[tuple[str, tuple[str, ...]], ...]
    weak_kinds: tuple[tuple[str, tuple[str, ...]], ...]
    table_columns: dict[str, dict[str, str]]
    kind_names: dict[str, str]
    status_names: dict[str, str]
    review_headings: dict[str, str]
    reorganisation_acts: dict[str, str]

    def section_kind(self, heading: str) -> SectionKind | None:
        """Return what a section of this heading holds, or None where the words are not a section's name.

        A year, a month or 주요 before the name, a value or bracket after it, brackets around it all do not matter.
        """
        enclosed = _ENCLOSED.fullmatch(heading)
        name = squeeze(_TAIL.sub("", enclosed[1] if enclosed else heading)).rstrip(".:ㆍ·")
        if not name or len(name) > 24:
            return None
        while name not in self.sections:
            qualifier = _QUALIFIER.match(name)
            if not qualifier:
                return self.sections.get(name.replace("·", "및").replace(",", "및"))
            name = name[qualifier.end() :]
        return self.sections[name]

    def unit_kind(self, name: str) -> UnitKind | None:
        """Return what kind of unit a name names, or None: 자치행정과 is a department, 기대효과 none."""
        name = squeeze(name)
        if not re.fullmatch(r"[가-힣A-Z·0-9]{2,14}", name) or name[0].isdigit():
            return None
        if name.endswith(("부", "처")) and len(name) < _SHORTEST_DIVISION:
            return None  # 내부, 학부, 출처
        if name in self.units["not_names"]:
            return None
        if name.endswith(self.units["not_endings"]) and not name.endswith(self.units["endings"]):
            return None
        return next((kind for kind in get_args(UnitKind) if name.endswith(self.units[kind])), None)

    def is_column(self, role: str, heading: str) -> bool:
        """Say whether a column of this heading has the role, such as `name` or `schedule`."""
        return squeeze(_TAIL.sub("", heading)).lower() in self.columns[role]

    def is_attribute(self, role: str, label: str) -> bool:
        """Say whether a line's label is an attribute of the role, such as `when` or `location`.

        `일시/장소` and `기간 및 장소` are of both roles, since each of their parts is an attribute.
        """
        name = squeeze(label)
        if name in self.attributes[role]:
            return True
        if name in self.known_attributes:
            return False
        if 2 < len(name) <= _LONGEST_ENDED and name.endswith(self.attribute_endings.get(role, ("\0",))):
            return True
        parts = _JOINED.split(name) if len(name) <= _LONGEST_LABEL else [name]
        known = len(parts) > 1 and all(part in self.known_attributes for part in parts)
        return known and any(part in self.attributes[role] for part in parts)

    def is_any_attribute(self, label: str) -> bool:
        """Say whether a label tells when, where, for whom or by whom, of whatever role."""
        return any(self.is_attribute(role, label) for role in ("period", "when", "plain", "owner", "support", "budget"))

    def says(self, status: str, words: str) -> bool:
        """Say whether words speak of a status (planned, running, over, stopped, continuous), reasons apart."""
        return self.status[status].search(self.status["reason"].sub("", words)) is not None

    def milestone_kind(self, *labels: str) -> str:
        """Return the kind of milestone that the first label with a known word names, else `other`.

        The word furthest to the right decides, since Korean says last what a thing is; of words that end together the
        longest. What stands in brackets counts only where nothing outside does.
        """
        for label in labels:
            for rules in (self.kinds, self.weak_kinds):
                for text in (_BRACKETED.sub(" ", label), label):
                    if kind := _rightmost(_COUNTED.sub(" ", text), rules):
                        return kind
        return "other"


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary; the file is read once in a process."""
    with (Path(__file__).parent / "vocabulary.toml").open("rb") as file:
        words = tomllib.load(file)
    return Vocabulary(
        units={key: tuple(names) for key, names in words["units"].items()},
        headings=_sets(words["headings"]),
        columns=_sets(words["columns"]),
        sections={
            squeeze(name): cast("SectionKind", kind) for kind in words["sections"] for name in words["sections"][kind]
        },
        attributes=_sets(words["attributes"]),
        known_attributes=frozenset().union(*_sets(words["attributes"]).values()),
        attribute_endings={role: tuple(endings) for role, endings in words["attribute_endings"].items()},
        status=_patterns(words["status"]),
        not_act=_patterns(words["not_act"]),
        kinds=tuple((rule["name"], tuple(rule["words"])) for rule in words["kind"] if not rule.get("weak")),
        table_columns={table: _by_name(words[table]) for table in TABLES},
        kind_names=_by_name(words["kind_names"]),
        status_names=_by_name(words["status_names"]),
        review_headings={field: names[0] for field, names in words["review_table"].items()},
        reorganisation_acts=_by_name(words["reorganisation_acts"]),
        weak_kinds=tuple((rule["name"], tuple(rule["words"])) for rule in words["kind"] if rule.get("weak")),
    )


def _rightmost(text: str, rules: Iterable[tuple[str, tuple[str, ...]]]) -> str | None:
    found = [(text.rfind(word) + len(word), len(word), name) for name, words in rules for word in words if word in text]
    return max(found)[2] if found else None


def _by_name(table: dict[str, Iterable[str]]) -> dict[str, str]:
    return {squeeze(name).lower(): field for field, names in table.items() for name in names}


def _patterns(table: dict[str, Iterable[str]]) -> dict[str, re.Pattern[str]]:
    return {key: re.compile("|".join(patterns)) for key, patterns in table.items()}


def _sets(table: dict[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(squeeze(name).lower() for name in names) for key, names in table.items()}
