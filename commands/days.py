"""`dday days`: the office's own days off and working days, and what each change moves."""

from typing import Annotated

import typer

from commands.opening import Office, open_office
from commands.printing import Json, console, day, print_json, table
from commands.run import Refused
from models import HolidayDeadline, OfficeDayKind
from models.database import read, write
from schedules import words
from schedules.office_days import (
    DayChange,
    holiday_deadline,
    list_days,
    remove_day,
    set_day,
    set_holiday_deadline,
)

SHOWN = 20
DEADLINES = {
    HolidayDeadline.AS_IS: "그대로 셉니다",
    HolidayDeadline.BEFORE: "그 앞의 근무일로 당겨 셉니다",
    HolidayDeadline.AFTER: "그다음 근무일로 미루어 셉니다(민법 제161조)",
}
KINDS = {OfficeDayKind.HOLIDAY: "쉬는 날", OfficeDayKind.WORKING: "근무일"}

Day = Annotated[str, typer.Argument(metavar="DAY", help="날짜 / the day, YYYY-MM-DD")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="구 재량휴무, 임시공휴일, 대체 근무일을 정합니다. / Own days.", no_args_is_help=True)
    group.command("list")(show)
    group.command("set")(set_)
    group.command("remove")(remove)
    group.command("deadline")(deadline)
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


def deadline(
    choice: Annotated[
        str | None, typer.Argument(metavar="as_is|before|after", help="어떻게 셀지 / how it counts")
    ] = None,
) -> None:
    """기한이 쉬는 날일 때 어떻게 셀지 보거나 정합니다. / How a deadline on a day off counts.

    일정의 날짜는 그대로 두고 알림만 다시 계산합니다. 행사·회의·심의·교육·개관은 그날 열리므로 바꾸지 않습니다.

    예: dday days deadline after
    """
    allowed = ", ".join(HolidayDeadline)
    if choice is not None and choice not in list(HolidayDeadline):
        raise Refused(f"'{choice}'은(는) 쓸 수 없습니다. 가능한 값: {allowed} / one of {allowed}")
    office = open_office()
    if choice is None:
        with read(office.engine) as session:
            console.print(f"기한이 쉬는 날이면 {DEADLINES[holiday_deadline(session)]}.")
        return
    chosen = HolidayDeadline(choice)
    with write(office.engine) as session:
        change = set_holiday_deadline(session, chosen, by="admin", now=office.clock(), settings=office.settings)
    console.print(f"정했습니다: 기한이 쉬는 날이면 {DEADLINES[chosen]}.")
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
