"""What one message has to say: its items, each once, in the order in which they press."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from models import Ask, MilestoneKind, MilestoneStatus, NotificationKind

CAP = 10  # items shown in a section; the rest are counted


class Section(StrEnum):
    """The headings of a mail, in their order."""

    OVERDUE = "지연"
    TODAY = "오늘"
    THIS_WEEK = "이번 주"
    UPCOMING = "다가오는 일정"
    AT_RISK = "지연 우려"
    CONFIRM_DATE = "일자 확인"
    STATUS = "진행상황 요청"
    SUPPORTING = "협조 일정"


SECTIONS = tuple(Section)


class Item(NamedTuple):
    """One milestone, however many reminders point at it.

    `due_on` is the day that D-n counts to, None for an undated plan. `state` is the last known state with the day it
    was known on, ready to read. `owner` names the responsible post where it is not the addressee, `chain` who was
    asked and told before where nobody answered. `sequence` grows by one with every change of the window.
    """

    milestone_id: int
    label: str
    project: str
    kind: MilestoneKind
    status: MilestoneStatus
    asks: frozenset[Ask]
    due_on: date | None
    raw: str
    start_on: date | None
    end_on: date | None
    is_firm: bool  # the document names the very days, and does not hedge
    time: str | None
    state: str
    deadline_on: date | None = None  # the working day that the office takes for an end on a day off, else `end_on`
    baseline: str | None = None  # what was planned first, where it differs
    owner: str | None = None
    chain: str | None = None
    sequence: int = 0
    prepares: bool = False  # told ahead of the first day of what lasts, and has an end of its own
    is_beside: bool = False  # the addressee only supports it: it hears, and another post answers


@dataclass(frozen=True, slots=True)
class Colleague:
    """Whom a post's holder has asked to answer in their stead, and who that holder was."""

    name: str
    email: str
    passed_by: str


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its items: all of them, the most pressing first."""

    section: Section
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything a message says, but not to whom: people are looked up when it is sent.

    Empty when `parts` is: such a message is never sent. `answer_by` is the first day and time at which an answer is
    late, in the office's time zone. `rules` are the reasons why it came, in words.
    """

    key: str
    kind: NotificationKind
    unit: str
    post: str
    today: date
    slot_at: datetime
    parts: tuple[Part, ...]
    rules: tuple[str, ...] = ()
    answer_by: datetime | None = None
    round_title: str | None = None
    questions: tuple[str, ...] = ()  # what the round asks besides how things stand
    comment: str | None = None
    colleague: Colleague | None = None
    is_again: bool = False  # some of it was asked before on another channel, and nobody answered

    @property
    def count(self) -> int:
        return sum(len(part.items) for part in self.parts)

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for part in self.parts for item in part.items)

    @property
    def only_supports(self) -> bool:
        """Whether the addressee has nothing to answer here."""
        return all(part.section is Section.SUPPORTING for part in self.parts)

    def part(self, section: Section) -> tuple[Item, ...]:
        return next((part.items for part in self.parts if part.section is section), ())


def arrange(items: Iterable[Item], today: date) -> tuple[Part, ...]:
    """The items in their sections; sections without items are left out."""
    found: dict[Section, list[Item]] = {}
    for item in items:
        found.setdefault(section_of(item, today), []).append(item)
    return tuple(Part(section, tuple(sorted(found[section], key=_urgency))) for section in SECTIONS if section in found)


def _urgency(item: Item) -> tuple[date, int]:
    return item.due_on or date.max, item.milestone_id


def section_of(item: Item, today: date) -> Section:
    """Where the item stands, by its own day on the day of sending; what only asks stands apart.

    A deadline that is over is called 지연 only when the office was told so before (it is overdue by a rule, or the
    last answer said so): until then the mail asks for the result and does not judge.
    """
    if item.is_beside:
        return Section.SUPPORTING
    if item.asks <= {Ask.ESCALATION}:
        return Section.OVERDUE if item.due_on is not None and item.due_on < today else Section.AT_RISK
    if item.asks <= {Ask.CONFIRM_DATE}:
        return Section.CONFIRM_DATE
    if item.due_on is None or item.asks <= {Ask.CHECK, Ask.QUIET, Ask.CONFIRM_DATE}:
        return Section.STATUS
    if item.due_on < today:
        known = Ask.OVERDUE in item.asks or item.status is MilestoneStatus.DELAYED
        return Section.OVERDUE if known else Section.STATUS
    if item.due_on == today:
        return Section.TODAY
    sunday = today + timedelta(days=6 - today.weekday())
    return Section.THIS_WEEK if item.due_on <= sunday else Section.UPCOMING
