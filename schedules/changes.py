"""Changes of a milestone: its state and its window, each with who, when and why. The baseline never changes."""

from datetime import datetime

from sqlmodel import Session

from models import OPEN_STATUSES, Milestone, MilestoneRevision, MilestoneStatus
from schedules.calendar import WorkingCalendar
from schedules.new_dates import NewWindow
from schedules.plan import PlanChange, replan
from settings import Refusal, Settings

# Which state may follow which (design: States); staying is always allowed.
MAY_BECOME = {
    MilestoneStatus.PLANNED: frozenset(MilestoneStatus),
    MilestoneStatus.IN_PROGRESS: frozenset(MilestoneStatus) - {MilestoneStatus.PLANNED},
    MilestoneStatus.DELAYED: frozenset(MilestoneStatus),
    MilestoneStatus.DONE: frozenset({MilestoneStatus.IN_PROGRESS}),
    MilestoneStatus.CANCELLED: frozenset[MilestoneStatus](),
}


class ChangeError(Refusal):
    """The milestone cannot be changed like this; nothing has changed."""


def change_milestone(
    session: Session,
    milestone: Milestone,
    *,
    now: datetime,
    by: str,
    reason: str,
    status: MilestoneStatus | None = None,
    window: NewWindow | None = None,
    status_report_id: int | None = None,
) -> bool:
    """Gives the milestone the state and the window, and writes one revision when either differs; True when it did.

    The caller holds the milestone's lock and re-plans. Raises ChangeError for a state that cannot follow.
    """
    assert milestone.id is not None
    after = status or milestone.status
    if after is not milestone.status and after not in MAY_BECOME[milestone.status]:
        raise ChangeError(f"'{milestone.label}': {_SETTLED[milestone.status]}")
    moves = window is not None and window.differs_from(milestone)
    if after is milestone.status and not moves:
        return False
    revision = MilestoneRevision(
        milestone_id=milestone.id,
        changed_at=now,
        changed_by=by,
        reason=reason,
        status_before=milestone.status,
        status_after=after,
        raw_before=milestone.raw,
        raw_after=window.raw if window is not None and moves else milestone.raw,
        start_before=milestone.start_on,
        start_after=window.start_on if window is not None and moves else milestone.start_on,
        end_before=milestone.end_on,
        end_after=window.end_on if window is not None and moves else milestone.end_on,
        status_report_id=status_report_id,
    )
    if after is not milestone.status:
        milestone.status = after
        milestone.status_since = now
    if window is not None and moves:
        milestone.raw = window.raw
        milestone.start_on, milestone.end_on = window.start_on, window.end_on
        milestone.precision, milestone.tentative = window.precision, window.tentative
        milestone.open_start, milestone.open_end = window.open_start, False
        milestone.time = window.time
        milestone.is_deadline = milestone.recurrence is None
    session.add_all((revision, milestone))
    return True


def reopen(
    session: Session,
    milestone_id: int,
    *,
    reason: str,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> PlanChange:
    """Takes a done milestone up again, with the reason, and re-plans it. Raises ChangeError."""
    milestone = session.get(Milestone, milestone_id, with_for_update=True, populate_existing=True)
    if milestone is None:
        raise ChangeError(f"{milestone_id}번 일정은 없습니다.")
    if not reason.strip():
        raise ChangeError(f"'{milestone.label}': 다시 여는 이유를 적어 주세요.")
    if milestone.status in OPEN_STATUSES:
        return PlanChange()
    change_milestone(session, milestone, now=now, by=by, reason=reason.strip(), status=MilestoneStatus.IN_PROGRESS)
    session.flush()
    return replan(session, now, settings, calendar, [milestone_id])


_SETTLED = {
    MilestoneStatus.DONE: "이미 완료된 일정입니다. 다시 열려면 사유를 적어 '정상 추진'이나 '지연'으로 답해 주세요.",
    MilestoneStatus.CANCELLED: "이미 중단된 일정입니다. 다시 추진하려면 총괄 담당자에게 알려 주세요.",
}
