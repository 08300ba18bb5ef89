"""Tells a date from what only looks like one: section numbers, lengths, decimals, years that name a budget or title."""

import re

from schedules.dates_points import Grain, Point
from schedules.dates_words import S

EVENTS = (
    "개관|개소|개최|개장|개원|개통|개막|폐막|준공|착공|완공|시행|실시|착수|완료|체결|수립|제정|개정|공포|고시|공고|발표|접수|신청|마감|선정"
    "|지정|승인|의결|통과|설립|신설|구축|계약|협약|운영|입주|발주|시작|종료|출범|발족|위촉|선출|현재|기준|예정|등록|작성|게시|방문|회의|발송|제출"
)
LABEL = re.compile(
    rf"(?:일{S}시|기{S}간|일{S}자|날{S}짜|시{S}기|기{S}한|일{S}정|마감|(?:{EVENTS})일?|오픈|부터|까지){S}[:(\[]?{S}[~(]?{S}$"
)
EVENT_AFTER = re.compile(
    rf"{S}(?:까지|부터|자(?![가-힣])|자로|경(?![가-힣])|이전|이후|이내|에(?![가-힣])|\(?{S}(?:오전|오후)|\(?{S}\d\d?:\d\d|(?:{EVENTS})(?![가-힣]*[율률]))"
)
BRACKETED = re.compile(rf"(?:{EVENTS}){S}[(\[]{S}$")
SECTION_NUMBER = re.compile(r"\d{1,2}\.\d{1,2}\. [가-힣]")

# Before and after a number with 년 or 일 that is a length, an age or a count.
LENGTH_BEFORE = re.compile(
    rf"(?:최근|지난|향후|앞으로|매|약|총|만|무려|최대|최소|최장|이상|임기|보존|수명|기간|주|연|월|하루|평균|내용연수|경력|근속|각|당{S}|전체|단|:){S}[:(]?{S}$"
)
LENGTH_AFTER = re.compile(
    rf"{S}(?:간|차|이상|이하|미만|초과|이내|내외|내(?![가-힣])|동안|만에|째|생(?![가-힣])|주년|여(?![가-힣])|단위|주기|마다|전(?!까지 |국|체|시)|후(?!반)|뒤|연속|가까이|넘|정도|남짓"
    r"|근속|경력|역사|전통|숙원|된|지난|지나|보장|보증|보존|상환|거치|임대|무상|무이자|할부|형(?![가-힣])|소요|과정|코스|연장|경과|씩|당(?![가-힣])|만기|계획(?!수)|의 ?기간|이 ?걸|가량|또는|반(?![가-힣]))"
)
COUNT_AFTER = re.compile(rf"{S}\d+{S}(?:회|시간|명|인|식|개|건|차례|천|만|박|끼|kg|g|m|톤|L|ℓ|원|%)")
TOPIC_BEFORE = re.compile(r"(?:[은는이가]|[,)·]|에서|에|까지|부터|중|께) ?$")
ROUND_YEARS = (2010, 2020, 2030, 2040, 2050)

LABELLED = re.compile(
    rf"(?:도)?{S}(?:(?:제\d회{S})?(?:본|당초|최종|추경|추가경정|소요|세출|세입|수정|정리|확보|투자|총|기금|사업)?{S}예산|추경|세입|세출|결산|기금{S}운용|중기{S}?지방재정"
    rf"|소요{S}재원|국비|시비|구비|도비|군비|(?:[가-힣]{{1,6}}{S})?(?:주요|핵심){S}?(?:업무|변경|사업|현안|성과|내용|시책)|업무{S}?(?:보고|계획|추진)|(?:[가-힣]{{1,8}}{S}){{0,2}}진행{S}?(?:사항|상황)|예정한|행정사무감사|생{S}?(?:$|[^가-힣]))"
)
CELL_BEFORE = re.compile(r"(?:^|[\t|\n])[ *]{0,8}$")
CELL_AFTER = re.compile(r"[ *]{0,8}(?:\([^()\d\n]{0,12}\))?[ *]{0,8}(?:$|[\t|\n])")
YEAR_MONTH = re.compile(r"(?<![\d.'])(?:1[3-9]|2\d|3\d)\. ?(?:0?[1-9]|1[0-2])(?:\.(?! ?\d)|월)")


def hinted(text: str, point: Point) -> bool:
    """Whether a label or an event's word beside the numbers says that they are a date."""
    before = text[max(0, point.start - 16) : point.start]
    if point.grain is Grain.DAY and point.month is None:
        if COUNT_AFTER.match(text, point.end):
            return False
        return bool(EVENT_AFTER.match(text, point.end) or TOPIC_BEFORE.search(before) or LABEL.search(before))
    if re.match(r"[%㎡㎢㎥°℃]|[가-힣]?[점배개명건원]", text[point.end : point.end + 2]):
        return False
    return bool(EVENT_AFTER.match(text, point.end) or LABEL.search(before) or BRACKETED.search(before))


def is_a_length(text: str, point: Point) -> bool:
    """Whether `20년` or `3일` is how long something lasts, by the words around it."""
    before = text[max(0, point.start - 8) : point.start]
    if LENGTH_AFTER.match(text, point.end):
        return True
    if point.grain is Grain.DAY:
        return bool(re.search(rf"(?:최대|최소|최장|약|총|주|월|연|평균|매|하루|단|기간|각){S}$", before))
    if point.grain is not Grain.YEAR:
        return False
    if LENGTH_BEFORE.search(before) and not re.search(rf"(?:기간|:){S}[:(]?{S}$", before):
        return True
    dated = (
        text.startswith("도", point.end) or "년도" in text[point.start : point.end] or before.endswith(("(", "→", "~"))
    )
    return point.year in ROUND_YEARS and not dated


def as_a_label(text: str, point: Point, end: int) -> bool:
    """Whether a year alone only names a budget, a title or a column of a table."""
    if LABELLED.match(text, end):
        return True
    if "년" not in text[point.start : end] and "'" not in text[point.start : end]:
        return False
    if "\t" not in text and "|" not in text:
        return False
    return bool(CELL_AFTER.match(text, end) and CELL_BEFORE.search(text[max(0, point.start - 10) : point.start]))


def pairs_are_year_month(text: str) -> bool:
    """Whether the text writes year and month as an unmarked pair (`24.8.`), so that `11.4.` is one too."""
    return YEAR_MONTH.search(text) is not None
