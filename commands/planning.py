"""From plan to promise: preview what would be sent, activate it, play a period through."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import func
from sqlmodel import col, select

from commands.opening import Office, open_office, unit_named
from commands.printing import Json, console, period, print_json, table
from commands.run import Refused
from models import Installation, Project
from models.database import read, write
from notifications.previewed import Previewed
from schedules import words
from schedules.activation import activate as activate_projects
from schedules.activation import bind_here, sending_allowed
from schedules.unreachable import Unreachable
from worker.answers import read_answers
from worker.mail_server import mail_channel
from worker.play import first_moment, last_moment, play
from worker.rehearsal import copy_of, preview

From = Annotated[str, typer.Option("--from", metavar="DAY", help="첫날 / first day, YYYY-MM-DD")]
To = Annotated[str, typer.Option("--to", metavar="DAY", help="마지막 날 / last day, YYYY-MM-DD")]


def register(app: typer.Typer) -> None:
    app.command("activate")(activate)
    app.command("preview")(show_preview)
    app.command("simulate")(simulate)


def show_preview(
    from_day: From,
    to_day: To,
    unit: Annotated[str, typer.Option("--unit", metavar="UNIT", help="이 부서와 그 아래만 / this unit only")] = "",
    as_json: Json = False,
) -> None:
    """누가 언제 무엇을 받게 되는지 보여 줍니다. 아무것도 보내지 않습니다. / Who would get what, when; sends nothing.

    큰 기관에서는 부서를 정하면 훨씬 빠릅니다. / In a large office naming a unit is much faster.

    예: dday preview --from 2024-09-01 --to 2024-12-31 --unit 행정지원과
    """
    from_on, to_on = period(from_day, to_day)
    office = open_office()
    with read(office.engine) as session:
        unit_id = unit_named(session, unit)
        if session.exec(select(Project.id).limit(1)).first() is None:
            raise Refused("아직 가져온 사업이 없습니다. 먼저 실행: dday import FILE / nothing imported yet")
    messages, unreachable = preview(office.engine, office.settings, from_on, to_on, office.clock(), unit_id)
    if as_json:
        print_json(messages)
    else:
        print_preview(messages, from_on, to_on)
    if unreachable:
        typer.echo(unreachable_words(unreachable), err=True)


def print_preview(messages: Sequence[Previewed], from_on: date, to_on: date) -> None:
    """The messages as a calendar of lines, oldest first."""
    shown = table(
        f"보낼 메일 {len(messages):,}통 ({from_on} ~ {to_on})",
        "보내는 때",
        "받는 직위",
        "받는 사람",
        "경로",
        "제목",
        "건",
    )
    for message in messages:
        moment = datetime.fromisoformat(message["send_at"])
        shown.add_row(
            f"{words.day(moment.date())} {moment:%H:%M}",
            f"{message['unit']} {message['post']}",
            message["person"] or "-",
            words.CHANNELS[message["channel"]],
            message["subject"],
            str(len({item["milestone_id"] for item in message["items"]})),
        )
    console.print(shown)


def unreachable_words(posts: Sequence[Unreachable]) -> str:
    names = ", ".join(
        f"{post.unit} {post.post}({post.reason}{f' → {post.goes_to}' if post.goes_to else ''})" for post in posts
    )
    return f"연락할 수 없는 직위 {len(posts)}개 (윗 직위가 대신 받습니다): {names} / posts without a reachable holder"


def activate(
    project: Annotated[list[int] | None, typer.Option("--project", metavar="ID", help="이 사업만 / only this")] = None,
    everything: Annotated[bool, typer.Option("--all", help="모든 사업 / every project")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="묻지 않습니다 / do not ask")] = False,
) -> None:
    """미리보기를 확인한 뒤 발송을 시작합니다. / After the preview: sending may begin.

    예: dday activate --all --yes
    """
    office = open_office()
    with read(office.engine) as session:
        known = {p.id: p for p in session.exec(select(Project)).all() if p.id is not None}
    if not known:
        raise Refused("아직 가져온 사업이 없습니다. 먼저 실행: dday import FILE / nothing imported yet")
    unknown = [number for number in project or [] if number not in known]
    if unknown:
        raise Refused(f"--project {unknown[0]}: 그런 사업이 없습니다. 번호는 {min(known)}부터 {max(known)}까지입니다.")
    waiting = [p for p in known.values() if p.activated_at is None and (not project or p.id in project)]
    if not project and not everything and waiting:
        raise Refused("--all 또는 --project ID 로 무엇을 시작할지 정해 주세요. / say --all or --project ID")
    if not yes:
        question = f"사업 {len(waiting)}건의 알림을 시작합니다. dday preview 로 확인하셨습니까? / begin sending?"
        if not typer.confirm(question, default=False):
            raise typer.Exit(1)
    now = office.clock()
    with write(office.engine) as session:
        done = activate_projects(session, now, office.settings, project or None, by="admin")
    console.print(f"시작했습니다: 사업 {done.projects}건, 새로 예정된 알림 {done.plan.planned:,}건")


def simulate(
    from_day: From,
    to_day: To,
    answers: Annotated[Path | None, typer.Option("--answers", metavar="FILE", help="답변 / answers, CSV")] = None,
    copy: Annotated[Path | None, typer.Option("--copy", metavar="DIR", help="사본에서 / play on a copy")] = None,
) -> None:
    """기간을 가상의 시계로 돌려 내장 메일함으로 보냅니다. / Plays the period through into the built-in mailbox.

    예: dday simulate --from 2024-09-01 --to 2024-12-31 --answers examples/answers-autumn-2024.csv
    """
    from_on, to_on = period(from_day, to_day)
    office = open_office()
    if copy is not None:
        if copy.exists() and any(copy.iterdir()):
            raise Refused(f"--copy {copy}: 비어 있는 폴더를 지정해 주세요. / the folder must be empty")
        with copy_of(office.engine, office.settings, copy.absolute()) as (engine, settings):
            with write(engine) as session:
                bind_here(session, settings, office.clock())
            simulate_office(Office(settings, engine, office.clock), from_on, to_on, answers)
        console.print(f"사본: {copy}   보기: dday serve --data {copy}")
        return
    refuse_in_earnest(office)
    simulate_office(office, from_on, to_on, answers)


def refuse_in_earnest(office: Office) -> None:
    """Raises Refused where a simulation could reach, or confuse, real people."""
    way_out = "사본에서 돌려 주세요: dday simulate --copy DIR … / use --copy DIR"
    if office.settings.smtp is not None:
        raise Refused(f"실제 메일 서버(DDAY_SMTP_URL)가 설정되어 있어 가상으로 돌릴 수 없습니다. {way_out}")
    with read(office.engine) as session:
        if session.get_one(Installation, 1).sent_really_at is not None:
            raise Refused(f"실제로 메일을 보낸 적이 있는 데이터베이스입니다. {way_out}")


def simulate_office(office: Office, from_on: date, to_on: date, answers: Path | None) -> None:
    """Plays the period and prints what it did; Ctrl-C stops after the tick under way, a rerun goes on."""
    events = read_answers(answers, office.settings) if answers else []
    with read(office.engine) as session:
        reason = sending_allowed(session, office.settings)
    if reason is not None:
        raise Refused(reason)
    start = first_moment(office.engine, office.settings, from_on, office.clock())
    until = last_moment(office.settings, to_on)
    sent = bounced = missed = 0
    with (
        mail_channel(office.settings, office.engine) as channel,
        Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console) as progress,
    ):
        task = progress.add_task("가상 시계", total=None)
        for moment, ticked in play(office.engine, office.settings, start, until, channel, events):
            sent += ticked.delivered.sent
            bounced += ticked.bounced
            missed += ticked.dispatched.missed
            local = moment.astimezone(office.settings.timezone)
            progress.update(task, description=f"{words.day(local.date())} {local:%H:%M}  보낸 메일 {sent:,}통")
    console.print(f"{from_on} ~ {to_on}: 보낸 메일 {sent:,}통, 반송 {bounced:,}통, 시기 지난 알림 {missed:,}건")
    with read(office.engine) as session:
        left = select(func.count()).select_from(Project).where(col(Project.activated_at).is_(None))
        if count := session.exec(left).one():
            console.print(f"시작하지 않은 사업이 {count}건 있습니다 (dday activate).")
