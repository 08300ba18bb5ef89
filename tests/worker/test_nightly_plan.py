"""At night everything is planned anew, in lots: each is whole, and none holds up the others."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, select

import worker.duties
from bench.city import PLANNED_AT, build_city
from models import Reminder
from models.database import read
from settings import Settings, load_settings
from worker.duties import plan_anew

NOW = PLANNED_AT.astimezone(UTC)


@pytest.fixture
def unplanned(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Five teams with two milestones each, of which nothing is planned; lots of three milestones."""
    settings = load_settings({"DDAY_SECRET_KEY": "a secret of the tests"}, data=tmp_path)
    build_city(engine, settings, teams=5, milestones_each=2, plan=False)
    monkeypatch.setattr(worker.duties, "MILESTONES_AT_ONCE", 3)
    return settings


def clock() -> datetime:
    return NOW


def planned(engine: Engine) -> dict[int, set[str]]:
    with read(engine) as session:
        found: dict[int, set[str]] = {}
        for row in session.exec(select(Reminder)).all():
            found.setdefault(row.milestone_id, set()).add(row.key)
        return found


def test_the_lots_together_plan_all_and_a_second_night_changes_nothing(engine: Engine, unplanned: Settings) -> None:
    commits = []
    event.listen(engine, "commit", lambda _connection: commits.append(1))
    change = plan_anew(engine, unplanned, clock)
    assert change is not None
    assert len(commits) == 4
    assert len(planned(engine)) == 10
    assert change.planned == sum(map(len, planned(engine).values()))

    again = plan_anew(engine, unplanned, clock)
    assert again is not None
    assert (again.planned, again.cancelled, again.moved) == (0, 0, 0)


def test_what_is_stopped_in_between_is_whole_as_far_as_it_came(engine: Engine, unplanned: Settings) -> None:
    asked = iter((False, True))
    plan_anew(engine, unplanned, clock, lambda: next(asked))
    first = planned(engine)
    assert len(first) == 3

    plan_anew(engine, unplanned, clock)

    assert len(planned(engine)) == 10
    assert {one: planned(engine)[one] for one in first} == first


def test_one_lot_that_fails_takes_back_no_other(
    engine: Engine, unplanned: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual: Callable[..., object] = worker.duties.replan

    def failing(session: Session, now: datetime, settings: Settings, calendar: object, some: list[int]) -> object:
        if len(planned(engine)) == 6:
            raise ValueError("the database is restarted")
        return usual(session, now, settings, calendar, some)

    monkeypatch.setattr(worker.duties, "replan", failing)
    with pytest.raises(ValueError, match="restarted"):
        plan_anew(engine, unplanned, clock)
    assert len(planned(engine)) == 6
