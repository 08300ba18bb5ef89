"""The calendar of this office: the public one with the days the admin entered, and how they are entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache

from sqlalchemy import and_, literal, or_, select, true, union
from sqlmodel import Session, col

from models import (
    AuditEntry,
    HolidayDeadline,
    Installation,
    Milestone,
    OfficeDay,
    OfficeDayKind,
    OffsetUnit,
    Reminder,
    ReminderState,
    WhichEnd,
)
from schedules.calendar import DAY, TABLE_FIRST, TABLE_LAST, OwnDay, SendDays, WorkingCalendar
from schedules.items import chunks
from schedules.plan import PlanChange, replan
from schedules.rows import among, fetch
from schedules.rules import load_rules
from settings import Refusal, Settings

NAME_LENGTH = 40
MILESTONES_AT_ONCE = 20_000
STEPS = {HolidayDeadline.AS_IS: 0, HolidayDeadline.BEFORE: -1, HolidayDeadline.AFTER: 1}


class OfficeDayError(Refusal):
    """The day cannot be entered or taken out as given; nothing has changed."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A pending reminder that the changed calendar sends at another moment."""

    label: str
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class DayChange:
    """What the change did to the plan: counts, and what moved, the earliest first."""

    plan: PlanChange
    moved: tuple[Moved, ...]


# The choice beside each day: a row without a day where there is none, without a choice where nothing is installed.
_ONE = select(literal(1).label("id")).subquery("one")
_CHOICE_AND_DAYS = (
    select(col(Installation.holiday_deadline), col(OfficeDay.on), col(OfficeDay.kind), col(OfficeDay.name))
    .select_from(_ONE)
    .outerjoin(Installation, col(Installation.id) == _ONE.c.id)
    .outerjoin(OfficeDay, true())
)


def load_calendar(session: Session) -> WorkingCalendar:
    """The working calendar as the database has it now; made anew only when the own days have changed."""
    found = fetch(session, _CHOICE_AND_DAYS)
    own_days = tuple(sorted((on, kind is OfficeDayKind.WORKING, name) for _, on, kind, name in found if on is not None))
    return _calendar(own_days, found[0][0] or HolidayDeadline.AS_IS)


def holiday_deadline(session: Session) -> HolidayDeadline:
    """What the office makes of a deadline on a day off."""
    return session.scalar(select(col(Installation.holiday_deadline))) or HolidayDeadline.AS_IS


def list_days(session: Session) -> Sequence[OfficeDay]:
    """The office's own days in their order."""
    return session.scalars(select(OfficeDay).order_by(col(OfficeDay.on))).all()


def set_day(
    session: Session, on: date, kind: OfficeDayKind, name: str, *, by: str, now: datetime, settings: Settings
) -> DayChange:
    """Enters the day, or changes the one that is there, and plans anew in this transaction. Raises OfficeDayError."""
    put_day(session, on, kind, name, by=by, now=now)
    return _planned_anew(session, _touched_by(session, on, settings), now, settings)


def put_day(session: Session, on: date, kind: OfficeDayKind, name: str, *, by: str, now: datetime) -> None:
    """Enters the day without planning: for the night to take over. Raises OfficeDayError."""
    name = name.strip()
    if not name or len(name) > NAME_LENGTH or "\n" in name:
        raise OfficeDayError(f"날의 이름을 {NAME_LENGTH}자 안에서 한 줄로 적어 주세요. 예: 구 재량휴무")
    if not TABLE_FIRST <= on <= TABLE_LAST:
        raise OfficeDayError(f"{on}: {TABLE_FIRST.year}년에서 {TABLE_LAST.year}년 사이의 날이어야 합니다.")
    row = session.get(OfficeDay, on)
    if _calendar(()).is_working(on) == (kind is OfficeDayKind.WORKING):
        already = "근무일입니다" if kind is OfficeDayKind.WORKING else "쉬는 날입니다"
        way_out = "바꿀 것이 없습니다." if row is None else f"정한 날을 없애 주세요: dday days remove {on}"
        raise OfficeDayError(f"{on}: 달력에서 이미 {already}. {way_out}")
    row = row or OfficeDay(on=on, name=name)
    row.kind, row.name = kind, name
    session.add(row)
    session.add(AuditEntry(at=now, actor=by, act="day.set", subject=f"day:{on.isoformat()}", detail=f"{kind} {name}"))
    session.flush()


def remove_day(session: Session, on: date, *, by: str, now: datetime, settings: Settings) -> DayChange:
    """Takes the day out, so that the public calendar holds again, and plans anew. Raises OfficeDayError."""
    take_day_out(session, on, by=by, now=now)
    return _planned_anew(session, _touched_by(session, on, settings), now, settings)


def take_day_out(session: Session, on: date, *, by: str, now: datetime) -> None:
    """Takes the day out without planning: for the night to take over. Raises OfficeDayError."""
    row = session.get(OfficeDay, on)
    if row is None:
        raise OfficeDayError(f"{on}: 따로 정한 날이 아닙니다. dday days list 로 확인해 주세요.")
    session.delete(row)
    session.add(AuditEntry(at=now, actor=by, act="day.remove", subject=f"day:{on.isoformat()}", detail=row.name))
    session.flush()


def set_holiday_deadline(
    session: Session, choice: HolidayDeadline, *, by: str, now: datetime, settings: Settings
) -> DayChange:
    """Has deadlines on days off count as chosen, and plans anew those whose day that is, in this transaction.

    The milestones keep their dates, and reminders their keys: what was sent is not sent again.
    """
    put_holiday_deadline(session, choice, by=by, now=now)
    calendar = load_calendar(session)
    at_end = (col(Reminder.state) == ReminderState.PLANNED, col(Reminder.end) == WhichEnd.END)
    anchors = session.scalars(select(col(Reminder.anchor_on)).where(*at_end).distinct())
    off = [on for on in anchors if not calendar.is_working(on)]
    touched = select(col(Reminder.milestone_id)).where(*at_end, col(Reminder.anchor_on).in_(off)).distinct()
    return _planned_anew(session, sorted(session.scalars(touched)), now, settings)


def put_holiday_deadline(session: Session, choice: HolidayDeadline, *, by: str, now: datetime) -> None:
    """Keeps the choice without planning: for the night to take over."""
    installation = session.get_one(Installation, 1, with_for_update=True)
    before, installation.holiday_deadline = installation.holiday_deadline, choice
    session.add(installation)
    detail = f"{before} -> {choice}"
    session.add(AuditEntry(at=now, actor=by, act="day.deadline", subject="installation:1", detail=detail))
    session.flush()


def _planned_anew(session: Session, milestone_ids: Sequence[int], now: datetime, settings: Settings) -> DayChange:
    """Only what the change can move is planned anew; what it might bring back from the past waits for the night."""
    calendar = load_calendar(session)
    plan = PlanChange()
    moved: list[Moved] = []
    for some in chunks(milestone_ids, MILESTONES_AT_ONCE):
        before = _due(session, some)
        plan += replan(session, now, settings, calendar, some)
        after = _due(session, some)
        moved += [
            Moved(after[row_id][0], due_at, after[row_id][1])
            for row_id, (_, due_at) in before.items()
            if row_id in after and after[row_id][1] != due_at
        ]
    return DayChange(plan, tuple(sorted(moved, key=lambda one: (one.before, one.label))))


def _touched_by(session: Session, on: date, settings: Settings) -> Sequence[int]:
    """The milestones with a planned reminder that may be due at another moment once that day is off, or is worked.

    Of rules that count calendar days, what is due on the day itself, or on the days of sending beside it (index
    ix_reminder_due); of those that count working days, what is counted across it. Where deadlines on days off count on
    another day, also those that lie between the working days beside it.
    """
    days = {one.on: OwnDay(one.kind is OfficeDayKind.WORKING, one.name) for one in list_days(session)}
    off = SendDays(WorkingCalendar({**days, on: OwnDay(False, "")}), settings.send_window, settings.timezone)
    first, last = off.on_or_before(on), off.on_or_after(on)
    begins, ends = _midnight(first, settings), _midnight(last + DAY, settings)
    due_at, anchor_on = col(Reminder.due_at), col(Reminder.anchor_on)
    beside = and_(due_at >= begins, due_at < ends)
    counting = [
        rule.id for rule in load_rules(session).rules if OffsetUnit.WORKING in (rule.offset_unit, rule.repeat_unit)
    ]
    across = and_(
        col(Reminder.rule_id).in_(counting),
        or_(and_(anchor_on <= last, due_at >= begins), and_(anchor_on >= first, due_at < ends)),
    )
    before, after = off.calendar.previous_working_day(on), off.calendar.next_working_day(on)
    at_end = and_(col(Reminder.end) == WhichEnd.END, anchor_on >= before, anchor_on <= after)
    touching = [beside, across]
    if holiday_deadline(session) is not HolidayDeadline.AS_IS:
        touching.append(at_end)
    planned = col(Reminder.state) == ReminderState.PLANNED
    found = union(*(select(col(Reminder.milestone_id)).where(planned, touched) for touched in touching))
    return sorted(session.scalars(found))


def _midnight(day: date, settings: Settings) -> datetime:
    return datetime.combine(day, time.min, settings.timezone).astimezone(UTC)


def _due(session: Session, milestone_ids: Sequence[int]) -> dict[int, tuple[str, datetime]]:
    rows = session.execute(
        select(col(Reminder.id), col(Milestone.label), col(Reminder.due_at))
        .join(Milestone, col(Milestone.id) == col(Reminder.milestone_id))
        .where(among(col(Reminder.milestone_id), milestone_ids), col(Reminder.state) == ReminderState.PLANNED)
    )
    return {row_id: (label, due_at) for row_id, label, due_at in rows}


@lru_cache(maxsize=8)
def _calendar(
    own_days: tuple[tuple[date, bool, str], ...], deadline: HolidayDeadline = HolidayDeadline.AS_IS
) -> WorkingCalendar:
    return WorkingCalendar({on: OwnDay(is_working, name) for on, is_working, name in own_days}, STEPS[deadline])
