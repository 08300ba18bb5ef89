"""The next document: what was printed stays, what was answered since is worked in, and each day has its own edition."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, col, select

from documents.difference import IMPORT
from documents.edition import Line, ProgressReport, Section, Table, edition_as_of, edition_of_round
from documents.errors import DocumentError
from documents.reading import MilestoneRow, ProjectRow, SectionLine, SectionText
from documents.store import store_report
from models import (
    Attachment,
    CollectionRound,
    Milestone,
    MilestoneRevision,
    MilestoneStatus,
    Post,
    Project,
    SectionKind,
    StatusKind,
    StatusReport,
)
from tests.documents.reports import HALL, LOBBY, OCTOBER, ORDER, SHRINE, plan, report, text_of

IMPORTED = datetime(2024, 9, 2, tzinfo=UTC)
END = date(2024, 10, 31)
Answer = Callable[..., None]


@pytest.fixture
def stored(session: Session) -> Session:
    store_report(session, report(), text_of(report()), "report.md", IMPORTED, "admin")
    session.commit()
    return session


@pytest.fixture
def answer(stored: Session) -> Answer:
    """Writes what `record_answers` writes: the report, the changed row, the revision that belongs to it."""

    def record(label: str, kind: StatusKind, day: int = 20, month: int = 9, **given: object) -> None:
        milestone = stored.exec(select(Milestone).where(Milestone.label == label)).one()
        at = datetime(2024, month, day, 1, tzinfo=UTC)
        changes = {name: given.pop(name) for name in ("status", "raw", "start_on", "end_on") if name in given}
        post = stored.exec(select(Post).order_by(col(Post.id))).first()
        assert post is not None
        told = StatusReport(
            milestone_id=milestone.id,
            project_id=milestone.project_id,
            post_id=post.id,
            reported_at=at,
            reported_by="post:3 팀장",
            kind=kind,
            **given,
        )
        stored.add(told)
        stored.flush()
        before = (milestone.status, milestone.raw, milestone.start_on, milestone.end_on)
        for name, value in changes.items():
            setattr(milestone, name, value)
        if changes:
            stored.add(
                MilestoneRevision(
                    milestone_id=milestone.id,
                    changed_at=at,
                    changed_by="post:3 팀장",
                    reason=str(given.get("reason", "")),
                    status_before=before[0],
                    status_after=milestone.status,
                    raw_before=before[1],
                    raw_after=milestone.raw,
                    start_before=before[2],
                    start_after=milestone.start_on,
                    end_before=before[3],
                    end_after=milestone.end_on,
                    status_report_id=told.id,
                )
            )
        stored.commit()

    return record


def section(edition: ProgressReport, kind: SectionKind, department: int = 0) -> Section:
    return next(s for s in edition.departments[department].projects[0].sections if s.kind is kind)


def words(section: Section) -> list[str]:
    return [f"{'  ' * b.level}{b.sign} {b.text}".rstrip() for b in section.blocks if isinstance(b, Line)]


def test_without_answers_the_edition_prints_the_document_as_it_was(stored: Session) -> None:
    edition = edition_as_of(stored, END)
    assert (edition.title, edition.bureaus) == ("2024년 주요업무 진행사항 보고", ("행정안전국",))
    assert [(d.name, [t.name for t in d.teams]) for d in edition.departments] == [
        ("행정지원과", ["행정지원팀", "인사팀"]),
        ("자치행정과", ["자치행정팀"]),
    ]
    project = edition.departments[0].projects[0]
    assert [s.heading for s in project.sections] == [s.heading for s in HALL.sections]
    assert words(section(edition, SectionKind.NEXT_STEPS)) == [
        "- 청사 로비 리모델링 공사 준공 : 2024. 9월중",
        "  - 소규모 갤러리 운영 협의 : 문화체육과",
        "- 냉난방 시스템 추가발주 : 2024. 9~10월",
        "- 북카페 운영 정상화 추진",
    ]
    table = section(edition, SectionKind.BUDGET).blocks[1]
    assert isinstance(table, Table)
    assert table.rows[1] == ("계", "2,487,248", "2,487,248")


def test_a_done_plan_moves_to_the_results_with_its_day_and_details(stored: Session, answer: Answer) -> None:
    answer(
        LOBBY.label, StatusKind.DONE, 27, status=MilestoneStatus.DONE, results="- 준공검사를 마쳤습니다.\n※ 개방 완료"
    )
    edition = edition_as_of(stored, END)
    assert words(section(edition, SectionKind.RESULTS))[1:] == [
        "- 청사 로비 리모델링 공사 준공 완료(2024. 9. 27.)",
        "  - 준공검사를 마침",
        "  ※ 개방 완료",
        "  - 소규모 갤러리 운영 협의 : 문화체육과",
    ]
    assert words(section(edition, SectionKind.NEXT_STEPS)) == [
        "- 냉난방 시스템 추가발주 : 2024. 9~10월",
        "- 북카페 운영 정상화 추진",
    ]


def test_what_came_with_an_answer_is_named_under_its_result(stored: Session, answer: Answer) -> None:
    answer(LOBBY.label, StatusKind.DONE, 27, status=MilestoneStatus.DONE, results="- 준공검사를 마쳤습니다.")
    told = stored.exec(select(StatusReport)).one()
    for name in ("현장사진.jpg", "준공검사서.pdf"):
        stored.add(
            Attachment(
                report_id=told.id or 0,
                name=name,
                media_type="application/pdf",
                size_bytes=1,
                sha256=name,
                stored_as=name,
                added_at=told.reported_at,
            )
        )
    stored.commit()
    assert "  ※ 붙임: 현장사진.jpg, 준공검사서.pdf" in words(section(edition_as_of(stored, END), SectionKind.RESULTS))


def test_a_moved_date_is_printed_as_first_and_changed_with_its_reason(stored: Session, answer: Answer) -> None:
    day = date(2024, 10, 15)
    moved = {"raw": "2024. 10. 15.", "start_on": day, "end_on": day, "reason": "자재 수급(철골) 지연입니다."}
    answer(LOBBY.label, StatusKind.RESCHEDULED, **moved)
    first = words(section(edition_as_of(stored, END), SectionKind.NEXT_STEPS))[0]
    assert first == (
        "- 청사 로비 리모델링 공사 준공 : 당초 2024. 9월중 → 변경 2024. 10. 15. (사유: 자재 수급[철골] 지연임)"
    )


def test_moved_twice_keeps_the_first_date(stored: Session, answer: Answer) -> None:
    for day, month in ((15, 10), (20, 11)):
        on = date(2024, month, day)
        raw = f"2024. {month}. {day}."
        answer(LOBBY.label, StatusKind.RESCHEDULED, month=month - 1, raw=raw, start_on=on, end_on=on, reason="순연")
    first = words(section(edition_as_of(stored, END), SectionKind.NEXT_STEPS))[0]
    assert first.endswith("당초 2024. 9월중 → 변경 2024. 11. 20. (사유: 순연)")


@pytest.mark.parametrize(
    ("kind", "status", "printed"),
    [
        (StatusKind.DELAYED, MilestoneStatus.DELAYED, "2024. 9월중 (지연, 사유: 공정 순연)"),
        (StatusKind.CANCELLED, MilestoneStatus.CANCELLED, "2024. 9월중 (중단, 사유: 공정 순연)"),
        (StatusKind.ON_TRACK, MilestoneStatus.IN_PROGRESS, "2024. 9월중(추진 중)"),
    ],
)
def test_late_stopped_and_running_plans_say_so_where_they_stand(
    stored: Session, answer: Answer, kind: StatusKind, status: MilestoneStatus, printed: str
) -> None:
    answer(LOBBY.label, kind, status=status, reason="공정 순연")
    assert words(section(edition_as_of(stored, END), SectionKind.NEXT_STEPS))[0].endswith(printed)


def test_no_change_prints_nothing(stored: Session, answer: Answer) -> None:
    before = edition_as_of(stored, END)
    answer(LOBBY.label, StatusKind.NO_CHANGE)
    assert edition_as_of(stored, END) == before


def test_problems_measures_plans_and_percent_go_to_their_sections(stored: Session, answer: Answer) -> None:
    answer(
        LOBBY.label,
        StatusKind.ON_TRACK,
        status=MilestoneStatus.IN_PROGRESS,
        percent_complete=85,
        problems="하중 보강이 필요합니다",
        measures="철골을 설치하겠습니다",
        next_steps="10월 중 안전진단",
    )
    edition = edition_as_of(stored, END)
    assert words(section(edition, SectionKind.RESULTS))[-1] == (
        "- 청사 로비 리모델링 공사 준공 : 공정률 85%(2024. 9. 20. 기준)"
    )
    assert words(section(edition, SectionKind.PROBLEMS))[-2:] == ["- 하중 보강이 필요함", "  ⇒ 철골을 설치할 예정"]
    assert words(section(edition, SectionKind.NEXT_STEPS))[2] == "  - 10월 중 안전진단"


def test_what_the_form_sent_back_unchanged_is_not_printed_twice(stored: Session, answer: Answer) -> None:
    answer(LOBBY.label, StatusKind.ON_TRACK, problems="전력 사용량 증가 우려", measures="중앙제어 시스템 가동")
    before = len(words(section(edition_as_of(stored, date(2024, 9, 1)), SectionKind.PROBLEMS)))
    assert len(words(section(edition_as_of(stored, END), SectionKind.PROBLEMS))) == before


def test_the_problem_of_something_done_is_no_problem_any_more(stored: Session, answer: Answer) -> None:
    answer(LOBBY.label, StatusKind.DELAYED, 20, status=MilestoneStatus.DELAYED, reason="순연", problems="자재 부족")
    answer(LOBBY.label, StatusKind.DONE, 27, status=MilestoneStatus.DONE)
    assert "- 자재 부족" not in words(section(edition_as_of(stored, END), SectionKind.PROBLEMS))
    assert "- 자재 부족" in words(section(edition_as_of(stored, date(2024, 9, 26)), SectionKind.PROBLEMS))


def test_an_edition_knows_nothing_of_later_days(stored: Session, answer: Answer) -> None:
    before = edition_as_of(stored, date(2024, 9, 19))
    answer(LOBBY.label, StatusKind.DONE, 20, status=MilestoneStatus.DONE, results="마침")
    assert edition_as_of(stored, date(2024, 9, 19)) == before
    assert edition_as_of(stored, date(2024, 9, 20)) != replace(before, as_of=date(2024, 9, 20))


def test_a_round_counts_the_answers_given_in_it_after_its_day(stored: Session, answer: Answer) -> None:
    asked = CollectionRound(
        title="2024년 9월 정기 취합",
        as_of_on=date(2024, 9, 30),
        opened_at=datetime(2024, 9, 30, tzinfo=UTC),
        due_at=datetime(2024, 10, 8, tzinfo=UTC),
    )
    stored.add(asked)
    stored.flush()
    answer(LOBBY.label, StatusKind.DONE, 4, 10, status=MilestoneStatus.DONE, results="개방", round_id=asked.id)
    assert asked.id is not None
    assert "  - 개방" in words(section(edition_of_round(stored, asked.id), SectionKind.RESULTS))
    assert "  - 개방" not in words(section(edition_as_of(stored, asked.as_of_on), SectionKind.RESULTS))


def test_what_a_later_document_says_is_printed_from_its_own_day_on(stored: Session, answer: Answer) -> None:
    answer(LOBBY.label, StatusKind.DONE, 20, status=MilestoneStatus.DONE, results="개방")
    september = edition_as_of(stored, date(2024, 9, 30))
    again = report(HALL, replace(SHRINE, location="가산동"), as_of=OCTOBER)
    store_report(stored, again, text_of(again), "next.md", datetime(2024, 10, 5, tzinfo=UTC), "admin")
    assert edition_as_of(stored, date(2024, 9, 30)) == september
    october = edition_as_of(stored, END)
    assert "  - 개방" not in words(section(october, SectionKind.RESULTS))  # the document was printed after it
    assert LOBBY.label not in " ".join(words(section(october, SectionKind.NEXT_STEPS)))  # but it is done all the same


def test_a_newer_card_of_one_project_does_not_rename_the_report(stored: Session) -> None:
    other = replace(HALL, number=2, title="인사분야 청렴도 향상")
    whole = report(HALL, other, SHRINE, as_of=OCTOBER)
    card = replace(report(SHRINE, as_of=date(2024, 10, 20)), title="사업 관리카드")
    for number, made in enumerate((whole, card)):
        store_report(stored, made, text_of(made), "x.md", datetime(2024, 10, 21, number, tzinfo=UTC), "admin")
        stored.flush()
    assert edition_as_of(stored, END).title == whole.title


def test_a_project_that_a_later_document_left_out_is_left_out(stored: Session) -> None:
    other = replace(HALL, number=2, title="인사분야 청렴도 향상")
    both, one = report(HALL, other, as_of=OCTOBER), report(HALL, as_of=date(2024, 10, 20))
    for number, made in enumerate((both, one)):
        store_report(stored, made, text_of(made), "x.md", datetime(2024, 10, 21, number, tzinfo=UTC), "admin")
        stored.flush()
    titles = [project.title for project in edition_as_of(stored, END).departments[0].projects]
    assert titles == [HALL.title]


def test_a_milestone_that_no_line_prints_gets_a_line(stored: Session) -> None:
    project = stored.exec(select(Project).where(Project.title == HALL.title)).one()
    known = stored.exec(select(Milestone).where(Milestone.label == ORDER.label)).one()
    made = Milestone(**{**known.model_dump(), "id": None, "label": "소방 점검", "raw": "2024. 11월", "line": None})
    made.project_id, made.document_id = project.id or 0, known.document_id
    made.section, made.label_line = "일정표", None
    stored.add(made)
    stored.flush()
    stored.add(
        MilestoneRevision(
            milestone_id=made.id,
            changed_at=datetime(2024, 9, 3, tzinfo=UTC),
            changed_by="admin",
            reason="추가",
            status_after=made.status,
            raw_after=made.raw,
            start_after=made.start_on,
            end_after=made.end_on,
        )
    )
    assert words(section(edition_as_of(stored, END), SectionKind.NEXT_STEPS))[-1] == "- 소방 점검 : 2024. 11월"


WORKS = SectionText(
    "results",
    "추진실적",
    300,
    (
        SectionLine(301, 0, "|", "", ("공사명", "추진일정")),
        SectionLine(302, 0, "|", "", ("화장실 개선", "예정('24.9월)")),
        SectionLine(303, 0, "|", "", ("주차장 정비", "예정('24.9월)")),
    ),
)


def work(label: str, line: int) -> MilestoneRow:
    return plan(label, "'24.9월", date(2024, 9, 1), date(2024, 9, 30), line, section="추진실적", section_kind="results")


@pytest.fixture
def works(session: Session) -> Session:
    project: ProjectRow = replace(
        SHRINE, sections=(WORKS,), milestones=(work("화장실 개선", 302), work("주차장 정비", 303))
    )
    made = report(project)
    store_report(session, made, text_of(made), "report.md", IMPORTED, "admin")
    return session


def rows(edition: ProgressReport) -> tuple[tuple[str, ...], ...]:
    table = next(d for d in edition.departments if d.name == "자치행정과").projects[0].sections[0].blocks[0]
    assert isinstance(table, Table)
    return table.rows[1:]


def change(session: Session, label: str, reason: str, **values: object) -> None:
    row = session.exec(select(Milestone).where(Milestone.label == label)).one()
    for name, value in values.items():
        setattr(row, name, value)
    session.add(
        MilestoneRevision(
            milestone_id=row.id,
            changed_at=datetime(2024, 9, 25, tzinfo=UTC),
            changed_by="admin",
            reason=reason,
            status_after=row.status,
            raw_after=row.raw,
            start_after=row.start_on,
            end_after=row.end_on,
        )
    )
    session.flush()


def test_rows_of_a_table_of_works_are_settled_in_their_cells(works: Session) -> None:
    day = date(2024, 10, 31)
    change(works, "화장실 개선", "확인", status=MilestoneStatus.DONE)
    change(works, "주차장 정비", "우기", raw="2024. 10. 31.", start_on=day, end_on=day)
    assert rows(edition_as_of(works, END)) == (
        ("화장실 개선", "완료(2024. 9. 25.)"),
        ("주차장 정비", "예정(당초 '24.9월 → 변경 2024. 10. 31.) (사유: 우기)"),
    )


def test_before_the_first_document_there_is_no_edition(stored: Session) -> None:
    with pytest.raises(DocumentError, match="2024-08-31"):
        edition_as_of(stored, date(2024, 8, 31))
    with pytest.raises(DocumentError, match="99번 회차"):
        edition_of_round(stored, 99)


def test_only_imports_are_written_in_the_name_of_the_document(stored: Session) -> None:
    assert {revision.changed_by for revision in stored.exec(select(MilestoneRevision))} == {IMPORT}
