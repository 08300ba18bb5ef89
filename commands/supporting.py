"""`dday supporting`: the posts that hear of a project or a milestone beside the one that answers."""

from typing import Annotated

import typer
from sqlmodel import Session

from commands.opening import open_office
from commands.printing import Json, console, print_json, table
from commands.run import Refused
from models import Milestone
from models.database import read, write
from schedules.office_days import load_calendar
from schedules.plan import PlanChange
from schedules.rules import load_rules
from schedules.supporting import add_supporting, list_supporting, remove_supporting

Project = Annotated[int, typer.Option("--project", metavar="ID", help="사업 번호: 사업 전체 / a whole project")]
OneMilestone = Annotated[int, typer.Option("--milestone", metavar="ID", help="일정 번호: 그 일정만 / one milestone")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="협조 직위를 정합니다. / Supporting posts.", no_args_is_help=True)
    group.command("list")(show)
    group.command("add")(add)
    group.command("remove")(remove)
    app.add_typer(group, name="supporting")


def show(project: Project = 0, as_json: Json = False) -> None:
    """협조 직위를 보여 줍니다. / The supporting posts.

    예: dday supporting list --project 3
    """
    office = open_office()
    with read(office.engine) as session:
        rows = list_supporting(session, project or None)
    if as_json:
        names = ("id", "project_id", "milestone_id", "post_id", "post", "project", "label")
        print_json([{name: getattr(row, name) for name in names} for row in rows])
        return
    if not rows:
        console.print("정해진 협조 직위가 없습니다.")
        return
    shown = table("협조 직위", "번호", "직위", "사업", "일정")
    for row in rows:
        shown.add_row(str(row.id), row.post, f"{row.project_id} {row.project}", row.label or "사업 전체")
    console.print(shown)


def add(
    post: Annotated[str, typer.Argument(metavar="POST", help="직위나 부서 / a post, or a unit for its head")],
    project: Project = 0,
    milestone: OneMilestone = 0,
) -> None:
    """그 직위가 담당과 함께 소식을 받게 합니다. 답은 담당이 합니다. / The post hears too; it owes no answer.

    예: dday supporting add 총무과장 --project 3

    어느 알림을 받을지는 규칙이 정합니다: dday rules set upcoming-firm levels=0,supporting
    """
    if bool(project) == bool(milestone):
        raise Refused("--project 나 --milestone 하나를 정해 주세요. 예: --project 3")
    office = open_office()
    with write(office.engine) as session:
        name, change = add_supporting(
            session,
            post,
            project_id=project or _project_of(session, milestone),
            milestone_id=milestone or None,
            by="admin",
            now=office.clock(),
            settings=office.settings,
            calendar=load_calendar(session),
        )
        is_told = any(rule.tells_supporting for rule in load_rules(session).rules)
    console.print(f"정했습니다: {name}. {_changed(change)}")
    if not is_told:
        console.print("주의: 협조 직위에 알리는 규칙이 없습니다. 예: dday rules set upcoming-firm levels=0,supporting")


def remove(
    supporting: Annotated[int, typer.Argument(metavar="NUMBER", help="목록의 번호 / number in the list")],
) -> None:
    """협조 직위에서 뺍니다. / Takes a supporting post back.

    예: dday supporting remove 2
    """
    office = open_office()
    with write(office.engine) as session:
        name, change = remove_supporting(
            session,
            supporting,
            by="admin",
            now=office.clock(),
            settings=office.settings,
            calendar=load_calendar(session),
        )
    console.print(f"뺐습니다: {name}. {_changed(change)}")


def _project_of(session: Session, milestone_id: int) -> int:
    found = session.get(Milestone, milestone_id)
    if found is None:
        raise Refused(f"{milestone_id}번 일정은 없습니다.")
    return found.project_id


def _changed(change: PlanChange) -> str:
    return f"알림 {change.planned:,}건 추가, {change.cancelled:,}건 취소"
