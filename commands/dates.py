"""`dday dates`: reads lines from standard input and says which days their date expressions mean."""

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, NamedTuple

import typer

from commands.printing import console, day, table
from commands.run import Refused, settings_now
from schedules.dates import DateExpression, as_json, find_dates
from schedules.dates_windows import WEEKDAYS


class Line(NamedTuple):
    """One line of input and the day it is read from."""

    text: str
    ref_date: date


def register(app: typer.Typer) -> None:
    app.command("dates")(dates)


def dates(
    ref_date: Annotated[
        str, typer.Option("--ref-date", metavar="YYYY-MM-DD", help="기준일 (없으면 오늘) / the day it is read from")
    ] = "",
    as_jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='줄마다 {"text", "ref_date"}를 읽고 줄마다 JSON을 냅니다 / JSON Lines in and out'),
    ] = False,
) -> None:
    """표준 입력의 줄에서 날짜 표현을 읽습니다. / Reads the date expressions of lines from stdin.

    예: echo "준공 : 2024. 9월중" | dday dates --ref-date 2024-09-01
    """
    ref = day(ref_date, "--ref-date") if ref_date else datetime.now(settings_now().timezone).date()
    if as_jsonl:
        for line in _json_lines(ref):
            read = [as_json(found) for found in find_dates(line.text, line.ref_date)]
            print(json.dumps({"text": line.text, "found": read}, ensure_ascii=False))
        return
    shown = table(f"기준일 {ref}", "줄", "표현", "날짜", "정밀도", "비고")
    for number, text in _lines():
        for found in _read(Line(text, ref)):
            shown.add_row(str(number), found.raw, _days(found), found.precision.value, _remarks(found))
    if shown.row_count:
        console.print(shown)
    else:
        console.print("날짜 표현이 없습니다.")


def _read(line: Line) -> list[DateExpression]:
    try:
        return find_dates(line.text, line.ref_date)
    except ValueError as error:
        raise Refused(
            f"기준일 {line.ref_date}: 1900년부터 2100년까지의 날짜를 주세요. / a day of 1900 to 2100"
        ) from error


def _lines() -> Iterator[tuple[int, str]]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            yield number, line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise Refused(
                f"{number}번째 줄이 UTF-8이 아닙니다. UTF-8로 바꾸어 다시 넣어 주세요. / not UTF-8"
            ) from error


def _json_lines(ref: date) -> Iterator[Line]:
    for number, text in _lines():
        if not text.strip():
            continue
        try:
            row = json.loads(text)
            if not isinstance(row["text"], str):
                raise TypeError("text")
            yield Line(row["text"], date.fromisoformat(row["ref_date"]) if row.get("ref_date") else ref)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise Refused(
                f'{number}번째 줄을 읽을 수 없습니다. {{"text": "…", "ref_date": "2024-09-01"}} 모양으로 넣어 주세요. '
                "/ not an object with text and ref_date"
            ) from error


def _days(found: DateExpression) -> str:
    if found.start is None and found.end is None:
        return "-"
    if found.start == found.end and found.start is not None:
        return _day(found.start)
    return f"{_day(found.start) if found.start else ''} ~ {_day(found.end) if found.end else ''}".strip()


def _day(day_: date) -> str:
    return f"{day_.year}. {day_.month}. {day_.day}.({WEEKDAYS[day_.weekday()]})"


def _remarks(found: DateExpression) -> str:
    remarks = [found.time or "", found.recurrence or "", "잠정" if found.tentative else ""]
    remarks += ["연도 추정" if found.inferred_year else "", *found.warnings]
    return " · ".join(remark for remark in remarks if remark)
