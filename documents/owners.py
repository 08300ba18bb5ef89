"""Offices that a line names beside its work: `(공원녹지과)`, `: 행정지원과, 문화체육과`."""

import re

from documents.markup import squeeze
from documents.vocabulary import vocabulary

_GROUP = re.compile(r"\(([^()]{2,60})\)|[:：]\s*([^:：()]{2,60})$")
_SPLIT = re.compile(r"[,·/、]| 및 |\s외\s.*")


def find_owners(text: str) -> tuple[str, ...]:
    """Return the offices that a line names in brackets or at its end after a colon, in order, each once."""
    found: dict[str, None] = {}
    for group in _GROUP.finditer(text):
        for piece in _SPLIT.split(group[1] or group[2]):
            name = squeeze(re.sub(r"^(?:담당|협조|주관|소관)\s*[:：]\s*", "", piece))
            if is_office(name):
                found[name] = None
    return tuple(found)


def is_office(name: str) -> bool:
    """Say whether a name is that of an office: a department, team or public body, and no common noun."""
    units = vocabulary().units
    if not 3 <= len(name) <= 14 or not re.fullmatch(r"(?!.*\d팀)[가-힣A-Z0-9]+", name):
        return False
    if name in units["not_names"] or not name.endswith(units["owner_suffixes"]):
        return False
    return name.endswith(units["endings"]) or not name.endswith(units["not_endings"])
