"""The verbs that run: serve (one process), clock, worker and web (many), and how the admin gets in."""

import hashlib
import secrets
import socket
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy import Engine

from commands.opening import Office, open_office
from commands.printing import Json, console, print_json, table
from commands.run import Refused, settings_now
from models import LoginLink
from models.database import read, write
from settings import Settings

LOGIN_MINUTES = 30
STATE_WORDS = {
    "planned": "예정",
    "dispatched": "발송으로 넘김",
    "missed": "시기 지남",
    "cancelled": "취소",
    "queued": "대기",
    "sending": "보내는 중",
    "sent": "보냄",
    "unknown": "확인 안 됨",
    "failed": "실패",
    "bounced": "반송",
    "outstanding": "미제출",
    "late": "기한 지남",
    "submitted": "제출",
    "returned": "보완요청",
    "accepted": "확정",
    "closed": "마감",
}

Host = Annotated[str, typer.Option("--host", help="듣는 주소 / address to listen on")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="포트, 0 = 아무거나 / 0 = any free port")]


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)
    app.command("clock")(clock)
    app.command("worker")(worker)
    app.command("web")(web)
    app.command("login-link")(login_link)
    app.command("status")(status)


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """화면, 시계, 발송을 한 프로세스로 실행합니다. / Web, clock and sender in one process.

    예: dday serve --port 8080
    """
    serve_office(open_office(), listen(host, port), sending=True)


def web(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """화면만 실행합니다. / The pages only; any number of these beside `clock` and `worker`.

    예: dday web --host 0.0.0.0 --port 8000
    """
    serve_office(open_office(), listen(host, port), sending=False)


MetricsPort = Annotated[
    int, typer.Option("--metrics-port", min=0, max=65535, help="지표를 내는 포트, 0 = 없음 / Prometheus, 0 = none")
]


def clock(metrics_port: MetricsPort = 0) -> None:
    """예약 시계만 실행합니다. / The engine's clock; any number of these, on any number of machines.

    예: dday clock --metrics-port 9100
    """
    from worker.logs import set_up_logs
    from worker.run import run_clock

    office = _engine_office()
    listen("0.0.0.0", metrics_port).close()  # noqa: S104  (a port that is in use is told now; 0 is any free one)
    set_up_logs()
    run_clock(office.engine, office.settings, office.clock, metrics_port)


def worker(
    processes: Annotated[
        int, typer.Option("--processes", min=1, max=256, help="동시에 보내는 프로세스 수 / how many send at once")
    ] = 2,
    metrics_port: MetricsPort = 0,
) -> None:
    """메일을 보내는 일꾼을 실행합니다. / The engine's hands; any number of these, on any number of machines.

    예: dday worker --processes 4 --metrics-port 9101
    """
    from worker.logs import set_up_logs
    from worker.run import run_worker

    office = _engine_office()
    office.engine.dispose()  # the processes to be forked open their own
    set_up_logs()
    listen("0.0.0.0", metrics_port).close()  # noqa: S104  (a port that is in use is told now; 0 is any free one)
    raise SystemExit(run_worker(office.settings, processes, metrics_port))


def _engine_office() -> Office:
    """The office with what the engine needs on top: a broker, and a database that several processes write at once."""
    settings = settings_now()
    if settings.broker_url is None:
        raise Refused(
            "DDAY_BROKER_URL: 시계와 일꾼을 따로 돌리려면 redis://서버:6379/0 처럼 지정해 주세요. "
            "한 프로세스로 돌리려면: dday serve / a broker is needed"
        )
    if settings.database_url.startswith("sqlite"):
        raise Refused(
            "DDAY_DATABASE_URL: 시계와 일꾼을 따로 돌리려면 PostgreSQL이 필요합니다"
            "(postgresql://사용자:암호@서버/이름). 한 프로세스로 돌리려면: dday serve / needs PostgreSQL"
        )
    return open_office(settings)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; the port is taken from here on. Raises OSError when it is in use."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def address_of(listener: socket.socket) -> str:
    """What a browser on this machine opens."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104  (shown, not bound)
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve_office(office: Office, listener: socket.socket, *, sending: bool) -> None:
    """Serves until interrupted; prints the address first, and where it is the whole office also a way in."""
    import uvicorn

    from web.app import make_app
    from web.server import server_config
    from worker.doctor import examine
    from worker.embedded import clock_and_sender
    from worker.logs import set_up_logs
    from worker.memory import look_for_garbage_seldom
    from worker.rehearsal import preview

    set_up_logs()
    settings = office.settings
    if "DDAY_BASE_URL" not in settings.given:
        settings = replace(settings, base_url=address_of(listener))
    app = make_app(
        settings,
        office.engine,
        office.clock,
        preview_mails=lambda first, last, unit: preview(office.engine, settings, first, last, office.clock(), unit)[0],
        examine=lambda: examine(settings),
    )
    server = uvicorn.Server(server_config(app, settings))
    look_for_garbage_seldom()  # a search through all that is loaded held every page up for a tenth of a second and more
    if sending:  # the engine's pages write where logs are kept: `dday login-link` makes an address when one is needed
        entrance = make_login_link(office.engine, settings, office.clock())
        console.print(f"총괄 담당자 화면 (한 번만 열리는 주소): {entrance}", soft_wrap=True)
    console.print(f"주소: {settings.base_url}   멈추기: Ctrl-C")
    with clock_and_sender(office.engine, settings, office.clock) if sending else nullcontext():
        server.run(sockets=[listener])


def make_login_link(engine: Engine, settings: Settings, now: datetime) -> str:
    """A one-time address for the admin's pages, good for half an hour; only its hash is stored."""
    token = secrets.token_urlsafe(32)
    with write(engine) as session:
        session.add(
            LoginLink(
                token_sha256=hashlib.sha256(token.encode()).hexdigest(),
                created_at=now,
                expires_at=now + timedelta(minutes=LOGIN_MINUTES),
            )
        )
    return f"{settings.base_url}/login/{token}"


def login_link() -> None:
    """총괄 담당자 화면에 들어가는 일회용 주소를 만듭니다. / A one-time address for the admin's pages.

    예: dday login-link
    """
    office = open_office()
    print(make_login_link(office.engine, office.settings, office.clock()))


def status(as_json: Json = False) -> None:
    """알림, 발송, 요청의 현황을 보여 줍니다. / Counts by state, and how the clock is.

    예: dday status --json
    """
    from worker.standing import standing

    office = open_office()
    with read(office.engine) as session:
        found = standing(session, office.clock())
    if as_json:
        print_json(found)
        return
    shown = table("현황", "구분", "상태", "건수")
    for title, counts in (("알림", found["reminders"]), ("발송", found["notifications"]), ("요청", found["requests"])):
        for state, count in counts.items():
            shown.add_row(title, STATE_WORDS[state], f"{count:,}")
    console.print(shown)
    console.print(f"마지막 확인: {found['clock_last_tick_at'] or '-'}   다음 예정: {found['oldest_due_at'] or '-'}")
