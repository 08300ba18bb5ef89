"""An office for the pages, on both databases."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.web.office import WebOffice


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> WebOffice:
    return WebOffice(engine, tmp_path / "data")
