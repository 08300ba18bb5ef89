"""Limits that hold for the whole installation: senders take their turns from rows that all of them share."""

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from models import Pace
from models.database import read_clock
from schedules.rows import table_of
from settings import Settings

PATIENCE = timedelta(seconds=5)  # the longest that a sender waits for its turn; a worker has to stop within ten
SHARE_SECONDS = 0.25  # turns at the mail server that one sender takes at once
LONGEST_QUEUE = timedelta(days=1)  # a queue that seems longer is a clock that was set back
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def limits_of(settings: Settings) -> dict[str, float]:
    """Every limit that is set: mails a second by scope, `server:host:port` or `domain:name`."""
    rates = {f"domain:{domain}": rate for domain, rate in settings.domain_rates}
    if settings.mail_rate and settings.smtp is not None:
        rates[server_scope(settings)] = settings.mail_rate
    return rates


def server_scope(settings: Settings) -> str:
    assert settings.smtp is not None
    return f"server:{settings.smtp.host}:{settings.smtp.port}"


def domains_of(addresses: Collection[str], rates: Mapping[str, float]) -> tuple[str, ...]:
    """The limited scopes that mails to these addresses fall under, in the order in which their rows are locked."""
    named = {f"domain:{address.rpartition('@')[2].lower()}" for address in addresses}
    return tuple(sorted(named & rates.keys()))


def take_share(session: Session, scope: str, rate: float, count: int) -> timedelta | None:
    """The time until `count` turns of 1/rate seconds each begin, which nobody else has then.

    None when that is longer than PATIENCE. A sender that dies leaves its turns unused: the rate is never exceeded.
    Commit at once: other senders wait meanwhile.
    """
    [row], now = _lock(session, [scope])
    turn = timedelta(seconds=1 / rate)
    longest = PATIENCE + max(turn, timedelta(seconds=SHARE_SECONDS))
    start = row.next_at if now < row.next_at <= now + longest else now  # further ahead: the clock was set back
    if start - now > PATIENCE:
        return None
    row.next_at = start + count * turn
    session.add(row)
    return start - now


def take_one(session: Session, rates: Mapping[str, float]) -> tuple[str, timedelta] | None:
    """Takes a turn of every scope, None = taken; else the scope that has none, and how long that lasts.

    A second's worth may go at once; over any longer time it is the rate. Commit at once: other senders wait meanwhile.
    """
    rows, now = _lock(session, sorted(rates))
    free: dict[str, datetime] = {}
    for row in rows:
        turn = timedelta(seconds=1 / rates[row.scope])
        ahead = max(turn, timedelta(seconds=1)) - turn
        next_at = row.next_at if row.next_at <= now + 2 * (ahead + turn) else now  # else the clock was set back
        if next_at > now + ahead:
            return row.scope, next_at - now - ahead
        free[row.scope] = max(next_at, now) + turn
    for row in rows:
        row.next_at = free[row.scope]
        session.add(row)
    return None


def spread(session: Session, scope: str, rate: float, count: int) -> list[timedelta]:
    """How long each of `count` mails that found no turn should wait before it asks again: behind those put off before.

    Whole seconds, so that those of one second are claimed together. It promises nothing: turns are taken when sending.
    """
    [row], now = _lock(session, [scope])
    tail = max(row.tail_at, now) if row.tail_at < now + LONGEST_QUEUE else now
    moments = [tail + timedelta(seconds=(place + 1) / rate) for place in range(count)]
    row.tail_at = moments[-1]
    session.add(row)
    return [EPOCH + timedelta(seconds=math.ceil((moment - EPOCH) / timedelta(seconds=1))) - now for moment in moments]


def queues(session: Session, scopes: Collection[str]) -> dict[str, float]:
    """Seconds until the last mail that was put off may ask again, by scope; 0.0 where none waits."""
    now = read_clock(session)
    rows = session.exec(select(Pace).where(col(Pace.scope).in_(scopes))).all()
    waits = {row.scope: max(0.0, (row.tail_at - now) / timedelta(seconds=1)) for row in rows}
    return {scope: waits.get(scope, 0.0) for scope in sorted(scopes)}


def _lock(session: Session, scopes: Sequence[str]) -> tuple[list[Pace], datetime]:
    """The rows, held until the transaction ends, and the time thereafter; rows that are missing are made."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    if is_postgresql:  # a crash of the database may forget the last turns, as it may the mails that used them
        session.execute(text("SET LOCAL synchronous_commit TO off"))
    wanted = select(Pace).where(col(Pace.scope).in_(scopes)).order_by(Pace.scope).with_for_update()
    rows = list(session.exec(wanted).all())
    if len(rows) < len(scopes):
        insert = postgresql.insert if is_postgresql else sqlite.insert
        now = read_clock(session)
        fresh = [{"scope": scope, "next_at": now, "tail_at": now} for scope in scopes]
        session.execute(insert(table_of(Pace)).on_conflict_do_nothing(), fresh)
        rows = list(session.exec(wanted).all())
    return rows, read_clock(session)
