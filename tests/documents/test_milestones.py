"""Dated lines become milestones with the right name, standing and kind; facts and as-of marks do not."""

from datetime import date

import pytest

from documents.reading import MilestoneRow, ProjectRow
from documents.report import read_report

AS_OF = date(2024, 9, 1)


def project(body: str) -> ProjectRow:
    text = f"# 도로과\n\n## 1 도로 정비\n\n### □ 사업개요\n\n- 사업대상 : 전 구간\n\n{body}\n"
    (read,) = read_report(text, as_of=AS_OF).projects
    return read


def rows(section: str, *lines: str) -> tuple[MilestoneRow, ...]:
    return project(f"### □ {section}\n\n" + "\n".join(lines)).milestones


def only(section: str, *lines: str) -> MilestoneRow:
    (row,) = rows(section, *lines)
    return row


def test_a_plan_line_is_planned_and_due_at_its_end() -> None:
    row = only("향후추진계획", "- 청사 로비 공사 준공 : 2024. 9월중")
    assert (row.label, row.raw) == ("청사 로비 공사 준공", "2024. 9월중")
    assert (row.start, row.end, row.precision) == (date(2024, 9, 1), date(2024, 9, 30), "month")
    assert (row.status, row.kind, row.is_deadline, row.tentative) == ("planned", "completion", True, True)
    assert (row.section, row.section_kind, row.line) == ("향후추진계획", "next_steps", 11)


def test_a_plan_that_is_over_is_stale_and_not_done() -> None:
    row = only("향후추진계획", "- 착수보고회 개최 : '24. 8.")
    assert (row.status, row.stale, row.is_deadline) == ("planned", True, True)


def test_completed_with_a_planned_date_is_planned() -> None:
    row = only("추진실적", "- 비상벨 설치 완료 : '24. 8월(예정)")
    assert (row.status, row.is_deadline, row.stale) == ("planned", True, True)


def test_what_was_done_is_done_and_no_deadline() -> None:
    row = only("추진실적", "- 설계용역 완료(2023. 12.)")
    assert (row.label, row.status, row.is_deadline, row.kind) == ("설계용역 완료", "done", False, "design")


def test_running_work_is_due_while_its_end_is_not_over() -> None:
    row = only("추진실적", "- 교육 운영", "  - 기 간 : 2024. 7. ~ 12.")
    assert (row.label, row.label_line, row.line) == ("교육 운영", 11, 12)
    assert (row.status, row.is_deadline) == ("in_progress", True)


def test_the_project_period_is_due_at_its_end() -> None:
    (row,) = (
        read_report("# 도로과\n\n## 1 도로 정비\n\n### □ 사업개요\n\n- 사업기간 : 2024. 2. ~ 11.\n", as_of=AS_OF)
        .projects[0]
        .milestones
    )
    assert (row.label, row.is_period, row.is_deadline) == ("도로 정비 사업기간", True, True)
    assert row.status == "in_progress"


def test_a_name_on_the_line_above_is_joined_with_its_date() -> None:
    row = only("향후추진계획", "○ 한마당 개최", "", "- 추진시기 : 2024.10.02", "- 참여대상 : 주민")
    assert (row.label, row.label_line, row.line, row.kind) == ("한마당 개최", 11, 13, "event")


def test_a_flattened_attribute_belongs_to_the_nearest_line_that_is_none() -> None:
    first, second = rows(
        "추진실적",
        "○ 프로그램 운영 현황",
        "- 동아리 운영",
        "- 기 간 : 2024. 2. ~ 12.",
        "- 내 용 : 문해 교육",
        "- 매니저 양성",
        "- 기 간 : 2024. 6. ~ 7.",
    )
    assert (first.label, second.label) == ("동아리 운영", "매니저 양성")


def test_a_date_before_its_name_is_read_as_well() -> None:
    first, second = rows("추진실적", "- 2024. 6월 : 교류도시 연결", "- ('24.5) 하모니 마켓 : 60팀 참여")
    assert (first.label, second.label) == ("교류도시 연결", "하모니 마켓")


def test_two_things_in_one_line_are_two_milestones() -> None:
    first, second, third = rows("추진실적", "- 보호장비 보급(3월), 간담회 추진(5월), 모의훈련 실시(10월 예정)")
    assert [(row.label, row.status) for row in (first, second, third)] == [
        ("보호장비 보급", "done"),
        ("간담회 추진", "done"),
        ("모의훈련 실시", "planned"),
    ]


def test_each_member_of_a_list_of_months_or_quarters_is_a_milestone() -> None:
    months = rows("추진실적", "- 합동 훈련 실시(4월, 8월)")
    assert [row.end for row in months] == [date(2024, 4, 30), date(2024, 8, 31)]
    quarters = rows("향후추진계획", "- 3, 4분기 위원회 정기회의 개최")
    assert [row.end for row in quarters] == [date(2024, 9, 30), date(2024, 12, 31)]
    assert {row.kind for row in quarters} == {"meeting"}


def test_a_half_that_a_finer_date_says_better_is_part_of_the_name() -> None:
    row = only("향후추진계획", "- 하반기 힐링프로그램 추진 : 11월 중")
    assert (row.label, row.start) == ("하반기 힐링프로그램 추진", date(2024, 11, 1))


@pytest.mark.parametrize(
    "line",
    [
        "- 공정률 70%(2024. 8월 기준)",
        "- 만족도 : '21년 87점 → '22년 88점",
        "- 접종 : ('23) 469명 지원 → ('24.7) 914명 신청",
        "- 보도 (조선일보 등 / 2024.01.29.)",
        "- 「장애인차별금지법」 개정·시행('23.1.28.)",
        "- 대상기관 : 2021년 선정된 32개 기관",
        "- 2024년 주요 변경 내용",
        "- 상시 모니터링 실시",
    ],
)
def test_what_only_looks_like_a_date_of_something_is_no_milestone(line: str) -> None:
    assert rows("추진실적", line) == ()


def test_the_completion_dates_of_buildings_that_stand_are_facts() -> None:
    assert rows("추진실적", "※ 청사 현황", "", "준공일\t연면적", "2000. 3. 14.\t3,337㎡") == ()


def test_rows_of_works_are_milestones_named_by_place_and_work() -> None:
    done, planned = rows(
        "추진실적",
        "- 대수선공사 : 2건",
        "",
        "동 명\t구분\t공 사 명\t소요예산\t추진일정",
        "가 산 동\t연간\t소방시설 보수\t16,023\t완료('24.4월)",
        "\t\t로비 환경개선\t13,000\t예정('24.9월)",
    )
    assert (done.label, done.status, done.kind) == ("가산동 소방시설 보수", "done", "construction")
    assert (planned.label, planned.status, planned.is_deadline) == ("가산동 로비 환경개선", "planned", True)


def test_a_turned_table_names_its_dates_by_their_columns() -> None:
    first, second = rows(
        "추진실적",
        "구분\t과학관 탐방\t과학캠프",
        "기간\t2024. 7 ~ 9월\t2024. 11 ~ 12월",
        "장소\t과학관\t강당",
    )
    assert (first.label, first.status) == ("과학관 탐방", "in_progress")
    assert (second.label, second.status) == ("과학캠프", "planned")


def test_a_row_s_pairs_are_read_in_one_notation() -> None:
    old, new = rows(
        "추진실적",
        "구 분\t학습관(시흥)\t학습관(독산)",
        "위 치\t시흥\t독산",
        "운영시간\t[11.4. 개관] 월~금\t[24.10. 개관예정] 월~토",
    )
    assert (old.label, old.start, old.status) == ("학습관(시흥) 개관", date(2011, 4, 1), "done")
    assert (new.label, new.start, new.status) == ("학습관(독산) 개관", date(2024, 10, 1), "planned")


def test_offices_named_on_the_line_are_its_owners() -> None:
    row = only("향후추진계획", "- 갤러리 운영 협의(10월) : 행정지원과, 문화체육과")
    assert row.owners == ("행정지원과", "문화체육과")


def test_a_moved_date_is_read_with_the_first_one_kept_beside_it() -> None:
    row = only("향후추진계획", "- 로비 공사 준공 : 당초 2024. 9월중 → 변경 2024. 11. 15. (사유: 자재 수급 지연 예정)")
    assert (row.label, row.start, row.end) == ("로비 공사 준공", date(2024, 11, 15), date(2024, 11, 15))
    assert (row.baseline_raw, row.baseline_end) == ("2024. 9월중", date(2024, 9, 30))
    assert row.span is not None
    line = "로비 공사 준공 : 당초 2024. 9월중 → 변경 2024. 11. 15. (사유: 자재 수급 지연 예정)"
    assert line[slice(*row.span)] == row.raw


@pytest.mark.parametrize(
    ("words", "status", "is_deadline"),
    [
        ("2024. 10월(추진 중)", "in_progress", True),
        ("2024. 8월(추진 중)", "in_progress", True),
        ("2024. 10월 (중단, 사유: 예산 미확보)", "cancelled", False),
        ("2024. 10월 (지연, 사유: 진행 중인 소송)", "planned", True),
        ("2024. 8월(완료)", "done", False),
    ],
)
def test_what_an_answer_wrote_beside_a_plan_is_read_back(words: str, status: str, is_deadline: bool) -> None:
    row = only("향후추진계획", f"- 로비 공사 준공 : {words}")
    assert (row.status, row.is_deadline) == (status, is_deadline)


def test_a_bare_year_is_due_only_where_the_text_plans_for_it() -> None:
    aim = only("향후추진계획", "- 2025년 민간교류 활성화를 위한 사업 발굴")
    assert (aim.precision, aim.is_deadline) == ("year", False)
    plan = only("향후추진계획", "- 스튜디오 조성 (2025년 추진 예정)")
    assert (plan.precision, plan.is_deadline, plan.end) == ("year", True, date(2025, 12, 31))


def test_every_thursday_is_kept_as_a_rule_without_a_window() -> None:
    row = only("향후추진계획", "- 매주 목요일 민원창구 연장운영(18:00~20:00)")
    assert (row.start, row.end, row.is_deadline) == (None, None, False)
    assert row.recurrence == "FREQ=WEEKLY;BYDAY=TH"


def test_the_validity_of_a_certificate_is_nobody_s_deadline() -> None:
    row = only("향후추진계획", "- 인증기간 : 2025. 1. ~ 2027. 12.")
    assert not row.is_deadline


def test_a_period_and_the_plan_that_ends_it_are_scheduled_once() -> None:
    read = project(
        "### □ 추진실적\n\n#### 1 공유주방 증축\n\n- 사업기간 : 2024. 2. ~ 12.\n\n"
        "### □ 향후추진계획\n\n- 공유주방 증축공사 준공 : 2024. 12."
    )
    period, plan = read.milestones
    assert (period.duplicate_of, plan.duplicate_of) == (plan.line, None)


def test_of_one_event_told_twice_the_finer_date_is_kept() -> None:
    read = project(
        "### □ 추진실적\n\n- 자치박람회 개최 : 2024. 10.(예정)\n\n### □ 향후추진계획\n\n- 자치박람회 개최(2024.10.04.)"
    )
    coarse, fine = read.milestones
    assert (coarse.duplicate_of, fine.duplicate_of) == (fine.line, None)


def test_plans_without_a_date_are_kept_for_a_periodic_check() -> None:
    read = project(
        "### □ 향후추진계획\n\n- 휴게실 조성\n- 전자서식 구축 : 예산 확보 후 시행\n- 점검 : 2024. 10.\n"
        "  - 방식 협의 : 시설관리공단\n  - 점검표 배부 안내"
    )
    assert [(plan.text, plan.condition, plan.owners) for plan in read.undated_plans] == [
        ("휴게실 조성", None, ()),
        ("전자서식 구축 : 예산 확보 후 시행", "예산 확보 후", ()),
        ("방식 협의 : 시설관리공단", None, ("시설관리공단",)),
    ]


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("교육지원청 업무협약 체결", "contract"),
        ("개관식 및 축제 개최", "event"),
        ("CCTV 162개소 설치", "procurement"),
        ("위원회 정기회의 개최", "meeting"),
        ("직원 교육 실시", "training"),
        ("조례안 상정", "council"),
        ("만족도 조사", "survey"),
        ("제4기 위원 위촉", "other"),
    ],
)
def test_what_is_said_last_decides_the_kind(label: str, kind: str) -> None:
    assert only("향후추진계획", f"- {label} : 2024. 10.").kind == kind
