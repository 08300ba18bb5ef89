"""The one seam between a composed message and the way it leaves: a channel takes it, or says why not."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A message ready to leave: `content` is the whole RFC 5322 message with CRLF lines, the rest is what it says.

    `sender` and `recipients` are envelope addresses; `message_id` and `key` stand in the headers of `content` too.
    `text`, `html` and `content` are empty for a channel that does not read them.
    """

    key: str
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An address that did not get the message: for good (`permanent`), and whether there is `no_such_address`."""

    address: str
    response: str
    permanent: bool
    no_such_address: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The channel's answer. Every recipient either got the message or stands in `refused`."""

    response: str
    refused: tuple[Refusal, ...] = ()


class ChannelError(Exception):
    """The message did not leave; the text is the server's own words, or what broke.

    `permanent`: another try would end the same. `unknown`: it may have left all the same (the answer was lost).
    """

    def __init__(self, message: str, *, permanent: bool = False, unknown: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.unknown = unknown


class ChannelDownError(ChannelError):
    """Nothing can leave through this channel now; the message at hand is not to blame."""


class ChannelBusyError(ChannelError):
    """Nobody has tried: the limit of `scope`, a mail server or a mail domain, has no turn for this message now."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"{scope.partition(':')[2]} 발송 한도에 맞추어 차례를 기다립니다")
        self.scope = scope


class Channel(Protocol):
    @property
    def is_real(self) -> bool:
        """Whether messages reach people: False for the built-in mailbox and for notes."""
        ...

    @property
    def reads_content(self) -> bool:
        """Whether it hands over what a mail says; one that only tells that there is something is spared composing."""
        ...

    def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
        """Hands the message over. Raises ChannelError when nobody got it, or nobody knows.

        `following` is the message that will be handed over next, where it is known: a channel may say ahead for whom it
        is, never what it says.
        """
        ...
