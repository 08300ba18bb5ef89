"""일정 옮기기: several milestones at once by days or to a date, with one reason, shown before it is kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models import OPEN_STATUSES, AuditEntry, Milestone, Reminder, ReminderState
from schedules import words
from schedules.calendar import WorkingCalendar
from schedules.changes import change_milestone
from schedules.new_dates import NewDateError, NewWindow, read_new_date, window_of_days
from schedules.plan import PlanChange, replan
from settings import Refusal, Settings

MOST_AT_ONCE = 200
LONGEST_REASON = 200
FARTHEST_DAYS = 730


class MoveError(Refusal):
    """The milestones cannot be moved like this; `field` is the one to change. Nothing has changed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Move:
    """Where to: `days` later (negative: earlier), as certain as before; or to the date that `new_raw` names."""

    reason: str
    days: int | None = None
    new_raw: str | None = None


@dataclass(frozen=True, slots=True)
class MovedMilestone:
    """One milestone with its window before and after, and when it is heard of next, before and after."""

    milestone: Milestone
    before: str
    after: str
    next_before: datetime | None
    next_after: datetime | None


@dataclass(frozen=True, slots=True)
class Moved:
    milestones: tuple[MovedMilestone, ...]
    plan: PlanChange


def move_milestones(
    session: Session,
    milestone_ids: Collection[int],
    move: Move,
    *,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> Moved:
    """Moves all of them, each with a revision and an audit row, and re-plans; or (MoveError) none.

    The milestones stay locked until the caller's transaction ends; to look only, the caller rolls it back.
    """
    _check(milestone_ids, move)
    today = now.astimezone(settings.timezone).date()
    found = _lock(session, milestone_ids)
    windows = [_window(milestone, move, now, settings) for milestone in found]
    heard_before = _next_reminders(session, milestone_ids)
    lines: list[tuple[Milestone, str, str]] = []
    for milestone, window in zip(found, windows, strict=True):
        before = words.window(milestone.raw, milestone.start_on, milestone.end_on, today)
        change_milestone(session, milestone, now=now, by=by, reason=move.reason.strip(), window=window)
        after = words.window(milestone.raw, milestone.start_on, milestone.end_on, today)
        detail = f"{before} → {after}: {move.reason.strip()}"
        session.add(
            AuditEntry(at=now, actor=by, act="milestone.move", subject=f"milestone:{milestone.id}", detail=detail)
        )
        lines.append((milestone, before, after))
    session.flush()
    plan = replan(session, now, settings, calendar, milestone_ids)
    heard_after = _next_reminders(session, milestone_ids)
    return Moved(
        tuple(
            MovedMilestone(one, before, after, heard_before.get(one.id or 0), heard_after.get(one.id or 0))
            for one, before, after in lines
        ),
        plan,
    )


def _check(milestone_ids: Collection[int], move: Move) -> None:
    if not milestone_ids:
        raise MoveError("milestone", "옮길 일정을 하나 이상 골라 주세요.")
    if len(milestone_ids) > MOST_AT_ONCE:
        raise MoveError("milestone", f"한 번에 {MOST_AT_ONCE}건까지 옮길 수 있습니다({len(milestone_ids)}건).")
    if (move.days is None) == (move.new_raw is None):
        raise MoveError("way", "며칠 옮길지, 어느 날짜로 옮길지 가운데 하나를 골라 주세요.")
    if move.days is not None and (move.days == 0 or abs(move.days) > FARTHEST_DAYS):
        raise MoveError("days", f"1일에서 {FARTHEST_DAYS}일 사이로 적어 주세요. 앞당기려면 -7처럼 적습니다.")
    if not move.reason.strip() or len(move.reason) > LONGEST_REASON:
        raise MoveError("reason", f"사유를 {LONGEST_REASON}자 안에서 적어 주세요. 변경 이력과 다음 보고서에 실립니다.")


def _lock(session: Session, milestone_ids: Collection[int]) -> Sequence[Milestone]:
    found = session.exec(
        select(Milestone)
        .where(col(Milestone.id).in_(milestone_ids))
        .order_by(col(Milestone.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(found) != len(set(milestone_ids)):
        raise MoveError("milestone", "고른 일정 가운데 없는 것이 있습니다. 목록에서 다시 골라 주세요.")
    for milestone in found:
        if milestone.status not in OPEN_STATUSES:
            raise MoveError("milestone", f"'{milestone.label}'은(는) 이미 끝난 일정이어서 옮기지 않습니다.")
        if milestone.duplicate_of_id is not None:
            raise MoveError(
                "milestone", f"'{milestone.label}'은(는) 같은 일정의 되풀이입니다. 원래 일정을 옮겨 주세요."
            )
    return found


def _window(milestone: Milestone, move: Move, now: datetime, settings: Settings) -> NewWindow:
    today = now.astimezone(settings.timezone).date()
    field = "days" if move.days is not None else "new"
    try:
        if move.days is None:
            return read_new_date(move.new_raw or "", today)
        if milestone.end_on is None:
            raise MoveError(
                "days", f"'{milestone.label}'에는 마지막 날이 없어 며칠 뒤로 옮길 수 없습니다. 날짜로 정해 주세요."
            )
        step = timedelta(days=move.days)
        start = milestone.start_on + step if milestone.start_on is not None else None
        window = window_of_days(start, milestone.end_on + step, today)
    except NewDateError as error:
        raise MoveError(field, f"'{milestone.label}': {error}") from error
    return replace(
        window,
        start_on=start,
        precision=milestone.precision,
        tentative=milestone.tentative,
        open_start=milestone.open_start,
        time=milestone.time,
    )


def _next_reminders(session: Session, milestone_ids: Collection[int]) -> dict[int, datetime]:
    rows = session.exec(
        select(Reminder.milestone_id, Reminder.due_at)
        .where(col(Reminder.milestone_id).in_(milestone_ids), col(Reminder.state) == ReminderState.PLANNED)
        .order_by(col(Reminder.due_at).desc())
    ).all()
    return dict(rows)
