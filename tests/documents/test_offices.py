"""Reports as other offices write them: plans, cards, pledges, weekly reports, schedules, against labels by hand."""

from functools import cache

import pytest

from documents.findings import FINDING_WORDS
from documents.markup import squeeze
from documents.reading import MilestoneRow, Report
from documents.report import read_report
from tests.documents.labelled import Labelled, Wanted, Window, documents, read_labelled

ASKED = {"stale-plan", "undated-plan", "conditional-plan", "duplicate-deadline"}


@cache
def read(name: str) -> tuple[Labelled, Report]:
    labelled = read_labelled(name)
    return labelled, read_report(labelled.text, as_of=labelled.as_of)


def milestones(report: Report) -> dict[Window, MilestoneRow]:
    rows = (row for project in report.projects for row in project.milestones if row.start or row.end)
    return {(row.line, row.start, row.end): row for row in rows}


def pairs(name: str) -> list[tuple[Wanted, MilestoneRow]]:
    labelled, report = read(name)
    found = milestones(report)
    return [(wanted, found[wanted.window]) for wanted in labelled.milestones if wanted.window in found]


@pytest.mark.parametrize("name", documents())
def test_the_milestones_of_an_office_are_those_of_its_labels(name: str) -> None:
    labelled, report = read(name)
    required = {wanted.window for wanted in labelled.milestones if wanted.required}
    known = {wanted.window for wanted in labelled.milestones}
    found = milestones(report).keys()
    missed, false = required - found, found - known
    assert len(missed) <= len(required) * 0.06, missed
    assert len(false) <= len(required) * 0.06, false


@pytest.mark.parametrize("name", documents())
def test_how_they_stand_and_what_they_are_is_read_as_well(name: str) -> None:
    judged = [(wanted, row) for wanted, row in pairs(name) if wanted.required]
    wrong_status = [row.label for wanted, row in judged if wanted.status not in ("*", row.status)]
    wrong_deadline = [
        row.label for wanted, row in judged if wanted.status != "*" and wanted.is_deadline != row.is_deadline
    ]
    wrong_kind = [row.label for wanted, row in judged if wanted.kind not in ("*", row.kind)]
    assert wrong_status == []
    assert wrong_deadline == []
    assert len(wrong_kind) <= len(judged) * 0.05, wrong_kind


@pytest.mark.parametrize("name", documents())
def test_each_project_stands_under_its_department_and_team(name: str) -> None:
    labelled, report = read(name)
    for wanted in labelled.projects:
        row = next((row for row in report.projects if squeeze(row.title) == squeeze(wanted.title)), None)
        assert row is not None, wanted.title
        assert squeeze(row.unit) == squeeze(wanted.unit)
        if wanted.number != "*":
            assert str(row.number) == wanted.number
        if wanted.team != "*":
            assert (row.team or "-") == wanted.team


@pytest.mark.parametrize("name", documents())
def test_what_contradicts_is_found_and_nothing_else(name: str) -> None:
    labelled, report = read(name)
    found = {(finding.line, finding.code) for finding in report.findings if finding.code not in ASKED}
    assert found == {(line, code) for line, code in labelled.findings if code not in ASKED}
    assert labelled.findings <= {(finding.line, finding.code) for finding in report.findings}


def test_people_read_every_finding_in_words() -> None:
    codes = {finding.code for name in documents() for finding in read(name)[1].findings}
    assert {"weekday-mismatch", "sum-mismatch", "stale-plan"} <= codes <= FINDING_WORDS.keys()


@pytest.mark.parametrize("name", documents())
def test_offices_named_on_a_line_are_its_owners(name: str) -> None:
    labelled, report = read(name)
    rows = [row for project in report.projects for row in project.milestones]
    for line, offices in labelled.owners:
        assert any(set(offices) <= set(row.owners) for row in rows if row.line == line), (line, offices)
