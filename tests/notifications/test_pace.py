"""Limits hold for all senders together, however many there are; who finds no turn comes back later."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as play
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

import notifications.pace
from models import AnswerLink, NotificationState
from models.database import create_schema, make_engine, read, write
from notifications.channels import ChannelBusyError, OutgoingMail, Receipt
from notifications.channels.paced import PacedChannel
from notifications.deliver import Delivered, deliver_due
from notifications.pace import queues, spread, take_one
from settings import Settings, SmtpServer, load_settings
from tests.notifications.test_deliver import Town
from tests.schedules.office import at

SECOND = timedelta(seconds=1)
NOON = datetime(2024, 9, 30, 3, tzinfo=UTC)


@dataclass
class Wall:
    """The clock of database and sender, which moves only when somebody waits."""

    now: datetime = NOON

    def read(self, _session: Session, _shift: int = 0) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return (self.now - NOON).total_seconds()

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr(notifications.pace, "read_clock", wall.read)
    return wall


@dataclass
class Counting:
    """Takes every mail and notes when."""

    wall: Wall
    is_real = True
    reads_content = True
    taken: list[tuple[float, str]] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)

    def deliver(self, mail: OutgoingMail, following: OutgoingMail | None = None, /) -> Receipt:
        self.taken.append((self.wall.monotonic(), mail.key))
        if following is not None:
            self.announced.append(following.key)
        return Receipt("250 OK")


def mail(key: str, *to: str) -> OutgoingMail:
    return OutgoingMail(key, f"<{key}@dday>", "dday@office.example", to, "", "", "", b"")


def limited(tmp_path: Path, **more: str) -> Settings:
    return load_settings({"DDAY_SMTP_URL": "smtp://mail.example", **more}, data=tmp_path)


Senders = tuple[Callable[..., PacedChannel], Counting]


@pytest.fixture
def sender(engine: Engine, wall: Wall, tmp_path: Path) -> Senders:
    counting = Counting(wall)

    def make(**more: str) -> PacedChannel:
        return PacedChannel(counting, engine, limited(tmp_path, **more), monotonic=wall.monotonic, wait=wall.wait)

    return make, counting


def test_two_senders_share_the_turns_of_a_server(sender: Senders) -> None:
    make, counting = sender
    first, second = make(DDAY_MAIL_RATE="2"), make(DDAY_MAIL_RATE="2")
    for number in range(3):
        first.deliver(mail(f"a{number}", "a@office.example"))
        second.deliver(mail(f"b{number}", "b@office.example"))
    assert [at for at, _ in counting.taken] == [0, 0.5, 1.0, 1.5, 2.0, 2.5]


def test_a_sender_takes_several_turns_at_once_and_gives_none_back(sender: Senders, engine: Engine) -> None:
    make, counting = sender
    first, second = make(DDAY_MAIL_RATE="40"), make(DDAY_MAIL_RATE="40")
    first.deliver(mail("a0", "a@office.example"), mail("a1", "a@office.example"))  # takes ten turns and then dies
    second.deliver(mail("b0", "b@office.example"))
    assert [at for at, _ in counting.taken] == [0, 0.25]
    assert counting.announced == []  # a server is not kept waiting for content


def test_missed_turns_are_not_made_up_for(sender: Senders, wall: Wall) -> None:
    make, counting = sender
    channel = make(DDAY_MAIL_RATE="40")
    more = mail("more", "a@office.example")
    channel.deliver(mail("a0", "a@office.example"), more)
    wall.wait(60)  # the server let us wait for its answer
    for number in range(1, 4):
        channel.deliver(mail(f"a{number}", "a@office.example"), more)
    assert [round(at, 3) for at, _ in counting.taken] == [0, 60, 60.025, 60.05]


def test_who_would_have_to_wait_long_for_the_server_comes_back_later(sender: Senders, wall: Wall) -> None:
    make, counting = sender
    for number in range(3):
        wall.now = NOON  # three at the same moment
        make(DDAY_MAIL_RATE="0.4").deliver(mail(f"a{number}", "a@office.example"))
    assert [at for at, _ in counting.taken] == [0, 2.5, 5]
    wall.now = NOON
    with pytest.raises(ChannelBusyError) as busy:
        make(DDAY_MAIL_RATE="0.4").deliver(mail("late", "a@office.example"))
    assert busy.value.scope == "server:mail.example:25"
    assert "mail.example:25 발송 한도" in str(busy.value)


def test_a_domain_without_a_turn_holds_up_no_other(sender: Senders) -> None:
    make, counting = sender
    channel = make(DDAY_DOMAIN_RATES="slow.example=2")
    gone = []
    mails = [mail(f"{domain}{n}", f"p@{domain}.example") for n in range(4) for domain in ("slow", "other")]
    for one, following in zip(mails, [*mails[1:], None], strict=True):
        try:
            channel.deliver(one, following)
        except ChannelBusyError as busy:
            gone.append((one.key, busy.scope))
    assert [key for _, key in counting.taken] == ["slow0", "other0", "slow1", "other1", "other2", "other3"]
    assert gone == [("slow2", "domain:slow.example"), ("slow3", "domain:slow.example")]
    assert counting.announced == ["other0", "slow1", "other1"]  # never one that will not come
    counting.wall.wait(0.5)
    channel.deliver(mail("slow2", "p@SLOW.example"))
    with pytest.raises(ChannelBusyError):
        make(DDAY_DOMAIN_RATES="slow.example=2").deliver(mail("slow3", "p@slow.example"))


def test_a_mail_to_two_limited_domains_takes_a_turn_of_both_or_of_none(sender: Senders, engine: Engine) -> None:
    make, _ = sender
    channel = make(DDAY_DOMAIN_RATES="a.example=1,b.example=1")
    channel.deliver(mail("1", "p@b.example"))
    with pytest.raises(ChannelBusyError) as busy:
        channel.deliver(mail("2", "p@a.example", "p@b.example"))
    assert busy.value.scope == "domain:b.example"
    channel.deliver(mail("3", "p@a.example"))


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=1)])
def test_a_clock_that_jumps_stops_nobody(sender: Senders, wall: Wall, engine: Engine, jump: timedelta) -> None:
    make, counting = sender
    rates = {"DDAY_MAIL_RATE": "1", "DDAY_DOMAIN_RATES": "slow.example=1"}
    make(**rates).deliver(mail("before", "p@slow.example"))
    with write(engine) as session:
        spread(session, "domain:slow.example", 1, 100)
    wall.now += jump
    make(**rates).deliver(mail("after", "p@slow.example"))
    assert [key for _, key in counting.taken] == ["before", "after"]
    assert wall.now - NOON - jump < 2 * SECOND
    with write(engine) as session:
        assert spread(session, "domain:slow.example", 1, 1) <= [102 * SECOND]


@play(max_examples=40)
@given(
    rate=st.sampled_from((0.2, 1, 3, 7.5, 50)),
    steps=st.lists(st.integers(0, 3_000_000), min_size=5, max_size=60),
)
def test_over_any_time_a_domain_gets_its_rate_and_a_seconds_worth_more(rate: float, steps: list[int]) -> None:
    engine = make_engine("sqlite://")
    create_schema(engine)
    wall = Wall()
    before, notifications.pace.read_clock = notifications.pace.read_clock, wall.read
    try:
        taken = []
        for step in steps:
            wall.now += timedelta(microseconds=step)
            with write(engine) as session:
                if take_one(session, {"domain:x.example": rate}) is None:
                    taken.append(wall.monotonic())
    finally:
        notifications.pace.read_clock = before
        engine.dispose()
    for first, begin in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= rate * (taken[last] - begin) + max(1, rate) + 1e-3


def test_those_put_off_are_spread_behind_each_other_in_whole_seconds(engine: Engine, wall: Wall) -> None:
    wall.now += timedelta(milliseconds=300)
    with write(engine) as session:
        first = spread(session, "domain:slow.example", 2, 3)
        second = spread(session, "domain:slow.example", 2, 2)
        assert queues(session, ["domain:slow.example", "domain:idle.example"]) == {
            "domain:idle.example": 0.0,
            "domain:slow.example": 2.5,
        }
    assert [wall.now + wait - NOON for wait in first + second] == [s * SECOND for s in (1, 2, 2, 3, 3)]


def test_a_message_without_a_turn_waits_in_its_send_window_and_loses_no_attempt(
    engine: Engine, tmp_path: Path, wall: Wall
) -> None:
    town = Town(engine, tmp_path)
    town.settings = replace(
        town.settings, smtp=SmtpServer("mail.example", 25, "none"), domain_rates=(("office.example", 0.01),)
    )
    with write(town.engine) as session:
        take_one(session, {"domain:office.example": 0.01})
    counting = Counting(wall)
    channel = PacedChannel(counting, town.engine, town.settings, monotonic=wall.monotonic, wait=wall.wait)
    evening = "2024-09-30 17:59"
    town.dispatch()

    def deliver(moment: str) -> Delivered:
        return deliver_due(town.engine, lambda: at(moment), town.settings, channel)

    assert deliver(evening) == Delivered(waiting=1)
    waiting = town.message()
    assert (waiting.state, waiting.attempts, waiting.lease_token) == (NotificationState.QUEUED, 0, None)
    assert waiting.next_attempt_at == at("2024-10-02 09:00")  # the next day is a holiday
    assert waiting.error is not None
    assert "office.example 발송 한도" in waiting.error
    assert town.attempts() == []
    with read(town.engine) as session:
        assert session.exec(select(AnswerLink)).all() == []  # the link of a mail that never left
    wall.wait(100)
    assert deliver("2024-10-02 09:00") == Delivered(sent=1)
    assert town.message().error is None
    assert len(counting.taken) == 1
