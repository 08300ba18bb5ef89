"""지연 보고: a question that nobody answers climbs, step by step, to the posts above; planned when it is asked.

The chain is fixed when it starts: its days and posts are rows from then on. A post without a reachable holder is passed
over upwards. An answer, a closed or moved milestone, or another plan for it takes back the steps that are still ahead.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from models import Ask, EscalationPause, OffsetUnit, Reminder, ReminderState, WhichEnd
from schedules.calendar import SendDays
from schedules.escalation_steps import Step
from schedules.items import Item
from schedules.people import Staff, load_staff_of
from schedules.responsibility import Chart
from schedules.rows import insert_missing
from schedules.rule import Rule


@dataclass(frozen=True, slots=True)
class Asked:
    """A reminder that asked a post for an answer, and now waits for it."""

    post_id: int
    rule_id: int
    milestone_id: int
    end: WhichEnd
    anchor_on: date

    @property
    def chain(self) -> str:
        """What the keys of its steps begin with, beside those of the rule's own reminders: each is told once."""
        return f"rule:{self.rule_id}/milestone:{self.milestone_id}/{self.end}/{self.anchor_on.isoformat()}"

    def key(self, step: Step) -> str:
        return f"{self.chain}/escalation:{step.after_working_days}/level:{step.level}"


def start_escalations(
    session: Session,
    asked: Collection[Asked],
    steps: Mapping[int, Sequence[Step]],
    rules: Mapping[int, Rule],
    chart: Chart,
    days: SendDays,
    now: datetime,
) -> int:
    """Plans the steps of what was asked now; those of an earlier asking stay as they are. Returns how many are new.

    One that was taken back because an answer came, and is asked again, climbs again from today.
    """
    climbing = [one for one in asked if one.rule_id in steps]
    if not climbing:
        return 0
    staff = load_staff_of(session, chart)
    today = days.local_date(now)
    paused = _paused(session, {one.milestone_id for one in climbing}, today)
    rows: dict[str, dict[str, object]] = {}
    for one in climbing:
        for step in steps[one.rule_id]:
            post_id = hearing_post(one.post_id, step.level, staff, today)
            if post_id is None:
                continue
            day = days.calendar.add_working_days(today, step.after_working_days)
            day = days.on_or_after(max(day, paused.get(one.milestone_id, day)))
            rows[one.key(step)] = step_row(
                one,
                one.key(step),
                post_id=post_id,
                ask=Ask.ESCALATION,
                offset=step.after_working_days,
                level=step.level,
                due_at=days.moment(day, rules[one.rule_id].time),
                now=now,
            )
    return plan_steps(session, rows, now)


def step_row(
    one: Asked,
    key: str,
    *,
    post_id: int,
    ask: Ask,
    offset: int,
    due_at: datetime,
    now: datetime,
    level: int = 0,
    channel: str | None = None,
) -> dict[str, object]:
    """What follows a question after `offset` working days, as a row of its own."""
    return {
        "key": key,
        "rule_id": one.rule_id,
        "milestone_id": one.milestone_id,
        "post_id": post_id,
        "ask": ask,
        "end": one.end,
        "anchor_on": one.anchor_on,
        "offset": offset,
        "offset_unit": OffsetUnit.WORKING,
        "repeat_number": 0,
        "level": level,
        "channel": channel,
        "due_at": due_at,
        "state": ReminderState.PLANNED,
        "state_since": now,
    }


def plan_steps(session: Session, rows: Mapping[str, dict[str, object]], now: datetime) -> int:
    """Makes those that are not there, and brings back those that an answer had taken back. Returns how many."""
    made = insert_missing(session, Reminder, list(rows.values()))
    again = 0
    for key in rows.keys() - made.keys():
        revived = session.execute(
            update(Reminder)
            .where(col(Reminder.key) == key, col(Reminder.state) == ReminderState.CANCELLED)
            .values(
                state=ReminderState.PLANNED,
                state_reason=None,
                state_since=now,
                due_at=rows[key]["due_at"],
                post_id=rows[key]["post_id"],
            )
            .returning(col(Reminder.id))
        )
        again += len(revived.all())
    return len(made) + again


def _paused(session: Session, milestone_ids: Collection[int], today: date) -> dict[int, date]:
    """Until when nothing climbs, by milestone: what whoever was told has said (`schedules.escalation_pauses`)."""
    rows = session.exec(
        select(EscalationPause)
        .where(col(EscalationPause.milestone_id).in_(milestone_ids))
        .order_by(col(EscalationPause.id))
    )
    return {row.milestone_id: row.until_on for row in rows if row.until_on > today}


def hearing_post(post_id: int, level: int, staff: Staff, on: date) -> int | None:
    """The post `level` above that hears of it: where its own holders get no mail that day, the next one above.

    Where nobody above can be reached, the post itself, so that its message stays visible; None at the top.
    """
    post = staff.chart.raised(post_id, level)
    if post is None:
        return None
    above = (post, *staff.chart.posts_above(post))
    return next((one for one in above if staff.reach(one, on).reason is None), post)


def still_climbs(item: Item, end: str, anchor_on: date) -> bool:
    """Whether what was asked about the item, counted from that day, still waits for its answer."""
    if item.silence is not None:
        return False
    if end == WhichEnd.NONE:
        return item.answered_on is None or item.answered_on <= anchor_on
    day = item.start_on if end == WhichEnd.START else item.end_on
    return day == anchor_on and not item.is_answered_at_end


def chain_post(post_id: int, level: int, item_post_id: int, chart: Chart) -> int | None:
    """The post fixed when it started, while it stands above the responsible one; else that post's own superior.

    That its units were moved under another head since changes nothing for a chain that had started: who stood above
    then goes on hearing it. One whose unit is closed does not.
    """
    return post_id if chart.has_stood_above(post_id, item_post_id) else chart.raised(item_post_id, level)
