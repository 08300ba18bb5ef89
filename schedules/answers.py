"""진행상황 보고: an answer becomes a report, moves its milestone, settles what was asked, re-plans."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from models import (
    BESIDE,
    OPEN_STATUSES,
    AuditEntry,
    Milestone,
    MilestoneStatus,
    Notification,
    Reminder,
    StatusKind,
    StatusReport,
    StatusRequest,
    StatusRequestItem,
)
from schedules.answer import TEXTS, Answer, AnswerError, check_answer
from schedules.calendar import WorkingCalendar
from schedules.changes import ChangeError, change_milestone
from schedules.items import chunks, load_chart_about, load_items
from schedules.new_dates import NewWindow
from schedules.plan import PlanChange, replan
from schedules.quiet import speakers_beside
from schedules.requests import open_rounds_of, settle_answered
from settings import Settings

__all__ = ["Answer", "AnswerError", "Recorded", "record_answers"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of it: reports made, how many answers were given before, milestones changed, requests submitted."""

    report_ids: tuple[int, ...] = ()
    repeated: int = 0
    changed: tuple[int, ...] = ()
    submitted: int = 0
    plan: PlanChange = field(default_factory=PlanChange)


def record_answers(
    session: Session,
    *,
    post_id: int,
    by: str,
    answers: Sequence[Answer],
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
    notification_id: int | None = None,
) -> Recorded:
    """Records what the post says, all of it or (AnswerError) none of it.

    Each answer becomes a status report kept as given; state and window of its milestone follow, with a revision; the
    requests and rounds that asked are answered; reminders are cancelled and planned anew in this transaction. The same
    answer given again on the same day is one report. `by` is post and person as they are known now.
    """
    today = now.astimezone(settings.timezone).date()
    milestones = _lock(session, [answer.milestone_id for answer in answers])
    _check_belonging(session, post_id, milestones, answers, settings, calendar)
    windows = {answer.milestone_id: check_answer(answer, milestones[answer.milestone_id], today) for answer in answers}
    last = _last_reports(session, milestones)
    rounds = open_rounds_of(session, milestones)
    reports: dict[int, StatusReport] = {}
    repeated: dict[int, int] = {}
    for answer in answers:
        report = _report(answer, windows[answer.milestone_id], milestones[answer.milestone_id], post_id, by, now)
        report.round_id = rounds.get(answer.milestone_id)
        before = last.get(answer.milestone_id)
        if before is not None and before.id is not None and _is_same(before, report, today, settings):
            repeated[answer.milestone_id] = before.id
        else:
            reports[answer.milestone_id] = report
    session.add_all(reports.values())
    session.flush()
    changed = [
        answer.milestone_id
        for answer in answers
        if answer.milestone_id in reports
        and _apply(
            session,
            milestones[answer.milestone_id],
            answer,
            windows[answer.milestone_id],
            reports[answer.milestone_id],
            today,
        )
    ]
    session.flush()
    session.add_all(
        AuditEntry(at=now, actor=by, act="answer", subject=f"milestone:{milestone_id}", detail=report.kind.value)
        for milestone_id, report in reports.items()
    )
    made = {milestone_id: report.id for milestone_id, report in reports.items() if report.id is not None}
    submitted = settle_answered(session, {**repeated, **made}, now)
    if notification_id is not None:
        session.execute(
            update(Notification)
            .where(col(Notification.id) == notification_id, col(Notification.answered_at).is_(None))
            .values(answered_at=now)
        )
    plan = PlanChange()
    if made:
        plan = replan(session, now, settings, calendar, made)
        beside = speakers_beside(session, made, calendar, settings.timezone)
        plan += replan(session, now, settings, calendar, beside) if beside else PlanChange()
    return Recorded(tuple(made.values()), len(repeated), tuple(changed), submitted, plan)


# ------------------------------------------------------------------------------------------------ what can be taken


def _lock(session: Session, milestone_ids: Sequence[int]) -> dict[int, Milestone]:
    """The milestones, locked in the order of their ids, as they are now."""
    if not milestone_ids:
        raise AnswerError("milestone_id", "답이 없습니다. 일정마다 진행상황을 하나 골라 주세요.")
    for milestone_id in milestone_ids:
        if milestone_ids.count(milestone_id) > 1:
            raise AnswerError("milestone_id", "한 일정에 답이 두 번 적혀 있습니다. 하나만 보내 주세요.", milestone_id)
    found: dict[int, Milestone] = {}
    for some in chunks(sorted(milestone_ids)):
        rows = session.scalars(
            select(Milestone)
            .where(col(Milestone.id).in_(some))
            .order_by(col(Milestone.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found.update({row.id: row for row in rows if row.id is not None})
    return found


def _check_belonging(
    session: Session,
    post_id: int,
    milestones: dict[int, Milestone],
    answers: Sequence[Answer],
    settings: Settings,
    calendar: WorkingCalendar,
) -> None:
    """A post answers for what it is responsible for, for posts below it, and for whatever it was asked about.

    Not for what it only supports: whoever answers for that would be asked no more.
    """
    chart = load_chart_about(session, milestones, [post_id])
    asked = set(
        session.scalars(
            select(col(StatusRequestItem.milestone_id))
            .join(StatusRequest, col(StatusRequest.id) == col(StatusRequestItem.request_id))
            .where(col(StatusRequest.post_id) == post_id, col(StatusRequestItem.milestone_id).in_(milestones))
        )
    ) | set(
        session.scalars(
            select(col(Reminder.milestone_id)).where(
                col(Reminder.post_id) == post_id,
                col(Reminder.milestone_id).in_(milestones),
                col(Reminder.notification_id).is_not(None),
                col(Reminder.level) != BESIDE,
            )
        )
    )
    for item in load_items(session, chart, calendar, settings.timezone, list(milestones)):
        if item.post_id == post_id or (item.post_id is not None and post_id in chart.posts_above(item.post_id)):
            asked.add(item.id)
    for answer in answers:
        if answer.milestone_id not in asked:
            raise AnswerError(
                "milestone_id",
                "이 직위가 맡은 일정이 아니어서 답을 받을 수 없습니다. 담당이 바뀌었으면 총괄 담당자에게 알려 주세요.",
                answer.milestone_id,
            )


# ------------------------------------------------------------------------------------------------ what is recorded


def _report(
    answer: Answer, window: NewWindow | None, milestone: Milestone, post_id: int, by: str, now: datetime
) -> StatusReport:
    return StatusReport(
        milestone_id=answer.milestone_id,
        project_id=milestone.project_id,
        post_id=post_id,
        reported_at=now,
        reported_by=by,
        kind=answer.kind,
        reason=answer.reason.strip(),
        percent_complete=answer.percent_complete,
        results=answer.results.strip(),
        problems=answer.problems.strip(),
        measures=answer.measures.strip(),
        next_steps=answer.next_steps.strip(),
        new_raw=window.raw if window is not None else None,
        new_start_on=window.start_on if window is not None else None,
        new_end_on=window.end_on if window is not None else None,
    )


def _is_same(before: StatusReport, report: StatusReport, today: date, settings: Settings) -> bool:
    """Sent twice: the same words about the same milestone, by the same post, on the same day."""
    return before.reported_at.astimezone(settings.timezone).date() == today and all(
        getattr(before, name) == getattr(report, name)
        for name in ("post_id", "kind", "percent_complete", "new_raw", "new_start_on", "new_end_on", *TEXTS)
    )


def _last_reports(session: Session, milestone_ids: Collection[int]) -> dict[int, StatusReport]:
    found: dict[int, StatusReport] = {}
    for some in chunks(sorted(milestone_ids)):
        latest = (
            select(func.max(StatusReport.id))
            .where(col(StatusReport.milestone_id).in_(some))
            .group_by(col(StatusReport.milestone_id))
        )
        rows = session.scalars(select(StatusReport).where(col(StatusReport.id).in_(latest)))
        found.update({row.milestone_id: row for row in rows})
    return found


def _apply(
    session: Session,
    milestone: Milestone,
    answer: Answer,
    window: NewWindow | None,
    report: StatusReport,
    today: date,
) -> bool:
    status = _status_after(answer, milestone, window, today)
    percent = 100 if answer.kind is StatusKind.DONE else answer.percent_complete
    is_taken_up = milestone.status is MilestoneStatus.DONE and status in OPEN_STATUSES  # its 100% came with 완료
    if (percent is not None or is_taken_up) and percent != milestone.percent_complete:
        milestone.percent_complete = percent
        session.add(milestone)
    try:
        return change_milestone(
            session,
            milestone,
            now=report.reported_at,
            by=f"post:{report.post_id} {report.reported_by}",
            reason=report.reason or _PLAIN_REASONS[answer.kind],
            status=status,
            window=window,
            status_report_id=report.id,
        )
    except ChangeError as error:
        raise AnswerError("kind", str(error), milestone.id) from error


def _status_after(answer: Answer, milestone: Milestone, window: NewWindow | None, today: date) -> MilestoneStatus:
    if answer.kind is StatusKind.DONE:
        return MilestoneStatus.DONE
    if answer.kind is StatusKind.CANCELLED:
        return MilestoneStatus.CANCELLED
    if answer.kind is StatusKind.DELAYED:
        return MilestoneStatus.DELAYED if milestone.status in OPEN_STATUSES else MilestoneStatus.IN_PROGRESS
    if answer.kind is StatusKind.NO_CHANGE:
        return milestone.status
    start_on = milestone.start_on if window is None else window.start_on
    is_ahead = start_on is not None and start_on > today and not answer.percent_complete
    if milestone.status in (MilestoneStatus.PLANNED, MilestoneStatus.DELAYED) and is_ahead:
        return MilestoneStatus.PLANNED
    if answer.kind is StatusKind.RESCHEDULED and milestone.status is MilestoneStatus.PLANNED:
        return MilestoneStatus.PLANNED
    return MilestoneStatus.IN_PROGRESS


_PLAIN_REASONS = {
    StatusKind.DONE: "완료",
    StatusKind.ON_TRACK: "정상 추진",
    StatusKind.DELAYED: "지연",
    StatusKind.RESCHEDULED: "일자 확정",
    StatusKind.CANCELLED: "중단",
    StatusKind.NO_CHANGE: "변동 없음",
}
