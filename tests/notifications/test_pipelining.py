"""Said one by one or all at once (RFC 2920), a mail meets the same fate, and so does the next one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.sink import Sink, Verdict
from notifications.channels import ChannelError, OutgoingMail, Receipt
from notifications.channels.email import EmailChannel
from settings import SmtpServer, load_settings
from tests.notifications.smtp_servers import Scripted

MAIL = OutgoingMail(
    key="post:1/email/morning/2024-10-07T09:00",
    message_id="<1@office.example>",
    sender="dday@office.example",
    recipients=("a@office.example", "b@office.example"),
    subject="",
    text="",
    html="",
    content=b"Message-ID: <1@office.example>\r\nX-Dday-Key: 1\r\n\r\n.a line with a dot\r\n",
)
NEXT = replace(MAIL, content=MAIL.content.replace(b"Key: 1", b"Key: 2"))


@pytest.fixture(params=[True, False], ids=["at-once", "one-by-one"])
def sink(request: pytest.FixtureRequest) -> Iterator[Sink]:
    with Sink(pipelining=request.param, keep_content=True) as sink:
        yield sink


@pytest.fixture
def channel(sink: Sink, tmp_path: Path) -> Iterator[EmailChannel]:
    with EmailChannel(SmtpServer("127.0.0.1", sink.port, "none"), load_settings({}, data=tmp_path)) as channel:
        yield channel


def fate(channel: EmailChannel, mail: OutgoingMail = MAIL) -> Receipt | str:
    try:
        return channel.deliver(mail)
    except ChannelError as error:
        return f"{error} permanent={error.permanent} unknown={error.unknown}"


def test_it_arrives_as_it_is(sink: Sink, channel: EmailChannel) -> None:
    assert fate(channel) == Receipt("250 2.0.0 taken")
    assert fate(channel, NEXT) == Receipt("250 2.0.0 taken")

    assert [mail.content for mail in sink.taken] == [MAIL.content, NEXT.content]
    assert sink.taken[0].recipients == MAIL.recipients
    assert sink.connections == 1


def test_thirty_megabytes_arrive_whole(sink: Sink, channel: EmailChannel) -> None:
    line = b"." + b"x" * 75 + b"\r\n"
    huge = replace(MAIL, content=MAIL.content + line * (30_000_000 // len(line)))

    assert fate(channel, huge) == Receipt("250 2.0.0 taken")
    assert fate(channel, NEXT) == Receipt("250 2.0.0 taken")

    assert [mail.content for mail in sink.taken] == [huge.content, NEXT.content]


def test_a_thousand_recipients_get_one_mail(sink: Sink, channel: EmailChannel) -> None:
    crowd = replace(MAIL, recipients=tuple(f"person{number}@office.example" for number in range(1000)))

    assert channel.deliver(crowd, NEXT) == Receipt("250 2.0.0 taken")
    assert fate(channel, NEXT) == Receipt("250 2.0.0 taken")

    assert [mail.recipients for mail in sink.taken] == [crowd.recipients, NEXT.recipients]
    assert sink.connections == 1


@pytest.mark.parametrize(
    ("refusals", "expected"),
    [
        ({"MAIL": "550 5.7.1 not you"}, "550 5.7.1 not you permanent=True unknown=False"),
        ({"MAIL": "451 4.7.1 later"}, "451 4.7.1 later permanent=False unknown=False"),
        ({"DATA": "452 4.3.1 full"}, "452 4.3.1 full permanent=False unknown=False"),
        ({"RCPT": "550 5.1.1 nobody"}, ["a@office.example", "b@office.example"]),
        ({"RCPT TO:<b": "450 4.2.1 busy"}, ["b@office.example"]),
    ],
)
def test_a_refusal_costs_the_next_mail_nothing(
    sink: Sink, channel: EmailChannel, refusals: dict[str, str], expected: str | list[str]
) -> None:
    sink.refusals = refusals
    found = fate(channel)
    if isinstance(found, Receipt):
        assert [refusal.address for refusal in found.refused] == expected
    else:
        assert found == expected
    before = len(sink.taken)
    sink.refusals = {}

    assert fate(channel, NEXT) == Receipt("250 2.0.0 taken")

    assert [mail.key for mail in sink.taken[before:]] == ["2"]
    assert sink.connections == 1


def test_a_server_that_goes_on_for_nobody_gets_nothing(sink: Sink, channel: EmailChannel) -> None:
    sink.refusals = {"RCPT": "550 5.1.1 nobody", "DATA": "354 go on all the same", ".": "554 5.5.1 nothing"}
    found = fate(channel)
    assert isinstance(found, Receipt)
    assert len(found.refused) == 2
    sink.refusals = {}

    assert fate(channel, NEXT) == Receipt("250 2.0.0 taken")


def test_a_lost_answer_is_unknown(sink: Sink, channel: EmailChannel) -> None:
    sink.decide = lambda _recipients, _number: Verdict(reply=None)
    found = fate(channel)
    assert isinstance(found, str)
    assert found.endswith("unknown=True")
    sink.decide = lambda _recipients, _number: Verdict()

    assert fate(channel, NEXT) == Receipt("250 2.0.0 taken")


def test_a_connection_cut_while_idle_is_replaced(sink: Sink, channel: EmailChannel) -> None:
    fate(channel)
    sink.cut_connections()

    assert fate(channel, NEXT) == Receipt("250 2.0.0 taken")

    assert [mail.key for mail in sink.taken] == ["1", "2"]
    assert sink.connections == 2


# ------------------------------------------------------------------------------------ the next envelope said ahead

MAILS = [replace(MAIL, sender=f"{number}@office.example", recipients=("a@office.example",)) for number in (1, 2, 3, 4)]


def fates(script: dict[tuple[str, str], str | None], tmp_path: Path, *, pipelining: bool) -> tuple[list[str], Scripted]:
    """Four mails in a row, each with the next one announced."""
    server = Scripted(dict(script), pipelining)
    found: list[str] = []
    settings = load_settings({}, data=tmp_path)
    with (
        server.serving() as port,
        EmailChannel(SmtpServer("127.0.0.1", port, "none"), settings, timeout_seconds=5) as channel,
    ):
        for mail, following in zip(MAILS, [*MAILS[1:], None], strict=True):
            try:
                receipt = channel.deliver(mail, following)
                found.append(f"{receipt.response} {[refusal.response for refusal in receipt.refused]}")
            except ChannelError as error:
                words = str(error) if str(error)[:3].isdigit() else "broken"
                found.append(f"{type(error).__name__} {words} permanent={error.permanent} unknown={error.unknown}")
            assert server.begun == sorted(set(server.begun) & {mail.sender[0] for mail in MAILS[: len(found)]})
    return found, server


@pytest.mark.parametrize("reply", ["550 5.0.0 no", "451 4.0.0 later", "421 4.0.0 closing", None])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("whose", ["2", "4"])
def test_whatever_is_said_to_a_mail_that_was_announced_it_meets_the_fate_of_one_that_was_not(
    whose: str, verb: str, reply: str | None, tmp_path: Path
) -> None:
    script = {(whose, verb): reply}
    ahead, with_pipelining = fates(script, tmp_path, pipelining=True)
    one_by_one, without = fates(script, tmp_path, pipelining=False)

    assert ahead == one_by_one
    assert with_pipelining.taken == without.taken
    assert set("1234") - {whose} <= set(with_pipelining.taken)
    assert len(with_pipelining.taken) == len(set(with_pipelining.taken))


def test_two_faults_in_a_row_are_each_told_to_their_own_mail(tmp_path: Path) -> None:
    script: dict[tuple[str, str], str | None] = {("2", "RCPT"): "550 5.1.1 nobody", ("3", "."): "451 4.3.0 later"}
    found, server = fates(script, tmp_path, pipelining=True)

    assert found == [
        "250 taken []",
        " ['550 5.1.1 nobody']",
        "ChannelError 451 4.3.0 later permanent=False unknown=False",
        "250 taken []",
    ]
    assert server.taken == ["1", "4"]
    assert server.connections == 1


def test_a_mail_that_was_announced_and_does_not_come_leaves_nothing_behind(tmp_path: Path) -> None:
    server = Scripted({}, pipelining=True)
    with (
        server.serving() as port,
        EmailChannel(SmtpServer("127.0.0.1", port, "none"), load_settings({}, data=tmp_path)) as channel,
    ):
        channel.deliver(MAILS[0], MAILS[1])
        channel.deliver(MAILS[2], MAILS[3])
    assert server.taken == ["1", "3"]
