"""E-mail over SMTP: one kept connection, one message after the other, and an exact word on what became of each."""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from email.utils import parseaddr
from types import TracebackType
from typing import Self

from notifications.channels import ChannelDownError, ChannelError, OutgoingMail, Receipt, Refusal
from notifications.delivery_status import is_no_such_address
from notifications.mime import is_address
from settings import Settings, SmtpServer

LONGEST_WAIT_SECONDS = 60.0  # for one reply; RFC 5321 4.5.3.2 grants minutes, but a lease is shorter
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
NO_SUCH_MAILBOX_CODES = frozenset((550, 551, 553))  # RFC 5321 4.2.3, of servers without enhanced codes
SERVICE_CODES = frozenset((421, 454, 530, 535, 538))  # closing, or login trouble: the mail at hand is not to blame

CERTIFICATES = {10: "기한이 지난 인증서를 냈습니다", 62: "이름이 다른 인증서를 냈습니다"}  # by OpenSSL's X509_V_ERR_…
TROUBLES: tuple[tuple[type[Exception], str], ...] = (  # the first that fits
    (smtplib.SMTPAuthenticationError, "사용자 이름이나 암호를 받아 주지 않습니다"),
    (smtplib.SMTPNotSupportedError, "STARTTLS나 로그인을 제공하지 않습니다"),
    (ssl.SSLError, "그 포트에서는 TLS로 말하지 않습니다"),
    (socket.gaierror, "그 이름을 찾을 수 없습니다"),
    (ConnectionRefusedError, "연결을 받지 않습니다"),
    (TimeoutError, "제때 대답하지 않습니다"),
)

Reply = tuple[int, bytes]


class EmailChannel:
    """Hands mails to one server. A context manager: the first mail opens the connection, the end closes it.

    One channel serves one thread.
    """

    def __init__(
        self,
        server: SmtpServer,
        settings: Settings,
        *,
        timeout_seconds: float | None = None,
    ) -> None:
        self._server = server
        self._is_real = settings.smtp is not None
        self._helo = parseaddr(settings.mail_from)[1].rpartition("@")[2]
        self._timeout_seconds = timeout_seconds or min(LONGEST_WAIT_SECONDS, settings.lease_seconds / 4)
        self._connection: smtplib.SMTP | None = None
        self._announced: OutgoingMail | None = None  # its envelope is said, the answers to it are not read yet

    @property
    def is_real(self) -> bool:
        return self._is_real

    @property
    def reads_content(self) -> bool:
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None and self._announced is None:
            with suppress(OSError):
                self._connection.quit()
        self._drop()

    def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
        """Raises ChannelDownError when the server cannot be used at all now, ChannelError for this mail.

        Where the server offers PIPELINING (RFC 2920), the envelope of `following` leaves behind this mail's content:
        one round trip a mail. Its content leaves when it is delivered itself; if it is not, the connection ends.
        """
        connection = self._begin(mail)
        try:
            refused = self._name_recipients(connection, mail)
            if len(refused) < len(mail.recipients):
                _expect(354, self._ask(connection, "DATA"))
                self._send_content(connection, mail, following)
            elif _is_pipelining(connection):
                _undo_data(connection)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._drop()  # the last line was not sent whole, so the server cannot have taken the mail
            raise ChannelError(_words(error)) from error
        except ChannelError:
            self._reset(connection)
            raise
        if len(refused) == len(mail.recipients):
            self._reset(connection)
            return Receipt("", refused)
        return Receipt(self._read_verdict(connection), refused)

    def check(self) -> None:
        """Connects, greets and logs in; sends nothing. Raises ChannelDownError with the server's words."""
        if self._connection is None:
            self._connection = self._connect()

    def _begin(self, mail: OutgoingMail) -> smtplib.SMTP:
        """A connection that has taken MAIL FROM. One that the server closed while it lay idle is replaced."""
        if self._announced is not None and self._announced is not mail:
            self._drop()  # the server waits for the content of a mail that does not come
        if self._connection is not None:
            try:
                return self._open_mail(self._connection, mail)
            except ChannelDownError:
                self._drop()  # nothing of this mail was said yet, so a second try cannot repeat it
        self._connection = self._connect()
        try:
            return self._open_mail(self._connection, mail)
        except ChannelDownError:
            self._drop()
            raise

    def _open_mail(self, connection: smtplib.SMTP, mail: OutgoingMail) -> smtplib.SMTP:
        is_announced, self._announced = self._announced is mail, None
        limit = _size_limit(connection)
        if limit is not None and limit < len(mail.content):
            raise ChannelError(f"메일이 {len(mail.content)}바이트로 서버 한도 {limit}바이트를 넘습니다", permanent=True)
        try:
            if _is_pipelining(connection) and not is_announced:
                connection.send(_envelope(connection, mail))
            _expect(250, self._ask(connection, _mail_from(connection, mail)))
        except OSError as error:
            raise ChannelDownError(_words(error)) from error
        except ChannelDownError:
            raise
        except ChannelError:
            self._abandon(connection, mail)
            raise
        return connection

    def _send_content(self, connection: smtplib.SMTP, mail: OutgoingMail, following: OutgoingMail | None) -> None:
        """Raises OSError only while the last line is not sent whole; what breaks after it shows in the verdict."""
        content = _stuffed(mail.content)
        ahead = b""
        if following is not None and self._may_announce(connection, following):
            ahead = _envelope(connection, following)
            self._announced = following
        assert connection.sock is not None
        rest = memoryview(content + ahead)
        while rest:
            try:
                sent = connection.sock.send(rest)
            except OSError:
                if len(rest) > len(ahead):
                    raise
                return
            rest = rest[sent:]

    def _may_announce(self, connection: smtplib.SMTP, mail: OutgoingMail) -> bool:
        limit = _size_limit(connection)
        return _is_pipelining(connection) and (limit is None or len(mail.content) <= limit)

    def _ask(self, connection: smtplib.SMTP, command: str) -> Reply:
        """The reply to the command, which a server that offers PIPELINING (RFC 2920) has been told already."""
        if not _is_pipelining(connection):
            connection.putcmd(command)
        return connection.getreply()

    def _abandon(self, connection: smtplib.SMTP, mail: OutgoingMail) -> None:
        """After a refused sender: the answers to what was said ahead are read away."""
        try:
            if _is_pipelining(connection):
                for _ in mail.recipients:
                    connection.getreply()
                _undo_data(connection)
        except OSError:
            self._drop()
            return
        self._reset(connection)

    def _connect(self) -> smtplib.SMTP:
        server, timeout = self._server, self._timeout_seconds
        try:
            if server.security == "tls":
                context = ssl.create_default_context()
                connection: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host, server.port, self._helo, timeout=timeout, context=context
                )
            else:
                connection = smtplib.SMTP(server.host, server.port, self._helo, timeout=timeout)
            try:
                assert connection.sock is not None
                connection.sock.setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
                )  # a group's last piece never waits
                connection.ehlo_or_helo_if_needed()
                if server.security == "starttls":
                    connection.starttls(context=ssl.create_default_context())
                    connection.ehlo()
                if server.user is not None:
                    connection.login(server.user, server.password or "")
            except BaseException:
                connection.close()
                raise
        except (OSError, ValueError) as error:
            raise ChannelDownError(f"{server.host}:{server.port} {_trouble(error)}") from error
        return connection

    def _name_recipients(self, connection: smtplib.SMTP, mail: OutgoingMail) -> tuple[Refusal, ...]:
        refused = []
        for address in mail.recipients:
            code, said = self._ask(connection, _rcpt(address))
            if code == 421:
                raise smtplib.SMTPServerDisconnected(_said(code, said))
            if code not in (250, 251, 252):
                refused.append(Refusal(address, _said(code, said), code >= 500, _is_no_such_address(code, said)))
        return tuple(refused)

    def _read_verdict(self, connection: smtplib.SMTP) -> str:
        try:
            code, said = connection.getreply()
        except OSError as error:
            self._drop()
            raise ChannelError(_words(error), unknown=True) from error
        if code == 421:
            self._drop()
        if code != 250:
            raise ChannelError(_said(code, said), permanent=code >= 500)
        return _said(code, said)

    def _reset(self, connection: smtplib.SMTP) -> None:
        try:
            connection.rset()
        except OSError:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection, self._announced = self._connection, None, None
        if connection is not None:
            with suppress(OSError):
                connection.close()


def _is_pipelining(connection: smtplib.SMTP) -> bool:
    return "pipelining" in connection.esmtp_features


def _size_limit(connection: smtplib.SMTP) -> int | None:
    """Bytes; None = the server names none."""
    limit = connection.esmtp_features.get("size", "")
    return (int(limit) or None) if limit.isdigit() else None


def _envelope(connection: smtplib.SMTP, mail: OutgoingMail) -> bytes:
    """Everything that is said before the content, to a server that lets it be said at once."""
    commands = (_mail_from(connection, mail), *map(_rcpt, mail.recipients), "DATA")
    return "".join(f"{command}\r\n" for command in commands).encode("ascii")


def _mail_from(connection: smtplib.SMTP, mail: OutgoingMail) -> str:
    size = f" SIZE={len(mail.content)}" if "size" in connection.esmtp_features else ""
    return f"MAIL FROM:{_path(mail.sender)}{size}"


def _rcpt(address: str) -> str:
    return f"RCPT TO:{_path(address)}"


def _path(address: str) -> str:
    return f"<{address}>" if is_address(address) else smtplib.quoteaddr(address)


def _undo_data(connection: smtplib.SMTP) -> None:
    """DATA was said ahead for nobody: servers refuse it; one that goes on all the same gets nothing (RFC 2920 3.1)."""
    code, _ = connection.getreply()
    if code == 354:
        connection.send(b".\r\n")
        connection.getreply()


def _expect(code: int, reply: Reply) -> None:
    found, said = reply
    if found in SERVICE_CODES:
        raise ChannelDownError(_said(found, said))
    if found != code:
        raise ChannelError(_said(found, said), permanent=found >= 500)


def _is_no_such_address(code: int, said: bytes) -> bool:
    text = said.decode("utf-8", "replace")
    return is_no_such_address(text) if ENHANCED.match(text) else code in NO_SUCH_MAILBOX_CODES


def _stuffed(content: bytes) -> bytes:
    """RFC 5321 4.5.2: a line that begins with a dot gets another; the end is a line with one."""
    if content.startswith(b".") or b"\n." in content:
        content = re.sub(rb"(?m)^\.", b"..", content)
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def _said(code: int, said: bytes) -> str:
    return f"{code} {said.decode('utf-8', 'replace')}"


def _trouble(error: BaseException) -> str:
    """Why a server cannot be used, for whoever has to mend it: in plain words, and in the library's or the server's."""
    plain = next((words for kind, words in TROUBLES if isinstance(error, kind)), "")
    if isinstance(error, ssl.SSLCertVerificationError):
        plain = CERTIFICATES.get(error.verify_code, "믿을 수 없는 인증서를 냈습니다")
    return f"{plain} ({_words(error)})" if plain else _words(error)


def _words(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _said(error.smtp_code, said if isinstance(said, bytes) else str(said).encode())
    return " ".join(str(error).split()) or type(error).__name__
