"""Editions made by hand, with everything that writers must print: levels, signs, merged cells, hostile text."""

from dataclasses import replace
from datetime import date

from documents.edition import DepartmentPart, Line, ProgressReport, ProjectPage, Section, StaffLine, Table, TeamDuties
from models import SectionKind

HOSTILE = (
    "<script>alert('가')</script> & <b>굵게</b>",
    "# 제목처럼 시작하는 줄",
    "| 칸 | 처럼 |",
    "**별표** 와 __밑줄__ 과 `틱`",
    "1. 번호처럼",
    "---",
    "&lt;이미 바꾼 글&gt;",
)
WORDS = (HOSTILE[0], HOSTILE[3], HOSTILE[6])
HALL = ProjectPage(
    1,
    "종합청사 전면 개보수 추진",
    (
        Section(
            SectionKind.OVERVIEW,
            "사업개요",
            (
                Line(0, "-", "사업 기간 : 2024년 2월~11월"),
                Line(0, "-", "사업 내용"),
                Line(1, "-", "종합청사 로비 리모델링"),
                Line(2, "- ※", "고효율 평판형 LED 1,098개"),
            ),
        ),
        Section(
            SectionKind.RESULTS,
            "추진실적(2024. 9. 기준)",
            (
                Line(0, "####", "가산동 2층 리모델링"),
                Line(0, "1.", "시흥4동 공유주방 증축"),
                Line(1, "○", "설계용역 완료(2023. 12.)"),
                Line(1, "", "주민 의견수렴에 따른 추경 진행", continues=True),
                Line(0, "", "(단위 : 천원)"),
                Table(
                    (
                        ("동 명", "구분", "공 사 명", "추진일정"),
                        ("가산동", "연간", "소방시설 보수", "완료('24.4월)"),
                        ("", "긴급", "정화조 배관 보수\n1층 로비", "예정('24.11월)"),
                        ("독산3동", "연간", "주차장 정비", "완료(2024. 10. 21.)"),
                    )
                ),
            ),
        ),
        Section(
            SectionKind.PROBLEMS,
            "문제점 및 개선방안",
            (Line(0, "-", "전력 사용량 증가 우려"), Line(1, "⇒", "중앙제어 시스템 가동")),
        ),
        Section(
            SectionKind.NEXT_STEPS,
            "향후추진계획",
            (
                Line(0, "-", "청사 로비 리모델링 공사 준공 : 당초 2024. 9월중 → 변경 2024. 11. 15. (사유: 구조 보강)"),
                Line(0, "-", "냉난방기 추가발주 : 2024. 11~12월"),
            ),
        ),
        Section(
            SectionKind.BUDGET,
            "2024년 소요예산 : 2,487,248천원",
            (
                Line(0, "", "(단위 : 천원)"),
                Table(
                    (
                        ("재원별", "합계", "연차별 소요재원", "", ""),
                        ("", "", "2023년", "2024년", "2025년"),
                        ("계", "2,487,248", "-", "2,487,248", "△1,250"),
                        ("구비", "2,487,248", "", "2,487,248", ""),
                    ),
                    header_rows=2,
                ),
            ),
        ),
    ),
)
CLINIC = ProjectPage(
    2,
    "보건 <안전> 점검",
    (
        Section(SectionKind.OVERVIEW, "사업개요", tuple(Line(0, "-", text) for text in HOSTILE)),
        # Only words: a line that begins like a heading or an item was read as one and has its sign.
        Section(SectionKind.RESULTS, "추진실적", tuple(Line(0, "", text) for text in WORDS)),
        Section(SectionKind.BUDGET, "소요예산 : 비예산", ()),
    ),
)
EDITION = ProgressReport(
    title="2024년 주요업무 진행사항 보고",
    as_of=date(2024, 10, 31),
    bureaus=("행정안전국",),
    staff=(StaffLine("합계", 60, 58), StaffLine("6급", 9, 10)),
    departments=(
        DepartmentPart(
            "행정지원과",
            (TeamDuties("행정지원팀", ("청사 관리", "차량 운영")), TeamDuties("인사팀", ("공무원 인사",))),
            (StaffLine("합계", 50, 46), StaffLine("6급", 9, 10), StaffLine("9급", None, None)),
            (HALL, CLINIC),
        ),
        DepartmentPart("자치행정과", (TeamDuties("자치행정팀", ()),), (), (replace(HALL, title="동 청사 기능 보강"),)),
    ),
    budget=Table(
        (
            ("구 분", "", "2024년", "2023년", "증 감"),
            ("합 계", "", "1,500", "2,750", "△1,250"),
            ("행정지원과", "계", "1,500", "2,750", "△1,250"),
            ("", "정책사업비", "1,500", "-", "1,500"),
        )
    ),
)
EMPTY = ProgressReport("빈 보고", date(2024, 10, 31), (), (), (), None)


def printed_texts(edition: ProgressReport) -> list[str]:
    """Every text that must stand in any file of the edition, line by line."""
    found = [edition.title, *edition.bureaus]
    for department in edition.departments:
        found += [department.name, *(team.name for team in department.teams)]
        found += [duty for team in department.teams for duty in team.duties]
        for project in department.projects:
            found.append(project.title)
            for section in project.sections:
                found.append(section.heading)
                for block in section.blocks:
                    if isinstance(block, Line):
                        found.append(block.text)
                    else:
                        found += [part for row in block.rows for cell in row for part in cell.split("\n") if part]
    return found
