"""The built-in mail server: a real SMTP server on this machine that keeps every mail instead of passing it on."""

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import DateHeader
from email.message import EmailMessage, MIMEPart
from email.parser import BytesHeaderParser
from pathlib import Path
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from notifications.delivery_status import write_failure
from notifications.maildir import Maildir

LARGEST_MAIL = 32 * 1024 * 1024


def mailbox_of(data: Path) -> Maildir:
    """Where the built-in server keeps what it gets."""
    return Maildir(data / "mailbox")


def bounces_of(data: Path) -> Maildir:
    """Where delivery status notifications arrive."""
    return Maildir(data / "bounces")


class MailboxServer:
    """Runs on a loopback port of its own choosing, in a thread, until the block ends.

    Each mail is kept as received in `data/mailbox`. An address whose local part is `bounce` or begins with `bounce.`
    plays a mailbox that does not exist: its mail is accepted and kept too, and a delivery status notification
    (RFC 3464) comes back into `data/bounces`, as from a server that finds out later.
    """

    host = "127.0.0.1"

    def __init__(self, data: Path) -> None:
        self.mailbox, self.bounces = mailbox_of(data), bounces_of(data)
        self.port = 0
        self._running = threading.Event()
        self._error: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="mailbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._running.wait()
        if self._error is not None:
            raise self._error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await self._loop.create_server(self._session, self.host, 0)
            self.port = server.sockets[0].getsockname()[1]
        except OSError as error:
            self._error = error
            return
        finally:
            self._running.set()
        await self._stop.wait()
        server.close()

    def _session(self) -> SMTP:
        return SMTP(self, hostname="localhost", ident="Dday mailbox", data_size_limit=LARGEST_MAIL, loop=self._loop)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's)
        content = envelope.original_content or b""
        try:
            self.mailbox.keep(content)
            gone = [address for address in envelope.rcpt_tos if is_bouncing(address)]
            if gone and envelope.mail_from:
                self.bounces.keep(write_failure(content, envelope.mail_from, gone))
        except OSError as error:
            return f"452 4.3.1 {error.strerror}"
        return "250 2.0.0 kept"


def is_bouncing(address: str) -> bool:
    local = address.partition("@")[0].lower()
    return local == "bounce" or local.startswith("bounce.")


# ------------------------------------------------------------------------------------------------ read it


@dataclass(frozen=True, slots=True)
class KeptHeader:
    """One line of the mailbox page; `sent_at` as the mail says, aware, None where it says nothing readable."""

    name: str
    subject: str
    sender: str
    recipients: str
    sent_at: datetime | None
    key: str | None


@dataclass(frozen=True, slots=True)
class KeptAttachment:
    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A kept mail as a mail program shows it; `html` is what somebody sent and must not run in our page's origin."""

    header: KeptHeader
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    attachments: tuple[KeptAttachment, ...] = ()


def list_mails(box: Maildir, *, limit: int = 50, offset: int = 0) -> tuple[int, list[KeptHeader]]:
    """How many mails there are, and a page of them, the newest first. Reads only that page's files."""
    names = box.names()
    headers = []
    for name in names[offset : offset + limit]:
        content = box.read(name)
        if content is not None:
            headers.append(_header(name, BytesHeaderParser(policy=policy.default).parsebytes(content)))
    return len(names), headers


def read_mail(box: Maildir, name: str) -> KeptMail | None:
    """One mail; None for a name that is not in the box, whatever it looks like."""
    content = box.read(name)
    if content is None:
        return None
    mail = message_from_bytes(content, policy=policy.default)
    attachments = tuple(
        KeptAttachment(part.get_filename() or "첨부", part.get_content_type(), _bytes(part))
        for part in mail.iter_attachments()
    )
    return KeptMail(_header(name, mail), _body(mail, "plain") or "", _body(mail, "html"), attachments)


def _header(name: str, mail: EmailMessage) -> KeptHeader:
    date = mail["Date"]
    return KeptHeader(
        name=name,
        subject=str(mail["Subject"] or ""),
        sender=str(mail["From"] or ""),
        recipients=str(mail["To"] or ""),
        sent_at=date.datetime if isinstance(date, DateHeader) and date.datetime and date.datetime.tzinfo else None,
        key=str(mail["X-Dday-Key"]) if mail["X-Dday-Key"] else None,
    )


def _body(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body((kind,))
    return _bytes(part).decode(part.get_content_charset("utf-8"), "replace") if part is not None else None


def _bytes(part: MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
