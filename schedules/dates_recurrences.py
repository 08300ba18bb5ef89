"""Rules that name many days (매주 목요일, 매월 둘째·넷째 수요일, 분기별), written as RFC 5545 recurrence rules."""

import re
from collections.abc import Callable
from typing import NamedTuple

from schedules.dates_words import ORDINAL, ORDINALS, S

BYDAY = dict(zip("월화수목금토일", ("MO", "TU", "WE", "TH", "FR", "SA", "SU"), strict=True))
DAYS = rf"[월화수목금토일](?:요일)?(?:{S}[,·~/및]?{S}[월화수목금토일](?:요일)?)*"
NUMBER_LIST = rf"\d{{1,2}}(?:일)?(?:{S}(?:[,·~]|과|및){S}\d{{1,2}}(?:일)?)*"
BOUNDARY = r"(?<![가-힣A-Za-z])"


class Recurrence(NamedTuple):
    """The rule, or the words where RFC 5545 has no rule for them, and where they end in the text."""

    rule: str
    end: int


def _weekdays(words: str) -> str:
    span = re.fullmatch(rf"([월화수목금토일])(?:요일)?{S}~{S}([월화수목금토일])(?:요일)?", words.strip())
    letters = "월화수목금토일"
    if span:
        first, last = letters.index(span[1]), letters.index(span[2])
        return ",".join(BYDAY[letters[i % 7]] for i in range(first, last + 1 + (7 if last < first else 0)))
    return ",".join(
        BYDAY[letter] for letter in dict.fromkeys(re.findall(r"[월화수목금토일](?!요일요)", words.replace("요일", "")))
    )


def _numbers(words: str) -> str:
    span = re.fullmatch(rf"(\d+)\D*~\D*(\d+)\D*", words.strip())
    if span:
        return ",".join(str(n) for n in range(int(span[1]), int(span[2]) + 1))
    return ",".join(str(int(n)) for n in re.findall(r"\d+", words))


def _weekly(found: re.Match[str]) -> str:
    every = ";INTERVAL=2" if found["every"].startswith("격") else ""
    return f"FREQ=WEEKLY{every}" + (f";BYDAY={_weekdays(found['days'])}" if found["days"] else "")


def _monthly_weekday(found: re.Match[str]) -> str:
    every = ";INTERVAL=2" if found["every"].startswith("격") else ""
    ordinals = re.findall(ORDINAL, found["ordinals"])
    days = _weekdays(found["days"]).split(",")
    return f"FREQ=MONTHLY{every};BYDAY=" + ",".join(f"{ORDINALS[o]}{day}" for o in ordinals for day in days)


def _monthly_days(found: re.Match[str]) -> str:
    return f"FREQ=MONTHLY;BYMONTHDAY={_numbers(found['numbers'])}"


def _yearly(found: re.Match[str]) -> str:
    rule = "FREQ=YEARLY"
    if found["months"]:
        rule += f";BYMONTH={_numbers(found['months'])}"
        if found["number"]:
            rule += f";BYMONTHDAY={int(found['number'])}"
    return rule


def _words(found: re.Match[str]) -> str:
    return " ".join(found[0].split())


def _fixed(rule: str) -> Callable[[re.Match[str]], str]:
    return lambda _found: rule


ORDINAL_LIST = rf"(?:{ORDINAL})(?:{S}[,·및]?{S}(?:{ORDINAL}))*"
UNTIL = rf"(?:{S}(?:까지|이내|이전|경|중(?![가-힣])|초(?![가-힣])|말(?![가-힣])|중순|하순))?"

# The words and the rule they make; the first row that fits counts.
RULES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (
        rf"(?P<every>매주|매 주|격주|격주로|매주마다){S}(?P<days>{DAYS})?(?=$|[^가-힣]|에|마다|은|의|로|부터|요)",
        _weekly,
    ),
    (rf"(?P<every>매월|매달|격월|매 월){S}(?P<ordinals>{ORDINAL_LIST}){S}(?:주{S})?(?P<days>{DAYS})", _monthly_weekday),
    (rf"(?:매월|매달){S}(?P<numbers>{NUMBER_LIST})일?{UNTIL}", _monthly_days),
    (rf"(?:매월|매달){S}(?:말일|마지막{S}날){UNTIL}", _fixed("FREQ=MONTHLY;BYMONTHDAY=-1")),
    (rf"(?:매월|매달|월별로?){S}(?:초순|중순|하순|초|말)(?![가-힣]){UNTIL}", _words),
    (r"매월|매달|다달이|월별로?(?![가-힣])|월 ?1회", _fixed("FREQ=MONTHLY")),
    (
        rf"(?:매년|매해|해마다){S}(?P<months>\d{{1,2}}(?:월)?(?:{S}[,·~]{S}\d{{1,2}}(?:월)?)*)(?<=월)"
        rf"(?:{S}(?P<number>\d{{1,2}})일)?{UNTIL}",
        _yearly,
    ),
    (
        rf"(?:매년|매해|해마다|매 회계연도){S}(?:상반기|하반기|[1-4](?:/4)?분기|봄|여름|가을|겨울|연말|연초|초|말|설|추석)(?![가-힣]){UNTIL}",
        _words,
    ),
    (rf"(?:매년|매해|해마다){S}\d{{1,2}}\.{S}\d{{1,2}}\.?{UNTIL}", _words),
    (r"매년|매해|해마다|연 ?1회|연례", _fixed("FREQ=YEARLY")),
    (r"격년(?:제|으로|마다)?", _fixed("FREQ=YEARLY;INTERVAL=2")),
    (r"격월(?:로|제)?(?![가-힣])", _fixed("FREQ=MONTHLY;INTERVAL=2")),
    (r"매 ?분기|분기별(?: ?1회)?|분기 ?1회|분기마다", _fixed("FREQ=MONTHLY;INTERVAL=3")),
    (r"매 ?반기|반기별(?: ?1회)?|반기 ?1회|반기마다|연 ?2회\(상·하반기\)", _fixed("FREQ=MONTHLY;INTERVAL=6")),
    (r"매일|날마다", _fixed("FREQ=DAILY")),
    (r"평일|주중(?![가-힣])", _fixed("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")),
    (r"주 ?1회", _fixed("FREQ=WEEKLY")),
    (r"(?:연|월|주|분기|반기)(?:간|별)? ?\d{1,2}(?:~\d{1,2})? ?회(?:차)?(?![가-힣])", _words),
    (rf"(?:익월|당월|차월|익익월|해당월){S}(?:\d{{1,2}}일|말일|초|말)(?:{S}(?:까지|이내))?", _words),
    (r"연중(?![가-힣])|연중(?=무휴|상시|수시)|상시(?![가-힣])|수시(?![가-힣])|수시로", _words),
)
START = re.compile(r"[매격분반다월연평주수상익당차해날]")
COMPILED = tuple((re.compile(BOUNDARY + f"(?:{pattern})"), make) for pattern, make in RULES)


def read_recurrence(text: str, pos: int) -> Recurrence | None:
    """The recurrence that starts at `pos`."""
    if not START.match(text, pos):
        return None
    for pattern, make in COMPILED:
        if found := pattern.match(text, pos):
            return Recurrence(make(found), found.end())
    return None
