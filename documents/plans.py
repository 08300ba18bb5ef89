"""Plans without a date: what is intended or running and must be asked about regularly, since no day will remind of it."""

import re
from collections.abc import Iterator, Sequence

from documents.labels import is_attribute_line
from documents.markup import squeeze
from documents.outline import Block, Shape
from documents.owners import find_owners
from documents.projects import Section
from documents.reading import MilestoneRow, UndatedPlan
from documents.vocabulary import vocabulary

_INTENDED = re.compile(r"예정(?!액|지|된|한)|계획임|할\s?계획")
_RUNNING = re.compile(r"(?:진행|추진|협의|검토|작성|공사|시행)\s?중(?![가-힣])|정상\s?추진")
_CONDITION = re.compile(
    r"((?:\S+\s){0,2}\S*(?:확보|확정|수립|편성|승인|통과|선정|협의|결정|결과|완료|개정|성립)\s?(?:후|시|이후|되면|에 따라|전))(?=\s|$|[),])"
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
    containers = {
        owner
        for block, owner in zip(section.blocks, section.parents, strict=True)
        if owner is not None
        and block.shape is Shape.ITEM
        and not is_attribute_line(block.text)
        and block.lead not in "⇒→"
    }
    for index, (block, owner) in enumerate(zip(section.blocks, section.parents, strict=True)):
        if block.shape is Shape.TABLE or any(line in dated for line, _ in block.parts) or len(squeeze(block.text)) < 4:
            continue
        running, intended = _RUNNING.search(block.text), _INTENDED.search(block.text)
        below_attribute = any(is_attribute_line(section.blocks[at].text) for at in _chain(section, owner))
        if section.kind == "next_steps":
            plain = index not in containers and not below_attribute and not is_attribute_line(block.text)
            wanted = plain and block.shape is not Shape.NOTE and not _is_label(block)
        elif section.kind == "problems":
            wanted = (
                block.shape is not Shape.NOTE
                and (owner is not None or block.lead in tuple("⇒→"))
                and not _is_label(block)
            )
        else:
            wanted = section.kind in ("results", "details")
            wanted = wanted and bool(running or intended) and block.shape is not Shape.HEADING
        if wanted or (intended and section.kind in ("results", "details", "next_steps")):
            condition = _CONDITION.search(block.text)
            yield UndatedPlan(
                block.text,
                block.line,
                section.name,
                section.kind,
                "in_progress" if running and not intended else "planned",
                find_owners(block.text),
                (condition[1] or condition[2]).strip() if condition else None,
            )


def _chain(section: Section, owner: int | None) -> Iterator[int]:
    while owner is not None:
        yield owner
        owner = section.parents[owner]


def _is_label(block: Block) -> bool:
    """A bare unit line or a section's name says nothing by itself."""
    return block.text.startswith("(단위") or vocabulary().section_kind(block.text) is not None
