"""The timeline: where a milestone stands in the picture, and how it is told apart without colours."""

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from models import Milestone, MilestoneKind, MilestoneStatus
from tests.schedules.office import CALENDAR
from tests.web.browsing import DESK, context, sign_in
from tests.web.office import LABELS, WebOffice
from web import timeline
from web.timeline import CHART_WIDTH, LABEL_WIDTH, Scale, draw

AUTUMN = Scale(date(2024, 9, 1), date(2024, 11, 30))
TODAY = date(2024, 10, 2)


def milestone(start: str | None, end: str | None, precision: str = "day", status: str = "planned") -> Milestone:
    return Milestone(
        project_id=1,
        document_id=1,
        label="준공",
        section="",
        raw="",
        start_on=date.fromisoformat(start) if start else None,
        end_on=date.fromisoformat(end) if end else None,
        precision=precision,
        kind=MilestoneKind.OTHER,
        status=MilestoneStatus(status),
        is_deadline=True,
        baseline_raw="",
        status_since=None,
    )


@pytest.mark.parametrize(
    ("one", "shape", "state"),
    [
        (milestone("2024-10-15", "2024-10-15"), "diamond", "firm"),
        (milestone("2024-10-01", "2024-10-31", "month"), "band", "fuzzy"),
        (milestone("2024-09-01", "2024-09-30", "month"), "band", "late"),
        (milestone("2024-09-01", "2024-09-30", "month", "done"), "band", "done"),
        (milestone(None, "2024-11-10"), "band", "firm"),
    ],
)
def test_each_kind_of_milestone_has_its_own_look(one: Milestone, shape: str, state: str) -> None:
    mark = draw(one, AUTUMN, TODAY, CALENDAR)
    assert (mark.shape, mark.state) == (shape, state)


def test_a_window_is_drawn_where_its_days_are_and_never_outside_the_picture() -> None:
    september = draw(milestone("2024-09-01", "2024-09-30", "month"), AUTUMN, TODAY, CALENDAR)
    assert september.x == LABEL_WIDTH
    assert september.width == pytest.approx(CHART_WIDTH * 30 / 91, abs=0.2)
    year = draw(milestone("2024-01-01", "2024-12-31", "year"), AUTUMN, TODAY, CALENDAR)
    assert (year.x, year.width) == (LABEL_WIDTH, CHART_WIDTH)


def test_the_months_are_named_with_the_year_where_it_begins() -> None:
    labels = [month.label.korean for month in Scale(date(2024, 11, 1), date(2025, 2, 28)).months()]
    assert labels == ["2024. 11.", "12월", "2025. 1.", "2월"]


def test_the_page_shows_the_picture_and_the_same_as_a_table(office: WebOffice) -> None:
    page = office.admin().get("/timeline").text
    assert page.count(LABELS[0]) >= 2
    assert "2024. 9. 1. ~ 2025. 2. 28." in page
    assert office.admin().get("/timeline?month=2031-01").text.count("일정이 없습니다") == 1


@pytest.mark.browser
def test_the_picture_is_printed_on_a3_across(
    browser: Browser, site: tuple[WebOffice, str], pictures: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, address = site
    page = context(browser, DESK).new_page()
    sign_in(page, office, address)
    page.goto(f"{address}/timeline")
    printed = page.pdf(prefer_css_page_size=True)
    sheets = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert [(round(float(wide) / 72 * 25.4), round(float(high) / 72 * 25.4)) for wide, high in sheets] == [(420, 297)]
    monkeypatch.setattr(timeline, "ROWS_A_SHEET", 4)
    page.reload()
    assert page.locator("svg").count() == 2, "what is longer goes on under the months again, and is cut nowhere else"
    page.emulate_media(media="print")
    assert page.locator("svg").first.is_visible()
    assert not page.locator("table").is_visible(), "the table beside it is for reading, not for the wall"
    assert page.locator("nav:visible").count() == 0
    if pictures is not None:
        (pictures / "timeline-a3.pdf").write_bytes(printed)
