"""`dday days`: the office's own days off and working days, and what each change moves."""

from typing import Annotated

import typer

from commands.opening import Office, open_office
from commands.printing import Json, console, day, print_json, table
from commands.run import Refused
from models import OfficeDayKind
from models.database import read, write
from schedules import words
from schedules.office_days import DayChange, list_days, remove_day, set_day

SHOWN = 20
KINDS = {OfficeDayKind.HOLIDAY: "쉬는 날", OfficeDayKind.WORKING: "근무일"}

Day = Annotated[str, typer.Argument(metavar="DAY", help="날짜 / the day, YYYY-MM-DD")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="구 재량휴무, 임시공휴일, 대체 근무일을 정합니다. / Own days.", no_args_is_help=True)
    group.command("list")(show)
    group.command("set")(set_)
    group.command("remove")(remove)
    app.add_typer(group, name="days")


def show(as_json: Json = False) -> None:
    """따로 정한 날을 보여 줍니다. / The office's own days.

    예: dday days list
    """
    office = open_office()
    with read(office.engine) as session:
        days = list_days(session)
    if as_json:
        print_json([one.model_dump(mode="json") for one in days])
        return
    if not days:
        console.print("따로 정한 날이 없습니다. 공휴일은 자동으로 반영됩니다.")
        return
    shown = table("따로 정한 날", "날짜", "구분", "이름")
    for one in days:
        shown.add_row(words.day(one.on), KINDS[one.kind], one.name)
    console.print(shown)


def set_(
    on: Day,
    name: Annotated[str, typer.Argument(help="이름 / name")],
    kind: Annotated[str, typer.Option("--kind", help="holiday 또는 working / holiday or working")] = "holiday",
) -> None:
    """쉬는 날이나 근무일을 정하고, 예정된 알림을 다시 계산합니다. / Sets a day and re-plans.

    예: dday days set 2025-01-27 "임시공휴일"
    """
    if kind not in list(OfficeDayKind):
        raise Refused(f"--kind: '{kind}'은(는) 쓸 수 없습니다. holiday 또는 working / holiday or working")
    on_day = day(on, "DAY")
    office = open_office()
    with write(office.engine) as session:
        change = set_day(
            session, on_day, OfficeDayKind(kind), name, by="admin", now=office.clock(), settings=office.settings
        )
    console.print(f"정했습니다: {words.day(on_day)} {name}")
    _print_change(change, office)


def remove(on: Day) -> None:
    """정한 날을 없애고, 예정된 알림을 다시 계산합니다. / Removes a day and re-plans.

    예: dday days remove 2025-01-27
    """
    on_day = day(on, "DAY")
    office = open_office()
    with write(office.engine) as session:
        change = remove_day(session, on_day, by="admin", now=office.clock(), settings=office.settings)
    console.print(f"없앴습니다: {words.day(on_day)}")
    _print_change(change, office)


def _print_change(change: DayChange, office: Office) -> None:
    plan = change.plan
    console.print(f"알림 {plan.planned:,}건 추가, {len(change.moved):,}건 옮김, {plan.cancelled:,}건 취소")
    zone = office.settings.timezone
    for one in change.moved[:SHOWN]:
        before, after = one.before.astimezone(zone), one.after.astimezone(zone)
        console.print(f"  {words.shortened(one.label, 40)}: {words.moment(before)} → {words.moment(after)}")
    if len(change.moved) > SHOWN:
        console.print(f"  외 {len(change.moved) - SHOWN:,}건")
