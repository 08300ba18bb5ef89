"""The drill city, and the table of what the drills saw."""

from collections.abc import Callable, Generator, Iterator
from typing import Protocol

import pytest

from tests.chaos.town import Town, found_town
from tests.conftest import missing
from tests.servers import Valkey, find_postgresql, find_valkey, own_postgresql

TEAMS, TEAMS_A_SEED = 2000, 300
SHORT = 2  # seeds up to which the long drills are left out; the suite itself plays one
Tell = Callable[[str], None]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: a drill that is left out of the short run; --chaos 3 and more play it")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `seed` is played `--chaos` times."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(1, metafunc.config.getoption("--chaos") + 1))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--chaos") > SHORT:
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


class Reporter(Protocol):
    stats: dict[str, list[pytest.TestReport]]

    def section(self, title: str) -> None: ...

    def write_line(self, line: str) -> None: ...


def pytest_terminal_summary(terminalreporter: Reporter) -> None:
    """One line a drill: what was done, what was seen; a drill that could not be made stands there with its reason."""
    lines = []
    for outcome in ("passed", "failed", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            if "tests/chaos/" not in report.nodeid:
                continue
            name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
            seen = "; ".join(str(value) for key, value in report.user_properties if key == "seen")
            if outcome == "skipped" and isinstance(report.longrepr, tuple):
                lines.append(f"NOT RUN  {name}: {report.longrepr[2].removeprefix('Skipped: ')}")
            elif seen or outcome == "failed":
                lines.append(f"{outcome:7}  {name}: {seen or 'see above'}")
    if lines:
        terminalreporter.section("killed on purpose")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Says what a drill saw, for the table."""
    return lambda words: record_property("seen", words)


@pytest.fixture(scope="session")
def one_town(tmp_path_factory: pytest.TempPathFactory, chaos: int) -> Iterator[Town]:
    if find_postgresql() is None or find_valkey() is None:
        missing("no PostgreSQL or no Valkey, see tests/servers.py")
    folder = tmp_path_factory.mktemp("town")
    (folder / "valkey").mkdir()
    with own_postgresql() as postgresql:
        valkey = Valkey(folder / "valkey")
        valkey.start()
        try:
            with found_town(postgresql, valkey, folder, TEAMS + chaos * TEAMS_A_SEED) as town:
                yield town
        finally:
            valkey.kill()


@pytest.fixture
def town(one_town: Town, request: pytest.FixtureRequest) -> Town:
    """The session's town, whole, on the morning of its waves: what an earlier drill broke is mended."""
    if request.session.testsfailed > one_town.failures:
        one_town.failures = request.session.testsfailed
        one_town.stop_everything()
    one_town.make_whole()
    return one_town


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A drill that fails shows what its processes said."""
    report = yield
    town = getattr(item, "funcargs", {}).get("town")
    if report.when == "call" and report.failed and isinstance(town, Town):
        report.sections.append(("what the processes said", town.running.logs()))
    return report
