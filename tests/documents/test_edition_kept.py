"""The report of a locked round is the same file a year later, whatever has happened since."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, select

from documents.difference import SEOUL
from documents.edition import ProgressReport
from documents.edition_kept import keep_editions, round_edition
from documents.store import store_report
from documents.writers.docx import write_docx
from documents.writers.hwpx import write_hwpx
from documents.writers.markdown import write_markdown
from models import CollectionRound, Installation, Milestone, MilestoneStatus, Project, RoundState, Unit
from notifications.prune import prune_audit, prune_mails
from tests.documents.reports import HALL, OCTOBER, SHRINE, report, text_of

IMPORTED = datetime(2024, 9, 2, tzinfo=UTC)
LOCKED = datetime(2024, 10, 8, 9, tzinfo=UTC)
WRITERS: tuple[Callable[[ProgressReport], bytes], ...] = (write_markdown, write_docx, write_hwpx)


@pytest.fixture
def locked(session: Session) -> CollectionRound:
    store_report(session, report(), text_of(report()), "report.md", IMPORTED, "admin")
    found = CollectionRound(
        title="2024년 9월 정기 취합",
        as_of_on=date(2024, 9, 30),
        opened_at=datetime(2024, 9, 30, tzinfo=UTC),
        due_at=datetime(2024, 10, 7, tzinfo=UTC),
        state=RoundState.LOCKED,
        locked_at=LOCKED,
    )
    session.add(found)
    session.flush()
    return found


def a_year_later(session: Session) -> None:
    """Another edition of the same day, new titles and names, everything done and closed."""
    again = report(replace(HALL, title="종합청사 전면 개보수 완료"), SHRINE, as_of=date(2024, 9, 29))
    store_report(session, again, text_of(again), "late.md", datetime(2025, 9, 1, tzinfo=UTC), "admin")
    following = report(replace(HALL, title="종합청사 유지관리", number=7), as_of=OCTOBER)
    store_report(session, following, text_of(following), "next.md", datetime(2025, 9, 2, tzinfo=UTC), "admin")
    for unit in session.exec(select(Unit)):
        unit.name = f"새{unit.name}"
        session.add(unit)
    for milestone in session.exec(select(Milestone)):
        milestone.status = MilestoneStatus.DONE
        session.add(milestone)
    for project in session.exec(select(Project)):
        project.closed_at = datetime(2024, 9, 15, tzinfo=UTC)
        session.add(project)
    session.flush()


def test_it_is_the_same_byte_for_byte(session: Session, locked: CollectionRound) -> None:
    assert locked.id is not None
    before = [write(round_edition(session, locked.id, SEOUL)) for write in WRITERS]
    assert keep_editions(session, SEOUL) == 1
    assert [write(round_edition(session, locked.id, SEOUL)) for write in WRITERS] == before, "as it was made anew"

    a_year_later(session)

    assert [write(round_edition(session, locked.id, SEOUL)) for write in WRITERS] == before


def test_it_is_the_same_when_past_mails_and_acts_are_kept_no_longer(session: Session, locked: CollectionRound) -> None:
    assert locked.id is not None
    keep_editions(session, SEOUL)
    session.add(Installation(created_at=IMPORTED))
    session.flush()
    before = [write(round_edition(session, locked.id, SEOUL)) for write in WRITERS]

    ten_years_later = datetime(2034, 10, 8, tzinfo=UTC)
    while prune_mails(session, ten_years_later).looked_at or prune_audit(session, ten_years_later):
        pass

    assert [write(round_edition(session, locked.id, SEOUL)) for write in WRITERS] == before


def test_it_is_kept_once_and_anew_when_locked_again(session: Session, locked: CollectionRound) -> None:
    assert locked.id is not None
    assert [keep_editions(session, SEOUL) for _ in range(2)] == [1, 0]
    first = round_edition(session, locked.id, SEOUL)
    a_year_later(session)

    locked.state, locked.locked_at = RoundState.OPEN, None
    session.add(locked)
    session.flush()
    opened = round_edition(session, locked.id, SEOUL)
    assert opened != first, "an open round's report is what is known now"
    locked.state, locked.locked_at = RoundState.LOCKED, datetime(2025, 9, 3, tzinfo=UTC)
    session.add(locked)
    session.flush()

    assert [keep_editions(session, SEOUL) for _ in range(2)] == [1, 0]
    assert round_edition(session, locked.id, SEOUL) == opened


def test_a_round_without_any_document_keeps_nothing(session: Session) -> None:
    session.add(
        CollectionRound(
            title="이른 취합",
            as_of_on=date(2020, 1, 1),
            opened_at=IMPORTED,
            due_at=IMPORTED,
            state=RoundState.LOCKED,
            locked_at=LOCKED,
        )
    )
    session.flush()
    assert keep_editions(session, SEOUL) == 0
