"""The small record that a mail server took a mail: fast, and safe from kills; several ways, one for each database."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from select import select as wait
from typing import NamedTuple, Protocol, cast

import psycopg
from psycopg import pq
from sqlalchemy import Connection, Engine, insert, select

from models import AttemptOutcome, DeliveryAttempt
from schedules.rows import table_of

STAFF_CHANGES = "SELECT coalesce(staff_changes, 0) FROM installation"
COLUMNS = "notification_id, attempted_at, address, outcome, response"


class Accepted(NamedTuple):
    """A mail that the server took for these addresses."""

    notification_id: int
    at: datetime
    addresses: Sequence[str]
    response: str


class Acceptances(Protocol):
    """`staff_changes`: how often that had changed when what was confirmed last was recorded; None before."""

    staff_changes: int | None

    def note(self, accepted: Accepted) -> None:
        """Has it recorded that these addresses got the message; see `confirm`."""
        ...

    def confirm(self) -> None:
        """Returns once what was noted last is in the database, where a kill of this process leaves it.

        Raises, and from then on always, when nobody knows whether it is; see `note_anew`.
        """
        ...


def open_acceptances(engine: Engine, stack: ExitStack) -> Acceptances:
    """On a connection kept for it until the stack closes.

    Each note is a commit of its own that does not wait for the disk: only a crash of the database (PostgreSQL) or of
    the machine (SQLite) may lose the last moments.
    """
    connection = stack.enter_context(engine.connect())
    if connection.dialect.name == "postgresql":
        return _SentAhead(connection.execution_options(isolation_level="AUTOCOMMIT"), stack)
    return _WrittenAtOnce(connection, stack)


def note_anew(connection: Connection, accepted: Accepted) -> None:
    """In the caller's transaction: what was noted and never confirmed, unless it stands there after all."""
    table = table_of(DeliveryAttempt)
    same = (table.c.notification_id == accepted.notification_id) & (table.c.attempted_at == accepted.at)
    there = set(connection.scalars(select(table.c.address).where(same, table.c.outcome == AttemptOutcome.ACCEPTED)))
    rows = [
        {
            "notification_id": accepted.notification_id,
            "attempted_at": accepted.at,
            "address": address,
            "outcome": AttemptOutcome.ACCEPTED,
            "response": accepted.response,
        }
        for address in accepted.addresses
        if address not in there
    ]
    if rows:
        connection.execute(insert(table), rows)


class _SentAhead:
    """PostgreSQL: the statement is on its way while the next mail is composed; its answer is read when that one leaves.

    The server carries out what has reached it, whatever becomes of us. At most one is on its way at a time: behind the
    first answer that a dead client does not take, the server reads no further.
    """

    def __init__(self, connection: Connection, stack: ExitStack) -> None:
        self._connection = connection
        stack.callback(self._close)
        connection.exec_driver_sql("SET synchronous_commit TO off")
        connection.exec_driver_sql(
            f"PREPARE dday_accepted (int, timestamptz, text[], text) AS INSERT INTO delivery_attempt ({COLUMNS})"
            f" SELECT $1, $2, address, '{AttemptOutcome.ACCEPTED}', $4 FROM unnest($3) AS address"
            f" RETURNING ({STAFF_CHANGES})"
        )
        self._pgconn = cast("psycopg.Connection[object]", connection.connection.dbapi_connection).pgconn
        self._is_waiting = False
        self._error: psycopg.Error | None = None
        self.staff_changes: int | None = None

    def note(self, accepted: Accepted) -> None:
        self.confirm()
        quoted = ",".join(f'"{address}"' for address in accepted.addresses)  # as they stand in an envelope: no quotes
        values = (
            str(accepted.notification_id),
            accepted.at.isoformat(),
            f"{{{quoted}}}",
            accepted.response.replace("\0", ""),
        )
        self._is_waiting = True
        self._pgconn.send_query_prepared(b"dday_accepted", [value.encode() for value in values])
        while self._pgconn.flush():
            wait([self._pgconn.socket], [self._pgconn.socket], [])
            self._pgconn.consume_input()

    def confirm(self) -> None:
        if self._error is not None:
            raise self._error
        try:
            self._read_answer()
        except psycopg.Error as error:
            self._error = error
            raise

    def _read_answer(self) -> None:
        while self._is_waiting:
            self._pgconn.consume_input()
            if self._pgconn.is_busy():
                wait([self._pgconn.socket], [], [])
                continue
            result = self._pgconn.get_result()
            if result is None:
                self._is_waiting = False
            elif result.status != pq.ExecStatus.TUPLES_OK:
                raise psycopg.errors.error_from_result(result)
            else:
                value = result.get_value(0, 0)
                self.staff_changes = int(value) if value is not None else None

    def _close(self) -> None:
        try:
            self.confirm()
            self._connection.exec_driver_sql("DEALLOCATE dday_accepted")
            self._connection.exec_driver_sql("RESET synchronous_commit")
        except BaseException:
            self._connection.invalidate()  # whatever state it is in, nobody else uses it
            raise


class _WrittenAtOnce:
    """SQLite, in our own process: written when it is noted."""

    def __init__(self, connection: Connection, stack: ExitStack) -> None:
        self._as_stored = table_of(DeliveryAttempt).c.attempted_at.type.dialect_impl(connection.dialect)
        self._dialect = connection.dialect
        self._raw = cast("sqlite3.Connection", connection.connection.dbapi_connection)
        (usual,) = self._raw.execute("PRAGMA synchronous").fetchone()
        self._raw.execute("PRAGMA synchronous=NORMAL")  # what is written is safe from our end, not from a power cut
        stack.callback(self._raw.execute, f"PRAGMA synchronous={usual}")
        self.staff_changes: int | None = None

    def note(self, accepted: Accepted) -> None:
        store = self._as_stored.bind_processor(self._dialect)
        assert store is not None
        self._raw.execute(
            f"INSERT INTO delivery_attempt ({COLUMNS})"
            f" SELECT ?, ?, value, '{AttemptOutcome.ACCEPTED}', ? FROM json_each(?)",
            (accepted.notification_id, store(accepted.at), accepted.response, json.dumps(accepted.addresses)),
        )
        (self.staff_changes,) = self._raw.execute(STAFF_CHANGES).fetchone() or (None,)

    def confirm(self) -> None:
        return
