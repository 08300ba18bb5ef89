"""The example report from September 2024 to January 2025, nobody answering, as one calendar that a person can read."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from commands.opening import fill_database
from documents.report import read_report
from documents.spreadsheet import read_staff_table
from documents.store import store_report
from documents.store_staff import store_staff
from models.database import make_engine, write
from notifications.previewed import Previewed
from schedules import words
from schedules.calendar import WorkingCalendar
from tests.notifications.golden import assert_golden
from tests.schedules.office import at, settings
from worker.rehearsal import preview

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
FIRST, LAST = date(2024, 9, 1), date(2025, 1, 31)
MIDNIGHT = at("2024-09-01 00:00")


@pytest.fixture
def autumn(sqlite_template: Path, tmp_path: Path) -> Iterator[list[Previewed]]:
    engine = make_engine(f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'autumn.db')}")
    text = (EXAMPLES / "report-2024-09.md").read_text(encoding="utf-8")
    staff = read_staff_table((EXAMPLES / "staff.csv").read_bytes())
    with write(engine) as session:
        fill_database(session, MIDNIGHT)
        store_report(session, read_report(text, as_of=FIRST), text, "report.md", MIDNIGHT, "admin")
        store_staff(session, staff.entries, MIDNIGHT, "admin")
    yield preview(engine, settings(tmp_path), FIRST, LAST, MIDNIGHT)[0]
    engine.dispose()


def test_the_autumn_of_the_example_reads_as_a_calendar(autumn: list[Previewed]) -> None:
    """추석, 국군의날, 개천절, 한글날, the year's end, 설 2025 with its 임시공휴일: nothing leaves on any of them."""
    calendar = WorkingCalendar()
    days = [datetime.fromisoformat(mail["send_at"]).date() for mail in autumn]
    assert all(calendar.is_working(day) for day in days)
    assert len({mail["key"] for mail in autumn}) == len(autumn)
    lines: list[str] = []
    day = FIRST
    while day <= LAST:
        mails = [mail for mail, on in zip(autumn, days, strict=True) if on == day]
        name = calendar.holiday_name(day)
        if mails or name:
            lines += ["", words.day(day) + (f" {name}" if name else "")]
        for mail in mails:
            count = len({item["milestone_id"] for item in mail["items"]})
            lines.append(f"  {mail['send_at'][11:16]} {mail['unit']} {mail['post']} {count}건: {mail['subject']}")
        day += timedelta(days=1)
    assert_golden("../calendar/autumn-2024.txt", "\n".join(lines[1:]) + "\n")
