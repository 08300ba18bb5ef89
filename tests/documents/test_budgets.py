"""Amounts by source and year, in thousand won, however the document prints them."""

import pytest

from documents.budgets import read_budget, thousand_won
from documents.outline import read_outline
from documents.reading import Budget, BudgetYear
from documents.sections import find_sections

TABLE = """\
## □ 2024년 소요예산 : 2,000천원

(단위 : {unit})

재원별\t합계\t연차별 소요재원\t\t
\t\t2023년\t2024년\t2025년
계\t6\t1\t2\t3
시(재배정)비\t1\t\t1\t-
구비\t5\t1\t1\t3
"""


def budget(text: str) -> Budget | None:
    return read_budget(find_sections(read_outline(text)))


def test_rows_are_by_source_and_year_and_blank_cells_are_left_out() -> None:
    read = budget(TABLE.format(unit="천원"))
    assert read is not None
    assert [(row.source, row.year, row.amount) for row in read.rows] == [
        ("시비", 2024, 1),
        ("구비", 2023, 1),
        ("구비", 2024, 1),
        ("구비", 2025, 3),
    ]
    assert read.rows[0].label == "시(재배정)비"
    assert read.stated_total == 6
    assert [(total.year, total.amount) for total in read.year_totals] == [(2023, 1), (2024, 2), (2025, 3)]
    assert read.stated_year == BudgetYear(2024, 2000, 1)


def test_the_printed_unit_is_turned_into_thousand_won() -> None:
    read = budget(TABLE.format(unit="백만원"))
    assert read is not None
    assert read.stated_total == 6000


def test_no_budget_needed_is_not_the_same_as_none_stated() -> None:
    assert budget("소요예산 : 비예산\n\n- 본문\n") == Budget(none_needed=True, line=1)
    assert budget("## □ 추진실적\n\n- 본문\n") is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2,487,248천원(전액 구비)", 2_487_248),
        ("70백만원", 70_000),
        ("3억원", 300_000),
        ("5천만원", 50_000),
        ("12만원", 120),
        ("1,500,000원", 1_500),
        ("16명", None),
    ],
)
def test_amounts_are_read_in_every_unit(text: str, amount: int | None) -> None:
    assert thousand_won(text) == amount
