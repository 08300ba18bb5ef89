"""A made-up city of any size to plan and send for: departments, teams, heads, milestones that fall due together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, insert
from sqlmodel import Session, SQLModel

from models import (
    Assignment,
    Document,
    Installation,
    Milestone,
    MilestoneKind,
    MilestoneStatus,
    Notification,
    NotificationKind,
    NotificationState,
    Person,
    Post,
    Project,
    Unit,
    UnitKind,
)
from models.database import write
from schedules.activation import bind_here
from schedules.office_days import load_calendar
from schedules.plan import replan
from schedules.rules import install_default_rules
from settings import Settings

SEOUL = ZoneInfo("Asia/Seoul")
DAY = date(2024, 10, 8)  # a Tuesday; D-day of every milestone
SLOT = datetime(2024, 10, 7, 9, tzinfo=SEOUL)  # the Monday morning on which D-1 is told
PLANNED_AT = datetime(2024, 10, 4, 10, tzinfo=SEOUL)
TEAMS_A_DEPARTMENT = 5
ROWS_AT_ONCE = 5000
PAST_MESSAGES = 2000

LABELS = ("준공", "개관", "실시설계 완료", "착공", "위탁업체 선정", "보고회 개최", "용역 완료", "조례 개정")


@dataclass(frozen=True, slots=True)
class City:
    """What was made: for each team head's post the address of who holds it."""

    holders: dict[int, str]
    milestones: int

    def expected(self, slot: datetime = SLOT) -> dict[str, str]:
        """Key → address of every mail that has to leave for that slot; made without the product's own words."""
        stamp = slot.astimezone(SEOUL).strftime("%Y-%m-%dT%H:%M")
        return {f"post:{post}/email/morning/{stamp}": address for post, address in self.holders.items()}


def shift_to(moment: datetime, real_now: datetime) -> int:
    """DDAY_TIME_SHIFT that makes it `moment` now."""
    return round((moment - real_now).total_seconds())


def build_city(engine: Engine, settings: Settings, teams: int, milestones_each: int = 1, *, plan: bool = True) -> City:
    """Rows in an empty schema: `teams` posts with a holder each, activated here, planned as of PLANNED_AT. A drill."""
    departments = -(-teams // TEAMS_A_DEPARTMENT)
    now = PLANNED_AT.astimezone(UTC)
    with write(engine) as session:
        session.add(Installation(created_at=now, drill_since=now))
        session.add(
            Document(
                id=1,
                title="주요업무 보고",
                as_of_on=date(2024, 9, 30),
                sha256="0" * 64,
                file_name="report.md",
                text="",
                imported_at=now,
                imported_by="admin",
            )
        )
        install_default_rules(session)
        session.flush()
        _fill(
            session,
            Unit,
            ({"id": n, "name": f"제{n}과", "kind": UnitKind.DEPARTMENT, "position": n} for n in _to(departments)),
        )
        _fill(
            session,
            Unit,
            (
                {
                    "id": departments + n,
                    "name": f"제{n}팀",
                    "kind": UnitKind.TEAM,
                    "parent_id": (n - 1) // TEAMS_A_DEPARTMENT + 1,
                    "position": n,
                }
                for n in _to(teams)
            ),
        )
        _fill(session, Post, ({"id": n, "unit_id": departments + n, "title": "팀장"} for n in _to(teams)))
        _fill(session, Person, ({"id": n, "name": f"홍길동{n}", "email": _address(n)} for n in _to(teams)))
        _fill(
            session,
            Assignment,
            ({"post_id": n, "person_id": n, "from_on": date(2024, 1, 1)} for n in _to(teams)),
        )
        _fill(
            session,
            Project,
            (
                {
                    "id": n,
                    "document_id": 1,
                    "unit_id": (n - 1) // TEAMS_A_DEPARTMENT + 1,
                    "team_id": departments + n,
                    "title": f"주민센터 복합청사 건립 {n}",
                    "activated_at": now,
                }
                for n in _to(teams)
            ),
        )
        _fill(
            session, Milestone, (_milestone(project, k, now) for project in _to(teams) for k in range(milestones_each))
        )
        bind_here(session, settings, now)
        if plan:
            replan(session, now, settings, load_calendar(session))
    return City({n: _address(n) for n in _to(teams)}, teams * milestones_each)


def fill_yesterday(engine: Engine, city: City) -> None:
    """Mails of the days before, as on any day but an office's first.

    For an empty table PostgreSQL makes, and keeps, plans that suit only an empty one.
    """
    now = PLANNED_AT.astimezone(UTC)
    with write(engine) as session:
        _fill(session, Notification, (_told(n % len(city.holders) + 1, n, now) for n in range(PAST_MESSAGES)))


def _milestone(project: int, number: int, now: datetime) -> dict[str, object]:
    raw = f"{DAY.year}. {DAY.month}. {DAY.day}."
    return {
        "project_id": project,
        "document_id": 1,
        "label": f"{LABELS[number % len(LABELS)]} {number + 1}단계",
        "section": "향후추진계획",
        "raw": raw,
        "start_on": DAY,
        "end_on": DAY,
        "precision": "day",
        "kind": MilestoneKind.COMPLETION,
        "status": MilestoneStatus.PLANNED,
        "status_since": now - timedelta(days=1),
        "is_deadline": True,
        "baseline_raw": raw,
        "baseline_start_on": DAY,
        "baseline_end_on": DAY,
    }


def _told(post: int, number: int, now: datetime) -> dict[str, object]:
    then = now - timedelta(days=1 + number // 500)
    return {
        "key": f"post:{post}/email/morning/{then:%Y-%m-%dT%H:%M}/{number}",
        "post_id": post,
        "channel": "email",
        "kind": NotificationKind.MORNING,
        "slot_at": then,
        "state": NotificationState.SENT,
        "attempts": 1,
        "recipients": [],
        "created_at": then,
        "sent_at": then,
    }


def _address(number: int) -> str:
    return f"head{number}@office{number % 50}.example"


def _to(count: int) -> range:
    return range(1, count + 1)


def _fill(session: Session, model: type[SQLModel], rows: Iterator[dict[str, object]]) -> None:
    chunk: list[dict[str, object]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == ROWS_AT_ONCE:
            session.execute(insert(model), chunk)
            chunk = []
    if chunk:
        session.execute(insert(model), chunk)
