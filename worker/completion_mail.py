"""취합 현황: each working morning while a round is open, the admin gets its completion table by mail."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models import CollectionRound, Notification, RoundState
from models.database import read, write
from schedules import words
from schedules.activation import sending_allowed
from schedules.calendar import into_window
from schedules.completion import Board, Completion, read_completion
from schedules.office_days import load_calendar
from settings import Settings
from worker.admin_mail import AdminLetter, queue_letter

NAME = "rounds"
HEADINGS = ("부서", "요청", "열람", "제출", "지연", "미제출", "소요 근무일")
CELL = 'style="border:1px solid #bbb;padding:4px 8px;text-align:right"'
FIRST_CELL = 'style="border:1px solid #bbb;padding:4px 8px;text-align:left"'


def tell_completion(engine: Engine, settings: Settings, now: datetime) -> bool:
    """Whether a new mail waits for the admin: one a day about all open rounds, none without one or outside the window.

    A round opened today is told from tomorrow on: until then there is nothing to say.
    """
    today = now.astimezone(settings.timezone).date()
    slot = today.isoformat()
    with read(engine) as session:
        calendar = load_calendar(session)
        if into_window(now, settings.send_window, settings.timezone, calendar) != now:
            return False
        told = select(Notification.id).where(Notification.key == f"admin/email/{NAME}/{slot}")
        if session.exec(told).first() is not None or sending_allowed(session, settings) is not None:
            return False
        rounds = [one for one in _open_rounds(session) if one.opened_at.astimezone(settings.timezone).date() < today]
        boards = [(one, read_completion(session, one.id or 0, now, settings, calendar)) for one in rounds]
    if not boards:
        return False
    waiting = sum(board.total.outstanding for _, board in boards)
    subject = f"[취합 현황] 미제출 {waiting}곳" if waiting else "[취합 현황] 모두 제출했습니다"
    head = f"{words.moment(now.astimezone(settings.timezone))} 기준 정기 취합 현황입니다."
    foot = f"회차 보기: {settings.base_url}/rounds"
    text = "\n".join([head, "", *(line for found, board in boards for line in _text(found, board, settings)), foot, ""])
    html = f"<p>{escape(head)}</p>{''.join(_html(found, board, settings) for found, board in boards)}<p>{foot}</p>"
    with write(engine) as session:
        return queue_letter(session, AdminLetter(NAME, slot, subject, text, html), settings, now)


def _open_rounds(session: Session) -> Sequence[CollectionRound]:
    return session.exec(
        select(CollectionRound).where(CollectionRound.state == RoundState.OPEN).order_by(col(CollectionRound.id))
    ).all()


def _title(found: CollectionRound, settings: Settings) -> str:
    return f"{found.title} (제출 기한 {words.moment(found.due_at.astimezone(settings.timezone))})"


def _text(found: CollectionRound, board: Board, settings: Settings) -> Iterator[str]:
    yield f"■ {_title(found, settings)}"
    for row in (board.total, *board.rows):
        if row.unit == row.department:
            yield f"  {row.unit}: {_figures(row)}"
        else:
            yield f"    - {row.unit}: {_figures(row)}"
    yield ""


def _figures(row: Completion) -> str:
    said = f"요청 {row.asked}, 열람 {row.opened}, 제출 {row.submitted}, 지연 {row.late}, 미제출 {row.outstanding}"
    return said if row.days is None else f"{said}, 답변까지 {_days(row)}근무일"


def _days(row: Completion) -> str:
    return "-" if row.days is None else f"{row.days:g}"


def _html(found: CollectionRound, board: Board, settings: Settings) -> str:
    head = "".join(f"<th {CELL}>{heading}</th>" for heading in HEADINGS)
    rows = "".join(_html_row(row) for row in (board.total, *board.rows))
    table = f'<table style="border-collapse:collapse"><tr>{head}</tr>{rows}</table>'
    return f"<h3>{escape(_title(found, settings))}</h3>{table}"


def _html_row(row: Completion) -> str:
    name = escape(row.unit)
    first = f"<strong>{name}</strong>" if row.unit == row.department else f"&nbsp;&nbsp;{name}"
    figures = (row.asked, row.opened, row.submitted, row.late, row.outstanding, _days(row))
    return f"<tr><td {FIRST_CELL}>{first}</td>{''.join(f'<td {CELL}>{one}</td>' for one in figures)}</tr>"
