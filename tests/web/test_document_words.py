"""What a form's fields begin with: the document's words about that item."""

from hypothesis import given
from hypothesis import strategies as st

from web.document_words import DocumentWords, excerpt

LOBBY = "- 로비 리모델링 공사 공정률 70%\n  - 북카페 조성"
PARKING = "- 주차장 무인정산 도입 완료\n  - " + "설치장비 " * 40
LIGHTS = "- LED 조명 교체 완료\n  - " + "각 사무실 " * 120


def test_a_short_section_is_shown_whole() -> None:
    words = DocumentWords(results=(LOBBY,), problems=(("전력 증가", "절감\n관리"),), next_steps=("- 협의",))
    texts = words.about("아무 일정")
    assert texts == words.whole()
    assert texts.problems == "- 전력 증가"
    assert texts.measures == "- 절감\n- 관리"


def test_of_a_long_section_the_blocks_about_the_item_are_shown() -> None:
    words = DocumentWords(results=(PARKING, LOBBY, LIGHTS))
    assert words.about("청사 로비 리모델링 공사 준공").results == LOBBY
    assert words.about("LED 조명 교체").results.startswith("- LED 조명 교체 완료")
    assert words.whole().results == "\n".join((PARKING, LOBBY, LIGHTS))


@given(st.lists(st.text("가나다 \n", min_size=1, max_size=60), max_size=30), st.frozensets(st.sampled_from("가나다")))
def test_an_excerpt_is_short_and_never_empty_without_need(blocks: list[str], words: frozenset[str]) -> None:
    found = excerpt(blocks, words, 100)
    assert bool(found) == bool(blocks)
    assert sum(map(len, found)) <= max(100, 60)
    rest = iter(blocks)
    assert all(any(block.startswith(one) for block in rest) for one in found), "in the order of the document"
