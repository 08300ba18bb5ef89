"""The Markdown is the house's own dialect: read again it gives the same projects and the same open milestones."""

import csv
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from sqlmodel import Session, select

from documents.edition import edition_as_of
from documents.report import read_report
from documents.spreadsheet import read_staff_table
from documents.store import compare, store_report
from documents.store_staff import store_staff
from documents.writers.markdown import write_markdown
from models import (
    OPEN_STATUSES,
    Installation,
    Milestone,
    MilestoneStatus,
    Post,
    Project,
    StatusKind,
    StatusReport,
    Unit,
)
from schedules.answers import Answer, record_answers
from schedules.office_days import load_calendar
from settings import load_settings
from tests.documents.editions import EDITION, EMPTY, HOSTILE, WORDS
from tests.documents.golden import assert_golden

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples"
IMPORTED = datetime(2024, 9, 2, tzinfo=UTC)

# A milestone as a reader of the document sees it: what, from when, to when, open or under way.
Seen = tuple[str, date | None, date | None, str]


def test_the_edition_looks_as_the_house_writes_it() -> None:
    assert_golden("report.md", write_markdown(EDITION))


def test_an_edition_without_departments_is_still_a_document() -> None:
    assert write_markdown(EMPTY).decode().startswith("# 빈 보고\n\n(2024. 10. 31. 기준)\n\n2024. 10.\n")


def test_hostile_text_stays_text() -> None:
    text = write_markdown(EDITION).decode()
    assert "<script" not in text
    report = read_report(text)
    clinic = report.projects[1]
    assert clinic.title == "보건 <안전> 점검"
    items, words = ([line.text for line in section.lines] for section in clinic.sections[:2])
    # A bar at a line's end is lost: the reader takes it for the edge of a box.
    assert items == [text.removesuffix(" |") for text in HOSTILE]
    assert words == list(WORDS)
    assert [project.title for project in report.projects] == [
        "종합청사 전면 개보수 추진",
        "보건 <안전> 점검",
        "동 청사 기능 보강",
    ]


def test_what_the_document_says_is_read_again_as_it_was_said() -> None:
    report = read_report(write_markdown(EDITION).decode())
    assert report.as_of == date(2024, 10, 31)
    assert [(unit.kind, unit.name) for unit in report.units][:3] == [
        ("bureau", "행정안전국"),
        ("department", "행정지원과"),
        ("team", "행정지원팀"),
    ]
    hall = report.projects[0]
    assert [(m.label, m.start, m.end, m.status) for m in hall.milestones if m.section_kind == "next_steps"] == [
        ("청사 로비 리모델링 공사 준공", date(2024, 11, 15), date(2024, 11, 15), "planned"),
        ("냉난방기 추가발주", date(2024, 11, 1), date(2024, 12, 31), "planned"),
    ]
    assert hall.budget is not None
    assert [(row.source, row.year, row.amount) for row in hall.budget.rows] == [("구비", 2024, 2_487_248)]


# ------------------------------------------------------------------------------------------------ the whole way round


def stored_open(session: Session, title: str) -> set[Seen]:
    """The open milestones of a stored project; late ones are plans in the words of a document."""
    rows = session.exec(
        select(Milestone).join(Project).where(Project.title == title, Milestone.duplicate_of_id == None)  # noqa: E711
    )
    return {
        (
            row.label,
            row.start_on,
            row.end_on,
            "in_progress" if row.status is MilestoneStatus.IN_PROGRESS else "planned",
        )
        for row in rows
        if row.status in OPEN_STATUSES
    }


def read_open(text: str) -> dict[str, set[Seen]]:
    """The same of a document's text."""
    found: dict[str, set[Seen]] = {}
    for project in read_report(text).projects:
        seen: set[Seen] = {
            (row.label, row.start, row.end, row.status)
            for row in project.milestones
            if row.status in ("planned", "in_progress") and row.duplicate_of is None
        }
        seen |= {(plan.text, None, None, plan.status) for plan in project.undated_plans if plan.status != "done"}
        found[project.title] = seen
    return found


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(EXAMPLES / "report-2024-09.md", id="example"),
        pytest.param(
            ROOT.parent / "shared/data/seed/geumcheon-2024-09.md", id="first-customer", marks=pytest.mark.shared
        ),
    ],
)
def test_printed_and_read_again_nothing_has_changed(session: Session, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    report = read_report(text, as_of=date(2024, 9, 1))
    store_report(session, report, text, file.name, IMPORTED, "admin")
    printed = write_markdown(edition_as_of(session, date(2024, 9, 1))).decode()
    again = read_report(printed)

    assert again.as_of == report.as_of
    assert [(p.unit, p.number, p.title, p.team) for p in again.projects] == [
        (p.unit, p.number, p.title, p.team) for p in report.projects
    ]
    assert [(u.name, u.kind, u.parent, u.duties, u.staff) for u in again.units] == [
        (u.name, u.kind, u.parent, u.duties, u.staff) for u in report.units
    ]
    for project in report.projects:
        assert read_open(printed)[project.title] == stored_open(session, project.title), project.title
    assert compare(session, again).changes == ()


def play_autumn(session: Session, until: date, tmp_path: Path) -> None:
    """The example, with the answers of its teams up to a day."""
    settings = load_settings({}, data=tmp_path)
    text = (EXAMPLES / "report-2024-09.md").read_text(encoding="utf-8")
    session.add(Installation(created_at=IMPORTED))
    store_report(session, read_report(text), text, "report-2024-09.md", IMPORTED, "admin")
    staff = read_staff_table((EXAMPLES / "staff.csv").read_bytes())
    store_staff(session, staff.entries, IMPORTED, "admin")
    session.flush()
    calendar = load_calendar(session)
    with (EXAMPLES / "answers-autumn-2024.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if date.fromisoformat(row["on"]) <= until]
    for row in rows:
        post = session.exec(select(Post).join(Unit).where(Unit.name == row["unit"])).first()
        milestone = session.exec(select(Milestone).where(Milestone.label == row["milestone"])).one()
        assert post is not None
        given = Answer(
            milestone_id=milestone.id or 0,
            kind=StatusKind(row["kind"]),
            reason=row["reason"],
            percent_complete=int(row["percent"]) if row["percent"] else None,
            results=row["results"],
            problems=row["problems"],
            measures=row["measures"],
            next_steps=row["next_steps"],
            new_raw=row["new_date"] or None,
        )
        at = datetime.combine(date.fromisoformat(row["on"]), time(10, 30), settings.timezone).astimezone(UTC)
        record_answers(
            session,
            post_id=post.id or 0,
            by=f"post:{post.id}",
            answers=[given],
            now=at,
            settings=settings,
            calendar=calendar,
        )


@pytest.mark.parametrize("until", [date(2024, 9, 30), date(2024, 10, 31), date(2024, 12, 31)])
def test_an_autumn_of_answers_comes_back_as_the_same_open_milestones(
    session: Session, until: date, tmp_path: Path
) -> None:
    play_autumn(session, until, tmp_path)
    edition = edition_as_of(session, until)
    printed = write_markdown(edition).decode()
    assert printed == write_markdown(edition_as_of(session, until)).decode()
    found = read_open(printed)
    reports = session.exec(select(StatusReport)).all()
    said = "".join("".join((r.measures + r.next_steps).split()) for r in reports)
    for project in session.exec(select(Project)):
        known = stored_open(session, project.title)
        assert known <= found[project.title], project.title
        # What is new was announced by somebody: 향후계획 and 개선방안 of an answer are plans of the next document.
        for label, *_ in found[project.title] - known:
            assert "".join(label.split())[:8] in said, label


def test_an_autumn_of_answers_reads_as_a_document_of_the_house(session: Session, tmp_path: Path) -> None:
    play_autumn(session, date(2024, 10, 31), tmp_path)
    printed = write_markdown(edition_as_of(session, date(2024, 10, 31))).decode()
    for line in (
        "- 청사 로비 리모델링 공사 준공 완료(2024. 10. 15.)",
        "- 가산동주민센터 문화복합공간 준공 : 당초 2024. 10. → 변경 2024. 11. 29. (사유: 소방 준공검사 보완)",
        "  - 추진일시 : 2024. 10. 20.(일) ~ 10. 21.(월) (중단, 사유: 상대 도시의 방문단 일정 취소)",
        "독산3동\t연간\t주차장 정비\t26,000\t완료('24.9월)",
        "- 가산동주민센터 문화복합공간 준공 : 공정률 92%(2024. 10. 31. 기준)",
        "- 소방 준공검사에서 감지기 보완 지적을 받음",
    ):
        assert line in printed.splitlines(), line
    assert "습니다" not in printed


def test_importing_the_printed_document_into_the_same_office_undoes_nothing(session: Session, tmp_path: Path) -> None:
    play_autumn(session, date(2024, 10, 31), tmp_path)
    printed = write_markdown(edition_as_of(session, date(2024, 10, 31))).decode()
    before = {project.title: stored_open(session, project.title) for project in session.exec(select(Project))}
    again = read_report(printed)
    shown = compare(session, again)
    repeated = session.exec(select(Milestone.label).where(Milestone.duplicate_of_id != None)).all()  # noqa: E711
    assert {change.act.value for change in shown.changes if change.label not in repeated} <= {"new", "kept"}
    store_report(session, again, printed, "report-2024-10.md", datetime(2024, 11, 1, tzinfo=UTC), "admin")
    for title, known in before.items():
        assert known <= stored_open(session, title), title
