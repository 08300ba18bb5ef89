"""Planning: every reminder of many milestones, against COPY alone; then planning anew for one more holiday."""

from datetime import UTC, date

import psycopg

from bench.city import PLANNED_AT, build_city
from bench.ground import Figure, Ground, Stopwatch, analyze
from models import OfficeDay, OfficeDayKind
from models.database import make_engine, write
from schedules.office_days import load_calendar
from schedules.plan import replan

MILESTONES_A_PROJECT = 10
HOLIDAY = date(2024, 10, 7)  # the D-1 of every milestone


def run(on: Ground, size: int) -> list[Figure]:
    url = on.database()
    engine, settings = make_engine(url), on.settings(url)
    build_city(engine, settings, max(1, size // MILESTONES_A_PROJECT), MILESTONES_A_PROJECT, plan=False)
    analyze(url)
    now = PLANNED_AT.astimezone(UTC)
    watch = Stopwatch()
    with write(engine) as session:
        planned = replan(session, now, settings, load_calendar(session)).planned
    planning = watch.seconds
    copying = _copy_alone(url)
    with write(engine) as session:
        session.add(OfficeDay(on=HOLIDAY, kind=OfficeDayKind.HOLIDAY, name="임시공휴일"))
    watch = Stopwatch()
    with write(engine) as session:
        replan(session, now, settings, load_calendar(session))
    anew = watch.seconds
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
            f"{planned:,} reminders",
        ),
        Figure("plan", "COPY alone", planned / copying, "reminders/s", note="the same rows into a table like it"),
        Figure(
            "plan", "one new holiday", anew, "s", anew / planning, "the planning time", "≤ 0.2", anew / planning <= 0.2
        ),
    ]


def _copy_alone(url: str) -> float:
    """Seconds to COPY the planned rows, binary, into a table with the same indexes and constraints."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE twin (LIKE reminder INCLUDING ALL)")
        with connection.cursor().copy("COPY reminder TO STDOUT (FORMAT binary)") as out:
            rows = b"".join(bytes(piece) for piece in out)
        watch = Stopwatch()
        with connection.cursor().copy("COPY twin FROM STDIN (FORMAT binary)") as into:
            into.write(rows)
        connection.commit()
        return watch.seconds
