"""A reminder rule as the sentence an officer would say."""

from models import BESIDE, Ask, Certainty, ChannelName, ReminderRule, WhichEnd
from schedules.occasions import QUIET_AHEAD
from schedules.requests import ASKS_FOR_AN_ANSWER
from schedules.rule import CHECKS_SPREAD, FROM_ANSWERS, is_spread
from web.catalogue import Both, in_english, phrase, word_of, words_of

FEW = 3  # precisions that a rule leaves out, named as exceptions instead of naming all the others


def sentences(rule: ReminderRule, scope: str | None = None) -> Both:
    return Both(sentence(rule, scope), _english(rule, scope))


def sentence(rule: ReminderRule, scope: str | None = None) -> str:
    """`날짜가 정해진 모든 일정: 기준일 30일, 7일, 1일 전 09:00에 담당자에게 일정이 다가온다고 알립니다.`"""
    who = " · ".join(phrase("level", str(level)) for level in _hearing(rule))
    about, left_out = _about(rule)
    subject = ", ".join(about) or phrase("certainty", "any")
    if rule.ask is Ask.QUIET:
        subject = f"사업마다 기한이 가장 가까운 {'' if not about else subject}".rstrip()
    exception = f"({' · '.join(left_out)} 일정은 빼고)" if rule.precisions and 0 < len(left_out) <= FEW else ""
    when = _when(rule)
    again = ""
    if rule.repeat_every and rule.ask not in FROM_ANSWERS:
        unit = phrase("unit", rule.repeat_unit.value)
        until = phrase("until", rule.repeat_until.value)
        again = f" {until} {unit}{rule.repeat_every}일마다 {_at_most(rule)}다시 알립니다."
    elif rule.most_repeats:
        again = f" 답이 없으면 그 뒤로 {_at_most(rule)}다시 알립니다."
    place = f"[{scope}] " if scope else ""
    ask = phrase("ask", rule.ask.value)
    return f"{place}{subject} 일정{exception}: {when} {rule.time}에 {who}에게 {ask}.{again}{_channels(rule)}"


def _hearing(rule: ReminderRule) -> list[int]:
    """Who answers first, then the posts above, then those beside."""
    return sorted(rule.levels, key=lambda level: (level == BESIDE, level))


def _at_most(rule: ReminderRule) -> str:
    return f"{rule.most_repeats}번까지 " if rule.most_repeats else ""


def _channels(rule: ReminderRule) -> str:
    """` 경로: 전자우편 → 종이 목록. 답이 없으면 근무일 5일마다 다음 경로로 알립니다.`; nothing for mail alone."""
    if rule.channels == [ChannelName.EMAIL]:
        return ""
    order = " → ".join(phrase("channel", channel) for channel in rule.channels)
    waits = len(rule.channels) > 1 and rule.ask in ASKS_FOR_AN_ANSWER
    again = f" 답이 없으면 근무일 {rule.fallback_working_days}일마다 다음 경로로 알립니다." if waits else ""
    return f" 경로: {order}.{again}"


def _channels_in_english(rule: ReminderRule) -> str:
    if rule.channels == [ChannelName.EMAIL]:
        return ""
    order = " → ".join(in_english(phrase("channel", channel)) for channel in rule.channels)
    waits = len(rule.channels) > 1 and rule.ask in ASKS_FOR_AN_ANSWER
    again = f" Without an answer the next one every {_days(rule.fallback_working_days, 'working')}." if waits else ""
    return f" By: {order}.{again}"


def _about(rule: ReminderRule) -> tuple[list[str], list[str]]:
    """What narrows the milestones of the rule, and the precisions that it leaves out."""
    about = [phrase("certainty", rule.certainty.value)] if rule.certainty is not Certainty.ANY else []
    about += [word_of("MilestoneKind", kind) for kind in rule.kinds]
    left_out = [word for value, word in words_of("Precision").items() if value not in (*rule.precisions, "none")]
    if rule.precisions and len(left_out) > FEW:
        about.append(" · ".join(word_of("Precision", precision) for precision in rule.precisions))
    return about, left_out


def _english(rule: ReminderRule, scope: str | None) -> str:
    """`all milestones: 30, 7, 1 days before the day that counts, at 09:00, the holder hears that it comes up.`"""
    about, left_out = _about(rule)
    subject = ", ".join(map(_each_in_english, about)) or "all"
    if rule.ask is Ask.QUIET:
        subject = f"{subject}, of each project the nearest deadline"
    exception = ""
    if rule.precisions and 0 < len(left_out) <= FEW:
        exception = f" (but those {', '.join(map(in_english, left_out))})"
    who = " and ".join(in_english(phrase("level", str(level))) for level in _hearing(rule))
    again = ""
    if rule.repeat_every and rule.ask not in FROM_ANSWERS:
        every = _days(rule.repeat_every, rule.repeat_unit.value)
        again = f" Again every {every} until {rule.repeat_until.value}{_at_most_in_english(rule)}."
    elif rule.most_repeats:
        again = f" Without an answer again after that{_at_most_in_english(rule)}."
    place = f"[{scope}] " if scope else ""
    ask = in_english(phrase("ask", rule.ask.value))
    when = f"{_when_in_english(rule)} at {rule.time}"
    return f"{place}Milestones: {subject}{exception}. {when}, {who} {ask}.{again}{_channels_in_english(rule)}"


def _at_most_in_english(rule: ReminderRule) -> str:
    times = "once" if rule.most_repeats == 1 else f"{rule.most_repeats} times"
    return f", at most {times}" if rule.most_repeats else ""


def _each_in_english(words: str) -> str:
    return " · ".join(in_english(word) for word in words.split(" · "))


def _days(count: int | str, unit: str) -> str:
    return f"{count} {'working ' if unit == 'working' else ''}{'day' if str(count) == '1' else 'days'}"


def _when_in_english(rule: ReminderRule) -> str:
    unit = rule.offset_unit.value
    if rule.ask in FROM_ANSWERS or rule.which_end is WhichEnd.NONE:
        spread = (
            f" (some posts up to {CHECKS_SPREAD - 1} working days later)"
            if is_spread(Ask(rule.ask), rule.offsets)
            else ""
        )
        every = _days(rule.offsets[0] if rule.offsets else 0, unit)
        if rule.ask is Ask.QUIET:
            ahead = f"where that one is more than {QUIET_AHEAD.days // 7} weeks ahead"
            return f"Every {every} without an answer or a new report{spread}, {ahead},"
        return f"Every {every} from activation or the last answer{spread}"
    before = [str(-offset) for offset in sorted(rule.offsets) if offset < 0]
    after = [str(offset) for offset in sorted(rule.offsets) if offset > 0]
    parts = [f"{_days(', '.join(before), unit)} before"] if before else []
    parts += ["on"] if 0 in rule.offsets else []
    parts += [f"{_days(', '.join(after), unit)} after"] if after else []
    when = f"{', '.join(parts)} {in_english(phrase('end', rule.which_end.value))}"
    return when[0].upper() + when[1:]


def _when(rule: ReminderRule) -> str:
    unit = phrase("unit", rule.offset_unit.value)
    if rule.ask in FROM_ANSWERS or rule.which_end is WhichEnd.NONE:
        spread = (
            f"(직위마다 나누어 근무일 {CHECKS_SPREAD - 1}일 뒤까지)" if is_spread(Ask(rule.ask), rule.offsets) else ""
        )
        every = f"{unit}{rule.offsets[0] if rule.offsets else 0}일마다{spread}"
        if rule.ask is Ask.QUIET:
            return f"답도 새 보고서도 없이 {every}, 그 기한까지 {QUIET_AHEAD.days // 7}주가 넘게 남았으면"
        return f"활성화한 날이나 마지막 답변에서 {every}"
    before = [f"{-offset}일" for offset in sorted(rule.offsets) if offset < 0]
    after = [f"{offset}일" for offset in sorted(rule.offsets) if offset > 0]
    parts = []
    if before:
        parts.append(f"{unit}{', '.join(before)} 전")
    if 0 in rule.offsets:
        parts.append("당일")
    if after:
        parts.append(f"{unit}{', '.join(after)} 뒤")
    return f"{phrase('end', rule.which_end.value)} {', '.join(parts)}"
