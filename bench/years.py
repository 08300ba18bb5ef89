"""Years of rows in minutes: pending reminders and what was told long ago, made by the server itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg

SPREAD_DAYS = 500  # over which pending reminders lie
REMINDER = """
    rule_id, milestone_id, post_id, ask, "end", anchor_on, "offset", offset_unit, repeat_number, level
"""


def add_pending(url: str, count: int, first: datetime) -> None:
    """So many planned reminders of the city's milestones, due on the days from that moment on."""
    with _bare(url, "reminder") as connection:
        connection.execute(
            f"""
            INSERT INTO reminder (key, {REMINDER}, due_at, state, state_since)
            SELECT 'pending:' || n, {REMINDER}, %s::timestamptz + (n %% {SPREAD_DAYS}) * interval '1 day', 'planned',
                   state_since
            FROM generate_series(1, %s) n JOIN reminder ON reminder.id = 1 + n %% {_few(connection)}
            """,
            (first, count),
        )


def add_past(url: str, count: int, last: datetime) -> None:
    """So many reminders that were told before that moment, with a message and an accepted attempt for every five."""
    with _bare(url, "notification", "delivery_attempt", "reminder") as connection:
        few = _few(connection)
        connection.execute(
            """
            INSERT INTO notification (key, post_id, channel, kind, slot_at, state, attempts, recipients, created_at,
                                      sent_at, subject, message_id)
            SELECT 'past:' || n, 1 + n %% (SELECT count(*) FROM post), 'email', 'morning', at, 'sent', 1, '[]', at, at,
                   '오늘 확인할 일정 3건', '<past-' || n || '@office.example>'
            FROM (SELECT n, %s::timestamptz - (n %% 3650) * interval '1 day' AS at FROM generate_series(1, %s) n) days
            """,
            (last, count // 5),
        )
        connection.execute(
            """
            INSERT INTO delivery_attempt (notification_id, attempted_at, address, outcome, response)
            SELECT id, sent_at, 'head1@office1.example', 'accepted', '250 2.0.0 OK' FROM notification
            WHERE key LIKE 'past:%'
            """
        )
        connection.execute(
            f"""
            INSERT INTO reminder (key, {REMINDER}, due_at, state, state_since, notification_id)
            SELECT 'past:' || n, {REMINDER}, %s::timestamptz - (n %% 3650) * interval '1 day', 'dispatched',
                   state_since, (SELECT min(id) FROM notification WHERE key LIKE 'past:%%') + (n - 1) / 5 %% %s
            FROM generate_series(1, %s) n JOIN reminder ON reminder.id = 1 + n %% {few}
            """,
            (last, max(1, count // 5), count),
        )


def _few(connection: psycopg.Connection) -> int:
    """Among the first so many reminders of the city there is no gap."""
    row = connection.execute("SELECT least(1000, max(id)) FROM reminder").fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def _bare(url: str, *tables: str) -> Iterator[psycopg.Connection]:
    """Fills tables without their secondary indexes and the checks of keys, and makes the indexes again."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        plain = """
            SELECT indexname, indexdef FROM pg_indexes
            WHERE tablename = ANY (%s) AND indexname NOT LIKE 'pk_%%' AND indexdef NOT LIKE 'CREATE UNIQUE%%'
        """
        indexes = connection.execute(plain, (list(tables),)).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute("SET session_replication_role = replica")
        yield connection
        connection.execute("SET session_replication_role = DEFAULT")
        for _, definition in indexes:
            connection.execute(definition)
