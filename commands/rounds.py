"""`dday schedules` and `dday nudge`: collection rounds, and reminding those who have not answered."""

from typing import Annotated

import typer
from sqlmodel import col, select

from commands.opening import Office, open_office
from commands.printing import Json, console, day, print_json, table
from models import CollectionRound
from models.database import read, write
from schedules import words
from schedules.collection import lock_round, nudge, open_round, outstanding_requests, reopen_round
from schedules.office_days import load_calendar
from schedules.requests import due_moment

Round = Annotated[int, typer.Argument(metavar="ROUND", help="회차 번호 / round id")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="정기 취합 회차를 보고 열고 마감합니다. / Collection rounds.", no_args_is_help=True)
    group.command("list")(show)
    group.command("open-round")(open_)
    group.command("lock")(lock)
    group.command("reopen")(reopen)
    app.add_typer(group, name="schedules")
    app.command("nudge")(nudge_)


def show(as_json: Json = False) -> None:
    """회차와 미제출 현황을 보여 줍니다. / The rounds and who has not answered.

    예: dday schedules list
    """
    office = open_office()
    with read(office.engine) as session:
        rounds = session.exec(select(CollectionRound).order_by(col(CollectionRound.opened_at).desc())).all()
        waiting = outstanding_requests(session, office.clock())
    late = {found.id: [one for one in waiting if one.round_id == found.id] for found in rounds}
    if as_json:
        print_json(
            [found.model_dump(mode="json") | {"outstanding": [one.unit for one in late[found.id]]} for found in rounds]
        )
        return
    shown = table("정기 취합", "번호", "회차", "기준일", "제출 기한", "상태", "미제출")
    for found in rounds:
        names = ", ".join(words.post_name(one.unit, one.post) for one in late[found.id])
        shown.add_row(
            str(found.id),
            found.title,
            words.day(found.as_of_on),
            words.moment(found.due_at.astimezone(office.settings.timezone)),
            "열림" if found.state.value == "open" else "마감",
            f"{len(late[found.id])}: {names}" if names else "-",
        )
    console.print(shown)


def open_(
    title: Annotated[str, typer.Option("--title", help="회차 이름 / title")],
    as_of: Annotated[str, typer.Option("--as-of", metavar="DAY", help="기준일 / as of this day")],
    due: Annotated[str, typer.Option("--due", metavar="DAY", help="제출 기한 (없으면 근무일 5일 뒤) / due day")] = "",
    unit: Annotated[int, typer.Option("--unit", metavar="ID", help="이 부서만 / only this unit")] = 0,
) -> None:
    """회차를 열어 모든 담당 직위에 한 번씩 묻습니다. / Opens a round: asks every responsible post once.

    예: dday schedules open-round --title "2024년 9월 정기 취합" --as-of 2024-09-30 --due 2024-10-04
    """
    office = open_office()
    with write(office.engine) as session:
        opened = open_round(
            session,
            title=title,
            as_of_on=day(as_of, "--as-of"),
            now=office.clock(),
            settings=office.settings,
            calendar=load_calendar(session),
            by="admin",
            unit_id=unit or None,
            due_on=day(due, "--due") if due else None,
        )
    console.print(
        f"회차 {opened.round_id}번을 열었습니다: 직위 {opened.requests}곳에 일정 {opened.items}건을 묻습니다."
    )
    if opened.unasked:
        console.print(f"담당 직위가 없어 묻지 못한 일정이 {opened.unasked}건 있습니다.")


def lock(round_id: Round) -> None:
    """회차를 마감합니다. / Locks a round; later answers go to the next.

    예: dday schedules lock 3
    """
    office = open_office()
    with write(office.engine) as session:
        left = lock_round(session, round_id, by="admin", now=office.clock())
    console.print(f"마감했습니다. 제출하지 않은 요청 {left}건은 종료되었습니다.")


def reopen(
    round_id: Round,
    reason: Annotated[str, typer.Option("--reason", help="다시 여는 사유 / why")],
    due: Annotated[str, typer.Option("--due", metavar="DAY", help="새 제출 기한 / new due day")],
) -> None:
    """마감한 회차를 사유와 함께 다시 엽니다. / Opens a locked round again.

    예: dday schedules reopen 3 --reason "실적 정정" --due 2024-10-11
    """
    office = open_office()
    due_at = due_moment(day(due, "--due"), office.settings)
    with write(office.engine) as session:
        asked = reopen_round(session, round_id, reason=reason, due_at=due_at, by="admin", now=office.clock())
    console.print(f"다시 열었습니다. 다시 묻는 요청 {asked}건.")


def nudge_(round_id: Annotated[int, typer.Option("--round", metavar="ID", help="이 회차만 / this round")] = 0) -> None:
    """아직 답하지 않은 모두에게 지금 알립니다. / Reminds everybody who has not answered, now.

    예: dday nudge --round 3
    """
    office = open_office()
    console.print(_nudged(office, round_id or None))


def _nudged(office: Office, round_id: int | None) -> str:
    with write(office.engine) as session:
        done = nudge(
            session,
            now=office.clock(),
            settings=office.settings,
            calendar=load_calendar(session),
            by="admin",
            round_id=round_id,
        )
    return f"미제출 직위 {done.posts}곳 가운데 {done.messages}곳에 보낼 안내를 준비했습니다."
