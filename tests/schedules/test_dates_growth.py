"""Reading takes time in proportion to the text, whatever it is made of."""

import time
from datetime import date

import pytest

from schedules.dates import find_dates

REF = date(2024, 9, 1)
SMALL = 4_000
FACTOR = 4
# Linear work takes FACTOR times as long, quadratic FACTOR squared; the bound lies between, for a busy machine.
BOUND = FACTOR * 2.2


def seconds(text: str) -> float:
    """The best of three, in processor time of this process."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        find_dates(text, REF)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize(
    "piece",
    [
        "가", "0", "1", " ", "~", "(", "[", "'", ".", ",", "\t", "\n",
        "1,", "1.", "1. ", "1-", "1/", "1:", "1~", "1 ~ ", "제1", "a1", "_", "@a", "1,000", "http://",
        "2024. 9. 3. ", "2024년(", "9월(", "9월~", "9월, ", "9월 3일~", "12월~1", "3일 ", "'24", "24.", "2024-",
        "2024 ", "금천구는 3일 ", "10일부터 가나다 ", "2024년 가나다 라마바 ", "1.2. 가", "추석 및 ", "상반기", "오는 ",
        "오전 ", "둘째",
        "2024년 시행 계획 ", "음력 8. 15. ", "1·3주 ", "금천구는 21일 가다 ", "9월 3일과 4일을 ", "×1", "2024. 13. 1. ",
        "매월 1,", "매주 월·", "매월 첫째·",
    ],
)  # fmt: skip
def test_time_grows_with_the_length(piece: str) -> None:
    small = piece * (SMALL // len(piece))
    assert seconds(small * FACTOR) < max(seconds(small), 0.002) * BOUND


def test_a_megabyte_on_one_line_a_million_tildes_and_deep_brackets_end_soon() -> None:
    start = time.process_time()
    for text in (
        "2024. 9. 3.(화) 개최, " * 32_000,
        "~" * 1_000_000,
        "(" * 10_000 + "9월" + ")" * 10_000,
        "9월(" * 10_000,
    ):
        find_dates(text, REF)
    assert time.process_time() - start < 60
