"""What pages ask of a large office goes by indexes: plans that PostgreSQL makes when it may not read whole tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, text

from models.database import write
from notifications.links import make_link
from tests.web.office import NOW, UPCOMING, WebOffice

PLANS = [
    ("/", "FROM milestone JOIN project", "ix_milestone_open"),
    ("/", "FROM notification", "ix_notification_state"),
    ("/rules", "FROM reminder", "ix_reminder_due"),
]


@contextmanager
def plans_of(engine: Engine) -> Iterator[list[tuple[str, str]]]:
    """Every SELECT with its plan, as the server makes it for the same values."""
    found: list[tuple[str, str]] = []

    def explain(
        connection: Connection, _cursor: object, statement: str, parameters: object, _context: object, many: bool
    ) -> None:
        if statement.startswith("SELECT") and not many:
            cursor = connection.connection.cursor()
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}", parameters)
            found.append((" ".join(statement.split()), "\n".join(row[0] for row in cursor.fetchall())))
            cursor.close()

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", explain)


@pytest.mark.postgres
@pytest.mark.parametrize(("path", "statement", "index"), PLANS)
def test_a_page_of_a_large_office_goes_by_an_index(
    engine: Engine, tmp_path: Path, path: str, statement: str, index: str
) -> None:
    if engine.dialect.name != "postgresql":
        return
    admin = WebOffice(engine, tmp_path).admin()
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    with plans_of(engine) as found:
        assert admin.get(path).status_code == 200
    plans = [plan for asked, plan in found if statement in asked]
    assert plans
    assert any(index in plan for plan in plans), "\n\n".join(plans)


def test_a_link_without_a_mail_opens_the_items_of_its_post_only(office: WebOffice) -> None:
    with write(office.engine) as session:
        token = make_link(session, office.other_post, None, NOW, office.settings).rpartition("/")[2]
    page = office.client().get(f"/a/{token}").text
    assert "인사제도 협의회" in page
    assert office.milestone(UPCOMING).label not in page
