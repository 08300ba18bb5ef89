"""What a dated line is called: its own words, or those of the line it belongs to when it only says `일시 : …`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from documents.limits import MAX_SIBLINGS_LOOKED_AT
from documents.markup import squeeze
from documents.outline import RANK_DASH, Block, Shape
from documents.reading import SectionKind
from documents.sections import Section
from documents.vocabulary import vocabulary
from schedules.dates_expression import DateExpression, Precision

_CLAUSE_END = re.compile(r"[()]|\s/\s|→|;|,\s+|/(?=[^/()]{0,20}예정)")
_JOINED = re.compile(r"[^:：]{1,10}[/·][^:：]{1,10}[:：]")
_TERMS = ("1차", "2차", "3차", "1기", "2기", "1학기", "2학기", "상반기", "하반기")
_LEAD = re.compile(r"\(([^()]{1,8})\)\s*")
_STATUS_BRACKET = re.compile(r"[(\[]\s*(?:예정|완료|진행\s?중|추진\s?중|계획|잠정|시행|[,./·~\s-])*\s*[)\]]")
_DATE_BRACKET = re.compile(r"\(\s*['’‘]?\d{2,4}\s?[.년][^()]*\)")
_BRACKETS = {"(": ")", "[": "]", "「": "」", "『": "』", "<": ">"}
_EDGE = " \t:：,.;·-–~/※⇒→"
_MAX_LABEL = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands: in which section, below what, in which project."""

    section: Section
    index: int
    title: str
    as_of: date

    @property
    def block(self) -> Block:
        return self.section.blocks[self.index]

    def ancestors(self) -> list[int]:
        """The blocks it stands under, the nearest first."""
        found, at = [], self.section.parents[self.index]
        while at is not None:
            found.append(at)
            at = self.section.parents[at]
        return found

    def context_kind(self) -> SectionKind:
        """What the innermost section-like heading above holds: `○ 사업개요` below `□ 추진실적` counts as overview.

        A dashed line is no heading, even when it is called `- 사업내용 : …`.
        """
        for at in self.ancestors():
            block = self.section.blocks[at]
            kind = vocabulary().section_kind(block.text.partition(":")[0]) if block.rank < RANK_DASH else None
            if kind and kind not in ("budget", "details"):
                return kind
        return self.section.kind

    def above(self) -> tuple[str, int]:
        """The words and the line of what this block belongs to, attribute lines and section names passed over."""
        blocks, parents = self.section.blocks, self.section.parents
        at: int | None = self.index
        while at is not None:
            parent = parents[at]
            # Where attributes follow their owner at once, they are its own; else it may be a line of their own level.
            floor = -1 if parent is None else parent
            before = (
                -1 if floor + 1 < at and is_attribute_line(blocks[floor + 1].text) and parent is not None else at - 1
            )
            if parent is not None and blocks[parent].rank >= RANK_DASH and blocks[at].rank > RANK_DASH:
                before = -1  # below a dashed item every attribute is that item's
            floor = max(floor, at - MAX_SIBLINGS_LOOKED_AT)
            while before > floor:
                block = blocks[before]
                sibling = parents[before] == parent and block.shape not in (Shape.NOTE, Shape.TABLE)
                if sibling and not is_attribute_line(block.text) and blocks[at].rank == block.rank:
                    return clean_label(block.text, ()), block.line
                before -= 1
            if parent is not None and (words := _own_words(blocks[parent].text)):
                return words, blocks[parent].line
            at = parent
        return self.title, self.section.heading.line if self.section.heading else self.block.line

    def below(self) -> str:
        """The words of the nearest line above that this one is nested under, else the project's title."""
        texts = (_own_words(self.section.blocks[at].text) for at in self.ancestors())
        return next((words for words in texts if words), self.title)

    def sub_item(self) -> int | None:
        """The line of the numbered sub-item that the block stands in, or None: two deadlines in one are one thing."""
        for at in self.ancestors():
            if self.section.blocks[at].number is not None:
                return self.section.blocks[at].line
        return None

    def chain(self) -> str:
        """All words above, the nearest first, for deciding what kind of thing this is."""
        return " ".join([*(self.section.blocks[at].text for at in self.ancestors()), self.title])


def is_attribute_line(text: str) -> bool:
    """Say whether a line only tells when, where or for whom of what stands above it."""
    label = re.split(r"[:：]", text, maxsplit=1)[0]
    lead = _LEAD.match(text)
    name = lead[1] if lead else label
    return vocabulary().is_any_attribute(name)


def split_clauses(words: str, expressions: Sequence[DateExpression] = ()) -> list[tuple[int, str]]:
    """Return the parts of a line that speak of different things, each with where it starts.

    Parts end at ` / `, `→` and `;`, at a comma after a closed bracket or before the next date, and before `/11월 예정`
    inside a bracket.
    """
    found, first, depth = [], 0, 0
    spans = [expression.span for expression in expressions]
    for end in _CLAUSE_END.finditer(words):
        if end[0] in "()":
            depth += 1 if end[0] == "(" else -1
            continue
        if end[0].startswith(","):
            before_date = any(start == end.end() for start, _ in spans) and any(
                first <= start and last <= end.start() for start, last in spans
            )
            inside = any(start < end.start() < last for start, last in spans)
            if depth > 0 or inside or not (before_date or words[end.start() - 1] == ")"):
                continue
        if depth <= 0 or end[0] == "/":
            found.append((first, words[first : end.start()]))
            first = end.end()
    found.append((first, words[first:]))
    return found


def clean_label(text: str, expressions: Sequence[DateExpression]) -> str:
    """Return the words without their dates, status brackets, notes and loose punctuation."""
    for expression in expressions:
        if not is_part_of_name(expression):
            text = text.replace(expression.raw, " ")
    text = _STATUS_BRACKET.sub(" ", text.partition("※")[0] or text)
    text = re.sub(r"\(\s*\)|\[\s*\]", " ", _DATE_BRACKET.sub(" ", text))
    text = _paired(re.sub(r"\s+", " ", text))
    return re.sub(r"\s예정$", "", text.strip(_EDGE))[:_MAX_LABEL].strip(_EDGE)


def is_part_of_name(expression: DateExpression) -> bool:
    """A half, quarter, year or holiday inside a sentence belongs to the name: `하반기 만족도 조사`, `추석 선물`."""
    if not any(letter.isdigit() for letter in expression.raw):
        return True
    return expression.precision in (Precision.YEAR, Precision.HALF, Precision.QUARTER, Precision.HOLIDAY)


def _paired(text: str) -> str:
    """Drop brackets that have lost their other half with the date between them."""
    keep = [True] * len(text)
    opened: list[int] = []
    for at, letter in enumerate(text):
        if letter in _BRACKETS:
            opened.append(at)
        elif letter in _BRACKETS.values():
            if opened and _BRACKETS[text[opened[-1]]] == letter:
                opened.pop()
            else:
                keep[at] = False
    for at in opened:
        keep[at] = False
    return "".join(letter for at, letter in enumerate(text) if keep[at])


def label_of(
    place: Place,
    line: int,
    words: str,
    clause: tuple[int, str],
    expression: DateExpression,
    others: Sequence[DateExpression],
) -> tuple[str, int, str]:
    """Return the label of a dated line, the line it stands on, and the attribute that introduced the date, if any."""
    first, last = expression.span
    start, text = clause
    if start and _JOINED.match(words) and is_attribute_line(words):
        start, text = 0, words  # `위치/기간 : 강변로 일원 / 2023 ~ 2027년` is one statement
    before, after = words[start:first], words[last : start + len(text)]
    head, colon, _ = before.partition(":")
    attribute = squeeze(head) if colon and is_attribute_line(words) else ""
    if colon and is_attribute_line(words) and not _LEAD.match(head):
        own = clean_label(after, others)
        if own and not _tells_when(attribute):
            return own, line, attribute
        above, above_line = place.above()
        if vocabulary().is_attribute("period", attribute) and attribute != "기간" and above == place.title:
            return f"{place.title} {head.strip()}", line, attribute
        if attribute not in vocabulary().known_attributes and not _JOINED.match(words):
            return f"{above} {head.strip()}", line, attribute
        return above, above_line, attribute
    lead = _LEAD.match(words)
    if lead and vocabulary().is_attribute("when", lead[1]):
        above, above_line = place.above()
        own = clean_label(text.removeprefix(lead[0]), others)
        return " ".join(filter(None, (above, own))), above_line, squeeze(lead[1])
    own = _own_label(words, start, before, after, text, others)
    if start and (not own or own in _TERMS) and ":" in words[:start]:
        own = " ".join(filter(None, (clean_label(words.partition(":")[0], others), own)))
    parent = place.section.parents[place.index]
    if own and colon and parent is not None and _tells_when(place.section.blocks[parent].text.partition(":")[0]):
        above, above_line = replace(place, index=parent).above()
        return f"{above} {own}", above_line, squeeze(place.section.blocks[parent].text.partition(":")[0])
    if own and not is_attribute_line(own):
        return own, line, attribute
    whole = clean_label(place.block.text, others)
    if whole and not is_attribute_line(whole) and len(place.block.parts) > 1:
        return whole, place.block.line, attribute
    above, above_line = place.above()
    return above, above_line, squeeze(own)


def _tells_when(label: str) -> bool:
    return any(vocabulary().is_attribute(role, label) for role in ("period", "when"))


def _own_label(words: str, start: int, before: str, after: str, clause: str, others: Sequence[DateExpression]) -> str:
    opened = _open_bracket(words[: start + len(before)]) if others and ")" not in others[0].raw else None
    if opened is not None:
        outside = clean_label(words[start if start < opened else 0 : opened], others)
        return outside or clean_label(after.partition(")")[2].partition(":")[0], others)
    head, colon, tail = before.partition(":")
    if colon and (len(tail.strip(" ~'’‘")) == 0 or clean_label(head, others)):
        return clean_label(head, others)
    if not before.strip(_EDGE):
        rest = after.lstrip(" :：")
        return clean_label(rest, others)
    if ":" in after and not colon:
        clause = clause[: len(clause) - len(after.partition(":")[2]) - 1]
    return clean_label(clause, others)


def _open_bracket(before: str) -> int | None:
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        if before[at] in ")]":
            depth += 1
        elif before[at] in "([":
            if depth == 0:
                return at
            depth -= 1
    return None


def _own_words(text: str) -> str:
    """What a line above lends as a name: nothing if it is an attribute, its value if it is a section's name."""
    head, colon, value = text.partition(":")
    if vocabulary().section_kind(head):
        return clean_label(value, ()) if colon else ""
    return "" if is_attribute_line(text) else clean_label(text, ())
