"""A promised measure, from the report to the question on its day, the answer, and the next report."""

from datetime import date
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from commands.opening import fill_database
from documents.edition import Line, edition_as_of
from documents.report import read_report
from documents.store import store_report
from models import Milestone, Post, Problem, Project, SectionKind, StatusKind, Unit
from models.database import read, write
from schedules.activation import activate
from schedules.answers import Answer, record_answers
from schedules.calendar import WorkingCalendar
from schedules.check_days import set_check_day
from tests.schedules.office import at, settings

TEXT = (Path(__file__).resolve().parent.parent.parent / "examples" / "report-2024-09.md").read_text(encoding="utf-8")
MEASURE = "평소 연락을 이어 가며 실행하기 쉬운 사업부터 추진"
MIDNIGHT = at("2024-09-01 00:00")
CALENDAR = WorkingCalendar()


def problems_of(session: Session, project: str, as_of: date) -> list[str]:
    edition = edition_as_of(session, as_of)
    page = next(page for part in edition.departments for page in part.projects if page.title == project)
    sections = [section for section in page.sections if section.kind is SectionKind.PROBLEMS]
    return [f"{line.sign} {line.text}" for section in sections for line in section.blocks if isinstance(line, Line)]


def store(session: Session, text: str, on: date) -> None:
    store_report(session, read_report(text, as_of=on), text, f"{on}.md", at(f"{on} 08:00"), "admin")


def test_a_measure_is_asked_about_on_its_day_and_the_answer_stands_in_the_next_report(
    engine: Engine, tmp_path: Path
) -> None:
    theirs = settings(tmp_path)
    with write(engine) as session:
        fill_database(session, MIDNIGHT)
        store(session, TEXT, date(2024, 9, 1))
        activate(session, MIDNIGHT, theirs, by="admin")
        stated = [line for problem in session.exec(select(Problem)) for line in problem.measure.split("\n") if line]
        labels = set(session.exec(select(Milestone.label)))
        assert [line for line in stated if line not in labels] == [
            "공간을 고치고 홍보를 넓힘",  # the dated one below speaks for it
            "미디어스튜디오 조성 (2025년 추진 예정)",
            "기준 미충족 기기 교체(2026년까지 순차 적용)",
        ], "every other measure is a plan that is asked about"
        measure = session.exec(select(Milestone).where(Milestone.label == MEASURE)).one()
        assert measure.end_on is None
        where = {"now": MIDNIGHT, "settings": theirs, "calendar": CALENDAR}
        set_check_day(session, measure.id or 0, date(2024, 10, 31), "연말 전에 확인", by="admin", **where)
    with write(engine) as session:  # the next edition says the same: the day stays
        store(session, TEXT.replace("2024. 9. 1.", "2024. 10. 1.") + "\n", date(2024, 10, 1))
        measure = session.exec(select(Milestone).where(Milestone.label == MEASURE)).one()
        assert measure.check_on == date(2024, 10, 31)
        project = session.get_one(Project, measure.project_id)
        heads = select(Post).join(Unit, col(Unit.id) == col(Post.unit_id)).where(Unit.id == project.team_id)
        post = session.exec(heads).first() or session.exec(select(Post).where(Post.unit_id == project.unit_id)).one()
        answer = Answer(measure.id or 0, StatusKind.DONE, results="분기마다 영상 회의를 열어 연락을 이어 감")
        record_answers(
            session,
            post_id=post.id or 0,
            by="팀장",
            answers=[answer],
            now=at("2024-10-31 10:00"),
            settings=theirs,
            calendar=CALENDAR,
        )
        title = project.title
    with read(engine) as session:
        assert problems_of(session, title, date(2024, 10, 30))[1] == f"⇒ {MEASURE}"
        lines = problems_of(session, title, date(2024, 10, 31))
    assert lines[1] == f"⇒ {MEASURE} 완료"
    assert lines[2] == "- 분기마다 영상 회의를 열어 연락을 이어 감"
