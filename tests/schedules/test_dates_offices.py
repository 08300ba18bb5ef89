"""Texts of other offices (press, council, notices, bids), labelled before the reader saw them, are read right."""

from schedules.dates import DateExpression, find_dates
from tests.schedules.test_dates import Case, read_cases, windows_over

WINDOWS = read_cases("dates_offices_windows.txt")
OTHERS = read_cases("dates_offices_others.txt")


def over(case: Case) -> list[DateExpression]:
    start, end = case.span
    found = find_dates(case.text, case.ref_date)
    return [one for one in found if one.span[0] < end and one.span[1] > start]


def test_their_expressions_mean_the_days_a_reader_gave_them() -> None:
    wrong = {
        case.text: windows_over(find_dates(case.text, case.ref_date), case.span)
        for case in WINDOWS
        if windows_over(find_dates(case.text, case.ref_date), case.span) != {case.window}
    }
    assert wrong == {}


def test_their_numbers_and_words_that_name_no_day_get_none() -> None:
    wrong = {case.text: windows_over(over(case), case.span) for case in OTHERS}
    assert {text: windows for text, windows in wrong.items() if windows} == {}


def test_their_recurrences_are_rules() -> None:
    ruled = {case.text: (case.rule, [one.recurrence for one in over(case)]) for case in OTHERS if case.rule}
    assert {text: rules for text, rules in ruled.items() if rules[0] not in rules[1]} == {}
    assert len(ruled) >= 20
