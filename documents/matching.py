"""Which project and milestone of the new edition is which of the last one: by name, number, window. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from documents.markup import squeeze

# Two titles this alike are one project; with the same number less is enough, since offices reword their titles.
SAME_TITLE = 0.75
SAME_TITLE_AND_NUMBER = 0.5
SAME_LABEL = 0.6
# Comparing every label with every label grows with the product; beyond it only equal labels are the same.
MAX_COMPARISONS = 40_000


@dataclass(frozen=True, slots=True)
class Titled:
    """A project as far as matching sees it."""

    title: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Labelled:
    """A milestone as far as matching sees it."""

    label: str
    raw: str
    start_on: date | None
    end_on: date | None
    section: str


def match_projects(old: Sequence[Titled], new: Sequence[Titled]) -> dict[int, int]:
    """For the places of `new` the places of `old` that are the same project of one department; each used once."""
    scores = [
        (_same_project(before, after), here, there)
        for here, after in enumerate(new)
        for there, before in enumerate(old)
    ]
    return _pairs(scores)


def match_milestones(old: Sequence[Labelled], new: Sequence[Labelled]) -> dict[int, int]:
    """For the places of `new` the places of `old` that are the same milestone of one project; each used once.

    First the same words with the same date, then the same words with the nearest date, then words that are alike,
    helped by the window and the section. Ties go to what stands first.
    """
    found: dict[int, int] = {}
    _pair_equal(found, old, new)
    _pair_same_words(found, old, new)
    taken = set(found.values())
    rest_old = [there for there in range(len(old)) if there not in taken]
    rest_new = [here for here in range(len(new)) if here not in found]
    if len(rest_old) * len(rest_new) <= MAX_COMPARISONS:
        scores = [(_same_milestone(old[there], new[here]), here, there) for here in rest_new for there in rest_old]
        found.update(_pairs(scores))
    return found


def likeness(one: str, other: str) -> float:
    """How alike two names are, 0 to 1, blanks apart."""
    a, b = squeeze(one), squeeze(other)
    if a == b:
        return 1.0
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= SAME_TITLE_AND_NUMBER else 0.0


def days_apart(one: Labelled, other: Labelled) -> int | None:
    """How many days lie between the ends (else the starts) of two windows; None where one has no day."""
    a, b = one.end_on or one.start_on, other.end_on or other.start_on
    return abs((a - b).days) if a and b else None


def _same_project(before: Titled, after: Titled) -> float:
    alike = likeness(before.title, after.title)
    numbered = before.number is not None and before.number == after.number
    if alike >= SAME_TITLE or (numbered and alike >= SAME_TITLE_AND_NUMBER):
        return alike + (0.05 if numbered else 0.0)
    return 0.0


def _same_milestone(before: Labelled, after: Labelled) -> float:
    alike = likeness(before.label, after.label)
    if alike < SAME_LABEL:
        return 0.0
    apart = days_apart(before, after)
    near = 0.0 if apart is None else max(0.0, 1 - apart / 180)
    if apart is None and before.end_on == after.end_on and before.start_on == after.start_on:
        near = 0.5  # neither has a day
    if alike < 0.85 and near < 0.3:
        return 0.0
    return 0.7 * alike + 0.2 * near + (0.1 if squeeze(before.section) == squeeze(after.section) else 0.0)


def _pair_equal(found: dict[int, int], old: Sequence[Labelled], new: Sequence[Labelled]) -> None:
    waiting: dict[tuple[str, str, date | None, date | None], list[int]] = {}
    for there, item in enumerate(old):
        waiting.setdefault(_words(item), []).append(there)
    for here, item in enumerate(new):
        if same := waiting.get(_words(item)):
            # Of several equal ones the one in the same section; else the first.
            best = next((there for there in same if squeeze(old[there].section) == squeeze(item.section)), same[0])
            same.remove(best)
            found[here] = best


def _words(item: Labelled) -> tuple[str, str, date | None, date | None]:
    return squeeze(item.label), squeeze(item.raw), item.start_on, item.end_on


def _pair_same_words(found: dict[int, int], old: Sequence[Labelled], new: Sequence[Labelled]) -> None:
    taken = set(found.values())
    before: dict[str, list[int]] = {}
    for there, item in enumerate(old):
        if there not in taken:
            before.setdefault(squeeze(item.label), []).append(there)
    scores = []
    for here, item in enumerate(new):
        same = before.get(squeeze(item.label), []) if here not in found else []
        for there in same[:200]:
            apart = days_apart(old[there], item)
            scores.append((1 / (1 + (10_000 if apart is None else apart)), here, there))
    found.update(_pairs(scores))


def _pairs(scores: list[tuple[float, int, int]]) -> dict[int, int]:
    """The best score first, each place once; equal scores in reading order."""
    found: dict[int, int] = {}
    taken: set[int] = set()
    for score, here, there in sorted(scores, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if score > 0 and here not in found and there not in taken:
            found[here] = there
            taken.add(there)
    return found
