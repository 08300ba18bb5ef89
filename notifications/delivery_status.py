"""Delivery status notifications (RFC 3464): read from any mail server, written by the built-in one."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr

NO_SUCH_ADDRESS = re.compile(r"5\.1\.(?:[0-36]|10)\b")  # RFC 3463 3.2, RFC 7505: mailbox, domain or syntax is wrong


def is_no_such_address(status: str) -> bool:
    """Whether an enhanced status code says that mail can never be delivered to this address."""
    return NO_SUCH_ADDRESS.match(status) is not None


@dataclass(frozen=True, slots=True)
class FailedAddress:
    """An address that did not get the mail for good, with the server's words. `status` as in RFC 3463: `5.1.1`."""

    address: str
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class DeliveryFailure:
    """What a notification says failed: which of our messages (as far as the returned headers tell), for whom."""

    message_id: str | None
    key: str | None
    failed: tuple[FailedAddress, ...]


def read_failure(content: bytes) -> DeliveryFailure | None:
    """The failure a mail reports; None for anything else: delayed, relayed, delivered, a reply, an absence notice."""
    mail = message_from_bytes(content, policy=policy.default)
    if mail.get_content_type() != "multipart/report" or mail.get_param("report-type") != "delivery-status":
        return None
    failed: list[FailedAddress] = []
    returned: Message | None = None
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            failed += _failed(part)
        elif returned is None and part.get_content_maintype() == "message" and part.is_multipart():
            inside = part.get_payload(0)
            returned = inside if isinstance(inside, Message) else None
        elif returned is None and part.get_content_type() == "text/rfc822-headers":
            body = part.get_payload(decode=True)
            returned = BytesHeaderParser().parsebytes(body) if isinstance(body, bytes) else None
    if not failed:
        return None
    return DeliveryFailure(_header(returned, "Message-ID"), _header(returned, "X-Dday-Key"), tuple(failed))


def _failed(part: Message) -> list[FailedAddress]:
    """The recipients' groups (RFC 3464 2.3) with `Action: failed`; the first group is about the message."""
    groups = part.get_payload()
    found = []
    for group in groups if isinstance(groups, list) else []:
        if not isinstance(group, Message) or str(group.get("Action", "")).strip().lower() != "failed":
            continue
        recipient = str(group.get("Original-Recipient") or group.get("Final-Recipient") or "")
        address = parseaddr(recipient.partition(";")[2].strip() or recipient.strip())[1]
        status = str(group.get("Status", "")).strip().split(" ")[0]
        diagnostic = " ".join(str(group.get("Diagnostic-Code", "")).partition(";")[2].split())
        if address:
            found.append(FailedAddress(address, status, diagnostic))
    return found


def _header(returned: Message | None, name: str) -> str | None:
    value = returned.get(name) if returned is not None else None
    return " ".join(str(value).split()) or None if value is not None else None


def write_failure(content: bytes, sender: str, addresses: list[str]) -> bytes:
    """What a server sends back to `sender` when these recipients turn out not to exist: headers only are returned."""
    original = BytesHeaderParser(policy=policy.SMTP).parsebytes(content)
    headers = content.replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n"
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = "MAILER-DAEMON@localhost"
    mail["To"] = sender
    mail["Subject"] = "배달하지 못한 메일"
    mail["Auto-Submitted"] = "auto-replied"
    if original["Date"]:
        mail["Date"] = original["Date"]
    mail.set_content("다음 주소로 메일을 배달하지 못했습니다.\n" + "".join(f"  {address}\n" for address in addresses))
    mail.make_mixed()
    mail.replace_header("Content-Type", 'multipart/report; report-type="delivery-status"')
    status = EmailMessage()
    status["Content-Type"] = "message/delivery-status"
    about = EmailMessage()
    about["Reporting-MTA"] = "dns; localhost"
    status.attach(about)
    for address in addresses:
        group = EmailMessage()
        group["Final-Recipient"] = f"rfc822; {address}"
        group["Action"] = "failed"
        group["Status"] = "5.1.1"
        group["Diagnostic-Code"] = "smtp; 550 5.1.1 No such mailbox here"
        status.attach(group)
    mail.attach(status)
    back = EmailMessage()
    back["Content-Type"] = "text/rfc822-headers; charset=us-ascii"
    back.set_payload(headers.decode("ascii", "replace"))
    mail.attach(back)
    return mail.as_bytes(policy=policy.SMTP)
