"""A milestone table becomes milestones of known or new projects; a faulty row refuses the whole table."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, col, select

from documents.difference import compare
from documents.errors import DocumentError
from documents.spreadsheet import MilestoneEntry
from documents.store import store_report
from documents.store_table import TableStored, store_milestone_table
from models import Milestone, MilestoneKind, MilestoneRevision, Post, Project, SupportingPost, Unit
from tests.documents.reports import HALL, LOBBY, OCTOBER, report

NOW = datetime(2024, 9, 2, tzinfo=UTC)
ROW = MilestoneEntry(
    line=2,
    project=HALL.title,
    unit="행정지원과",
    label="소방 점검",
    kind="inspection",
    start=date(2024, 11, 1),
    end=date(2024, 11, 5),
    post="인사팀장",
    tentative=False,
    raw="2024-11-01 ~ 2024-11-05",
)


def take(session: Session, *rows: MilestoneEntry) -> TableStored:
    return store_milestone_table(session, rows, repr(rows), "table.csv", NOW, "admin", date(2024, 9, 2))


def test_rows_become_milestones_of_known_and_new_projects(session: Session) -> None:
    store_report(session, report(), "text", "report.md", NOW, "admin")
    other = replace(ROW, project="새 사업", unit="인사팀", label="설문조사", kind="survey", start=None, post="")
    stored = take(session, ROW, other)
    assert (stored.projects, stored.added, stored.moved) == (1, 2, 0)
    first = session.exec(select(Milestone).where(Milestone.label == "소방 점검")).one()
    assert (first.kind, first.raw, first.precision) == (MilestoneKind.INSPECTION, "2024. 11. 1. ~ 11. 5.", "range")
    assert first.post_id is not None
    second = session.exec(select(Milestone).where(Milestone.label == "설문조사")).one()
    assert (second.kind, second.open_start, second.is_deadline) == (MilestoneKind.SURVEY, True, True)
    assert session.get_one(Project, second.project_id).title == "새 사업"


def test_posts_beside_are_added_and_nobody_is_taken_out(session: Session) -> None:
    store_report(session, report(), "text", "report.md", NOW, "admin")

    def beside() -> list[str]:
        rows = session.exec(
            select(Unit.name)
            .join(Post, col(Post.unit_id) == col(Unit.id))
            .join(SupportingPost, col(SupportingPost.post_id) == col(Post.id))
            .order_by(col(SupportingPost.id))
        )
        return list(rows)

    take(session, replace(ROW, supporting=("자치행정과", "자치행정과장", "인사팀장")))
    assert beside() == ["자치행정과"], "once, and not the post that answers"
    take(session, replace(ROW, supporting=("행정지원팀",)))
    assert beside() == ["자치행정과", "행정지원팀"]
    with pytest.raises(DocumentError, match="없는팀"):
        take(session, replace(ROW, supporting=("없는팀",)))


def test_the_same_table_again_changes_nothing_and_the_next_one_moves(session: Session) -> None:
    store_report(session, report(), "text", "report.md", NOW, "admin")
    take(session, ROW)
    assert take(session, ROW) == TableStored(False, 0, 0, 0, ())
    late = replace(ROW, label=LOBBY.label, start=date(2024, 10, 15), end=date(2024, 10, 15))
    assert take(session, late).moved == 1
    row = session.exec(select(Milestone).where(Milestone.label == LOBBY.label)).one()
    assert (row.raw, row.precision, row.baseline_raw) == ("2024. 10. 15.", "day", "2024. 9월중")
    revisions = session.exec(select(MilestoneRevision).where(MilestoneRevision.milestone_id == row.id)).all()
    assert [revision.raw_after for revision in revisions] == ["2024. 9월중", "2024. 10. 15."]


def test_no_report_is_expected_to_repeat_what_a_table_says(session: Session) -> None:
    store_report(session, report(), "text", "report.md", NOW, "admin")
    take(session, ROW)
    assert compare(session, report(as_of=OCTOBER)).changes == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "없는과"}, "2행: '없는과'"),
        ({"start": date(2024, 12, 1)}, "2행: 시작일"),
        ({"start": None, "end": None}, "2행: 시작일과 종료일"),
        ({"unit": "", "project": "없는 사업"}, "2행: '없는 사업'"),
        ({"post": "없는팀장"}, "2행: '없는팀장'"),
    ],
)
def test_a_faulty_row_refuses_the_table(session: Session, change: dict[str, object], message: str) -> None:
    store_report(session, report(), "text", "report.md", NOW, "admin")
    before = len(session.exec(select(Milestone)).all())
    with pytest.raises(DocumentError, match=message):
        take(session, replace(ROW, line=1), replace(ROW, **change))  # type: ignore[arg-type]
    assert len(session.exec(select(Milestone)).all()) == before
