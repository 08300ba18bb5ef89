"""Whatever is thrown at the reader, it reads it or refuses it with a reason, within time that grows with the text."""

import contextlib
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.errors import DocumentError
from documents.reading import Report, as_json
from documents.report import read_report

AS_OF = date(2024, 9, 1)
HEAD = "# 도로과\n\n# 1 도로 정비\n\n## □ 사업개요\n\n"

MARKS = ("# ", "## 1 ", "### □ ", "○ ", "- ", "  - ", "※ ", "⇒ ", "① ", "1. ", "가. ", "**", "\t", "|", "\n", "\n\n")
NAMES = ("사업개요", "추진실적", "향후추진계획", "문제점", "2024년 소요예산 : ", "도로과", "사업명", "재원별")
DATES = ("2024. 9월중", "'24. 8.", "(예정)", "완료", " ~ ", "9. 30.(월)", "당초 ", " → 변경 ")
NUMBERS = ("계", "1,234", "△5", "(3)", "율(%)", "천원")
ODDITIES = ("<ul><li>", "</li></ul>", "<table><tr><td rowspan=2>", "</td></table>", "&nbsp;", "\x00", "\ufffd", "  \n")
HEADS = ("팀 명\t주요업무", "연번\t주요사업\t쪽", "\n구분\t금주실적\t차주계획\n")
pieces = st.one_of(st.sampled_from((*MARKS, *NAMES, *DATES, *NUMBERS, *ODDITIES, *HEADS)), st.text(max_size=6))


@given(st.lists(pieces, max_size=120).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        report = read_report(text, as_of=AS_OF)
    except DocumentError:
        return
    assert as_json(report)["projects"]
    count = text.count("\n") + 1
    for project in report.projects:
        for row in project.milestones:
            assert 1 <= row.label_line <= count
            assert 1 <= row.line <= count
            assert row.start is None or row.end is None or row.start <= row.end
    assert all(finding.line is None or 1 <= finding.line <= count for finding in report.findings)


def seconds(text: str) -> float:
    began = time.process_time()
    with contextlib.suppress(DocumentError):
        read_report(text, as_of=AS_OF)
    return time.process_time() - began


@pytest.mark.parametrize(
    "grow",
    [
        lambda n: HEAD + "".join(f"- 기간 : 2024. 9. {i % 28 + 1}.\n" for i in range(n)),
        lambda n: HEAD + "".join(f"{'  ' * (i % 9)}- 항목 {i} : 2024. 10.\n" for i in range(n)),
        lambda n: HEAD + "동명\t공사명\t일정\n" + "".join(f"동{i}\t보수{i}\t예정('24.9월)\n" for i in range(n)),
        lambda n: "# 도로과\n" + "".join(f"# {i % 99} 사업 {i}\n## □ 사업개요\n- 내용\n" for i in range(n)),
        lambda n: HEAD + ("- " + "~(1,'" * 400 + "\n") * (n // 40),
        lambda n: HEAD + "".join(f"- 사업 {i} : 2024. 10.\n  - 소요예산 : {i}천원\n" for i in range(n)),
    ],
    ids=["siblings", "nesting", "rows", "projects", "noise", "children"],
)
def test_four_times_the_text_takes_about_four_times_as_long(grow) -> None:  # type: ignore[no-untyped-def]
    seconds(grow(50))
    small, large = seconds(grow(400)), seconds(grow(1600))
    assert large < max(small, 0.02) * 4 * 3


@pytest.mark.parametrize(
    "text",
    ["x" * 5_000_000, HEAD + "- " + "(" * 100_000, HEAD + "구분\t내용\n가\t" + "나" * 1_000_000],
    ids=["one line", "brackets", "one cell"],
)
def test_lines_beyond_any_page_are_refused_at_once(text: str) -> None:
    with pytest.raises(DocumentError, match="너무 깁니다"):
        read_report(text, as_of=AS_OF)


def test_ten_thousand_brackets_in_a_line_are_read() -> None:
    report: Report = read_report(HEAD + "- " + "(" * 10_000 + "2024. 10." + ")" * 10_000, as_of=AS_OF)
    assert len(report.projects) == 1
