"""Tells a year that something is done in from one that only names a budget, a plan, a title or a column."""

import re

from schedules.dates_words import ACTS, PARTICLES, S, one_of

BUDGET_ADJECTIVES = one_of(
    "본 당초 최종 추경 추가경정 소요 세출 세입 수정 정리 확보 투자 총 기금 사업 일반회계 특별회계 예비비"
)
BUDGETS = one_of("추경 추가경정 세입 세출 결산 기금_운용 중기_지방재정 국비 시비 구비 도비 군비 소요_재원 소요_자원")
TITLES = (
    rf"(?:[가-힣]{{1,6}}{S})?(?:주요|핵심){S}(?:{one_of('업무 변경 사업 현안 성과 내용 시책')})"
    rf"|(?:[가-힣]{{1,8}}{S}){{0,2}}진행{S}(?:사항|상황)|{one_of('업무_보고 업무_계획 업무_추진 예정한 행정사무감사')}"
)
BUDGET_OR_TITLE = re.compile(
    rf"도?{S}(?:(?:제?\d[회차]{S}|(?:{BUDGET_ADJECTIVES}){S}){{0,3}}예산|(?:제?\d[회차]{S})?(?:{BUDGETS})|{TITLES})"
)
# What bears the year in its name: `2025년 시행계획 수립`, `2024년도 주민세`; what is done to it has days of its own.
BEARS_YEAR = one_of(
    "계획 예산 결산 보고서 업무보고 백서 연보 편람 지침 기금 조례 최저임금 생활임금 공시지가"
    " 중위소득 주민세 재산세 자동차세 면허세 지방세 취득세 소득세 법인세"
)
# What the year is the time of, whether planned or done: `2025년 착공 계획`.
BEGUN_OR_DONE = one_of(
    "착공 준공 완공 개관 개소 개원 개장 개통 개청 개교 발주 입주 착수 시작 출범 도입 설치 설립 신설 이전 매입 완료"
)
ACT_OF_YEAR = re.compile(rf"{S}(?:내{S}|말{S})?(?:{BEGUN_OR_DONE})")
IN_NAMES = (
    rf"(?!(?:{ACTS}|추진|운영)(?![가-힣])|[가-힣]{{0,12}}(?:[을를은는에의]|에서|까지|부터|[한된할될]|하는) )"
    r"[가-힣A-Za-z·]{1,14} "
)
NAME_WITH_YEAR = re.compile(
    rf"도?{S}(?:제\d+[회차기]{S})?(?:{IN_NAMES}){{0,4}}(?!(?:{BEGUN_OR_DONE}){S}(?:계획|사업))[가-힣A-Za-z·]{{0,14}}?"
    rf"(?:{BEARS_YEAR})(?:안|서)?(?=$|[^가-힣]|{PARTICLES}|[을를가])"
)
HEADING_BEFORE = re.compile(r"(?:^|\n)#{1,6} [□○\d ]{0,4}$")
CELL_BEFORE = re.compile(r"(?:^|[\t|\n])[ *]{0,8}$")
CELL_AFTER = re.compile(r"[ *]{0,8}(?:\([^()\d\n]{0,12}\))?[ *]{0,8}(?:$|[\t|\n])")


def only_names(text: str, start: int, end: int) -> bool:
    """Whether the year alone at `start` to `end` names a budget, a plan, a title or a column of a table."""
    if NAME_WITH_YEAR.match(text, end) or BUDGET_OR_TITLE.match(text, end):
        return True
    before = text[max(0, start - 16) : start]
    if HEADING_BEFORE.search(before):
        return True
    around = text[max(0, start - 200) : end + 200]
    if "\t" not in around and "|" not in around:
        return False
    return bool(CELL_AFTER.match(text, end) and CELL_BEFORE.search(before))


def is_planned(text: str, end: int) -> bool:
    """Whether what stands behind a year, at `end`, begins or ends in it (`2025년 착공`)."""
    return ACT_OF_YEAR.match(text, end) is not None
