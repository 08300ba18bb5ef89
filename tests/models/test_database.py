"""One way to read, one way to write, the same on both databases."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from models import Document as Report
from models import Milestone, MilestoneKind, MilestoneStatus, OfficeDay, Project, Unit, UnitKind
from models.archive import ArchiveError, pack_files, read_archive, unpack_files, write_archive
from models.database import create_schema, make_engine, read, read_clock, write
from models.transfer import copy_rows, read_rows, tables

NOW = datetime(2024, 9, 2, 0, 0, 0, 123456, tzinfo=UTC)


def test_a_block_that_raises_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(RuntimeError), write(engine) as session:  # noqa: PT012
        session.add(OfficeDay(on=date(2024, 5, 7), name="재량휴무"))
        session.flush()
        raise RuntimeError
    with read(engine) as session:
        assert session.exec(select(OfficeDay)).all() == []


def test_foreign_keys_hold(engine: Engine) -> None:
    with pytest.raises(IntegrityError), write(engine) as session:
        session.add(Unit(name="인사팀", kind=UnitKind.TEAM, parent_id=4711))


def test_times_come_back_aware_and_exact(engine: Engine) -> None:
    fill(engine)
    with read(engine) as session:
        milestone = session.exec(select(Milestone).where(Milestone.label == "준공")).one()
    assert milestone.status_since == NOW
    assert milestone.status_since.tzinfo is not None


def test_two_readers_do_not_wait_for_a_writer(engine: Engine) -> None:
    with write(engine) as writer:
        writer.add(OfficeDay(on=date(2024, 5, 7), name="재량휴무"))
        writer.flush()
        with read(engine) as reader:
            assert reader.exec(select(OfficeDay)).all() == []


def test_the_clock_is_the_databases_own_and_can_be_shifted(engine: Engine) -> None:
    with read(engine) as session:
        now = read_clock(session)
        tomorrow = read_clock(session, shift_seconds=86400)
    assert now.utcoffset() == timedelta(0)
    assert timedelta(hours=23) < tomorrow - now < timedelta(hours=25)


def test_a_copy_holds_every_row_even_those_that_point_forward(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    copy = make_engine(f"sqlite:///{tmp_path / 'copy.db'}")
    create_schema(copy)
    with engine.connect() as source, copy.begin() as target:
        copy_rows(source, target)
    assert rows(copy) == rows(engine)
    copy.dispose()


def test_a_backup_restores_the_same_rows_and_numbering_goes_on(engine: Engine, bare_database_url: str) -> None:
    fill(engine)
    file = BytesIO()
    with engine.connect() as connection:
        write_archive(connection, file, "0001", NOW)
    other = make_engine(bare_database_url)
    create_schema(other)
    with other.begin() as connection:
        read_archive(connection, file, "0001")
    assert rows(other) == rows(engine)
    with write(other) as session:
        session.add(Unit(name="새로 만든 과", kind=UnitKind.DEPARTMENT))
    other.dispose()


def test_rows_are_fetched_as_they_are_written_and_never_all_at_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's driver would otherwise hold the whole answer in memory before the first row is looked at."""
    monkeypatch.setattr("models.transfer.ROWS_AT_ONCE", 1)
    fill(engine)
    milestones = next(table for table in tables() if table.name == "milestone")
    with engine.connect() as connection:
        chunks = read_rows(connection, milestones)
        first = next(chunks)
        if engine.dialect.name == "postgresql":
            assert connection.execute(text("SELECT count(*) FROM pg_cursors")).scalar_one() == 1
        others = list(chunks)
    assert [len(chunk) for chunk in (first, *others)] == [1, 1]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", b"plain text"])
def test_what_is_no_backup_is_refused(content: bytes, engine: Engine) -> None:
    with pytest.raises(ArchiveError), engine.begin() as connection:
        read_archive(connection, BytesIO(content), "0001")


def test_a_backup_of_another_version_is_refused(engine: Engine) -> None:
    file = BytesIO()
    with engine.connect() as connection:
        write_archive(connection, file, "0001", NOW)
    with pytest.raises(ArchiveError, match="0002"), engine.begin() as connection:
        read_archive(connection, file, "0002")


def fill(engine: Engine) -> None:
    with write(engine) as session:
        document = Report(
            title="보고",
            as_of_on=date(2024, 9, 1),
            sha256="0" * 64,
            file_name="보고.md",
            text="□ 향후추진계획",
            imported_at=NOW,
            imported_by="admin",
        )
        unit = Unit(name="행정지원과", kind=UnitKind.DEPARTMENT)
        session.add_all([document, unit])
        session.flush()
        assert document.id is not None
        assert unit.id is not None
        project = Project(document_id=document.id, unit_id=unit.id, title="청사 개보수")
        session.add(project)
        session.flush()
        later = [milestone(document.id, project.id, label) for label in ("사업기간", "준공")]
        session.add_all(later)
        session.flush()
        later[0].duplicate_of_id = later[1].id
        session.add(OfficeDay(on=date(2024, 5, 7), name="재량휴무"))


def milestone(document_id: int, project_id: int | None, label: str) -> Milestone:
    assert project_id is not None
    return Milestone(
        project_id=project_id,
        document_id=document_id,
        label=label,
        section="향후추진계획",
        raw="2024. 9월중",
        start_on=date(2024, 9, 1),
        end_on=date(2024, 9, 30),
        precision="month",
        kind=MilestoneKind.COMPLETION,
        status=MilestoneStatus.PLANNED,
        is_deadline=True,
        baseline_raw="2024. 9월중",
        status_since=NOW,
    )


def rows(engine: Engine) -> dict[str, list[dict[str, object]]]:
    with engine.connect() as connection:
        return {
            table.name: [
                dict(row) for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()
            ]
            for table in tables()
        }


def test_attached_files_travel_with_a_backup_and_nothing_else_does(tmp_path: Path) -> None:
    there, back = tmp_path / "files", tmp_path / "restored"
    name = "ab" * 16
    (there / "ab").mkdir(parents=True)
    (there / "ab" / name).write_bytes(b"photo")
    (there / "ab" / "notes.txt").write_bytes(b"not ours")
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("files/../../escaped", b"evil")
    assert pack_files(file, there) == 1
    assert unpack_files(file, back) == 1
    assert [path.relative_to(back).as_posix() for path in back.rglob("*") if path.is_file()] == [f"ab/{name}"]
    assert (back / "ab" / name).read_bytes() == b"photo"
    assert unpack_files(file, back) == 0, "what is there stays"
