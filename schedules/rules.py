"""The reminder rules in force: which of them hold for a milestone, and how an admin changes them."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import String, select, type_coerce, update
from sqlmodel import Session, col

from models import Ask, AuditEntry, Certainty, Milestone, Project, ReminderRule, Unit
from schedules.escalation_steps import default_steps, put_steps
from schedules.items import Item
from schedules.rule import Rule, RuleError, read_rule

__all__ = [
    "Matching",
    "Rule",
    "RuleBook",
    "RuleError",
    "default_rules",
    "install_default_rules",
    "load_rules",
    "mismatch",
    "read_rule",
    "remove_rule",
    "rules_for",
    "scope_distance",
    "set_rule",
]

DEFAULTS = Path(__file__).with_name("defaults.toml")

# ------------------------------------------------------------------------------------------------ which rules hold


def rules_for(item: Item, rules: Iterable[Rule]) -> list[Rule]:
    """The rules that hold for the item: for each ask those of the nearest scope, in their own order."""
    nearest: dict[Ask, int] = {}
    found: list[tuple[int, Rule]] = []
    for rule in rules:
        distance = scope_distance(rule, item)
        if distance is not None and mismatch(rule, item) is None:
            nearest[rule.ask] = min(nearest.get(rule.ask, distance), distance)
            found.append((distance, rule))
    return [rule for distance, rule in found if distance == nearest[rule.ask]]


class Matching:
    """`rules_for`, found once for all items that are alike in everything that rules look at."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._has_units = any(rule.unit_id is not None for rule in rules)
        self._projects = {rule.project_id for rule in rules}
        self._milestones = {rule.milestone_id for rule in rules}
        self._found: dict[tuple[object, ...], list[Rule]] = {}

    def likeness(self, item: Item) -> tuple[object, ...]:
        """Equal for items for which the same rules hold."""
        return (
            item.kind,
            item.precision,
            item.tentative,
            item.is_deadline,
            item.needs_check,
            item.quiet_since is not None,
            item.unit_ids if self._has_units else None,
            item.project_id if item.project_id in self._projects else None,
            item.id if item.id in self._milestones else None,
        )

    def rules_for(self, item: Item) -> list[Rule]:
        alike = self.likeness(item)
        found = self._found.get(alike)
        if found is None:
            found = self._found[alike] = rules_for(item, self._rules)
        return found


def scope_distance(rule: Rule, item: Item) -> int | None:
    """0 = written for this milestone, 1 = its project, then its units upwards, then everything; None = not for it."""
    if rule.milestone_id is not None:
        return 0 if rule.milestone_id == item.id else None
    if rule.project_id is not None:
        return 1 if rule.project_id == item.project_id else None
    if rule.unit_id is not None:
        return 2 + item.unit_ids.index(rule.unit_id) if rule.unit_id in item.unit_ids else None
    return 2 + len(item.unit_ids)


def mismatch(rule: Rule, item: Item) -> str | None:
    """Why the rule, although its scope fits, does not hold for the item, in Korean; None when it does."""
    if rule.kinds and item.kind not in rule.kinds:
        return f"구분이 다릅니다({item.kind})"
    if rule.precisions and item.precision not in rule.precisions:
        return f"날짜의 정밀도가 다릅니다({item.precision})"
    if rule.certainty is Certainty.FIRM and not item.is_firm:
        return "확정된 날짜가 아닙니다"
    if rule.certainty is Certainty.TENTATIVE and item.is_firm:
        return "이미 확정된 날짜입니다"
    if rule.ask is Ask.CHECK:
        return None if item.needs_check else "기한이 있어 점검 대신 기한에 맞추어 알립니다"
    if rule.ask is Ask.QUIET:
        return None if item.quiet_since is not None else item.not_quiet
    if not item.is_deadline:
        return "기한으로 관리하는 일정이 아닙니다"
    return None


# ------------------------------------------------------------------------------------------------ the stored rules


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules in force, in their order; `broken` are the ids of those whose rows cannot be read, with the reason."""

    rules: tuple[Rule, ...]
    broken: Mapping[int, str]

    def by_id(self) -> dict[int, Rule]:
        return {rule.id: rule for rule in self.rules}


def load_rules(session: Session) -> RuleBook:
    """Every rule that is not switched off. A row that cannot be read is reported in `broken` and spoils no other."""
    words = ("ask", "certainty", "which_end", "offset_unit", "repeat_unit", "repeat_until")
    names = [field.name for field in fields(Rule)]
    columns = [
        (type_coerce(getattr(ReminderRule, name), String) if name in words else getattr(ReminderRule, name)).label(name)
        for name in names
    ]
    rows = session.execute(
        select(*columns)
        .where(col(ReminderRule.disabled_at).is_(None))
        .order_by(col(ReminderRule.position), col(ReminderRule.id))
    ).mappings()
    rules: list[Rule] = []
    broken: dict[int, str] = {}
    for row in rows:
        try:
            rules.append(read_rule({name: row[name] for name in names if name != "id"}, row["id"]))
        except RuleError as error:
            broken[row["id"]] = f"{row['name']}: {error}"
    return RuleBook(tuple(rules), broken)


def install_default_rules(session: Session) -> int:
    """Adds the rules of `defaults.toml` whose names are not there yet; what an admin changed stays. How many."""
    there = set(session.scalars(select(col(ReminderRule.name))))
    missing = [rule for rule in default_rules() if rule.name not in there]
    rows = [_row(rule) for rule in missing]
    session.add_all(rows)
    session.flush()
    for row in rows:
        put_steps(session, row.id or 0, default_steps().get(row.name, ()))
    return len(missing)


@cache
def default_rules() -> tuple[Rule, ...]:
    """The rules of `defaults.toml`, in the order of the file."""
    tables = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))["rule"]
    return tuple(read_rule({"position": place * 10, **table}) for place, table in enumerate(tables, 1))


def set_rule(session: Session, values: Mapping[str, object], *, by: str, now: datetime) -> Rule:
    """Adds the rule, or changes the one of that name (values not given keep what it has), and switches it on.

    What is planned changes with the next `schedules.plan.replan`. Raises RuleError and changes nothing.
    """
    row = session.scalars(select(ReminderRule).where(col(ReminderRule.name) == values.get("name"))).one_or_none()
    before = {name: getattr(row, name) for name in _STORED} if row is not None else {}
    rule = read_rule({**before, **values}, row.id or 0 if row is not None else 0)
    for field, kind in (("unit_id", Unit), ("project_id", Project), ("milestone_id", Milestone)):
        target = getattr(rule, field)
        if target is not None and session.get(kind, target) is None:
            raise RuleError(field, f"{target}번은 없습니다.")
    if row is None:
        row = _row(rule)
    else:
        for name, value in _stored(rule).items():
            setattr(row, name, value)
        row.disabled_at = None
    session.add(row)
    session.flush()
    session.add(AuditEntry(at=now, actor=by, act="rule.set", subject=f"rule:{row.id}", detail=rule.name))
    return read_rule(_stored(rule), row.id or 0)


def remove_rule(session: Session, name: str, *, by: str, now: datetime) -> None:
    """Switches the rule off; its row stays, since sent reminders name it. Raises RuleError for an unknown name."""
    removed = session.execute(
        update(ReminderRule)
        .where(col(ReminderRule.name) == name, col(ReminderRule.disabled_at).is_(None))
        .values(disabled_at=now)
        .returning(col(ReminderRule.id))
    ).scalar_one_or_none()
    if removed is None:
        names = ", ".join(rule.name for rule in load_rules(session).rules)
        raise RuleError("name", f"'{name}' 규칙이 없습니다. 있는 규칙: {names}")
    session.add(AuditEntry(at=now, actor=by, act="rule.remove", subject=f"rule:{removed}", detail=name))


_STORED = tuple(field.name for field in fields(Rule) if field.name != "id")


def _stored(rule: Rule) -> dict[str, object]:
    """The values as the row keeps them: lists and text."""
    values = {name: getattr(rule, name) for name in _STORED}
    lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
    return {**values, **lists, "time": rule.time.strftime("%H:%M")}


def _row(rule: Rule) -> ReminderRule:
    return ReminderRule.model_validate(_stored(rule))
