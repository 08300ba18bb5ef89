"""What people typed into a form, as lines of a document: 개조식, one thought a line, no signs of their own."""

import re
import unicodedata

# Polite endings and the noun endings that documents use instead; the first that fits is taken.
_ENDINGS = (
    (re.compile(r"(?:할 |추진할 )?예정(?:입니다|이에요|임)$"), "예정"),
    (re.compile(r"중(?:입니다|이에요|임)$"), "중"),
    (re.compile(r"완료(?:했습니다|하였습니다|되었습니다|됐습니다|했음|하였음|되었음|됐음|함|됨)$"), "완료"),
    (re.compile(r"(?:하였|했)(?:습니다|음|어요)$"), "함"),
    (re.compile(r"(?:되었|됐)(?:습니다|음|어요)$"), "됨"),
    (re.compile(r"습니다$"), "음"),
    (re.compile(r"(?:예요|이에요)$"), "임"),
)
_SIGN = re.compile(r"^(?:[-–—•·*○ㅇ◦□■▪▶>]+|\d{1,2}[.)](?!\s?\d)|[①-⑳]|[가-하][.)])\s*")
_POLITE = re.compile(r"니다$")
_LAST_B, _LAST_M = 17, 16  # final consonants ㅂ and ㅁ in the order of Unicode's Hangul syllables


def document_lines(text: str) -> tuple[str, ...]:
    """The lines of an answer as a document prints them: no bullets, no control characters, no polite endings."""
    lines = (_SIGN.sub("", _flat(line)) for line in re.split(r"[\r\n\u2028\u2029\x0b\x0c]+", text))
    return tuple(noun_ending(line) for line in lines if line)


def noun_ending(line: str) -> str:
    """`준공을 완료했습니다.` becomes `준공을 완료`, `검토합니다` becomes `검토함`; other endings stay."""
    line = line.rstrip(" .。")
    for polite, noun in _ENDINGS:
        if polite.search(line):
            return polite.sub(noun, line)
    if _POLITE.search(line) and len(line) > 2:
        stem = unicodedata.normalize("NFC", line[:-2])
        code = ord(stem[-1]) - 0xAC00
        if 0 <= code < 11172 and code % 28 == _LAST_B:
            return stem[:-1] + chr(0xAC00 + code - _LAST_B + _LAST_M)
    return line


def _flat(line: str) -> str:
    kept = "".join(" " if c in "\t\u00a0\u3000" else c for c in line if unicodedata.category(c) != "Cc" or c == "\t")
    return " ".join(kept.split())
