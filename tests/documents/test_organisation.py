"""The organisation that a document presents: bureaus, departments, teams, their duties and staff."""

from documents.organisation import find_chapters, find_units
from documents.outline import read_outline
from documents.reading import StaffRow, UnitRow
from documents.vocabulary import vocabulary

REPORT = """\
**안전건설국**

- 도로과
- 하천과

# 도로과

- 도로시설팀
- 가 로 등 팀

## 조직현황 : 2팀

팀 명\t주 요 업 무
도로시설팀\t<ul> <li>◦ 도로 정비, 보도 정비</li> <li>◦ 도로 굴착 관리</li> </ul>
가 로 등 팀\t<ul> <li>가로등 관리</li> </ul>

## 인력현황 : 정원 5명 [현원 4명]

인력현황\t합 계\t5급\t6급
정원(현원)\t5 (4)\t1 (1)\t4 (3)

※ 공무직 2명 별도

# 하천과

## 일반현황

팀 명\t주 요 업 무
하천팀\t하천 정비
"""


def units() -> dict[str, UnitRow]:
    blocks = read_outline(REPORT)
    return {unit.name: unit for unit in find_units(blocks, find_chapters(blocks))}


def test_teams_stand_under_their_department_and_departments_under_their_bureau() -> None:
    assert [(unit.kind, unit.name, unit.parent) for unit in units().values()] == [
        ("bureau", "안전건설국", None),
        ("department", "도로과", "안전건설국"),
        ("team", "도로시설팀", "도로과"),
        ("team", "가로등팀", "도로과"),
        ("department", "하천과", "안전건설국"),
        ("team", "하천팀", "하천과"),
    ]


def test_duties_are_the_lines_of_their_cell() -> None:
    assert units()["도로시설팀"].duties == ("도로 정비, 보도 정비", "도로 굴착 관리")


def test_staff_is_read_as_quota_and_present_by_grade() -> None:
    department = units()["도로과"]
    assert department.staff == (StaffRow("합계", 5, 4), StaffRow("5급", 1, 1), StaffRow("6급", 4, 3))
    assert department.staff_note == "공무직 2명 별도"


def test_words_that_end_like_a_unit_are_none() -> None:
    named = vocabulary().unit_kind
    assert [named(word) for word in ("자치행정과", "소통담당관", "인 사 팀", "행정안전국")] == [
        "department",
        "department",
        "team",
        "bureau",
    ]
    assert [named(word) for word in ("기대효과", "추진성과", "한국", "전국", "추진경과", "2팀", "평가")] == [None] * 7
