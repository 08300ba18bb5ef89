"""`dday absence`: who is away, and who is asked instead."""

from typing import Annotated

import typer

from commands.opening import day_of, open_office
from commands.printing import Json, console, day, print_json, table
from models.database import read, write
from schedules import words
from schedules.absences import list_absences, remove_absence, set_absence


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="부재와 업무대행을 정합니다. / Absences and deputies.", no_args_is_help=True)
    group.command("list")(show)
    group.command("set")(set_)
    group.command("remove")(remove)
    app.add_typer(group, name="absence")


def show(as_json: Json = False) -> None:
    """끝나지 않은 부재를 보여 줍니다. / Absences that are not over.

    예: dday absence list
    """
    office = open_office()
    with read(office.engine) as session:
        found = list_absences(session, day_of(office).date())
    if as_json:
        keys = ("id", "person", "deputy", "reason")
        days = [{"from": one.from_on.isoformat(), "until": one.until_on.isoformat()} for one in found]
        print_json([{key: getattr(one, key) for key in keys} | span for one, span in zip(found, days, strict=True)])
        return
    if not found:
        console.print("정해진 부재가 없습니다.")
        return
    shown = table("부재와 업무대행", "번호", "부재", "업무대행", "기간", "사유")
    for one in found:
        shown.add_row(str(one.id), one.person, one.deputy, words.span(one.from_on, one.until_on), one.reason or "-")
    console.print(shown)


def set_(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="자리를 비우는 사람의 전자우편 / who is away")],
    deputy: Annotated[str, typer.Option("--deputy", metavar="EMAIL", help="업무대행의 전자우편 / who is asked")],
    from_day: Annotated[str, typer.Option("--from", metavar="DAY", help="첫날 / first day")],
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="마지막 날 / last day")],
    reason: Annotated[str, typer.Option("--reason", help="사유 / why")] = "",
) -> None:
    """그 기간의 알림을 업무대행이 받게 합니다. / The deputy gets the person's mail in that time.

    예: dday absence set hong@office.example --deputy seong@office.example --from 2024-10-07 --until 2024-10-11
    """
    office = open_office()
    with write(office.engine) as session:
        made = set_absence(
            session,
            email=email,
            deputy=deputy,
            from_on=day(from_day, "--from"),
            until_on=day(until, "--until"),
            reason=reason,
            by="admin",
            now=office.clock(),
        )
    console.print(f"정했습니다({made.id}번): {made.person} → {made.deputy}, {words.span(made.from_on, made.until_on)}")


def remove(absence: Annotated[int, typer.Argument(metavar="ABSENCE", help="부재 번호 / absence id")]) -> None:
    """부재를 없앱니다. / Removes an absence.

    예: dday absence remove 3
    """
    office = open_office()
    with write(office.engine) as session:
        gone = remove_absence(session, absence, by="admin", now=office.clock())
    console.print(f"없앴습니다: {gone.person}, {words.span(gone.from_on, gone.until_on)}")
