"""Planning: every reminder of many milestones, against COPY alone; then planning anew for one more holiday."""

from datetime import UTC, date
from pathlib import Path

import psycopg
from sqlalchemy import Engine, text

from bench.city import DAY, PLANNED_AT, build_city
from bench.ground import Figure, Ground, Stopwatch, analyze
from models import OfficeDayKind
from models.database import make_engine, write
from schedules.office_days import set_day
from settings import Settings
from worker.duties import plan_anew

MILESTONES_A_PROJECT = 10
SPREAD_DAYS = 500  # the milestones' last days, after the day on which the city is planned
AT_ONCE = 1 << 20


def run(on: Ground, size: int) -> list[Figure]:
    planned, planning, copying, lone, anew = _measure(on, size, SPREAD_DAYS, date(2025, 3, 5))
    *_, worst_planning, _, _, worst = _measure(on, size // 10, 1, DAY)
    note = f"{planned:,} reminders of {size:,} milestones, whose days lie in {SPREAD_DAYS} days"
    return [
        Figure(
            "plan",
            "planning",
            planned / planning,
            "reminders/s",
            copying / planning,
            "COPY alone",
            "0.8",
            copying / planning >= 0.8,
            note,
        ),
        Figure("plan", "COPY alone", planned / copying, "reminders/s", note="the same rows, table, indexes and keys"),
        Figure("plan", "COPY alone, without foreign keys", planned / lone, "reminders/s", note="for comparison"),
        Figure(
            "plan", "one new holiday", anew, "s", anew / planning, "the planning time", "≤ 0.2", anew / planning <= 0.2
        ),
        Figure(
            "plan",
            "one on which every milestone lies",
            worst,
            "s",
            worst / worst_planning,
            "its planning time",
            note=f"{size // 10:,} milestones",
        ),
    ]


def _measure(on: Ground, size: int, spread: int, holiday: date) -> tuple[int, float, float, float, float]:
    """Reminders; seconds of planning, of COPY into the same table and into one without keys, of one new holiday."""
    url = on.database()
    engine, settings = make_engine(url), on.settings(url)
    build_city(engine, settings, max(1, size // MILESTONES_A_PROJECT), MILESTONES_A_PROJECT, plan=False)
    with engine.begin() as connection:
        on_one = ":day + id % :spread * 7919 % :spread"
        day = text(f"UPDATE milestone SET start_on = {on_one}, end_on = {on_one}")
        connection.execute(day, {"day": DAY, "spread": spread})
    analyze(url)
    planned, planning = _plan(engine, settings)
    rows = on.folder / "rows"
    copying = _copy_alone(url, rows, "reminder")
    lone = _copy_alone(url, rows, "twin")
    rows.unlink()
    analyze(url)
    watch = Stopwatch()
    with write(engine) as session:
        set_day(
            session,
            holiday,
            OfficeDayKind.HOLIDAY,
            "임시공휴일",
            by="admin",
            now=PLANNED_AT.astimezone(UTC),
            settings=settings,
        )
    anew = watch.seconds
    engine.dispose()
    return planned, planning, copying, lone, anew


def _plan(engine: Engine, settings: Settings) -> tuple[int, float]:
    """As every night, in lots that commit."""
    watch = Stopwatch()
    change = plan_anew(engine, settings, lambda: PLANNED_AT.astimezone(UTC))
    assert change is not None
    return change.planned, watch.seconds


def _copy_alone(url: str, rows: Path, table: str) -> float:
    """Seconds to COPY the planned rows, binary, into the emptied table, or into a new one like it without its keys."""
    columns = (
        'key, rule_id, milestone_id, post_id, ask, "end", anchor_on, "offset", offset_unit, repeat_number, level, '
    )
    columns += "due_at, state, state_since"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        if table == "reminder":
            ordered = f"SELECT {columns} FROM reminder ORDER BY id"
            with (
                rows.open("wb") as file,
                connection.cursor().copy(f"COPY ({ordered}) TO STDOUT (FORMAT binary)") as out,
            ):
                for piece in out:
                    file.write(piece)
            connection.execute("TRUNCATE reminder")
        else:
            connection.execute(f"CREATE TABLE {table} (LIKE reminder INCLUDING ALL)")
        connection.execute("CHECKPOINT")
        watch = Stopwatch()
        with (
            rows.open("rb") as file,
            connection.transaction(),
            connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT binary)") as into,
        ):
            while piece := file.read(AT_ONCE):
                into.write(piece)
        seconds = watch.seconds
        if table != "reminder":
            connection.execute(f"DROP TABLE {table}")
        return seconds
