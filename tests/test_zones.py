"""Planning, claiming, delivering and composing in processes of their own: their zone changes nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = ("schedules/test_plan.py", "notifications/test_outbox.py", "notifications/test_compose.py")
CHOSEN = "awkward_days or chuseok or (looked_at and morning)"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
def test_in_a_process_of_any_zone_the_same_is_planned_claimed_and_composed(zone: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", f"({CHOSEN}) and not postgresql"]
    done = subprocess.run(
        [*command, *(f"tests/{name}" for name in FILES)],
        cwd=ROOT,
        env={**os.environ, "DDAY_TEST_ZONE": zone},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "no tests ran" not in done.stdout
