"""`dday audit`: who did what, when and from where."""

import sys
from typing import Annotated

import typer
from sqlmodel import select

from commands.opening import open_office
from commands.printing import Json, console, day, print_json, table
from commands.run import Refused
from models import Unit
from models.database import read
from web.acts import COLUMNS, MOST_EXPORTED, Asked, as_csv, as_row, read_acts


def register(app: typer.Typer) -> None:
    app.command("audit")(audit)


def audit(
    who: Annotated[str, typer.Option("--who", help="이름의 일부 / part of a name")] = "",
    act: Annotated[str, typer.Option("--act", help="한 일 / the act, or its beginning: rule, round.open")] = "",
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="이날부터 / from this day")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="이날까지 / to this day")] = "",
    unit: Annotated[str, typer.Option("--unit", help="부서 이름 / a unit's name")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST_EXPORTED, help="몇 건까지 / how many")] = 50,
    as_table: Annotated[bool, typer.Option("--csv", help="CSV로 / as CSV")] = False,
    as_json: Json = False,
) -> None:
    """누가 무엇을 했는지 새것부터 보여 줍니다. / The record of acts, the newest first.

    예: dday audit --act rule --from 2024-10-01
    """
    office = open_office()
    zone = office.settings.timezone
    with read(office.engine) as session:
        ids = session.exec(select(Unit.id).where(Unit.name == "".join(unit.split()))).all() if unit else []
        if unit and len(ids) != 1:
            raise Refused(f"{unit}: 그런 이름의 부서가 하나가 아닙니다 / not the name of one unit")
        asked = Asked(
            who,
            act,
            day(first, "--from") if first else None,
            day(last, "--to") if last else None,
            ids[0] if ids else None,
        )
        found = read_acts(session, asked, zone, limit=limit)
    if as_json:
        print_json([dict(zip(COLUMNS, as_row(entry, zone), strict=True)) for entry in found])
        return
    if as_table:
        sys.stdout.writelines(as_csv(iter(found), zone))
        return
    if not found:
        console.print("조건에 맞는 기록이 없습니다.")
        return
    shown = table("감사 기록", "언제", "누가", "무엇을", "대상", "내용", "어디에서")
    for entry in found:
        shown.add_row(*as_row(entry, zone))
    console.print(shown)
