"""The checker itself sees each kind of broken promise."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage

import pytest

from bench.sink import Taken
from tests.chaos.judge import SEOUL, Duty, Judgement, judge

PLANNED_AT = datetime(2024, 10, 4, 10, tzinfo=SEOUL)
NINE = datetime(2024, 10, 7, 9, tzinfo=SEOUL)
DUTY = Duty(1, date(2024, 10, 8), "주민센터 복합청사 건립 1", 7, "head7@office.example")
OTHER = Duty(2, date(2024, 10, 8), "주민센터 복합청사 건립 2", 8, "head8@office.example")


def mail(text: str = DUTY.title, key: str = "post:7/email/morning/2024-10-07T09:00", after: float = 60) -> Taken:
    message = EmailMessage()
    message.set_content(f"오늘: {text} 준공\n", cte="base64")
    return Taken(key, f"<{key}@office.example>", (DUTY.address,), 1, after, message.as_bytes())


def found(*mails: Taken, until: datetime = NINE + timedelta(hours=1), duties: Sequence[Duty] = (DUTY,)) -> Judgement:
    return judge(duties, mails, planned_at=PLANNED_AT, until=until, when=lambda one: NINE + timedelta(seconds=one.at))


def test_what_is_as_it_should_be_passes() -> None:
    assert found(mail()) == Judgement((), (), ())
    assert found(mail(), mail()).repeated == (mail().key,)
    assert found(until=NINE - timedelta(minutes=1)) == Judgement((), (), ())


def test_what_nobody_was_told_is_lost() -> None:
    assert found().lost == (f"{DUTY.title} on 2024-10-07 09:00",)
    assert len(found(mail(), until=NINE + timedelta(days=1)).lost) == 2  # the day itself, and what it asks
    assert found(mail(), duties=(DUTY, OTHER)).lost == (f"{OTHER.title} on 2024-10-07 09:00",)


@pytest.mark.parametrize(
    "mails",
    [
        [replace(mail(), recipients=("somebody@office.example",))],
        [mail("아무것도")],
        [mail(f"{DUTY.title}, {OTHER.title}")],
        [mail(after=-3600)],
        [mail(after=10 * 3600)],
        [mail(), replace(mail(), message_id="<another@office.example>")],
        [mail(), mail(key="post:7/email/morning/2024-10-07T10:00")],
        [mail(), replace(mail(key="post:7/email/morning/2024-10-08T09:00", after=86400), message_id=mail().message_id)],
    ],
    ids=["to another", "empty", "another's", "too early", "too late", "another id", "two a day", "one id for two"],
)
def test_each_other_promise(mails: list[Taken]) -> None:
    assert found(*mails).broken


def test_what_was_closed_is_told_to_nobody() -> None:
    closed = {1: NINE - timedelta(hours=12)}
    told = judge([DUTY], [mail()], planned_at=PLANNED_AT, until=NINE, when=lambda _one: NINE, closed=closed)
    assert told.lost == ()
    assert told.broken


def test_what_was_closed_before_anybody_could_tell_it_is_not_lost() -> None:
    closed = {1: NINE + timedelta(minutes=30)}

    def lost(awake_at: datetime) -> int:
        asleep = [(NINE - timedelta(hours=1), awake_at)]
        end = NINE + timedelta(hours=1)
        found = judge(
            [DUTY], [], planned_at=PLANNED_AT, until=end, when=lambda _one: NINE, closed=closed, asleep=asleep
        )
        return len(found.lost)

    assert lost(NINE + timedelta(minutes=40)) == 0
    assert lost(NINE + timedelta(minutes=20)) == 1
