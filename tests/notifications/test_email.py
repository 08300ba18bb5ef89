"""The email channel says exactly what became of a mail, whatever the server does."""

from dataclasses import replace
from pathlib import Path

import pytest

from notifications.channels import ChannelDownError, ChannelError, OutgoingMail, Receipt, Refusal
from notifications.channels.email import EmailChannel
from notifications.compose import compose
from settings import SmtpServer, load_settings
from tests.notifications.letters import ALL, HEAD, HONG, LINK, NINE, digest
from tests.notifications.smtp_servers import Behaviour, smtp_server
from tests.servers import free_port

SETTINGS = load_settings({"DDAY_MAIL_FROM": "dday@office.example"}, data=Path("/nonexistent"))


def mail(*recipients: str) -> OutgoingMail:
    people = [replace(HONG, email=address) for address in recipients or (HONG.email,)]
    return compose(digest(*ALL), people, LINK, HEAD, NINE)


def channel_to(port: int, **more: float) -> EmailChannel:
    return EmailChannel(SmtpServer("127.0.0.1", port, "none"), SETTINGS, timeout_seconds=more.pop("timeout", 5))


def test_a_mail_arrives_byte_for_byte_and_the_connection_is_kept() -> None:
    good = Behaviour()
    with smtp_server(good) as port, channel_to(port) as channel:
        receipts = [channel.deliver(mail()) for _ in range(3)]
    assert receipts == [Receipt("250 2.0.0 taken")] * 3
    assert good.contents == [mail().content] * 3
    assert good.connections == 1


def test_a_line_that_begins_with_a_dot_arrives_whole() -> None:
    good = Behaviour()
    dotted = replace(mail(), content=b"Subject: x\r\n\r\n.\r\n..two\r\n.end")
    with smtp_server(good) as port, channel_to(port) as channel:
        channel.deliver(dotted)
    assert good.contents == [b"Subject: x\r\n\r\n.\r\n..two\r\n.end\r\n"]


@pytest.mark.parametrize(
    ("reply", "permanent", "no_such_address"),
    [
        ("550 5.1.1 no such user", True, True),
        ("553 no such user", True, True),
        ("550 5.7.1 not allowed", True, False),
        ("552 5.2.2 mailbox full", True, False),
        ("450 4.2.0 greylisted", False, False),
        ("451 try later", False, False),
    ],
)
def test_a_refused_address_is_told_apart_from_the_others(reply: str, permanent: bool, no_such_address: bool) -> None:
    picky = Behaviour(rcpt={"gone@office.example": reply})
    with smtp_server(picky) as port, channel_to(port) as channel:
        receipt = channel.deliver(mail("gone@office.example", "hong@office.example"))
        nobody = channel.deliver(mail("gone@office.example"))
        after = channel.deliver(mail())
    refusal = Refusal("gone@office.example", reply, permanent, no_such_address)
    assert receipt == Receipt("250 2.0.0 taken", (refusal,))
    assert nobody.refused == (refusal,)
    assert after.refused == ()
    assert [people for people, _ in picky.kept] == [["hong@office.example"]] * 2
    assert picky.connections == 1


@pytest.mark.parametrize(
    ("behaviour", "permanent"),
    [
        (Behaviour(data="554 5.6.0 content refused"), True),
        (Behaviour(data="451 4.3.0 try later"), False),
        (Behaviour(mail="550 5.7.0 sender refused"), True),
        (Behaviour(mail="451 4.7.1 slow down"), False),
        (Behaviour(size_limit=2000), True),
    ],
    ids=["data 5xx", "data 4xx", "sender 5xx", "sender 4xx", "too large"],
)
def test_a_refused_mail_is_an_error_that_says_whether_to_try_again(behaviour: Behaviour, permanent: bool) -> None:
    with smtp_server(behaviour) as port, channel_to(port) as channel:
        for _ in range(2):  # the connection stays usable after it
            with pytest.raises(ChannelError) as refused:
                channel.deliver(mail())
            assert (refused.value.permanent, refused.value.unknown) == (permanent, False)
            assert not isinstance(refused.value, ChannelDownError)
    assert behaviour.connections == 1
    assert behaviour.kept == []


@pytest.mark.parametrize(
    "behaviour", [Behaviour(data=None), Behaviour(hang_after_data=True)], ids=["hangs up", "hangs"]
)
def test_a_lost_answer_after_the_content_is_unknown(behaviour: Behaviour) -> None:
    with smtp_server(behaviour) as port, channel_to(port, timeout=0.3) as channel, pytest.raises(ChannelError) as lost:
        channel.deliver(mail())
    assert lost.value.unknown
    assert behaviour.contents == [mail().content]  # it did arrive: nobody but the server knows


def test_a_connection_closed_while_idle_is_replaced_without_repeating_a_mail() -> None:
    closing = Behaviour(mails_a_connection=1)
    with smtp_server(closing) as port, channel_to(port) as channel:
        for _ in range(3):
            assert channel.deliver(mail()).refused == ()
    assert len(closing.kept) == closing.connections == 3


def test_a_server_that_is_down_is_no_fault_of_the_mail() -> None:
    with channel_to(free_port()) as channel, pytest.raises(ChannelDownError) as down:
        channel.deliver(mail())
    assert not down.value.permanent


def test_a_server_that_hangs_up_on_every_mail_is_down() -> None:
    with smtp_server(Behaviour(mail=None)) as port, channel_to(port) as channel, pytest.raises(ChannelDownError):
        channel.deliver(mail())


def test_login_and_encryption_that_the_server_does_not_offer_are_trouble_of_the_server() -> None:
    with smtp_server(Behaviour()) as port:
        for server in (
            SmtpServer("127.0.0.1", port, "none", "user", "secret"),
            SmtpServer("127.0.0.1", port, "starttls"),
        ):
            with EmailChannel(server, SETTINGS, timeout_seconds=5) as channel, pytest.raises(ChannelDownError) as down:
                channel.deliver(mail())
            assert "secret" not in str(down.value)


def test_only_a_configured_server_reaches_people() -> None:
    configured = load_settings({"DDAY_SMTP_URL": "smtp://mail.office.example"}, data=Path("/nonexistent"))
    assert configured.smtp is not None
    assert EmailChannel(configured.smtp, configured).is_real
    assert not EmailChannel(configured.smtp, SETTINGS).is_real
