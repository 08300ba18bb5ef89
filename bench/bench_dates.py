"""Reading dates, in MB/s, against a floor and the bare search for digits: `python -m bench.bench_dates`."""

import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from schedules.dates import find_dates

REPORT = Path(__file__).parent.parent / "examples" / "report-2024-09.md"
PROSE = """\
구는 지난 5월부터 주민 의견을 모아 골목 정비 계획을 세웠다. 좁은 보도를 넓히고 낡은 담장을 걷어 내며 어두운
길에는 보안등을 새로 단다. 어린이와 어르신이 많이 다니는 구간은 차량 속도를 낮추는 시설을 먼저 놓고, 상인들과는
공사 중 영업에 지장이 없도록 순서를 함께 정하기로 했다. 오는 10월 15일(화) 오후 2시에는 구청 대강당에서 설명회를
열어 설계안을 보이고 의견을 듣는다. 참석이 어려운 주민은 동주민센터에 의견을 남길 수 있고, 나온 의견은 담당
부서가 하나씩 답을 달아 누리집에 올린다. 설계는 2024. 12월 말까지 마치고 공사는 2025. 3. ~ 11. 진행한다. 구
관계자는 "작은 불편부터 살펴 걷기 좋은 동네를 만들겠다"고 말했다.
"""
FLOOR_MB_PER_SECOND = 2.0
REF = date(2024, 9, 1)


def megabytes_per_second(read: Callable[[str], object], lines: list[str]) -> float:
    """The best of five passes over the lines, in processor time."""
    size = sum(len(line.encode()) + 1 for line in lines)
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for line in lines:
            read(line)
        best = min(best, time.process_time() - start)
    return size / best / 1e6


def measure() -> dict[str, float]:
    """MB/s on a report and on prose, each also as a share of the bare search for digits over the same lines."""
    digits = re.compile(r"\d+")
    texts = {
        "report": REPORT.read_text(encoding="utf-8").splitlines() * 4,
        "prose": [" ".join(PROSE.splitlines())] * 100,
    }
    found: dict[str, float] = {"floor_mb_per_second": FLOOR_MB_PER_SECOND}
    for name, lines in texts.items():
        reading = megabytes_per_second(lambda line: find_dates(line, REF), lines)
        found[f"{name}_mb_per_second"] = round(reading, 2)
        found[f"{name}_share_of_digit_search"] = round(reading / megabytes_per_second(digits.findall, lines), 3)
    return found


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value}")
