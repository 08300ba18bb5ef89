"""Inline markup to words: Markdown emphasis, HTML tags and entities, formulas for units, control characters."""

import html
import re

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2060\ufeff]")
_FOOTNOTE_MARK = re.compile(r"<sup>[^<]{0,9}</sup>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:/li|br\s*/?|/p|/div)>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_SQUARE_METRES = re.compile(r"\$\s*m\^\{?2\}?\s*\$")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")


def plain(text: str) -> str:
    """Return the words of a line: tags, emphasis and control characters removed, runs of blanks made one."""
    if "<" in text:
        text = _TAG.sub("", _FOOTNOTE_MARK.sub("", text))
    if "&" in text:
        text = html.unescape(text)
    if "$" in text:
        text = _SQUARE_METRES.sub("㎡", text)
    text = _ESCAPED.sub(r"\1", text.replace("**", "").replace("__", ""))
    return _SPACES.sub(" ", _CONTROL.sub("", text)).strip()


def cell_text(text: str) -> str:
    """Return the words of a table cell; list items and line breaks inside it become line feeds."""
    if "<" not in text:
        return plain(text)
    lines = (plain(piece) for piece in _BREAK.sub("\n", text).split("\n"))
    return "\n".join(line for line in lines if line)


def squeeze(text: str) -> str:
    """Return the text without any white space, for comparing names (`인 사 팀` is `인사팀`)."""
    return "".join(text.split())
