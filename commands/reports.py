"""`dday report`: the next document, as an office can file it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from commands.opening import open_office
from commands.printing import console, day
from commands.run import Refused
from documents.edition import ProgressReport, edition_as_of
from documents.edition_kept import round_edition
from models.database import read

LATER = ("pdf", "xlsx")
FORMATS = ("md", "docx", "hwpx")


def register(app: typer.Typer) -> None:
    app.command("report")(report)


def report(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="만들 파일 / the file to make")],
    kind: Annotated[str, typer.Option("--format", help="md, docx, hwpx")] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DAY", help="기준일 / as of this day")] = "",
    round_id: Annotated[int, typer.Option("--round", metavar="ID", help="회차 / of this round")] = 0,
) -> None:
    """다음 보고서를 만듭니다. / Writes the next report.

    예: dday report --as-of 2024-10-01 --format hwpx -o 보고서.hwpx
    """
    chosen = kind or output.suffix.removeprefix(".").lower()
    if chosen in LATER:
        raise Refused(f"--format {chosen}: 아직 만들 수 없는 형식입니다. 지금은 {', '.join(FORMATS)} / not yet")
    if chosen not in FORMATS:
        raise Refused(f"--format '{chosen}': 만들 수 있는 형식은 {', '.join(FORMATS)} 입니다. / one of these")
    if bool(as_of) == bool(round_id):
        raise Refused("--as-of DAY 와 --round ID 가운데 하나를 정해 주세요. / give one of them")
    if not output.absolute().parent.is_dir():
        raise Refused(f"{output.parent}: 그런 폴더가 없습니다. 폴더를 먼저 만들어 주세요. / no such folder")
    office = open_office()
    with read(office.engine) as session:
        zone = office.settings.timezone
        if round_id:
            edition = round_edition(session, round_id, zone)
        else:
            edition = edition_as_of(session, day(as_of, "--as-of"), zone)
    content = write_edition(edition, chosen)
    unfinished = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
    projects = sum(len(part.projects) for part in edition.departments)
    console.print(f"만들었습니다: {output} (사업 {projects}건, {len(content):,}바이트)", soft_wrap=True)


def write_edition(edition: ProgressReport, kind: str) -> bytes:
    """The document's bytes in one of FORMATS; only that format's library is loaded."""
    if kind == "docx":
        from documents.writers.docx import write_docx

        return write_docx(edition)
    if kind == "hwpx":
        from documents.writers.hwpx import write_hwpx

        return write_hwpx(edition)
    from documents.writers.markdown import write_markdown

    return write_markdown(edition)
