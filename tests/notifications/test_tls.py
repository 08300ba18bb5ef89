"""Encryption against real TLS servers with certificates made for the test: what works, and what is said if not."""

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from notifications.channels import ChannelDownError
from notifications.channels.email import EmailChannel
from settings import SmtpServer
from tests.conftest import missing
from tests.notifications.test_email import SETTINGS, mail
from tests.servers import free_port

CONFIGURATION = """
[ca]
default_ca = ours
[ours]
database = {folder}/index
new_certs_dir = {folder}
default_md = sha256
policy = any
rand_serial = yes
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = DNS:{host}
basicConstraints = CA:true
"""


def make_certificate(folder: Path, host: str = "localhost", until: str = "20900101000000Z") -> Path:
    """A file with a certificate that nobody else has signed, and its key."""
    if shutil.which("openssl") is None:
        missing("the program openssl is missing (Debian: apt install openssl)")
    folder.mkdir()
    (folder / "index").touch()
    (folder / "conf").write_text(CONFIGURATION.format(folder=folder, host=host))
    key, request, made, both = (folder / name for name in ("key", "request", "made", "both.pem"))
    for words in (
        ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key),
        ("req", "-new", "-key", key, "-subj", f"/CN={host}", "-out", request, "-config", folder / "conf"),
        (
            *("ca", "-batch", "-selfsign", "-notext", "-config", folder / "conf", "-keyfile", key, "-in", request),
            *("-startdate", "20200101000000Z", "-enddate", until, "-out", made),
        ),
    ):
        done = subprocess.run(["openssl", *map(str, words)], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    both.write_text(made.read_text() + key.read_text())
    return both


def context_of(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class Keeper(Sink):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.kept.append(cast("bytes", envelope.original_content))
        return "250 2.0.0 taken"


def only_hong(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object) -> AuthResult:
    return AuthResult(success=isinstance(data, LoginPassword) and data.password == b"right", handled=False)


class Server(Controller):
    """On localhost, with implicit TLS or STARTTLS, and a login where it is asked for."""

    def __init__(self, certificate: Path | None, *, implicit: bool = False, login: bool = False) -> None:
        self.keeper = Keeper()
        context = context_of(certificate) if certificate else None
        options = {"authenticator": only_hong, "auth_required": True, "auth_require_tls": not implicit} if login else {}
        super().__init__(
            self.keeper,
            hostname="localhost",
            port=free_port(),
            ssl_context=context if implicit else None,
            tls_context=None if implicit else context,
            **options,
        )

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def deliver(server: Server, security: str, password: str | None = None) -> None:
    address = SmtpServer("localhost", server.port, security, "hong" if password else None, password)
    with EmailChannel(address, SETTINGS, timeout_seconds=5) as channel:
        channel.deliver(mail())


def refusal(server: Server, security: str, password: str | None = None) -> str:
    with pytest.raises(ChannelDownError) as down:
        deliver(server, security, password)
    assert server.keeper.kept == []
    return str(down.value)


@pytest.mark.parametrize(("security", "implicit"), [("tls", True), ("starttls", False)])
@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # encrypted all the same, which it cannot know
def test_a_trusted_certificate_is_enough(
    security: str, implicit: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path / "made")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Server(certificate, implicit=implicit, login=True) as server:
        deliver(server, security, "right")
        assert server.keeper.kept == [mail().content]
        server.keeper.kept.clear()
        said = refusal(server, security, "wrong one")
    assert "사용자 이름이나 암호" in said
    assert "wrong one" not in said


@pytest.mark.parametrize(("security", "implicit"), [("tls", True), ("starttls", False)])
@pytest.mark.parametrize(
    ("host", "until", "trusted", "words"),
    [
        ("localhost", "20900101000000Z", False, "믿을 수 없는 인증서"),
        ("mail.office.example", "20900101000000Z", True, "이름이 다른 인증서"),
        ("localhost", "20210101000000Z", True, "기한이 지난 인증서"),
    ],
    ids=["untrusted", "of another host", "expired"],
)
def test_a_bad_certificate_sends_nothing_and_is_named(
    security: str,
    implicit: bool,
    host: str,
    until: str,
    trusted: bool,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificate = make_certificate(tmp_path / "made", host, until)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Server(certificate, implicit=implicit) as server:
        assert words in refusal(server, security)


def test_a_server_without_encryption_gets_nothing() -> None:
    with Server(None) as server:
        assert "STARTTLS나 로그인을 제공하지 않습니다" in refusal(server, "starttls")
        assert "TLS로 말하지 않습니다" in refusal(server, "tls")


def test_a_port_on_which_nobody_listens() -> None:
    address = SmtpServer("localhost", free_port(), "none")
    with (
        EmailChannel(address, SETTINGS, timeout_seconds=5) as channel,
        pytest.raises(ChannelDownError, match="연결을 받지"),
    ):
        channel.check()
