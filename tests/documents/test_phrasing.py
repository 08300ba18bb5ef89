"""What people type becomes lines of a document: noun endings, no bullets, no control characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.phrasing import document_lines, noun_ending


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("준공검사를 마쳤습니다.", "준공검사를 마침"),
        ("지적을 받았습니다", "지적을 받음"),
        ("공정이 늦어졌습니다", "공정이 늦어짐"),
        ("의견이 나왔습니다", "의견이 나옴"),
        ("난간을 세웠습니다", "난간을 세움"),
        ("상품권을 나누었습니다", "상품권을 나눔"),
        ("주민이 방문했습니다", "주민이 방문함"),
        ("설치를 완료하였습니다.", "설치를 완료"),
        ("보류되었습니다", "보류됨"),
        ("예비비로 교체하겠습니다", "예비비로 교체할 예정"),
        ("재검사를 받겠습니다", "재검사를 받을 예정"),
        ("공정을 당기겠습니다", "공정을 당길 예정"),
        ("자료를 준비할 예정입니다.", "자료를 준비할 예정"),
        ("검토 중입니다", "검토 중"),
        ("추진이 필요합니다", "추진이 필요함"),
        ("남은 일이 있습니다", "남은 일이 있음"),
        ("주민이 많습니다", "주민이 많음"),
        ("시운전 완료", "시운전 완료"),
        ("1,118명 이수(76.9%)", "1,118명 이수(76.9%)"),
    ],
)
def test_polite_sentences_end_as_documents_do(typed: str, printed: str) -> None:
    assert noun_ending(typed) == printed


def test_lines_lose_their_own_bullets_but_not_their_dates() -> None:
    assert document_lines("- 첫째\r\n  ○ 둘째\n\n3) 셋째\n8. 30. 개점\n※ 참고") == (
        "첫째",
        "둘째",
        "셋째",
        "8. 30. 개점",
        "※ 참고",
    )


def test_tabs_and_control_characters_become_blanks_or_nothing() -> None:
    assert document_lines("가\t나\x00다\u00a0라\u2028마") == ("가 나다 라", "마")


@given(st.text(max_size=60))
def test_any_text_is_printable_lines(typed: str) -> None:
    for line in document_lines(typed):
        assert line.strip()
        assert not set(line) & set("\t\n\r\x00\x0b\x0c")


@given(st.text(alphabet="가나다라마바사아자차카타파하했습니다겠았었임함 ", max_size=20))
def test_a_noun_ending_is_final(typed: str) -> None:
    once = noun_ending(typed)
    assert not once.endswith("습니다") or once == typed.rstrip(" .。")
