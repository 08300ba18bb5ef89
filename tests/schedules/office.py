"""A small office to plan for: one bureau, one department, two teams, and milestones made in one line."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from models import (
    Ask,
    Assignment,
    Document,
    Installation,
    Milestone,
    MilestoneKind,
    MilestoneStatus,
    Notification,
    NotificationState,
    Person,
    Post,
    Project,
    Reminder,
    ReminderState,
    Unit,
    UnitKind,
)
from notifications.outbox import dispatch_due
from schedules.activation import bind_here
from schedules.calendar import WorkingCalendar
from schedules.rules import install_default_rules
from settings import Settings, load_settings

SEOUL = ZoneInfo("Asia/Seoul")
CALENDAR = WorkingCalendar()


def settings(data: Path | None = None, **changes: object) -> Settings:
    return replace(load_settings({}, data=data or Path("/nonexistent")), **changes)  # type: ignore[arg-type]


def at(text: str) -> datetime:
    """`2024-09-02 09:00` in Seoul, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL).astimezone(UTC)


class SmallOffice:
    """행정국 > 행정지원과 > 인사팀, 행정지원팀; each with its head and a holder who can be reached."""

    def __init__(self, session: Session, activated: str = "2024-09-02 08:00") -> None:
        self.session = session
        self.activated_at = at(activated)
        self.document = Document(
            title="주요업무 보고",
            as_of_on=date(2024, 9, 1),
            sha256="0" * 64,
            file_name="report.md",
            text="",
            imported_at=self.activated_at,
            imported_by="admin",
        )
        session.add_all([Installation(created_at=self.activated_at), self.document])
        self.bureau = self.unit("행정국", UnitKind.BUREAU)
        self.department = self.unit("행정지원과", UnitKind.DEPARTMENT, self.bureau)
        self.team = self.unit("인사팀", UnitKind.TEAM, self.department)
        self.other_team = self.unit("행정지원팀", UnitKind.TEAM, self.department)
        self.bureau_head = self.post(self.bureau, "국장", "국장이")
        self.department_head = self.post(self.department, "과장", "과장이")
        self.head = self.post(self.team, "팀장", "홍길동")
        self.other_head = self.post(self.other_team, "팀장", "성춘향")
        self.project = self.make_project("공무원 역량강화 교육", self.team)
        install_default_rules(session)
        bind_here(session, settings(), self.activated_at)
        session.flush()

    def unit(self, name: str, kind: UnitKind, parent: Unit | None = None) -> Unit:
        unit = Unit(name=name, kind=kind, parent_id=parent.id if parent else None)
        self.session.add(unit)
        self.session.flush()
        return unit

    def post(self, unit: Unit, title: str, holder: str | None = None) -> int:
        assert unit.id is not None
        post = Post(unit_id=unit.id, title=title)
        self.session.add(post)
        self.session.flush()
        assert post.id is not None
        if holder is not None:
            self.assign(post.id, self.person(holder))
        return post.id

    def person(self, name: str, email: str | None = "", **more: object) -> int:
        person = Person(name=name, email=f"{name}@office.example" if email == "" else email, **more)
        self.session.add(person)
        self.session.flush()
        assert person.id is not None
        return person.id

    def assign(
        self, post_id: int, person_id: int, from_on: date = date(2024, 1, 1), until_on: date | None = None
    ) -> None:
        self.session.add(Assignment(post_id=post_id, person_id=person_id, from_on=from_on, until_on=until_on))
        self.session.flush()

    def make_project(self, title: str, team: Unit | None = None, *, is_active: bool = True) -> Project:
        assert self.department.id is not None
        assert self.document.id is not None or not self.session.flush()
        project = Project(
            document_id=self.document.id or 1,
            unit_id=self.department.id,
            team_id=team.id if team else None,
            title=title,
            activated_at=self.activated_at if is_active else None,
        )
        self.session.add(project)
        self.session.flush()
        return project

    def milestone(
        self,
        start: str | None = None,
        end: str | None = "",
        *,
        kind: MilestoneKind = MilestoneKind.COMPLETION,
        precision: str | None = None,
        label: str = "준공",
        project: Project | None = None,
        status: MilestoneStatus = MilestoneStatus.PLANNED,
        **more: object,
    ) -> Milestone:
        """One day when only `start` is given; precision `day` or `range` unless said, `none` without a date."""
        start_on = date.fromisoformat(start) if start else None
        end_on = start_on if end == "" else (date.fromisoformat(end) if end else None)
        if precision is None:
            precision = "none" if start_on is None and end_on is None else "day" if start_on == end_on else "range"
        project = project or self.project
        assert project.id is not None
        assert self.document.id is not None
        values: dict[str, object] = {
            "project_id": project.id,
            "document_id": self.document.id,
            "label": label,
            "section": "향후추진계획",
            "raw": f"{start} ~ {end}",
            "start_on": start_on,
            "end_on": end_on,
            "precision": precision,
            "kind": kind,
            "status": status,
            "is_deadline": end_on is not None,
            "baseline_raw": f"{start} ~ {end}",
            "baseline_start_on": start_on,
            "baseline_end_on": end_on,
            "status_since": self.activated_at,
            **more,
        }
        milestone = Milestone.model_validate(values)
        self.session.add(milestone)
        self.session.flush()
        return milestone

    def move(self, milestone: Milestone, start: str, end: str | None = None) -> None:
        milestone.start_on = date.fromisoformat(start)
        milestone.end_on = date.fromisoformat(end or start)
        self.session.add(milestone)
        self.session.flush()


def reminders(session: Session, *states: ReminderState) -> list[Reminder]:
    """In the order in which they are due; all states unless some are named."""
    rows = session.exec(select(Reminder).order_by(Reminder.due_at, Reminder.id)).all()  # type: ignore[arg-type]
    for row in rows:
        session.refresh(row)
    return [row for row in rows if not states or row.state in states]


def planned(session: Session) -> list[str]:
    """`upcoming -7 end 2024-09-30 @ 2024-09-23 09:00` for each planned reminder of a rule, local time."""
    return [
        f"{row.ask} {'r' + str(row.repeat_number) if row.repeat_number else format(row.offset, '+d')} {row.end} "
        f"{row.anchor_on} @ {row.due_at.astimezone(SEOUL):%Y-%m-%d %H:%M}"
        for row in reminders(session, ReminderState.PLANNED)
        if row.ask is not Ask.ESCALATION
    ]


def messages(session: Session) -> list[Notification]:
    rows = session.exec(select(Notification).order_by(Notification.id)).all()  # type: ignore[arg-type]
    for row in rows:
        session.refresh(row)
    return list(rows)


def run_until(session: Session, last: str, calendar: WorkingCalendar | None = None) -> list[Notification]:
    """Dispatches at every due moment and takes queued messages as sent at theirs; the messages so far."""
    calendar = calendar or CALENDAR
    until = at(last)
    due = select(func.min(Reminder.due_at)).where(Reminder.state == ReminderState.PLANNED)
    waiting = select(func.min(Notification.next_attempt_at))
    while True:
        moments = [moment for moment in (session.exec(due).one(), session.exec(waiting).one()) if moment is not None]
        if not moments or min(moments) > until:
            return messages(session)
        now = min(moments)
        dispatch_due(session, now, settings(), calendar)
        session.execute(
            update(Notification)
            .where(col(Notification.next_attempt_at) <= now)
            .values(state=NotificationState.SENT, next_attempt_at=None, sent_at=now)
        )


def told(session: Session) -> list[str]:
    """`2024-09-30T09:00 | status 2024-09-30, today 2024-09-30`: every message with what stands in it."""
    rows = reminders(session, ReminderState.DISPATCHED)
    return [
        f"{message.slot_at.astimezone(SEOUL):%Y-%m-%dT%H:%M} | "
        + ", ".join(sorted(f"{row.ask} {row.anchor_on}" for row in rows if row.notification_id == message.id))
        for message in messages(session)
    ]
