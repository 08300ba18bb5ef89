"""`dday demo`: the whole sentence on the example report, in seconds, then a page to look at."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.rule import Rule
from sqlalchemy import func
from sqlmodel import col, select

from commands import planning, reports, running, tables
from commands.opening import Office, open_office
from commands.printing import console, table
from commands.reading import print_report, store
from commands.run import settings_now, use_data
from documents.edition import edition_as_of
from documents.formats.text import decode_text
from documents.report import read_report
from models import MilestoneRevision, Notification, NotificationState, Reminder, StatusReport
from models.database import read, write
from schedules import words
from schedules.activation import activate
from settings import ROOT
from worker.rehearsal import preview
from worker.standing import standing

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
AS_OF = date(2024, 9, 1)
UNTIL = date(2024, 12, 31)
FIRST_DAYS = date(2024, 9, 6)


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="화면을 열지 않고 끝냅니다 / end instead of serving")
    ] = False,
    port: running.Port = 0,
) -> None:
    """예시 보고서로 전 과정을 돌려 봅니다. / The main job on the example report; `--data DIR` keeps what it makes.

    예: dday demo --data 시연
    """
    began = time.monotonic()
    kept = is_kept()
    with demo_folder(kept=kept) as folder:
        listener = None if no_serve else running.listen("127.0.0.1", port)
        settings = replace(
            settings_now(), database_url=f"sqlite:///{folder / 'dday.sqlite3'}", broker_url=None, smtp=None
        )
        if listener is not None:
            settings = replace(settings, base_url=running.address_of(listener))
        office = open_office(settings)
        read_example(office)
        send_autumn(office)
        files = write_next(office, folder)
        summarise(office, files, time.monotonic() - began)
        say_where(folder, kept=kept)
        if listener is not None:
            running.serve_office(open_office(settings), listener, sending=True)


def is_kept() -> bool:
    """Whether the user said where what the demo makes shall stay."""
    settings = settings_now()
    return "DDAY_DATA" in settings.given or settings.data != ROOT / "data"


@contextmanager
def demo_folder(*, kept: bool) -> Iterator[Path]:
    """The data folder of this run; not kept, a fresh one that goes when the demo ends."""
    if kept:
        folder = settings_now().data
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    folder = Path(tempfile.mkdtemp(prefix="dday-demo-"))
    use_data(folder)
    try:
        yield folder
    finally:
        use_data(None)
        shutil.rmtree(folder, ignore_errors=True)


def read_example(office: Office) -> None:
    console.print(Rule("1. 읽기 / read"))
    data = (EXAMPLES / "report-2024-09.md").read_bytes()
    text = decode_text(data)
    report = read_report(text, as_of=AS_OF)
    print_report(report)
    store(office, report, text, "report-2024-09.md")
    tables.store_staff_file(office, (EXAMPLES / "staff.csv").read_bytes())


def send_autumn(office: Office) -> None:
    console.print(Rule("2. 미리보기 / preview"))
    messages, unreachable = preview(office.engine, office.settings, AS_OF, FIRST_DAYS, office.clock())
    planning.print_preview(messages, AS_OF, FIRST_DAYS)
    if unreachable:
        console.print(planning.unreachable_words(unreachable))
    console.print(Rule("3. 2024년 가을을 돌려 보기 / play the autumn of 2024"))
    with write(office.engine) as session:
        activate(session, office.clock(), office.settings, by="demo")
    planning.simulate_office(office, AS_OF, UNTIL, EXAMPLES / "answers-autumn-2024.csv")


def write_next(office: Office, folder: Path) -> list[Path]:
    """The next report in every format, in the data folder."""
    with read(office.engine) as session:
        edition = edition_as_of(session, UNTIL, office.settings.timezone)
    files = []
    for kind in reports.FORMATS:
        file = folder / f"report-2024-12.{kind}"
        file.write_bytes(reports.write_edition(edition, kind))
        files.append(file)
    return files


def summarise(office: Office, files: list[Path], seconds: float) -> None:
    with read(office.engine) as session:
        found = standing(session, office.clock())
        reports_given = session.exec(select(func.count()).select_from(StatusReport)).one()
        moved = session.exec(
            select(func.count())
            .select_from(MilestoneRevision)
            .where(
                col(MilestoneRevision.status_report_id).is_not(None),
                col(MilestoneRevision.end_before) != col(MilestoneRevision.end_after),
            )
        ).one()
        reminders = session.exec(select(func.count()).select_from(Reminder)).one()
        bounced = session.exec(select(Notification).where(Notification.state == NotificationState.BOUNCED)).all()
    console.print(Rule("4. 결과 / summary"))
    counts = found["notifications"]
    shown = table("요약", "무엇", "얼마")
    shown.add_row("알림 (행)", f"{reminders:,}건, 시기 지남 {found['reminders']['missed']}건")
    shown.add_row(
        "메일",
        f"보냄 {counts['sent']:,}통, 반송 {counts['bounced']}통, 실패 {counts['failed']}통, 대기 {counts['queued']}통",
    )
    for one in bounced:
        address = ", ".join(person["email"] for person in one.recipients)
        sent_at = one.sent_at.astimezone(office.settings.timezone) if one.sent_at else None
        shown.add_row(
            "반송된 메일", f"{address} ({words.moment(sent_at) if sent_at else '-'}), 그 뒤로는 윗 직위가 받았습니다"
        )
    shown.add_row("답변", f"{reports_given}건, 그 가운데 일정 변경 {moved}건")
    shown.add_row("요청", f"미제출 {found['requests']['outstanding']}건, 제출 {found['requests']['submitted']}건")
    shown.add_row("다음 보고서", ", ".join(file.name for file in files))
    shown.add_row("걸린 시간", f"{seconds:.0f}초")
    console.print(shown)


def say_where(folder: Path, *, kept: bool) -> None:
    if kept:
        console.print(f"자료: {folder}   다시 보기: ./dday serve --data {folder}", soft_wrap=True)
    else:
        console.print("자료는 끝나면 지웁니다. 남기려면: ./dday demo --data DIR / `--data DIR` keeps what it makes")
