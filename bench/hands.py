"""Our own delivery without a broker: processes that claim and deliver until nothing is left."""

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from bench.city import SLOT
from bench.peers import MARK
from models.database import make_engine
from notifications.channels import Channel, OutgoingMail, Receipt
from notifications.channels.email import EmailChannel
from notifications.deliver import claim_due, deliver_batch
from settings import SmtpServer, load_settings
from worker.memory import look_for_garbage_seldom

NOW = SLOT + timedelta(minutes=1)
MAILS_AT_ONCE = 500


class AppendChannel:
    """The trivial channel: 8 bytes a message, as the peers' jobs do."""

    is_real = False
    reads_content = False

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def deliver(self, _mail: OutgoingMail, _following: OutgoingMail | None = None, /) -> Receipt:
        os.write(self._descriptor, MARK)
        return Receipt("appended")


def now() -> datetime:
    return NOW


def deliver_all(database_url: str, folder: Path, target: str) -> int:
    """`target`: a port of a mail server, or the path of a file."""
    engine = make_engine(database_url)
    settings = load_settings(
        {"DDAY_DATABASE_URL": database_url, "DDAY_SECRET_KEY": "a secret of the benchmark"}, data=folder
    )
    channel: Channel
    if target.isdigit():
        channel = EmailChannel(SmtpServer("127.0.0.1", int(target), "none"), settings)
    else:
        channel = AppendChannel(target)
    sent = 0
    while (batch := claim_due(engine, NOW, settings, MAILS_AT_ONCE)) is not None:
        sent += deliver_batch(engine, now, settings, channel, batch).sent
    return sent


def start(database_url: str, folder: Path, target: str, processes: int) -> Sequence[subprocess.Popen[bytes]]:
    """Each waits for a line on its standard input before it begins, so that starting is not measured."""
    command = [sys.executable, "-m", "bench.hands", database_url, str(folder), target]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(processes)]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    return started


def run(started: Sequence[subprocess.Popen[bytes]]) -> int:
    """Lets them begin; returns how many messages were sent once all have ended."""
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    return sum(int(process.communicate()[0]) for process in started)


if __name__ == "__main__":
    look_for_garbage_seldom()  # as a worker does
    print("ready", flush=True)
    sys.stdin.readline()
    print(deliver_all(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
