"""Opens the office: settings, then the database at the right version, made on first use where it is a file of ours."""

import getpass
import socket
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine, inspect
from sqlmodel import Session, col, select

import migrations
from commands.run import Refused, at_end, settings_now
from models import Installation, Unit
from models.audit import origin
from models.database import make_engine, read, write
from schedules.rules import install_default_rules
from settings import Settings, ensure_secret
from worker.tick import Clock, database_clock


@dataclass(frozen=True, slots=True)
class Office:
    """What a command works with. `clock` is the database's, moved by the drill shift, or to where a play ended."""

    settings: Settings
    engine: Engine
    clock: Clock


def open_office(settings: Settings | None = None) -> Office:
    """The database at this code's version. A SQLite file is made on first use, a server's database by `dday init`."""
    settings = ensure_secret(settings or settings_now())
    origin.set(f"cli {_user()}@{socket.gethostname()}")
    engine = make_engine(settings.database_url)
    at_end(engine.dispose)
    if engine.dialect.name == "sqlite" and migrations.current(engine) is None and not inspect(engine).get_table_names():
        make_database(engine)
    migrations.require_current(engine)
    with read(engine) as session:
        installation = session.get_one(Installation, 1)
    _refuse_play_in_earnest(settings, installation)
    if installation.played_until is not None and not settings.may_shift:
        shift = round((installation.played_until - database_clock(engine)()).total_seconds())
        settings = replace(settings, time_shift_seconds=shift)
    return Office(settings, engine, database_clock(engine, settings.time_shift))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return "?"


def make_database(engine: Engine, *, drill: bool = False) -> None:
    """Schema, the one installation row and the default rules, in an empty database."""
    migrations.upgrade(engine)
    now = database_clock(engine)()
    with write(engine) as session:
        fill_database(session, now, drill=drill)


def fill_database(session: Session, now: datetime, *, drill: bool = False) -> None:
    """What every installation has from its first moment: its own row, and the default rules."""
    session.add(Installation(created_at=now, drill_since=now if drill else None))
    install_default_rules(session)


def day_of(office: Office, moment: datetime | None = None) -> datetime:
    """The moment (default: now) in the office's own time zone."""
    return (moment or office.clock()).astimezone(office.settings.timezone)


def _refuse_play_in_earnest(settings: Settings, installation: Installation) -> None:
    """A moved or played clock and a mail server that reaches people exclude each other, but for a drill database."""
    if settings.smtp is None:
        return
    if settings.may_shift and installation.drill_since is None:
        raise Refused(
            "DDAY_TIME_SHIFT: 실제 메일 서버가 설정된 곳에서는 시각을 옮길 수 없습니다. 훈련용 데이터베이스를 "
            "dday init --drill 로 만들거나 DDAY_SMTP_URL을 비워 주세요 / drills only"
        )
    if installation.played_until is not None:
        raise Refused(
            "가상으로 돌려 본 데이터베이스입니다. 실제 메일 서버(DDAY_SMTP_URL)로 보내려면 새 데이터 폴더에서 "
            "다시 시작해 주세요(--data DIR) / this database was played through; begin anew for real mail"
        )


def unit_named(session: Session, name: str) -> int | None:
    """The open unit of that name, spaces aside; None for no name. Raises Refused for none or several."""
    if not name:
        return None
    of_name = select(Unit.id).where(Unit.name == "".join(name.split()), col(Unit.closed_on).is_(None))
    found = session.exec(of_name).all()
    if len(found) != 1:
        problem = (
            "이름이 같은 부서가 여럿입니다" if found else "그런 부서가 없습니다. dday import 로 먼저 가져와 주세요"
        )
        raise Refused(f"{name}: {problem} / no such unit, or several")
    return found[0]
