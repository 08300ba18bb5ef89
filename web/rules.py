"""`/rules`: each reminder rule as a sentence, what it has planned, and its next days."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from models import EscalationStep, Milestone, Project, Reminder, ReminderRule, ReminderState, Unit
from models.database import read
from web.access import OfficeViewer, TheOffice
from web.pages import render
from web.rule_sentences import sentence

router = APIRouter()

SHOWN = 100
NEXT_DATES = 10
MONTH = timedelta(days=30)
LOOKED_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A rule with its steps upwards, its reminders of the next 30 days, and the next moments with how many are due."""

    rule: ReminderRule
    sentence: str
    steps: tuple[EscalationStep, ...]
    in_a_month: int
    next_at: tuple[tuple[datetime, int], ...]


@router.get("/rules")
def show_rules(request: Request, office: TheOffice, _viewer: OfficeViewer) -> Response:
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
        ahead = _ahead(session, now)
        cards = [
            RuleCard(
                rule,
                sentence(rule, _scope(session, rule)),
                tuple(steps.get(rule.id or 0, ())),
                sum(count for at, count in ahead.get(rule.id or 0, ()) if at < now + MONTH),
                tuple(ahead.get(rule.id or 0, ())[:NEXT_DATES]),
            )
            for rule in rules
        ]
    return render(request, "rules.html", cards=cards)


def _ahead(session: Session, now: datetime) -> dict[int, list[tuple[datetime, int]]]:
    """For each rule the moments ahead at which reminders are due, and how many; one look at index ix_reminder_due."""
    found: dict[int, list[tuple[datetime, int]]] = {}
    for rule_id, due_at, count in session.execute(
        select(col(Reminder.rule_id), col(Reminder.due_at), func.count())
        .where(col(Reminder.state) == ReminderState.PLANNED, col(Reminder.due_at) < now + LOOKED_AHEAD)
        .group_by(col(Reminder.rule_id), col(Reminder.due_at))
        .order_by(col(Reminder.due_at))
    ):
        found.setdefault(rule_id, []).append((due_at, count))
    return found


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
