"""Tells a date from what only looks like one, by the words around it: section numbers, decimals, lengths, labels."""

import re
from datetime import date

from schedules.dates_numbers import NEAR_YEARS, at_line_head
from schedules.dates_points import Grain, Point, Trust, two_digit_year
from schedules.dates_words import ACTS, NOT_HANGUL, S, one_of

LABEL_NAMES = one_of("기준 작성 등록 계약 행사 교육 운영 회의 발급 시험 면접")
LABEL = re.compile(
    rf"(?:일{S}[시자정]|기{S}[간한]|날{S}짜|시{S}기|(?:{ACTS}|{LABEL_NAMES})일?|부터){S}(?::{S}|[(\[]{S}|:{S}[~(]{S})?$"
)
TIME = rf"\(?{S}(?:오전|오후|\d\d?:\d\d)"
ACT = rf"(?:{ACTS})(?![가-힣]*[율률객])"
ACT_AFTER = re.compile(rf"{S}(?:한{NOT_HANGUL}|까지|부터|자{NOT_HANGUL}|자로|{TIME}|{ACT})")
# 1/2 이내 and 1/2까지 are fractions.
ACT_AFTER_SLASH = re.compile(rf"{S}(?:부터|한{NOT_HANGUL}|{TIME}|{ACT})")
EVENTS = one_of(
    "대회 축제 행사 [가-힣]식 공연 전시 회의 간담회 설명회 보고회 공청회 총회 위원회 워크숍 토론회 선거 캠페인 음악회"
)
ACT_BEFORE_BRACKET = re.compile(rf"(?:{ACTS}|{EVENTS}|계약|구축|운영|지정){S}[(\[]{S}$")

# Decimals and numbers of things.
UNIT_OF_MEASURE = "[%㎡㎢㎥°℃배점㎞㎝㎜]"
MEASURE_AFTER = re.compile(
    rf"{S}(?:{UNIT_OF_MEASURE}|[가-힣]?[점명원건개]{NOT_HANGUL}|[a-zA-Z]"
    rf"|~{S}\d+(?:\.\d+)?(?:{S}{UNIT_OF_MEASURE}|(?!까지|간|중|에|의|사이|일)[가-힣a-zA-Z]))"
)
MEASURED = one_of("붙임 첨부 별첨 별표 규모 평균 지수 농도 점수 만족도 비율 버전 표 그림 항목")
MEASURE_BEFORE = re.compile(rf"(?:(?:[A-Za-z△▲▽▼+±<>≤≥=#№$￦₩]|{MEASURED}) ?:? ?|-)$")
SECTION_TITLE = re.compile(r" ?[가-힣]")

# Lengths, ages and counts.
LASTING = one_of("임기 보존 계약 보증 보장 처리 유효 소요 징역 연장 휴가 심사 납부 사용")
AMOUNTING = one_of(
    "최근 지난 향후 앞으로 매 약 총 만 무려 최대 최소 최장 주 연 월 하루 평균 각 당 전체 단 연간 월간 주간 간격 이후"
)
SINCE_FOUNDING = one_of(
    "광복 해방 전후 분단 건국 개항 창사 창간 종전 수교 창립 창설 개청 개교 설립 도입 자치 출범 경력 근속 수명 내용연수"
)
LENGTH_BEFORE = re.compile(
    rf"(?:{AMOUNTING}|{SINCE_FOUNDING}|(?:{LASTING}){S}(?:기간|기한|일수)?[은는이가]?){S}[:(]?{S}$"
)
LENGTH_END = one_of(
    "간 차 이상 이하 미만 초과 이내 내외 동안 만에 만의 째 주년 단위 주기 마다 뒤 연속 가까이 넘 정도 남짓 가량"
    " 안팎 경과 씩 권 지난 지나 휴 부여 소요 과정 코스 연장 만기 근속 경력 역사 전통 숙원 보장 보증 보존 상환"
    " 거치 임대 무상 무이자 할부 이었 이며 이고 걸리 걸려 걸렸 걸린 됐 사이 안에 범위 징역 공백 특례"
    " 늦 앞당 근무 이어[졌진지] 계속[됐되돼] 쓸_수"
)
LENGTH_WORD_END = rf"[내여된형당반치]{NOT_HANGUL}|전(?![체국시원통야]| ?직원)|후(?!반)"
LENGTH_CLAUSE = one_of(
    r"의_(?:기간|역사|전통|세월|시간|경력|공백|노하우|숙원|여정) 에_(?:가까|불과) 분[이의을] 에서_\d+일로 중_\d"
    " 을_(?:준비|기다|이어|버[티텨]|함께|일한|근무|바친|초과)"
    " 이_걸 이_(?:지|넘|걸|경|된) 을_[맞넘] 에_한 에_걸 으?로_[한정단연줄늘]"
)
LENGTH_CLAUSED = re.compile(rf"{S}(?:{LENGTH_CLAUSE})")
"""What makes a single number a length, and not the last day of a list (`19일과 24일로 정했다`)."""
LENGTH_AFTER = re.compile(rf"{S}(?:{LENGTH_END}|{LENGTH_WORD_END}|{LENGTH_CLAUSE})")
COUNT_AFTER = re.compile(rf"{S}\d+{S}(?:{one_of('회 시간 명 인 식 개 건 대 차례 천 만 박 끼 kg g m 톤 L ℓ 원 %')})")
COUNTING_DAYS = one_of(
    "중 일주일에 한_?달에 1년에 최대 최소 최장 약 총 [인명구]당 주 월 연 연간 월간 평균 매 하루 단 각"
)
DAYS_BEFORE = re.compile(
    rf"(?:(?:\d박|{COUNTING_DAYS}){S}"
    rf"|(?:처리|유효|소요|휴가|심사){S}(?:기간|일수)?[은는이가]?{S}[:(]?{S})$"
)

# A day without a month, in a notice or in the news.
OPENINGS = one_of("개관 개소 개장 개원 개통 개막 폐막 개강 개봉 준공 착공 발표 출범 취임 오픈 입국 출국 상장 방송")
DAY_AFTER = re.compile(
    rf"{S}(?:까지|부터|[자경]{NOT_HANGUL}|자로|이전|이후|에는|에도|엔{NOT_HANGUL}|에(?= )|{TIME}|\d\d?시"
    rf"|새벽|아침|낮|저녁|밤|현재|기준|\((?:현지|한국|우리){S}시|(?:{OPENINGS})(?![가-힣]*[율률객])"
    rf"|{one_of('열리 열린 열렸 연다 열어 개최[되된했] 개막 폐막 시작[되된해하] 출범 취임 마감 따르면')})"
)
LONGEST_COUNT = 10
"""How many days a sentence mostly counts (`휴가를 5일 쓴다`); a greater number is a day of the month."""
BULLETS = "△▲▷▶▽▼•○●◦▪□■"
SPEAKER_BEFORE = re.compile(
    rf"(?:[가-힣A-Za-z)\]’”」』][은는이가]|,|에서|에게|에|께서|이어|한편|따라|[고며인해로와과]|[.!?\n\]]) $"
    rf"|[{BULLETS}] ?$"
)
OBJECT_BEFORE = re.compile(r"[가-힣)\]’”」』][을를] $")
TOLD = one_of(
    "밝혔 했다 한다 됐다 된다 열었 열렸 열린 연다 가졌 갖는 펼쳤 펼친 나섰 마쳤 찾았 찾아 맺었 체결 개최 진행"
    " 실시 참석 방문 개막 개관 선정 예정 계획이 논의 따르면 본회의 위원회 접수 발표"
)
TOLD_AFTER = re.compile(rf"[^.\n]{{0,120}}?(?:{TOLD}|(?<![보마])다(?=[.,”’\"' ]|$))")
# News is told on the day or after it: the last such day is meant.
SAID_AFTER = re.compile(rf"{S}(?:{one_of('밝혔 전했 말했 알렸 설명했 발표했 강조했')})")

YEAR_MONTH_PAIR = re.compile(r"(?<![\d.'])(?:1[3-9]|2\d|3\d)\. ?(?:0?[1-9]|1[0-2])(?:\.(?! ?\d)|월)")
# `[11.4. 개관]` behind a building's name tells since when it stands: a year and a month, where no plan is spoken of.
OPENED_AFTER = re.compile(r" ?(?:개관|개소|개장|개원|준공|완공|개청|설립)\]")
YEAR_AFTER = re.compile(rf"에{NOT_HANGUL}|에는|부터|까지|{S}(?:이후|건립|신축|개교|졸업|입사|취임|{ACTS})")
ROUND_YEARS = (10, 20, 30, 40, 50)


class Hints:
    """The words of one text, asked about the numbers in it. Each answer looks at a bounded stretch around them."""

    def __init__(self, text: str, ref: date) -> None:
        self.text = text
        self.ref = ref
        self._pairs_are_year_month: bool | None = None

    def trusts(self, point: Point, right: Point | None, in_list: bool) -> bool:
        """Whether numbers that may be a date are one; settles whether a pair is month and day or year and month."""
        if in_list:
            return not self.is_a_length(point) or LENGTH_CLAUSED.match(self.text, point.end) is not None
        if point.grain is Grain.YEAR:
            return self._trusts_year(point, right)
        if len(point.numbers) == 2:
            return self._trusts_pair(point, right)
        if self.is_a_length(point):
            return False
        if right is not None and right.grain is Grain.DAY and right.trust is not Trust.NEEDS_HINT:
            return True
        return self._is_a_day(point)

    def trusts_both(self, left: Point, right: Point) -> bool:
        """`15~17일`, `23~25년`: numbers that share a unit."""
        if self.is_a_length(right) or self.counts_days(left):
            return False
        if right.grain is Grain.YEAR and left.year is not None and right.year is not None:
            near = all(abs(year - self.ref.year) <= 8 for year in (left.year, right.year))
            return left.year < right.year and near
        if left.direction or (right.day or 0) >= 10:
            return True
        return self._is_a_day(Point(left.start, right.end, right.grain, day=right.day))

    def are_months(self, left: Point, right: Point) -> bool:
        """`공사기간 : 3. ~ 12.`: two bare numbers with stops after a label, made months."""
        if not (left.numbers and right.numbers):
            return False
        first, last = left.numbers[0], right.numbers[0]
        dotted = self.text[left.end - 1] == self.text[right.end - 1] == "."
        if not (dotted and 1 <= first <= 12 and 1 <= last <= 12 and LABEL.search(self._before(left))):
            return False
        left.month, left.grain, left.trust = first, Grain.MONTH, Trust.SURE
        right.month, right.grain, right.trust = last, Grain.MONTH, Trust.SURE
        return True

    def is_a_length(self, point: Point) -> bool:
        """Whether `20년` or `3일` is how long something lasts."""
        if point.grain is Grain.DAY and point.month is None:
            after = LENGTH_AFTER.match(self.text, point.end)
            if (point.day or 0) <= LONGEST_COUNT:
                after = after or COUNT_AFTER.match(self.text, point.end)
            return bool(after) or self.counts_days(point)
        if point.grain is Grain.YEAR and point.trust is Trust.NEEDS_HINT:
            return bool(LENGTH_AFTER.match(self.text, point.end) or LENGTH_BEFORE.search(self._before(point)))
        return False

    def counts_days(self, point: Point) -> bool:
        """Whether the words before a number count days (`일주일에 1, 2일`)."""
        return DAYS_BEFORE.search(self._before(point)) is not None

    def _before(self, point: Point) -> str:
        return self.text[max(0, point.start - 16) : point.start]

    def _trusts_year(self, point: Point, right: Point | None) -> bool:
        """`24년` is a year near the reference date; `15년`, `20년` only where a bracket, 도 or another year says so."""
        if right is not None and right.year is not None:
            return True
        if self.is_a_length(point):
            return False
        before = self._before(point)
        year = point.year or 0
        if "년도" in self.text[point.start : point.end] or before.endswith(("→ ", "→")):
            return True
        if before.endswith("(") and self.text[point.end : point.end + 1] == ")":
            return True
        if year % 100 >= 70 or (year % 100 > 31 and YEAR_AFTER.match(self.text, point.end)):
            return True
        return abs(year - self.ref.year) <= NEAR_YEARS and year % 100 not in ROUND_YEARS

    def _trusts_pair(self, point: Point, right: Point | None) -> bool:
        text, before = self.text, self._before(point)
        slash = "/" in text[point.start : point.end]
        if MEASURE_AFTER.match(text, point.end) or (MEASURE_BEFORE.search(before) and not LABEL.search(before)):
            return False
        dotted = text[point.end - 1] == "."
        either = point.grain is Grain.DAY and not slash and point.numbers[0] >= 10 and point.numbers[1] <= 12
        if either and (self._tells_since_when(point) or self._writes_year_month()):
            point.year, point.month = two_digit_year(point.numbers[0], self.ref), point.numbers[1]
            point.day, point.grain, point.two_digits = None, Grain.MONTH, True
            return True
        if dotted and not self._is_a_section(point):
            return True
        if right is not None and right.trust is Trust.SURE and right.grain is Grain.DAY:
            return True
        if point.two_digits and right is not None and right.two_digits and not MEASURE_AFTER.match(text, right.end):
            return point.grain is right.grain and (point.year, point.month) < (right.year, right.month)
        if right is not None and right.numbers and not MEASURE_AFTER.match(text, right.end):
            last, day = right.numbers[-1], point.numbers[1]
            if len(right.numbers) == 2 and (day >= 10 or last >= 10 or slash):
                return True
            if right.grain is Grain.BARE and day < last <= 31 and (day >= 10 or slash):
                return True
        act = (ACT_AFTER_SLASH if slash else ACT_AFTER).match(text, point.end)
        return bool(act or LABEL.search(before) or ACT_BEFORE_BRACKET.search(before))

    def _is_a_section(self, point: Point) -> bool:
        """`2.1. 사업개요` at the head of a line numbers a section."""
        if " " in self.text[point.start : point.end] or not SECTION_TITLE.match(self.text, point.end):
            return False
        return at_line_head(self.text, point.start)

    def _is_a_day(self, point: Point) -> bool:
        """Whether `12일` without a month is a day: a particle, a time or a label says so, or a sentence tells news."""
        before = self._before(point)
        if DAY_AFTER.match(self.text, point.end):
            return True
        if LABEL.search(before) and ((point.day or 0) > LONGEST_COUNT or before.rstrip().endswith((":", "(", "["))):
            return True
        if SAID_AFTER.match(self.text, point.end):
            point.direction = -1
            return True
        if not before.strip():
            before = ". "
        spoken = SPEAKER_BEFORE.search(before) or ((point.day or 0) > LONGEST_COUNT and OBJECT_BEFORE.search(before))
        return bool(spoken and TOLD_AFTER.match(self.text, point.end))

    def _tells_since_when(self, point: Point) -> bool:
        return self._before(point).endswith("[") and OPENED_AFTER.match(self.text, point.end) is not None

    def _writes_year_month(self) -> bool:
        """Whether the text writes year and month as an unmarked pair (`24.8.`), so that `11.4.` is one too."""
        if self._pairs_are_year_month is None:
            self._pairs_are_year_month = YEAR_MONTH_PAIR.search(self.text) is not None
        return self._pairs_are_year_month
