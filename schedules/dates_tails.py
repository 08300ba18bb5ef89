"""What may stand before and behind a window and opens, bounds, narrows or hedges it, as data."""

import re

from schedules.dates_words import NOT_HANGUL, S, one_of

# 전 is "before", but "all" where a noun follows that it counts (전 직원, 전 구민).
ALL_OF = (
    "직원|구민|시민|국민|주민|도민|군민|부서|동(?![가-힣])|세대|가구|학년|공무원|기관|학교|임직원|사원|시설|지역|과목|분야|구간|객실|층|회원|품목"
    "|노선|차량|청사|학생|교직원|간부|대원|위원|단원|행정|영역|과정|생애|공정|세계|사업장|종목|매장|점포|읍면동|조합원|구역|실국|국(?![가-힣])|실과|계층"
)
BEFORE = rf"전(?:까지|에(?![가-힣])|(?![가-힣]|{S}(?:{ALL_OF})))"
LIMIT = re.compile(
    rf"{S}(?:(?:중|경|안|내|(?:도착|접수|소인|발급|신청)분){S})?(?P<limit>{BEFORE}|까지|이전(?!{S}(?:예정|사업|계획|비용|부지|건립|대상|추진|설치|신축))"
    rf"|이내|내(?![가-힣])|내에|내로|안에|안으로|(?<! )한(?![가-힣]|{S}(?:달|해|번|차례))|한(?=$|[)\],]))"
    rf"(?:{S}까지|에(?![가-힣])|으로)?"
)
SINCE = re.compile(
    rf"{S}(?:(?:중|경|[조석]간|(?:발급|접수|신청)분){S})?(?P<since>부터|이후|이래|~(?!{S}[\d:])(?:{S}(?:현재|계속|지속))?)"
)
GOING_ON = (
    " 선착순 접수 신청 예매 예약 모집 시행 적용 통제 제한 운행 발효 효력 게시 공개 보도 판매 개방 통행 발급 지급"
    " 온라인 홈페이지 누리집 인터넷 가능"
)
# What begins at a clock time and goes on; an event that begins then is over on its day.
GOES_ON = re.compile(rf"{S}(?:{one_of(GOING_ON)})")
DURING = re.compile(
    rf"{S}(?:(?:기간{S})?중(?=$|[^가-힣]|에|으로|예정|준공|개최|완료|추진|시행|실시|착공|개관)|경(?![가-힣])|쯤|께|무렵)"
)
TAIL_MARKS = frozenset("도접소발신조석중경쯤께무기약까이내안전부한~123456789")
LIMIT_BEFORE = re.compile(rf"(?:(?:[가-힣]{{1,8}}(?:일|시|후|완료|개시){S})?~|늦어도){S}$")
COUNT_BESIDE = re.compile(rf"{S}(?:약{S})?\d{{1,3}}{S}(?:일|주일?|개월)간")
HEDGE = re.compile(r"[^,;/~\d\n.]{0,14}(?:예정|예상|잠정|추진(?! ?(?:완료|실적|경과|성과)|으로|[한했된됐]|하여|해))")
HEDGED = re.compile(rf"(?:예정|예상|잠정){S}[(\[:]{S}$")
BRACKET = re.compile(rf"{S}\({S}(?!\()")
BRACKET_END = re.compile(rf"(?:{S}(?:중|경|예정|말경|기준|현재|말 기준|시행|개최|완료))?{S}\)")
HOLIDAY_TAIL = re.compile(
    rf"(?P<feast>{S}\)?{S}명절)?(?P<also>(?:{S}(?:[·,]|및){S}(?:설날?|추석|연말연시|연말|연시)(?:{S}명절)?)*)"
    rf"(?P<stretch>{S}연휴(?:{S}기간)?)?(?:{S}(?P<until>대비|까지|이전|전날까지|[을를]? ?앞두고|{BEFORE}))?"
)
FEAST_DAY = re.compile(rf"{S}(당일|전날|다음{S}날|이튿날)")
FOR_FEAST = re.compile(rf"{S}(?:맞이|기념)")
# A quotation mark before two digits marks a year, unless a length is quoted (‘10년 넘게’).
LASTED = re.compile(
    rf"{S}(?:넘|만[에의]|동안|가까이|째|후{NOT_HANGUL}|전(?![가-힣]|{S}(?:{ALL_OF}))|남짓|이상|지나|된|숙원|역사|전통|경력|간{NOT_HANGUL})"
)
PLANNED = "수립|편성|확보|완료|승인|확정|선정|체결|종료|통과|결정|준공|개관|구성|제정|개정|의결|심의|착공|개최"
EVENT_AFTER_YEAR = re.compile(
    rf"{S}(?:도{S})?[가-힣·]{{1,12}}(?: [가-힣·]{{1,10}}){{0,4}}? ?(?:{PLANNED}) ?(?:전|후|시)(?=$|[ ,.)\]])"
)
AFTER_EVENT = re.compile(rf"[가-힣]{{1,10}}(?: ?[일날]|{S}이?후)(?:으?로)?부터{S}$|[가-힣]{{1,8}}{S}후{S}$")
LENGTH = re.compile(rf"\d{{1,3}}{S}(?:개월|일|주일?|년)(?:{S}(?:간|이내|내{NOT_HANGUL}|동안|까지))?(?!차)")
# A year alone gives its year to the months after it where it is what the line is about (2025년에는, 2025년 추진일정).
TOPIC = re.compile(rf"{S}(?:에는|엔|은|는|[:)>]|(?:추진|사업|세부)?{S}(?:일정|계획))")
# A day of birth tells nothing about the days after it.
BORN = re.compile(rf"{S}(?:이후|이전)?{S}출?생{NOT_HANGUL}|{S}(?:이후|이전)?{S}(?:출생|태어)")
RULE_BESIDE = re.compile(rf"{S}(?P<comma>,)?{S}(?=[매격])")
