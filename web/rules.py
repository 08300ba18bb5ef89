"""`/rules`: each reminder rule as a sentence with its next days; the form that changes one, tried before it is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import func
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from models import (
    Certainty,
    EscalationStep,
    Milestone,
    MilestoneKind,
    OffsetUnit,
    Project,
    Reminder,
    ReminderRule,
    ReminderState,
    RepeatUntil,
    Unit,
    UnitKind,
    WhichEnd,
)
from models.database import read, write
from schedules.dates_expression import Precision
from schedules.escalation_steps import ESCALATED
from schedules.office_days import load_calendar
from schedules.rule import ASKS, RuleError
from schedules.trial import MOST_PLANNED_AT_ONCE, Trial, drop_rule, keep_rule, try_rule
from web.access import Admin, AdminForm, OfficeViewer, TheOffice
from web.catalogue import Both
from web.office import Office
from web.pages import render
from web.rule_form import BEFORE, LEVELS, ORDERS, Complaint, RuleForm, complaint_of, form_of_rule, read_form
from web.rule_sentences import sentences

router = APIRouter()

SHOWN = 100
NEXT_DATES = 10
MONTH = timedelta(days=30)
LOOKED_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A rule with its steps upwards, its reminders of the next 30 days, and the next moments with how many are due."""

    rule: ReminderRule
    sentence: Both
    steps: tuple[EscalationStep, ...]
    in_a_month: int
    next_at: tuple[tuple[datetime, int], ...]


Said = Annotated[str, Query(pattern="^(|kept|night|off|off-night)$")]


@router.get("/rules")
def show_rules(request: Request, office: TheOffice, _viewer: OfficeViewer, said: Said = "") -> Response:
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
                sentences(rule, _scope(session, rule)),
                tuple(steps.get(rule.id or 0, ())),
                sum(count for at, count in ahead.get(rule.id or 0, ()) if at < now + MONTH),
                tuple(ahead.get(rule.id or 0, ())[:NEXT_DATES]),
            )
            for rule in rules
        ]
    return render(request, "rules.html", cards=cards, said=said)


@router.get("/rules/new")
def show_new_rule(
    request: Request,
    office: TheOffice,
    _admin: Admin,
    project: Annotated[str, Query(pattern=r"^\d{0,9}$")] = "",
) -> Response:
    return _form_page(request, office, RuleForm(project=project))


@router.get("/rules/{rule_id}")
def show_rule(request: Request, office: TheOffice, _admin: Admin, rule_id: int) -> Response:
    with read(office.engine) as session:
        rule = _rule(session, rule_id)
        steps = session.exec(select(EscalationStep).where(EscalationStep.rule_id == rule_id)).all()
    return _form_page(request, office, form_of_rule(rule, steps), rule=rule)


@router.post("/rules/save")
def save_rule(request: Request, office: TheOffice, admin: Admin, form: AdminForm) -> Response:
    """Tried and taken back, to show what it does; with `sure` it is kept. `try` names a project to try it on alone."""
    typed = read_form(form)
    trial_project = form.get("try")
    try:
        if form.get("sure") == "yes":
            with write(office.engine) as session:
                _refuse_twin(session, form, typed)
                plan = keep_rule(
                    session,
                    typed.values(),
                    typed.steps(),
                    by=admin.actor,
                    now=office.now(),
                    settings=office.settings,
                    calendar=load_calendar(session),
                )
            return RedirectResponse(f"/rules?said={'night' if plan is None else 'kept'}", HTTPStatus.SEE_OTHER)
        with write(office.engine) as session:
            try:
                _refuse_twin(session, form, typed)
                trial = try_rule(
                    session,
                    typed.values(),
                    typed.steps(),
                    now=office.now(),
                    settings=office.settings,
                    calendar=load_calendar(session),
                    project_id=int(trial_project)
                    if isinstance(trial_project, str) and trial_project.isdecimal()
                    else None,
                )
                rule = session.get_one(ReminderRule, trial.rule.id)
                said = sentences(rule, _scope(session, rule))
            finally:
                session.expunge_all()
                session.rollback()
    except RuleError as error:
        return _form_page(request, office, typed, complaint=complaint_of(error), rule_id=_rule_id(form))
    return _form_page(request, office, typed, trial=trial, said=said, rule_id=_rule_id(form), tried_on=trial_project)


@router.get("/rules/{rule_id}/off")
def ask_about_switching_off(request: Request, office: TheOffice, _admin: Admin, rule_id: int) -> Response:
    """What would be taken back, and the button that does it."""
    with read(office.engine) as session:
        rule = _rule(session, rule_id)
        planned = session.exec(
            select(func.count())
            .select_from(Reminder)
            .where(Reminder.rule_id == rule_id, Reminder.state == ReminderState.PLANNED)
        ).one()
        said = sentences(rule, _scope(session, rule))
    return render(request, "rule_off.html", rule=rule, planned=planned, sentence=said)


@router.post("/rules/{rule_id}/off")
def switch_off(request: Request, office: TheOffice, admin: Admin, _form: AdminForm, rule_id: int) -> Response:
    try:
        with write(office.engine) as session:
            name, now = _rule(session, rule_id).name, office.now()
            calendar = load_calendar(session)
            plan = drop_rule(session, name, by=admin.actor, now=now, settings=office.settings, calendar=calendar)
    except RuleError as error:
        return render(request, "refusal.html", HTTPStatus.CONFLICT, message=complaint_of(error).words)
    return RedirectResponse(f"/rules?said={'off-night' if plan is None else 'off'}", HTTPStatus.SEE_OTHER)


def _form_page(
    request: Request,
    office: Office,
    typed: RuleForm,
    *,
    rule: ReminderRule | None = None,
    rule_id: int | None = None,
    complaint: Complaint | None = None,
    trial: Trial | None = None,
    said: Both | None = None,
    tried_on: object = None,
) -> Response:
    with read(office.engine) as session:
        if rule is None and rule_id is not None:
            rule = session.get(ReminderRule, rule_id)
        units = session.exec(
            select(Unit)
            .where(col(Unit.kind).in_((UnitKind.BUREAU, UnitKind.DEPARTMENT)), col(Unit.closed_on).is_(None))
            .order_by(col(Unit.kind), col(Unit.position))
            .limit(500)
        ).all()
        project = session.get(Project, int(typed.project)) if typed.project.isdecimal() else None
        milestone = session.get(Milestone, int(typed.milestone)) if typed.milestone.isdecimal() else None
        projects = session.exec(
            select(Project.id, Project.title)
            .where(col(Project.closed_at).is_(None))
            .order_by(col(Project.id))
            .limit(SHOWN)
        ).all()
    return render(
        request,
        "rule_form.html",
        HTTPStatus.OK if complaint is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        rule=rule,
        typed=typed,
        error=complaint,
        trial=trial,
        sentence=said,
        tried_on=tried_on,
        units=units,
        project=project,
        milestone=milestone,
        projects=projects,
        asks=list(ASKS),
        before=BEFORE,
        escalated=ESCALATED,
        kinds=list(MilestoneKind),
        precisions=[one for one in Precision if one is not Precision.NONE],
        certainties=list(Certainty),
        ends=[one for one in WhichEnd if one is not WhichEnd.NONE],
        offset_units=list(OffsetUnit),
        untils=list(RepeatUntil),
        levels=LEVELS,
        orders=ORDERS,
        most_at_once=MOST_PLANNED_AT_ONCE,
    )


def _rule(session: Session, rule_id: int) -> ReminderRule:
    rule = session.get(ReminderRule, rule_id)
    if rule is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return rule


def _rule_id(form: FormData) -> int | None:
    given = form.get("rule")
    return int(given) if isinstance(given, str) and given.isdecimal() else None


def _refuse_twin(session: Session, form: FormData, typed: RuleForm) -> None:
    """A rule is changed under its own name only: a new one may not take over another by accident."""
    named = session.exec(select(ReminderRule).where(ReminderRule.name == typed.name.strip())).one_or_none()
    if named is not None and named.id != _rule_id(form):
        raise RuleError("name", f"'{named.name}' 규칙이 이미 있습니다. 다른 이름을 적거나 그 규칙을 고쳐 주세요.")
    if named is None and _rule_id(form) is not None:
        raise RuleError("name", "있는 규칙의 이름은 바꿀 수 없습니다. 새 규칙을 만들고 이 규칙을 꺼 주세요.")


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
