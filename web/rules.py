"""`/rules`: each reminder rule as a sentence, what it has planned, and its next days."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from models import EscalationStep, Milestone, Project, Reminder, ReminderRule, ReminderState, Unit
from models.database import read
from web.access import Admin, TheOffice
from web.pages import render
from web.rule_sentences import sentence

router = APIRouter()

SHOWN = 100
NEXT_DATES = 10
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class RuleCard:
    rule: ReminderRule
    sentence: str
    in_a_month: int
    planned: int
    next_at: list[tuple[datetime, int]]  # moment, reminders
    steps: list[EscalationStep]


@router.get("/rules")
def show_rules(request: Request, office: TheOffice, _admin: Admin) -> Response:
    now = office.now()
    with read(office.engine) as session:
        rules = session.exec(
            select(ReminderRule).order_by(col(ReminderRule.position), col(ReminderRule.id)).limit(SHOWN)
        ).all()
        steps: dict[int, list[EscalationStep]] = {}
        for step in session.exec(
            select(EscalationStep).order_by(col(EscalationStep.after_working_days), col(EscalationStep.id)).limit(SHOWN)
        ).all():
            steps.setdefault(step.rule_id, []).append(step)
        cards = [_card(session, rule, steps.get(rule.id or 0, []), now) for rule in rules]
    return render(request, "rules.html", cards=cards)


def _card(session: Session, rule: ReminderRule, steps: list[EscalationStep], now: datetime) -> RuleCard:
    planned = (col(Reminder.rule_id) == rule.id, col(Reminder.state) == ReminderState.PLANNED)
    moments = session.execute(
        select(col(Reminder.due_at), func.count())
        .where(*planned)
        .group_by(col(Reminder.due_at))
        .order_by(col(Reminder.due_at))
        .limit(NEXT_DATES)
    ).all()
    total, soon = session.exec(
        select(func.count(), func.count().filter(col(Reminder.due_at) < now + MONTH)).where(*planned)
    ).one()
    return RuleCard(rule, sentence(rule, _scope(session, rule)), soon, total, list(moments), steps)


def _scope(session: Session, rule: ReminderRule) -> str | None:
    """The name of what the rule is for, where it is not for everything."""
    if rule.milestone_id is not None:
        milestone = session.get(Milestone, rule.milestone_id)
        return milestone.label if milestone else None
    if rule.project_id is not None:
        project = session.get(Project, rule.project_id)
        return project.title if project else None
    unit = session.get(Unit, rule.unit_id) if rule.unit_id is not None else None
    return unit.name if unit else None
