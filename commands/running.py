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
from models import Installation, LoginLink
from models.database import read, write
from settings import Settings
from worker.tick import database_clock

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
    app.command("web")(web)
    app.command("login-link")(login_link)
    app.command("status")(status)


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """화면, 시계, 발송을 한 프로세스로 실행합니다. / Web, clock and sender in one process.

    예: dday serve --port 8080
    """
    serve_office(go_on(open_office()), host, port, sending=True)


def web(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """화면만 실행합니다. / The pages only; any number of these beside `clock` and `worker`.

    예: dday web --host 0.0.0.0 --port 8000
    """
    serve_office(open_office(), host, port, sending=False)


def go_on(office: Office) -> Office:
    """A database that was played goes on from where its play ended; any other keeps its clock."""
    with read(office.engine) as session:
        played_until = session.get_one(Installation, 1).played_until
    if played_until is None or office.settings.time_shift_seconds:
        return office
    shift = round((played_until - office.clock()).total_seconds())
    return Office(
        replace(office.settings, time_shift_seconds=shift), office.engine, database_clock(office.engine, shift)
    )


def serve_office(office: Office, host: str, port: int, *, sending: bool) -> None:
    """Serves until interrupted; prints the addresses first."""
    import uvicorn

    from web.app import make_app
    from worker.doctor import examine
    from worker.embedded import clock_and_sender
    from worker.rehearsal import preview

    listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    settings = office.settings
    if "DDAY_BASE_URL" not in settings.given:
        settings = replace(settings, base_url=f"http://{_shown(host)}:{listener.getsockname()[1]}")
    app = make_app(
        settings,
        office.engine,
        office.clock,
        preview_mails=lambda first, last: preview(office.engine, settings, first, last, office.clock())[0],
        examine=lambda: examine(settings),
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
    console.print(
        f"총괄 담당자 화면 (한 번만 열리는 주소): [bold]{make_login_link(office.engine, settings, office.clock())}[/]"
    )
    console.print(f"주소: {settings.base_url}   멈추기: Ctrl-C")
    with clock_and_sender(office.engine, settings, office.clock) if sending else nullcontext():
        server.run(sockets=[listener])


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104  (shown, not bound)
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


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
    office = go_on(open_office())
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
