"""Finds names as people type them: parts of words, or only their initial consonants (`ㅊㅅ` finds 청사)."""

import re

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST_SYLLABLE, _SYLLABLES_EACH = 0xAC00, 588


def holds(column: Mapped[str] | ColumnElement[str], part: str, dialect: str) -> ColumnElement[bool]:
    """Whether the text holds the part: any letter case, or, where the part has a lone initial, its syllables too."""
    if not any(character in INITIALS for character in part):
        pattern = f"%{part.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        is_caseless = part.lower() == part.upper()  # Korean and numbers: without ILIKE, which takes five times as long
        return column.like(pattern, escape="!") if is_caseless else column.ilike(pattern, escape="!")
    if dialect == "postgresql":
        return column.op("~*", is_comparison=True)("".join(_syllables(one) or re.escape(one) for one in part))
    globbed = (_syllables(one) or (f"[{one}]" if one in "*?[" else one) for one in part)
    return column.op("GLOB", is_comparison=True)(f"*{''.join(globbed)}*")


def _syllables(character: str) -> str:
    """`ㅊ` → the class of all syllables that begin with it, and itself; empty for anything else."""
    at = INITIALS.find(character)
    if at < 0:
        return ""
    first = _FIRST_SYLLABLE + at * _SYLLABLES_EACH
    return f"[{character}{chr(first)}-{chr(first + _SYLLABLES_EACH - 1)}]"
