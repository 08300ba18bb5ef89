"""Dated lines to milestones: which dates are plans or deeds and which are facts, what they are called, where they stand.

The rules are those of the shared date rules, "from a dated line to a milestone": as-of marks, citations, statistics
and facts about what stands already are no milestones; a plan whose window is over is stale, never done by itself.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from documents.labels import Place, clean_label, label_of, split_clauses
from documents.markup import squeeze
from documents.outline import Block, Shape
from documents.owners import find_owners
from documents.projects import Section
from documents.reading import MilestoneRow, MilestoneStatus, SectionKind
from documents.schedule_tables import table_dates
from documents.vocabulary import vocabulary
from schedules.dates_expression import DateExpression, Precision

_AS_OF_AFTER = re.compile(r"\s*[)）\]]?\s*(?:말\s*)?(?:일\s*)?(?:기준|현재(?!까지))")
_AS_OF_BEFORE = re.compile(r"기준(?:일|일자|시점)?\s*[:：]?\s*[(\[]?\s*$")
_PRESS = re.compile(r"일보|신문|뉴스|보도자료|방송|출처|자료\s*[:：]")
_LAW = re.compile(r"[」』]\s*(?:일부|전부)?\s*(?:개정|제정|시행|공포|제\s?\d+\s?조)")
_FIGURE_AFTER = re.compile(
    r"\s*[)\]]?\s*[:：]?\s*[△▲]?\d[\d,.]*\s*(?:명|건|개|점|곳|%|원|천원|백만원|회|대|가구|㎡|개소|P|인|팀|부|억)"
)
_FIGURE_BEFORE = re.compile(r"\d\s*(?:명|건|개|점|곳|%|원|천원|백만원|개소|억원)\s*[(\[]\s*$")
_PLANNED = re.compile(r"예정(?!지|가격|액|자|된|한|부지)|할\s?계획|계획임|계획\s?중|미착수|준비\s?중|예상(?!액|치)")
_RUNNING = re.compile(
    r"(?:진행|추진|시행|공사|운영|작성|검토|협의|제작|설치|접수|모집|이행)\s?중(?![가-힣])|현재\s?진행|정상\s?추진"
)
_OVER = re.compile(r"[(:：]\s*완료\s*\)?\s*$|완료됨|완료함|종료됨|\(\s*완료|\d\s*완료\s*\)")
_STOPPED = re.compile(r"중단|취소|폐지(?!\s?줍)|보류|철회")
_CONTINUOUS = re.compile(r"운영|지속|상시")
_YEAR_PLAN = re.compile(
    r"\s*(?:까지|내|중|말|초|에)?\s*(?:\S{1,12}\s){0,3}?\S{0,12}(?:예정|까지|추진 예정|확대 예정|계획\b)"
)
_DESCRIPTIVE = frozenset(
    squeeze(word)
    for word in ["대상", "사업대상", "교육대상", "참여대상", "대상기관", "평가대상", "결과", "운영결과", "근거", "추진근거", "선정기준", "기준", "효과", "기대효과", "인원", "참여인원", "예산", "소요예산", "사업예산", "규모", "부결사유"]
)
_COARSE = (Precision.YEAR, Precision.HALF, Precision.QUARTER, Precision.SEASON)


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for all lines of one project: its title, the document's date, whether it is a plan by nature.

    `find` reads the dates of one line, counted from the document's date.
    """

    title: str
    as_of: date
    plan_document: bool
    find: Callable[[str], list[DateExpression]]


def read_milestones(sections: Sequence[Section], setting: Setting) -> tuple[MilestoneRow, ...]:
    """Return every dated line of a project in order: done, running or planned, its periods included."""
    found: list[MilestoneRow] = []
    for section in sections:
        for index, block in enumerate(section.blocks):
            if block.shape is Shape.TABLE:
                if section.kind != "budget":
                    found += _from_table(section, index, setting)
            else:
                found += _from_block(section, index, setting)
    return tuple(found)


def _from_block(section: Section, index: int, setting: Setting) -> Iterator[MilestoneRow]:
    block = section.blocks[index]
    place = Place(section, index, setting.title, setting.as_of)
    for line, words in block.parts:
        expressions = setting.find(words)
        for expression in expressions:
            clause = next(
                ((at, text) for at, text in split_clauses(words) if at <= expression.span[0] < at + len(text)),
                (0, words),
            )
            if not _is_act(expression, expressions, words, clause[1], block, section, place):
                continue
            label, label_line, attribute = label_of(place, line, words, clause, expression, expressions)
            context = place.context_kind()
            for part in _members(expression):
                yield _row(part, label, label_line, attribute, clause[1], line, section, context, block, place, setting)


def _members(expression: DateExpression) -> tuple[DateExpression, ...]:
    """The members of a list (`1,2분기`, `4월, 8월`), each a milestone of its own with the list's words as its source."""
    members = (replace(part, raw=expression.raw, span=expression.span) for part in expression.parts)
    return tuple(members) if len(expression.parts) > 1 else (expression,)


def _is_act(
    expression: DateExpression,
    others: Sequence[DateExpression],
    words: str,
    clause: str,
    block: Block,
    section: Section,
    place: Place,
) -> bool:
    """Say whether a date is when something happens: not an as-of mark, a figure's year, a citation or a fact."""
    first, last = expression.span
    before, after = words[:first], words[last:]
    if expression.start is None and expression.end is None and not expression.recurrence:
        return expression.precision is Precision.NONE and not expression.time
    if _AS_OF_AFTER.match(after) or _AS_OF_BEFORE.search(before):
        return False
    if _PRESS.search(words) or (_LAW.search(words) and block.shape is not Shape.HEADING):
        return False
    label = squeeze(before.partition(":")[0]) if ":" in before else ""
    coarse = expression.precision in _COARSE
    if coarse and label in _DESCRIPTIVE:
        return False
    planned = bool(_PLANNED.search(clause))
    if "→" in words and (_FIGURE_AFTER.match(after) or _FIGURE_BEFORE.search(before)):
        return False
    if coarse and not planned and _FIGURE_BEFORE.search(before):
        return False
    finer = any(
        other is not expression and other.precision not in _COARSE and (other.start or other.end) for other in others
    )
    if expression.precision is Precision.YEAR:
        return _year_is_act(expression, finer, words, after, section, block, place)
    if coarse and finer and not _PLANNED.search(after[:12]):
        return False
    if coarse and words[first - 1 : first] == "(" and _FIGURE_AFTER.match(after):
        return False
    if block.shape is Shape.NOTE or section.kind == "background":
        return not (expression.end and expression.end.year < place.as_of.year - 1)
    return True


def _year_is_act(
    expression: DateExpression,
    finer: bool,
    words: str,
    after: str,
    section: Section,
    block: Block,
    place: Place,
) -> bool:
    if expression.open_start or expression.open_end:
        return True
    if _YEAR_PLAN.match(after):
        return True
    if finer or section.kind in ("budget", "overview", "background"):
        return False
    if section.kind == "next_steps":
        return not re.match(r"\s*(?:도\s*)?(?:소요예산|예산|예정한|예정된|주요|현황|실적|기준|본예산)", after)
    opens = expression.span[0] <= 1 and block.number is not None and re.search(r"(?:추진|운영|시행|실시)$", words)
    return bool(opens and expression.start and expression.start.year == place.as_of.year)


def _row(
    expression: DateExpression,
    label: str,
    label_line: int,
    attribute: str,
    clause: str,
    line: int,
    section: Section,
    context: SectionKind,
    block: Block,
    place: Place,
    setting: Setting,
    *,
    status_words: str | None = None,
    kind_words: str = "",
    owners: tuple[str, ...] | None = None,
) -> MilestoneRow:
    words = status_words if status_words is not None else clause
    is_period = vocabulary().is_attribute("period", attribute) and context in ("overview", "background", "other")
    status = _status(expression, words, context, setting, is_period=is_period, label=label)
    stale = (
        status == "planned"
        and setting.as_of is not None
        and expression.end is not None
        and expression.end < setting.as_of
    )
    deadline = _is_deadline(
        expression, status, attribute, label, setting, is_period=is_period, words=words, section=section
    )
    kind = vocabulary().milestone_kind(f"{label} {attribute}")
    if kind == "other":
        kind = vocabulary().milestone_kind(kind_words or place.chain())
    return MilestoneRow(
        label=label,
        label_line=label_line,
        raw=expression.raw,
        start=expression.start,
        end=expression.end,
        precision=expression.precision.value,
        status=status,
        kind=kind,
        section=section.name,
        section_kind=section.kind,
        line=line,
        open_start=expression.open_start,
        open_end=expression.open_end,
        tentative=status != "done" and (expression.tentative or bool(_PLANNED.search(words))),
        time=expression.time,
        recurrence=expression.recurrence,
        is_deadline=deadline,
        is_period=is_period,
        stale=stale,
        owners=owners if owners is not None else find_owners(block.text),
        inferred_year=expression.inferred_year,
        warnings=expression.warnings,
        span=expression.span,
        sub_item=place.sub_item(),
    )


def _status(
    expression: DateExpression,
    words: str,
    context: SectionKind,
    setting: Setting,
    *,
    is_period: bool,
    label: str,
) -> MilestoneStatus:
    as_of = setting.as_of
    ended = as_of is not None and expression.end is not None and expression.end < as_of
    begun = as_of is not None and expression.start is not None and expression.start < as_of
    if _STOPPED.search(words) and not _PLANNED.search(words):
        return "cancelled"
    if _PLANNED.search(words):
        return "planned"
    if _RUNNING.search(words):
        return "in_progress"
    if context == "next_steps" or (setting.plan_document and context != "results"):
        return "done" if _OVER.search(words) and ended else "planned"
    if expression.start is None and expression.end is None:
        return "in_progress" if context != "problems" else "planned"
    if is_period:
        if expression.start == expression.end and begun:
            return "done"
        return "in_progress" if begun or expression.start is None else "planned"
    if ended:
        running = context in ("details", "overview") and bool(_CONTINUOUS.search(label))
        return "in_progress" if running else "done"
    if begun:
        return "done" if _OVER.search(words) and expression.precision is not Precision.RANGE else "in_progress"
    return "planned" if not expression.open_start else "in_progress"


def _is_deadline(
    expression: DateExpression,
    status: MilestoneStatus,
    attribute: str,
    label: str,
    setting: Setting,
    *,
    is_period: bool,
    words: str,
    section: Section,
) -> bool:
    if expression.end is None or status in ("done", "cancelled") or expression.recurrence:
        return False
    if vocabulary().is_attribute("not_deadline", attribute) or "인증기간" in squeeze(words):
        return False
    if expression.precision is Precision.YEAR and not expression.open_start:
        # A bare year is when a plan is due only where the text says that it is planned then.
        return status == "planned" and bool(_PLANNED.search(words))
    if status == "in_progress":
        over = setting.as_of is not None and expression.end < setting.as_of
        return is_period or not over
    return True


def _from_table(section: Section, index: int, setting: Setting) -> Iterator[MilestoneRow]:
    place = Place(section, index, setting.title, setting.as_of)
    block = section.blocks[index]
    for dated in table_dates(block.rows, setting.find):
        for expression in dated.expressions:
            after = dated.text[expression.span[1] :]
            if expression.precision is Precision.YEAR and not _PLANNED.search(dated.text) and not dated.scheduled:
                continue
            if expression.start is None and expression.end is None and not dated.scheduled:
                continue
            if _AS_OF_AFTER.match(after) or _AS_OF_BEFORE.search(dated.text[: expression.span[0]]):
                continue
            own = clean_label(dated.text, [expression])
            label = dated.label or own or place.above()[0]
            context = place.context_kind()
            for part in _members(expression):
                yield _row(
                    part,
                    label,
                    dated.line,
                    dated.column,
                    dated.text,
                    dated.line,
                    section,
                    context,
                    block,
                    place,
                    setting,
                    status_words=f"{dated.text} {dated.status}",
                    kind_words=f"{dated.column_words} {place.above()[0]} {place.chain()}",
                    owners=dated.owners,
                )
