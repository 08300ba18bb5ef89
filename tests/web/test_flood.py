"""A server as it is run: beside a flood from one address the others are answered; its lines hold no secret."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FLOODED, FLOODERS, PAGES = 10_000, 4, 30
AT_ONCE, ANSWER = 50, b"HTTP/1.1 "  # requests sent in a row, before the first answer is read
FLOODER, NEIGHBOUR = "127.0.0.1", "127.0.0.2"
TOKEN = "a-token-that-nobody-gave-out"


class Server(NamedTuple):
    port: int
    process: subprocess.Popen[str]

    def connect(self, address: str) -> closing[HTTPConnection]:
        return closing(HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(address, 0)))


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-X", "utf8", "-m", "cli", "--data", str(folder), *words]


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DDAY_")}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with subprocess.Popen(
        command(tmp_path, "web", "--port", "0"),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            shown = process.stdout.readline()
            assert "주소: http://127.0.0.1:" in shown
            yield Server(int(shown.split()[1].rpartition(":")[2]), process)
        finally:
            process.kill()


def get(connection: HTTPConnection, path: str) -> int:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_ten_thousand_requests_from_one_address_keep_nobody_waiting(server: Server) -> None:
    statuses: Counter[int] = Counter()
    counting, begun = threading.Lock(), threading.Barrier(FLOODERS + 1)

    def flood() -> None:
        with socket.create_connection(("127.0.0.1", server.port), 60, (FLOODER, 0)) as connection:
            begun.wait(60)
            for _ in range(FLOODED // FLOODERS // AT_ONCE):
                connection.sendall(f"GET /a/{TOKEN} HTTP/1.1\r\nHost: dday\r\n\r\n".encode() * AT_ONCE)
                said = b""
                while said.count(ANSWER) < AT_ONCE:
                    said += connection.recv(1 << 16)
                with counting:
                    statuses.update(int(one[:3]) for one in said.split(ANSWER)[1:])

    flooders = [threading.Thread(target=flood, daemon=True) for _ in range(FLOODERS)]
    for one in flooders:
        one.start()
    with server.connect(NEIGHBOUR) as neighbour:
        begun.wait(60)
        answered = [get(neighbour, "/login") for _ in range(PAGES)]
        so_far = statuses.total()
    for one in flooders:
        one.join(300)
    assert answered == [200] * PAGES
    assert so_far < FLOODED, "the neighbour's pages came before the flood was over"
    assert statuses.keys() == {404, 429}
    assert statuses.total() == FLOODED
    assert statuses[429] > FLOODED // 2


def test_what_a_server_says_holds_no_secret_and_no_typed_text(server: Server, tmp_path: Path) -> None:
    shown = subprocess.run(
        command(tmp_path, "login-link"), cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    token = shown.stdout.split("/login/")[1].split()[0]
    with server.connect(NEIGHBOUR) as connection:
        connection.request("POST", f"/login/{token}")
        answer = connection.getresponse()
        answer.read()
        session = answer.headers["Set-Cookie"].split(";")[0]
        connection.request("GET", f"/projects/{'9' * 25}", headers={"Cookie": session})
        assert connection.getresponse().status == 404
    server.process.terminate()
    _, complaints = server.process.communicate(timeout=60)
    (line,) = [json.loads(one) for one in complaints.splitlines() if "page." in one]
    assert (line["event"], line["route"], line["error"]) == (
        "page.value_refused",
        "/projects/{project_id}",
        "OverflowError",
    )
    assert line["places"]
    assert not [secret for secret in (token, session.partition("=")[2], "9" * 25) if secret in complaints]
