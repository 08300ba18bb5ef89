"""Amounts in running text, checked: a sum and its items below, its split in brackets, the heading and its table."""

import re
from collections.abc import Iterator, Sequence

from documents.budgets import thousand_won
from documents.outline import Block, Shape
from documents.reading import FindingRow, ProjectRow
from documents.sections import Section, children
from documents.sums import mismatch
from documents.vocabulary import vocabulary

_AMOUNT = re.compile(r"(?<![\d,])\d[\d,]*(?:\.\d+)?\s*(?:억\s?원|천만\s?원|백만\s?원|만\s?원|천\s?원)")
_WHOLE = re.compile(r"(?<![\d,])(?:\d[\d,]*\s*억\s*)?\d[\d,]*(?:\.\d+)?\s*(?:억|천만|백만|만|천)?\s?원\s*$")
_SOURCE_PART = re.compile(
    r"(?:국|시|도|군|구|교육청|특별교부세|교부금|기금|민자|자부담)\S{0,6}\s*[:：]?\s*((?:\d[\d,]*\s*억\s*)?\d[\d,]*(?:\.\d+)?\s*(?:억|천만|백만|만|천)?\s?원)"
)
# 국비 1,600, 시비 400 / 구비 800: sources and figures, and nothing else.
_BARE_SPLIT = re.compile(
    r"(?:\s*(?:국|시|도|군|구|교육청|기금|민자|자부담|기타|자체)(?:비|도비|군비|구비)?\s*[:：]?\s*\d[\d,]*(?:\.\d+)?\s*[,/·]?(?=\D|$))+"
)
_FIGURE = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\d,.])\d+(?:\.\d+)?")


def amount_findings(project: ProjectRow, sections: Sequence[Section]) -> Iterator[FindingRow]:
    """Yield the stated amounts of a project that its own parts contradict, rounding to the printed unit allowed for."""
    for section in sections:
        below = children(section)
        for index, block in enumerate(section.blocks):
            if block.shape is Shape.TABLE:
                continue
            yield from _split(block)
            yield from _items_below(block, [child for child in below.get(index, ()) if child.shape is Shape.ITEM])
    yield from _sub_items(sections)
    yield from _heading_and_table(project)


def _split(block: Block) -> Iterator[FindingRow]:
    """`14,000천원(국비 9,800천원, 구비 4,200천원)`: the parts by source make the whole.

    Parts without a unit, `(국비 1,600, 구비 800)`, have the whole's, where the bracket holds nothing else.
    """
    head, _, tail = block.text.partition("(")
    stated = _WHOLE.search(head)
    if not stated:
        return
    inside = _up_to_close(tail)
    parts = [amount for part in _SOURCE_PART.finditer(inside) if (amount := thousand_won(part[1])) is not None]
    if _BARE_SPLIT.fullmatch(inside):
        unit = stated[0].lstrip("\u0020,.0123456789")
        parts = [amount for figure in _FIGURE.findall(inside) if (amount := thousand_won(figure + unit)) is not None]
    whole = thousand_won(stated[0])
    if whole is not None and len(parts) > 1 and abs(whole - sum(parts)) > _tolerance(stated[0] + inside):
        yield mismatch(block.line, "재원별 금액의 합(천원)", sum(parts), whole)


def _up_to_close(text: str) -> str:
    depth = 1
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[:at]
    return ""


def _items_below(block: Block, items: Sequence[Block]) -> Iterator[FindingRow]:
    """A budget line whose items all state an amount is their sum."""
    whole = _stated(block)
    if whole is None:
        return
    known = [amount for amount in map(_stated, items) if amount is not None]
    if len(known) < 2 or len(known) != len(items):
        return
    if abs(whole - sum(known)) > _tolerance(" ".join([block.text, *(item.text for item in items)])):
        yield mismatch(block.line, "세부 금액의 합(천원)", sum(known), whole)


def _sub_items(sections: Sequence[Section]) -> Iterator[FindingRow]:
    """The budget of the overview is the sum of the budgets that the numbered sub-items of the project state."""
    whole: tuple[Block, int] | None = None
    parts: dict[int, tuple[Block, int]] = {}
    for section in sections:
        for index, block in enumerate(section.blocks):
            label, colon, _ = block.text.partition(":")
            amount = _stated(block)
            if not colon or amount is None or not vocabulary().is_attribute("budget", label):
                continue
            owner = _numbered_owner(section, index)
            if owner is not None:
                parts.setdefault(owner, (block, amount))
            elif section.kind == "overview" and whole is None:
                whole = block, amount
    if whole and len(parts) > 1:
        total = sum(amount for _, amount in parts.values())
        words = " ".join([whole[0].text, *(block.text for block, _ in parts.values())])
        if abs(total - whole[1]) > _tolerance(words):
            yield mismatch(whole[0].line, "세부사업 소요예산의 합(천원)", total, whole[1])


def _numbered_owner(section: Section, index: int) -> int | None:
    at = section.parents[index]
    while at is not None:
        if section.blocks[at].number is not None:
            return section.blocks[at].line
        at = section.parents[at]
    return None


def _heading_and_table(project: ProjectRow) -> Iterator[FindingRow]:
    """The heading's amount is the table's total of that year."""
    budget = project.budget
    if budget is None or budget.stated_year is None:
        return
    stated = budget.stated_year
    for total in budget.year_totals:
        if total.year == stated.year and total.amount != stated.amount and abs(total.amount - stated.amount) >= 1000:
            yield mismatch(stated.line, f"{stated.year}년 소요예산(표의 계, 천원)", total.amount, stated.amount)


def _stated(block: Block) -> int | None:
    """The amount that a line states as its value: the first one after its colon."""
    _, colon, value = block.text.partition(":")
    if not colon or not re.match(r"\s*(?:총\s?|약\s?)?\d", value):
        return None
    first = _AMOUNT.match(re.sub(r"^\s*(?:총\s?|약\s?)?", "", value))
    return thousand_won(first[0]) if first else None


def _tolerance(words: str) -> int:
    """The coarsest unit printed, in thousand won: amounts in 백만원 may differ from their parts by rounding."""
    units = {"억": 10**5, "천만": 10**4, "백만": 1000, "만": 10}
    return max((size for unit, size in units.items() if re.search(rf"\d\s*{unit}", words)), default=0)
