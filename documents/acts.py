"""Which dates of a line say when something happens; the others are as-of marks, citations, figures and facts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from documents.labels import Place
from documents.markup import squeeze
from documents.outline import RANK_ROMAN, Shape
from documents.vocabulary import vocabulary
from schedules.dates_expression import DateExpression, Precision

_COARSE = (Precision.YEAR, Precision.HALF, Precision.QUARTER, Precision.SEASON)
_ALWAYS = ("상시", "수시", "연중", "지속", "계속", "매일")
_BY_YEAR_END = ("연내", "연말", "연초")
_LENGTH = re.compile(r"\d{1,3}\s?일")
_YEAR_IS_PLANNED = re.compile(r"\s*(?:까지|내|중|말|초|에)?\s*(?:\S{1,12}\s){0,3}?\S{0,12}(?:예정|까지)")
_YEAR_IS_SCHEDULED = re.compile(r"\s*(?:\S{1,12}\s){0,3}?\S{0,12}계획(?=\s*(?:\)|$|임|중))")
_RUNS_THIS_YEAR = re.compile(r"(?:추진|운영|시행|실시)$")


@dataclass(frozen=True, slots=True)
class DatedLine:
    """One printed line with its dates: all its words, and the clause that the date in question stands in.

    `told_below` says that the lines below it have dates of their own.
    """

    place: Place
    words: str
    clause: str
    expressions: Sequence[DateExpression]
    told_below: bool = False


def is_act(expression: DateExpression, line: DatedLine) -> bool:
    """Say whether a date is when something happens, happened or is planned."""
    if expression.start is None and expression.end is None:
        return _is_rule(expression)
    not_act = vocabulary().not_act
    before, after = line.words[: expression.span[0]], line.words[expression.span[1] :]
    block, section = line.place.block, line.place.section
    if _LENGTH.fullmatch(expression.raw) or is_as_of(line.words, expression):
        return False
    if _names_a_part(expression, line):
        return False
    if not_act["press"].search(line.words):
        return False
    if not_act["law"].search(line.words) and block.shape is not Shape.HEADING:
        return False
    if "→" in line.words and (not_act["figure_after"].search(after) or not_act["figure_before"].search(before)):
        return False
    finer = any(other is not expression and not _is_coarse(other) and other.end for other in line.expressions)
    numbered = any(letter.isdigit() for other in line.expressions if other is not expression for letter in other.raw)
    if finer and numbered and expression.raw.startswith(_BY_YEAR_END):
        return False  # `연내 준공 : '26. 12월`
    if expression.precision is Precision.YEAR:
        return _year_is_act(expression, line, finer=finer)
    if _is_coarse(expression):
        return _coarse_is_act(line, before, after, finer=finer)
    if block.shape is Shape.NOTE or section.kind == "background":
        # What a note or the background dates long ago is told, not tracked.
        return expression.end is None or expression.end.year >= line.place.as_of.year - 1
    return True


def is_as_of(words: str, expression: DateExpression) -> bool:
    """Say whether a date only tells as of when figures hold: `(2024. 7월 기준)`, `기준일 : 24. 7월 말`."""
    not_act = vocabulary().not_act
    before, after = words[: expression.span[0]], words[expression.span[1] :]
    return bool(not_act["as_of_after"].search(after) or not_act["as_of_before"].search(before))


def is_length(expression: DateExpression) -> bool:
    """Say whether what looks like a day is how long something takes: the `2일` of `기간 중 2일 예정`."""
    return _LENGTH.fullmatch(expression.raw) is not None


def _names_a_part(expression: DateExpression, line: DatedLine) -> bool:
    """A heading's month or half says what the part below is about: `Ⅲ. 10월 주요 행사`, `○ 상반기 추진실적`."""
    block, before, after = line.place.block, line.words[: expression.span[0]], line.words[expression.span[1] :]
    if ":" in before or before.rstrip().endswith(("(", "[", "~")):
        return False
    if block.shape is Shape.HEADING or block.rank == RANK_ROMAN:
        return not after.lstrip().startswith(":")
    return vocabulary().section_kind(line.words) is not None


def _is_rule(expression: DateExpression) -> bool:
    """Without a window: every Thursday or before some event is kept, `상시` and bare clock times are not."""
    if expression.recurrence:
        return expression.raw not in _ALWAYS
    return expression.time is None


def _is_coarse(expression: DateExpression) -> bool:
    """A year, half or quarter, or a list of such."""
    return all(part.precision in _COARSE for part in expression.parts or (expression,))


def _coarse_is_act(line: DatedLine, before: str, after: str, *, finer: bool) -> bool:
    """A half or quarter counts where no finer date of the line says it better, and where it is not a figure's."""
    if line.told_below and ":" not in line.words:
        return False
    not_act, planned = vocabulary().not_act, vocabulary().says("planned", line.clause)
    label = squeeze(before.partition(":")[0]) if ":" in before else ""
    if vocabulary().is_attribute("descriptive", label) or (not planned and not_act["figure_before"].search(before)):
        return False
    if before.endswith("(") and not_act["figure_after"].search(after):
        return False
    return not finer or vocabulary().says("planned", after[:12])


def _year_is_act(expression: DateExpression, line: DatedLine, *, finer: bool) -> bool:
    """A bare year mostly labels a budget, a table or a title; a plan for it says so, or stands among the next steps."""
    before, after = line.words[: expression.span[0]], line.words[expression.span[1] :]
    label = squeeze(before.partition(":")[0]) if ":" in before else ""
    if vocabulary().is_attribute("descriptive", label):
        return False
    if expression.open_start or expression.open_end or _YEAR_IS_PLANNED.match(after):
        return True
    if not finer and _YEAR_IS_SCHEDULED.match(after):
        return True
    section, block = line.place.section, line.place.block
    if finer or section.kind in ("budget", "overview", "background"):
        return False
    if section.kind == "next_steps":
        return not vocabulary().not_act["year_of_label"].search(after)
    this_year = expression.start is not None and expression.start.year == line.place.as_of.year
    opens = expression.span[0] <= 1 and block.number is not None
    return this_year and opens and bool(_RUNS_THIS_YEAR.search(line.words))
