"""The first customer's report: its structure, its dates as labelled by hand, and every contradiction known in it."""

import json
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from documents.reading import MilestoneRow, ProjectRow, Report, as_json
from documents.report import read_report
from tests.documents.golden import GOLDEN

pytestmark = pytest.mark.shared

FIRST_HALF = 1059


@cache
def report_of(shared: Path) -> Report:
    return read_report((shared / "data/seed/geumcheon-2024-09.md").read_text(encoding="utf-8"), as_of=date(2024, 9, 1))


@pytest.fixture
def report(shared: Path) -> Report:
    return report_of(shared)


def labelled(shared: Path, name: str) -> list[dict[str, object]]:
    lines = (shared / "data/gold" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def project(report: Report, unit: str, number: int) -> ProjectRow:
    return next(row for row in report.projects if (row.unit, row.number) == (unit, number))


def milestone(report: Report, line: int) -> MilestoneRow:
    return next(row for project in report.projects for row in project.milestones if row.line == line)


def test_five_departments_twenty_three_teams_and_twenty_one_projects_are_read(report: Report) -> None:
    assert Counter(unit.kind for unit in report.units) == {"bureau": 1, "department": 5, "team": 23}
    assert Counter(project.unit for project in report.projects) == {
        "행정지원과": 4,
        "자치행정과": 5,
        "교육지원과": 4,
        "주민안전과": 4,
        "민원여권과": 4,
    }
    assert all(team.duties for team in report.units if team.kind == "team")
    assert (report.title, report.as_of) == ("2024년 주요업무 진행사항 보고", date(2024, 9, 1))


def test_titles_numbers_and_teams_are_those_of_the_labels(report: Report, shared: Path) -> None:
    for gold in labelled(shared, "projects.jsonl"):
        read = project(report, str(gold["department"]), int(str(gold["number"])))
        assert (read.title, read.title_line, read.team) == (gold["title"], gold["title_line"], gold["team_inferred"])
        assert 0 < read.team_confidence < 1


def test_budgets_are_those_of_the_labels(report: Report, shared: Path) -> None:
    for gold in labelled(shared, "projects.jsonl"):
        table = gold["budget_table"]
        if not isinstance(table, dict):
            continue
        budget = project(report, str(gold["department"]), int(str(gold["number"]))).budget
        assert budget is not None
        assert budget.stated_total == gold["budget_total_krw_thousand"]
        assert budget.stated_year is not None
        assert budget.stated_year.amount == gold["budget_2024_krw_thousand"]
        read = {(row.source, str(row.year)): row.amount for row in budget.rows}
        printed = {
            (source, year): amount
            for source in ("국비", "시비", "구비")
            for year, amount in (table[source] or {}).items()
            if year.isdigit() and amount is not None
        }
        assert read == printed


def test_every_window_of_the_labels_is_read_and_nothing_else(report: Report, shared: Path) -> None:
    rows = labelled(shared, "milestones.jsonl")
    keys = {(gold["line"], gold["start"], gold["end"]) for gold in rows}
    wanted = {
        (gold["line"], gold["start"], gold["end"])
        for gold in rows
        if gold["role"] in ("milestone", "period", "target_year")
        and (gold["start"] or gold["end"])
        and gold["project_no"]
    }
    read = {
        (row["line"], row["start"], row["end"])
        for project in as_json(report)["projects"]  # type: ignore[union-attr]
        for row in project["milestones"]  # type: ignore[index,call-overload,union-attr]
        if row["line"] <= FIRST_HALF and (row["start"] or row["end"])  # type: ignore[index,call-overload,operator]
    }
    assert wanted - read == set()
    assert read - keys == set()


def test_status_and_deadline_are_those_of_the_labels(report: Report, shared: Path) -> None:
    read = {(row.line, str(row.start), str(row.end)): row for project in report.projects for row in project.milestones}
    for gold in labelled(shared, "milestones.jsonl"):
        row = read.get((int(str(gold["line"])), str(gold["start"]), str(gold["end"])))
        windowless = not gold["start"] and not gold["end"]
        if row is None or windowless or not gold["project_no"] or gold["role"] not in ("milestone", "period"):
            continue
        assert row.status == gold["status"], gold["line"]
        assert row.is_deadline == gold["is_deadline"] or row.recurrence, gold["line"]
        assert row.stale == gold["past_at_ref"], gold["line"]


@pytest.mark.parametrize(
    ("line", "label"),
    [
        (181, "청사 로비 리모델링 공사 준공"),
        (501, "중국 단둥시(우호도시) 대표단 우리구 방문 및 서예작품 전시회 개최"),
        (652, "시흥4동 강당 화장실 개선(남녀분리)"),
        (892, "공동체경제 한마당 개최"),
        (1260, "구민제안 평생학습 프로그램 운영"),
        (1329, "독산동 진로진학지원센터 개관"),
        (1433, "추진상황 보고회, 지역안전지수 분야별 취약부분 공유"),
        (1618, "사이버 보충교육 실시 1차보충"),
    ],
)
def test_names_stand_where_the_reader_would_look_for_them(report: Report, line: int, label: str) -> None:
    assert milestone(report, line).label == label


def test_every_known_contradiction_is_found(report: Report) -> None:
    found = {(row.code, row.line) for row in report.findings}
    assert {
        ("sum-mismatch", 566),
        ("sum-mismatch", 709),
        ("sum-mismatch", 711),
        ("sum-mismatch", 1052),
        ("sum-mismatch", 1296),
        ("sum-mismatch", 1297),
        ("sum-mismatch", 1508),
        ("date-conflict", 475),
        ("weekday-mismatch", 1618),
        ("weekday-mismatch", 1619),
        ("title-mismatch", 556),
        ("title-mismatch", 1686),
        ("stale-plan", 191),
        ("stale-plan", 643),
        ("stale-plan", 688),
        ("stale-plan", 1432),
        ("conditional-plan", 1757),
    } <= found


def test_no_sum_share_weekday_or_date_is_called_wrong_that_is_right(report: Report) -> None:
    codes = ("sum-mismatch", "share-mismatch", "weekday-mismatch", "impossible-date", "date-conflict", "unreadable")
    assert {(row.code, row.line) for row in report.findings if row.code in codes} == {
        ("sum-mismatch", 566),
        ("sum-mismatch", 709),
        ("sum-mismatch", 711),
        ("sum-mismatch", 1052),
        ("sum-mismatch", 1296),
        ("sum-mismatch", 1297),
        ("sum-mismatch", 1508),
        ("date-conflict", 475),
        ("weekday-mismatch", 1618),
        ("weekday-mismatch", 1619),
    }


def test_problems_stand_with_their_measures(report: Report) -> None:
    assert [(row.line, row.measure_lines) for row in project(report, "자치행정과", 1).problems] == [
        (692, (693,)),
        (694, (695,)),
    ]
    assert [(row.line, row.measure_lines[:2]) for row in project(report, "행정지원과", 3).problems] == [
        (409, (410, 411)),
        (412, (413, 414)),
    ]


def test_a_longer_report_takes_longer_in_proportion(shared: Path) -> None:
    import time

    text = (shared / "data/seed/geumcheon-2024-09.md").read_text(encoding="utf-8")
    spent = []
    for times in (2, 8):
        began = time.process_time()
        read_report(text * times, as_of=date(2024, 9, 1))
        spent.append(time.process_time() - began)
    assert spent[1] < spent[0] * 4 * 2.5


def test_the_second_half_has_the_windows_that_were_labelled_by_hand(report: Report) -> None:
    """Lines and windows only, found by reading line 1060 to the end; `-` stands for an open side."""
    labels = (GOLDEN / "second-half.txt").read_text(encoding="utf-8").split("\n")
    rows = [row for read in report.projects for row in read.milestones if row.line > FIRST_HALF]
    found = {f"{row.line} {row.start or '-'} {row.end or '-'}" for row in rows if row.start or row.end}
    assert found == set(filter(None, labels))


def test_columns_below_their_names_are_things_of_their_own(report: Report) -> None:
    rows = [row for read in report.projects for row in read.milestones if row.line == 1131]
    assert [(row.start and row.start.month, row.end and row.end.month) for row in rows] == [(7, 9), (9, 12), (11, 12)]
    assert len({row.label for row in rows}) == 3
