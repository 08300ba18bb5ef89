"""The vocabulary of office dates as data: marks that mean the same, and the words that name a day or a span."""

import re
from typing import NamedTuple

# One character stands for each of its look-alikes, so that spans keep their place. Years are marked by any
# apostrophe, quotation mark, prime or backtick; every dash wider than a hyphen is a hyphen, every wave a tilde.
LOOKALIKES = {
    "'": "’‘‛′`´ʼ＇",
    "~": "∼～〜˜⁓",
    "-": "–—−‐‑‒―－─",
    ".": "．｡",
    ":": "：∶",
    "/": "／∕",
    ",": "，、",
    "(": "（",
    ")": "）",
    "[": "［〔【",
    "]": "］〕】",
    "·": "ㆍ･‧∙•・⋅ᆞ",
    " ": "\u00a0\u3000\u2002\u2003\u2007\u2009\u202f\u200b",
    "년": "年",
    "월": "月",
    "일": "日",
    "초": "初",
    "중": "中",
    "말": "末",
    **{str(digit): chr(0xFF10 + digit) for digit in range(10)},
}
PLAIN = str.maketrans({odd: plain for plain, odds in LOOKALIKES.items() for odd in odds})
ODD = re.compile(f"[{re.escape(''.join(LOOKALIKES.values()))}]")

S = r" {0,4}"
"""What may stand between the pieces of one date: a few blanks, never a tab (a table cell) or a line break."""

WORD_START = r"(?<![가-힣A-Za-z\d])"
WORD_END = (
    r"(?:(?![가-힣])"
    r"|(?=까지|부터|에|중(?![가-힣])|내(?![가-힣])|은|는|의|이후|이전|이내|경|쯤|께|초|말|및|과|와|로|으로|도|안|기준|현재|예정))"
)


class Word(NamedTuple):
    """Words that name the same thing: what it is, the value, the words (a blank in them may be left out)."""

    role: str
    value: int | str
    words: str
    before: str = WORD_START
    after: str = WORD_END

    @property
    def pattern(self) -> str:
        return f"{self.before}(?:{self.words.replace(' ', ' ?')}){self.after}"


SPAN_FOLLOWS = (
    S
    + r"(?=한 ?해|상|하반기|전반기|후반기|[1-4] ?/ ?4|[1-4] ?(?:사)?분기|봄|여름|가을|겨울|연말|연초|초|말|중|1?\d ?월|추석|설)"
)
WEEK_END = r"(?:(?![가-힣])|(?=까지|부터|중(?![가-힣])|내(?![가-힣])|에|초|말(?!고)|[월화수목금토일]요일))"
DAY_END = r"(?:(?![가-힣])|(?=까지|부터|은|오전|오후|자(?![가-힣])))"

WORDS: tuple[Word, ...] = (
    # Years counted from the reference date.
    Word("year", 0, "올해|금년도|금년|당해 연도|당해 년도"),
    Word("year", 0, "올|당해", after=SPAN_FOLLOWS),
    Word("year", -1, "전년도|전년", after=SPAN_FOLLOWS),
    Word("year", 1, "내년도|내년|차년도|명년"),
    Word("year", -1, "지난해|작년도|작년"),
    Word("year", -2, "재작년|지지난해"),
    Word("year", 2, "내후년"),
    # Years and months counted from the date before.
    Word("same-year", 0, "같은 해|동년"),
    Word("same-year", 1, "이듬해|다음 해|다음 연도|익년도|익년"),
    Word("same-month", 0, "같은 달|동월", after=S + r"(?=\d)"),
    # Months counted from the reference date. 익월 and 당월 with a day are a rule for every month, not a date.
    Word("month", 0, "이달|이번 달|금월", after="(?!의)" + WORD_END),
    Word("month", 1, "내달|다음 달"),
    Word("month", 1, "익월|차월", after=r"(?! ?\d| ?말일)" + WORD_END),
    Word("month", -1, "지난 달"),
    # Weeks, week-ends and days counted from the reference date.
    Word("weekend", 0, "이번 주말|오는 주말|금주 주말"),
    Word("weekend", 1, "다음 주말"),
    Word("weekend", -1, "지난 주말"),
    Word("week", 0, "이번 주", after=WEEK_END),
    Word("week", 0, "금주", after=r"(?= ?(?:중|내|까지|[월화수목금토일]요일))"),
    Word("week", 1, "다음 주|내주", after=WEEK_END),
    Word("week", 1, "차주", after=r"(?= ?(?:중|초|말|까지|[월화수목금토일]요일))"),
    Word("week", 2, "다다음 주", after=WEEK_END),
    Word("week", -1, "지난 주", after=WEEK_END),
    Word("day", 0, "오늘|금일", after=DAY_END),
    Word("day", 1, "내일|명일", after=DAY_END + r"(?! ?(?:채움|배움|준비|설계|센터|키움))"),
    Word("day", 2, "모레", after=DAY_END),
    Word("day", -1, "어제|작일", after=DAY_END),
    Word("day", -2, "그제|그저께|엊그제", after=DAY_END),
    # Spans of a year.
    Word("half", 0, "상 [·,/] 하반기|상하반기", after=""),
    Word("half", 1, "상반기", before="", after="(?!별)"),
    Word("half", 2, "하반기", before="", after="(?!별)"),
    Word("edge", 1, "연초|년초", before=r"(?<![가-힣])"),
    Word("edge", 12, "연말|년말", before=r"(?<![가-힣])", after=r"(?! ?정산| ?연시| ?연초| ?결산)"),
    Word("within", 0, "연내|년내"),
    # Holidays. 구정 is the district's administration, 설 a syllable of many words.
    Word("holiday", "설날", r"설날|구정 ?연휴(?=까지|전)"),
    Word("holiday", "설날", "설", after=r"(?= ?\)? ?(?:명절|연휴|전(?![가-힣])|전까지|대비|까지|이전|당일)|[·,]추석)"),
    Word("holiday", "추석", "추석|한가위"),
    Word("holiday", "부처님오신날", "부처님 오신 날|석가탄신일"),
    *(
        Word("holiday", name, name)
        for name in ("어린이날", "현충일", "제헌절", "광복절", "개천절", "한글날", "성탄절", "크리스마스", "신정")
    ),
)

ORDINALS = {
    "첫째": 1, "첫 번째": 1, "첫번째": 1, "첫": 1, "둘째": 2, "두 번째": 2, "두번째": 2, "셋째": 3, "세 번째": 3, "세번째": 3,
    "넷째": 4, "네 번째": 4, "네번째": 4, "다섯째": 5, "마지막": -1,
}  # fmt: skip
ORDINAL = "|".join(ORDINALS)

NATIVE_DAYS = {
    "하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7, "여드레": 8, "아흐레": 9, "열흘": 10, "보름": 15,
}  # fmt: skip
NATIVE_NUMBERS = {"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일": 1}
