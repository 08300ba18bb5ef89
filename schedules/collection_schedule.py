"""정기 취합 일정: how often rounds come, who is asked, by when each level answers; checked strictly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from sqlmodel import Session, col, select

from models import AuditEntry, CollectionSchedule, Project, Unit
from schedules.recurrence import Recurrence, read_recurrence
from schedules.round import RoundError, check_subject
from settings import Settings

LONGEST_WAIT = 60  # working days
NAME_LENGTH = 60  # the round's title puts year and month before it
SHOWN_DAYS = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """A schedule in force, in words: how often, and the next as-of days."""

    id: int
    name: str
    unit: str | None
    recurrence: str
    words: str
    due_working_days: tuple[int, ...]
    grace_working_days: int
    projects: tuple[str, ...]
    questions: tuple[str, ...]
    next_days: tuple[date, ...]


def set_schedule(
    session: Session,
    *,
    name: str,
    recurrence: str,
    now: datetime,
    settings: Settings,
    by: str,
    unit_id: int | None = None,
    due_working_days: Sequence[int] = (5, 7, 8),
    grace_working_days: int = 3,
    project_ids: Sequence[int] = (),
    questions: Sequence[str] = (),
) -> Standing:
    """Adds the schedule, or changes the one of that name and switches it on. Its rounds begin after today.

    `due_working_days`: after the opening, for teams, departments and bureaus. Of no projects means of all; `questions`
    are asked besides how things stand. Raises RoundError or RecurrenceError.
    """
    name = name.strip()
    if not name or len(name) > NAME_LENGTH or "\n" in name:
        raise RoundError("name", f"취합의 이름을 {NAME_LENGTH}자 안에서 한 줄로 적어 주세요. 예: 정기 취합")
    days = tuple(due_working_days)
    if len(days) != 3 or list(days) != sorted(days) or not 1 <= days[0] <= days[-1] <= LONGEST_WAIT:
        raise RoundError("due", f"제출 기한은 팀, 과, 국의 차례로 근무일 1에서 {LONGEST_WAIT} 사이입니다. 예: 5,7,8")
    if not 0 <= grace_working_days <= LONGEST_WAIT:
        raise RoundError("grace", f"마감까지 두는 여유는 근무일 0에서 {LONGEST_WAIT} 사이입니다.")
    if unit_id is not None and session.get(Unit, unit_id) is None:
        raise RoundError("unit_id", f"{unit_id}번 부서는 없습니다.")
    projects, asked = check_subject(session, project_ids, questions)
    today = now.astimezone(settings.timezone).date()
    read = read_recurrence(recurrence, today)
    row = session.exec(select(CollectionSchedule).where(CollectionSchedule.name == name)).one_or_none()
    row = row or CollectionSchedule(name=name, recurrence=read.text)
    if row.opened_until is None or row.disabled_at is not None or row.recurrence != read.text:
        row.opened_until = today
    row.recurrence, row.unit_id, row.disabled_at = read.text, unit_id, None
    row.due_working_days, row.grace_working_days = list(days), grace_working_days
    row.project_ids, row.questions = projects, asked
    session.add(row)
    session.flush()
    session.add(AuditEntry(at=now, actor=by, act="schedule.set", subject=f"schedule:{row.id}", detail=read.text))
    return next(one for one in list_schedules(session, today) if one.name == name)


def remove_schedule(session: Session, name: str, *, by: str, now: datetime) -> None:
    """Opens no more rounds; those that were opened go on. Raises RoundError for an unknown name."""
    row = session.exec(
        select(CollectionSchedule).where(CollectionSchedule.name == name, col(CollectionSchedule.disabled_at).is_(None))
    ).one_or_none()
    if row is None:
        raise RoundError("name", f"'{name}' 취합이 없습니다. dday schedules list 로 확인해 주세요.")
    row.disabled_at = now
    session.add(row)
    session.add(AuditEntry(at=now, actor=by, act="schedule.remove", subject=f"schedule:{row.id}", detail=name))


def list_schedules(session: Session, today: date) -> list[Standing]:
    """The schedules in force, in the order of their names."""
    rows = schedules_in_force(session)
    named = {row.unit_id for row in rows if row.unit_id is not None}
    units = dict(session.exec(select(Unit.id, Unit.name).where(col(Unit.id).in_(named))).all()) if named else {}
    chosen = {one for row in rows for one in row.project_ids}
    titles = dict(session.exec(select(Project.id, Project.title).where(col(Project.id).in_(chosen))).all())
    return [
        Standing(
            row.id or 0,
            row.name,
            units.get(row.unit_id) if row.unit_id is not None else None,
            row.recurrence,
            Recurrence(row.recurrence).in_words(),
            tuple(row.due_working_days),
            row.grace_working_days,
            tuple(titles[one] for one in row.project_ids if one in titles),
            tuple(row.questions),
            tuple(islice(Recurrence(row.recurrence).days_after(today), SHOWN_DAYS)),
        )
        for row in rows
    ]


def schedules_in_force(session: Session) -> Sequence[CollectionSchedule]:
    wanted = select(CollectionSchedule).where(col(CollectionSchedule.disabled_at).is_(None))
    return session.exec(wanted.order_by(CollectionSchedule.name)).all()
