"""What every verb prints with: one console for people, one JSON form for programs, days as people type them."""

import json
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from commands.run import Refused

Json = Annotated[bool, typer.Option("--json", help="프로그램용 JSON / for programs")]
console = Console(soft_wrap=False)


def print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))


def table(title: str, *headings: str) -> Table:
    """A table whose long cells fold instead of being cut."""
    made = Table(title=title, title_justify="left", header_style="bold")
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made


def day(text: str, option: str) -> date:
    """`YYYY-MM-DD`, or Refused naming the option."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{option}: '{text}'은(는) 날짜가 아닙니다. 예: 2024-09-01 / a day as YYYY-MM-DD") from error


def period(from_text: str, to_text: str) -> tuple[date, date]:
    """Both days of `--from` and `--to`, in order, at most ten years apart."""
    from_on, to_on = day(from_text, "--from"), day(to_text, "--to")
    if to_on < from_on:
        raise Refused(f"--to({to_on})가 --from({from_on})보다 빠릅니다. 순서를 바꿔 주세요. / --to is before --from")
    if (to_on - from_on).days > 3660:
        raise Refused("기간은 10년까지입니다. / at most ten years")
    return from_on, to_on
