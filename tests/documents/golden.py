"""Documents as they should look, kept as files that a person can read."""

import os
from pathlib import Path

GOLDEN = Path(__file__).parent.parent / "golden" / "documents"


def assert_golden(name: str, content: bytes) -> None:
    """Compares with tests/golden/documents/`name`; under DDAY_TEST_GOLDEN=write the file is made anew, to be read."""
    file = GOLDEN / name
    if os.environ.get("DDAY_TEST_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    assert content.decode() == file.read_text(encoding="utf-8")
