"""One process for a small office: clock, sender, built-in mailbox and web pages together, on SQLite."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event

from sqlalchemy import Engine

from notifications.channels import Channel
from notifications.channels.email import EmailChannel
from notifications.mailbox import MailboxServer
from settings import Settings, SmtpServer
from worker.clock import ClockRunner
from worker.duties import make_duties
from worker.tick import Clock, next_look_at, tick


@contextmanager
def mail_channel(settings: Settings) -> Iterator[Channel]:
    """The configured mail server, or the built-in one, which then runs until the block ends."""
    with ExitStack() as stack:
        server = settings.smtp
        if server is None:
            mailbox = stack.enter_context(MailboxServer(settings.data))
            server = SmtpServer("127.0.0.1", mailbox.port, "none")
        channel = stack.enter_context(EmailChannel(server, settings))
        yield channel


@contextmanager
def clock_and_sender(engine: Engine, settings: Settings, clock: Clock) -> Iterator[None]:
    """Ticks in the background until the block ends; the mail under way is finished first."""
    stop = Event()
    with mail_channel(settings) as channel:
        runner = ClockRunner(
            lambda: next_look_at(engine, settings, clock, tick(engine, settings, clock, channel, stop.is_set)),
            settings.tick_seconds,
            make_duties(engine, settings, clock),
        )
        runner.start()
        try:
            yield
        finally:
            stop.set()
            runner.stop()
