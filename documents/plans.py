"""Plans without a date: what is intended or running and must be asked about, since no day will remind of it."""

import re
from collections.abc import Iterator, Sequence

from documents.labels import is_attribute_line
from documents.markup import squeeze
from documents.outline import Block, Shape
from documents.owners import find_owners
from documents.reading import MilestoneRow, UndatedPlan
from documents.sections import Section
from documents.vocabulary import vocabulary

_INTENDED = re.compile(r"예정(?!액|지|된|한)|계획임|할\s?계획")
_RUNNING = re.compile(r"(?:진행|추진|협의|검토|작성|공사|시행)\s?중(?![가-힣])|정상\s?추진")
_ARROWS = tuple("⇒→⇨➡➔➜↳└")
_AS_OF = re.compile(r"기준\s*\)|기준일")
_LAW = re.compile(r"[」』]\s*(?:일부|전부)?\s*(?:개정|제정|시행)")
_CONDITION = re.compile(
    r"((?:\S{1,20}\s){0,2}\S{0,20}(?:확보|확정|수립|편성|승인|통과|선정|협의|결정|결과|완료|개정|성립)"
    r"\s?(?:후|시|이후|되면|에 따라|전))(?=\s|$|[),])"
    r"|(필요\s?시)"
)


def undated_plans(sections: Sequence[Section], milestones: Sequence[MilestoneRow]) -> tuple[UndatedPlan, ...]:
    """Return plans, measures and running works of a project that carry no date of their own, in order.

    In sections of next steps every line that is not an attribute of another counts, and in problems every measure;
    elsewhere a line counts when its words say that something is running or intended.
    """
    dated = {line for row in milestones for line in (row.line, row.label_line)}
    return tuple(plan for section in sections for plan in _of_section(section, dated))


def _of_section(section: Section, dated: set[int]) -> Iterator[UndatedPlan]:
    above_dates, said = _above_dates(section, dated), set[int]()
    for index, (block, owner) in enumerate(zip(section.blocks, section.parents, strict=True)):
        if owner in said:
            said.add(index)
        if block.shape is Shape.TABLE or len(squeeze(block.text)) < 4 or _says_nothing(block):
            continue
        if _AS_OF.search(block.text):
            said.add(index)
        own_date = any(line in dated for line, _ in block.parts)
        if index in above_dates or own_date or index in said or not _is_plan(section, block, owner, dated):
            continue
        said.add(index)
        condition = _CONDITION.search(block.text)
        yield UndatedPlan(
            block.text,
            block.line,
            section.name,
            section.kind,
            "in_progress" if _RUNNING.search(block.text) and not _INTENDED.search(block.text) else "planned",
            find_owners(block.text),
            (condition[1] or condition[2]).strip(" :") if condition else None,
        )


def _is_plan(section: Section, block: Block, owner: int | None, dated: set[int]) -> bool:
    """The outermost line that states the plan counts; below a dated line only what names an office or an intention."""
    intended = bool(_INTENDED.search(block.text))
    if section.kind == "problems":
        return (
            (owner is not None or block.lead in _ARROWS)
            and block.shape is not Shape.NOTE
            and not _LAW.search(block.text)
        )
    if section.kind == "next_steps":
        if block.shape is Shape.NOTE or is_attribute_line(block.text) or _AS_OF.search(block.text):
            return intended
        if owner is None:
            return True
        parent = section.blocks[owner]
        if is_attribute_line(parent.text):
            return intended
        below_date = any(line in dated for line, _ in parent.parts)
        return not below_date or intended or bool(find_owners(block.text))
    return section.kind in ("results", "details") and (intended or bool(_RUNNING.search(block.text)))


def _above_dates(section: Section, dated: set[int]) -> set[int]:
    """The blocks that have a dated line somewhere below them: the dated line speaks for them."""
    found: set[int] = set()
    for block, owner in zip(section.blocks, section.parents, strict=True):
        if any(line in dated for line, _ in block.parts):
            while owner is not None and owner not in found:
                found.add(owner)
                owner = section.parents[owner]
    return found


def _says_nothing(block: Block) -> bool:
    """A bare unit line or a section's name says nothing by itself."""
    return block.text.startswith("(단위") or vocabulary().section_kind(block.text) is not None
