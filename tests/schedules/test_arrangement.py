"""조직개편 as a thought: what may be rearranged how, and why not; nothing here touches a row."""

from collections.abc import Mapping
from datetime import date

import pytest

from models import UnitKind
from schedules.arrangement import Act, Place, ReorganisationError, Step, arrange

DAY = date(2025, 1, 2)
BUREAU, DEPARTMENT, TEAM = UnitKind.BUREAU, UnitKind.DEPARTMENT, UnitKind.TEAM
# 행정국(1) > 행정지원과(2) > 인사팀(3), 총무팀(4); 자치과(5) > 총무팀(6), 주민팀(7). 기획국(8). 옛과(9), closed.
PLACES: Mapping[int, Place] = {
    place.id: place
    for place in (
        Place(1, "행정국", BUREAU, None),
        Place(2, "행정지원과", DEPARTMENT, 1),
        Place(3, "인사팀", TEAM, 2),
        Place(4, "총무팀", TEAM, 2),
        Place(5, "자치과", DEPARTMENT, 1),
        Place(6, "총무팀", TEAM, 5),
        Place(7, "주민팀", TEAM, 5, changed_on=date(2025, 3, 1)),
        Place(8, "기획국", BUREAU, None),
        Place(9, "옛과", DEPARTMENT, None, is_open=False),
    )
}


def tree(places: Mapping[int, Place]) -> set[str]:
    return {
        f"{places[place.parent_id].name if place.parent_id else ''}/{place.name}"
        for place in places.values()
        if place.is_open
    }


def test_a_department_moves_with_its_teams() -> None:
    after = arrange(PLACES, [Step(Act.MOVE, 2, 8)], DAY)
    assert {"기획국/행정지원과", "행정지원과/인사팀"} <= tree(after)
    assert PLACES[2].parent_id == 1, "what was given stays as it is"


def test_two_units_may_swap_their_names() -> None:
    after = arrange(PLACES, [Step(Act.RENAME, 3, name="총무팀"), Step(Act.RENAME, 4, name="인사팀")], DAY)
    assert (after[3].name, after[4].name) == ("총무팀", "인사팀")


def test_a_merged_unit_leaves_its_teams_to_the_other() -> None:
    steps = [Step(Act.MERGE, 6, 4), Step(Act.RENAME, 4, name="서무팀"), Step(Act.MERGE, 5, 2)]
    after = arrange(PLACES, steps, date(2025, 3, 1))
    assert tree(after) == {
        "/행정국",
        "/기획국",
        "행정국/행정지원과",
        "행정지원과/인사팀",
        "행정지원과/서무팀",
        "행정지원과/주민팀",
    }


def test_a_team_may_go_into_a_department() -> None:
    assert not arrange(PLACES, [Step(Act.MERGE, 3, 5)], DAY)[3].is_open


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (Step(Act.MOVE, 3, 4), "팀인 '인사팀'은(는) 팀인 '총무팀' 아래에 둘 수 없습니다"),
        (Step(Act.MOVE, 1, 2), "자기 자신이나 그 아래로"),
        (Step(Act.MOVE, 2, 2), "자기 자신이나 그 아래로"),
        (Step(Act.MOVE, 2, 5), "과인 '행정지원과'은(는) 과인 '자치과' 아래에"),
        (Step(Act.MOVE, 2, 1), "이미 그 아래에 있습니다"),
        (Step(Act.MOVE, 2, 9), "'옛과'은(는) 그날 없는 부서입니다"),
        (Step(Act.MOVE, 4, 5), "'자치과' 아래에 '총무팀'이(가) 둘이 됩니다"),
        (Step(Act.RENAME, 3, name="총무팀"), "'행정지원과' 아래에 '총무팀'이(가) 둘이 됩니다"),
        (Step(Act.RENAME, 3, name="인사팀"), "이미 그 이름입니다"),
        (Step(Act.RENAME, 3, name="인사과"), "급이 달라지면"),
        (Step(Act.RENAME, 3, name="인사/총무"), "40자 안에서"),
        (Step(Act.RENAME, 9, name="새과"), "그날 없는 부서입니다"),
        (Step(Act.RENAME, 7, name="마을팀"), "2025. 3. 1.(토)에 이미 바뀌었습니다"),
        (Step(Act.MERGE, 5, 2), "같은 이름의 부서(총무팀)가 있습니다"),
        (Step(Act.MERGE, 2, 2), "자기 자신에 통합할 수 없습니다"),
        (Step(Act.MERGE, 2, 3), "과인 '행정지원과'은(는) 팀인 '인사팀'에 통합할 수 없습니다"),
        (Step(Act.MERGE, 2, 8), "같은 급끼리"),
        (Step(Act.MERGE, 2, 9), "그날 없는 부서입니다"),
        (Step(Act.CLOSE, 2), "아래에 인사팀, 총무팀이(가) 있습니다"),
        (Step(Act.TRANSFER, target_id=9), "그날 없는 부서입니다"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(step: Step, why: str) -> None:
    with pytest.raises(ReorganisationError) as refused:
        arrange(PLACES, [step], DAY)
    assert why in str(refused.value)


def test_a_refusal_names_its_row() -> None:
    with pytest.raises(ReorganisationError, match=r"^7행: "):
        arrange(PLACES, [Step(Act.CLOSE, 3, line=6), Step(Act.CLOSE, 3, line=7)], DAY)
