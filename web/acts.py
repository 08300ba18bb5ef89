"""The record of acts, read by person, act, day and unit, the newest first. It is only ever appended to."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models import AuditEntry, Milestone, Notification, Post, Project, StatusRequest
from schedules.rows import among_texts, fetch_ids, one_by_one
from web.scope import units_under

SHOWN = 50
MOST_EXPORTED = 100_000
COLUMNS = ("at", "actor", "act", "subject", "detail", "origin")


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the record is wanted; the empty text and None = any. `who` is a part of a name, `act` a whole or a
    beginning (`rule` finds `rule.set`), days in the office's time, both included, `unit` with all under it."""

    who: str = ""
    act: str = ""
    first: date | None = None
    last: date | None = None
    unit: int | None = None


def read_acts(
    session: Session, asked: Asked, zone: ZoneInfo, *, before: int = 0, limit: int = SHOWN
) -> list[AuditEntry]:
    """The newest first, below the id `before` (0 = from the newest); by primary key."""
    query = select(AuditEntry).where(*_conditions(session, asked, zone))
    if before:
        query = query.where(col(AuditEntry.id) < before)
    return list(session.exec(query.order_by(col(AuditEntry.id).desc()).limit(limit)))


def as_row(entry: AuditEntry, zone: ZoneInfo) -> tuple[str, ...]:
    """In the order of COLUMNS; the moment with its offset."""
    at = entry.at.astimezone(zone).isoformat(timespec="seconds")
    return (at, entry.actor, entry.act, entry.subject, entry.detail, entry.origin or "")


def as_csv(entries: Iterator[AuditEntry], zone: ZoneInfo) -> Iterator[str]:
    """Lines of a table that a spreadsheet opens: what would be a formula there stays text (OWASP, CSV injection)."""
    yield "\ufeff"
    for row in (COLUMNS, *(as_row(entry, zone) for entry in entries)):
        line = StringIO()
        csv.writer(line).writerow("'" + cell if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in row)
        yield line.getvalue()


def _conditions(session: Session, asked: Asked, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.who:
        found.append(col(AuditEntry.actor).icontains(asked.who, autoescape=True))
    if asked.act:
        act = col(AuditEntry.act)
        found.append((act == asked.act) | act.startswith(f"{asked.act}.", autoescape=True))
    if asked.first is not None:
        found.append(col(AuditEntry.at) >= _midnight(asked.first, zone))
    if asked.last is not None:
        found.append(col(AuditEntry.at) < _midnight(asked.last + timedelta(days=1), zone))
    if asked.unit is not None:
        found.append(_about(session, asked.unit))
    return found


def _about(session: Session, unit_id: int) -> ColumnElement[bool]:
    """What was done to something of the unit: its projects, milestones, posts, requests and messages.

    Each list goes by an index of its own, and the record by that of its subjects.
    """
    units = units_under(session, [unit_id])
    project_ids = fetch_ids(session, select(col(Project.id)).where(units.of_projects()))
    post_ids = fetch_ids(session, select(col(Post.id)).where(units.of_posts()))
    named = {
        "unit": [unit_id],
        "post": post_ids,
        "project": project_ids,
        "milestone": fetch_ids(
            session, select(col(Milestone.id)).where(one_by_one(col(Milestone.project_id), project_ids))
        ),
        "request": fetch_ids(
            session, select(col(StatusRequest.id)).where(one_by_one(col(StatusRequest.post_id), post_ids))
        ),
        "notification": fetch_ids(
            session, select(col(Notification.id)).where(one_by_one(col(Notification.post_id), post_ids))
        ),
    }
    subjects = [f"{kind}:{row_id}" for kind, ids in named.items() for row_id in ids]
    return among_texts(col(AuditEntry.subject), subjects)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
