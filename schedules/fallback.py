"""다음 경로: which channel of a rule reaches a post, and on which the question is asked again when nobody answers.

The way is fixed when the question goes out: each later channel is a row from then on, so that a preview shows it. An
answer, a closed or moved milestone takes back what is still ahead.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from models import (
    Account,
    AccountRole,
    ChannelName,
    Notification,
    Reminder,
    ReminderState,
    Role,
    WhichEnd,
)
from schedules.calendar import SendDays
from schedules.escalation import Asked, plan_steps, step_row
from schedules.people import Staff, load_staff_of
from schedules.responsibility import Chart
from schedules.rows import among, fetch
from schedules.rule import Rule

NO_READER = "받은 알림을 볼 계정이 없습니다"


@dataclass(frozen=True, slots=True)
class Ways:
    """Who is reached on which channel. `reading_units` have an account that leads just them."""

    staff: Staff
    reading_units: Collection[int]

    def problem(self, channel: str, post_id: int, on: date) -> str | None:
        """Why the channel does not reach the post itself that day, in Korean; None when it does. Paper always does."""
        if channel == ChannelName.EMAIL:
            return self.staff.reach(post_id, on).reason
        if channel == ChannelName.INBOX and self.staff.chart.posts[post_id].unit_id not in self.reading_units:
            return NO_READER
        return None

    def first(self, channels: Iterable[str], post_id: int, on: date) -> str | None:
        return next((channel for channel in channels if self.problem(channel, post_id, on) is None), None)


def load_ways(session: Session, chart: Chart) -> Ways:
    """Of the posts of this chart."""
    leading = (
        select(col(AccountRole.unit_id))
        .join(Account, col(Account.id) == col(AccountRole.account_id))
        .where(
            col(AccountRole.role) == Role.LEAD,
            col(AccountRole.unit_id).is_not(None),
            col(Account.disabled_at).is_(None),
        )
    )
    units = {unit_id for unit_id in session.scalars(leading) if unit_id is not None}
    return Ways(load_staff_of(session, chart), units)


def start_fallbacks(
    session: Session,
    asked: Mapping[Asked, str],
    rules: Mapping[int, Rule],
    days: SendDays,
    now: datetime,
) -> int:
    """Plans the channels that follow the one on which each was asked now; those of an earlier asking stay as they are.

    One that was taken back because an answer came, and is asked again, is planned again from today. How many are new.
    """
    today = days.local_date(now)
    rows: dict[str, dict[str, object]] = {}
    for one, used in asked.items():
        rule = rules[one.rule_id]
        for number, channel in enumerate(channels_after(rule, used), 1):
            waited = number * rule.fallback_working_days
            day = days.on_or_after(days.calendar.add_working_days(today, waited))
            key = f"{one.chain}/channel:{channel}"
            rows[key] = step_row(
                one,
                key,
                post_id=one.post_id,
                ask=rule.ask,
                offset=waited,
                channel=channel,
                due_at=days.moment(day, rule.time),
                now=now,
            )
    return plan_steps(session, rows, now)


def channels_after(rule: Rule, channel: str) -> Sequence[str]:
    """What follows the channel in the rule's order; nothing where the rule does not name it."""
    return rule.channels[rule.channels.index(channel) + 1 :] if channel in rule.channels else ()


class Way(NamedTuple):
    """A question on its way: what was asked, counted from which day."""

    rule_id: int
    milestone_id: int
    end: WhichEnd
    anchor_on: date


def read_ways_gone(session: Session, milestone_ids: Collection[int]) -> set[tuple[Way, str]]:
    """Every question about these milestones with each channel on which it was told; index ix_reminder_milestone_id."""
    if not milestone_ids:
        return set()
    told = (
        select(*(col(getattr(Reminder, name)) for name in Way._fields), col(Notification.channel))
        .join(Notification, col(Notification.id) == col(Reminder.notification_id))
        .where(among(col(Reminder.milestone_id), milestone_ids), col(Reminder.state) == ReminderState.DISPATCHED)
    )
    return {(Way(*way), channel) for *way, channel in fetch(session, told)}
