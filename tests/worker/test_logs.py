"""What the processes say holds no personal data and keeps its names."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

TROUBLE = """
import logging
import structlog
from worker.logs import set_up_logs
set_up_logs()
log = structlog.get_logger()
log.info("batch.delivered", sent=3, note="to hong@office.example, see http://x/a/abcdefghijklmnopqrstuvwx")
try:
    raise ValueError("Key (email)=(hong@office.example) of 홍길동 already exists")
except ValueError:
    log.exception("clock.look_failed")
    logging.getLogger("celery").error("Task failed for %s", "hong@office.example", exc_info=True)
logging.getLogger("celery").warning("cannot connect to %s: %s", "redis.office", OSError("refused by 홍길동"))
"""


def said() -> list[dict[str, object]]:
    run = subprocess.run([sys.executable, "-c", TROUBLE], cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stderr.splitlines()]


def test_each_line_is_an_event_without_anybodys_data() -> None:
    lines = said()

    assert [line["event"] for line in lines[:2]] == ["batch.delivered", "clock.look_failed"]
    assert lines[0]["sent"] == 3
    assert lines[1]["error"] == "ValueError"
    assert lines[1]["places"]
    assert {line["event"] for line in lines[2:]} == {"library.said"}
    assert [line["words"] for line in lines[2:]] == ["Task failed for %s", "cannot connect to %s: %s"]
    assert [line["error"] for line in lines[2:]] == ["ValueError", "OSError"]
    text = json.dumps(lines, ensure_ascii=False)
    assert "hong@" not in text
    assert "홍길동" not in text
    assert "abcdefghijklmnop" not in text
