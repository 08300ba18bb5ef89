"""Writes a message as bytes: RFC 5322 headers, RFC 2047 words, RFC 2046 parts, CRLF lines of at most 78 characters.

Made by hand because the standard library's builder takes ten times as long for one mail; a property test has that
library parse back what is written here.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote

LINE = 76  # characters; RFC 5322 2.1.1 asks for at most 78, RFC 2045 6.8 for 76 in base64
NAME_BYTES = 45  # of UTF-8 in one encoded word: `=?utf-8?B?…?=` then has 72 characters, RFC 2047 2 allows 75
TEXT_BYTES = 42  # 68 characters, so that the first word stands on the line of `Subject: `
ATOMS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~ ")


ADDRESS = re.compile(r"""[!#$%&'*+./0-9=?A-Z^_`a-z{|}~-]+@[0-9A-Za-z.-]+""")


def is_address(text: str) -> bool:
    """Whether a header and an envelope can carry it as it is: ASCII, unquoted (RFC 5321 4.1.2), no folding tricks."""
    return len(text) <= 254 and ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file beside the message; `content_type` with its parameters but without a name."""

    name: str
    content_type: str
    content: bytes


def write_message(
    headers: Iterable[tuple[str, str]], text: str, html: str, attachments: Sequence[Attachment] = ()
) -> bytes:
    """mixed(alternative(text, html), attachments…); without attachments only the alternative.

    `headers` are written as given: see `unstructured` and `mailboxes`. Equal input gives equal bytes.
    """
    mark = sha256(f"{text}\0{html}".encode()).hexdigest()[:24]
    inner, outer = f"=_text_{mark}", f"=_all_{mark}"  # "_" stands in no line of base64
    lines = [f"{name}: {value}" for name, value in headers]
    lines.append("MIME-Version: 1.0")
    if attachments:
        lines += [f'Content-Type: multipart/mixed;\r\n boundary="{outer}"', "", f"--{outer}"]
    lines += [f'Content-Type: multipart/alternative;\r\n boundary="{inner}"', ""]
    for content_type, body in (("text/plain", text), ("text/html", html)):
        lines += [
            f"--{inner}",
            f"Content-Type: {content_type}; charset=utf-8",
            "Content-Transfer-Encoding: base64",
            "",
            _base64(_crlf(body).encode()),
        ]
    lines += [f"--{inner}--", ""]
    for attachment in attachments:
        lines += [
            f"--{outer}",
            f"Content-Type: {attachment.content_type}",
            "Content-Transfer-Encoding: base64",
            f"Content-Disposition: attachment;{_file_name(attachment.name)}",
            "",
            _base64(attachment.content),
        ]
    if attachments:
        lines += [f"--{outer}--", ""]
    return "\r\n".join(lines).encode("ascii")


def unstructured(text: str) -> str:
    """A header's free text: as it is where it is short ASCII, else in encoded words. Line ends become spaces."""
    text = " ".join(text.split())
    if text.isascii() and text.isprintable() and "=?" not in text and len(text) <= TEXT_BYTES:
        return text
    return "\r\n ".join(_encoded_words(text, TEXT_BYTES))


def mailboxes(people: Iterable[tuple[str, str]]) -> str:
    """`홍길동 팀장 <hong@office.example>, …` for a header, one a line; a name may be empty."""
    return ",\r\n ".join(_mailbox(name, address) for name, address in people)


@lru_cache(maxsize=256)
def _mailbox(name: str, address: str) -> str:
    name = " ".join(name.split())
    if not name:
        return address
    is_plain = ATOMS.issuperset(name) and "=?" not in name and len(name) <= NAME_BYTES
    phrase = (
        name if is_plain else "\r\n ".join(_encoded_words(name, NAME_BYTES))
    )  # RFC 2047 5 (3): specials may not stand bare
    return f"{phrase} <{address}>" if len(phrase) + len(address) < LINE - 12 else f"{phrase}\r\n <{address}>"


def _encoded_words(text: str, most_bytes: int) -> Iterator[str]:
    """Each word whole characters of its own, as RFC 2047 5 asks; readers join neighbours without the space."""
    chunk, size = b"", 0
    for character in text:
        encoded = character.encode()
        size += len(encoded)
        if size > most_bytes:
            yield f"=?utf-8?B?{b64encode(chunk).decode()}?="
            chunk, size = b"", len(encoded)
        chunk += encoded
    yield f"=?utf-8?B?{b64encode(chunk).decode()}?="


@lru_cache(maxsize=256)
def _file_name(name: str) -> str:
    """RFC 2231, in numbered pieces so that no line grows long; for ASCII names the plain form."""
    if name.isascii() and name.replace(".", "").replace("-", "").replace("_", "").isalnum() and len(name) < 60:
        return f'\r\n filename="{name}"'
    pieces = ["utf-8''"]
    for part in (quote(character, safe="") for character in name):
        if len(pieces[-1]) + len(part) > LINE - 20:
            pieces.append("")
        pieces[-1] += part
    if len(pieces) == 1:
        return f"\r\n filename*={pieces[0]}"
    return ";".join(f"\r\n filename*{number}*={piece}" for number, piece in enumerate(pieces))


def _crlf(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\n", "\r\n")


def _base64(content: bytes) -> str:
    encoded = b64encode(content).decode("ascii")
    return "\r\n".join([encoded[i : i + LINE] for i in range(0, len(encoded), LINE)])
