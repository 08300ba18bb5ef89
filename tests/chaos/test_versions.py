"""A copy of the database that is not the office, and two versions of Dday at once over one database."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bench.sink import Sink
from tests.chaos.conftest import Tell
from tests.chaos.town import Town, hold_back
from tests.servers import Postgresql
from tests.worker.processes import ROOT, Engines, until

pytestmark = pytest.mark.postgres

MAILS = 80
ROOMS = ("cli.py", "settings.py", "models", "schedules", "documents", "notifications", "worker", "web", "commands")

NEXT = '''"""A column that older code does not know, and an index on a table that is being written."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("notification", sa.Column("colour", sa.String(), nullable=True))
    op.create_index("ix_reminder_colour", "reminder", ["state", "post_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_reminder_colour", "reminder")
    op.drop_column("notification", "colour")
'''


def run(code: Path, town: Town, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(code / "cli.py"), *words],
        env={**os.environ, **town.running.environment, "PYTHONPATH": str(code), **environment},
        check=False,
        capture_output=True,
        text=True,
    )


def stop_all(town: Town) -> None:
    for process in town.of("clock", "worker"):
        process.kill()
    with psycopg.connect(maintenance(town.postgresql), autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'postgres'")


def maintenance(postgresql: Postgresql) -> str:
    return postgresql.url.replace("+psycopg", "").replace("/postgres", "/template1")


@pytest.mark.long
def test_a_copy_of_the_database_sends_nothing_and_says_why(town: Town, tmp_path: Path, tell: Tell) -> None:
    wave = town.wave(MAILS // 4)
    stop_all(town)
    with psycopg.connect(maintenance(town.postgresql), autocommit=True) as connection:
        connection.execute("CREATE DATABASE copied TEMPLATE postgres")
    url = make_url(town.running.database_url).set(database="copied").render_as_string(hide_password=False)
    with Sink() as other:
        copy = Engines(url, town.valkey.url.rpartition("/")[0] + "/7", other, tmp_path, lease_seconds=3)
        try:
            copy.start("clock")
            copy.start("worker")
            town.make_whole()
            town.settle(wave)
            now = copy.now.isoformat()  # the office is through; the copy looks once more
            until(lambda: copy.count(f"SELECT count(*) FROM installation WHERE clock_last_tick_at > '{now}'"), "a look")
            said = run(ROOT, town, "doctor", "--json", DDAY_DATABASE_URL=url).stdout
        finally:
            copy.end()
        sent = len(other.taken)
    with psycopg.connect(maintenance(town.postgresql), autocommit=True) as connection:
        connection.execute("DROP DATABASE copied WITH (FORCE)")

    found = town.judge(wave)
    tell(f"the copy sent {sent}, the office {len(wave.keys)}: {len(found.lost)} lost, {len(found.repeated)} repeated")
    assert sent == 0
    assert "다른 곳에서 활성화되었습니다" in said
    assert (found.lost, found.broken, found.repeated) == ((), (), ())


def next_version(folder: Path) -> Path:
    """This checkout as its next version: one migration more."""
    for room in (*ROOMS, "migrations"):
        if (ROOT / room).is_dir():
            shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / room, folder / room)
    import migrations

    (folder / "migrations" / "versions" / "9999_next.py").write_text(NEXT.format(head=migrations.head()))
    return folder


@pytest.mark.long
def test_upgraded_while_mails_leave(town: Town, tmp_path: Path, tell: Tell) -> None:
    """The migration runs under load; old clocks and workers go on beside it, new ones join, old ones leave."""
    code = next_version(tmp_path)
    town.sink.decide = hold_back(0.05)
    wave = town.wave(2 * MAILS)
    town.wait_for(wave, MAILS // 4)
    migrated = run(code, town, "migrate")
    assert (migrated.returncode, "9999" in migrated.stdout) == (0, True), migrated.stderr
    after_migration = town.came(wave)
    old = town.of("clock", "worker")
    new = replace(town.running, code=code, processes=town.running.processes)
    try:
        new.start("clock")
        new.start("worker", "--processes", "1")
        refused = run(ROOT, town, "status")  # older code that starts now
        until(lambda: all(one.has_started for one in new.processes[-2:]), "the new version")
        second = town.wave(MAILS)
        town.wait_for(second, MAILS // 8)
        seconds = [process.stop() for process in old]
        town.settle(wave)
        town.settle(second)
    finally:
        new.end()
        back = "import migrations, settings; from models.database import make_engine as m;"
        back += f"migrations.downgrade(m('{town.running.database_url}'), '-1')"
        subprocess.run([sys.executable, "-c", back], env={**os.environ, "PYTHONPATH": str(code)}, check=True)

    assert after_migration < 2 * MAILS
    for one in (wave, second):
        found = town.judge(one)
        tell(f"{len(one.keys)} mails: {len(found.lost)} lost, {len(found.repeated)} repeated")
        assert (found.lost, found.broken, found.repeated) == ((), (), ())
    assert max(seconds) < 10
    assert refused.returncode == 1
    assert "새 판(9999)" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
