"""PostgreSQL restarted, its connections cut, its disk full: the truth stays the truth."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.chaos.conftest import Tell
from tests.chaos.town import Town, found_town, hold_back
from tests.servers import own_postgresql
from tests.worker.processes import until

pytestmark = pytest.mark.postgres

MAILS = 80
CUT_ALL = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def test_restarted_as_operators_do(town: Town, tell: Tell) -> None:
    town.sink.decide = hold_back(0.02)
    wave = town.wave(MAILS)
    town.wait_for(wave, MAILS // 4)
    in_flight = town.sink.open_connections
    town.postgresql.stop()
    town.postgresql.start()
    town.settle(wave)

    found = town.judge(wave)
    tell(f"{len(found.lost)} lost, {len(found.repeated)} repeats of {in_flight} in flight")
    assert (found.lost, found.broken) == ((), ())
    assert len(found.repeated) <= in_flight
    until(lambda: town.faults() == [], "the auditor's peace")


@pytest.mark.long
def test_connections_cut_again_and_again(town: Town, tell: Tell) -> None:
    town.sink.decide = hold_back(0.02)
    wave = town.wave(MAILS)
    in_flight = 0
    for share in range(1, 5):
        town.wait_for(wave, share * MAILS // 6)
        in_flight += town.sink.open_connections
        town.execute(CUT_ALL)
    town.settle(wave)

    found = town.judge(wave)
    tell(f"cut four times: {len(found.lost)} lost, {len(found.repeated)} repeats of {in_flight} in flight")
    assert (found.lost, found.broken) == ((), ())
    assert len(found.repeated) <= in_flight
    until(lambda: town.faults() == [], "the auditor's peace")


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of its own; the drill is not run where nobody may mount one."""
    with tempfile.TemporaryDirectory(prefix="dday-disk-") as folder:
        Path(folder).chmod(0o755)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "none", folder],
            check=False,
            capture_output=True,
            text=True,
        )
        if mounted.returncode != 0:
            pytest.skip(f"needs the right to mount a small tmpfs ({mounted.stderr.strip()})")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=False)


@pytest.mark.long
def test_out_of_disk(town: Town, tmp_path: Path, tell: Tell) -> None:
    """The tables lie on a small disk that something else fills up in the middle of a morning."""
    with own_postgresql() as postgresql, small_disk(64) as disk:
        place = disk / "tables"
        place.mkdir(mode=0o777)
        place.chmod(0o777)
        if "user" in postgresql.account:
            import os

            os.chown(place, postgresql.account["user"], postgresql.account["group"])
            place.chmod(0o700)
        with psycopg.connect(postgresql.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
            connection.execute("CREATE DATABASE small TABLESPACE small")
        with found_town(postgresql, town.valkey, tmp_path, teams=MAILS, database="small") as small:
            for process in town.of("clock", "worker"):
                process.kill()  # they would answer for messages of the other town
            small.make_whole()
            small.sink.decide = hold_back(0.02)
            wave = small.wave(MAILS)
            small.wait_for(wave, MAILS // 4)
            filler = disk / "filler"
            fill(filler)
            until(lambda: "DiskFull" in small.logs("worker") + small.logs("clock"), "a full disk")
            in_flight = small.sink.open_connections
            filler.unlink()
            small.settle(wave)
            found = small.judge(wave)
            assert small.faults() == []
    tell(f"{len(found.lost)} lost, {len(found.repeated)} repeats of {in_flight} in flight")
    assert (found.lost, found.broken) == ((), ())
    assert len(found.repeated) <= in_flight


def fill(file: Path) -> None:
    """As large as the disk lets it be."""
    with file.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(1 << 16))
        except OSError:
            return
