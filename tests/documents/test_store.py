"""A report becomes rows once, the next edition updates them, and what people said stays."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, col, select

from documents.errors import DocumentError
from documents.reading import FindingRow, ProjectRow, Report
from documents.store import Stored, compare, store_report
from models import (
    AuditEntry,
    BudgetLine,
    Document,
    Finding,
    Milestone,
    MilestoneOwner,
    MilestoneRevision,
    MilestoneStatus,
    Post,
    Problem,
    Project,
    ProjectText,
    StaffCount,
    SupportingPost,
    Unit,
    UnitDuty,
)
from tests.documents.reports import CAFE, HALL, LOBBY, NOVEMBER, OCTOBER, ORDER, PERIOD, SHRINE, plan, report, text_of

NOW = datetime(2024, 9, 2, 0, 0, tzinfo=UTC)
LATER = datetime(2024, 10, 2, 0, 0, tzinfo=UTC)


def store(session: Session, made: Report, now: datetime = NOW) -> Stored:
    stored = store_report(session, made, text_of(made), "report.md", now, "admin")
    session.commit()
    session.expire_all()
    return stored


def milestone(session: Session, label: str) -> Milestone:
    return session.exec(select(Milestone).where(Milestone.label == label)).one()


def answer(session: Session, label: str, at: datetime, **changes: object) -> None:
    """What `record_answers` leaves behind: the changed row and a revision by the post."""
    row = milestone(session, label)
    before = (row.status, row.raw, row.start_on, row.end_on)
    for name, value in changes.items():
        setattr(row, name, value)
    session.add(
        MilestoneRevision(
            milestone_id=row.id,
            changed_at=at,
            changed_by="post:3 행정지원팀장",
            reason="자재 수급 지연",
            status_before=before[0],
            status_after=row.status,
            raw_before=before[1],
            raw_after=row.raw,
            start_before=before[2],
            start_after=row.start_on,
            end_before=before[3],
            end_after=row.end_on,
        )
    )
    session.commit()


def changed(project: ProjectRow, **of_label: dict[str, object]) -> ProjectRow:
    """The project with some fields of its milestones changed, by position name `m0`, `m1` …"""
    rows = list(project.milestones)
    for name, values in of_label.items():
        rows[int(name[1:])] = replace(rows[int(name[1:])], **values)  # type: ignore[arg-type]
    return replace(project, milestones=tuple(rows))


def test_every_noun_of_the_report_becomes_a_row(session: Session) -> None:
    finding = FindingRow("stale-plan", "warning", 130, "이미 지난 계획", "2024. 9. 30.", "2024. 8.")
    stored = store(session, report(findings=(finding, FindingRow("unreadable", "info", 1, "표지"))))

    assert stored.is_new
    assert (stored.projects, stored.milestones) == (2, 6)
    assert stored.activated_milestone_ids == ()
    units = session.exec(select(Unit)).all()
    assert {(u.name, u.kind.value) for u in units} >= {("행정안전국", "bureau"), ("인사팀", "team")}
    posts = {(session.get_one(Unit, p.unit_id).name, p.title) for p in session.exec(select(Post))}
    assert posts == {
        ("행정안전국", "국장"),
        ("행정지원과", "과장"),
        ("자치행정과", "과장"),
        ("행정지원팀", "팀장"),
        ("인사팀", "팀장"),
        ("자치행정팀", "팀장"),
    }
    assert [d.text for d in session.exec(select(UnitDuty)).all()][:2] == ["행사 및 의전, 종합청사관리", "차량 관리"]
    assert {(c.grade, c.quota, c.actual) for c in session.exec(select(StaffCount))} >= {("6급", 9, 10)}
    project = session.exec(select(Project).where(Project.title == HALL.title)).one()
    assert session.get_one(Unit, project.team_id).name == "행정지원팀"
    assert project.team_confidence == 0.8
    assert project.activated_at is None
    amounts = [(b.source, b.year, b.amount) for b in session.exec(select(BudgetLine))]
    assert amounts == [("계", None, 2_487_248), ("계", 2024, 2_487_248), ("구비", 2024, 2_487_248)]
    problem = session.exec(select(Problem)).one()
    assert (problem.problem, problem.measure) == ("전력 사용량 증가 우려", "중앙제어 시스템 가동")
    findings = session.exec(select(Finding)).all()
    assert [(f.severity.value, f.project_id) for f in findings] == [("warning", project.id), ("note", None)]
    entry = session.exec(select(AuditEntry)).one()
    assert (entry.act, entry.actor) == ("import", "admin")


def test_a_milestone_keeps_its_words_place_window_and_baseline(session: Session) -> None:
    store(session, report())
    row = milestone(session, LOBBY.label)
    assert (row.raw, row.line, row.section) == ("2024. 9월중", 130, "향후추진계획")
    assert (row.start_on, row.end_on) == (date(2024, 9, 1), date(2024, 9, 30))
    assert (row.baseline_raw, row.baseline_end_on) == (row.raw, row.end_on)
    first = session.exec(select(MilestoneRevision).where(MilestoneRevision.milestone_id == row.id)).one()
    assert (first.changed_by, first.status_before, first.end_after) == ("import", None, row.end_on)
    owner = session.exec(select(MilestoneOwner)).one()
    assert (owner.name, owner.unit_id, owner.role.value) == ("문화체육과", None, "lead")


def supporting(session: Session) -> list[tuple[str, str | None]]:
    rows = session.exec(
        select(Unit.name, Milestone.label)
        .join(Post, col(Post.unit_id) == col(Unit.id))
        .join(SupportingPost, col(SupportingPost.post_id) == col(Post.id))
        .outerjoin(Milestone, col(Milestone.id) == col(SupportingPost.milestone_id))
        .order_by(col(SupportingPost.id))
    ).all()
    return [(name, label) for name, label in rows]


def test_offices_named_as_supporting_are_taken_over_once(session: Session) -> None:
    """Offices of ours, not of the project's own department; those taken out by a person stay out."""
    lobby = replace(LOBBY, owners=("문화체육과", "자치행정과", "인사팀", "시설관리공단"))
    hall = replace(HALL, supporting=("자치행정과", "행정지원과", "소통담당관"), milestones=(PERIOD, lobby))
    store(session, report(hall))
    assert supporting(session) == [
        ("자치행정과", None),
        ("자치행정과", LOBBY.label),
        ("인사팀", LOBBY.label),
    ]
    for row in session.exec(select(SupportingPost)):
        session.delete(row)
    session.commit()
    more = replace(lobby, owners=(*lobby.owners, "자치행정팀"))
    hall = replace(hall, milestones=(PERIOD, more))
    store(session, replace(report(hall), sha256="1" * 64), LATER)
    assert supporting(session) == [("자치행정팀", LOBBY.label)], "only what this edition names for the first time"


def test_a_plan_without_a_date_is_a_milestone_without_a_window(session: Session) -> None:
    store(session, report())
    row = milestone(session, CAFE.text)
    assert (row.precision, row.start_on, row.end_on, row.is_deadline) == ("none", None, None, False)


def test_a_repeated_deadline_points_at_its_first_statement(session: Session) -> None:
    store(session, report(replace(HALL, milestones=(replace(PERIOD, duplicate_of=ORDER.line), ORDER))))
    assert milestone(session, PERIOD.label).duplicate_of_id == milestone(session, ORDER.label).id


def test_the_lines_of_a_section_keep_their_signs_levels_and_cells(session: Session) -> None:
    store(session, report())
    texts = session.exec(select(ProjectText).order_by(ProjectText.project_id, ProjectText.position)).all()
    words = [(t.heading, t.level, t.text) for t in texts]
    assert ("사업개요", 1, "- 종합청사 로비 리모델링") in words
    assert ("문제점 및 개선방안", 1, "⇒ 중앙제어 시스템 가동") in words
    assert ("2024년 소요예산 : 2,487,248천원", 0, "계\t2,487,248\t2,487,248") in words
    assert ("소요예산 : 비예산", 0, "") in words


def test_the_same_text_again_changes_nothing(session: Session) -> None:
    first = store(session, report())
    again = store(session, report(), LATER)
    assert not again.is_new
    assert again.document_id == first.document_id
    assert compare(session, report()).lines == ("이미 가져온 문서입니다. 바뀌는 것이 없습니다.",)
    assert len(session.exec(select(Document)).all()) == 1
    assert len(session.exec(select(AuditEntry)).all()) == 1
    assert len(session.exec(select(MilestoneRevision)).all()) == 6


def test_the_next_edition_moves_settles_adds_and_misses(session: Session) -> None:
    store(session, report())
    opening = plan("북카페 개관", "2024. 11월", date(2024, 11, 1), date(2024, 11, 30), 133, kind="opening")
    hall = changed(
        replace(HALL, title="종합청사 전면 개·보수 추진", milestones=HALL.milestones[:3]),
        m2={"raw": "2024. 10. 15.", "start": date(2024, 10, 15), "end": date(2024, 10, 15), "line": 133},
    )
    hall = replace(hall, milestones=(*hall.milestones, opening))
    shrine = changed(SHRINE, m0={"status": "done", "section": "추진실적", "section_kind": "results"})
    nextly = report(hall, shrine, as_of=OCTOBER)

    shown = compare(session, nextly)
    assert shown.lines == (
        f"행정지원과 일정 변경: {LOBBY.label} 당초 2024. 9월중 → 변경 2024. 10. 15. (종합청사 전면 개·보수 추진)",
        "행정지원과 새 일정: 북카페 개관 2024. 11월 (종합청사 전면 개·보수 추진)",
        "행정지원과 문서에서 빠짐: 냉난방 시스템 추가발주 2024. 9~10월 (종합청사 전면 개·보수 추진)",
        "자치행정과 상태 변경: 문화복합공간 준공 예정 → 완료 (동 청사 기능 보강)",
    )
    stored = store(session, nextly, LATER)
    assert stored.difference == shown
    assert len(session.exec(select(Project)).all()) == 2
    row = milestone(session, LOBBY.label)
    assert (row.raw, row.baseline_raw, row.line) == ("2024. 10. 15.", "2024. 9월중", 133)
    assert milestone(session, "문화복합공간 준공").status is MilestoneStatus.DONE
    assert milestone(session, ORDER.label).gone_at == LATER
    revisions = session.exec(select(MilestoneRevision).where(MilestoneRevision.milestone_id == row.id)).all()
    assert [(r.raw_before, r.raw_after) for r in revisions] == [(None, "2024. 9월중"), ("2024. 9월중", "2024. 10. 15.")]


def test_what_comes_back_is_no_longer_gone(session: Session) -> None:
    store(session, report())
    store(session, report(replace(HALL, milestones=(PERIOD,)), SHRINE, as_of=OCTOBER), LATER)
    assert milestone(session, ORDER.label).gone_at == LATER
    store(session, report(as_of=NOVEMBER), LATER)
    assert milestone(session, ORDER.label).gone_at is None


def test_a_project_that_vanished_is_told_and_its_plans_are_marked(session: Session) -> None:
    store(session, report(HALL, replace(HALL, number=2, title="인사분야 청렴도 향상")))
    shown = compare(session, report(HALL, as_of=OCTOBER))
    assert shown.lines == ("행정지원과 문서에서 빠진 사업: 인사분야 청렴도 향상 (남은 일정 4건)",)


def test_a_card_of_one_project_says_nothing_of_the_others(session: Session) -> None:
    others = [replace(HALL, number=at, title=title) for at, title in ((2, "인사 청렴도"), (3, "후생복지"))]
    store(session, report(HALL, *others))
    assert compare(session, report(HALL, as_of=OCTOBER)).changes == ()


def test_an_answer_newer_than_the_document_wins(session: Session) -> None:
    store(session, report())
    answer(session, LOBBY.label, datetime(2024, 10, 20, tzinfo=UTC), status=MilestoneStatus.DONE)
    late = changed(HALL, m2={"raw": "2024. 10월", "start": date(2024, 10, 1), "end": date(2024, 10, 31)})
    stored = store(session, report(late, SHRINE, as_of=OCTOBER), LATER)
    assert "답변 유지" in stored.difference.lines[0]
    assert milestone(session, LOBBY.label).status is MilestoneStatus.DONE
    assert milestone(session, LOBBY.label).raw == "2024. 9월중"


def test_a_document_newer_than_the_answer_wins_where_it_says_something_new(session: Session) -> None:
    store(session, report())
    answer(
        session, LOBBY.label, datetime(2024, 9, 20, tzinfo=UTC), raw="2024. 10. 15.", end_on=date(2024, 10, 15),
        start_on=date(2024, 10, 15),
    )  # fmt: skip
    newer = changed(HALL, m2={"raw": "2024. 12월", "start": date(2024, 12, 1), "end": date(2024, 12, 31)})
    store(session, report(newer, SHRINE, as_of=NOVEMBER), LATER)
    assert milestone(session, LOBBY.label).raw == "2024. 12월"


def test_a_document_that_repeats_the_old_words_undoes_no_answer(session: Session) -> None:
    store(session, report())
    answer(session, LOBBY.label, datetime(2024, 9, 20, tzinfo=UTC), status=MilestoneStatus.DONE)
    store(session, report(HALL, replace(SHRINE, location="가산동"), as_of=NOVEMBER), LATER)
    assert milestone(session, LOBBY.label).status is MilestoneStatus.DONE


def test_a_plan_reported_late_stays_late_while_the_document_calls_it_planned(session: Session) -> None:
    store(session, report())
    answer(session, LOBBY.label, datetime(2024, 9, 20, tzinfo=UTC), status=MilestoneStatus.DELAYED)
    stored = store(session, report(as_of=NOVEMBER), LATER)
    assert stored.difference.lines == ("지난 문서와 달라진 것이 없습니다.",)
    assert milestone(session, LOBBY.label).status is MilestoneStatus.DELAYED


def test_a_team_said_by_a_person_survives_the_next_edition(session: Session) -> None:
    store(session, report())
    project = session.exec(select(Project).where(Project.title == HALL.title)).one()
    team = session.exec(select(Unit).where(Unit.name == "인사팀")).one()
    project.team_id, project.team_confidence = team.id, None
    session.commit()
    store(session, report(as_of=OCTOBER), LATER)
    assert session.exec(select(Project).where(Project.title == HALL.title)).one().team_id == team.id


def test_an_older_edition_comes_too_late_to_change_anything(session: Session) -> None:
    store(session, report(as_of=OCTOBER))
    old = changed(HALL, m2={"raw": "2024. 8월", "start": date(2024, 8, 1), "end": date(2024, 8, 31)})
    stored = store(session, report(old, SHRINE), LATER)
    assert stored.is_new
    assert stored.difference.changes == ()
    assert milestone(session, LOBBY.label).raw == "2024. 9월중"


def test_the_milestones_of_running_projects_are_handed_back_for_planning(session: Session) -> None:
    store(session, report())
    project = session.exec(select(Project).where(Project.title == HALL.title)).one()
    project.activated_at = NOW
    session.commit()
    stored = store(session, report(as_of=OCTOBER), LATER)
    wanted = {row.id for row in session.exec(select(Milestone).where(Milestone.project_id == project.id))}
    assert set(stored.activated_milestone_ids) == wanted


def test_a_report_without_a_date_of_its_own_is_refused(session: Session) -> None:
    with pytest.raises(DocumentError, match="기준일"):
        store(session, report(as_of=None))
    session.rollback()
    assert session.exec(select(Document)).all() == []


def test_two_projects_of_one_title_are_refused_with_their_lines(session: Session) -> None:
    with pytest.raises(DocumentError, match="108행, 300행"):
        store(session, report(HALL, replace(HALL, title_line=300)))
    session.rollback()
    assert session.exec(select(Unit)).all() == []
