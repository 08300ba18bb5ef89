"""Why a milestone has the reminders it has, and why none came: rule by rule, in words an admin reads."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import String, func, select, type_coerce
from sqlmodel import Session, col

from models import BESIDE, Ask, ChannelName, Milestone, Notification, Project, Reminder, ReminderState
from schedules import words
from schedules.beside import with_supporting
from schedules.fallback import Ways, load_ways
from schedules.items import Item, load_chart_about, load_items
from schedules.occasions import anchors
from schedules.office_days import load_calendar
from schedules.plan import read_rows
from schedules.quiet import with_quiet
from schedules.responsibility import Chart, load_chart_around
from schedules.rows import table_of
from schedules.rule import ASKED_AT_END
from schedules.rules import Rule, load_rules, mismatch, rules_for, scope_distance
from schedules.wanted import Row, hearers, is_enough
from settings import Settings

_TOLD = table_of(Notification)
STATES = {
    ReminderState.PLANNED: "예정",
    ReminderState.DISPATCHED: "보냄",
    ReminderState.MISSED: "놓침",
    ReminderState.CANCELLED: "취소",
}


def explain(session: Session, milestone_id: int, now: datetime, settings: Settings) -> list[str]:
    """Lines of text: the milestone, who answers for it, then each rule with its reminders or the reason for none."""
    milestone = session.get(Milestone, milestone_id)
    if milestone is None:
        return [f"{milestone_id}번 일정은 없습니다."]
    chart, book = load_chart_about(session, [milestone_id]), load_rules(session)
    calendar = load_calendar(session)
    found = load_items(session, chart, calendar, settings.timezone, [milestone_id])
    [item] = with_supporting(session, with_quiet(session, found, calendar, settings.timezone))
    rows = read_rows(session, [milestone_id])[milestone_id]
    told_beside = {row.post_id for row in rows if row.level == BESIDE}
    beside = load_chart_around(session, {*item.supporting, *told_beside}, ())
    project = session.get_one(Project, milestone.project_id)
    today = now.astimezone(settings.timezone).date()
    post = chart.name_of(item.post_id) if item.post_id is not None else "없음"
    when = words.window(milestone.raw, milestone.start_on, milestone.end_on, today)
    support = f" | 협조: {', '.join(map(beside.name_of, item.supporting))}" if item.supporting else ""
    lines = [f"{milestone.label} | {when} | {project.title} | 담당: {post}{support}"]
    if item.end_on is not None and item.deadline_on is not None and item.deadline_on != item.end_on:
        lines.append(words.moved_deadline(item.end_on, item.deadline_on, today))
    if item.silence is not None:
        lines.append(f"알림이 없습니다: {item.silence}.")
    ways: Ways | None = None
    holding = {rule.id for rule in rules_for(item, book.rules)}
    for rule in book.rules:
        reminders = list(_reminders(session, rule, item, beside, settings))
        own = [row for row in rows if row.rule_id == rule.id and not row.is_step]
        lines.append(f"규칙 {rule.name}: {_verdict(rule, item, holding, own)}")
        if rule.id in holding and rule.has_choice and item.post_id is not None:
            ways = ways or load_ways(session, chart)
            lines.append(f"    {_order(rule, item.post_id, ways, today)}")
        lines.extend(f"    {line}" for line in reminders)
    lines.extend(f"읽을 수 없는 규칙이 있습니다: {why}" for why in book.broken.values())
    return lines


def _order(rule: Rule, post_id: int, ways: Ways, today: date) -> str:
    """`경로: 전자우편(주소 없음) → 받은 알림`: where it cannot reach the post today, with the reason."""
    problems = ((channel, ways.problem(channel, post_id, today)) for channel in rule.channels)
    order = " → ".join(words.CHANNELS[channel] + (f"({problem})" if problem else "") for channel, problem in problems)
    waits = rule.waits_between_channels
    again = f", 답이 없으면 근무일 {rule.fallback_working_days}일마다 다음 경로로" if waits else ""
    return f"경로: {order}{again}"


def _verdict(rule: Rule, item: Item, holding: set[int], rows: Sequence[Row]) -> str:
    if scope_distance(rule, item) is None:
        return "적용 안 됨: 다른 부서·사업·일정의 규칙입니다"
    unfit = mismatch(rule, item)
    if unfit is not None:
        return f"적용 안 됨: {unfit}"
    if rule.id not in holding:
        return "적용 안 됨: 더 가까운 범위의 규칙이 대신합니다"
    if not rule.offsets:
        return "적용됨, 알리지 않기로 한 규칙입니다"
    if item.silence is not None:
        return "적용됨"
    whom = [(level, post) for level in rule.levels for post in hearers(item, level)]
    if not whom:
        return "적용됨, 협조 직위가 없습니다"
    if any(is_enough(anchor, *one, rows) for anchor in anchors(item, rule) for one in whom):
        return f"적용됨, 반복 {rule.most_repeats}번을 모두 알려 더 알리지 않습니다"
    if rule.ask in ASKED_AT_END and item.is_answered_at_end:
        return f"적용됨, {_after_answer(rule) if rows else '이미 답한 일정입니다'}"
    if rows:
        return "적용됨"
    return (
        "적용됨, 그 전에 일정의 알림이 있어 따로 묻지 않습니다"
        if rule.ask is Ask.QUIET
        else "적용됨, 남은 시점이 없습니다"
    )


def _after_answer(rule: Rule) -> str:
    return "답이 왔지만 완료될 때까지 다시 알립니다" if rule.outlasts_answers else "답이 와서 더 알리지 않습니다"


def _reminders(session: Session, rule: Rule, item: Item, beside: Chart, settings: Settings) -> Iterator[str]:
    table = table_of(Reminder)
    rows = session.execute(
        select(
            table.c.anchor_on,
            type_coerce(table.c.end, String).label("end"),
            table.c.due_at,
            table.c.level,
            table.c.post_id,
            type_coerce(table.c.ask, String).label("ask"),
            table.c.repeat_number,
            func.coalesce(_TOLD.c.channel, table.c.channel).label("channel"),
            table.c.channel.is_not(None).label("is_again"),
            table.c.state_reason,
            table.c.error,
            type_coerce(table.c.state, String).label("state"),
        )
        .outerjoin(_TOLD, _TOLD.c.id == table.c.notification_id)
        .where(table.c.rule_id == rule.id, col(Reminder.milestone_id) == item.id)
        .order_by(table.c.due_at, table.c.id)
    )
    for row in rows:
        due = row.due_at.astimezone(settings.timezone)
        parts = [f"{words.moment(due)} {words.d_day(item.counts_on(row.end, row.anchor_on), due.date())}"]
        if row.repeat_number:
            parts.append(f"반복 {row.repeat_number}회차")
        if row.ask == Ask.ESCALATION:
            parts.append("답이 없으면 지연 보고")
        if row.is_again:
            parts.append("답이 없으면 다시 알림")
        if row.channel is not None and (row.is_again or row.channel != ChannelName.EMAIL):
            parts.append(words.CHANNELS.get(row.channel, row.channel))
        if row.level > 0:
            parts.append(f"{row.level}단계 위 직위")
        if row.level == BESIDE:
            parts.append(f"협조 {beside.name_of(row.post_id)}")
        parts.append(STATES.get(row.state, row.state))
        notes = [note for note in (row.state_reason, row.error) if note]
        yield " · ".join(parts) + (f" ({'; '.join(notes)})" if notes else "")
