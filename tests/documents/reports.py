"""Reports made by hand, as the reader would return them, for tests of storing and writing."""

from dataclasses import replace
from datetime import date
from hashlib import sha256

from documents.reading import (
    Budget,
    BudgetRow,
    BudgetYear,
    FindingRow,
    MilestoneRow,
    Period,
    ProblemRow,
    ProjectRow,
    Report,
    SectionLine,
    SectionText,
    StaffRow,
    TeamGuess,
    UndatedPlan,
    UnitRow,
)

TITLE = "2024년 주요업무 진행사항 보고"
SEPTEMBER, OCTOBER, NOVEMBER = date(2024, 9, 1), date(2024, 10, 1), date(2024, 11, 1)

UNITS = (
    UnitRow("행정안전국", "bureau", None, line=9, staff=(StaffRow("합계", 60, 58),)),
    UnitRow(
        "행정지원과", "department", "행정안전국", line=40, staff=(StaffRow("합계", 50, 46), StaffRow("6급", 9, 10))
    ),
    UnitRow("행정지원팀", "team", "행정지원과", ("행사 및 의전, 종합청사관리", "차량 관리"), 45),
    UnitRow("인사팀", "team", "행정지원과", ("공무원 인사관리",), 46),
    UnitRow("자치행정과", "department", "행정안전국", line=80),
    UnitRow("자치행정팀", "team", "자치행정과", ("동청사 신축·관리",), 85),
)


def plan(label: str, raw: str, start: date, end: date, line: int, **more: object) -> MilestoneRow:
    """A planned line of 향후추진계획."""
    row = MilestoneRow(
        label=label,
        label_line=line,
        raw=raw,
        start=start,
        end=end,
        precision="month",
        status="planned",
        kind="completion",
        section="향후추진계획",
        section_kind="next_steps",
        line=line,
        is_deadline=True,
        tentative=True,
    )
    return replace(row, **more)  # type: ignore[arg-type]


LOBBY = plan(
    "청사 로비 리모델링 공사 준공", "2024. 9월중", date(2024, 9, 1), date(2024, 9, 30), 130, owners=("문화체육과",)
)
ORDER = plan("냉난방 시스템 추가발주", "2024. 9~10월", date(2024, 9, 1), date(2024, 10, 31), 132, kind="procurement")
PERIOD = plan(
    "사업 기간",
    "2024년 2월~11월",
    date(2024, 2, 1),
    date(2024, 11, 30),
    112,
    section="사업개요",
    section_kind="overview",
    status="in_progress",
    is_period=True,
    precision="range",
)
PARKING = plan(
    "무인요금정산시스템 도입",
    "2024. 5. 22.",
    date(2024, 5, 22),
    date(2024, 5, 22),
    122,
    section="추진실적",
    section_kind="results",
    status="done",
    is_deadline=False,
    precision="day",
    tentative=False,
)
CAFE = UndatedPlan("북카페 운영 정상화 추진", 134, "향후추진계획", "next_steps", condition=None)

SECTIONS = (
    SectionText(
        "overview",
        "사업개요",
        110,
        (
            SectionLine(112, 0, "-", "사업 기간 : 2024년 2월~11월"),
            SectionLine(113, 0, "-", "사업 내용"),
            SectionLine(114, 1, "-", "종합청사 로비 리모델링"),
        ),
    ),
    SectionText("results", "추진실적", 120, (SectionLine(122, 0, "-", "무인요금정산시스템 도입 완료(2024. 5. 22.)"),)),
    SectionText(
        "problems",
        "문제점 및 개선방안",
        125,
        (
            SectionLine(126, 0, "-", "전력 사용량 증가 우려"),
            SectionLine(127, 1, "⇒", "중앙제어 시스템 가동"),
        ),
    ),
    SectionText(
        "next_steps",
        "향후추진계획",
        129,
        (
            SectionLine(130, 0, "-", "청사 로비 리모델링 공사 준공 : 2024. 9월중"),
            SectionLine(131, 1, "-", "소규모 갤러리 운영 협의 : 문화체육과"),
            SectionLine(132, 0, "-", "냉난방 시스템 추가발주 : 2024. 9~10월"),
            SectionLine(134, 0, "-", "북카페 운영 정상화 추진"),
        ),
    ),
    SectionText(
        "budget",
        "2024년 소요예산 : 2,487,248천원",
        136,
        (
            SectionLine(138, 0, "", "(단위 : 천원)"),
            SectionLine(140, 0, "|", "재원별 합계 2024년", ("재원별", "합계", "2024년")),
            SectionLine(141, 0, "|", "계 2,487,248 2,487,248", ("계", "2,487,248", "2,487,248")),
            SectionLine(142, 0, "|", "구비 2,487,248 2,487,248", ("구비", "2,487,248", "2,487,248")),
        ),
    ),
)

HALL = ProjectRow(
    unit="행정지원과",
    number=1,
    title="종합청사 전면 개보수 추진",
    title_line=108,
    team="행정지원팀",
    team_confidence=0.8,
    team_guesses=(TeamGuess("행정지원팀", 0.8, "청사"),),
    period=Period("2024년 2월~11월", date(2024, 2, 1), date(2024, 11, 30), 112),
    location="구청 종합청사",
    overview=(),
    budget=Budget(
        rows=(BudgetRow("구비", 2024, 2_487_248, "구비", 142),),
        stated_total=2_487_248,
        year_totals=(BudgetYear(2024, 2_487_248, 141),),
        stated_year=BudgetYear(2024, 2_487_248, 136),
        line=140,
    ),
    problems=(ProblemRow("전력 사용량 증가 우려", ("중앙제어 시스템 가동",), 126, (127,)),),
    milestones=(PERIOD, PARKING, LOBBY, ORDER),
    undated_plans=(CAFE,),
    sections=SECTIONS,
)

SHRINE = ProjectRow(
    unit="자치행정과",
    number=1,
    title="동 청사 기능 보강",
    title_line=208,
    team="자치행정팀",
    team_confidence=0.6,
    team_guesses=(),
    period=None,
    location=None,
    overview=(),
    budget=None,
    problems=(),
    milestones=(plan("문화복합공간 준공", "2024. 10.", date(2024, 10, 1), date(2024, 10, 31), 220),),
    undated_plans=(),
    sections=(
        SectionText("overview", "사업개요", 210, (SectionLine(211, 0, "-", "사업대상 : 전 동주민센터"),)),
        SectionText("next_steps", "향후추진계획", 219, (SectionLine(220, 0, "-", "문화복합공간 준공 : 2024. 10."),)),
        SectionText("budget", "소요예산 : 비예산", 222, ()),
    ),
)


def report(*projects: ProjectRow, as_of: date | None = SEPTEMBER, findings: tuple[FindingRow, ...] = ()) -> Report:
    """An edition of these projects (the two of this file if none is named); its text is `text_of` the same."""
    chosen = projects or (HALL, SHRINE)
    made = Report(TITLE, as_of, "", UNITS, chosen, findings)
    return replace(made, sha256=sha256(text_of(made).encode()).hexdigest())


def text_of(made: Report) -> str:
    """Stands in for the document's text: different reports have different texts."""
    return repr((made.as_of, made.projects))
