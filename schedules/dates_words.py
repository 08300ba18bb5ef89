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
    "화": "火",
    "수": "水",
    "목": "木",
    "금": "金",
    "토": "土",
    "순": "旬",
    "한": "限",
    "자": "字",
    "초": "初",
    "중": "中",
    "말": "末",
    **{str(digit): chr(0xFF10 + digit) for digit in range(10)},
}
PLAIN = str.maketrans({odd: plain for plain, odds in LOOKALIKES.items() for odd in odds})
ODD = re.compile(f"[{re.escape(''.join(LOOKALIKES.values()))}]")

S = r" {0,4}"
"""What may stand between the pieces of one date: a few blanks, never a tab (a table cell) or a line break."""


def one_of(words: str) -> str:
    """The words, set apart by blanks, as alternatives of a pattern; `_` stands for blanks that may be there."""
    return "|".join(word.replace("_", S) for word in words.split())


def next_mark(text: str, pos: int) -> str:
    """The first character from `pos` on that is no blank; what can follow a date is mostly told by it alone."""
    mark = text[pos : pos + 1]
    return text[pos : pos + 5].lstrip(" ")[:1] if mark == " " else mark


NOT_HANGUL = r"(?![가-힣])"
PARTICLES = one_of("까지 부터 에 은 는 의 이후 이전 이내 경 쯤 께 및 과 와 로 으로 도 안 이면 이나 무렵 기준 현재 예정")
ACTS = one_of(
    "개관 개소 개최 개장 개원 개통 개막 폐막 개강 준공 착공 완공 시행 실시 시범 착수 완료 체결 수립 제정 개정"
    " 공포 고시 공고 발표 접수 신청 마감 선정 승인 의결 통과 설립 신설 협약 입주 발주 시작 종료 출범 발족 위촉"
    " 선출 예정 방문 제출 발송 게시 오픈 수료 공연 상영 방송 보도"
)
"""What is done on a day: it may be glued to a date, and beside bare numbers it says that they are one."""

WORD_START = r"(?<![가-힣A-Za-z\d])"
WORD_END = rf"(?:{NOT_HANGUL}|(?={PARTICLES}|[중내]{NOT_HANGUL}|[초말]))"
GLUED_END = rf"(?=$|[^가-힣]|{PARTICLES}|{ACTS}|추진|운영|계약|설치|[중내전한]{NOT_HANGUL})"


ENGLISH_WEEKDAYS = dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "월화수목금토일", strict=True))


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


SPANS = one_of(
    r"한_해 상반기 상_[·,/]?_하반기 하반기 전반기 후반기 [1-4]_(?:/_4)?_사?분기 연말 연초 초 말 중"
    r" 1?\d_(?:[~,·]_1?\d_)*(?:월|분기) 추석 설 봄 여름 가을 겨울"
)
SPAN_FOLLOWS = rf"{S}(?={SPANS})"
WEEK_END = rf"(?:{NOT_HANGUL}|(?=까지|부터|[중내]{NOT_HANGUL}|에|초|말|[월화수목금토일]요일))"
DAY_END = rf"(?:{NOT_HANGUL}|(?=까지|부터|은|오전|오후|자{NOT_HANGUL}))"

WORDS: tuple[Word, ...] = (
    # Years counted from the reference date.
    Word("year", 0, "올해|금년도|금년|당해 연도|당해 년도", after=f"(?!의){WORD_END}"),
    Word("year", 0, "올|당해", after=SPAN_FOLLOWS),
    Word("year", -1, "전년도|전년", after=SPAN_FOLLOWS),
    Word("year", 1, "내년도|내년|차년도|차기 연도|명년"),
    Word("year", -1, "지난 해|지난 한 해|작년도|작년"),
    Word("year", -2, "재작년|지지난해"),
    Word("year", 2, "내후년"),
    # Years and months counted from the date before.
    Word("same-year", 0, "같은 해|동년"),
    Word("same-year", 1, "이듬해|다음 해|다음 연도|익년도|익년"),
    Word("same-month", 0, "같은 달|동월", after=rf"{S}(?=\d)"),
    # Months counted from the reference date. 익월 and 당월 with a day are a rule for every month, not a date.
    Word("month", 0, "이달|이번 달|금월", after=f"(?!의){WORD_END}"),
    Word("month", 1, "내달|다음 달"),
    Word("month", 1, "익월|차월", after=rf"(?! ?\d| ?말일){WORD_END}"),
    Word("month", -1, "지난 달"),
    # Weeks, week-ends and days counted from the reference date. 차주 is a borrower too, 금주 abstinence.
    Word("weekend", 0, "이번 주말|오는 주말"),
    Word("weekend", 1, "다음 주말"),
    Word("weekend", -1, "지난 주말"),
    Word("week", 0, "이번 주", after=WEEK_END),
    Word("week", 0, "금주", after=r"(?= ?(?:중|내|까지|[월화수목금토일]요일))"),
    Word("week", 1, "다음 주|내주", after=WEEK_END),
    Word("week", 1, "차주", after=r"(?= ?(?:중|초|말|까지|[월화수목금토일]요일))"),
    Word("week", 2, "다다음 주", after=WEEK_END),
    Word("week", -1, "지난 주", after=WEEK_END),
    Word("day", 0, "오늘|금일", after=DAY_END),
    Word("day", 1, "내일|명일", after=rf"{DAY_END}(?! ?(?:{one_of('채움 배움 준비 설계 센터 키움')}))"),
    Word("day", 2, "모레", after=DAY_END),
    Word("day", -1, "어제|작일", after=DAY_END),
    Word("day", -2, "그제|그저께|엊그제", after=DAY_END),
    # Spans of a year.
    Word("half", 0, "상 [·,/] 하반기|상하반기", after=""),
    Word("half", 1, "상반기", before="", after="(?!별)"),
    Word("half", 2, "하반기", before="", after="(?!별)"),
    Word("half", 1, "上半期|上", before=r"(?<=[\d.년 ])", after="(?![一-龥])"),
    Word("half", 2, "下半期|下", before=r"(?<=[\d.년 ])", after="(?![一-龥])"),
    Word("half", 1, "상", before=r"(?<=[\d. ])(?<![^\d.] )", after=NOT_HANGUL),
    Word("half", 2, "하", before=r"(?<=[\d. ])(?<![^\d.] )", after=NOT_HANGUL),
    Word("edge", 1, "연초|년초", before="(?<![가-힣])"),
    Word("edge", 12, "연말|년말", before="(?<![가-힣])", after="(?! ?정산| ?연시| ?연초| ?결산)"),
    Word("within", 0, "연내|년내"),
    # Holidays. 설 is a syllable of many words; 구정 is left out: it is the district's administration.
    Word("holiday", "설날", "설날"),
    Word(
        "holiday",
        "설날",
        "설",
        after=rf"(?= ?\)? ?(?:{one_of('명절 연휴 _전까지 _전날까지 대비 까지 이전 당일 을_앞두')}| 전{NOT_HANGUL})"
        r"|[·,]추석)",
    ),
    Word("holiday", "추석", "추석|한가위", after=rf"(?:{WORD_END}|(?=을 ?앞두))"),
    Word("holiday", "부처님오신날", "부처님 오신 날|석가탄신일"),
    Word("holiday", "정월대보름", "정월 대보름"),
    *(
        Word("holiday", name, name)
        for name in ("어린이날", "현충일", "제헌절", "광복절", "개천절", "한글날", "성탄절", "크리스마스", "신정")
    ),
)

ORDINALS = {
    **dict.fromkeys(("첫째", "첫 번째", "첫번째", "첫"), 1),
    **dict.fromkeys(("둘째", "두 번째", "두번째"), 2),
    **dict.fromkeys(("셋째", "세 번째", "세번째"), 3),
    **dict.fromkeys(("넷째", "네 번째", "네번째"), 4),
    "다섯째": 5,
    "마지막": -1,
}
ORDINAL = "|".join(ORDINALS)

DAYS_BY_NAME = "하루 이틀 사흘 나흘 닷새 엿새 이레 여드레 아흐레 열흘"
NATIVE_DAYS = {**{name: days for days, name in enumerate(DAYS_BY_NAME.split(), 1)}, "보름": 15}
NATIVE_NUMBERS = {"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일": 1}
