"""A drill city with the engine's processes, for the tests of this folder."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import migrations
from models.database import make_engine
from tests.conftest import create_database
from tests.worker.processes import Engines, engines


@pytest.fixture(scope="session")
def migrated(worker_id: str) -> str:
    """The name of a database to copy: made by the migrations, which take a second."""
    name = f"migrated_{worker_id}"
    engine = make_engine(create_database(name))
    migrations.upgrade(engine)
    engine.dispose()
    return name


@pytest.fixture
def running(migrated: str, worker_id: str, valkey_url: str, tmp_path: Path) -> Iterator[Engines]:
    """An empty migrated database on the session's servers; mark the test `postgres` too."""
    url = create_database(f"engine_{worker_id}_{time.monotonic_ns()}", like=migrated)
    with engines(url, valkey_url, tmp_path) as running:
        yield running
