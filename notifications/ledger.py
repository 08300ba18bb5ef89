"""What a sender writes down while a batch leaves."""

from contextlib import ExitStack, suppress
from datetime import datetime
from types import TracebackType
from typing import Self

import psycopg
from sqlalchemy import BindParameter, Engine, bindparam, update

from models import Notification, NotificationState
from notifications.acceptances import Acceptances, Accepted, note_anew, open_acceptances
from notifications.channels import OutgoingMail
from notifications.outcomes import Desk, Leaving, texts_of
from schedules.rows import table_of

SETTLED_TOGETHER = 100
KEPT = ("message_id", "recipients", "subject", "text", "html")


class Ledger:
    """Writes down the mails of a batch that a server took.

    That it was taken at once, for each mail by itself: whoever takes the message over after a kill sees that it has
    left. What the messages said follows for many together, at the latest when the block ends.
    """

    def __init__(self, engine: Engine, desk: Desk) -> None:
        self._engine, self._desk = engine, desk
        self._sent: list[dict[str, object]] = []
        self._stack = ExitStack()
        self._acceptances: Acceptances | None = None
        self._unproved: Accepted | None = None  # on its way into the database

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            self._settle()

    def note_sent(self, one: Leaving, mail: OutgoingMail, response: str, now: datetime) -> None:
        """Everybody got it, some perhaps in an earlier attempt."""
        self.confirm()
        if one.recipients:
            self._unproved = Accepted(one.notification_id, now, [to.email for to in one.recipients], response)
            if self._acceptances is None:
                self._acceptances = open_acceptances(self._engine, self._stack)
            self._acceptances.note(self._unproved)
        texts = texts_of(one, mail, (*one.had_it, *one.recipients))
        self._sent.append({"row": one.notification_id, "at": now, **{f"its_{name}": texts[name] for name in texts}})
        if len(self._sent) >= SETTLED_TOGETHER:
            self._settle()

    def confirm(self) -> None:
        """Before the next mail leaves: that the last one did is in the database then."""
        if self._acceptances is not None:
            self._acceptances.confirm()
            self._unproved = None

    @property
    def staff_changed(self) -> bool:
        """Whether it changed who gets whose mail, as far as was seen when the last mail's record was confirmed."""
        seen = self._acceptances.staff_changes if self._acceptances is not None else None
        return seen is not None and seen != self._desk.staff_changes

    def _settle(self) -> None:
        """Nothing is called sent whose record is not there: where its connection broke, it is made anew."""
        sent, self._sent = self._sent, []
        with suppress(psycopg.Error):
            self.confirm()
        if not sent and self._unproved is None:
            return
        table = table_of(Notification)
        texts: dict[str, BindParameter[object]] = {name: bindparam(f"its_{name}") for name in KEPT}
        statement = (
            update(table)
            .where(table.c.id == bindparam("row"), table.c.lease_token == self._desk.lease.token)
            .values(
                state=NotificationState.SENT,
                next_attempt_at=None,
                lease_token=None,
                error=None,
                sent_at=bindparam("at"),
                **texts,
            )
        )
        with self._engine.begin() as connection:
            if self._unproved is not None:
                note_anew(connection, self._unproved)
            if sent:
                connection.execute(statement, sent)
