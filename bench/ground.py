"""What every benchmark stands on: servers of its own, a database for each run, and what a run found."""

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import psycopg
from sqlalchemy import make_url

import migrations
from models.database import make_engine
from settings import Settings, load_settings
from tests.servers import Postgresql, Valkey

VERSIONS = ("celery", "huey", "procrastinate", "psycopg", "redis", "sqlalchemy", "apscheduler")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `ratio` is against what `against` names; `goal` is what that ratio should at least be."""

    bench: str
    system: str
    value: float
    unit: str
    ratio: float | None = None
    against: str = ""
    goal: str = ""
    is_met: bool | None = None
    note: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass
class Ground:
    """PostgreSQL and Valkey in a folder of their own, gone when the benchmark ends. fsync is off, for every system."""

    folder: Path
    postgresql: Postgresql
    valkey: Valkey
    made: int = field(default=0)

    def database(self, *, dday: bool = True) -> str:
        """A new database; `dday` = with our schema."""
        self.made += 1
        name = f"bench_{self.made}"
        with psycopg.connect(self.postgresql.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        url = make_url(self.postgresql.url).set(database=name).render_as_string(hide_password=False)
        if dday:
            engine = make_engine(url)
            migrations.upgrade(engine)
            engine.dispose()
        return url

    def broker(self) -> str:
        """An empty broker."""
        import redis

        with redis.Redis.from_url(self.valkey.url) as client:
            client.flushall()
        return self.valkey.url

    def settings(self, database_url: str) -> Settings:
        return load_settings(
            {"DDAY_DATABASE_URL": database_url, "DDAY_SECRET_KEY": "a secret of the benchmark"}, data=self.folder
        )

    def new_folder(self, name: str) -> Path:
        self.made += 1
        found = self.folder / f"{name}-{self.made}"
        found.mkdir()
        return found


@contextmanager
def ground() -> Iterator[Ground]:
    folder = Path(tempfile.mkdtemp(prefix="dday-bench-"))
    folder.chmod(0o755)
    for name in ("postgresql", "valkey"):
        (folder / name).mkdir()
    postgresql, valkey = Postgresql(folder / "postgresql"), Valkey(folder / "valkey")
    try:
        postgresql.start()
        valkey.start()
        yield Ground(folder, postgresql, valkey)
    finally:
        postgresql.kill()
        valkey.kill()
        shutil.rmtree(folder, ignore_errors=True)


def analyze(database_url: str) -> None:
    """As autovacuum, which the servers here do not run, would have done by then."""
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def machine() -> str:
    """`2 cores of AMD EPYC, load 0.4, Python 3.12.3, celery 5.7.0, …`."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    packages = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    return (
        f"{os.cpu_count()} cores of {model}, load {os.getloadavg()[0]:.1f} at the start, "
        f"Python {platform.python_version()}, {packages}"
    )


class Stopwatch:
    def __init__(self) -> None:
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began
