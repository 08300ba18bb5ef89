"""`dday rules`: the reminder rules as an admin reads and sets them."""

from typing import Annotated

import typer
from sqlmodel import Session, select

from commands.opening import Office, open_office
from commands.printing import Json, console, print_json, table
from models import BESIDE, ReminderRule
from models.database import read, write
from schedules import words
from schedules.escalation_steps import Step, set_steps
from schedules.explain import explain
from schedules.office_days import load_calendar
from schedules.plan import replan
from schedules.rule import SUPPORTING
from schedules.rules import Rule, RuleError, load_rules, remove_rule, set_rule
from schedules.trial import warnings_of

LISTS = ("kinds", "precisions", "offsets", "levels", "channels")
NUMBERS = (
    "offsets",
    "levels",
    "unit_id",
    "project_id",
    "milestone_id",
    "repeat_every",
    "most_repeats",
    "fallback_working_days",
    "position",
)


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="알림 규칙을 보고 정합니다. / Reminder rules.", no_args_is_help=True)
    group.command("list")(show)
    group.command("set", context_settings={"ignore_unknown_options": True})(set_)
    group.command("remove")(remove)
    group.command("explain")(explain_)
    app.add_typer(group, name="rules")


def show(as_json: Json = False) -> None:
    """지금 쓰는 규칙을 보여 줍니다. / The rules in force.

    예: dday rules list
    """
    office = open_office()
    with read(office.engine) as session:
        book = load_rules(session)
        rows = {row.id: row for row in session.exec(select(ReminderRule)).all()}
    if as_json:
        print_json([rows[rule.id].model_dump(mode="json", exclude={"disabled_at"}) for rule in book.rules])
        return
    shown = table("알림 규칙", "이름", "요청", "구분", "정밀도", "기준", "시점", "시각", "반복", "단계", "경로")
    for rule in book.rules:
        row = rows[rule.id]
        shown.add_row(
            rule.name,
            rule.ask.value,
            ", ".join(rule.kinds) or "모두",
            ", ".join(rule.precisions) or "모두",
            rule.which_end.value,
            ", ".join(f"{offset:+d}" for offset in rule.offsets)
            + (" (근무일)" if row.offset_unit == "working" else ""),
            row.time,
            _repeats(rule),
            ", ".join("협조" if level == BESIDE else str(level) for level in rule.levels),
            " → ".join(words.CHANNELS[channel] for channel in rule.channels)
            + (f" (근무일 {rule.fallback_working_days}일)" if rule.waits_between_channels else ""),
        )
    console.print(shown)
    for name, reason in book.broken.items():
        console.print(f"읽을 수 없는 규칙: {name}: {reason}")


def set_(
    name: Annotated[str, typer.Argument(help="규칙 이름 / name")],
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE…", help="정할 값 / what to set")],
) -> None:
    """규칙을 더하거나 고치고, 예정된 알림을 다시 계산합니다. / Adds or changes a rule and re-plans.

    예: dday rules set 개관-한-달-전 ask=upcoming kinds=opening offsets=-30,-14 offset_unit=calendar

    협조 직위에도 알림: dday rules set upcoming-firm levels=0,supporting (누구인지는 dday supporting)

    답이 없을 때 위로 보고: dday rules set status escalate=10:1,20:2 (근무일 10일 뒤 바로 위, 20일 뒤 그 위)

    완료될 때까지, 많아도 다섯 번 되풀이: dday rules set overdue repeat_every=7 repeat_until=done most_repeats=5

    답이 없을 때 다음 경로로: dday rules set status channels=email,inbox,paper fallback_working_days=5
    """
    given = {"name": name} | dict(_typed(word) for word in values)
    escalate = given.pop("escalate", None)
    office = open_office()
    now = office.clock()
    with write(office.engine) as session:
        rule = set_rule(session, given, by="admin", now=now)
        if escalate is not None:
            set_steps(session, rule.name, _steps(str(escalate)), by="admin", now=now)
        console.print(f"정했습니다: {rule.name}. {_replanned(session, office)}")
        for warning in warnings_of(session, rule, now, office.settings):
            console.print(f"주의: {warning}")


def remove(name: Annotated[str, typer.Argument(help="규칙 이름 / name")]) -> None:
    """규칙을 끄고, 예정된 알림을 다시 계산합니다. / Switches a rule off and re-plans.

    예: dday rules remove today
    """
    office = open_office()
    with write(office.engine) as session:
        remove_rule(session, name, by="admin", now=office.clock())
        console.print(f"껐습니다: {name}. {_replanned(session, office)}")


def explain_(milestone: Annotated[int, typer.Argument(metavar="MILESTONE", help="일정 번호 / milestone id")]) -> None:
    """이 일정에 어느 규칙이 어떤 알림을 주었는지, 왜 없는지 설명합니다. / Which rule gave what, and why not.

    예: dday rules explain 12
    """
    office = open_office()
    with read(office.engine) as session:
        for line in explain(session, milestone, office.clock(), office.settings):
            console.print(line)


def _repeats(rule: Rule) -> str:
    """`7 (완료까지, 5번)`: every so many days, until when, at most how often."""
    if not rule.repeat_every:
        return "-"
    stops = ["완료까지"] if rule.outlasts_answers else []
    stops += [f"{rule.most_repeats}번"] if rule.most_repeats else []
    return f"{rule.repeat_every}" + (f" ({', '.join(stops)})" if stops else "")


def _replanned(session: Session, office: Office) -> str:
    change = replan(session, office.clock(), office.settings, load_calendar(session))
    return f"알림 {change.planned:,}건 추가, {change.moved:,}건 옮김, {change.cancelled:,}건 취소"


def _typed(word: str) -> tuple[str, object]:
    field, equals, text = word.partition("=")
    if not equals:
        raise RuleError(word, "이름=값 으로 적어 주세요. 예: offsets=-30,-7,-1")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if field in LISTS:
        return field, [_number(field, part) if field in NUMBERS and part != SUPPORTING else part for part in parts]
    return field, _number(field, text) if field in NUMBERS else text


def _steps(text: str) -> list[Step]:
    """`10:1,20:2`: working days without an answer, and how many posts above; empty = none."""
    found = []
    for part in text.split(","):
        days, colon, level = part.strip().partition(":")
        if part.strip():
            found.append(Step(_number("escalate", days), _number("escalate", level if colon else "1")))
    return found


def _number(field: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise RuleError(field, f"'{text}'은(는) 정수가 아닙니다.") from error
