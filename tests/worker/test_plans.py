"""No statement of a look, a batch or the auditor reads through what grows with the years."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, text

import worker.watch
from bench.city import SLOT, build_city
from models.database import read, write
from notifications.channels.noted import NotedChannel
from schedules.activation import bind_here
from settings import load_settings
from worker.tick import next_look_at, tick
from worker.watch import audit

NOW = SLOT + timedelta(minutes=1)
GROWING = re.compile(r"Seq Scan on (reminder|notification|delivery_attempt|status_report|milestone)\b")
CLAIM = re.compile(r"FROM reminder\b.*FOR UPDATE.*SKIP LOCKED", re.DOTALL)
YEARS = """
    INSERT INTO reminder (key, rule_id, milestone_id, post_id, ask, "end", anchor_on, "offset", offset_unit,
                          repeat_number, level, due_at, state, state_since)
    SELECT 'years:' || n, rule_id, milestone_id, post_id, ask, "end", anchor_on, "offset", offset_unit,
           repeat_number, level, due_at + (1 + n * 7919 % 20000) * interval '1 hour' * sign(n - 20000),
           CASE WHEN n < 20000 THEN 'dispatched' ELSE 'planned' END, state_since
    FROM generate_series(1, 30000) n JOIN reminder ON reminder.id = 1 + n % 10
"""  # in no order, as milestones of many projects are
MESSAGES = """
    INSERT INTO notification (key, post_id, channel, kind, slot_at, state, attempts, recipients, created_at)
    SELECT 'years:' || n, 1 + n % 5, 'email', 'morning', now(), 'sent', 1, '[]', now() FROM generate_series(1, 20000) n
"""
ATTEMPTS = """
    INSERT INTO delivery_attempt (notification_id, attempted_at, address, outcome, response)
    SELECT id, now(), 'head1@office1.example', 'accepted', '250 OK' FROM notification
"""
MILESTONES = """
    INSERT INTO milestone (project_id, document_id, label, section, raw, start_on, end_on, precision, open_start,
                           open_end, tentative, kind, status, is_deadline, baseline_raw, status_since)
    SELECT project_id, document_id, label, section, raw, start_on, end_on, precision, open_start, open_end, tentative,
           kind, 'done', is_deadline, baseline_raw, status_since
    FROM generate_series(1, 20000) n JOIN milestone ON milestone.id = 1 + n % 5
"""
REPORTS = """
    INSERT INTO status_report (milestone_id, project_id, post_id, reported_at, reported_by, kind, reason, results,
                               problems, measures, next_steps)
    SELECT id, project_id, 1, now(), 'post:1', 'done', '', '', '', '', '' FROM milestone WHERE id > 5
"""


@pytest.mark.postgres
def test_no_statement_of_a_look_reads_through_ten_years(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps a small office")
    monkeypatch.setattr(worker.watch, "LOOKED_BACK", 500)  # as little beside the rows here as beside ten years
    settings = load_settings({"DDAY_SECRET_KEY": "a secret of the tests"}, data=tmp_path)
    build_city(engine, settings, teams=5)
    with engine.begin() as connection:
        for rows in (YEARS, MESSAGES, ATTEMPTS, MILESTONES, REPORTS, "ANALYZE"):
            connection.execute(text(rows))
    with write(engine) as session:
        bind_here(session, settings, NOW)
    said: dict[str, object] = {}

    @event.listens_for(engine, "before_cursor_execute")
    def listen(_c: Connection, _x: object, sql: str, parameters: object, _k: object, many: bool) -> None:
        said[sql] = parameters[0] if many and isinstance(parameters, list) else parameters

    ticked = tick(engine, settings, lambda: NOW, NotedChannel())
    next_look_at(engine, settings, lambda: NOW, ticked)
    with read(engine) as session:
        audit(session, NOW, settings)
    event.remove(engine, "before_cursor_execute", listen)
    assert ticked.delivered.sent == 5
    assert len(said) > 30
    claimed = ""
    with engine.connect() as connection:
        assert connection.execute(text("SHOW jit")).scalar_one() == "off", "it compiles for longer than a claim takes"
        for sql, parameters in said.items():
            if re.match(r"SELECT|UPDATE|INSERT|DELETE|WITH", sql):
                plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}", parameters))
                assert not GROWING.search(plan), f"{sql}\n{plan}"
                if CLAIM.search(sql):
                    claimed = plan
    assert re.search(r"Index Scan (using|on) ix_reminder_post_due\b", claimed), "what is due is looked up post by post"
    assert "Hash Join" not in claimed
