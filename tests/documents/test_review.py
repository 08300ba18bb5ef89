"""What is uncertain is listed, most doubtful first; what a person corrects in the list stays until a document knows."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from documents.errors import DocumentError
from documents.reading import FindingRow, Report
from documents.review import as_csv, find_doubts
from documents.review_table import read_review_table
from documents.store import store_report
from documents.store_review import ReviewStored, store_review
from models import Finding, Milestone, MilestoneKind, MilestoneRevision, MilestoneStatus, Post, Project, Unit
from tests.documents.reports import HALL, LOBBY, ORDER, SHRINE, report, text_of

NOW = datetime(2024, 9, 2, tzinfo=UTC)
WRONG_DAY = FindingRow("weekday-mismatch", "error", LOBBY.line, "2024. 9. 30.은 화요일이 아니라 월요일입니다.")
WRONG_SUM = FindingRow("sum-mismatch", "warning", 141, "합계가 다릅니다.", "1", "2")


def keep(session: Session, made: Report, now: datetime = NOW) -> None:
    store_report(session, made, text_of(made), "report.md", now, "admin")
    session.commit()


def listed(session: Session) -> list[dict[str, str]]:
    """The list as a spreadsheet program sees it."""
    return list(csv.DictReader(io.StringIO(as_csv(find_doubts(session)).decode("utf-8-sig"))))


def written(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def take(session: Session, data: bytes, now: datetime = NOW + timedelta(hours=1)) -> ReviewStored:
    reading = read_review_table(data)
    assert reading.complaints == ()
    stored = store_review(session, reading.entries, now, "admin")
    session.commit()
    return stored


def corrected(session: Session, label: str, **cells: str) -> bytes:
    """The whole list with some cells of one row changed, Korean headings as keys."""
    rows = listed(session)
    row = next(row for row in rows if row["일정"] == label)
    row.update({heading.replace("_", " "): cell for heading, cell in cells.items()})
    return written(rows)


def milestone(session: Session, label: str) -> Milestone:
    session.expire_all()
    return session.exec(select(Milestone).where(Milestone.label == label)).one()


def test_the_most_doubtful_comes_first_with_what_was_read_and_why(session: Session) -> None:
    keep(session, report(findings=(WRONG_DAY, WRONG_SUM)))
    rows = listed(session)
    assert rows[0]["일정"] == LOBBY.label
    assert (rows[0]["시작일"], rows[0]["종료일"], rows[0]["팀"]) == ("2024-09-01", "2024-09-30", "행정지원팀")
    assert WRONG_DAY.message in rows[0]["확인할 점"]
    assert rows[1]["번호"].startswith("F")
    guessed = next(row for row in rows if row["번호"].startswith("T"))
    assert guessed["사업"] == SHRINE.title
    assert guessed["확인할 점"] == "담당 팀이 추정임(60%)"


def test_the_list_opens_in_excel_and_no_cell_is_a_formula(session: Session) -> None:
    evil = replace(HALL, milestones=(replace(LOBBY, label='=HYPERLINK("x")', raw="-9월중"),))
    keep(session, report(evil))
    data = as_csv(find_doubts(session))
    assert data.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
    assert '\'=HYPERLINK("x")' in cells
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_an_unchanged_list_changes_nothing(session: Session) -> None:
    keep(session, report(findings=(WRONG_DAY, WRONG_SUM)))
    assert take(session, as_csv(find_doubts(session))) == ReviewStored(0, 0, ())


def test_changed_cells_become_corrections_with_a_revision_and_the_baseline_stays(session: Session) -> None:
    keep(session, report(findings=(WRONG_DAY,)))
    data = corrected(
        session, LOBBY.label, 시작일="2024. 10. 4.", 종료일="2024-10-04", 종류="개관", 기한="아니오", 팀="인사팀"
    )
    assert take(session, data) == ReviewStored(1, 0, ())
    row = milestone(session, LOBBY.label)
    assert (row.start_on, row.end_on, row.precision) == (date(2024, 10, 4), date(2024, 10, 4), "day")
    assert (row.kind, row.is_deadline, row.tentative) == (MilestoneKind.OPENING, False, False)
    assert (row.baseline_raw, row.baseline_end_on) == (LOBBY.raw, LOBBY.end)
    post = session.get_one(Post, row.post_id)
    assert (session.get_one(Unit, post.unit_id).name, post.title) == ("인사팀", "팀장")
    revision = session.exec(select(MilestoneRevision).order_by(MilestoneRevision.id.desc())).first()  # type: ignore[union-attr]
    assert revision is not None
    assert revision.changed_by.startswith("review")
    assert (revision.end_before, revision.end_after) == (LOBBY.end, date(2024, 10, 4))
    assert session.exec(select(Finding)).one().settled_by == "admin"
    assert take(session, data) == ReviewStored(0, 0, ())


def test_a_corrected_team_and_a_confirmed_one_are_guesses_no_more(session: Session) -> None:
    keep(session, report())
    rows = listed(session)
    team = next(row for row in rows if row["번호"].startswith("T"))
    team["확인"] = "예"
    assert take(session, written(rows)) == ReviewStored(0, 1, ())
    project = session.exec(select(Project).where(Project.title == SHRINE.title)).one()
    assert project.team_confidence is None
    assert not any(row["번호"].startswith("T") for row in listed(session))


def test_what_is_confirmed_is_not_listed_again(session: Session) -> None:
    keep(session, report(findings=(WRONG_DAY, WRONG_SUM)))
    rows = listed(session)
    for row in rows:
        row["확인"] = "예" if row["번호"][0] in "MF" else ""
    data = written(rows)
    assert take(session, data).corrected == 0
    assert [row["번호"][0] for row in listed(session)] == ["T"]
    assert take(session, data) == ReviewStored(0, 0, ())


def test_a_correction_survives_the_same_edition_and_the_next_that_repeats_the_document(session: Session) -> None:
    keep(session, report())
    take(session, corrected(session, LOBBY.label, 종료일="2024-10-04", 종류="개관", 기한="아니오"))
    keep(session, report())
    keep(session, report(as_of=date(2024, 10, 1)), datetime(2024, 10, 2, tzinfo=UTC))
    row = milestone(session, LOBBY.label)
    assert (row.end_on, row.kind, row.is_deadline) == (date(2024, 10, 4), MilestoneKind.OPENING, False)


def test_a_document_that_says_something_new_wins_but_what_the_thing_is_stays(session: Session) -> None:
    keep(session, report())
    take(session, corrected(session, LOBBY.label, 종료일="2024-10-04", 종류="개관"))
    moved = replace(LOBBY, raw="2024. 12. 2.", start=date(2024, 12, 2), end=date(2024, 12, 2))
    others = tuple(row for row in HALL.milestones if row is not LOBBY)
    after = report(replace(HALL, milestones=(*others, moved)), SHRINE, as_of=date(2024, 10, 1))
    keep(session, after, datetime(2024, 10, 2, tzinfo=UTC))
    row = milestone(session, LOBBY.label)
    assert (row.end_on, row.kind) == (date(2024, 12, 2), MilestoneKind.OPENING)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"팀": "없는팀"}, "없는팀"),
        ({"팀": ""}, "비워"),
        ({"상태": ""}, "비워"),
        ({"시작일": "2025-01-01", "종료일": ""}, ""),
        ({"번호": "M99999"}, "M99999"),
    ],
)
def test_a_row_that_cannot_be_taken_names_itself(session: Session, cells: dict[str, str], reason: str) -> None:
    keep(session, report())
    rows = listed(session)
    at = next(at for at, row in enumerate(rows) if row["일정"] == ORDER.label)
    rows[at].update(cells)
    entries = read_review_table(written(rows)).entries
    if not reason:
        assert store_review(session, entries, NOW, "admin").corrected == 1
        return
    with pytest.raises(DocumentError, match=f"^{at + 2}행.*{reason}"):
        store_review(session, entries, NOW, "admin")


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("종료일", "9월"),
        ("종료일", "2024-13-40"),
        ("종류", "시"),
        ("상태", "글쎄"),
        ("기한", "아마"),
        ("번호", "X1"),
        ("읽은 값", "?"),
    ],
)
def test_a_cell_that_cannot_be_read_is_complained_of_by_row_and_heading(
    session: Session, heading: str, cell: str
) -> None:
    keep(session, report())
    rows = listed(session)
    rows[1][heading] = cell
    (complaint,) = read_review_table(written(rows)).complaints
    assert (complaint.line, complaint.field) == (3, heading)


def test_what_changed_after_the_list_was_made_is_not_overwritten(session: Session) -> None:
    keep(session, report())
    data = corrected(session, ORDER.label, 종료일="2024-11-15", 상태="지연")
    row = milestone(session, ORDER.label)
    row.status = MilestoneStatus.DONE
    session.add(row)
    session.commit()
    with pytest.raises(DocumentError, match="바뀌었습니다"):
        take(session, data)


def test_english_headings_and_words_do_as_well(session: Session) -> None:
    keep(session, report())
    row = milestone(session, ORDER.label)
    data = f"id,kind,end,status\nM{row.id},contract,2024-12-24,in_progress\n".encode()
    assert take(session, data).corrected == 1
    row = milestone(session, ORDER.label)
    assert (row.kind, row.end_on, row.status) == (
        MilestoneKind.CONTRACT,
        date(2024, 12, 24),
        MilestoneStatus.IN_PROGRESS,
    )
