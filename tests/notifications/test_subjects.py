"""The subject says what is asked, about what, by when, in the office's words."""

from datetime import datetime

import pytest

from models import NotificationKind
from notifications.digest import Digest
from notifications.subjects import subject
from tests.notifications.letters import (
    ALL,
    DUE_TODAY,
    FUZZY,
    LATER,
    MEETING,
    OVERDUE,
    SEOUL,
    STALE,
    UNDATED,
    digest,
    item,
)

ROUND = {"round_title": "2024년 9월 정기 취합"}
TONIGHT = datetime(2024, 9, 30, 18, 0, tzinfo=SEOUL)
LAST_FRIDAY = datetime(2024, 9, 27, 18, 0, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("digest", "expected"),
    [
        (digest(OVERDUE, DUE_TODAY, MEETING), "[일정 알림] 오늘 1건 · 이번 주 1건 · 지연 1건 (9. 30. 월) - 행정지원팀"),
        (digest(MEETING), "[일정 알림] 이번 주 1건 (9. 30. 월) - 행정지원팀"),
        (digest(LATER, STALE), "[일정 알림] 다가오는 일정 1건 (9. 30. 월) - 행정지원팀"),
        (digest(FUZZY._replace(raw="’24. 11.")), "[일자 확인] 공유재산 심의회 개최 '24. 11.' - 확정일을 알려 주세요"),
        (digest(FUZZY), "[일자 확인] 공유재산 심의회 개최 '2024. 11월중' - 확정일을 알려 주세요"),
        (
            digest(FUZZY, item(8, "산책로 정비 공사 준공", "2024-11-01", *FUZZY.asks)),
            "[일자 확인] 공유재산 심의회 개최 '2024. 11월중' 외 1건 - 확정일을 알려 주세요",
        ),
        (digest(STALE), "[진행상황 요청] 종합청사 전면 개보수 매점 입점 - 10. 4.(금)까지"),
        (digest(STALE, UNDATED, FUZZY), "[진행상황 요청] 종합청사 전면 개보수 매점 입점 외 1건 - 10. 4.(금)까지"),
        (digest(STALE, answer_by=None), "[진행상황 요청] 종합청사 전면 개보수 매점 입점"),
        (
            digest(*ALL, kind=NotificationKind.ROUND, **ROUND),
            "[진행상황 요청] 2024년 9월 정기 취합 7건 - 10. 4.(금)까지",
        ),
        (
            digest(OVERDUE, kind=NotificationKind.NUDGE, answer_by=TONIGHT, **ROUND),
            "[미제출 안내] 2024년 9월 정기 취합 - 오늘 마감",
        ),
        (
            digest(OVERDUE, kind=NotificationKind.NUDGE, answer_by=LAST_FRIDAY),
            "[미제출 안내] 진행상황 보고 - 9. 27.(금) 마감 지남",
        ),
        (
            digest(
                OVERDUE, kind=NotificationKind.RETURNED, comment="문제점 및 개선방안\n빠진 내용을 적어 주세요.", **ROUND
            ),
            "[보완요청] 2024년 9월 정기 취합 - 문제점 및 개선방안",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_subject_names_the_most_pressing(digest: Digest, expected: str) -> None:
    assert subject(digest) == expected


def test_a_drill_says_so_first() -> None:
    assert subject(digest(MEETING), drill=True).startswith("[훈련] [일정 알림] ")


def test_a_long_label_is_cut_and_a_short_one_is_put_after_its_project() -> None:
    long = item(9, "청사 " * 40 + "준공", "2024-09-20", *STALE.asks)
    assert len(subject(digest(long))) < 80
    assert "청사 이전 준공" in subject(digest(item(9, "준공", "2024-09-20", *STALE.asks, project="청사 이전")))
