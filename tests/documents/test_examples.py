"""The examples hold together: the answers are about milestones of the report, by teams that the staff table knows."""

import csv
from datetime import date
from pathlib import Path

from documents.report import read_report
from documents.spreadsheet import read_staff_table
from models import StatusKind

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
REPORT = read_report((EXAMPLES / "report-2024-09.md").read_text(encoding="utf-8"))


def answers() -> list[dict[str, str]]:
    with (EXAMPLES / "answers-autumn-2024.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_report_has_the_units_and_projects_of_the_house() -> None:
    kinds = [unit.kind for unit in REPORT.units]
    assert (kinds.count("bureau"), kinds.count("department"), kinds.count("team")) == (1, 5, 23)
    assert len(REPORT.projects) == 19
    assert REPORT.as_of == date(2024, 9, 1)


def test_the_report_keeps_the_contradictions_that_such_reports_have() -> None:
    codes = {finding.code for finding in REPORT.findings}
    assert codes >= {"weekday-mismatch", "sum-mismatch", "stale-plan", "undated-plan", "title-mismatch"}


def test_every_answer_is_about_a_milestone_of_its_team_or_department() -> None:
    offices = {m.label: {project.unit, project.team} for project in REPORT.projects for m in project.milestones}
    for answer in answers():
        assert answer["unit"] in offices.get(answer["milestone"], ()), answer["milestone"]
        assert StatusKind(answer["kind"])
    assert len({answer["kind"] for answer in answers()}) == len(StatusKind)


def test_answers_come_in_the_order_of_days_and_give_the_reasons_the_form_asks_for() -> None:
    days = [date.fromisoformat(answer["on"]) for answer in answers()]
    assert days == sorted(days)
    assert all(day.weekday() < 5 for day in days)
    for answer in answers():
        if answer["kind"] in ("delayed", "rescheduled", "cancelled"):
            assert answer["reason"]


def test_every_head_post_but_one_has_a_holder_and_one_address_bounces() -> None:
    staff = read_staff_table((EXAMPLES / "staff.csv").read_bytes())
    assert staff.complaints == ()
    held = {entry.unit for entry in staff.entries}
    assert {unit.name for unit in REPORT.units} - held == {"평생학습팀"}
    addresses = [entry.email or "" for entry in staff.entries]
    assert [address for address in addresses if address.startswith("bounce.")] == ["bounce.community@geumcheon.example"]
    assert all(address.endswith(".example") for address in addresses)
