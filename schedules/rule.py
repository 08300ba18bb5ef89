"""One reminder rule: read from a table, a form or a row, and refused with its field where it cannot work."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import time
from enum import StrEnum
from typing import TypeVar

from models import BESIDE, Ask, Certainty, ChannelName, MilestoneKind, OffsetUnit, RepeatUntil, WhichEnd
from schedules.dates_expression import Precision
from schedules.items import FIRM_PRECISIONS
from schedules.requests import ASKS_FOR_AN_ANSWER
from settings import Refusal

LONGEST_OFFSET = 730
MOST_OFFSETS = 20
HIGHEST_LEVEL = 2
SUPPORTING = "supporting"  # how people write the level BESIDE
MOST_REPEATS = 100
LONGEST_FALLBACK = 60  # working days: about a quarter
FALLBACK_WORKING_DAYS = 5
CHECKS_SPREAD = 10  # working days over which the checks of different posts are spread
SPREAD_FROM = 30  # days until the first check: sooner, each of them matters
SCOPES = ("unit_id", "project_id", "milestone_id")
# What each ask allows: lowest and highest offset, and whether it may repeat.
ASKS = {
    Ask.UPCOMING: (-LONGEST_OFFSET, -1, False),
    Ask.TODAY: (0, 0, False),
    Ask.OVERDUE: (1, LONGEST_OFFSET, True),
    Ask.CONFIRM_DATE: (-LONGEST_OFFSET, -1, False),
    Ask.STATUS: (0, LONGEST_OFFSET, True),
    Ask.CHECK: (1, LONGEST_OFFSET, True),
    Ask.QUIET: (1, LONGEST_OFFSET, True),
}

FROM_ANSWERS = frozenset({Ask.CHECK, Ask.QUIET})  # counted from the last answer, not from a window
ASKED_AT_END = frozenset({Ask.STATUS, Ask.OVERDUE})  # what an answer on the last day or later settles

Word = TypeVar("Word", bound=StrEnum)


class RuleError(Refusal):
    """A rule that cannot be kept as given; `field` is the one to change, the text says what is allowed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that has been read and checked; `models.rule.ReminderRule` says what the fields mean."""

    id: int
    name: str
    ask: Ask
    unit_id: int | None
    project_id: int | None
    milestone_id: int | None
    kinds: tuple[str, ...]
    precisions: tuple[str, ...]
    certainty: Certainty
    which_end: WhichEnd
    offsets: tuple[int, ...]
    offset_unit: OffsetUnit
    time: time
    repeat_every: int
    repeat_unit: OffsetUnit
    repeat_until: RepeatUntil
    most_repeats: int
    levels: tuple[int, ...]
    channels: tuple[str, ...]
    fallback_working_days: int
    position: int

    @property
    def has_choice(self) -> bool:
        """Whether it has to be looked up on which channel it goes out: mail alone goes as mail always does."""
        return self.channels != (ChannelName.EMAIL,)

    @property
    def waits_between_channels(self) -> bool:
        """Whether what it asks is asked again on the next channel; what asks for no answer only passes over some."""
        return len(self.channels) > 1 and self.ask in ASKS_FOR_AN_ANSWER

    @property
    def tells_supporting(self) -> bool:
        return BESIDE in self.levels

    @property
    def outlasts_answers(self) -> bool:
        """Whether its repeats go on after an answer, until the milestone is done."""
        return self.repeat_every > 0 and self.repeat_until is RepeatUntil.DONE

    @property
    def is_scoped(self) -> bool:
        return any(getattr(self, scope) is not None for scope in SCOPES)


def read_rule(values: Mapping[str, object], rule_id: int = 0) -> Rule:
    """A rule from named values (a table of `defaults.toml`, a form, a row). Raises RuleError at the first bad one."""
    unknown = sorted(set(values) - {field.name for field in fields(Rule)})
    if unknown:
        raise RuleError(unknown[0], f"없는 항목입니다. 쓸 수 있는 항목: {', '.join(f.name for f in fields(Rule)[1:])}")
    ask = _ask(values)
    rule = Rule(
        id=rule_id,
        name=_name(values),
        ask=ask,
        unit_id=_number(values, "unit_id"),
        project_id=_number(values, "project_id"),
        milestone_id=_number(values, "milestone_id"),
        kinds=_words(values, "kinds", list(MilestoneKind)),
        precisions=_words(values, "precisions", list(Precision)),
        certainty=_word(values, "certainty", Certainty, Certainty.ANY),
        which_end=_word(values, "which_end", WhichEnd, WhichEnd.NONE if ask in FROM_ANSWERS else WhichEnd.DEFAULT),
        offsets=_offsets(values, ask),
        offset_unit=_word(values, "offset_unit", OffsetUnit, OffsetUnit.CALENDAR),
        time=_time(values),
        repeat_every=_repeat(values, ask),
        repeat_unit=_word(values, "repeat_unit", OffsetUnit, OffsetUnit.CALENDAR),
        repeat_until=_word(values, "repeat_until", RepeatUntil, RepeatUntil.ANSWERED),
        most_repeats=_most_repeats(values),
        levels=_levels(values),
        channels=_words(values, "channels", list(ChannelName)) or (ChannelName.EMAIL.value,),
        fallback_working_days=_fallback(values),
        position=_number(values, "position") or 0,
    )
    _check_together(rule)
    return rule


def is_spread(ask: Ask, offsets: Sequence[int]) -> bool:
    """Whether not every post is asked on the day that the rule counts to, but some up to CHECKS_SPREAD - 1 later."""
    return ask in FROM_ANSWERS and bool(offsets) and min(offsets) >= SPREAD_FROM


def _check_together(rule: Rule) -> None:
    if sum(getattr(rule, scope) is not None for scope in SCOPES) > 1:
        raise RuleError("unit_id", "적용 범위는 부서, 사업, 일정 가운데 하나만 정할 수 있습니다.")
    if not rule.offsets and not rule.is_scoped:
        raise RuleError(
            "offsets", "시점이 하나도 없으면 아무것도 알리지 않습니다. 전체 규칙을 끄려면 규칙을 삭제해 주세요."
        )
    if rule.repeat_every and not rule.offsets:
        raise RuleError("repeat_every", "반복은 마지막 시점 뒤에 이어집니다. offsets에 첫 시점을 정해 주세요.")
    _check_stop(rule)
    if (rule.ask in FROM_ANSWERS) != (rule.which_end is WhichEnd.NONE):
        raise RuleError(
            "which_end", "check, quiet는 기준 없이(none), 나머지는 start, end, both, default 가운데 하나로 정합니다."
        )
    _check_channels(rule)
    impossible = "이 조건에 맞는 일정이 있을 수 없어 한 번도 알리지 않습니다."
    if rule.ask is not Ask.CHECK and set(rule.precisions) == {Precision.NONE}:
        raise RuleError("precisions", f"{impossible} 날짜가 없는 일정은 점검(check)으로 알립니다.")
    if rule.certainty is Certainty.FIRM and rule.precisions and not FIRM_PRECISIONS & set(rule.precisions):
        raise RuleError("certainty", f"{impossible} 확정(firm)은 {', '.join(sorted(FIRM_PRECISIONS))}에만 있습니다.")


def _check_stop(rule: Rule) -> None:
    if rule.most_repeats and not rule.repeat_every:
        raise RuleError(
            "most_repeats", "반복하지 않는 규칙에는 횟수를 정하지 않습니다. repeat_every를 정하거나 0으로 두세요."
        )
    if rule.repeat_until is not RepeatUntil.DONE:
        return
    if not rule.repeat_every:
        raise RuleError(
            "repeat_until", "반복하지 않는 규칙은 멈출 때가 없습니다. repeat_every를 정하거나 answered로 두세요."
        )
    if rule.ask not in ASKED_AT_END:
        allowed = ", ".join(sorted(ASKED_AT_END))
        raise RuleError(
            "repeat_until",
            f"{rule.ask}은(는) 답하면 그날부터 다시 셉니다. 완료될 때까지(done)는 {allowed}에만 정합니다.",
        )


def _check_channels(rule: Rule) -> None:
    if ChannelName.PAPER not in rule.channels:
        return
    if rule.channels[-1] != ChannelName.PAPER:
        raise RuleError("channels", "종이 목록(paper)은 마지막 경로입니다. 예: email,inbox,paper")
    if rule.ask not in ASKS_FOR_AN_ANSWER:
        asking = ", ".join(ask for ask in ASKS if ask in ASKS_FOR_AN_ANSWER)
        raise RuleError("channels", f"종이 목록(paper)은 답을 기다리는 요청만 싣습니다. 가능한 요청: {asking}")


def _name(values: Mapping[str, object]) -> str:
    name = values.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[^\s/][^\r\n/]{0,79}", name):
        raise RuleError("name", "규칙의 이름을 80자 안에서 정해 주세요. 줄바꿈과 '/'는 쓸 수 없습니다.")
    return name


def _word(values: Mapping[str, object], field: str, words: type[Word], default: Word | None = None) -> Word:
    given = values.get(field)
    if given is None and default is not None:
        return default
    try:
        return words(str(given))
    except ValueError as error:
        raise RuleError(field, f"'{given}'은(는) 쓸 수 없습니다. 가능한 값: {', '.join(words)}") from error


def _ask(values: Mapping[str, object]) -> Ask:
    given = values.get("ask")
    if given not in list(ASKS):
        raise RuleError("ask", f"'{given}'은(는) 쓸 수 없습니다. 가능한 값: {', '.join(ASKS)}")
    return Ask(str(given))


def _words(values: Mapping[str, object], field: str, allowed: Sequence[str]) -> tuple[str, ...]:
    given = _list(values, field)
    for word in given:
        if word not in allowed:
            raise RuleError(field, f"'{word}'은(는) 쓸 수 없습니다. 가능한 값: {', '.join(allowed)}")
    return tuple(dict.fromkeys(str(word) for word in given))


def _list(values: Mapping[str, object], field: str) -> Sequence[object]:
    given = values.get(field)
    if given is None:
        return ()
    if not isinstance(given, (list, tuple)):
        raise RuleError(field, f"목록이어야 합니다('{given}'). 예: [-30, -7, -1]")
    return given


def _integers(values: Mapping[str, object], field: str, low: int, high: int) -> tuple[int, ...]:
    found: set[int] = set()
    for number in _list(values, field):
        if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
            raise RuleError(field, f"'{number}'은(는) 쓸 수 없습니다. {low}에서 {high} 사이의 정수여야 합니다.")
        found.add(number)
    return tuple(sorted(found))


def _offsets(values: Mapping[str, object], ask: Ask) -> tuple[int, ...]:
    low, high, _ = ASKS[ask]
    found = _integers(values, "offsets", low, high)
    if len(found) > MOST_OFFSETS:
        raise RuleError("offsets", f"시점은 {MOST_OFFSETS}개까지 정할 수 있습니다({len(found)}개).")
    return found


def _levels(values: Mapping[str, object]) -> tuple[int, ...]:
    """`supporting` for the posts beside."""
    given = _list(values, "levels")
    told = [BESIDE if level in (SUPPORTING, BESIDE) else level for level in given]
    upwards = _integers({"levels": [level for level in told if level != BESIDE]}, "levels", 0, HIGHEST_LEVEL)
    return (*((BESIDE,) if BESIDE in told else ()), *upwards) or (0,)


def _repeat(values: Mapping[str, object], ask: Ask) -> int:
    repeat = _number(values, "repeat_every") or 0
    if repeat > LONGEST_OFFSET:
        raise RuleError("repeat_every", f"'{repeat}'은(는) 쓸 수 없습니다. 0에서 {LONGEST_OFFSET} 사이여야 합니다.")
    if repeat and not ASKS[ask][2]:
        repeating = ", ".join(ask for ask, (_, _, may_repeat) in ASKS.items() if may_repeat)
        raise RuleError("repeat_every", f"{ask}은(는) 반복하지 않습니다. 반복할 수 있는 것: {repeating}")
    return repeat


def _most_repeats(values: Mapping[str, object]) -> int:
    most = _number(values, "most_repeats") or 0
    if most > MOST_REPEATS:
        raise RuleError(
            "most_repeats", f"'{most}'은(는) 쓸 수 없습니다. 1에서 {MOST_REPEATS} 사이, 0은 제한 없음입니다."
        )
    return most


def _fallback(values: Mapping[str, object]) -> int:
    days = _number(values, "fallback_working_days")
    if days is not None and not 1 <= days <= LONGEST_FALLBACK:
        raise RuleError(
            "fallback_working_days", f"'{days}'은(는) 쓸 수 없습니다. 근무일 1에서 {LONGEST_FALLBACK} 사이입니다."
        )
    return FALLBACK_WORKING_DAYS if days is None else days


def _number(values: Mapping[str, object], field: str) -> int | None:
    given = values.get(field)
    if given is not None and (not isinstance(given, int) or isinstance(given, bool) or given < 0):
        raise RuleError(field, f"'{given}'은(는) 쓸 수 없습니다. 0 이상의 정수여야 합니다.")
    return given


def _time(values: Mapping[str, object]) -> time:
    given = str(values.get("time", "09:00"))
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", given)
    if match is None:
        raise RuleError("time", f"'{given}'은(는) 시각이 아닙니다. 00:00에서 23:59 사이, 예: 09:00")
    return time(int(match[1]), int(match[2]))
