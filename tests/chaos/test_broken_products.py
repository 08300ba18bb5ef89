"""The checker finds fault with a product that was broken on purpose, and none with the product as it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col

from bench.city import PLANNED_AT, SLOT, build_city
from bench.sink import Sink
from models import Milestone, MilestoneStatus, ReminderState
from models.database import write
from notifications.ledger import Ledger
from notifications.verdict import Desk, Due, Verdict
from notifications.verdict import judge as judge_due
from schedules.items import Item
from settings import load_settings
from tests.chaos.judge import Judgement, judge, read_duties
from worker.mail_server import mail_channel
from worker.tick import tick

pytestmark = pytest.mark.postgres

TEAMS = 4
CLOSED = 2  # a milestone that is done an hour before its mail
MINUTES = (0, 5)  # after the slot, at which the clock looks; a lease that nobody ended is over by then
Break = Callable[[pytest.MonkeyPatch], object]


def leave_as_it_is(_patch: pytest.MonkeyPatch) -> None:
    """The product as it is."""


def forget_one(patch: pytest.MonkeyPatch) -> None:
    def forgetful(row: Due, item: Item, desk: Desk) -> Verdict:
        return Verdict(ReminderState.MISSED) if item.id == 1 else judge_due(row, item, desk)

    patch.setattr("notifications.outbox.judge", forgetful)


def remember_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Ledger, "note_sent", lambda *_: None)


def name_each_attempt_anew(patch: pytest.MonkeyPatch) -> None:
    remember_nothing(patch)
    number = count()
    patch.setattr("notifications.compose.message_id", lambda _key, host: f"<{next(number)}@{host}>")


def tell_what_is_closed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Item, "silence", None)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("break_it", "seen"),
    [
        (leave_as_it_is, (0, 0, 0)),
        (forget_one, (1, 0, 0)),
        (remember_nothing, (0, 0, TEAMS - 1)),
        (name_each_attempt_anew, (0, TEAMS - 1, TEAMS - 1)),
        (tell_what_is_closed, (0, 1, 0)),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_each_fault_is_seen(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, break_it: Break, seen: tuple[int, int, int]
) -> None:
    """`seen` are the numbers of what is lost, broken and repeated."""
    break_it(monkeypatch)
    found = play(engine)
    assert (len(found.lost), len(found.broken), len(found.repeated)) == seen, found


def play(engine: Engine) -> Judgement:
    """The morning of D-1 in a town of four teams, in one process; what the checker says of its mails."""
    url = engine.url.render_as_string(hide_password=False)
    with Sink(keep_content=True) as sink:
        settings = load_settings({"DDAY_SMTP_URL": sink.url, "DDAY_DATABASE_URL": url, "DDAY_LEASE_SECONDS": "60"})
        build_city(engine, settings, TEAMS)
        duties = read_duties(url, range(1, TEAMS + 1))
        with write(engine) as session:
            session.execute(update(Milestone).where(col(Milestone.id) == CLOSED).values(status=MilestoneStatus.DONE))
        moments: dict[int, datetime] = {}  # of each mail, by how many had come before
        for minutes in MINUTES:
            now = SLOT + timedelta(minutes=minutes)
            before = len(sink.taken)
            with mail_channel(settings, engine) as channel:
                tick(engine, settings, lambda: now.astimezone(UTC), channel)  # noqa: B023
            moments |= dict.fromkeys(range(before, len(sink.taken)), now)
    return judge(
        duties,
        sink.taken,
        planned_at=PLANNED_AT,
        until=SLOT + timedelta(minutes=MINUTES[-1]),
        when=lambda mail: moments[sink.taken.index(mail)],
        closed={CLOSED: SLOT - timedelta(hours=1)},
    )
