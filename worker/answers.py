"""Answers from a file, for a play: who says what on which simulated day."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from sqlmodel import Session, col, select

from documents.formats.text import decode_text
from models import OPEN_STATUSES, Milestone, Project, StatusKind, Unit
from schedules.answers import Answer, record_answers
from schedules.office_days import load_calendar
from schedules.people import load_staff
from settings import Refusal, Settings
from worker.play import Event

ANSWERED_AT = time(10, 30)  # when the day's mails have been read
NEEDED = ("on", "unit", "milestone", "kind")
COLUMNS = (*NEEDED, "percent", "results", "problems", "measures", "next_steps", "new_date", "reason")


class AnswerFileError(Refusal):
    """The file cannot be played; nothing was. The text names the row."""


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    on: date
    unit: str
    milestone: str
    kind: StatusKind
    percent: int | None
    texts: dict[str, str]


def read_answers(file: Path, settings: Settings) -> list[Event]:
    """The rows as events of a play, each at 10:30 of its day. Raises AnswerFileError for the first row that is wrong.

    Columns: `on` (YYYY-MM-DD), `unit` (the project's team or department), `milestone` (its label, or how it begins),
    `kind` (done, on_track, delayed, rescheduled, cancelled, no_change), and, where they say something, `percent`,
    `results`, `problems`, `measures`, `next_steps`, `new_date` (as people write it), `reason`.
    """
    if not file.is_file():
        raise AnswerFileError(f"{file}: 파일이 없습니다. 경로를 확인해 주세요. / no such file")
    lines = [line for line in decode_text(file.read_bytes()).splitlines(keepends=True) if not line.startswith("#")]
    reader = csv.DictReader(io.StringIO("".join(lines)))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise AnswerFileError(f"{file}: '{missing[0]}' 열이 없습니다. 열: {', '.join(COLUMNS)}")
    return [_event(_row(file, reader.line_num, cells), settings) for cells in reader]


def _row(file: Path, line: int, cells: dict[str, str | None]) -> Row:
    text = {name: (cells.get(name) or "").strip() for name in COLUMNS}
    try:
        return Row(
            line=line,
            on=date.fromisoformat(text["on"]),
            unit=text["unit"],
            milestone=text["milestone"],
            kind=StatusKind(text["kind"]),
            percent=int(text["percent"]) if text["percent"] else None,
            texts={name: text[name] for name in COLUMNS[5:]},
        )
    except ValueError as error:
        raise AnswerFileError(f"{file} {line}행: {error}. 이 행을 고쳐 주세요. / this row cannot be read") from error


def _event(row: Row, settings: Settings) -> Event:
    at = datetime.combine(row.on, ANSWERED_AT, settings.timezone).astimezone(UTC)
    return Event(at, _acting(row, settings))


def _acting(row: Row, settings: Settings) -> Callable[[Session, datetime], None]:
    def act(session: Session, now: datetime) -> None:
        milestone = _find(session, row)
        staff = load_staff(session)
        project = session.get_one(Project, milestone.project_id)
        post_id = staff.chart.responsible(
            milestone_post=milestone.post_id,
            project_post=project.post_id,
            units=staff.chart.units_up(project.team_id, project.unit_id),
        )
        if post_id is None:
            raise AnswerFileError(f"{row.line}행: {row.unit}에 답할 직위가 없습니다.")
        reached = staff.reach(post_id, row.on)
        by = ", ".join(f"{person.name} {person.post_title}" for person in reached.recipients) or "담당자"
        answer = Answer(
            milestone_id=milestone.id or 0,
            kind=row.kind,
            percent_complete=row.percent,
            reason=row.texts["reason"],
            results=row.texts["results"],
            problems=row.texts["problems"],
            measures=row.texts["measures"],
            next_steps=row.texts["next_steps"],
            new_raw=row.texts["new_date"] or None,
        )
        record_answers(
            session,
            post_id=post_id,
            by=by,
            answers=[answer],
            now=now,
            settings=settings,
            calendar=load_calendar(session),
        )

    return act


def _find(session: Session, row: Row) -> Milestone:
    """The unit's open milestone whose label is, or begins with, the words; the earliest of several."""
    found = session.exec(
        select(Milestone)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .join(Unit, col(Unit.id).in_((col(Project.team_id), col(Project.unit_id))))
        .where(
            Unit.name == row.unit,
            col(Milestone.label).startswith(row.milestone, autoescape=True),
            col(Milestone.duplicate_of_id).is_(None),
            col(Milestone.status).in_(OPEN_STATUSES),
        )
        .order_by(col(Milestone.end_on), col(Milestone.id))
        .limit(1)
    ).first()
    if found is None:
        raise AnswerFileError(f"{row.line}행: {row.unit}에 '{row.milestone}'(으)로 시작하는 열린 일정이 없습니다.")
    return found
