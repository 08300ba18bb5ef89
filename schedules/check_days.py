"""확인일: the day on which somebody is asked how an undated plan goes, a promised measure above all."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from models import OPEN_STATUSES, AuditEntry, Milestone
from schedules.calendar import WorkingCalendar
from schedules.plan import PlanChange, replan
from settings import Refusal, Settings

LONGEST_REASON = 200
FARTHEST = timedelta(days=730)


class CheckDayError(Refusal):
    """The day cannot be set like this; `field` is the one to change. Nothing has changed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def set_check_day(
    session: Session,
    milestone_id: int,
    on: date,
    reason: str,
    *,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> PlanChange:
    """The milestone is asked about on that day (on a day off: the next one) instead of when the rule of checks says.

    It stays without a deadline. Once it was answered on that day or later the rule counts again, from the answer.
    """
    today = now.astimezone(settings.timezone).date()
    wanted = select(Milestone).where(Milestone.id == milestone_id).with_for_update()
    milestone = session.exec(wanted.execution_options(populate_existing=True)).one()
    if milestone.end_on is not None or milestone.status not in OPEN_STATUSES or milestone.duplicate_of_id is not None:
        raise CheckDayError("day", "끝나지 않은, 마지막 날이 없는 일정에만 확인일을 정합니다.")
    if not today < on <= today + FARTHEST:
        raise CheckDayError("day", "확인일은 내일부터 2년 안에서 정해 주세요.")
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise CheckDayError("reason", f"사유를 {LONGEST_REASON}자 안에서 적어 주세요.")
    before = milestone.check_on.isoformat() if milestone.check_on is not None else "규칙에 따름"
    milestone.check_on = on
    session.add(milestone)
    detail = f"{before} → {on.isoformat()}: {reason.strip()}"
    session.add(
        AuditEntry(at=now, actor=by, act="milestone.check_day", subject=f"milestone:{milestone_id}", detail=detail)
    )
    session.flush()
    return replan(session, now, settings, calendar, [milestone_id])
