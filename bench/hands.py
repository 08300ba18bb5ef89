"""Our own delivery without a broker: processes that claim and deliver while there is, or may come, something."""

import io
import os
import select
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
LOOK_SECONDS = 0.005  # after finding nothing, while there may come something


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


def deliver_all(database_url: str, folder: Path, target: str, orders: io.FileIO) -> int:
    """Until nothing is left once `orders` have ended. `target`: a port of a mail server, or the path of a file."""
    engine = make_engine(database_url)
    settings = load_settings(
        {"DDAY_DATABASE_URL": database_url, "DDAY_SECRET_KEY": "a secret of the benchmark"}, data=folder
    )
    channel: Channel
    if target.isdigit():
        channel = EmailChannel(SmtpServer("127.0.0.1", int(target), "none"), settings)
    else:
        channel = AppendChannel(target)
    sent, is_all = 0, False
    while True:
        batch = claim_due(engine, NOW, settings, MAILS_AT_ONCE)
        if batch is not None:
            sent += deliver_batch(engine, now, settings, channel, batch).sent
        elif is_all:
            return sent
        else:
            is_all = bool(select.select([orders], [], [], LOOK_SECONDS)[0])


def start(database_url: str, folder: Path, target: str, processes: int) -> Sequence[subprocess.Popen[bytes]]:
    """Each waits for a line on its standard input before it begins, so that starting is not measured."""
    command = [sys.executable, "-m", "bench.hands", database_url, str(folder), target]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(processes)]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    return started


def begin(started: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()


def finish(started: Sequence[subprocess.Popen[bytes]]) -> int:
    """Nothing will be added any more; returns how many messages were sent once all have ended."""
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
    found = []
    for process in started:
        assert process.stdout is not None
        found.append(int(process.stdout.read()))
        process.wait()
    return sum(found)


if __name__ == "__main__":
    look_for_garbage_seldom()  # as a worker does
    print("ready", flush=True)
    with io.FileIO(sys.stdin.fileno(), closefd=False) as orders:
        orders.readline()
        print(deliver_all(sys.argv[1], Path(sys.argv[2]), sys.argv[3], orders))
