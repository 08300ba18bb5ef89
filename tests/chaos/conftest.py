"""A drill city whose database and broker are the test's own, so that they may be killed too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import migrations
from models.database import make_engine
from tests.servers import Postgresql, Valkey
from tests.worker.processes import Engines, engines


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `seed` is played `--chaos` times."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(1, metafunc.config.getoption("--chaos") + 1))


@pytest.fixture
def running(private_postgresql: Postgresql, private_valkey: Valkey, tmp_path: Path) -> Iterator[Engines]:
    """Mark the test `postgres` too."""
    engine = make_engine(private_postgresql.url)
    migrations.upgrade(engine)
    engine.dispose()
    with engines(private_postgresql.url, private_valkey.url, tmp_path, lease_seconds=3) as running:
        yield running
