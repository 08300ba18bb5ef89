"""From here on mail may leave: activation, bound to the place where it was made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, text, update
from sqlmodel import Session, col

from models import AuditEntry, Installation, Milestone, Project
from schedules.office_days import load_calendar
from schedules.plan import PlanChange, replan
from schedules.rules import install_default_rules
from settings import Refusal, Settings


class ActivationError(Refusal):
    """What was asked cannot be activated; nothing has changed."""


@dataclass(frozen=True, slots=True)
class Activated:
    """How many projects are newly activated, and what was planned for them."""

    projects: int
    plan: PlanChange


def activate(
    session: Session, now: datetime, settings: Settings, project_ids: Collection[int] | None = None, *, by: str
) -> Activated:
    """Lets reminders of these projects (default: all that are not closed) be planned and sent from this place.

    Binds the installation here, switches sending on and plans at once. Activating again changes nothing but the place.
    Raises ActivationError for a project that does not exist or is closed.
    """
    open_ids = set(session.scalars(select(col(Project.id)).where(col(Project.closed_at).is_(None))))
    if not open_ids:
        raise ActivationError("활성화할 사업이 없습니다. 먼저 보고서를 가져와 주세요: dday import FILE")
    unknown = sorted(set(project_ids or ()) - open_ids)
    if unknown:
        raise ActivationError(
            f"{', '.join(map(str, unknown))}번 사업은 없거나 종료되었습니다. dday status 로 확인해 주세요."
        )
    install_default_rules(session)
    wanted = open_ids if project_ids is None else set(project_ids)
    newly = (
        update(Project)
        .where(col(Project.id).in_(wanted), col(Project.activated_at).is_(None))
        .values(activated_at=now)
        .returning(col(Project.id))
    )
    activated = sorted(row[0] for row in session.execute(newly))
    bind_here(session, settings, now)
    subjects = [f"project:{number}" for number in activated] or [""]  # nothing new, but bound to this place
    session.add_all(AuditEntry(at=now, actor=by, act="activate", subject=subject) for subject in subjects)
    theirs = select(col(Milestone.id)).where(col(Milestone.project_id).in_(wanted))
    milestones = [row[0] for row in session.execute(theirs)]
    return Activated(len(activated), replan(session, now, settings, load_calendar(session), milestones))


def bind_here(session: Session, settings: Settings, now: datetime) -> None:
    """Switches sending on for the place where this database stands now."""
    installation = session.get(Installation, 1) or Installation(created_at=now)
    installation.fingerprint = fingerprint(session, settings)
    installation.activated_at = now
    installation.sending_stopped_at = None
    installation.sending_stopped_reason = None
    session.add(installation)
    session.flush()


def sending_allowed(session: Session, settings: Settings) -> str | None:
    """None when mail may leave from here; else why not and what to do, in Korean."""
    installation = session.get(Installation, 1)
    if installation is None or installation.fingerprint is None:
        return "아직 활성화하지 않아 아무것도 보내지 않습니다. 미리보기를 확인한 뒤 실행해 주세요: dday activate"
    if installation.sending_stopped_at is not None:
        reason = installation.sending_stopped_reason or "이유를 적지 않음"
        return f"발송을 멈추어 두었습니다({reason}). 다시 켜려면: dday activate"
    if installation.fingerprint != fingerprint(session, settings):
        return (
            "이 데이터베이스는 다른 곳에서 활성화되었습니다(복사본이거나 DDAY_BASE_URL이 바뀌었습니다). "
            "여기서 보내려면 실행해 주세요: dday activate"
        )
    return None


def fingerprint(session: Session, settings: Settings) -> str:
    """Where this database stands: a copy or a restore elsewhere has another one.

    PostgreSQL: the cluster's system identifier, the database's oid, and DDAY_BASE_URL (a cluster cloned whole keeps the
    first two). SQLite: device, inode and absolute path of the file.
    """
    if session.get_bind().dialect.name == "postgresql":
        cluster, database = session.execute(
            text(
                "SELECT (SELECT system_identifier FROM pg_control_system()), "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        ).one()
        return f"postgresql:{cluster}/{database}/{settings.bound_url}"
    file = session.execute(text("SELECT file FROM pragma_database_list WHERE name = 'main'")).scalar_one()
    if not file:
        return "sqlite:memory"
    path = Path(file).absolute()
    found = path.stat()
    return f"sqlite:{found.st_dev}/{found.st_ino}/{path}"
