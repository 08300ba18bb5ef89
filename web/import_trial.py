"""A draft stored, planned and activated to see what comes of it, and taken back; or kept."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from sqlite3 import Connection

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, func, select

from documents.difference import Change
from documents.errors import DocumentError
from documents.reading import Report
from documents.review import Doubt
from documents.spreadsheet import Complaint, read_milestone_table, read_sheet, read_staff_table
from documents.staging import stage_report
from documents.store_staff import store_staff
from documents.store_table import store_milestone_table
from models import ImportDraft, ImportKind, Reminder, ReminderState
from models.database import make_engine, write
from schedules.activation import ActivationError, activate
from schedules.handovers import Move, note_ends, settle_moves
from schedules.office_days import load_calendar
from schedules.plan import PlanChange, replan
from schedules.trial import load_of_month
from web.office import Office

COMPLAINTS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would come of a draft. `mails_now` in the next 30 days, `mails_stored` with it, `mails_activated` with its
    projects activated; `first_at` the first of those."""

    error: str = ""
    words: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    is_known: bool = False
    doubts: Mapping[str, Doubt] = field(default_factory=dict)
    complaints: Mapping[str, Complaint] = field(default_factory=dict)
    rows_refused: tuple[Complaint, ...] = ()
    plan: PlanChange = field(default_factory=PlanChange)
    moves: tuple[Move, ...] = ()  # the posts that change hands
    mails_now: int = 0
    mails_stored: int = 0
    mails_activated: int = 0
    first_at: datetime | None = None


def try_draft(office: Office, draft: ImportDraft, report: Report | None, by: str) -> Outcome:
    """By doing it and taking it back: exact, and nothing of it stays.

    On SQLite in a copy in memory, so that nobody who writes waits for it.
    """
    now = office.now()
    with _aside(office.engine) as engine, write(engine) as session:
        try:
            before = load_of_month(session, now).mails
            stored = _store(session, office, draft, report, by)
            if stored.error or stored.complaints or stored.rows_refused:
                return stored
            after = load_of_month(session, now).mails
            activated, first_at = after, None
            try:
                activate(session, now, office.settings, by=by)
                activated = load_of_month(session, now).mails
                first_at = session.exec(
                    select(func.min(Reminder.due_at)).where(
                        Reminder.state == ReminderState.PLANNED, col(Reminder.due_at) > now
                    )
                ).one()
            except ActivationError:
                pass
            return _with_mails(stored, before, after, activated, first_at)
        except DocumentError as error:
            return Outcome(error=str(error))
        finally:
            session.expunge_all()
            session.rollback()


@contextmanager
def _aside(engine: Engine) -> Iterator[Engine]:
    """Where a trial keeps nobody waiting: PostgreSQL itself; of SQLite, which has one writer at a time, a copy."""
    if engine.dialect.name != "sqlite":
        yield engine
        return
    copy = make_engine("sqlite://")
    try:
        with engine.connect() as source, copy.connect() as target:
            found, made = source.connection.driver_connection, target.connection.driver_connection
            assert isinstance(found, Connection)
            assert isinstance(made, Connection)
            found.backup(made)
        yield copy
    finally:
        copy.dispose()


def keep(office: Office, draft: ImportDraft, report: Report | None, by: str, *, activating: bool) -> None:
    """Stores it, corrections and all, and activates what waits; the draft goes. Raises Refusal and changes nothing."""
    with write(office.engine) as session:
        stored = _store(session, office, draft, report, by)
        first = next(iter((*stored.complaints.values(), *stored.rows_refused)), None)
        if first is not None:
            raise DocumentError(f"{first.line}행 {first.field}: {first.message}")
        if activating:
            activate(session, office.now(), office.settings, by=by)
        session.execute(delete(ImportDraft).where(col(ImportDraft.id) == draft.id))


def _store(session: Session, office: Office, draft: ImportDraft, report: Report | None, by: str) -> Outcome:
    now, zone = office.now(), office.settings.timezone
    calendar = load_calendar(session)
    if report is not None:
        staged = stage_report(
            session, report, draft.content, draft.file_name, draft.corrections, now=now, by=by, zone=zone
        )
        difference = staged.stored.difference
        ids = staged.activated_milestone_ids
        plan = replan(session, now, office.settings, calendar, ids) if ids else PlanChange()
        return Outcome(
            words=difference.lines,
            changes=difference.changes,
            is_known=difference.known_as is not None,
            doubts=staged.doubts,
            complaints=staged.complaints,
            plan=plan,
        )
    data = b64decode(draft.content)
    if draft.kind is ImportKind.STAFF:
        staff = read_staff_table(data)
        if staff.complaints:
            return Outcome(rows_refused=staff.complaints[:COMPLAINTS_SHOWN])
        ends = note_ends(session)
        done = store_staff(session, staff.entries, now, by, zone)
        moves = settle_moves(session, ends, now, zone)
        plan = replan(session, now, office.settings, calendar)
        words = (
            f"새 사람 {done.persons}명, 보직 {done.assignments}건 등록, {done.ended}건 종료, {done.updated}건 고침",
        )
        return Outcome(words=words, plan=plan, moves=tuple(moves))
    table = read_milestone_table(data)
    if table.complaints:
        return Outcome(rows_refused=table.complaints[:COMPLAINTS_SHOWN])
    text = "\n".join("\t".join(str(cell or "") for cell in row.cells) for row in read_sheet(data))
    as_of = draft.as_of_on or office.local(now).date()
    kept = store_milestone_table(session, table.entries, text, draft.file_name, now, by, as_of)
    ids = kept.activated_milestone_ids
    plan = replan(session, now, office.settings, calendar, ids) if ids else PlanChange()
    words = (f"새 사업 {kept.projects}건, 일정 {kept.added}건 추가, {kept.moved}건 옮김",)
    return Outcome(words=words, is_known=not kept.is_new, plan=plan)


def _with_mails(stored: Outcome, now: int, after: int, activated: int, first_at: datetime | None) -> Outcome:
    return Outcome(
        words=stored.words,
        changes=stored.changes,
        is_known=stored.is_known,
        doubts=stored.doubts,
        plan=stored.plan,
        moves=stored.moves,
        mails_now=now,
        mails_stored=after,
        mails_activated=activated,
        first_at=first_at,
    )
