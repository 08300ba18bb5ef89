"""What people typed into a form, as lines of a document: 개조식, one thought a line, no signs of their own."""

import re
import unicodedata

# Polite endings whose noun form is a word of its own; the first that fits is taken.
_ENDINGS = (
    (re.compile(r"예정(?:입니다|이에요|임)$"), "예정"),
    (re.compile(r"중(?:입니다|이에요|임)$"), "중"),
    (re.compile(r"(?<=완료)(?:하였|했|되었|됐)(?:습니다|음|어요)$|(?<=완료)[함됨]$"), ""),
    (re.compile(r"(?:하였|했)(?:습니다|음|어요)$"), "함"),
    (re.compile(r"(?:되었|됐)(?:습니다|음|어요)$"), "됨"),
    (re.compile(r"(?:이에요|예요)$"), "임"),
)
_SIGN = re.compile(r"^(?:[-–—•·*○ㅇ◦□■▪▶>]+|\d{1,2}[.)](?!\s?\d)|[①-⑳]|[가-하][.)])\s*")
_PAST = re.compile(r"(.)(습니다|음|어요)$")

# Places of final consonants and vowels among Unicode's Hangul syllables.
_NONE, _L, _M, _B, _SS = 0, 8, 16, 17, 20
_YEO, _WA, _WO, _I, _O, _U = 6, 9, 14, 20, 8, 13
_PAST_VOWELS = {_YEO: _I, _WA: _O, _WO: _U}  # 마쳤 → 마치, 나왔 → 나오, 세웠 → 세우


def document_lines(text: str) -> tuple[str, ...]:
    """The lines of an answer as a document prints them: no bullets, no control characters, no polite endings."""
    lines = (_SIGN.sub("", _flat(line)) for line in re.split(r"[\r\n\u2028\u2029\x0b\x0c]+", text))
    return tuple(ended for ended in map(noun_ending, lines) if ended)


def noun_ending(line: str) -> str:
    """`준공을 완료했습니다.` is `준공을 완료`, `방문했습니다` 방문함, `교체하겠습니다` 교체할 예정; others stay."""
    line = unicodedata.normalize("NFC", line).rstrip(" .。")
    for polite, noun in _ENDINGS:
        if polite.search(line):
            return polite.sub(noun, line)
    if match := _PAST.search(line):
        return _without_tense(line[: match.start()], match[1])
    if line.endswith("니다") and len(line) > 2 and _parts(line[-3])[2] == _B:
        return line[:-3] + _syllable(*_parts(line[-3])[:2], _M)
    return line


def _without_tense(before: str, last: str) -> str:
    """The noun form of what stands before 습니다 or 음: 마쳤 becomes 마침, 받았 받음, 받겠 받을 예정, 있 있음."""
    first, vowel, final = _parts(last)
    if final != _SS or last == "있":
        return f"{before}{last}음"
    stem = _parts(before[-1:])
    if last == "겠" and before:
        if stem[2] == _NONE and stem[0] >= 0:
            return f"{before[:-1]}{_syllable(stem[0], stem[1], _L)} 예정"
        return f"{before}을 예정"
    if last in "았었":
        if stem[0] < 0 or stem[2] == _L:
            return f"{before}{last}음"
        return before + "음" if stem[2] else before[:-1] + _syllable(stem[0], stem[1], _M)
    return before + _syllable(first, _PAST_VOWELS.get(vowel, vowel), _M)


def _parts(syllable: str) -> tuple[int, int, int]:
    """First consonant, vowel and final consonant by their places; (-1, 0, 0) for anything but one Hangul syllable."""
    code = ord(syllable) - 0xAC00 if len(syllable) == 1 else -1
    return (code // 588, code % 588 // 28, code % 28) if 0 <= code < 11172 else (-1, 0, 0)


def _syllable(first: int, vowel: int, final: int) -> str:
    return chr(0xAC00 + first * 588 + vowel * 28 + final)


def _flat(line: str) -> str:
    kept = "".join(" " if c in "\t\u00a0\u3000" else c for c in line if unicodedata.category(c) != "Cc" or c == "\t")
    return " ".join(kept.split())
