"""`dday reorganise`: 조직개편 as one act: shown first, carried out on its day, and what was before stays known."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from commands.opening import Office, day_of, open_office
from commands.printing import Json, console, day, print_json, table
from commands.reading import read_bytes
from commands.run import Refused
from commands.tables import all_right
from documents.reorganisation_table import read_reorganisation_table
from models.database import read, write
from notifications.reorganisations import Entered, enter, foresee
from schedules import words
from schedules.arrangement import Act
from schedules.office_days import load_calendar
from schedules.reorganisation import Asked, Decided, cancel, list_reorganisations
from schedules.reorganisation_words import effects, hearing_words, state_words

Pairs = list[str]


def register(app: typer.Typer) -> None:
    app.command("reorganise")(reorganise)


def reorganise(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="표(구분, 부서, 새 이름, 옮길 곳, 사업) CSV·XLSX / the table")
    ] = None,
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="시행일 (기본 오늘) / effective day")] = "",
    new: Annotated[Pairs | None, typer.Option("--new", metavar="NAME=ABOVE", help="신설 / make under")] = None,
    split: Annotated[Pairs | None, typer.Option("--split", metavar="UNIT=NAME", help="분리 / split off")] = None,
    rename: Annotated[Pairs | None, typer.Option("--rename", metavar="UNIT=NAME", help="명칭 변경 / rename")] = None,
    move: Annotated[Pairs | None, typer.Option("--move", metavar="UNIT=ABOVE", help="소속 변경 / move under")] = None,
    merge: Annotated[Pairs | None, typer.Option("--merge", metavar="UNIT=INTO", help="통합 / merge into")] = None,
    transfer: Annotated[
        Pairs | None, typer.Option("--transfer", metavar="PROJECT=UNIT", help="사업 이관 / give a project to")
    ] = None,
    close: Annotated[Pairs | None, typer.Option("--close", metavar="UNIT", help="폐지 / close")] = None,
    cancel_id: Annotated[
        int | None, typer.Option("--cancel", metavar="ID", help="시행 전의 것을 취소합니다 / take a waiting one back")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="저장합니다 / store it")] = False,
    as_json: Json = False,
) -> None:
    """조직개편: 무엇이 옮겨지고 누가 대신 듣는지 먼저 보여 주고, --yes 로 시행일에 시행합니다. / Rearranges units.

    시행일이 앞날이면 그날 자동으로 시행합니다. 아무것도 주지 않으면 지금까지의 조직개편을 보여 줍니다.

    예: dday reorganise 조직개편.xlsx --on 2025-01-02 --yes
    예: dday reorganise --on 2025-01-02 --rename 자치행정과=주민자치과 --merge 인사팀=행정지원팀
    """
    office = open_office()
    if cancel_id is not None:
        _cancel(office, cancel_id, as_json)
        return
    asked = _from_options(new, split, rename, move, merge, transfer, close)
    if file is not None:
        asked = (*all_right(read_reorganisation_table(read_bytes(file))), *asked)
    if not asked:
        _show_all(office, as_json)
        return
    effective_on = day(on, "--on") if on else day_of(office).date()
    now = office.clock()
    with write(office.engine) as session:
        calendar = load_calendar(session)
        shown = foresee(session, asked, effective_on, by="admin", now=now, settings=office.settings, calendar=calendar)
        session.rollback()
        stored: Entered | None = None
        if yes:
            stored = enter(
                session, asked, effective_on, by="admin", now=now, settings=office.settings, calendar=calendar
            )
    if as_json:
        print_json(_as_json(shown, stored, effective_on))
        return
    _print(shown, effective_on)
    if shown.carried_out is None:
        console.print("이미 시행한 조직개편과 같습니다. 바뀌는 것이 없습니다. / nothing changes")
    elif stored is None:
        console.print("저장하지 않았습니다. 맞으면 --yes 를 붙여 다시 실행해 주세요. / nothing stored; add --yes")
    elif stored.row.carried_out_at is not None:
        console.print(f"시행했습니다: {stored.row.id}번.")
    else:
        console.print(
            f"저장했습니다: {stored.row.id}번, {words.day(effective_on)}에 시행합니다. 그 전에는 "
            f"dday reorganise --cancel {stored.row.id} 로 취소할 수 있습니다."
        )


def _from_options(
    new: Pairs | None,
    split: Pairs | None,
    rename: Pairs | None,
    move: Pairs | None,
    merge: Pairs | None,
    transfer: Pairs | None,
    close: Pairs | None,
) -> tuple[Asked, ...]:
    """In the order in which they make sense together: what is made can be moved to and merged into."""
    found: list[Asked] = []
    for name, target in _pairs(new, "--new"):
        found.append(Asked(Act.NEW, name=name, target=target))
    for unit, name in _pairs(split, "--split"):
        found.append(Asked(Act.SPLIT, unit=unit, name=name))
    for unit, name in _pairs(rename, "--rename"):
        found.append(Asked(Act.RENAME, unit=unit, name=name))
    for unit, target in _pairs(move, "--move"):
        found.append(Asked(Act.MOVE, unit=unit, target=target))
    for unit, target in _pairs(merge, "--merge"):
        found.append(Asked(Act.MERGE, unit=unit, target=target))
    for project, target in _pairs(transfer, "--transfer"):
        found.append(Asked(Act.TRANSFER, target=target, projects=(project,)))
    found += [Asked(Act.CLOSE, unit=unit) for unit in close or ()]
    return tuple(found)


def _pairs(texts: Sequence[str] | None, option: str) -> list[tuple[str, str]]:
    found = []
    for text in texts or ():
        left, equals, right = (part.strip() for part in text.rpartition("="))
        if not equals or not left or (not right and option != "--new"):
            raise Refused(f"{option}: '{text}'을(를) 왼쪽=오른쪽으로 적어 주세요. 예: --merge 인사팀=행정지원팀")
        found.append((left, right))
    return found


def _cancel(office: Office, reorganisation_id: int, as_json: bool) -> None:
    with write(office.engine) as session:
        cancel(session, reorganisation_id, by="admin", now=office.clock(), today=day_of(office).date())
    if as_json:
        print_json({"cancelled": reorganisation_id})
    else:
        console.print(f"{reorganisation_id}번 조직개편을 취소했습니다.")


def _show_all(office: Office, as_json: bool) -> None:
    with read(office.engine) as session:
        found = list_reorganisations(session)
    if as_json:
        print_json([_listed_json(one) for one in found])
        return
    if not found:
        console.print("조직개편이 없습니다. 표나 --rename, --merge 같은 선택을 함께 적어 주세요. / none yet")
        return
    shown = table("조직개편", "번호", "시행일", "상태", "내용")
    for one in found:
        shown.add_row(str(one.id), words.day(one.effective_on), state_words(one), "\n".join(one.lines))
    console.print(shown)


def _print(shown: Entered, on: date) -> None:
    console.print(f"조직개편 ({words.day(on)} 시행)")
    if shown.carried_out is None:
        return
    done = shown.carried_out.done
    for line in done.lines:
        console.print(f"  {line}")
    for line in effects(done, shown.carried_out.links):
        console.print(f"- {line}")
    for one in shown.hearing:
        console.print(f"- {hearing_words(one)}")


def _as_json(shown: Entered, stored: Entered | None, on: date) -> dict[str, object]:
    carried = shown.carried_out
    effect: dict[str, object] = {}
    if carried is not None:
        done = asdict(carried.done)
        del done["plan"], done["ended_posts"], done["unit_ids"]
        plan = carried.done.plan
        effect = done | {
            "links": carried.links,
            "reminders": {"planned": plan.planned, "cancelled": plan.cancelled, "moved": plan.moved},
        }
    return {
        "stored": stored is not None,
        "id": stored.row.id if stored is not None else None,
        "effective_on": on.isoformat(),
        "carried_out": stored is not None and stored.row.carried_out_at is not None,
        "changes": effect,
        "hearing": [asdict(one) for one in shown.hearing],
    }


def _listed_json(one: Decided) -> dict[str, object]:
    return {
        "id": one.id,
        "effective_on": one.effective_on.isoformat(),
        "changes": list(one.lines),
        "decided_by": one.decided_by,
        "carried_out_at": one.carried_out_at.isoformat() if one.carried_out_at else None,
        "cancelled_at": one.cancelled_at.isoformat() if one.cancelled_at else None,
        "error": one.error,
    }
