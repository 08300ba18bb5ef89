"""What is well and what is not, each with what to do about it: read-only, one answer a question."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

import migrations
from models import DeliveryAttempt, Installation, Notification, NotificationState, Reminder, ReminderState
from models.database import make_engine, read, read_clock
from models.transfer import tables
from notifications.channels import ChannelError
from notifications.channels.email import EmailChannel
from notifications.pace import limits_of, queues
from schedules.activation import sending_allowed
from schedules.office_days import load_calendar
from schedules.unreachable import unreachable_posts
from settings import Settings
from worker.watch import audit

LATE = timedelta(minutes=15)
LONG_QUEUE = timedelta(hours=4)  # about half of a send window
CLOCK_DIFFERENCE = timedelta(seconds=60)
MAIL_SERVER_SECONDS = 5.0
PROBE = "dday.doctor"
MEGABYTE = 1024 * 1024
LITTLE_DISK = 500 * MEGABYTE
LONGEST_REASON = 200  # characters


@dataclass(frozen=True, slots=True)
class Check:
    """One question: `words` is what was found, `remedy` what to do (empty when nothing)."""

    name: str
    ok: bool
    words: str
    remedy: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def examine(settings: Settings) -> list[Check]:
    """Every check, in the order in which one would look. Makes nothing, sends nothing, changes nothing."""
    engine = make_engine(settings.database_url)
    try:
        return list(_checks(engine, settings))
    finally:
        engine.dispose()


def _checks(engine: Engine, settings: Settings) -> Iterator[Check]:
    if engine.dialect.name == "sqlite" and not settings.data.exists():
        yield Check("데이터베이스", False, f"{settings.data} 폴더가 아직 없습니다", "먼저 실행: dday init")
        return
    try:
        migrations.require_current(engine)
    except migrations.SchemaError as error:
        yield Check("데이터베이스", False, str(error).split(". ")[0], str(error).split(". ")[-1])
        return
    except DBAPIError as error:
        yield Check(
            "데이터베이스",
            False,
            f"연결하지 못했습니다: {_brief(error.orig)}",
            "DDAY_DATABASE_URL과 서버를 확인해 주세요",
        )
        return
    yield Check("데이터베이스", True, f"{engine.url.render_as_string(hide_password=True)}, 판 {migrations.head()}")
    with read(engine) as session:
        now = read_clock(session, settings.time_shift())
        yield _clock_difference(session)
        yield _last_tick(session, settings, now)
        yield _sending(session, settings)
        yield _calendar(session, settings, now)
        yield _posts(session, settings, now)
        yield _stuck(session, now)
        yield _failed(session)
        yield _audit(session, settings, now)
        yield from _limits(session, settings)
    yield _mail_server(settings)
    yield _links(settings)
    yield _broker(settings)
    yield _disk(settings)
    with read(engine) as session:
        yield _size(session, engine, settings)


def _brief(error: object) -> str:
    """The first sentence of what a server says: some explain at length how they could be opened to everybody."""
    return re.split(r"\n|\. ", str(error), maxsplit=1)[0][:LONGEST_REASON]


def _links(settings: Settings) -> Check:
    if settings.smtp is None or "DDAY_BASE_URL" in settings.given:
        return Check("메일 속 링크", True, settings.base_url)
    words = f"{settings.base_url}: 받은 사람의 컴퓨터에서는 열리지 않습니다"
    return Check("메일 속 링크", False, words, "DDAY_BASE_URL을 사람들이 여는 주소로 정하고 다시 활성화해 주세요")


def _clock_difference(session: Session) -> Check:
    difference = abs(read_clock(session) - datetime.now(UTC))
    words = f"이 컴퓨터와 데이터베이스의 시각 차이 {difference.total_seconds():.1f}초"
    if difference <= CLOCK_DIFFERENCE:
        return Check("시각", True, words)
    return Check("시각", False, words, "두 컴퓨터의 시각 동기화(NTP)를 확인해 주세요")


def _last_tick(session: Session, settings: Settings, now: datetime) -> Check:
    installation = session.get_one(Installation, 1)
    last = installation.clock_last_tick_at
    if last is None:
        return Check("예약 시계", True, "아직 돌린 적이 없습니다 (dday serve 또는 dday clock)")
    words = f"마지막 확인 {last.astimezone(settings.timezone):%Y. %-m. %-d. %H:%M}"
    overdue = session.exec(select(func.min(Reminder.due_at)).where(Reminder.state == ReminderState.PLANNED)).one()
    if overdue is not None and overdue < now - LATE and last < now - LATE and installation.played_until is None:
        return Check(
            "예약 시계", False, f"{words}; 보낼 알림이 밀려 있습니다", "dday serve(또는 dday clock)를 실행해 주세요"
        )
    return Check("예약 시계", True, words)


def _sending(session: Session, settings: Settings) -> Check:
    reason = sending_allowed(session, settings)
    return Check("발송", True, "켜져 있습니다" if reason is None else f"꺼져 있습니다: {reason}")


def _calendar(session: Session, settings: Settings, now: datetime) -> Check:
    until = load_calendar(session).sure_until
    words = f"공휴일 자료 {until.year}년까지"
    if until < now.astimezone(settings.timezone).date() + timedelta(days=60):
        return Check("달력", False, words, "프로그램을 새 판으로 올리거나 공휴일을 직접 등록해 주세요")
    return Check("달력", True, words)


def _posts(session: Session, settings: Settings, now: datetime) -> Check:
    posts = unreachable_posts(session, now.astimezone(settings.timezone).date())
    if not posts:
        return Check("담당자 연락처", True, "모든 직위에 연락할 수 있습니다")
    names = ", ".join(f"{post.unit} {post.post}" for post in posts[:10]) + (
        f" 외 {len(posts) - 10}건" if len(posts) > 10 else ""
    )
    return Check(
        "담당자 연락처",
        False,
        f"연락할 수 없는 직위 {len(posts)}개: {names}",
        "dday import FILE --kind staff 로 등록해 주세요",
    )


def _stuck(session: Session, now: datetime) -> Check:
    expired = (
        select(func.count())
        .select_from(Notification)
        .where(Notification.state == NotificationState.SENDING, col(Notification.next_attempt_at) < now - LATE)
    )
    broken = select(func.count()).select_from(Reminder).where(col(Reminder.error).is_not(None))
    count = session.exec(expired).one() + session.exec(broken).one()
    if count == 0:
        return Check("멈춘 항목", True, "없습니다")
    return Check("멈춘 항목", False, f"{count}건이 오류로 멈춰 있습니다", "발송 기록 화면에서 사유를 확인해 주세요")


def _failed(session: Session) -> Check:
    failed = select(func.count()).select_from(Notification).where(Notification.state == NotificationState.FAILED)
    count = session.exec(failed).one()
    if count == 0:
        return Check("발송 실패", True, "없습니다")
    return Check("발송 실패", False, f"{count}건", "발송 기록 화면에서 사유를 보고 다시 보내 주세요")


def _audit(session: Session, settings: Settings, now: datetime) -> Check:
    if session.get_one(Installation, 1).played_until is not None:
        return Check("감사", True, "연습으로 돌린 데이터베이스는 감사하지 않습니다")
    faults = [fault for fault in audit(session, now, settings) if fault.code != "clock_late"]  # asked above
    if not faults:
        return Check("감사", True, "보냈어야 할 것을 모두 보냈습니다")
    words = ", ".join(f"{fault.words} {fault.count}건" for fault in faults)
    return Check("감사", False, words, "시계와 일꾼(또는 dday serve)이 도는지, 메일 서버가 받는지 확인해 주세요")


def _limits(session: Session, settings: Settings) -> Iterator[Check]:
    """Nothing to say where no limit is set. A queue is no fault as long as it ends the same day."""
    rates = limits_of(settings)
    if not rates:
        return
    waits = queues(session, rates)
    words = ", ".join(
        f"{scope.partition(':')[2]} 초당 {rates[scope]:g}통" + (f"(대기 {wait / 60:.0f}분)" if wait >= 60 else "")
        for scope, wait in waits.items()
    )
    if max(waits.values()) < LONG_QUEUE / timedelta(seconds=1):
        yield Check("발송 한도", True, words)
    else:
        yield Check(
            "발송 한도", False, words, "오늘 안에 다 보내지 못합니다. 한도를 높이거나 발송 시간대를 넓혀 주세요"
        )


def _mail_server(settings: Settings) -> Check:
    if settings.smtp is None:
        return Check("메일 서버", True, f"내장 메일함 ({settings.mailbox})")
    where = f"{settings.smtp.host}:{settings.smtp.port}"
    try:
        with EmailChannel(settings.smtp, settings, timeout_seconds=MAIL_SERVER_SECONDS) as channel:
            channel.check()
    except ChannelError as error:
        return Check("메일 서버", False, f"{where}: {error}", "DDAY_SMTP_URL과 메일 서버를 확인해 주세요")
    return Check("메일 서버", True, where)


def _broker(settings: Settings) -> Check:
    if settings.broker_url is None:
        return Check("작업 전달", True, "내장 실행 (한 프로세스)")
    from redis import Redis
    from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

    def fault(words: str, remedy: str) -> Check:
        return Check("작업 전달", False, words, remedy)

    try:
        with Redis.from_url(settings.broker_url, socket_timeout=3, socket_connect_timeout=3) as broker:
            broker.lpush(PROBE, "dday doctor")  # to be reached is not enough: it has to take messages
            broker.delete(PROBE)
    except NoPermissionError as error:
        return fault(
            f"권한이 없습니다: {_brief(error)}",
            "이 사용자에게 모든 키와 명령의 권한을 주세요 (ACL SETUSER … ~* &* +@all)",
        )
    except AuthenticationError as error:
        return fault(f"로그인하지 못했습니다: {_brief(error)}", "DDAY_BROKER_URL의 사용자와 암호를 확인해 주세요")
    except ResponseError as error:
        return fault(f"메시지를 받지 않습니다: {_brief(error)}", "서버의 메모리(maxmemory)와 상태를 확인해 주세요")
    except RedisError as error:
        return fault(f"연결하지 못했습니다: {_brief(error)}", "DDAY_BROKER_URL과 서버를 확인해 주세요")
    return Check("작업 전달", True, "연결됩니다")


def _size(session: Session, engine: Engine, settings: Settings) -> Check:
    """How large the database is and what of it is past, to say when something should be kept less long."""
    if engine.dialect.name == "postgresql":
        names = sorted(table.name for table in tables())
        sizes = {name: int(session.scalar(select(func.pg_total_relation_size(name))) or 0) for name in names}
        whole = int(session.scalar(select(func.pg_database_size(func.current_database()))) or 0)
        largest = sorted(sizes, key=lambda name: -sizes[name])[:3]
        parts = ", ".join(f"{name} {sizes[name] // MEGABYTE:,} MB" for name in largest)
    else:
        path = Path(engine.url.database or "")
        whole = sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*")) if path.name else 0
        parts = ", ".join(
            f"{model.__tablename__} {session.scalar(select(func.max(model.id))) or 0:,}건까지"
            for model in (Notification, DeliveryAttempt, Reminder)
        )
    kept = ", ".join(
        f"{what} {f'{days}일' if days else '계속'} 보관"
        for what, days in (("메일 본문", settings.keep_mail_days), ("감사 기록", settings.keep_audit_days))
    )
    return Check("데이터베이스 크기", True, f"{whole // MEGABYTE:,} MB ({parts}); {kept}")


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.data if settings.data.exists() else settings.data.parent).free
    words = f"남은 자리 {free // 1024 // 1024:,} MB"
    if free < LITTLE_DISK:
        return Check("디스크", False, words, "자리를 만들어 주세요")
    return Check("디스크", True, words)
