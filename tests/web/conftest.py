"""An office for the pages, on both databases; and one on a real port, with a real browser before it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine

from models.database import create_schema, make_engine
from tests.web.browsing import serving
from tests.web.office import WebOffice


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> WebOffice:
    return WebOffice(engine, tmp_path / "data")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from tests.conftest import find_chromium

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[WebOffice, str]]:
    engine = make_engine(f"sqlite:///{tmp_path / 'dday.db'}")
    create_schema(engine)
    office = WebOffice(engine, tmp_path / "data")
    with serving(office) as address:
        yield office, address
    engine.dispose()


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest) -> Path | None:
    """Where `--pictures DIR` wants a picture of every page at both widths; None without it."""
    folder: str | None = request.config.getoption("--pictures")
    if folder is None:
        return None
    path = Path(folder).absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path
