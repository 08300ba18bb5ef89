"""What pages ask of a large office goes by indexes: plans that PostgreSQL makes when it may not read whole tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text
from starlette.testclient import TestClient

from bench.pages import NOW as NOW_THERE
from bench.pages import OF_A_UNIT, REMINDERS_EACH, lay_city, pages_of, ways_in
from models import Document, Notification
from models.database import create_schema, make_engine, read, write
from models.transfer import tables
from notifications.links import make_link
from settings import load_settings
from tests.web.office import NOW, UPCOMING, WebOffice
from web.access import COOKIE
from web.app import make_app
from worker.excerpt import copy_excerpt, rows_about

SIZE = 5_000  # milestones, with ten times as many reminders
DEPARTMENTS = 10
GROWING = {
    "audit_entry",
    "delivery_attempt",
    "milestone",
    "milestone_revision",
    "notification",
    "project_text",
    "reminder",
    "status_report",
    "status_request",
    "status_request_item",
}
MOST_STATEMENTS, MOST_ROWS, MOST_SORTED = 40, 1_000, 1_500
INDEXES = {
    "/": {
        "ix_milestone_open",
        "ix_notification_state",
        "ix_project_waiting",
        "ix_reminder_due",
        "ix_status_request_due",
    },
    "/rules": {"ix_reminder_due"},
    "/activate": {"ix_milestone_open_project", "ix_project_waiting", "ix_reminder_due"},
    "/outbox?q=": {"ix_notification_post_id"},
}


class Asked(NamedTuple):
    """A statement of a page and how many rows it brought."""

    statement: str
    parameters: object
    rows: int


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[Asked]]:
    """Every SELECT that is sent meanwhile."""
    found: list[Asked] = []

    def note(_c: Connection, cursor: Any, statement: str, parameters: object, _x: object, many: bool) -> None:
        if statement.startswith(("SELECT", "WITH")) and not many:
            found.append(Asked(statement, parameters, cursor.rowcount))

    event.listen(engine, "after_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "after_cursor_execute", note)


def steps_of(connection: Connection, asked: Asked) -> Iterator[dict[str, Any]]:
    """The steps of the plan that the server makes for it when it may not read whole tables."""
    explained = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {asked.statement}"
    (plan,) = connection.exec_driver_sql(explained, asked.parameters).scalars()  # type: ignore[arg-type]
    ahead: list[dict[str, Any]] = [plan[0]["Plan"]]
    while ahead:
        step = ahead.pop()
        yield step
        ahead += step.get("Plans", ())


@pytest.mark.postgres
def test_no_page_grows_with_the_table(engine: Engine, tmp_path: Path) -> None:
    """Few statements, few rows, no big table read whole or sorted; and the indexes that were made for it are used."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps a small office")
    url = engine.url.render_as_string(hide_password=False)
    settings = replace(load_settings({"DDAY_SECRET_KEY": "a secret of the tests"}, data=tmp_path), pages_a_minute=0)
    lay_city(url, SIZE)
    ways = ways_in(settings, url)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    client = TestClient(make_app(settings, engine, lambda: NOW_THERE))
    for name, address in pages_of(url, ways).items():
        client.cookies.set(COOKIE, ways.reviewer if name.endswith(OF_A_UNIT) else ways.operator)
        with statements_of(engine) as found:
            assert client.get(address).status_code == 200, name
        assert len(found) <= MOST_STATEMENTS, name
        used = set[str]()
        with engine.connect() as connection:
            connection.execute(text("SET enable_seqscan = off"))
            connection.execute(text("SET max_parallel_workers_per_gather = 0"))
            for asked in found:
                assert asked.rows <= MOST_ROWS, f"{name}: {asked.rows} rows\n{asked.statement}"
                for step in steps_of(connection, asked):
                    used.add(step.get("Index Name", ""))
                    is_whole = step["Node Type"] == "Seq Scan" and step["Relation Name"] in GROWING
                    is_big = "Sort" in step["Node Type"] and step["Actual Rows"] > MOST_SORTED
                    assert not is_whole, f"{name} reads {step['Relation Name']}\n{asked.statement}"
                    assert not is_big, f"{name} sorts {step['Actual Rows']} rows\n{asked.statement}"
        assert INDEXES.get(name, set()) <= used, name


@pytest.mark.postgres
def test_a_units_preview_copies_what_bears_on_it(engine: Engine, tmp_path: Path) -> None:
    """A tenth of the city: its milestones, their reminders, the mails that told them; no texts, no record of acts."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps a small office")
    lay_city(engine.url.render_as_string(hide_password=False), SIZE)
    copy = make_engine(f"sqlite:///{tmp_path / 'copy.db'}", durable=False)
    create_schema(copy)
    with read(engine) as source, copy.begin() as target:
        copy_excerpt(source.connection(), target, rows_about(source, 1, NOW_THERE))
    with read(copy) as session:
        counts = {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables()
        }
        texts = session.scalar(select(func.count(Notification.html))), session.scalar(select(func.max(Document.text)))
    copy.dispose()
    assert SIZE / DEPARTMENTS <= counts["milestone"] < 2 * SIZE / DEPARTMENTS
    assert counts["reminder"] == SIZE / DEPARTMENTS * REMINDERS_EACH
    assert 0 < counts["notification"] <= SIZE / 4
    assert counts["unit"] > DEPARTMENTS
    assert counts["audit_entry"] == 0
    assert texts == (0, "")


def test_a_link_without_a_mail_opens_the_items_of_its_post_only(office: WebOffice) -> None:
    with write(office.engine) as session:
        token = make_link(session, office.other_post, None, NOW, office.settings).rpartition("/")[2]
    page = office.client().get(f"/a/{token}").text
    assert "인사제도 협의회" in page
    assert office.milestone(UPCOMING).label not in page
