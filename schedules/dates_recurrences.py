"""Rules that name many days (매주 목요일, 매월 둘째·넷째 수요일, 분기별), written as RFC 5545 recurrence rules."""

import re
from collections.abc import Callable
from typing import NamedTuple

from schedules.dates_windows import WEEKDAYS
from schedules.dates_words import NOT_HANGUL, ORDINAL, ORDINALS, WORD_START, S, one_of

BYDAY = dict(zip(WEEKDAYS, ("MO", "TU", "WE", "TH", "FR", "SA", "SU"), strict=True))
WEEKDAY = rf"[{WEEKDAYS}](?:요일)?"
WEEKDAY_LIST = rf"{WEEKDAY}(?:{S}[,·~/및]?{S}{WEEKDAY})*"
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?!\d)"
MONTH = r"(?:1[0-2]|0?[1-9])(?!\d)"
JOINT = rf"{S}(?:[,·~]|과|및){S}"
DAY_LIST = rf"{DAY}일?(?:{JOINT}{DAY}일?)*(?<=일)"
MONTH_LIST = rf"{MONTH}월?(?:{JOINT}{MONTH}월?)*(?<=월)"
NTH = rf"(?:{ORDINAL}|제?[1-5](?=주|째|{S}[,·]{S}[1-5]))"
ORDINAL_LIST = rf"{NTH}(?:{S}[,·및]?{S}{NTH})*"
UNTIL = rf"(?:{S}(?:까지|이내|이전|경|[중초말]{NOT_HANGUL}|중순|하순))?"
EVERY_YEAR = "(?:매년|매해|해마다)"
EVERY_MONTH = "(?:매 ?월|매달)"
SPANS_OF_YEAR = one_of("상_[·,/]?_하반기 상반기 하반기 [1-4](?:/4)?분기 봄 여름 가을 겨울 연말 연초 초 말 설 추석")


class Recurrence(NamedTuple):
    """The rule, or the words where RFC 5545 has no rule for them, and where they end in the text."""

    rule: str
    end: int


def _weekdays(words: str) -> str:
    letters = words.replace("요일", "")
    found = [WEEKDAYS.index(letter) for letter in re.findall(f"[{WEEKDAYS}]", letters)]
    if "~" in letters and len(found) == 2:
        first, last = found
        found = [day % 7 for day in range(first, last + 1 + (7 if last < first else 0))]
    return ",".join(BYDAY[WEEKDAYS[day]] for day in dict.fromkeys(found))


def _numbers(words: str) -> str:
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    if "~" in words and len(numbers) == 2 and numbers[0] < numbers[1]:
        numbers = list(range(numbers[0], numbers[1] + 1))
    return ",".join(map(str, dict.fromkeys(numbers)))


def _weekly(found: re.Match[str]) -> str:
    every = ";INTERVAL=2" if found["every"].startswith("격") else ""
    return f"FREQ=WEEKLY{every}" + (f";BYDAY={_weekdays(found['days'])}" if found["days"] else "")


def _monthly_weekday(found: re.Match[str]) -> str:
    every = ";INTERVAL=2" if (found["every"] or "").startswith("격") else ""
    ordinals = [ORDINALS.get(word) or int(word) for word in re.findall(rf"{ORDINAL}|\d", found["ordinals"])]
    days = _weekdays(found["days"]).split(",")
    return f"FREQ=MONTHLY{every};BYDAY=" + ",".join(f"{number}{day}" for number in ordinals for day in days)


def _monthly_days(found: re.Match[str]) -> str:
    return f"FREQ=MONTHLY;BYMONTHDAY={_numbers(found['numbers'])}"


def _yearly(found: re.Match[str]) -> str:
    day = f";BYMONTHDAY={int(found['number'])}" if found["number"] else ""
    months = _numbers(found["months"])
    if found["last"]:
        first, last = int(months.split(",")[-1]), int(found["last"])
        months = ",".join(map(str, (*range(first, 13), *range(1, last + 1))))
    return f"FREQ=YEARLY;BYMONTH={months}{day}"


def _every_so_often(found: re.Match[str]) -> str:
    frequency = {"일": "DAILY", "주": "WEEKLY", "개": "MONTHLY", "년": "YEARLY"}[found["unit"][0]]
    return f"FREQ={frequency};INTERVAL={int(found['count'])}"


def _words(found: re.Match[str]) -> str:
    return " ".join(found[0].split())


def _always(rule: str) -> Callable[[re.Match[str]], str]:
    return lambda _found: rule


# The words and the rule they make; the first row that fits counts. What RFC 5545 has no rule for stays in words.
RULES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (rf"(?P<every>매 ?주|격주){S}(?P<days>{WEEKDAY_LIST})?(?=$|[^가-힣]|에|마다|은|의|로|부터)", _weekly),
    (
        rf"(?P<every>매 ?월|매달|격월){S}(?P<ordinals>{ORDINAL_LIST})째?{S}(?:주차?{S})?(?P<days>{WEEKDAY_LIST})",
        _monthly_weekday,
    ),
    (rf"{EVERY_MONTH}{S}(?P<numbers>{DAY_LIST}){UNTIL}", _monthly_days),
    (rf"{EVERY_MONTH}{S}(?:말일|마지막{S}날){UNTIL}", _always("FREQ=MONTHLY;BYMONTHDAY=-1")),
    (rf"(?:{EVERY_MONTH}|월별로?){S}(?:초순|중순|하순|[초말]){NOT_HANGUL}{UNTIL}", _words),
    (rf"{EVERY_MONTH}|다달이|월별로?{NOT_HANGUL}|월 ?1회", _always("FREQ=MONTHLY")),
    (
        (
            rf"{EVERY_YEAR}{S}(?P<months>{MONTH_LIST})(?:{S}(?P<number>{DAY})일"
            rf"|{S}(?:~|부터){S}(?:이듬해|익년|다음{S}해){S}(?P<last>{MONTH})월)?{UNTIL}"
        ),
        _yearly,
    ),
    (rf"{EVERY_YEAR}{S}(?:{SPANS_OF_YEAR}){NOT_HANGUL}{UNTIL}", _words),
    (rf"{EVERY_YEAR}{S}{MONTH}\.{S}{DAY}\.?{UNTIL}", _words),
    (rf"{EVERY_YEAR}|연 ?1회|연례", _always("FREQ=YEARLY")),
    (r"격년(?:제|으로|마다)?", _always("FREQ=YEARLY;INTERVAL=2")),
    (rf"격월(?:로|제)?{NOT_HANGUL}", _always("FREQ=MONTHLY;INTERVAL=2")),
    (r"매 ?분기|분기별(?: ?1회)?|분기 ?1회|분기마다", _always("FREQ=MONTHLY;INTERVAL=3")),
    (r"매 ?반기|반기별(?: ?1회)?|반기 ?1회|반기마다", _always("FREQ=MONTHLY;INTERVAL=6")),
    (r"매일|날마다", _always("FREQ=DAILY")),
    (rf"평일|주중{NOT_HANGUL}", _always("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")),
    (r"주 ?1회", _always("FREQ=WEEKLY")),
    (rf"(?:연|월|주|분기|반기)(?:간|별)? ?\d{{1,2}}(?:~\d{{1,2}})? ?회차?{NOT_HANGUL}", _words),
    (rf"(?:익월|당월|차월|해당월){S}(?:{DAY}일|말일|[초말])(?:{S}(?:까지|이내))?", _words),
    (rf"연중(?:{NOT_HANGUL}|(?=상시|수시))|상시{NOT_HANGUL}|수시(?:로|{NOT_HANGUL})", _words),
)
NUMBERED: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    # Several weeks of no month are those of every month.
    (
        rf"(?P<every>)(?P<ordinals>{NTH}(?:{S}[,·]{S}{NTH})+)째?{S}(?:주차?{S})?(?P<days>{WEEKDAY_LIST})(?<=요일)",
        _monthly_weekday,
    ),
    (rf"(?P<count>\d{{1,2}}){S}(?P<unit>일|주일?|개월|년)(?:마다|에{S}(?:1회|한{S}번))", _every_so_often),
)
START = re.compile("(?P<numbered>[첫둘셋넷제1-9])|[매격분반다월연평주수상익당차해날]")


def _compiled(
    rules: tuple[tuple[str, Callable[[re.Match[str]], str]], ...],
) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
    return tuple((re.compile(f"{WORD_START}(?:{pattern})"), make) for pattern, make in rules)


WORDED_RULES, NUMBERED_RULES = _compiled(RULES), _compiled(NUMBERED)


def read_recurrence(text: str, pos: int) -> Recurrence | None:
    """The recurrence that starts at `pos`."""
    start = START.match(text, pos)
    if start is None:
        return None
    for pattern, make in NUMBERED_RULES if start["numbered"] else WORDED_RULES:
        if found := pattern.match(text, pos):
            return Recurrence(make(found), pos + len(found[0].rstrip()))
    return None
