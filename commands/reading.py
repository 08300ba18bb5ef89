"""`dday import`: paper in, rows out; shows what was read and what contradicts, and mails nobody."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.printing import Json, console, day, print_json, table
from commands.run import Refused
from documents.errors import DocumentError
from documents.findings import finding_words
from documents.formats.text import decode_text
from documents.limits import MAX_BYTES
from documents.reading import MilestoneRow, Report, as_json
from documents.report import read_report

if TYPE_CHECKING:
    from commands.opening import Office

KINDS = ("report", "milestones", "staff", "review")
SHOWN_FINDINGS = 30


def register(app: typer.Typer) -> None:
    app.command("import")(import_)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="보고서(.md, .txt) 또는 표(.csv, .xlsx)")],
    as_of: Annotated[str, typer.Option("--as-of", metavar="DAY", help="기준일 (없으면 표지의 날) / as of")] = "",
    kind: Annotated[str, typer.Option("--kind", help="report, milestones, staff, review")] = "report",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="읽기만 합니다 / read only, store nothing")] = False,
    json_: Json = False,
) -> None:
    """보고서나 표를 읽어 들입니다. 메일은 나가지 않습니다. / Reads a report or a table; mails nobody.

    예: dday import 보고서.md --as-of 2024-09-01 --dry-run
    """
    if kind not in KINDS:
        raise Refused(f"--kind '{kind}': 가능한 값은 {', '.join(KINDS)} 입니다. / one of these")
    data = read_bytes(file)
    on = day(as_of, "--as-of") if as_of else None
    if kind == "report":
        import_report(data, file.name, on, dry_run=dry_run, json_=json_)
    else:
        from commands.tables import import_table

        import_table(data, file.name, on, kind, dry_run=dry_run, json_=json_)


def read_bytes(file: Path) -> bytes:
    """The file's bytes, as long as it is one and not larger than documents may be."""
    if not file.exists():
        raise Refused(f"{file}: 파일이 없습니다. 경로를 확인해 주세요. / no such file")
    if not file.is_file():
        raise Refused(f"{file}: 파일이 아닙니다. 파일을 지정해 주세요. / not a file")
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise Refused(
            f"{file}: 파일이 너무 큽니다({size / 2**20:.0f} MB, 한도 {MAX_BYTES // 2**20} MB). 나누어 주세요."
        )
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def import_report(data: bytes, name: str, as_of: date | None, *, dry_run: bool, json_: bool) -> None:
    text = decode_text(data)
    report = read_report(text, as_of=as_of)
    if json_:
        print_json(as_json(report))
    else:
        print_report(report)
    if dry_run:
        return
    if report.as_of is None:
        raise DocumentError("문서의 기준일을 알 수 없습니다. 기준일을 함께 알려 주세요(--as-of 2024-09-01).")
    from commands.opening import open_office  # a dry run needs no database and does not wait for its libraries

    words = store(open_office(), report, text, name)
    if not json_:
        for line in words:
            console.print(line)


def store(office: "Office", report: Report, text: str, name: str) -> list[str]:
    """Stores the report and re-plans what already runs; returns what changed, in lines."""
    from documents.store import store_report
    from models.database import write
    from schedules.office_days import load_calendar
    from schedules.plan import replan

    now = office.clock()
    with write(office.engine) as session:
        stored = store_report(session, report, text, name, now, "admin", office.settings.timezone)
        if stored.activated_milestone_ids:
            replan(session, now, office.settings, load_calendar(session), stored.activated_milestone_ids)
    return list(stored.difference.lines)


def print_report(report: Report) -> None:
    """What was read, department by department, then what contradicts."""
    departments = [unit for unit in report.units if unit.kind == "department"]
    teams = sum(unit.kind == "team" for unit in report.units)
    console.print(
        f"[bold]{report.title}[/]  기준일 {report.as_of or '알 수 없음'}: 부서 {len(departments)}, 팀 {teams}, "
        f"사업 {len(report.projects)}, 일정 {sum(len(project.milestones) for project in report.projects)}"
    )
    shown = table("읽은 사업", "부서", "번호", "사업", "팀 (추정 정도)", "일정", "다음 일정")
    for project in report.projects:
        team = f"{project.team} ({project.team_confidence:.0%})" if project.team else "알 수 없음"
        coming = next_milestone(project.milestones)
        shown.add_row(
            project.unit,
            str(project.number or "-"),
            project.title,
            team,
            str(len(project.milestones)),
            f"{coming.label}: {coming.raw}" if coming else "-",
        )
    console.print(shown)
    if not report.findings:
        console.print("서로 맞지 않는 곳을 찾지 못했습니다.")
        return
    contradictions = table(f"확인이 필요한 곳 {len(report.findings)}건", "줄", "구분", "내용")
    for finding in report.findings[:SHOWN_FINDINGS]:
        contradictions.add_row(str(finding.line or "-"), finding_words(finding.code), finding.message)
    console.print(contradictions)
    if len(report.findings) > SHOWN_FINDINGS:
        console.print(f"외 {len(report.findings) - SHOWN_FINDINGS}건 (--json 으로 모두 볼 수 있습니다)")


def next_milestone(milestones: tuple[MilestoneRow, ...]) -> MilestoneRow | None:
    """The open deadline that ends first, those already over before all others."""
    open_ones = [m for m in milestones if m.is_deadline and m.duplicate_of is None and m.end is not None]
    return min(open_ones, key=lambda m: (not m.stale, m.end or date.max), default=None)
