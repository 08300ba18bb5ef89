"""확인·보류 of a report upwards: it is put off to a day, on which whoever was told hears of it again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from models import OPEN_STATUSES, Ask, AuditEntry, EscalationPause, Milestone, Project, Reminder, ReminderState
from schedules.calendar import SendDays, WorkingCalendar
from schedules.escalation import still_climbs
from schedules.items import load_chart_about, load_items
from schedules.office_days import load_calendar
from schedules.rows import insert_missing
from schedules.rules import load_rules
from settings import Refusal, Settings

ACKNOWLEDGED_WORKING_DAYS = 5
LONGEST_SNOOZE = timedelta(days=92)
REASON_LENGTH = 200
ACKNOWLEDGED = "확인, 진행 중"


class PauseError(Refusal):
    """The report cannot be put off like this; says what is allowed. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class Told:
    """An unanswered item that a post above was told of, and until when nothing more climbs about it."""

    milestone_id: int
    label: str
    project: str
    owner: str
    deadline_on: date | None
    told: tuple[str, ...]  # the posts that have heard of it
    told_at: datetime
    pause: EscalationPause | None

    def is_paused(self, today: date) -> bool:
        return self.pause is not None and self.pause.until_on > today


def was_told(session: Session, post_id: int) -> bool:
    """Whether the post was ever told of an item that is still open: then `list_told` may have something for it."""
    told = (
        select(Reminder.id)
        .join(Milestone, col(Milestone.id) == col(Reminder.milestone_id))
        .where(
            Reminder.post_id == post_id,
            Reminder.ask == Ask.ESCALATION,
            Reminder.state == ReminderState.DISPATCHED,
            col(Milestone.status).in_(OPEN_STATUSES),
        )
    )
    return session.exec(told.limit(1)).first() is not None


def list_told(session: Session, settings: Settings, post_id: int | None = None) -> list[Told]:
    """What posts above were told of (of this post, default all) and nobody has answered, the latest telling first.

    Index ix_reminder_escalated.
    """
    is_told = (Reminder.ask == Ask.ESCALATION) & (Reminder.state == ReminderState.DISPATCHED)
    wanted = (
        select(Reminder)
        .join(Milestone, col(Milestone.id) == col(Reminder.milestone_id))
        .where(is_told, col(Milestone.status).in_(OPEN_STATUSES))
    )
    if post_id is not None:
        theirs = select(Reminder.milestone_id).where(is_told, Reminder.post_id == post_id)
        wanted = wanted.where(col(Reminder.milestone_id).in_(theirs))
    rows: dict[int, list[Reminder]] = {}
    for row in session.exec(wanted.order_by(col(Reminder.id))):
        rows.setdefault(row.milestone_id, []).append(row)
    chart = load_chart_about(session, rows, {row.post_id for told in rows.values() for row in told})
    pauses = latest_pauses(session, rows)
    named = select(Milestone, Project.title).join(Project, col(Project.id) == col(Milestone.project_id))
    subjects = {row.id: (row.label, title) for row, title in session.exec(named.where(col(Milestone.id).in_(rows)))}
    found = []
    for item in load_items(session, chart, load_calendar(session), settings.timezone, list(rows)):
        climbing = [row for row in rows[item.id] if still_climbs(item, row.end, row.anchor_on)]
        if climbing and item.post_id is not None:
            label, project = subjects[item.id]
            told = tuple(dict.fromkeys(chart.name_of(row.post_id) for row in climbing if row.post_id in chart.posts))
            told_at = max(row.state_since for row in climbing)
            pause = pauses.get(item.id)
            owner = chart.name_of(item.post_id)
            found.append(Told(item.id, label, project, owner, item.deadline_on, told, told_at, pause))
    return sorted(found, key=lambda one: (one.told_at, one.milestone_id), reverse=True)


def latest_pauses(session: Session, milestone_ids: Collection[int]) -> dict[int, EscalationPause]:
    """The pause that holds, by milestone; it may be over."""
    last = (
        select(func.max(EscalationPause.id))
        .where(col(EscalationPause.milestone_id).in_(milestone_ids))
        .group_by(col(EscalationPause.milestone_id))
    )
    return {
        row.milestone_id: row for row in session.exec(select(EscalationPause).where(col(EscalationPause.id).in_(last)))
    }


def acknowledge(
    session: Session,
    milestone_id: int,
    *,
    post_id: int | None,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> EscalationPause:
    """확인, 진행 중: nothing more climbs for five working days. Raises PauseError."""
    today = now.astimezone(settings.timezone).date()
    until_on = calendar.add_working_days(today, ACKNOWLEDGED_WORKING_DAYS)
    return _pause(session, milestone_id, until_on, ACKNOWLEDGED, post_id, by, now, settings, calendar)


def snooze(
    session: Session,
    milestone_id: int,
    until_on: date,
    reason: str,
    *,
    post_id: int | None,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> EscalationPause:
    """보류: nothing more climbs until that day, for a reason that is kept. Raises PauseError."""
    today, reason = now.astimezone(settings.timezone).date(), " ".join(reason.split())
    if not today < until_on <= today + LONGEST_SNOOZE:
        last = today + LONGEST_SNOOZE
        raise PauseError(f"보류는 내일부터 {last.year}. {last.month}. {last.day}.까지의 날로 정할 수 있습니다.")
    if not reason or len(reason) > REASON_LENGTH:
        raise PauseError(f"보류하는 사유를 {REASON_LENGTH}자 안에서 적어 주세요.")
    return _pause(session, milestone_id, until_on, reason, post_id, by, now, settings, calendar)


def _pause(
    session: Session,
    milestone_id: int,
    until_on: date,
    reason: str,
    post_id: int | None,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> EscalationPause:
    """Puts the steps ahead off to the day, and has those who were told hear of it again then."""
    session.get(Milestone, milestone_id, with_for_update=True)
    told = [one for one in list_told(session, settings, post_id) if one.milestone_id == milestone_id]
    if not told:
        raise PauseError("보고된 일정이 아니거나 이미 답이 왔습니다. 화면을 다시 열어 확인해 주세요.")
    row = EscalationPause(
        milestone_id=milestone_id, post_id=post_id, until_on=until_on, reason=reason, paused_by=by, paused_at=now
    )
    session.add(row)
    days = SendDays(calendar, settings.send_window, settings.timezone)
    rules = load_rules(session).by_id()
    steps = session.exec(
        select(Reminder)
        .where(Reminder.milestone_id == milestone_id, Reminder.ask == Ask.ESCALATION)
        .order_by(col(Reminder.id))
    ).all()
    chart = load_chart_about(session, [milestone_id])
    item = load_items(session, chart, calendar, settings.timezone, [milestone_id])[0]
    again: dict[str, dict[str, object]] = {}
    for step in steps:
        rule = rules.get(step.rule_id)
        if rule is None or not still_climbs(item, step.end, step.anchor_on):
            continue
        due_at = days.moment(days.on_or_after(until_on), rule.time)
        if step.state is ReminderState.PLANNED:
            if step.due_at < due_at or step.repeat_number:
                step.due_at = due_at
                session.add(step)
        elif step.state is ReminderState.DISPATCHED and step.repeat_number == 0:
            key = f"{step.key}/again:{until_on.isoformat()}"
            again[key] = {
                **step.model_dump(exclude={"id", "error", "state_reason", "notification_id"}),
                "key": key,
                "repeat_number": 1,
                "due_at": due_at,
                "state": ReminderState.PLANNED,
                "state_since": now,
            }
    waiting = {(step.rule_id, step.post_id) for step in steps if step.state is ReminderState.PLANNED}
    insert_missing(
        session, Reminder, [one for one in again.values() if (one["rule_id"], one["post_id"]) not in waiting]
    )
    detail = f"{until_on.isoformat()}: {reason}"
    session.add(
        AuditEntry(at=now, actor=by, act="escalation.pause", subject=f"milestone:{milestone_id}", detail=detail)
    )
    session.flush()
    return row
