"""One thing stated twice: which milestones of a project repeat another, and which contradict each other."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from documents.reading import MilestoneRow

_WORD = re.compile(r"[가-힣A-Za-z0-9]+")
_EMPTY = re.compile(r"사업기간|추진기간|준공|완료|공사|추진|실시|개최|시행|운영|지원|예정|기간|제\d+회|제\d+기|\d{4}년")
_COMPLETES = re.compile(r"완료|종료|마무리|정산|결과")
_ALIKE, _SAME = 0.5, 0.8
_FINE = ("day", "week", "part-of-month", "month", "range")
_FINENESS = {"day": 0, "range": 1, "week": 1, "part-of-month": 2, "month": 3, "holiday": 3, "season": 4, "quarter": 4}


def mark_duplicates(rows: Sequence[MilestoneRow]) -> tuple[MilestoneRow, ...]:
    """Return the rows with `duplicate_of` set on those that repeat another: the finer window is kept, then the plan.

    The same deadline is: an open period and a plan that end on the same day and speak of the same thing, or two plans
    of one kind and one name whose windows overlap. A line printed twice counts once, done or not.
    """
    marked = dict(enumerate(rows))
    for kept, repeated in _pairs(rows):
        if marked[kept].duplicate_of is None and marked[repeated].duplicate_of is None:
            marked[repeated] = replace(marked[repeated], duplicate_of=rows[kept].line)
    return tuple(marked.values())


def conflicts(rows: Sequence[MilestoneRow]) -> Iterator[tuple[MilestoneRow, MilestoneRow]]:
    """Yield pairs that name one thing with one first day and different last days: the same visit with two ends."""
    by_start: dict[object, list[MilestoneRow]] = defaultdict(list)
    for row in rows:
        if row.start and row.end and row.precision in ("day", "range") and not row.is_period:
            by_start[row.start].append(row)
    for group in by_start.values():
        for at, first in enumerate(group[:50]):
            for second in group[at + 1 : 50]:
                ends = first.end != second.end and first.start != first.end and second.start != second.end
                if ends and likeness(first.label, second.label) >= _ALIKE:
                    yield first, second


def likeness(one: str, other: str) -> float:
    """Return how much of the shorter label the longer one holds, 0 to 1, by pairs of letters, empty words apart."""
    a, b = _pairs_of_letters(one), _pairs_of_letters(other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _pairs(rows: Sequence[MilestoneRow]) -> Iterator[tuple[int, int]]:
    """Pairs (kept, repeated). Only rows that end on one day, or on days of one month, are compared with each other."""
    buckets: dict[object, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        if row.end is not None:
            buckets[row.end.year, row.end.month].append(index)
    for bucket in buckets.values():
        for at, one in enumerate(bucket[:200]):
            for other in bucket[at + 1 : 200]:
                if _same_thing(rows[one], rows[other]):
                    yield (one, other) if _order(rows[one]) <= _order(rows[other]) else (other, one)


def _same_thing(one: MilestoneRow, other: MilestoneRow) -> bool:
    if (one.label, one.start, one.end) == (other.label, other.start, other.end) and one.line != other.line:
        return True
    if not (one.is_deadline and other.is_deadline) or one.line == other.line:
        return False
    if one.is_period != other.is_period:
        plan = other if one.is_period else one
        scoped = one.sub_item is not None and one.sub_item == other.sub_item
        fits = one.end == other.end and plan.precision in _FINE
        return fits and (scoped or (_ends_project(plan) and likeness(one.label, other.label) >= _ALIKE))
    if one.is_period or one.kind != other.kind or not _overlap(one, other):
        return False
    if likeness(one.label, other.label) < _SAME:
        return False
    # Two ranges are one thing only when they are one window: a course within a programme may end with it.
    ranges = one.precision == other.precision == "range"
    return not ranges or (one.start, one.end) == (other.start, other.end)


def _ends_project(plan: MilestoneRow) -> bool:
    """Say whether a plan is how a project ends: 준공, 개관, 완료; another step of the last month is none."""
    return plan.kind in ("completion", "opening", "event", "training") or _COMPLETES.search(plan.label) is not None


def _overlap(one: MilestoneRow, other: MilestoneRow) -> bool:
    return (one.start is None or other.end is None or one.start <= other.end) and (
        other.start is None or one.end is None or other.start <= one.end
    )


def _order(row: MilestoneRow) -> tuple[bool, int, bool]:
    return row.is_period, _FINENESS.get(row.precision, 5), row.section_kind != "next_steps"


@lru_cache(maxsize=1024)
def _pairs_of_letters(label: str) -> frozenset[str]:
    text = "".join(_WORD.findall(_EMPTY.sub("", label)))
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))
