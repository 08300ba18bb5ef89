"""Mail to the admin leaves once, and is tried again until it has left."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from bench.city import SLOT
from models import DeliveryAttempt, Notification, NotificationState
from models.database import read, write
from notifications.channels import ChannelDownError, ChannelError, OutgoingMail, Receipt
from notifications.channels.noted import NotedChannel
from settings import Settings, load_settings
from worker.admin_mail import LEASE, AdminLetter, as_html, letters_wait, queue_letter, send_letters

LETTER = AdminLetter("audit", "2024-09-30", "점검", "문제가 <있습니다>.\n\n끝", as_html("문제가 <있습니다>.\n\n끝"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(
        {"DDAY_SECRET_KEY": "a secret of the tests", "DDAY_ADMIN_EMAIL": "admin@office.example"}, data=tmp_path
    )


class Failing:
    """Refuses every mail with this error, and remembers how often it was asked."""

    is_real = False
    reads_content = True

    def __init__(self, error: ChannelError) -> None:
        self.error, self.asked = error, 0

    def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
        self.asked += 1
        raise self.error


def queue(engine: Engine, settings: Settings) -> bool:
    with write(engine) as session:
        return queue_letter(session, LETTER, settings, SLOT)


def row_of(engine: Engine) -> Notification:
    with read(engine) as session:
        return session.exec(select(Notification)).one()


def test_it_is_told_once_and_nothing_in_it_is_markup(engine: Engine, settings: Settings) -> None:
    channel = NotedChannel()

    assert [queue(engine, settings), queue(engine, settings)] == [True, False]
    assert letters_wait(engine, SLOT)
    assert [send_letters(engine, settings, SLOT, channel) for _ in range(2)] == [1, 0]

    (mail,) = channel.mails
    assert mail.html == "<p>문제가 &lt;있습니다&gt;.</p><p>끝</p>"
    assert not letters_wait(engine, SLOT + timedelta(days=30))


def test_a_server_that_is_down_is_asked_again_later_under_the_same_message_id(
    engine: Engine, settings: Settings
) -> None:
    queue(engine, settings)
    down = Failing(ChannelDownError("connection refused"))

    send_letters(engine, settings, SLOT, down)
    first = row_of(engine)
    assert (first.state, first.error, down.asked) == (NotificationState.QUEUED, "connection refused", 1)

    channel = NotedChannel()
    assert send_letters(engine, settings, SLOT, channel) == 0, "not before its pause is over"
    assert send_letters(engine, settings, SLOT + timedelta(minutes=1), channel) == 1
    assert [mail.message_id for mail in channel.mails] == [first.message_id]
    last = row_of(engine)
    assert (last.state, last.error) == (NotificationState.SENT, None)
    with read(engine) as session:
        assert len(session.exec(select(DeliveryAttempt)).all()) == 2


def test_a_refusal_for_good_is_the_end(engine: Engine, settings: Settings) -> None:
    queue(engine, settings)

    send_letters(engine, settings, SLOT, Failing(ChannelError("550 no such user", permanent=True)))

    assert (row_of(engine).state, row_of(engine).error) == (NotificationState.FAILED, "550 no such user")
    assert not letters_wait(engine, SLOT + timedelta(days=1))


def test_what_a_killed_clock_held_is_taken_over_after_its_lease(engine: Engine, settings: Settings) -> None:
    queue(engine, settings)

    class Killed(BaseException):
        pass

    class Kill:
        is_real = False
        reads_content = True

        def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
            raise Killed

    with pytest.raises(Killed):
        send_letters(engine, settings, SLOT, Kill())

    channel = NotedChannel()
    assert send_letters(engine, settings, SLOT + LEASE - timedelta(seconds=1), channel) == 0
    assert send_letters(engine, settings, SLOT + LEASE, channel) == 1
