"""The team is guessed from the duties that are printed for it, and the guess never calls itself certain."""

from documents.reading import UnitRow
from documents.teams import guess_team

TEAMS = (
    UnitRow("인사팀", "team", "행정지원과", ("공무원 인사관리, 근무 평정",)),
    UnitRow("후생교육팀", "team", "행정지원과", ("맞춤형복지제도 운영, 휴양시설", "직원 역량강화 교육")),
    UnitRow("정보통신팀", "team", "행정지원과", ("정보통신 보안업무",)),
)


def test_shared_words_decide_and_are_given_as_the_reason() -> None:
    first, *_ = guess_team(TEAMS, {"맞춤형 복지로 행복한 일터": 4, "휴양시설 운영": 1})
    assert first.team == "후생교육팀"
    assert "복지" in first.reason or "휴양시설" in first.reason


def test_a_guess_is_never_certain_and_a_close_one_says_so() -> None:
    clear, *_ = guess_team(TEAMS, {"공무원 인사관리와 근무 평정": 4})
    close, *_ = guess_team(TEAMS, {"직원 교육과 인사": 1})
    assert close.confidence < clear.confidence <= 0.95


def test_without_a_shared_word_there_is_no_guess() -> None:
    assert guess_team(TEAMS, {"하천 산책로": 4}) == ()


def test_the_team_that_the_card_names_comes_first() -> None:
    (named,) = guess_team(TEAMS, {"하천 산책로": 4}, owners=["행정지원과(정보통신팀)"])
    assert (named.team, named.confidence) == ("정보통신팀", 0.95)
