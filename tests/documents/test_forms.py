"""Every office has its own form: cards, pledge lists, plain plans, schedules and outlines are read by one reader."""

from datetime import date

import pytest

from documents.errors import DocumentError
from documents.reading import MilestoneRow, Report
from documents.report import read_report
from tests.documents import forms


def titles(report: Report) -> list[tuple[str, int | None, str]]:
    return [(project.unit, project.number, project.title) for project in report.projects]


def windows(report: Report, project: int = 0) -> dict[str, tuple[date | None, date | None]]:
    return {row.label: (row.start, row.end) for row in report.projects[project].milestones}


def milestone(report: Report, label: str) -> MilestoneRow:
    return next(row for project in report.projects for row in project.milestones if row.label == label)


def test_a_card_is_a_project_below_its_numbered_heading() -> None:
    report = read_report(forms.CARDS)
    assert titles(report) == [("도로과", 1, "중앙로 보행환경 개선"), ("도로과", 2, "하천 산책로 정비")]
    assert report.as_of == date(2025, 6, 30)
    card = report.projects[0]
    assert card.period is not None
    assert (card.period.start, card.period.end) == (date(2025, 3, 1), date(2025, 12, 31))
    assert card.location == "중앙로 1~50"
    assert card.budget is not None
    assert card.budget.stated_total == 850_000


@pytest.mark.parametrize(
    ("owner", "supporting"),
    [
        ("| 주관부서 | 공원녹지과 | 협조부서 | 도로과, 총무과(인사팀장) |", ("도로과", "총무과", "인사팀")),
        ("| 주관부서 | 공원녹지과(협조 : 도로과) | 사업기간 | 2023. 7. ~ 2025. 12. |", ("도로과",)),
        ("| 주관부서 | 공원녹지과 | 협조부서 | 공원녹지과, 시설관리공단 |", ()),
        ("| 주관부서 | 공원녹지과 | 사업기간 | 2023. 7. ~ 2025. 12. |", ()),
    ],
)
def test_offices_that_only_support_are_named_apart(owner: str, supporting: tuple[str, ...]) -> None:
    text = forms.CARD_TABLE.replace("| 주관부서 | 공원녹지과 | 사업기간 | 2023. 7. ~ 2025. 12. |", owner)
    (project,) = read_report(text, as_of=date(2025, 6, 30)).projects
    assert (project.unit, project.supporting) == ("공원녹지과", supporting)


def test_what_a_card_did_this_month_is_done_and_what_it_will_do_next_month_is_planned() -> None:
    report = read_report(forms.CARDS)
    assert milestone(report, "공사 계약 체결").status == "done"
    assert milestone(report, "공사 계약 체결").end == date(2025, 6, 12)
    start_of_works = milestone(report, "중앙로 보행환경 개선 착공")
    assert (start_of_works.status, start_of_works.end) == ("planned", date(2025, 7, 10))
    assert milestone(report, "지장물 조사").tentative


def test_a_card_s_problem_has_the_measure_below_its_arrow() -> None:
    (problem,) = read_report(forms.CARDS).projects[0].problems
    assert problem.problem == "지하매설물 이설 지연 우려"
    assert problem.measures == ("유관기관 합동회의로 조기 협의",)


def test_each_row_of_a_pledge_list_is_a_project_of_the_office_in_charge() -> None:
    report = read_report(forms.PLEDGES)
    assert titles(report) == [
        ("청년정책과", 1, "청년센터 건립"),
        ("문화체육과", 2, "공공도서관 야간 개방"),
        ("교통행정과", 3, "어린이 안심통학로 조성"),
    ]
    assert [unit.name for unit in report.units] == ["청년정책과", "문화체육과", "교통행정과"]


def test_a_revised_pledge_counts_with_its_new_date_and_keeps_the_first() -> None:
    (row,) = read_report(forms.PLEDGES).projects[0].milestones
    assert (row.start, row.end) == (date(2025, 11, 1), date(2025, 11, 30))
    assert (row.baseline_raw, row.baseline_end) == ("2024. 12.", date(2024, 12, 31))
    assert row.status == "in_progress"
    assert row.is_deadline


def test_a_pledge_that_is_done_is_no_deadline() -> None:
    (row,) = read_report(forms.PLEDGES).projects[1].milestones
    assert (row.status, row.is_deadline) == ("done", False)


def test_pledges_written_as_lines_carry_their_office_and_their_revision() -> None:
    report = read_report(forms.PLEDGE_LINES)
    assert titles(report) == [("청년정책과", None, "청년센터 건립"), ("문화체육과", None, "작은도서관 확충")]
    revised = next(row for row in report.projects[0].milestones if row.baseline_raw)
    assert (revised.end, revised.baseline_end) == (date(2025, 11, 30), date(2024, 12, 31))
    assert windows(report, 1) == {"작은도서관 확충 개관": (date(2025, 9, 1), date(2025, 9, 30))}


def test_numbered_lines_with_attributes_below_are_the_projects_of_a_plain_plan() -> None:
    report = read_report(forms.PLAN)
    assert titles(report) == [
        ("평생교육과", 1, "시민강좌 운영"),
        ("평생교육과", 2, "청년주간 행사"),
        ("평생교육과", 3, "도서관 리모델링"),
    ]
    assert windows(report) == {
        "시민강좌 운영": (date(2025, 9, 1), date(2025, 11, 28)),
        "수강생 모집": (date(2025, 8, 11), date(2025, 8, 22)),
    }
    assert milestone(report, "청년주간 행사").time == "14:00"


def test_everything_in_a_plan_is_planned_unless_it_says_otherwise() -> None:
    report = read_report(forms.PLAN)
    assert {row.status for project in report.projects for row in project.milestones} == {"planned"}


def test_a_schedule_table_is_one_project_with_a_milestone_a_row() -> None:
    report = read_report(forms.SCHEDULE)
    assert titles(report) == [("문화체육과", None, "2025년 9월 주요행사 계획")]
    assert windows(report) == {
        "가을 걷기대회": (date(2025, 9, 6), date(2025, 9, 6)),
        "책 축제": (date(2025, 9, 13), date(2025, 9, 14)),
        "생활체육 교실 개강": (date(2025, 9, 1), date(2025, 9, 30)),
    }
    assert milestone(report, "책 축제").owners == ("도서관팀",)


def test_a_council_schedule_keeps_its_session_its_sittings_and_the_day_bills_are_due() -> None:
    report = read_report(forms.COUNCIL)
    assert windows(report) == {
        "제310회 임시회 의사일정(안) 회기": (date(2025, 9, 2), date(2025, 9, 12)),
        "개회식, 제1차 본회의": (date(2025, 9, 2), date(2025, 9, 2)),
        "상임위원회 안건심사": (date(2025, 9, 3), date(2025, 9, 5)),
        "제2차 본회의, 조례안 의결": (date(2025, 9, 12), date(2025, 9, 12)),
        "부의안건 제출": (None, date(2025, 8, 22)),
    }
    assert {row.kind for row in report.projects[0].milestones} == {"council"}


def test_an_outline_of_roman_arabic_and_hangul_numbers_is_read_like_one_of_hashes() -> None:
    report = read_report(forms.OUTLINE)
    assert titles(report) == [("도시계획과", 1, "노후 주거지 정비"), ("도시계획과", 2, "공영주차장 건립")]
    assert [(unit.kind, unit.name) for unit in report.units] == [
        ("bureau", "건설교통국"),
        ("department", "도시계획과"),
    ]
    assert [section.kind for section in report.projects[0].sections] == ["overview", "results", "next_steps"]
    assert milestone(report, "주민설명회 개최").status == "done"
    assert milestone(report, "도시계획위원회 심의").is_deadline
    # A bare word takes the name of what it is about; the as-of mark beside the percentage is no date of anything.
    assert list(windows(report, 1)) == ["공영주차장 건립 사업기간", "공영주차장 건립 준공", "공영주차장 건립 개장식"]


def test_marks_below_month_columns_say_from_when_to_when() -> None:
    report = read_report(forms.MONTHS, as_of=date(2025, 3, 1))
    rows = {row.label: (row.start, row.end) for project in report.projects for row in project.milestones}
    assert rows == {
        "기본계획": (date(2025, 3, 1), date(2025, 3, 31)),
        "대행사 선정": (date(2025, 4, 1), date(2025, 5, 31)),
        "홍보 포스터 배부": (date(2025, 5, 1), date(2025, 5, 31)),
        "홍보 현수막 게시": (date(2025, 6, 1), date(2025, 6, 30)),
    }


def test_the_columns_of_a_weekly_report_hold_what_was_done_and_what_comes_next_line_by_line() -> None:
    report = read_report(forms.WEEKLY)
    assert [(row.label, row.status, row.section, row.owners) for row in report.projects[0].milestones] == [
        ("정비공사 착공", "done", "금주실적", ("공원팀",)),
        ("수목 방제 완료", "done", "금주실적", ("공원팀",)),
        ("주민설명회 개최", "planned", "차주계획", ("공원팀",)),
        ("가로수 전지 추진 중", "in_progress", "금주실적", ("녹지팀",)),
        ("가을꽃 식재", "planned", "차주계획", ("녹지팀",)),
    ]


def test_a_card_may_hold_its_sections_as_rows_of_its_table() -> None:
    report = read_report(forms.CARD_TABLE, as_of=date(2025, 6, 30))
    assert titles(report) == [("공원녹지과", None, "반려동물 놀이터 조성")]
    assert {row.label: row.status for row in report.projects[0].milestones} == {
        "기본계획 수립": "done",
        "실시설계 완료": "done",
        "공사 착공": "planned",
        "준공 및 개장": "planned",
        "반려동물 놀이터 조성 사업기간": "in_progress",
    }


def test_a_table_in_html_with_merged_cells_is_read_like_any_other() -> None:
    design, works = read_report(forms.HTML).projects[0].milestones
    assert (design.label, design.end, design.line) == ("설계용역", date(2025, 3, 31), 13)
    assert (works.label, works.end, works.baseline_raw) == ("증축공사 준공", date(2025, 12, 20), "2025. 10.")


def test_the_boxed_numbers_of_a_word_processor_and_bracketed_offices_are_known() -> None:
    report = read_report(forms.BOXED, as_of=date(2024, 8, 1))
    assert titles(report) == [
        ("경제진흥과", 1, "전통시장 활성화"),
        ("경제진흥과", 2, "일자리 박람회"),
        ("농정과", 1, "벼 재해보험 지원"),
    ]
    assert report.findings == ()
    market = report.projects[0]
    assert market.budget is not None
    assert market.budget.stated_total == 320_000
    assert {row.label: row.status for row in market.milestones} == {
        "전통시장 활성화 사업기간": "in_progress",
        "아케이드 보수공사 준공": "done",
        "야시장 개장": "planned",
    }


def test_titles_with_double_numbers_below_a_numbered_department_are_projects() -> None:
    report = read_report(forms.DOUBLE_NUMBERS)
    assert titles(report) == [("교통정책과", None, "시내버스 노선 개편"), ("교통정책과", None, "공유자전거 도입")]
    assert windows(report, 1) == {"시범운영": (date(2023, 11, 1), date(2023, 12, 31))}


@pytest.mark.parametrize("text", ["안녕하세요", "# 제목만 있는 문서\n\n본문 한 줄\n", "| a | b |\n"])
def test_a_document_without_any_project_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match=r"사업을 찾지 못했습니다|기준일을 찾지 못했습니다"):
        read_report(text)
