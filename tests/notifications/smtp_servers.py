"""SMTP servers that misbehave, each on a loopback port of its own: what the email channel has to live with."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Behaviour:
    """What a server does; the defaults make a good one. Replies are the server's words, None hangs up."""

    rcpt: dict[str, str] = field(default_factory=dict)
    mail: str | None = "250 OK"
    data: str | None = "250 2.0.0 taken"
    hang_after_data: bool = False
    size_limit: int = 0
    mails_a_connection: int = 0  # 0 = any number; else the server hangs up after so many
    kept: list[tuple[list[str], bytes]] = field(default_factory=list)
    connections: int = 0

    @property
    def contents(self) -> list[bytes]:
        return [content for _, content in self.kept]


class _Handler:
    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.taken = 0

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.behaviour.mail is None:
            _hang_up(server)
            return "421 gone"
        if self.behaviour.mails_a_connection and self.taken >= self.behaviour.mails_a_connection:
            _hang_up(server)
            return "421 4.3.2 enough"
        if self.behaviour.mail.startswith("250"):
            envelope.mail_from = address
        return self.behaviour.mail

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.behaviour.rcpt.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.behaviour.data is None or self.behaviour.hang_after_data or self.behaviour.data.startswith("250"):
            self.behaviour.kept.append((list(envelope.rcpt_tos), envelope.original_content or b""))
        self.taken += 1
        if self.behaviour.hang_after_data:
            await asyncio.sleep(3600)
        if self.behaviour.data is None:
            _hang_up(server)
            return "250 lost"
        return self.behaviour.data


def _hang_up(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.abort()


@contextmanager
def smtp_server(behaviour: Behaviour) -> Iterator[int]:
    """Runs the server in a thread and gives its port."""
    port: list[int] = []
    running, loops = threading.Event(), []

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def session() -> SMTP:
            behaviour.connections += 1
            limit = behaviour.size_limit or None
            return SMTP(_Handler(behaviour), hostname="localhost", data_size_limit=limit, loop=loop)

        server = await loop.create_server(session, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        loops.append((loop, stop.set))
        running.set()
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    running.wait()
    try:
        yield port[0]
    finally:
        loop, stop = loops[0]
        loop.call_soon_threadsafe(stop)
        thread.join()


@dataclass
class Scripted:
    """A server that says yes to everything but what the script names, once: (whose mail, verb) → its words, None = cut.

    Whose mail it is stands in its sender, `2@office.example`; the verb of the last dot is `.`. It offers PIPELINING or
    not, and answers each command by itself, as soon as it comes.
    """

    script: dict[tuple[str, str], str | None]
    pipelining: bool
    taken: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)  # mails whose content began to come
    connections: int = 0

    @contextmanager
    def serving(self) -> Iterator[int]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            thread = threading.Thread(target=self._serve, args=(listening,), daemon=True)
            thread.start()
            try:
                yield listening.getsockname()[1]
            finally:
                listening.shutdown(socket.SHUT_RDWR)
                thread.join()

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            with connection, suppress(OSError):
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = connection.makefile("rb")
        connection.sendall(b"220 scripted\r\n")
        whose, has_sender, recipients = "", False, 0
        for line in lines:
            verb = line[:4].decode().strip().upper()
            if verb == "EHLO":
                connection.sendall(b"250-scripted\r\n250 PIPELINING\r\n" if self.pipelining else b"250 scripted\r\n")
                continue
            if verb == "MAIL":
                whose, has_sender, recipients = line[line.index(b"<") + 1 : line.index(b"@")].decode(), False, 0
            usual = {
                "RCPT": "250 ok" if has_sender else "503 5.5.1 no sender",
                "DATA": "354 go on" if recipients else "554 5.5.1 nobody",
                "QUIT": "221 bye",
            }
            reply = self.script.pop((whose, verb), usual.get(verb, "250 ok"))
            has_sender |= verb == "MAIL" and reply == "250 ok"
            recipients += verb == "RCPT" and reply == "250 ok"
            if reply is not None and reply.startswith("354"):
                connection.sendall(b"354 go on\r\n")
                if lines.peek(1):
                    self.begun.append(whose)
                if not any(line == b".\r\n" for line in lines):
                    return
                reply = self.script.pop((whose, "."), "250 taken")
                if reply is not None and reply.startswith("250"):
                    self.taken.append(whose)
            if reply is None:
                return
            connection.sendall(f"{reply}\r\n".encode())
            if reply.startswith(("221", "421")):
                return
