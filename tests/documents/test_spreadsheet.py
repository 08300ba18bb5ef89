"""Milestone and staff tables from CSV and XLSX: right rows are read, every other is named by its number."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from documents.errors import DocumentError
from documents.spreadsheet import MilestoneEntry, StaffEntry, read_milestone_table, read_staff_table

MILESTONES = (
    "사업명,부서,일정,구분,시작일,종료일,담당,잠정\n"
    "도서관 건립,문화체육과,준공식,행사,2024. 9. 1.,2024-11-30,시설팀장,예\n"
)
STAFF = "부서,직위,성명,전자우편,전화,시작,종료\n인사팀,팀장,홍길동,hong@office.example,02-000-0000,2024-07-01,\n"


def workbook(*rows: list[object], merge: str | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_a_milestone_table_is_read_in_any_office_encoding(encoding: str) -> None:
    reading = read_milestone_table(MILESTONES.encode(encoding))
    assert reading.complaints == ()
    assert reading.entries == (
        MilestoneEntry(
            line=2,
            project="도서관 건립",
            unit="문화체육과",
            label="준공식",
            kind="event",
            start=date(2024, 9, 1),
            end=date(2024, 11, 30),
            post="시설팀장",
            tentative=True,
            raw="2024. 9. 1. ~ 2024-11-30",
        ),
    )


def test_posts_beside_stand_in_one_cell_however_they_are_parted() -> None:
    table = '사업명,일정,종료일,협조\n도서관,준공,2024-11-30,"총무과, 인사팀·도로과"\n도서관,개관,2024-12-30,\n'
    reading = read_milestone_table(table.encode())
    assert [row.supporting for row in reading.entries] == [("총무과", "인사팀", "도로과"), ()]


def test_english_headings_in_any_order_and_semicolons_do_as_well() -> None:
    reading = read_milestone_table(b"end;label;project\n2024-11-30;completion;library\n")
    assert [(row.project, row.label, row.end) for row in reading.entries] == [
        ("library", "completion", date(2024, 11, 30))
    ]


def test_a_staff_table_is_read() -> None:
    assert read_staff_table(STAFF.encode()).entries == (
        StaffEntry(2, "인사팀", "팀장", "홍길동", "hong@office.example", "02-000-0000", date(2024, 7, 1), None),
    )


def test_a_workbook_s_dates_serials_and_merged_cells_are_read_under_a_title_line() -> None:
    data = workbook(
        ["2024년 일정표"],
        ["사업명", "일정", "종료일"],
        ["도서관", "준공", datetime(2024, 11, 30)],  # noqa: DTZ001 - what a spreadsheet stores has no zone
        [None, "개관", 45641],
        merge="A3:A4",
    )
    reading = read_milestone_table(data)
    assert [(row.line, row.project, row.label, row.end) for row in reading.entries] == [
        (3, "도서관", "준공", date(2024, 11, 30)),
        (4, "도서관", "개관", date(2024, 12, 15)),
    ]


def test_a_staff_table_as_offices_keep_it_is_read() -> None:
    """A title above, headings in two rows, grades beside posts, totals and notes below."""
    data = workbook(
        ["2025년 하반기 보직 현황", None, None, None, None, None, None],
        ["(2025. 7. 1. 현재)"],
        ["연번", "부서명", "팀명", "직 급", "직위*", "성 명", "연락처", None, "발령일"],
        [None, None, None, None, None, None, "행정전화", "이메일", None],
        [1, "도로과", None, "행정5급", "과장", "김하나", "000-0001", "hana@office.example", "2025. 7. 1."],
        [2, "도로과", "도로시설팀", "시설6급", "팀장", "이두리", "000-0002", "duri@office.example", 45839],
        [],
        ["합계", None, None, None, None, 2],
        ["※ 휴직자 제외"],
        merge="G3:H3",
    )
    reading = read_staff_table(data)
    assert reading.complaints == ()
    assert [(row.line, row.unit, row.post, row.name, row.email, row.phone, row.start) for row in reading.entries] == [
        (5, "도로과", "과장", "김하나", "hana@office.example", "000-0001", date(2025, 7, 1)),
        (6, "도로시설팀", "팀장", "이두리", "duri@office.example", "000-0002", date(2025, 7, 1)),
    ]


def test_a_table_with_grades_and_teams_alone_is_read_by_them() -> None:
    reading = read_staff_table("팀,직급,성명,휴대폰\n인사팀,팀장,홍길동,000-0000\n합계,,1,\n".encode("cp949"))
    assert [(row.unit, row.post, row.phone) for row in reading.entries] == [("인사팀", "팀장", "000-0000")]
    assert reading.complaints == ()


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        ("도서관,과,준공,,2024-12-01,2024-11-30,,", "종료일", "이릅니다"),
        ("도서관,과,준공,,,2024. 11. 31.,,", "종료일", "날짜가 잘못"),
        ("도서관,과,준공,,,11. 30.,,", "종료일", "연도가 없습니다"),
        ("도서관,과,준공,,,언젠가,,", "종료일", "날짜로 읽을 수 없습니다"),
        ("도서관,과,준공,,,,,", "종료일", "비어 있습니다"),
        (",과,준공,,,2024-11-30,,", "사업명", "비어 있습니다"),
        ("도서관,과,,,,2024-11-30,,", "일정", "비어 있습니다"),
        ("=HYPERLINK(1),과,준공,,,2024-11-30,,", "사업명", "수식"),
        ("도서관,과,준공,파티,,2024-11-30,,", "구분", "일정 종류가 아닙니다"),
        ("도서관,과,준공,,,2024-11-30,,글쎄", "잠정", "예 또는 아니오"),
        ("도서관,과,준공,,,1024-11-30,,", "종료일", ""),
    ],
)
def test_a_wrong_row_is_refused_by_its_number_and_field_and_the_others_are_read(
    row: str, field: str, words: str
) -> None:
    reading = read_milestone_table((MILESTONES + row + "\n").encode())
    assert len(reading.entries) == 1
    (complaint,) = reading.complaints
    assert (complaint.line, complaint.field) == (3, field)
    assert words in complaint.message


def test_a_quoted_cell_over_two_lines_keeps_the_next_row_s_number() -> None:
    text = '사업명,일정,종료일\n"도서관\n건립",준공,2024-11-30\n,개관,2024-12-01\n'
    reading = read_milestone_table(text.encode())
    assert [row.line for row in reading.entries] == [2]
    assert [complaint.line for complaint in reading.complaints] == [4]


def test_a_wrong_mail_address_refuses_its_row() -> None:
    reading = read_staff_table((STAFF + "인사팀,팀장,김철수,kim@office,,,\n").encode())
    assert [(complaint.line, complaint.field) for complaint in reading.complaints] == [(3, "전자우편")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "빈 파일"),
        ("제목,없음\n1,2\n".encode(), "제목 행에"),
        ("사업명,일정,종료일\n".encode(), "내용이 없습니다"),
        ("사업명,일정,종료일,종료\n".encode(), "겹칩니다"),
        ('사업명,일정,종료일\n"도서관,준공,2024-11-30\n'.encode(), "CSV로 읽을 수 없습니다"),
        (b"PK\x03\x04 no zip", "엑셀 파일"),
        (b"\xd0\xcf\x11\xe0 old", "암호가 걸렸거나"),
    ],
)
def test_what_is_no_such_table_is_refused_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        read_milestone_table(data)


def packed(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return file.getvalue()


def test_a_workbook_that_unpacks_into_a_flood_is_refused_before_it_does() -> None:
    with pytest.raises(DocumentError, match="압축을 풀면 너무 큽니다"):
        read_milestone_table(packed("xl/worksheets/sheet1.xml", bytes(64 * 2**20)))


def test_a_workbook_with_entity_declarations_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    with pytest.raises(DocumentError, match="DOCTYPE"):
        read_milestone_table(packed("xl/workbook.xml", bomb))
