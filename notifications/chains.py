"""지연 보고's chain, in words: who was asked when, who has heard of it since, and who will."""

from collections.abc import Collection
from datetime import date, datetime, tzinfo

from sqlmodel import Session, col, select

from models import Ask, Reminder, ReminderState, StatusRequest
from notifications.rows import Told
from schedules import words
from schedules.items import Item
from schedules.responsibility import Chart

Chain = tuple[int, date]  # a milestone, and the day it was asked about


def read_chains(
    session: Session, told: Collection[Told], items: dict[int, Item], chart: Chart, timezone: tzinfo, today: date
) -> dict[Chain, str]:
    """`인사팀장(9. 30.(월) 요청) → 행정지원과장(10. 16.(수) 보고) → 행정국장(10. 30.(수) 예정)`, for each step told."""
    if not told:
        return {}

    def day(moment: datetime) -> str:
        return words.near_day(moment.astimezone(timezone).date(), today)

    begun = {}
    for one in told:
        post_id = items[one.milestone_id].post_id
        if post_id is not None:
            key = f"post:{post_id}/milestone:{one.milestone_id}/{one.anchor_on.isoformat()}"
            begun[key] = (one.milestone_id, one.anchor_on), post_id
    asked = select(StatusRequest.key, StatusRequest.requested_at).where(col(StatusRequest.key).in_(begun))
    parts = {}
    for key, requested_at in session.exec(asked):
        chain, post_id = begun[key]
        parts[chain] = [f"{chart.name_of(post_id)}({day(requested_at)} 요청)"]
    steps = session.exec(
        select(Reminder)
        .where(
            col(Reminder.milestone_id).in_({one.milestone_id for one in told}),
            Reminder.ask == Ask.ESCALATION,
            col(Reminder.state).in_((ReminderState.PLANNED, ReminderState.DISPATCHED)),
        )
        .order_by(col(Reminder.offset), col(Reminder.level))
    ).all()
    for step in steps:
        chain = step.milestone_id, step.anchor_on
        if step.post_id in chart.posts:
            what = (
                f"{day(step.state_since)} 보고"
                if step.state is ReminderState.DISPATCHED
                else f"{day(step.due_at)} 예정"
            )
            parts.setdefault(chain, []).append(f"{chart.name_of(step.post_id)}({what})")
    return {chain: " → ".join(dict.fromkeys(names)) for chain, names in parts.items()}
