"""A rule tried out: written, planned and looked at in a transaction that the caller takes back, or keeps."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, update
from sqlmodel import Session, col, select

from models import Milestone, Post, Project, Reminder, ReminderRule, ReminderState, Unit
from schedules import words
from schedules.calendar import WorkingCalendar
from schedules.escalation_steps import Step, set_steps
from schedules.items import open_milestones
from schedules.plan import PlanChange, replan
from schedules.requests import ASKS_FOR_AN_ANSWER
from schedules.rows import fetch_ids
from schedules.rule import Rule
from schedules.rules import remove_rule, set_rule
from settings import Settings

MONTH = timedelta(days=30)
MOST_LOOKED_AT = 1000  # milestones planned anew to show what a rule does
MOST_PLANNED_AT_ONCE = 5000  # beyond it the night's planning takes a changed rule over
NEXT_MOMENTS = 10
MANY_ITEMS, MANY_MAILS_A_DAY = 20, 3
ROWS_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Load:
    """The mails of the next 30 days: one for each post and slot."""

    mails: int
    reminders: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule does: to `looked_at` of `total` milestones that it may be for; `next_at` with how many are due then.

    `reminders` are those of one project, where one was named: its milestone's label and the moment.
    """

    rule: Rule
    looked_at: int
    total: int
    plan: PlanChange
    before: Load
    after: Load
    in_a_month: int
    next_at: tuple[tuple[datetime, int], ...]
    reminders: tuple[tuple[str, datetime], ...]
    warnings: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return self.looked_at == self.total


def try_rule(
    session: Session,
    values: Mapping[str, object],
    steps: Sequence[Step],
    *,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
    project_id: int | None = None,
) -> Trial:
    """Sets the rule and plans with it, in a transaction that the caller must take back. Raises RuleError.

    With a project: that one alone, as if it were activated. Never mails anybody.
    """
    before = load_of_month(session, now)
    rule = set_rule(session, values, by="trial", now=now)
    set_steps(session, rule.name, steps, by="trial", now=now)
    if project_id is not None:
        session.execute(
            update(Project)
            .where(col(Project.id) == project_id, col(Project.activated_at).is_(None))
            .values(activated_at=now)
        )
    ids, total = _milestones_for(session, rule, project_id)
    plan = replan(session, now, settings, calendar, ids)
    of_rule: tuple[ColumnElement[bool] | bool, ...] = (
        Reminder.rule_id == rule.id,
        Reminder.state == ReminderState.PLANNED,
        col(Reminder.due_at) > now,
    )
    if project_id is not None:
        of_rule = (*of_rule, col(Reminder.milestone_id).in_(ids))
    next_at = session.execute(
        select(col(Reminder.due_at), func.count())
        .where(*of_rule)
        .group_by(col(Reminder.due_at))
        .order_by(col(Reminder.due_at))
        .limit(NEXT_MOMENTS)
    ).all()
    in_a_month = session.exec(
        select(func.count()).select_from(Reminder).where(*of_rule, col(Reminder.due_at) < now + MONTH)
    ).one()
    reminders: Sequence[tuple[str, datetime]] = ()
    if project_id is not None:
        reminders = session.exec(
            select(Milestone.label, Reminder.due_at)
            .join(Milestone, col(Milestone.id) == col(Reminder.milestone_id))
            .where(*of_rule)
            .order_by(col(Reminder.due_at), col(Reminder.id))
            .limit(ROWS_SHOWN)
        ).all()
    return Trial(
        rule,
        len(ids),
        total,
        plan,
        before,
        load_of_month(session, now),
        in_a_month,
        tuple((at, count) for at, count in next_at),
        tuple(reminders),
        tuple(_warnings(session, rule, bool(next_at), now, settings)),
    )


def keep_rule(
    session: Session,
    values: Mapping[str, object],
    steps: Sequence[Step],
    *,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> PlanChange | None:
    """Sets the rule with its steps and plans anew; None where that is left to the night. Raises RuleError."""
    rule = set_rule(session, values, by=by, now=now)
    set_steps(session, rule.name, steps, by=by, now=now)
    return plan_anew(session, now, settings, calendar)


def warnings_of(session: Session, rule: Rule, now: datetime, settings: Settings) -> tuple[str, ...]:
    """What whoever set the rule may not have meant, seen from what is planned with it now."""
    ahead = select(Reminder.id).where(
        Reminder.rule_id == rule.id, Reminder.state == ReminderState.PLANNED, col(Reminder.due_at) > now
    )
    fires = session.exec(ahead.limit(1)).first() is not None
    return tuple(_warnings(session, rule, fires, now, settings))


def drop_rule(
    session: Session, name: str, *, by: str, now: datetime, settings: Settings, calendar: WorkingCalendar
) -> PlanChange | None:
    """Switches the rule off and plans anew; None where that is left to the night. Raises RuleError."""
    remove_rule(session, name, by=by, now=now)
    return plan_anew(session, now, settings, calendar)


def plan_anew(session: Session, now: datetime, settings: Settings, calendar: WorkingCalendar) -> PlanChange | None:
    """Plans everything anew where that is a matter of seconds; else None, and the night's planning does it."""
    return None if is_left_to_the_night(session) else replan(session, now, settings, calendar)


def is_left_to_the_night(session: Session) -> bool:
    """Whether there are so many open milestones that planning them anew would keep a page waiting for minutes."""
    some = open_milestones().limit(MOST_PLANNED_AT_ONCE + 1).subquery()
    return session.exec(select(func.count()).select_from(some)).one() > MOST_PLANNED_AT_ONCE


def load_of_month(session: Session, now: datetime) -> Load:
    """Counted on index ix_reminder_due."""
    soon = (Reminder.state == ReminderState.PLANNED, col(Reminder.due_at) < now + MONTH)
    slots = select(col(Reminder.post_id), col(Reminder.due_at)).where(*soon).distinct().subquery()
    mails = session.exec(select(func.count()).select_from(slots)).one()
    return Load(mails, session.exec(select(func.count()).select_from(Reminder).where(*soon)).one())


def _milestones_for(session: Session, rule: Rule, project_id: int | None) -> tuple[list[int], int]:
    """The first of the open milestones within the rule's scope, and how many there are."""
    wanted = open_milestones()
    if project_id is not None:
        wanted = wanted.where(col(Milestone.project_id) == project_id)
    if rule.milestone_id is not None:
        wanted = wanted.where(col(Milestone.id) == rule.milestone_id)
    if rule.project_id is not None:
        wanted = wanted.where(col(Milestone.project_id) == rule.project_id)
    if rule.unit_id is not None:
        below = select(Unit.id).where(col(Unit.parent_id) == rule.unit_id)
        of_unit = or_(col(Project.unit_id) == rule.unit_id, col(Project.team_id) == rule.unit_id)
        wanted = wanted.where(or_(of_unit, col(Project.unit_id).in_(below)))
    ids = fetch_ids(session, wanted.order_by(col(Milestone.id)).limit(MOST_LOOKED_AT))
    return ids, session.exec(select(func.count()).select_from(wanted.subquery())).one()


def _warnings(session: Session, rule: Rule, fires: bool, now: datetime, settings: Settings) -> Iterator[str]:
    window = settings.send_window
    if not fires:
        yield "앞으로 한 번도 알리지 않습니다. 조건에 맞는 일정이 없거나, 남은 시점이 없습니다."
    if not window.opens <= rule.time < window.closes:
        inside = f"{window.opens:%H:%M}~{window.closes:%H:%M}"
        yield f"{rule.time:%H:%M}은 발송 시간대({inside}) 밖이라 {window.opens:%H:%M}에 나갑니다."
    if rule.is_scoped:
        others = session.exec(
            select(func.count())
            .select_from(ReminderRule)
            .where(
                ReminderRule.ask == rule.ask,
                ReminderRule.id != rule.id,
                col(ReminderRule.disabled_at).is_(None),
                col(ReminderRule.unit_id).is_(None),
                col(ReminderRule.project_id).is_(None),
                col(ReminderRule.milestone_id).is_(None),
            )
        ).one()
        if others:
            yield f"이 범위에서는 같은 요청의 전체 규칙 {others}개 대신 이 규칙만 씁니다."
    if 0 not in rule.levels and rule.ask in ASKS_FOR_AN_ANSWER:
        yield "담당자는 이 규칙으로 묻지 않습니다. 답을 받으려면 담당자도 골라 주세요."
    yield from _crowded(session, rule, now, settings)


def _crowded(session: Session, rule: Rule, now: datetime, settings: Settings) -> Iterator[str]:
    """Posts that this rule gives too many mails a day, or too many items in one."""
    theirs = select(Reminder.post_id).where(
        Reminder.rule_id == rule.id, Reminder.state == ReminderState.PLANNED, col(Reminder.due_at) < now + MONTH
    )
    rows = session.exec(
        select(Reminder.post_id, Reminder.due_at, func.count(func.distinct(col(Reminder.milestone_id))))
        .where(
            Reminder.state == ReminderState.PLANNED,
            col(Reminder.due_at) < now + MONTH,
            col(Reminder.post_id).in_(theirs.distinct().limit(ROWS_SHOWN)),
        )
        .group_by(col(Reminder.post_id), col(Reminder.due_at))
        .order_by(func.count().desc())
        .limit(ROWS_SHOWN * 10)
    ).all()
    mails: Counter[tuple[int, date]] = Counter()
    for post_id, due_at, _ in rows:
        mails[post_id, due_at.astimezone(settings.timezone).date()] += 1
    for (post_id, on), count in mails.most_common(1):
        if count >= MANY_MAILS_A_DAY:
            yield f"{_name(session, post_id)}에게 {words.day(on)} 하루에 메일 {count}통이 갑니다. 시각을 맞춰 주세요."
    if rows and rows[0][2] > MANY_ITEMS:
        post_id, due_at, items = rows[0]
        on = due_at.astimezone(settings.timezone).date()
        yield f"{_name(session, post_id)}의 {words.day(on)} 메일 한 통에 일정 {items}건이 담깁니다."


def _name(session: Session, post_id: int) -> str:
    post = session.get_one(Post, post_id)
    return words.post_name(session.get_one(Unit, post.unit_id).name, post.title)
