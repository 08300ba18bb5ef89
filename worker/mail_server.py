"""The mail server that this process hands over to: the configured one, else the built-in mailbox."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Engine

from notifications.channels import Channel
from notifications.channels.email import EmailChannel
from notifications.channels.paced import PacedChannel
from notifications.mailbox import MailboxServer
from settings import Settings, SmtpServer


@contextmanager
def mail_channel(settings: Settings, engine: Engine) -> Iterator[Channel]:
    """The configured mail server, or the built-in one, which then runs until the block ends and has no limits."""
    with ExitStack() as stack:
        server = settings.smtp
        if server is None:
            mailbox = stack.enter_context(MailboxServer(settings.data))
            server = SmtpServer("127.0.0.1", mailbox.port, "none")
        channel = stack.enter_context(EmailChannel(server, settings))
        is_limited = settings.smtp is not None and (settings.mail_rate or settings.domain_rates)
        yield PacedChannel(channel, engine, settings) if is_limited else channel
