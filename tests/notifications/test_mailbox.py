"""The built-in mail server keeps every mail as it came, and its pages read them back safely."""

import mailbox as standard
from dataclasses import replace
from pathlib import Path

import pytest

from notifications.channels import ChannelError
from notifications.channels.email import EmailChannel
from notifications.compose import compose
from notifications.delivery_status import read_failure
from notifications.mailbox import MailboxServer, bounces_of, list_mails, mailbox_of, read_mail
from notifications.maildir import Maildir
from settings import SmtpServer, load_settings
from tests.notifications.letters import ALL, HEAD, HONG, LINK, NINE, digest

GONE = replace(HONG, name="이몽룡", email="bounce.lee@office.example")


def deliver(data: Path, *addresses: str, times: int = 1) -> list[bytes]:
    mail = compose(digest(*ALL), [replace(HONG, email=address) for address in addresses], LINK, HEAD, NINE)
    settings = load_settings({}, data=data)
    with (
        MailboxServer(data) as server,
        EmailChannel(SmtpServer(server.host, server.port, "none"), settings) as channel,
    ):
        for _ in range(times):
            assert channel.deliver(mail).response == "250 2.0.0 kept"
    return [mail.content] * times


def test_each_mail_is_one_file_as_received(tmp_path: Path) -> None:
    sent = deliver(tmp_path, HONG.email, times=3)
    files = sorted((tmp_path / "mailbox" / "new").iterdir())
    assert [file.read_bytes() for file in files] == sent
    assert len(standard.Maildir(tmp_path / "mailbox")) == 3
    assert not any((tmp_path / "mailbox" / "tmp").iterdir())


def test_mails_are_listed_newest_first_a_page_at_a_time(tmp_path: Path) -> None:
    deliver(tmp_path, "one@office.example")
    deliver(tmp_path, "two@office.example")  # another server, later
    count, (newest,) = list_mails(mailbox_of(tmp_path), limit=1)
    _, (oldest,) = list_mails(mailbox_of(tmp_path), limit=1, offset=1)
    assert count == 2
    assert newest.recipients == "홍길동 팀장 <two@office.example>"
    assert oldest.recipients == "홍길동 팀장 <one@office.example>"
    assert newest.sender == "주요업무 알림 <dday@office.example>"
    assert newest.subject.startswith("[일정 알림] 오늘 1건")
    assert newest.key == "post:12/email/morning/2024-09-30T09:00"
    assert newest.sent_at == NINE


def test_a_mail_is_read_with_its_texts_and_files(tmp_path: Path) -> None:
    deliver(tmp_path, HONG.email)
    box = mailbox_of(tmp_path)
    mail = read_mail(box, box.names()[0])
    assert mail is not None
    assert mail.text.startswith("홍길동 팀장님, 안녕하십니까.")
    assert mail.html is not None
    assert LINK in mail.html
    assert [(file.name, file.content_type) for file in mail.attachments] == [("일정.ics", "text/calendar")]
    assert mail.attachments[0].content.startswith(b"BEGIN:VCALENDAR\r\n")


@pytest.mark.parametrize(
    "name",
    [
        "../secret_key",
        "../../secret_key",
        "/etc/passwd",
        "0000000001.abc.dday",
        "",
        ".",
        "new",
        "x" * 5000,
        "a\0b",
        "%2e",
    ],
)
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    deliver(tmp_path, HONG.email)
    (tmp_path / "secret_key").write_text("secret")
    (tmp_path / "mailbox" / "secret_key").write_text("secret")
    assert read_mail(mailbox_of(tmp_path), name) is None


def test_foreign_files_and_broken_mails_do_not_break_the_list(tmp_path: Path) -> None:
    deliver(tmp_path, HONG.email)
    (tmp_path / "mailbox" / "new" / ".hidden").write_text("x")
    (tmp_path / "mailbox" / "new" / "README").write_text("x")
    broken = Maildir(tmp_path / "mailbox").keep(b"\xff\xfe\x00Subject\r\nDate: yesterday\r\n\r\n\x80")
    count, headers = list_mails(mailbox_of(tmp_path))
    assert count == len(headers) == 2
    mail = read_mail(mailbox_of(tmp_path), broken)
    assert mail is not None
    assert mail.header.sent_at is None


def test_an_empty_box_is_an_empty_list(tmp_path: Path) -> None:
    assert list_mails(mailbox_of(tmp_path)) == (0, [])


def test_a_mailbox_that_does_not_exist_answers_later_with_a_notice(tmp_path: Path) -> None:
    deliver(tmp_path, "bounce@office.example", "bounce.lee@office.example", "bouncer@office.example")
    assert len(mailbox_of(tmp_path).names()) == 1
    (name,) = bounces_of(tmp_path).unseen()
    failure = read_failure(bounces_of(tmp_path).read(name) or b"")
    assert failure is not None
    assert failure.key == "post:12/email/morning/2024-09-30T09:00"
    assert [one.address for one in failure.failed] == ["bounce@office.example", "bounce.lee@office.example"]
    assert {one.status for one in failure.failed} == {"5.1.1"}


def test_a_disk_that_refuses_is_told_to_the_sender(tmp_path: Path) -> None:
    (tmp_path / "mailbox").write_text("a file where the folder should be")
    mail = compose(digest(*ALL), [HONG], LINK, HEAD, NINE)
    with (
        MailboxServer(tmp_path) as server,
        EmailChannel(SmtpServer(server.host, server.port, "none"), load_settings({}, data=tmp_path)) as channel,
        pytest.raises(ChannelError) as refused,
    ):
        channel.deliver(mail)
    assert not refused.value.permanent
