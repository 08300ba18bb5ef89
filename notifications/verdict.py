"""What becomes of a due reminder, looked at again at the moment it is due: it goes out, is cancelled or was missed."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from models import BESIDE, Ask, ChannelName, NotificationKind, OffsetUnit, ReminderState, RequestReason, WhichEnd
from notifications.slots import Addressee
from schedules.calendar import SendDays, WorkingCalendar
from schedules.escalation import chain_post, still_climbs
from schedules.fallback import NO_READER, Way, Ways
from schedules.items import Item
from schedules.mail_wishes import Wish
from schedules.responsibility import Chart
from schedules.rule import ASKED_AT_END, FROM_ANSWERS
from schedules.rules import Rule, RuleBook, RuleError, mismatch
from settings import Settings


class Due(NamedTuple):
    """A due reminder; words as plain text, so that an unknown one spoils only its own row."""

    id: int
    rule_id: int
    milestone_id: int
    post_id: int
    ask: str
    end: str
    anchor_on: date
    offset: int
    offset_unit: str
    repeat_number: int
    level: int
    due_at: datetime
    channel: str | None

    @property
    def way(self) -> Way:
        return Way(self.rule_id, self.milestone_id, WhichEnd(self.end), self.anchor_on)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a dispatch looks things up in."""

    now: datetime
    settings: Settings
    calendar: WorkingCalendar
    days: SendDays
    chart: Chart
    book: RuleBook
    rules: Mapping[int, Rule]
    wishes: Mapping[int, Wish]
    ways: Ways | None  # where a rule has a choice of channels
    gone: Container[tuple[Way, str]]  # of what is asked again: on which channels it was told

    @property
    def today(self) -> date:
        return self.days.local_date(self.now)


NOBODY = Addressee(0, NotificationKind.MORNING)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a due reminder: `state` planned means that it goes out, `to` whom."""

    state: ReminderState
    to: Addressee = NOBODY
    reason: str | None = None


def judge(row: Due, item: Item, desk: Desk) -> Verdict:
    """Whether the reminder still means something now. Raises for a row or rule that cannot be read."""
    ask, end = Ask(row.ask), WhichEnd(row.end)
    if row.rule_id in desk.book.broken:
        raise RuleError("rule", desk.book.broken[row.rule_id])
    rule = desk.rules.get(row.rule_id)
    if item.silence is not None or item.post_id is None:
        return Verdict(ReminderState.CANCELLED, reason=item.silence or "알릴 담당 직위가 없습니다")
    if rule is None:
        return Verdict(ReminderState.CANCELLED, reason="규칙이 꺼졌습니다")
    anchor = {WhichEnd.START: item.start_on, WhichEnd.END: item.end_on}.get(end, row.anchor_on)
    if anchor != row.anchor_on:
        return Verdict(ReminderState.CANCELLED, reason=f"일정이 옮겨졌습니다({row.anchor_on} → {anchor or '미정'})")
    if ask is Ask.ESCALATION and not still_climbs(item, row.end, row.anchor_on):
        return Verdict(ReminderState.CANCELLED, reason="이미 진행상황을 답했습니다")
    if ask in ASKED_AT_END and item.is_answered_at_end and not (row.repeat_number and rule.outlasts_answers):
        return Verdict(ReminderState.CANCELLED, reason="이미 진행상황을 답했습니다")
    unfit = mismatch(rule, item)
    if unfit is not None:
        return Verdict(ReminderState.CANCELLED, reason=unfit)
    if ask is Ask.QUIET and row.anchor_on != item.quiet_since:
        return Verdict(ReminderState.CANCELLED, reason="그 뒤에 사업의 소식이 있었습니다")
    if ask in (Ask.UPCOMING, Ask.TODAY) and item.counts_on(end, row.anchor_on) < desk.today:
        return Verdict(ReminderState.MISSED, reason="보내기 전에 기한이 지났습니다")
    if ask is Ask.CONFIRM_DATE and item.end_on is not None and item.end_on < desk.today:
        return Verdict(ReminderState.MISSED, reason="일자를 묻기 전에 기간이 지났습니다")
    if ask is Ask.ESCALATION:
        post_id = chain_post(row.post_id, row.level, item.post_id, desk.chart)
    elif row.level == BESIDE:
        if row.post_id not in item.supporting:
            return Verdict(ReminderState.CANCELLED, reason="협조 직위에서 빠졌습니다")
        post_id = row.post_id
    else:
        post_id = desk.chart.raised(item.post_id, row.level)
    if post_id is None:
        return Verdict(ReminderState.CANCELLED, reason="알릴 상급 직위가 없습니다")
    wish = desk.wishes.get(post_id)
    if wish is not None and ask is Ask.UPCOMING and wish.declines_notice(row.offset, OffsetUnit(row.offset_unit)):
        return Verdict(ReminderState.CANCELLED, reason=f"{wish.set_by}의 설정으로 미리 알리지 않습니다")
    if ask is Ask.ESCALATION:
        return Verdict(ReminderState.PLANNED, Addressee(post_id, NotificationKind.SUMMARY))
    return _on_its_way(row, rule, post_id, desk)


def _on_its_way(row: Due, rule: Rule, post_id: int, desk: Desk) -> Verdict:
    """On the first of the rule's channels that reaches the post; asked again, on the first from the row's own on.

    Where none does, by mail, which then goes to the post above.
    """
    channels = rule.channels
    if row.channel is not None:
        if row.channel not in channels:
            return Verdict(ReminderState.CANCELLED, reason="규칙이 바뀌어 이 경로로는 알리지 않습니다")
        channels = channels[channels.index(row.channel) :]
    reached = channels[0] if desk.ways is None else desk.ways.first(channels, post_id, desk.today)
    if reached is None and row.channel is not None and ChannelName.EMAIL not in channels:
        return Verdict(ReminderState.CANCELLED, reason=NO_READER)
    channel = reached or ChannelName.EMAIL
    if row.channel is not None and (row.way, channel) in desk.gone:
        return Verdict(ReminderState.CANCELLED, reason="이 경로로 이미 알렸습니다")
    return Verdict(ReminderState.PLANNED, Addressee(post_id, NotificationKind.MORNING, channel))


def request_reason(row: Due, item: Item) -> RequestReason:
    """Why the request that goes with this reminder asks."""
    if row.ask in FROM_ANSWERS:
        return RequestReason(row.ask)
    is_stale = item.activated_on is not None and row.anchor_on < item.activated_on
    return RequestReason.STALE if is_stale else RequestReason.DEADLINE
