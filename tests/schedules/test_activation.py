"""Nothing is sent before activation, and nothing from a copy of the database or under another address."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models import AuditEntry, Installation, Project, Reminder
from models.database import create_schema, make_engine, read, write
from schedules.activation import ActivationError, activate, fingerprint, sending_allowed
from tests.schedules.office import SmallOffice, at, settings

NOW = at("2024-09-02 08:00")


def unactivated(session: Session) -> SmallOffice:
    office = SmallOffice(session)
    for project in session.exec(select(Project)).all():
        project.activated_at = None
    session.get_one(Installation, 1).fingerprint = None
    office.milestone("2024-10-31")
    session.flush()
    return office


def test_activation_plans_binds_and_is_kept_on_record(session: Session) -> None:
    unactivated(session)
    assert "dday activate" in str(sending_allowed(session, settings()))
    done = activate(session, NOW, settings(), by="admin")
    assert (done.projects, done.plan.planned) == (1, 6)
    assert sending_allowed(session, settings()) is None
    assert session.exec(select(Project.activated_at)).all() == [NOW]
    [entry] = session.exec(select(AuditEntry)).all()
    assert (entry.actor, entry.act, entry.subject) == ("admin", "activate", "project:1")


def test_activating_again_changes_nothing(session: Session) -> None:
    unactivated(session)
    activate(session, NOW, settings(), by="admin")
    again = activate(session, at("2024-09-03 08:00"), settings(), by="admin")
    assert (again.projects, again.plan.planned, again.plan.moved) == (0, 0, 0)
    assert session.exec(select(Project.activated_at)).all() == [NOW]


def test_only_the_projects_named_are_activated(session: Session) -> None:
    office = unactivated(session)
    other = office.make_project("청사 관리", office.other_team, is_active=False)
    office.milestone("2024-10-31", project=other)
    assert other.id is not None
    activate(session, NOW, settings(), [other.id], by="admin")
    assert {row.milestone_id for row in session.exec(select(Reminder)).all()} == {2}


@pytest.mark.parametrize("project_ids", [[999], [1, 999]])
def test_an_unknown_project_is_refused_and_nothing_is_activated(session: Session, project_ids: list[int]) -> None:
    unactivated(session)
    with pytest.raises(ActivationError, match="999번"):
        activate(session, NOW, settings(), project_ids, by="admin")
    assert session.exec(select(Project.activated_at)).all() == [None]


def test_there_has_to_be_something_to_activate(session: Session) -> None:
    with pytest.raises(ActivationError, match="dday import"):
        activate(session, NOW, settings(), by="admin")


def test_sending_stopped_by_hand_stays_stopped_until_activated(session: Session) -> None:
    unactivated(session)
    activate(session, NOW, settings(), by="admin")
    installation = session.get_one(Installation, 1)
    installation.sending_stopped_at, installation.sending_stopped_reason = NOW, "점검"
    session.flush()
    assert "점검" in str(sending_allowed(session, settings()))
    activate(session, NOW, settings(), by="admin")
    assert sending_allowed(session, settings()) is None


def test_a_copied_or_moved_sqlite_file_does_not_send(tmp_path: Path) -> None:
    original, copy, moved = (tmp_path / name for name in ("original.db", "copy.db", "moved.db"))

    def word(path: Path) -> str | None:
        engine = make_engine(f"sqlite:///{path}")
        with read(engine) as session:
            found = sending_allowed(session, settings())
        engine.dispose()
        return found

    engine = make_engine(f"sqlite:///{original}")
    create_schema(engine)
    with write(engine) as session:
        unactivated(session)
        activate(session, NOW, settings(), by="admin")
    engine.dispose()
    shutil.copy2(original, copy)
    assert word(original) is None
    assert "다른 곳에서 활성화" in str(word(copy))
    original.rename(moved)
    assert "다른 곳에서 활성화" in str(word(moved))
    shutil.copy2(moved, original)
    assert "다른 곳에서 활성화" in str(word(original)), "the same path, but another file"


@pytest.mark.postgres
def test_on_postgresql_cluster_database_and_address_are_bound(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        return
    with write(engine) as session:
        unactivated(session)
        activate(session, NOW, settings(), by="admin")
    with read(engine) as session:
        assert sending_allowed(session, settings()) is None
        assert sending_allowed(session, settings(base_url="http://127.0.0.1:8080")) is None, "only another port"
        copied = settings(base_url="http://copy.example", given=frozenset({"DDAY_BASE_URL"}))
        assert "다른 곳에서 활성화" in str(sending_allowed(session, copied))
        kind, place = fingerprint(session, settings()).split(":", 1)
        cluster, database, address = place.split("/", 2)
    assert (kind, address) == ("postgresql", "http://127.0.0.1:8000")
    assert cluster.isdigit()
    assert database.isdigit()


@pytest.mark.postgres
def test_an_ordinary_account_may_read_where_it_is(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        return
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS ordinary")
        connection.exec_driver_sql("CREATE ROLE ordinary")
        connection.exec_driver_sql("SET ROLE ordinary")
        with Session(connection) as session:
            assert fingerprint(session, settings()).startswith("postgresql:")
        connection.exec_driver_sql("RESET ROLE")
        connection.exec_driver_sql("DROP ROLE ordinary")
