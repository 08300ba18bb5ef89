"""Golden files: what was once looked at by a person stays as it is until a person looks again."""

import os
from pathlib import Path

GOLDEN = Path(__file__).parent.parent / "golden" / "mails"


def assert_golden(name: str, content: str) -> None:
    """Compares with tests/golden/mails/`name`; under DDAY_TEST_GOLDEN=write the file is made anew, to be looked at."""
    path = GOLDEN / name
    if os.environ.get("DDAY_TEST_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="\n")
    assert path.exists(), f"{path} is missing: look at what DDAY_TEST_GOLDEN=write makes, and commit it"
    assert content == path.read_text(encoding="utf-8")
