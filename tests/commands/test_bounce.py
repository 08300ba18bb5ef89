"""`dday bounce`: what a mail server hands over is believed only when it is a notice about a mail of ours."""

import io
import json
import mailbox
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

import cli
from notifications.delivery_status import write_failure

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Ran(NamedTuple):
    status: int
    out: str
    err: str


class Desk:
    """A data folder in which a few days of the example were played, and a command line on it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._capsys, self._monkeypatch = folder, capsys, monkeypatch

    def run(self, *words: str, stdin: bytes = b"") -> Ran:
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = cli.main(["--data", str(self.folder), *words])
        return Ran(status, *self._capsys.readouterr())

    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = json.loads(self.run("status", "--json").out)["notifications"]
        return counts

    def sent(self) -> mailbox.MaildirMessage:
        """A mail that went to one person whose address still works."""
        for mail in mailbox.Maildir(self.folder / "mailbox", create=False):
            if "," not in mail["To"] and "bounce" not in mail["To"]:
                return mail
        raise AssertionError("no such mail")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each test gets a copy: playing takes seconds."""
    folder = tmp_path_factory.mktemp("played") / "data"
    for words in (
        ("import", str(EXAMPLES / "report-2024-09.md"), "--as-of", "2024-09-01"),
        ("import", str(EXAMPLES / "staff.csv"), "--kind", "staff"),
        ("activate", "--all", "--yes"),
        ("simulate", "--from", "2024-09-01", "--to", "2024-09-03"),
    ):
        assert cli.main(["--data", str(folder), *words]) == 0
    return folder


@pytest.fixture
def desk(played: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    capsys.readouterr()
    return Desk(Path(shutil.copytree(played, tmp_path / "data")), capsys, monkeypatch)


def test_a_notice_marks_the_mail_and_the_address_once(desk: Desk) -> None:
    mail = desk.sent()
    address = str(mail["To"]).rpartition("<")[2].rstrip(">")
    notice = write_failure(bytes(mail), "dday@office.example", [address])
    before = desk.counts()

    first, second = desk.run("bounce", stdin=notice), desk.run("bounce", stdin=notice)

    assert (first.status, "주소 1개" in first.out) == (0, True)
    assert (second.status, "주소 0개" in second.out) == (0, True)
    assert desk.counts() == {**before, "sent": before["sent"] - 1, "bounced": before["bounced"] + 1}


@pytest.mark.parametrize("content", [b"", b"Subject: hello\r\n\r\nbody", b"\xff\xfe\x00" * 1000])
def test_anything_else_is_refused_and_changes_nothing(desk: Desk, content: bytes) -> None:
    before = desk.counts()

    ran = desk.run("bounce", stdin=content)

    assert (ran.status, "반송 통지" in ran.err) == (1, True)
    assert desk.counts() == before


def test_a_notice_about_a_mail_of_somebody_else_marks_nobody(desk: Desk) -> None:
    address = str(desk.sent()["To"]).rpartition("<")[2].rstrip(">")
    stranger = b"From: a@b.example\r\nMessage-ID: <other@elsewhere.example>\r\nSubject: x\r\n\r\nx"
    before = desk.counts()

    ran = desk.run("bounce", stdin=write_failure(stranger, "a@b.example", [address]))

    assert (ran.status, "주소 0개" in ran.out) == (0, True)
    assert desk.counts() == before
