"""Clock times beside a date: `14:00`, `오후 2시 30분`, `18:00 ~ 익일 09:00`; kept as text, never a day."""

import re
from typing import NamedTuple

from schedules.dates_windows import WEEKDAYS
from schedules.dates_words import NOT_HANGUL, S

HALF_OF_DAY = {"오전": 0, "새벽": 0, "아침": 0, "오후": 12, "낮": 12, "저녁": 12, "밤": 12}


def _clock_pattern(n: int) -> str:
    return (
        rf"(?:(?P<half{n}>{'|'.join(HALF_OF_DAY)}){S})?"
        rf"(?:(?P<hour{n}>[01]?\d|2[0-4])(?::(?P<minute{n}>[0-5]\d)(?::[0-5]\d)?(?!\d|:)|(?={S}[~-]{S}\d{{1,2}}시)"
        rf"|시(?=$|[^가-힣]|까지|부터|에|경|쯤|반{NOT_HANGUL}|정각|이후|이전|한{NOT_HANGUL})"
        rf"(?:{S}(?P<spoken{n}>[0-5]?\d)분|{S}(?P<thirty{n}>반{NOT_HANGUL}))?)"
        rf"|(?P<noon{n}>정오|자정))"
    )


TIME = re.compile(
    _clock_pattern(1) + rf"(?:{S}(?:[~-]|부터){S}(?:익일|다음 ?날|당일)?{S}" + _clock_pattern(2) + rf"(?:{S}까지)?)?"
)
BESIDE = re.compile(rf"(?:T(?=\d)|{S}[,(/]?{S})(?:[(\[][{WEEKDAYS}][)\]]{S})?")
TIME_MARKS = frozenset("0123456789정자" + "".join(word[0] for word in HALF_OF_DAY))
CLOSE = re.compile(rf"{S}\)")


class Clock(NamedTuple):
    """`14:00` or `14:00~16:00`, and where it ends in the text."""

    text: str
    end: int


def read_time(text: str, pos: int) -> Clock | None:
    """The clock time or span of times that starts at `pos`."""
    found = TIME.match(text, pos)
    if found is None:
        return None
    first = _minutes(found, 1, 0)
    if found["hour2"] is None and found["noon2"] is None:
        return Clock(_clock(first), found.end())
    # 오후 2시~4시: the second is of the same half of the day.
    last = _minutes(found, 2, 12 if not found["half2"] and first >= 720 and found["half1"] else 0)
    return Clock(f"{_clock(first)}~{_clock(last)}", found.end())


def read_time_beside(text: str, pos: int) -> Clock | None:
    """The time right after a date, in brackets or after a comma too (`9. 3.(화), 14:00`)."""
    before = BESIDE.match(text, pos)
    at = before.end() if before else pos
    if text[at : at + 1] not in TIME_MARKS:
        return None
    found = read_time(text, at)
    if found and "(" in text[pos:at] and (close := CLOSE.match(text, found.end)):
        return Clock(found.text, close.end())
    return found


def _minutes(found: re.Match[str], n: int, shift: int) -> int:
    if found[f"noon{n}"]:
        return 720 if found[f"noon{n}"] == "정오" else 1440
    hour = int(found[f"hour{n}"])
    half = found[f"half{n}"]
    shift = HALF_OF_DAY[half] if half else shift
    if half == "밤" and hour == 12:
        hour = 0
    elif shift == 12 and hour < 12 and not (half == "낮" and hour > 9):
        hour += 12
    minute = found[f"minute{n}"] or found[f"spoken{n}"] or ("30" if found[f"thirty{n}"] else "0")
    return hour * 60 + int(minute)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
