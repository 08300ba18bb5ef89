"""`dday handover` and `dday people`: 인사이동 as one act, and who held which post on any day."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from commands.opening import Office, day_of, open_office
from commands.printing import Json, console, day, print_json, table
from commands.reading import read_bytes
from commands.run import Refused
from commands.tables import staff_rows, take_staff
from documents.spreadsheet import StaffEntry
from models.database import read, write
from notifications.handovers import hand_over_due
from schedules import words
from schedules.handovers import Move, unaccepted
from schedules.office_days import load_calendar
from schedules.people import Held, list_held

SHOWN_ITEMS = 10


def register(app: typer.Typer) -> None:
    app.command("handover")(handover)
    app.command("people")(people)


def handover(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="명단 CSV·XLSX / the staff table")] = None,
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="시작일이 없는 행의 발령일 / effective day")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="저장합니다 / store it")] = False,
    as_json: Json = False,
) -> None:
    """인사이동: 누가 나가고 들어오는지, 무엇을 이어받는지 먼저 보여 주고 --yes 로 저장합니다. / A change of staff.

    파일 없이 실행하면 아직 수락하지 않은 인수인계를 보여 줍니다.

    예: dday handover 인사이동.xlsx --on 2025-01-02 --yes
    """
    office = open_office()
    if file is None:
        _show_unaccepted(office, as_json)
        return
    rows = staff_rows(read_bytes(file))
    if on:
        effective_on = day(on, "--on")
        rows = tuple(row if row.start else _from(row, effective_on) for row in rows)
    with write(office.engine) as session:
        _, moves = take_staff(session, office, rows)
        if yes:
            hand_over_due(session, office.clock(), office.settings, load_calendar(session))
        else:
            session.rollback()
    if as_json:
        print_json({"stored": yes, "moves": [_as_json(move) for move in moves]})
        return
    _print_moves(moves, day_of(office).date())
    if not moves:
        console.print("바뀌는 자리가 없습니다.")
    elif yes:
        console.print(f"저장했습니다: 자리 {len(moves)}곳. 발령일부터 이전 담당자의 링크는 열리지 않습니다.")
    else:
        console.print("저장하지 않았습니다. 맞으면 --yes 를 붙여 다시 실행해 주세요. / nothing stored; add --yes")


def people(
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="그날의 담당자 (기본 오늘) / that day")] = "",
    as_json: Json = False,
) -> None:
    """그날 각 직위를 누가 맡고 있었는지 보여 줍니다. / Who held each post on a day.

    예: dday people --on 2024-09-30
    """
    office = open_office()
    on_day = day(on, "--on") if on else day_of(office).date()
    with read(office.engine) as session:
        held = list_held(session, on_day)
    if as_json:
        print_json([_held_json(one) for one in held])
        return
    shown = table(f"{words.day(on_day)}의 담당자", "부서", "직위", "담당자", "부터", "까지", "업무대행")
    for one in held:
        shown.add_row(
            f"{one.under} {one.unit}" if one.under and one.unit.endswith("팀") else one.unit,
            one.post,
            one.person or "공석",
            words.day(one.from_on) if one.from_on else "-",
            words.day(one.until_on) if one.until_on else "-",
            one.deputy or "-",
        )
    console.print(shown)


def _from(row: StaffEntry, on: date) -> StaffEntry:
    if row.end is not None and row.end < on:
        raise Refused(f"{row.line}행: 종료({row.end})가 --on({on})보다 빠릅니다. 날짜를 확인해 주세요.")
    return StaffEntry(row.line, row.unit, row.post, row.name, row.email, row.phone, on, row.end)


def _show_unaccepted(office: Office, as_json: bool) -> None:
    with read(office.engine) as session:
        waiting = unaccepted(session)
    if as_json:
        print_json([asdict(one) | {"effective_on": one.effective_on.isoformat()} for one in waiting])
        return
    if not waiting:
        console.print("수락을 기다리는 인수인계가 없습니다.")
        return
    shown = table("수락을 기다리는 인수인계", "직위", "이전 담당자", "발령일")
    for one in waiting:
        shown.add_row(one.post, one.leavers, words.day(one.effective_on))
    console.print(shown)


def _print_moves(moves: list[Move], today: date) -> None:
    for move in moves:
        gone = f", 맡은 자리가 없어 메일을 받지 않음: {', '.join(move.gone)}" if move.gone else ""
        console.print(f"{move.post} ({words.day(move.effective_on)}부터)")
        console.print(f"  나감: {', '.join(move.leavers) or '-'}{gone}")
        console.print(f"  들어옴: {', '.join(move.comers) or '공석 (윗 직위가 대신 받습니다)'}")
        together = (*move.stay, *move.comers)
        if len(together) > 1:
            console.print(f"  함께 맡음: {', '.join(together)} (메일을 모두 받습니다)")
        ends = f", 링크 {move.links}개가 닫힘" if move.links else ""
        console.print(f"  열린 일정 {len(move.items)}건, 답을 기다리는 요청 {move.requests}건{ends}")
        for item in move.items[:SHOWN_ITEMS]:
            until = words.near_day(item.end_on, today) if item.end_on else "일자 미정"
            console.print(f"    {until} {words.shortened(item.label, 50)} ({words.shortened(item.project, 40)})")
        if len(move.items) > SHOWN_ITEMS:
            console.print(f"    외 {len(move.items) - SHOWN_ITEMS}건")


def _as_json(move: Move) -> dict[str, object]:
    items = [asdict(item) | {"end_on": item.end_on.isoformat() if item.end_on else None} for item in move.items]
    return asdict(move) | {"effective_on": move.effective_on.isoformat(), "items": items}


def _held_json(held: Held) -> dict[str, object]:
    return asdict(held) | {
        "from_on": held.from_on.isoformat() if held.from_on else None,
        "until_on": held.until_on.isoformat() if held.until_on else None,
    }
