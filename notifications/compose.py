"""A digest and the people who get it become a mail: subject, text, HTML, calendar file, bytes. No clock, no row."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from notifications.calendar_file import calendar_file
from notifications.channels import OutgoingMail
from notifications.digest import CAP, Digest
from notifications.letterhead import Letterhead, display_name
from notifications.mime import mailboxes, unstructured, write_message
from notifications.subjects import subject
from notifications.view import CONTACT, View, view_of, why_sent
from schedules.people import Recipient

LARGEST = 102 * 1024  # bytes of a whole message; beyond it mail programs cut the text off
SMALLER_CAPS = (CAP, 6, 3, 1)


def message_id(key: str, host: str) -> str:
    """The same for every attempt at the same message, so that mail programs show it once (RFC 5322 3.6.4)."""
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{host}>"


def compose(
    digest: Digest, recipients: Sequence[Recipient], link: str, letterhead: Letterhead, now: datetime
) -> OutgoingMail:
    """The mail as it leaves, at most 102 kB: where it would grow larger, sections are cut shorter and say so.

    Equal input gives equal bytes. `recipients` is not empty and each has an address.
    """
    title = subject(digest, drill=letterhead.drill)
    headers = _headers(digest.key, title, recipients, letterhead, now)
    for cap in SMALLER_CAPS:
        view = view_of(digest, recipients, link, letterhead, now, cap)
        text, html = _filled("text", view, title), _filled("html", view, title)
        shown = (item for part in digest.parts for item in part.items[:cap])
        calendar = calendar_file(shown, letterhead.host, now, letterhead.timezone)
        content = write_message(headers, text, html, [calendar] if calendar else [])
        if len(content) <= LARGEST:
            break
    return _outgoing(digest, recipients, letterhead, title, text, html, content)


def written(
    digest: Digest, recipients: Sequence[Recipient], link: str, letterhead: Letterhead, now: datetime
) -> tuple[str, str, str]:
    """Subject, text and HTML of what is put up where people look, and mailed to nobody; `recipients` may be empty."""
    title = subject(digest, drill=letterhead.drill)
    view = view_of(digest, recipients, link, letterhead, now, CAP)
    view["footer"] = [why_sent(digest), CONTACT.format(letterhead.contact)]
    return title, _filled("text", view, title), _filled("html", view, title)


def headline(digest: Digest, recipients: Sequence[Recipient], letterhead: Letterhead) -> OutgoingMail:
    """Who gets it and about what, for a channel that does not read what it says."""
    return _outgoing(digest, recipients, letterhead, subject(digest, drill=letterhead.drill))


def _outgoing(
    digest: Digest,
    recipients: Sequence[Recipient],
    letterhead: Letterhead,
    title: str,
    text: str = "",
    html: str = "",
    content: bytes = b"",
) -> OutgoingMail:
    return OutgoingMail(
        key=digest.key,
        message_id=message_id(digest.key, letterhead.host),
        sender=letterhead.sender_address,
        recipients=tuple(dict.fromkeys(recipient.email for recipient in recipients)),
        subject=title,
        text=text,
        html=html,
        content=content,
    )


def _headers(
    key: str, title: str, recipients: Sequence[Recipient], letterhead: Letterhead, now: datetime
) -> list[tuple[str, str]]:
    return [
        ("From", mailboxes([(letterhead.sender_name, letterhead.sender_address)])),
        ("To", mailboxes((display_name(recipient), recipient.email) for recipient in recipients)),
        ("Subject", unstructured(title)),
        ("Date", format_datetime(now.astimezone(letterhead.timezone))),
        ("Message-ID", message_id(key, letterhead.host)),
        ("X-Dday-Key", key),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834 5: no holiday notice answers it
        ("X-Auto-Response-Suppress", "All"),
        ("Content-Language", "ko"),
    ]


def _filled(name: str, view: View, title: str) -> str:
    """Without the names that templates know by themselves: these use none, and copying them took a tenth of a mail."""
    template = _templates()[name]
    return "".join(template.root_render_func(template.new_context({"view": view, "title": title}, shared=True)))


@cache
def _templates() -> dict[str, Template]:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=select_autoescape(),  # by name: mail.html is escaped, mail.txt is plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return {"html": environment.get_template("mail.html"), "text": environment.get_template("mail.txt")}
