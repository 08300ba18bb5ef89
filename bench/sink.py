"""A mail server that keeps a record of its own and misbehaves on request: what the engine is checked against."""

import re
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

KEY = re.compile(rb"^X-Dday-Key: (.+)\r?$", re.MULTILINE)
MESSAGE_ID = re.compile(rb"^Message-ID:\s+(<[^>]+>)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the server answers for: kept before its OK leaves. `at` in seconds of the monotonic clock."""

    key: str
    message_id: str
    recipients: tuple[str, ...]
    connection: int
    at: float
    content: bytes = field(repr=False, default=b"")
    host: str = ""  # that handed it over


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the server does with a mail whose last dot has come.

    `keep`: takes it. `reply`: what it says; None = nothing, the connection is cut. `hang` seconds before that.
    """

    keep: bool = True
    reply: str | None = "250 2.0.0 taken"
    hang: float = 0.0


def _take(_recipients: tuple[str, ...], _number: int) -> Verdict:
    return Verdict()


class Sink:
    """Listens on a loopback port until the block ends; `decide(recipients, number)` may change at any time."""

    def __init__(
        self, port: int = 0, *, keep_content: bool = False, pipelining: bool = True, host: str = "127.0.0.1"
    ) -> None:
        self.taken: list[Taken] = []
        self.connections = 0
        self.decide: Callable[[tuple[str, ...], int], Verdict] = _take
        self.refuse_connections = False
        self.refusals: dict[str, str] = {}  # how a command begins → what is said to it, instead of yes
        self.offered = 0  # mails whose last dot came
        self.keep_content, self.pipelining = keep_content, pipelining
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        sink = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                sink._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 128

        self._server = Server((host, port), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self.cut_connections()
        self._server.server_close()

    def behave(self) -> None:
        """From now on it takes everything at once again."""
        self.decide, self.refuse_connections, self.refusals = _take, False, {}

    @property
    def open_connections(self) -> int:
        with self._lock:
            return len(self._open)

    def cut_connections(self) -> int:
        """As a network that breaks: every open connection ends without a word; returns how many there were."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue
            return len(self._open)

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self.connections += 1
            number = self.connections
            self._open.add(connection)
        try:
            self._talk(connection, number)
        except OSError:
            return
        finally:
            with self._lock:
                self._open.discard(connection)

    def _talk(self, connection: socket.socket, number: int) -> None:
        if self.refuse_connections:
            connection.sendall(b"421 4.3.2 not now\r\n")
            return
        connection.sendall(b"220 sink\r\n")
        received = _Received(connection)
        recipients: list[str] = []
        answers: list[bytes] = []
        has_sender = False
        while line := received.line():
            verb = line[:4].upper()
            refusal = next((no for begin, no in self.refusals.items() if line.startswith(begin.encode())), None)
            if verb == b"DATA" and refusal is None and not recipients:
                refusal = "554 5.5.1 no valid recipients"
            if verb == b"MAIL":
                has_sender = refusal is None
            if verb == b"RCPT" and not has_sender:
                refusal = "503 5.5.1 no sender"
            if refusal is not None:
                answers.append(f"{refusal}\r\n".encode())
            elif verb == b"DATA":
                answers.append(b"354 go on\r\n")
                connection.sendall(b"".join(answers))
                answers = []
                content = received.mail()
                if content is None or not self._end_mail(connection, content, tuple(recipients), number):
                    return
                recipients = []
                continue
            elif verb == b"EHLO":
                features = ["sink", "SIZE 33554432", "8BITMIME", *(["PIPELINING"] if self.pipelining else [])]
                answers += [f"250-{name}\r\n".encode() for name in features[:-1]] + [f"250 {features[-1]}\r\n".encode()]
            elif verb == b"RCPT":
                recipients.append(line[line.index(b"<") + 1 : line.rindex(b">")].decode())
                answers.append(b"250 2.1.5 ok\r\n")
            elif verb == b"QUIT":
                connection.sendall(b"".join(answers) + b"221 bye\r\n")
                return
            else:
                if verb == b"RSET":
                    recipients = []
                answers.append(b"250 2.0.0 ok\r\n")
            if not received.has_line:
                connection.sendall(b"".join(answers))
                answers = []

    def _end_mail(self, connection: socket.socket, content: bytes, recipients: tuple[str, ...], number: int) -> bool:
        """Whether the connection lives on."""
        with self._lock:
            self.offered += 1
            offered = self.offered
        verdict = self.decide(recipients, offered)
        if verdict.keep:
            key, message_id = KEY.search(content), MESSAGE_ID.search(content)
            taken = Taken(
                key[1].decode().strip() if key else "",
                message_id[1].decode() if message_id else "",
                recipients,
                number,
                time.monotonic(),
                content if self.keep_content else b"",
                connection.getpeername()[0],
            )
            with self._lock:
                self.taken.append(taken)
        if verdict.hang:
            threading.Event().wait(verdict.hang)
        if verdict.reply is None:
            connection.shutdown(socket.SHUT_RDWR)
            return False
        connection.sendall(f"{verdict.reply}\r\n".encode())
        return True


class _Received:
    """What has come over a connection and has not been read yet."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._bytes = b""

    @property
    def has_line(self) -> bool:
        """Whether the client has already said the next thing: then answers may wait for it (RFC 2920)."""
        return b"\n" in self._bytes

    def line(self) -> bytes:
        """The next line; empty at the end of the connection."""
        return self._until(b"\n")

    def mail(self) -> bytes | None:
        """Everything up to the line with one dot; None when the connection ends before."""
        self._bytes = b"\r\n" + self._bytes  # the dot may be the very first
        content = self._until(b"\r\n.\r\n")[2:]
        return content[:-3].replace(b"\r\n..", b"\r\n.") if content else None

    def _until(self, end: bytes) -> bytes:
        searched = 0
        while (found := self._bytes.find(end, searched)) < 0:
            searched = max(0, len(self._bytes) - len(end))
            more = self._connection.recv(1 << 16)
            if not more:
                return b""
            self._bytes += more
        cut = found + len(end)
        taken, self._bytes = self._bytes[:cut], self._bytes[cut:]
        return taken
