"""Where in a text a date expression may start, and what looks like one and is passed over as a whole."""

import re
from typing import NamedTuple

from schedules.dates_words import S, one_of

# What holds numbers and is no date: (what it is, its pattern). Each starts at a fixed place, so that none is quadratic.
PASSED_OVER = (
    ("an address in the web", r"https?://[^\s<>)]+|@[\w.-]+"),
    ("a name with digits (GS25, v2.0, D-7)", r"(?<![A-Za-z_])[A-Za-z_]++[-.]?\d[\w.\-]*"),
    ("a file's name", r"_\d[\w.\-]*"),
    ("thousands", r"(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)[\d.]*"),
    ("a telephone number", r"(?<![\d-])0\d{1,2}[-)] ?\d{3,4}-\d{4}"),
    ("a short telephone number", r"(?<![\d-])(?!(?:19|20)\d\d-(?:19|20)\d\d)\d{3,4}-\d{4}(?![\d-])"),
    ("an account", r"(?<![\d-])(?!(?:\d\d|\d{4})-\d{1,2}-\d{1,2}(?![\d-]))\d+(?:-\d+){2,}"),
    ("a network address", r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"),
    (
        "an ordinal",
        rf"(?:(?<![가-힣])제{S}|제)\d[\d-]*(?!{S}(?:[·,/]\d)?{S}(?:분기|학기|주))(?:{S}[조항호](?:의{S}\d+)?)?",
    ),
    ("a term of years and months", rf"(?<!\d)\d년{S}\d{{1,2}}(?:개월|월)"),
    ("a factor", rf"[×✕]{S}\d[\d.,]*[가-힣]{{0,3}}"),
    ("a document's number", r"\d{4}-\d+ ?호"),
)
DATE_FOLLOWS = rf"{S}(?:['년월일분학회주사.~,·/및(Q한-]|부터)|과 |와 | [상하12]|까지|{S}개월"
NUMBER = (
    r"(?<![\dA-Za-z_])(?<!\d[.,:])(?<!\d')"
    rf"(?:'{S}\d\d(?!\d)|'?(?:\d{{8}}(?!\d)|\d{{1,4}}(?!\d)(?={DATE_FOLLOWS})))"
)
# The beginnings of every word of the vocabulary and of every recurrence.
WORD = one_of(
    r"올 금[년월주일] 당해 내[년후달주일] 차[년월주기] 명[년일] 지[난지] 작[년일] 재작년 전년 같은 동[년월] 이듬"
    r" 다[음가다달] 익[년월] 이[달번] 오[는늘] 모레 어제 그[제저] 엊그 돌아오 상_[·,/]?_하 상반 하반"
    r" [연년][초말내] 설 추석 한가위 부처님 석가 어린이날 현충일 제헌절 광복절 개천절 한글날 성탄절 크리스 신정 정월"
    r" 음력 매 격 분기 반기 월별 [월연주]_\d 연[례중] 평일 주중 수시 상시 당월 해[당마] 날마"
)
FIRST = (
    "0-9'h@A-Za-z_×✕음제올금당내차명지작재전같동이다익오모어그엊돌상하연년설추한부석현광개성크신정매격분반월주평수해날"
)
"""Every character that a pattern above starts with."""

# The search runs from one such character to the next; the look-behind over it then looks ahead with the patterns.
CANDIDATE = re.compile(
    f"[{FIRST}](?<=(?=(?P<word>{WORD})"
    f"|(?=[0-9'h@A-Za-z_×✕제])(?:(?P<passed>{'|'.join(pattern for _, pattern in PASSED_OVER)})|(?P<number>{NUMBER}))).)"
)


class Candidate(NamedTuple):
    """Where an expression may start; a number that turns out to be none is passed over up to `end`."""

    start: int
    end: int


def next_candidate(text: str, pos: int) -> Candidate | None:
    """The first place from `pos` on where an expression may start."""
    while found := CANDIDATE.search(text, pos):
        kind = found.lastgroup
        if kind == "number":
            return Candidate(found.start(), found.end("number"))
        if kind == "word":
            return Candidate(found.start(), found.end())
        pos = found.end("passed")
    return None
