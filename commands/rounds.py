"""`dday schedules` and `dday nudge`: collection rounds, and reminding those who have not answered."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from sqlmodel import col, select

from commands.opening import Office, day_of, open_office
from commands.printing import Json, console, day, print_json, table
from commands.run import Refused
from documents.edition_kept import keep_editions
from models import CollectionRound
from models.database import read, write
from schedules import words
from schedules.collection import lock_round, nudge, open_round, outstanding_requests, reopen_round
from schedules.collection_schedule import Standing, list_schedules, remove_schedule, set_schedule
from schedules.completion import Completion, read_completion
from schedules.office_days import load_calendar
from schedules.requests import due_moment
from schedules.review import accept_request, return_request

COMPLETION_HEADINGS = ("부서", "요청", "열람", "제출", "지연", "미제출", "답변까지 근무일")
Projects = Annotated[
    list[int] | None, typer.Option("--project", metavar="ID", help="이 사업만, 여러 번 / only these projects")
]
Questions = Annotated[
    list[str] | None, typer.Option("--question", metavar="TEXT", help="함께 물을 것, 여러 번 / asked besides")
]
Round = Annotated[int, typer.Argument(metavar="ROUND", help="회차 번호 / round id")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="정기 취합 회차를 보고 열고 마감합니다. / Collection rounds.", no_args_is_help=True)
    group.command("list")(show)
    group.command("set")(set_)
    group.command("remove")(remove)
    group.command("completion")(completion)
    group.command("review")(review)
    group.command("open-round")(open_)
    group.command("lock")(lock)
    group.command("reopen")(reopen)
    app.add_typer(group, name="schedules")
    app.command("nudge")(nudge_)


def show(as_json: Json = False) -> None:
    """취합 일정과 회차, 미제출 현황을 보여 줍니다. / Schedules, rounds and who has not answered.

    예: dday schedules list
    """
    office = open_office()
    with read(office.engine) as session:
        rounds = session.exec(select(CollectionRound).order_by(col(CollectionRound.opened_at).desc())).all()
        waiting = outstanding_requests(session, office.clock())
        schedules = list_schedules(session, day_of(office).date())
    late = {found.id: [one for one in waiting if one.round_id == found.id] for found in rounds}
    if as_json:
        print_json(
            [found.model_dump(mode="json") | {"outstanding": [one.unit for one in late[found.id]]} for found in rounds]
        )
        return
    if schedules:
        console.print(_schedule_table(schedules))
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


def _schedule_table(schedules: Sequence[Standing]) -> Table:
    shown = table("취합 일정", "이름", "부서", "주기", "기한(근무일: 팀·과·국)", "마감 여유", "다음 기준일")
    for one in schedules:
        shown.add_row(
            one.name,
            ", ".join((*([one.unit] if one.unit else []), *one.projects)) or "모두",
            one.words,
            "·".join(f"{days}일" for days in one.due_working_days),
            f"{one.grace_working_days}일",
            ", ".join(words.day(day) for day in one.next_days) or "-",
        )
    return shown


def completion(round_id: Round, as_json: Json = False) -> None:
    """회차의 취합 현황을 과와 팀별로 보여 줍니다. / How far a round is.

    예: dday schedules completion 3
    """
    office = open_office()
    with read(office.engine) as session:
        if session.get(CollectionRound, round_id) is None:
            raise Refused(f"{round_id}번 회차는 없습니다. 목록: dday schedules list / no such round")
        board = read_completion(session, round_id, office.clock(), office.settings, load_calendar(session))
    if as_json:
        print_json({"rows": [asdict(row) for row in board.rows], "total": asdict(board.total)})
        return
    shown = table("취합 현황", *COMPLETION_HEADINGS)
    for row in (*board.rows, board.total):
        shown.add_row(*_figures(row))
    console.print(shown)


def _figures(row: Completion) -> list[str]:
    name = row.unit if row.unit == row.department else f"  {row.unit}"
    counts = (row.asked, row.opened, row.submitted, row.late, row.outstanding)
    return [name, *map(str, counts), "-" if row.days is None else f"{row.days:g}"]


def set_(
    name: Annotated[str, typer.Argument(help="취합 이름 / name")],
    every: Annotated[str, typer.Option("--every", help="주기: RFC 5545 또는 cron / RFC 5545 or cron")],
    due: Annotated[str, typer.Option("--due", help="팀, 과, 국의 기한(근무일) / due working days by level")] = "5,7,8",
    grace: Annotated[int, typer.Option("--grace", help="기한 뒤 마감까지(근무일) / working days until it locks")] = 3,
    unit: Annotated[int, typer.Option("--unit", metavar="ID", help="이 부서만 / only this unit")] = 0,
    project: Projects = None,
    question: Questions = None,
) -> None:
    """취합 일정을 정합니다. 때가 되면 회차가 저절로 열리고 마감됩니다. / Rounds that open and lock by the clock.

    예: dday schedules set "정기 취합" --every "FREQ=MONTHLY;BYMONTHDAY=-1" --due 5,7,8 --grace 3

    몇 사업만, 함께 물을 것과: dday schedules set 안전 --every "0 9 1 11 *" --project 3 --question "겨울철 안전대책"

    cron 도 됩니다(날만 봅니다): dday schedules set "분기 취합" --every "0 9 25 3,6,9,12 *"
    """
    office = open_office()
    try:
        working_days = [int(part) for part in due.split(",")]
    except ValueError as error:
        raise Refused(f"--due: '{due}'은(는) 근무일 수가 아닙니다. 예: --due 5,7,8 / working days") from error
    with write(office.engine) as session:
        made = set_schedule(
            session,
            name=name,
            recurrence=every,
            now=office.clock(),
            settings=office.settings,
            by="admin",
            unit_id=unit or None,
            due_working_days=working_days,
            grace_working_days=grace,
            project_ids=project or (),
            questions=question or (),
        )
    days = ", ".join(words.day(day) for day in made.next_days)
    console.print(f"정했습니다: {made.name}, {made.words}. 다음 기준일: {days}")


def remove(name: Annotated[str, typer.Argument(help="취합 이름 / name")]) -> None:
    """취합 일정을 끕니다. 이미 열린 회차는 그대로입니다. / Opens no more rounds; open ones go on.

    예: dday schedules remove "정기 취합"
    """
    office = open_office()
    with write(office.engine) as session:
        remove_schedule(session, name, by="admin", now=office.clock())
    console.print(f"껐습니다: {name}")


def review(
    request: Annotated[int, typer.Argument(metavar="REQUEST", help="요청 번호 / request id")],
    accept: Annotated[bool, typer.Option("--accept", help="확정합니다 / accept")] = False,
    comment: Annotated[str, typer.Option("--return", metavar="TEXT", help="보완요청 내용 / return with this")] = "",
    due: Annotated[str, typer.Option("--due", metavar="DAY", help="다시 낼 기한 / new due day")] = "",
) -> None:
    """제출된 요청을 확정하거나 보완을 요청합니다. / Accepts a submitted request, or returns it with a comment.

    예: dday schedules review 12 --return "문제점 및 개선방안을 적어 주세요." --due 2024-10-08
    """
    if accept == bool(comment):
        raise Refused("--accept 또는 --return TEXT 가운데 하나를 정해 주세요. / say --accept or --return TEXT")
    office = open_office()
    now = office.clock()
    with write(office.engine) as session:
        if accept:
            accept_request(session, request, by="admin", now=now)
        else:
            return_request(
                session,
                request,
                comment=comment,
                due_at=due_moment(day(due, "--due"), office.settings),
                by="admin",
                now=now,
                settings=office.settings,
                calendar=load_calendar(session),
            )
    console.print("확정했습니다." if accept else "보완을 요청했습니다.")


def open_(
    title: Annotated[str, typer.Option("--title", help="회차 이름 / title")],
    as_of: Annotated[str, typer.Option("--as-of", metavar="DAY", help="기준일 / as of this day")],
    due: Annotated[str, typer.Option("--due", metavar="DAY", help="제출 기한 (없으면 근무일 5일 뒤) / due day")] = "",
    unit: Annotated[int, typer.Option("--unit", metavar="ID", help="이 부서만 / only this unit")] = 0,
    project: Projects = None,
    question: Questions = None,
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
            project_ids=project or (),
            questions=question or (),
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
        keep_editions(session, office.settings.timezone)
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
