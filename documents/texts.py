"""A section's lines as rows keep them: one text a line, its marker in front, table cells divided by tabs."""

import re
from dataclasses import dataclass

from documents.reading import SectionLine, SectionText

TAB = "\t"
_SIGNS = "□■▣▢◻◼❑❏☐◆◇▤○◯◦●❍⚪◎ㅇο⭕⭘⚬∘〇ᄋ\u20ddo–—－‐―*+·•∙・‧▪▫⋅ㆍ▶▷►▸☞⇒→⇨➡➔➜↳└※＊①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳-"
_SIGNED = re.compile(rf"(#{{1,6}}|[{_SIGNS}](?: [{_SIGNS}])?|=>|(?:\d{{1,2}}|[가-하])\.(?! ?\d)|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]+)(?: |$)")
_NUMBERED = re.compile(r"\d{1,2}|[가-하]")


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line as printed: `words` begin with the marker (`- `, `1. `, `### `); a table row holds tabs."""

    line: int
    level: int
    words: str


def printed_lines(section: SectionText) -> tuple[PrintedLine, ...]:
    """The section's lines with their markers; a section without any is one empty line, so that its heading is kept."""
    if not section.lines:
        return (PrintedLine(section.line, 0, ""),)
    return tuple(PrintedLine(line.line, line.level, _words(line)) for line in section.lines)


def is_table_row(words: str) -> bool:
    """Only table rows hold tabs: blanks of other lines were made one when they were read."""
    return TAB in words


def split_sign(words: str) -> tuple[str, str]:
    """The sign that a line was printed with and the words after it; `("", words)` where it has none."""
    match = _SIGNED.match(words)
    return (match[1].strip(), words[match.end() :]) if match else ("", words)


def _words(line: SectionLine) -> str:
    if line.cells:
        return TAB.join(line.cells) + (TAB if len(line.cells) == 1 else "")
    marker = f"{line.marker}." if _NUMBERED.fullmatch(line.marker) else line.marker
    return f"{marker} {line.text}".strip()
