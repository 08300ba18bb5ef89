"""상급자 보고 단계: the steps that a rule's unanswered questions climb, as they stand in the table."""

import tomllib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import delete
from sqlmodel import Session, col, select

from models import Ask, AuditEntry, EscalationStep, ReminderRule
from schedules.rule import HIGHEST_LEVEL, RuleError

LONGEST_WAIT = 250  # working days: about a year
# What asks for an answer and can go without one. Not `quiet`: an answer about any item of the project ends that.
ESCALATED = (Ask.STATUS, Ask.OVERDUE, Ask.CHECK)
DEFAULTS = Path(__file__).with_name("defaults.toml")


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """After so many working days without an answer the post `level` above the responsible one hears it."""

    after_working_days: int
    level: int


def load_steps(session: Session) -> dict[int, tuple[Step, ...]]:
    """The steps of every rule by its id, the earliest first."""
    found: dict[int, list[Step]] = defaultdict(list)
    for row in session.exec(select(EscalationStep)):
        found[row.rule_id].append(Step(row.after_working_days, row.level))
    return {rule_id: tuple(sorted(steps)) for rule_id, steps in found.items()}


@cache
def default_steps() -> Mapping[str, tuple[Step, ...]]:
    """The steps of `defaults.toml` by the name of their rule."""
    found: dict[str, list[Step]] = defaultdict(list)
    for table in tomllib.loads(DEFAULTS.read_text(encoding="utf-8")).get("escalation", []):
        found[table["rule"]].append(Step(table["after_working_days"], table["level"]))
    return {name: check_steps(steps) for name, steps in found.items()}


def check_steps(steps: Collection[Step]) -> tuple[Step, ...]:
    """The steps in their order. Raises RuleError where they lead nowhere or downwards."""
    ordered = tuple(sorted(set(steps)))
    for step in ordered:
        if not 1 <= step.after_working_days <= LONGEST_WAIT:
            raise RuleError(
                "escalate", f"'{step.after_working_days}'은(는) 쓸 수 없습니다. 근무일 1에서 {LONGEST_WAIT} 사이입니다."
            )
        if not 1 <= step.level <= HIGHEST_LEVEL:
            raise RuleError("escalate", f"'{step.level}'단계는 없습니다. 1(바로 위)에서 {HIGHEST_LEVEL} 사이입니다.")
    levels = [step.level for step in ordered]
    if levels != sorted(set(levels)):
        raise RuleError("escalate", "단계는 날이 지날수록 한 번씩 위로 올라가야 합니다. 예: 10:1,20:2")
    return ordered


def set_steps(session: Session, rule_name: str, steps: Collection[Step], *, by: str, now: datetime) -> None:
    """These steps and no others for the rule. What has started keeps the chain it started with. Raises RuleError."""
    ordered = check_steps(steps)
    rule = session.exec(select(ReminderRule).where(ReminderRule.name == rule_name)).one_or_none()
    if rule is None or rule.id is None:
        raise RuleError("name", f"'{rule_name}' 규칙이 없습니다.")
    if ordered and rule.ask not in ESCALATED:
        raise RuleError("escalate", f"{rule.ask}은(는) 위로 보고하지 않습니다. 가능한 요청: {', '.join(ESCALATED)}")
    put_steps(session, rule.id, ordered)
    detail = ",".join(f"{step.after_working_days}:{step.level}" for step in ordered)
    session.add(AuditEntry(at=now, actor=by, act="rule.escalate", subject=f"rule:{rule.id}", detail=detail))


def put_steps(session: Session, rule_id: int, steps: Sequence[Step]) -> None:
    """Replaces the steps of the rule."""
    session.execute(delete(EscalationStep).where(col(EscalationStep.rule_id) == rule_id))
    session.add_all(
        EscalationStep(rule_id=rule_id, after_working_days=step.after_working_days, level=step.level) for step in steps
    )
    session.flush()
