"""What the admin hears in the morning: how far the open rounds are, and which addresses mail came back from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from models import CollectionRound, Notification, Person, RoundState
from models.database import read, write
from schedules import words
from schedules.activation import sending_allowed
from schedules.calendar import into_window
from schedules.completion import Board, Completion, read_completion
from schedules.office_days import load_calendar
from settings import Settings
from worker.admin_mail import AdminLetter, queue_letter

NAME = "morning"
KEY = f"admin/email/{NAME}/"
LOOKED_BACK = timedelta(days=30)  # for addresses that were never told
RETURNED = "메일이 돌아온 주소"
WHAT_TO_DO = "이 주소로는 더 보내지 않습니다. 바른 주소로 고쳐 주세요"
HEADINGS = ("부서", "요청", "열람", "제출", "지연", "미제출", "소요 근무일")
CELL = 'style="border:1px solid #bbb;padding:4px 8px;text-align:right"'
FIRST_CELL = 'style="border:1px solid #bbb;padding:4px 8px;text-align:left"'


@dataclass(frozen=True, slots=True)
class News:
    """What there is to say this morning; false when nothing."""

    boards: tuple[tuple[CollectionRound, Board], ...]
    bounced: tuple[Person, ...]

    def __bool__(self) -> bool:
        return bool(self.boards or self.bounced)

    @property
    def subject(self) -> str:
        waiting = sum(board.total.outstanding for _, board in self.boards)
        parts = []
        if self.boards:
            parts.append(f"취합 미제출 {waiting}곳" if waiting else "취합 모두 제출")
        if self.bounced:
            parts.append(f"메일이 돌아온 주소 {len(self.bounced)}개")
        return f"[아침 보고] {', '.join(parts)}"


def tell_morning(engine: Engine, settings: Settings, now: datetime) -> bool:
    """Whether a new mail waits for the admin: one each working day while there is something to say, within the window.

    What happened today, a round that opened or mail that came back, is told from tomorrow on; an address once.
    """
    today = now.astimezone(settings.timezone).date()
    slot = today.isoformat()
    with read(engine) as session:
        if into_window(now, settings.send_window, settings.timezone, load_calendar(session)) != now:
            return False
        told = select(Notification.id).where(Notification.key == f"{KEY}{slot}")
        if session.exec(told).first() is not None or sending_allowed(session, settings) is not None:
            return False
        news = _read(session, settings, now)
    if not news:
        return False
    letter = AdminLetter(NAME, slot, news.subject, _text(news, settings, now), _html(news, settings, now))
    with write(engine) as session:
        return queue_letter(session, letter, settings, now)


def _read(session: Session, settings: Settings, now: datetime) -> News:
    today = now.astimezone(settings.timezone).date()
    calendar = load_calendar(session)
    rounds = [one for one in _open_rounds(session) if one.opened_at.astimezone(settings.timezone).date() < today]
    last = session.exec(select(func.max(Notification.slot_at)).where(col(Notification.key).startswith(KEY))).one()
    midnight = _midnight(now, settings)
    since = _midnight(last, settings) if last is not None else midnight - LOOKED_BACK
    bounced = session.exec(
        select(Person)
        .where(col(Person.bounced_at) >= since, col(Person.bounced_at) < midnight)
        .order_by(col(Person.name), col(Person.id))
    ).all()
    return News(
        tuple((one, read_completion(session, one.id or 0, now, settings, calendar)) for one in rounds), tuple(bounced)
    )


def _midnight(moment: datetime, settings: Settings) -> datetime:
    local = moment.astimezone(settings.timezone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _open_rounds(session: Session) -> Sequence[CollectionRound]:
    return session.exec(
        select(CollectionRound).where(CollectionRound.state == RoundState.OPEN).order_by(col(CollectionRound.id))
    ).all()


def _title(found: CollectionRound, settings: Settings) -> str:
    return f"{found.title} (제출 기한 {words.moment(found.due_at.astimezone(settings.timezone))})"


def _text(news: News, settings: Settings, now: datetime) -> str:
    lines = [f"{words.moment(now.astimezone(settings.timezone))} 기준입니다.", ""]
    for found, board in news.boards:
        lines += _round_text(found, board, settings)
    if news.boards:
        lines += [f"회차 보기: {settings.base_url}/rounds", ""]
    if news.bounced:
        lines += [f"■ {RETURNED}", *(f"  {one.name} <{one.email}>" for one in news.bounced), ""]
        lines += [f"{WHAT_TO_DO}: {settings.base_url}/people", ""]
    return "\n".join(lines)


def _html(news: News, settings: Settings, now: datetime) -> str:
    parts = [f"<p>{words.moment(now.astimezone(settings.timezone))} 기준입니다.</p>"]
    for found, board in news.boards:
        parts.append(_round_html(found, board, settings))
    if news.boards:
        parts.append(f'<p><a href="{settings.base_url}/rounds">회차 보기</a></p>')
    if news.bounced:
        people = "".join(f"<li>{escape(f'{one.name} <{one.email}>')}</li>" for one in news.bounced)
        parts.append(f"<h3>{RETURNED}</h3><ul>{people}</ul>")
        parts.append(f'<p>{WHAT_TO_DO}: <a href="{settings.base_url}/people">담당자</a></p>')
    return "".join(parts)


def _round_text(found: CollectionRound, board: Board, settings: Settings) -> Iterator[str]:
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


def _round_html(found: CollectionRound, board: Board, settings: Settings) -> str:
    head = "".join(f"<th {CELL}>{heading}</th>" for heading in HEADINGS)
    rows = "".join(_html_row(row) for row in (board.total, *board.rows))
    table = f'<table style="border-collapse:collapse"><tr>{head}</tr>{rows}</table>'
    return f"<h3>{escape(_title(found, settings))}</h3>{table}"


def _html_row(row: Completion) -> str:
    name = escape(row.unit)
    first = f"<strong>{name}</strong>" if row.unit == row.department else f"&nbsp;&nbsp;{name}"
    figures = (row.asked, row.opened, row.submitted, row.late, row.outstanding, _days(row))
    return f"<tr><td {FIRST_CELL}>{first}</td>{''.join(f'<td {CELL}>{one}</td>' for one in figures)}</tr>"
