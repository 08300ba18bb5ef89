"""종이로 알릴 목록: on a page to print and as a table to take away, of one's own units only."""

import csv
import io

from models import Role
from tests.web.office import WebOffice, submit


def test_the_page_has_a_slip_for_each_post_with_room_to_write(office: WebOffice) -> None:
    submit(office.admin(), "/rounds", due="2024. 10. 4.")

    page = office.admin().get("/paper?after=0").text

    assert "행정지원과" in page
    assert "진행상황(적어 주세요)" in page
    assert 'class="card slip"' in page


def test_nothing_to_hand_over_is_said(office: WebOffice) -> None:
    assert "종이로 알릴 곳이 없습니다" in office.admin().get("/paper?after=250").text


def test_the_table_has_a_row_for_each_item_and_opens_in_excel(office: WebOffice) -> None:
    submit(office.admin(), "/rounds", due="2024. 10. 4.")

    taken = office.admin().get("/paper.csv?after=0")

    assert taken.content.startswith(b"\xef\xbb\xbf")
    assert taken.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig"))))
    assert {row["부서"] for row in rows} >= {"행정지원과"}
    assert all(row["일정"] for row in rows)


def test_another_bureau_sees_nothing_of_this_one(office: WebOffice) -> None:
    submit(office.admin(), "/rounds", due="2024. 10. 4.")
    other = office.member((Role.ADMIN, office.elsewhere))
    assert "행정지원" not in other.get("/paper?after=0").text
    assert "행정지원" not in other.get("/paper.csv?after=0").text
