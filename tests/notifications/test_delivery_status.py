"""Only a notice that says `failed` is a bounce, whoever wrote it."""

from email.message import EmailMessage

import pytest

from notifications.compose import compose
from notifications.delivery_status import FailedAddress, is_no_such_address, read_failure, write_failure
from tests.notifications.letters import ALL, HEAD, HONG, LINK, NINE, digest

POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@mail.office.example (Mail Delivery System)
To: dday@office.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="BOUND"

--BOUND
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--BOUND
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.office.example
X-Postfix-Queue-ID: 4XyZ

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.office.example
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: Recipient address
    rejected: User unknown

--BOUND
Content-Description: Undelivered Message
Content-Type: {returned}

Received: from localhost
Message-ID: <0123456789abcdef@office.example>
X-Dday-Key: post:12/email/morning/2024-09-30T09:00
Subject: x

body

--BOUND--
"""


def notice(action: str = "failed", status: str = "5.1.1", returned: str = "message/rfc822") -> bytes:
    return POSTFIX.format(address="lee@office.example", action=action, status=status, returned=returned).encode()


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"])
def test_a_failure_names_the_message_the_address_and_the_reason(returned: str) -> None:
    failure = read_failure(notice(returned=returned))
    assert failure is not None
    assert failure.message_id == "<0123456789abcdef@office.example>"
    assert failure.key == "post:12/email/morning/2024-09-30T09:00"
    reason = "550 5.1.1 <lee@office.example>: Recipient address rejected: User unknown"
    assert failure.failed == (FailedAddress("lee@office.example", "5.1.1", reason),)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_did_not_fail_is_no_failure(action: str) -> None:
    assert read_failure(notice(action, "4.4.7")) is None


def test_a_reply_and_an_absence_notice_are_no_failure() -> None:
    mail = EmailMessage()
    mail["Subject"] = "부재중 자동 회신"
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content("출장 중입니다. Action: failed")
    assert read_failure(mail.as_bytes()) is None
    assert read_failure(compose(digest(*ALL), [HONG], LINK, HEAD, NINE).content) is None


@pytest.mark.parametrize(
    "content", [b"", b"\xff\x00", b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nx"]
)
def test_a_broken_notice_is_no_failure(content: bytes) -> None:
    assert read_failure(content) is None


def test_a_notice_without_the_returned_headers_still_names_the_address() -> None:
    failure = read_failure(notice(returned="application/octet-stream"))
    assert failure is not None
    assert (failure.message_id, failure.key) == (None, None)
    assert failure.failed[0].address == "lee@office.example"


def test_what_is_written_is_read_back() -> None:
    mail = compose(digest(*ALL), [HONG], LINK, HEAD, NINE)
    failure = read_failure(write_failure(mail.content, mail.sender, ["a@office.example", "b@office.example"]))
    assert failure is not None
    assert (failure.message_id, failure.key) == (mail.message_id, mail.key)
    assert [one.address for one in failure.failed] == ["a@office.example", "b@office.example"]


@pytest.mark.parametrize(
    ("status", "gone"),
    [
        ("5.1.1", True),
        ("5.1.2", True),
        ("5.1.10", True),
        ("5.1.6", True),
        ("5.2.2", False),
        ("5.7.1", False),
        ("5.1.8", False),
        ("", False),
    ],
)
def test_only_a_wrong_address_is_a_wrong_address(status: str, gone: bool) -> None:
    assert is_no_such_address(status) is gone
