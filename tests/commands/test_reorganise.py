"""`dday reorganise` shows everything first, stores it when told, and says why where it cannot be."""

import io
import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.commands.test_people import data, run

__all__ = ["data"]  # the folder with the small office in it


def write_table(data: Path, *rows: str) -> str:
    path = data / "조직개편.csv"
    path.write_text("\n".join(("구분,부서,새 이름,옮길 곳,사업", *rows)), encoding="utf-8")
    return str(path)


def test_changes_are_shown_first_and_stored_when_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said, _ = run(capsys, "reorganise", "--on", "2024-10-04", "--merge", "인사팀=행정지원팀")
    assert status == 0
    for part in (
        "조직개편 (2024. 10. 4.(금) 시행)",
        "인사팀 → 행정지원팀 (통합)",
        "직위: 인사팀장 → 행정지원팀장",
        "사업 1건이 옮겨집니다",
        "열린 일정 1건의 담당 직위가 바뀝니다",
        "행정지원팀장: 행정지원팀 팀장 성춘향. 일정 1건, 이전 담당 인사팀장 홍길동.",
        "저장하지 않았습니다",
    ):
        assert part in said.replace("\n", " ").replace("  ", " ")
    assert run(capsys, "reorganise")[1].startswith("조직개편이 없습니다")
    assert (
        "시행했습니다: 1번."
        in run(capsys, "reorganise", "--on", "2024-10-04", "--merge", "인사팀=행정지원팀", "--yes")[1]
    )
    assert (
        "바뀌는 것이 없습니다"
        in run(capsys, "reorganise", "--on", "2024-10-04", "--merge", "인사팀=행정지원팀", "--yes")[1]
    )
    held = json.loads(run(capsys, "people", "--on", "2024-10-03", "--json")[1])
    assert ("인사팀", "행정지원과", "홍길동") in {(one["unit"], one["under"], one["person"]) for one in held}
    held = json.loads(run(capsys, "people", "--on", "2024-10-04", "--json")[1])
    assert "인사팀" not in {one["unit"] for one in held}


def test_a_table_in_korean_for_a_day_ahead_can_be_taken_back(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = write_table(
        data,
        "신설,,총무과,행정국,",
        "소속변경,인사팀,,총무과,",
        "명칭 변경,행정지원팀,총괄팀,,",
        "사업 이관,,,총무과,공무원 역량강화 교육",
    )
    said = json.loads(run(capsys, "reorganise", table, "--on", "2027-01-04", "--yes", "--json")[1])
    assert (said["stored"], said["carried_out"], said["id"]) == (True, False, 1)
    assert said["changes"]["projects"] == 1
    listed = json.loads(run(capsys, "reorganise", "--json")[1])
    assert listed[0]["changes"][:3] == [
        "행정국 총무과 신설",
        "인사팀: 행정지원과 → 총무과 (소속 변경)",
        "행정지원팀 → 총괄팀 (명칭 변경)",
    ]
    assert run(capsys, "reorganise", "--cancel", "1")[0] == 0
    assert "취소" in run(capsys, "reorganise")[1]


def test_a_spreadsheet_says_the_same(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (("2025년 조직개편안",), ("개편 구분", "현 부서", "변경 명칭"), ("명칭변경", "인사팀", "인재팀")):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    (data / "조직개편.xlsx").write_bytes(file.getvalue())
    status, said, _ = run(capsys, "reorganise", str(data / "조직개편.xlsx"), "--on", "2024-10-04")
    assert status == 0
    assert "인사팀 → 인재팀 (명칭 변경)" in said


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("합병,인사팀,,행정지원팀,", "명칭변경, 소속변경, 통합"),
        ("통합,인사팀,,,", "'옮길 곳' 칸이 비어 있습니다"),
        ("통합,없는팀,,행정지원팀,", "2행: '없는팀'(이)라는 부서가 없습니다"),
        ("소속변경,인사팀,,행정지원팀,", "2행: 팀인 '인사팀'은(는) 팀인 '행정지원팀' 아래에"),
        ("사업이관,,,행정지원팀,없는 사업", "2행: '없는 사업' 사업이 없습니다"),
        ("폐지,인사팀,,,", "2행: '인사팀'에 남은 것이 있습니다"),
    ],
)
def test_a_row_that_cannot_be_refuses_the_table(
    data: Path, capsys: pytest.CaptureFixture[str], row: str, why: str
) -> None:
    status, _, error = run(capsys, "reorganise", write_table(data, row), "--on", "2024-10-04", "--yes")
    assert status == 1
    assert why in error
    assert run(capsys, "reorganise", "--json")[1].strip() == "[]"


def test_an_option_without_both_sides_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, error = run(capsys, "reorganise", "--merge", "인사팀")
    assert status == 1
    assert "왼쪽=오른쪽" in error
