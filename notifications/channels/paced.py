"""A channel that keeps limits: mails wait a moment for the server's turn, and go later when a domain's is far off."""

import time
from collections.abc import Callable

from sqlalchemy import Engine

from models.database import write
from notifications.channels import Channel, ChannelBusyError, OutgoingMail, Receipt
from notifications.pace import SHARE_SECONDS, domains_of, limits_of, server_scope, take_one, take_share
from settings import Settings


class PacedChannel:
    """Hands mails to `channel` no faster than the settings' limits, which all senders on the database share.

    The server's own limit spaces mails evenly; `wait` is how. A mail whose recipients' domain has no turn raises
    ChannelBusyError at once, so that it holds up no other. One channel serves one thread.
    """

    def __init__(
        self,
        channel: Channel,
        engine: Engine,
        settings: Settings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._channel, self._engine = channel, engine
        self._rates = limits_of(settings)
        self._server = server_scope(settings) if settings.mail_rate and settings.smtp is not None else None
        self._monotonic, self._wait = monotonic, wait
        self._turns, self._turn_at = 0, 0.0  # at the server: how many are left, and when the next one begins
        self._busy: dict[str, float] = {}  # scopes that had no turn, and until when they need not be asked
        self._admitted: OutgoingMail | None = None  # the following mail, whose turns are taken already

    @property
    def is_real(self) -> bool:
        return self._channel.is_real

    @property
    def reads_content(self) -> bool:
        return self._channel.reads_content

    def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
        """As the channel does; and raises ChannelBusyError, with the scope, when the mail has to come back later."""
        if self._admitted is not mail and (busy := self._take_turns(mail)) is not None:
            raise ChannelBusyError(busy)
        self._admitted = None
        if self._server is not None:
            self._wait_for_turn(self._server, has_more=following is not None)
            return self._channel.deliver(mail)  # a server is not kept waiting for the content of what follows
        if following is not None and self._take_turns(following) is None:
            self._admitted = following
        return self._channel.deliver(mail, self._admitted)

    def _take_turns(self, mail: OutgoingMail) -> str | None:
        """The scope that has no turn for this mail; None when the mail may leave."""
        scopes = domains_of(mail.recipients, self._rates)
        now = self._monotonic()
        if (known := next((scope for scope in scopes if now < self._busy.get(scope, now)), None)) is not None:
            return known
        if not scopes:
            return None
        with write(self._engine) as session:
            refused = take_one(session, {scope: self._rates[scope] for scope in scopes})
        if refused is None:
            return None
        scope, lasts = refused
        self._busy[scope] = now + lasts.total_seconds()
        return scope

    def _wait_for_turn(self, scope: str, has_more: bool) -> None:
        rate = self._rates[scope]
        now = self._monotonic()
        while self._turns and now > self._turn_at + 1 / rate:  # a turn that was missed is not made up for
            self._turns, self._turn_at = self._turns - 1, self._turn_at + 1 / rate
        if not self._turns:
            count = max(1, int(rate * SHARE_SECONDS)) if has_more else 1
            with write(self._engine) as session:
                until_start = take_share(session, scope, rate, count)
            if until_start is None:
                raise ChannelBusyError(scope)
            now = self._monotonic()
            self._turns, self._turn_at = count, now + until_start.total_seconds()
        if now < self._turn_at:
            self._wait(self._turn_at - now)
        self._turns, self._turn_at = self._turns - 1, self._turn_at + 1 / rate
