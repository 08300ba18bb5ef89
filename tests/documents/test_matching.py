"""The next edition's projects and milestones are found again among the stored ones, each once."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from documents.matching import Labelled, Titled, match_milestones, match_projects


def milestone(label: str, raw: str = "", day: date | None = None, section: str = "향후추진계획") -> Labelled:
    return Labelled(label, raw, day, day, section)


def test_a_project_is_found_by_its_title_blanks_apart() -> None:
    old = [Titled("공동체×경제 통합지원 체계 도입", 3), Titled("마을공간 운영 활성화 지원", 4)]
    assert match_projects(
        old, [Titled("마을공간  운영 활성화 지원", 3), Titled("공동체×경제 통합지원체계 도입", 4)]
    ) == {
        0: 1,
        1: 0,
    }


def test_a_reworded_title_is_the_same_project_sooner_with_the_same_number() -> None:
    old = [Titled("종합청사 전면 개보수 추진", 1)]
    reworded = "종합청사 개보수 마무리 및 운영"
    assert match_projects(old, [Titled(reworded, 1)]) == {0: 0}
    assert match_projects(old, [Titled(reworded, 2)]) == {}


def test_a_number_alone_makes_no_project_the_same() -> None:
    assert match_projects([Titled("인사분야 내부청렴도 향상 계획", 2)], [Titled("여권 야간창구 운영", 2)]) == {}


def test_a_moved_milestone_is_found_by_its_words() -> None:
    old = [
        milestone("로비 준공", "2024. 9월중", date(2024, 9, 30)),
        milestone("북카페 개관", "10월", date(2024, 10, 31)),
    ]
    new = [milestone("북카페 개관", "11월", date(2024, 11, 30)), milestone("로비 준공", "10. 15.", date(2024, 10, 15))]
    assert match_milestones(old, new) == {0: 1, 1: 0}


def test_of_several_with_the_same_words_the_nearest_date_is_taken() -> None:
    old = [milestone("정기회의", "3월", date(2024, 3, 31)), milestone("정기회의", "9월", date(2024, 9, 30))]
    new = [milestone("정기회의", "9월 말", date(2024, 9, 25)), milestone("정기회의", "12월", date(2024, 12, 31))]
    assert match_milestones(old, new)[0] == 1


def test_equal_statements_stay_in_their_sections() -> None:
    old = [milestone("설계", "3월", section="추진실적"), milestone("설계", "3월", section="향후추진계획")]
    new = [milestone("설계", "3월", section="향후추진계획"), milestone("설계", "3월", section="추진실적")]
    assert match_milestones(old, new) == {0: 1, 1: 0}


def test_a_slightly_reworded_label_is_the_same_milestone_near_in_time() -> None:
    old = [milestone("가산동주민센터 문화복합공간 준공", "10월", date(2024, 10, 31))]
    new = [milestone("가산동 주민센터 문화복합공간 조성 준공", "11월", date(2024, 11, 30))]
    assert match_milestones(old, new) == {0: 0}


def test_other_words_are_another_milestone() -> None:
    assert match_milestones([milestone("로비 준공", "9월")], [milestone("독감 예방접종", "9월")]) == {}


LABELS = st.lists(st.sampled_from(["준공", "로비 준공", "개관", "북카페 개관", "점검", "정기 점검"]), max_size=8)


@given(LABELS, LABELS)
def test_nothing_is_matched_twice_and_the_same_edition_matches_itself(old: list[str], new: list[str]) -> None:
    pairs = match_milestones([milestone(label) for label in old], [milestone(label) for label in new])
    assert len(set(pairs.values())) == len(pairs)
    itself = [milestone(label) for label in old]
    assert len(match_milestones(itself, itself)) == len(old)
