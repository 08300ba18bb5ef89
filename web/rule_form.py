"""The form of a reminder rule: from a stored rule or what was typed, to the values that `schedules.rule` reads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from starlette.datastructures import FormData

from models import BESIDE, Ask, ChannelName, EscalationStep, ReminderRule, RepeatUntil
from schedules.escalation_steps import ESCALATED, Step
from schedules.rule import ASKS, FROM_ANSWERS, RuleError

BEFORE = (Ask.UPCOMING, Ask.CONFIRM_DATE)  # days typed for these count backwards
LEVELS = (0, BESIDE, 1, 2)
# The fields of a refusal by those of the page.
FIELDS = {
    "offsets": "days",
    "fallback_working_days": "fallback",
    "escalate": "escalate1",
    "unit_id": "unit",
    "project_id": "unit",
    "milestone_id": "unit",
}
# Every order that a rule may name: paper is the last, since nothing comes back from it by itself.
ORDERS = tuple(
    (*order, *paper)
    for count in (1, 2, 0)
    for order in permutations((ChannelName.EMAIL, ChannelName.INBOX), count)
    for paper in ((), (ChannelName.PAPER,))
    if order or paper
)


@dataclass(frozen=True, slots=True)
class RuleForm:
    """Every field as text, as the page shows it; `days` without a sign."""

    name: str = ""
    ask: str = Ask.UPCOMING.value
    unit: str = ""
    project: str = ""
    milestone: str = ""
    kinds: tuple[str, ...] = ()
    precisions: tuple[str, ...] = ()
    certainty: str = "any"
    which_end: str = "default"
    days: str = "7"
    offset_unit: str = "calendar"
    time: str = "09:00"
    repeat_every: str = ""
    repeat_unit: str = "calendar"
    repeat_until: str = "answered"
    most_repeats: str = ""
    levels: tuple[str, ...] = ("0",)
    channels: str = "email"
    fallback: str = "5"
    escalate1: str = ""
    escalate2: str = ""

    def values(self) -> dict[str, object]:
        """What `set_rule` takes. Raises RuleError for a field that is no number where one must be."""
        ask = Ask(self.ask) if self.ask in list(ASKS) else None
        days = [abs(_number("offsets", part)) for part in re.split(r"[,\s]+", self.days) if part]
        if ask is Ask.TODAY:
            days = [0]
        return {
            "name": self.name.strip(),
            "ask": self.ask,
            "unit_id": _id(self.unit),
            "project_id": _id(self.project),
            "milestone_id": _id(self.milestone),
            "kinds": list(self.kinds),
            "precisions": list(self.precisions),
            "certainty": self.certainty,
            "which_end": "none" if ask in FROM_ANSWERS else self.which_end,
            "offsets": [-day for day in days] if ask in BEFORE else days,
            "offset_unit": self.offset_unit,
            "time": self.time.strip(),
            "repeat_every": _number("repeat_every", self.repeat_every) if self.repeat_every.strip() else 0,
            "repeat_unit": self.repeat_unit,
            "repeat_until": self.repeat_until,
            "most_repeats": _number("most_repeats", self.most_repeats) if self.most_repeats.strip() else 0,
            "levels": [_number("levels", level) for level in self.levels],
            "channels": [channel for channel in self.channels.split(",") if channel],
            "fallback_working_days": _number("fallback_working_days", self.fallback) if self.fallback.strip() else None,
        }

    def steps(self) -> list[Step]:
        if self.ask not in list(ESCALATED):
            return []
        typed = ((self.escalate1, 1), (self.escalate2, 2))
        return [Step(_number("escalate", days), level) for days, level in typed if days.strip()]


def form_of_rule(rule: ReminderRule, steps: Sequence[EscalationStep]) -> RuleForm:
    up = {step.level: str(step.after_working_days) for step in steps}
    return RuleForm(
        name=rule.name,
        ask=rule.ask.value,
        unit=str(rule.unit_id or ""),
        project=str(rule.project_id or ""),
        milestone=str(rule.milestone_id or ""),
        kinds=tuple(rule.kinds),
        precisions=tuple(rule.precisions),
        certainty=rule.certainty.value,
        which_end=rule.which_end.value,
        days=", ".join(str(abs(offset)) for offset in rule.offsets),
        offset_unit=rule.offset_unit.value,
        time=rule.time,
        repeat_every=str(rule.repeat_every or ""),
        repeat_unit=rule.repeat_unit.value,
        repeat_until=rule.repeat_until.value,
        most_repeats=str(rule.most_repeats or ""),
        levels=tuple(str(level) for level in rule.levels),
        channels=",".join(rule.channels),
        fallback=str(rule.fallback_working_days),
        escalate1=up.get(1, ""),
        escalate2=up.get(2, ""),
    )


def read_form(form: FormData) -> RuleForm:
    def text(name: str) -> str:
        value = form.get(name)
        return value if isinstance(value, str) else ""

    def texts(name: str) -> tuple[str, ...]:
        return tuple(value for value in form.getlist(name) if isinstance(value, str))

    return RuleForm(
        name=text("name"),
        ask=text("ask"),
        unit=text("unit"),
        project=text("project"),
        milestone=text("milestone"),
        kinds=texts("kinds"),
        precisions=texts("precisions"),
        certainty=text("certainty"),
        which_end=text("which_end"),
        days=text("days"),
        offset_unit=text("offset_unit"),
        time=text("time"),
        repeat_every=text("repeat_every"),
        repeat_unit=text("repeat_unit"),
        repeat_until=text("repeat_until") or RepeatUntil.ANSWERED.value,
        most_repeats=text("most_repeats"),
        levels=texts("levels"),
        channels=text("channels"),
        fallback=text("fallback"),
        escalate1=text("escalate1"),
        escalate2=text("escalate2"),
    )


@dataclass(frozen=True, slots=True)
class Complaint:
    """A refusal at the page's own field, in words without the name of the value."""

    field: str
    words: str

    def __str__(self) -> str:
        return self.words


def complaint_of(error: RuleError) -> Complaint:
    field = FIELDS.get(error.field, error.field)
    return Complaint(field, str(error).removeprefix(f"{error.field}: "))


def _id(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _number(field: str, text: str) -> int:
    digits = text.strip().removesuffix("일").strip()
    if not re.fullmatch(r"[+-]?\d{1,6}", digits):
        raise RuleError(field, f"'{text.strip()}'은(는) 수가 아닙니다. 일수를 수로 적어 주세요. 예: 30, 7, 1")
    return int(digits)
