"""Every page's time while a large office is looked at: 20 requests a second on PostgreSQL, each page many times.

The time of a page is the server's own, from the request's arrival in the application to the first byte of its answer,
other requests that run meanwhile included; what the client waits for besides stands in the note.
"""

import http.client
import multiprocessing
import random
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import psycopg
import uvicorn
from sqlmodel import func, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.ground import Figure, Ground, Stopwatch, analyze
from models import Account, AccountRole, Assignment, Installation, Milestone, Project, Role
from models.database import make_engine, write
from notifications.links import make_feed, make_link
from notifications.previewed import Previewed
from schedules.activation import bind_here
from schedules.rules import install_default_rules
from settings import Settings
from web.access import COOKIE
from web.app import make_app
from web.sign_in import open_session, write_cookie
from worker.memory import look_for_garbage_seldom
from worker.rehearsal import preview

REQUESTS_A_SECOND = 20
TIMES = 30  # each page
GOAL_MS, ANSWER_GOAL_MS = 150, 50
LONGEST_PAGE = 150_000  # bytes
REMINDERS_EACH = 10
NOW = datetime(2024, 10, 8, 1, tzinfo=UTC)
EMPTY = "/healthz"  # a route that asks the database next to nothing: what every page costs at least
TOOK = b"x-bench-ms"
OF_A_UNIT = ", of a department"

CITY = (Path(__file__).parent / "pages.sql").read_text(encoding="utf-8")  # one office, made by the server itself


def run(on: Ground, size: int) -> list[Figure]:
    size = max(size, 2_000)
    url = on.database()
    settings = replace(on.settings(url), pages_a_minute=0)
    watch = Stopwatch()
    lay_city(url, size)
    analyze(url)
    laid = watch.seconds
    ways = ways_in(settings, url)
    listener = socket.create_server(("127.0.0.1", 0))
    address: tuple[str, int] = listener.getsockname()
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(settings, listener), daemon=True)
    server.start()
    listener.close()
    try:
        asked = _ask_all(address, ways, pages_of(url, ways))
    finally:
        server.terminate()
        server.join()
    empty = statistics.median(one.server for one in asked[EMPTY])
    figures = [_figure(name, times, empty, size) for name, times in asked.items()]
    note = f"{size:,} milestones and {size * REMINDERS_EACH:,} reminders, made in {laid:.0f} s"
    figures.append(Figure("pages", "slowest page, p95", max(one.value for one in figures), "ms", note=note))
    return figures


def lay_city(url: str, size: int) -> None:
    teams = max(10, size // 100)
    values = {
        "now": NOW,
        "size": size,
        "each": REMINDERS_EACH,
        "teams": teams,
        "departments": -(-teams // 5),
        "projects": max(10, size // 10),
        "waiting": max(2, size // 500),
    }
    engine = make_engine(url)
    with write(engine) as session:
        session.add(Installation(created_at=NOW, clock_last_tick_at=NOW))
        install_default_rules(session)
    engine.dispose()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for statement in CITY.split(";\n"):
            psycopg.ClientCursor(connection).execute(statement, values)


@dataclass(frozen=True, slots=True)
class Ways:
    """The tokens of a team's answer link and calendar, the cookies of the operator and of a department's reviewer."""

    link: str
    calendar: str
    operator: str
    reviewer: str


def ways_in(settings: Settings, url: str) -> Ways:
    """Opens the city to a team, the operator and a reviewer."""
    engine = make_engine(url)
    with write(engine) as session:
        bind_here(session, settings, NOW)
        post = session.exec(select(func.max(Assignment.post_id))).one() or 0
        link = make_link(session, post, None, NOW, settings)
        feed = make_feed(session, post, NOW, settings)
        account = Account(name="reviewer", created_at=NOW)
        session.add(account)
        session.flush()
        session.add(AccountRole(account_id=account.id or 0, role=Role.REVIEWER, unit_id=1))
        operator, reviewer = (
            write_cookie(settings, open_session(session, who, NOW, "bench"), NOW) for who in (None, account.id)
        )
    engine.dispose()
    return Ways(link.rpartition("/")[2], feed.rpartition("/")[2].removesuffix(".ics"), operator, reviewer)


def pages_of(url: str, ways: Ways) -> dict[str, str]:
    """The address of every page and view that is measured, by its name; OF_A_UNIT says that the reviewer asks."""
    engine = make_engine(url)
    with write(engine) as session:
        project = session.exec(select(func.min(Project.id))).one()
        late = session.exec(select(func.max(Milestone.id))).one()
    engine.dispose()
    return {
        EMPTY: EMPTY,
        "/": "/",
        "/projects": "/projects",
        "/projects?show=late": "/projects?show=late",
        "/projects?q=": f"/projects?q={late}",
        "/projects/{id}": f"/projects/{project}",
        "/milestones": "/milestones",
        "/milestones?show=late": "/milestones?show=late",
        "/milestones?q=": f"/milestones?q={late}",
        "/milestones/{id}/why": f"/milestones/{late}/why",
        "/milestones/move": "/milestones/move?milestone=1&milestone=2",
        "/documents": "/documents",
        "/documents/{id}": "/documents/1?line=2500",
        "/import": "/import",
        "/timeline": "/timeline",
        "/timeline?unit=": "/timeline?unit=1",
        "/preview": "/preview",
        "/preview?unit=": "/preview?unit=1",
        "/days": "/days",
        "/rounds": "/rounds",
        "/rounds/{id}": "/rounds/1",
        "/rounds/{id}/changes": "/rounds/1/changes",
        "/rounds/{id}/requests/{id}": "/rounds/1/requests/5",
        "/outbox": "/outbox",
        "/outbox?state=trouble": "/outbox?state=trouble",
        "/outbox?q=": "/outbox?q=제7팀",
        "/outbox/{id}": "/outbox/10",
        "/paper": "/paper",
        "/findings": "/findings",
        "/people": "/people",
        "/people/assign": "/people/assign?post=1",
        "/absences": "/absences",
        "/escalations": "/escalations",
        "/rules": "/rules",
        "/rules/new": "/rules/new",
        "/rules/{id}": "/rules/1",
        "/schedules": "/schedules",
        "/activate": "/activate",
        "/sending": "/sending",
        "/tables/reminder": "/tables/reminder",
        "/audit": "/audit",
        "/audit?unit=": "/audit?unit=1",
        "/a/{token}": f"/a/{ways.link}",
        "/a/{token}/pass": f"/a/{ways.link}/pass",
        "/calendar/{token}.ics": f"/calendar/{ways.calendar}.ics",
        **{f"{path}{OF_A_UNIT}": path for path in ("/", "/projects", "/milestones", "/outbox", "/people", "/paper")},
    }


def _serve(settings: Settings, listener: socket.socket) -> None:
    engine = make_engine(settings.database_url)
    began = time.monotonic()

    def clock() -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - began)

    def play(first: date, last: date, unit: int | None) -> list[Previewed]:
        return preview(engine, settings, first, last, clock(), unit)[0]

    app = make_app(settings, engine, clock, preview_mails=play)
    server = uvicorn.Server(uvicorn.Config(_timed(app), log_level="error", access_log=False))
    look_for_garbage_seldom()  # as `dday web` does
    server.run(sockets=[listener])


def _timed(app: ASGIApp) -> ASGIApp:
    """The application, each answer with the milliseconds that it took."""

    async def timed(scope: Scope, receive: Receive, send: Send) -> None:
        watch = Stopwatch()

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                took = str(watch.seconds * 1000).encode()
                message = {**message, "headers": [*message["headers"], (TOOK, took)]}
            await send(message)

        await app(scope, receive, stamped)

    return timed


class Asked(NamedTuple):
    """One request: the server's milliseconds, the client's, the size of what came."""

    server: float
    client: float
    size: int


def _ask_all(address: tuple[str, int], ways: Ways, pages: dict[str, str]) -> dict[str, list[Asked]]:
    """Each page TIMES times, in a mixed order, one every twentieth of a second whether the last is answered or not.

    What a page has worked out beside the requests (a preview) is waited for first.
    """
    found: dict[str, list[Asked]] = {name: [] for name in pages}
    lock = threading.Lock()

    def ask(name: str, *, counted: bool = True) -> bool:
        """Whether the page is whole, and not to be looked at again."""
        watch = Stopwatch()
        cookie = ways.reviewer if name.endswith(OF_A_UNIT) else ways.operator
        connection = http.client.HTTPConnection(*address, timeout=120)
        connection.request("GET", quote(pages[name], safe="/?=&%"), headers={"Cookie": f"{COOKIE}={cookie}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{name}: {answer.status}")
        if counted:
            took = float(answer.headers[TOOK.decode()])
            with lock:
                found[name].append(Asked(took, watch.seconds * 1000, len(body)))
        return "Refresh" not in answer.headers

    for name in pages:
        while not ask(name, counted=False):
            threading.Event().wait(1)
    turns = [name for name in pages for _ in range(TIMES)]
    random.Random(1).shuffle(turns)
    began = time.monotonic()
    with ThreadPoolExecutor(32) as askers:
        asked = []
        for n, name in enumerate(turns):
            threading.Event().wait(max(0.0, began + n / REQUESTS_A_SECOND - time.monotonic()))
            asked.append(askers.submit(ask, name))
        for one in asked:
            one.result()
    return found


def _figure(name: str, asked: list[Asked], empty: float, milestones: int) -> Figure:
    goal = ANSWER_GOAL_MS if name == "/a/{token}" else GOAL_MS
    server, client, size = [one.server for one in asked], [one.client for one in asked], max(one.size for one in asked)
    p95, middle = _p95(server), statistics.median(server)
    note = (
        f"median {middle:.0f} ms; of the client {statistics.median(client):.0f} ms, p95 {_p95(client):.0f} ms; "
        f"{size / 1000:.0f} KB; {milestones:,} milestones"
    )
    return Figure(
        "pages",
        f"{name} ({size / 1000:.0f} KB)",
        p95,
        "ms p95",
        middle / empty,
        "an empty route, medians",
        f"≤ {goal} ms",
        p95 <= goal and size <= LONGEST_PAGE,
        note,
    )


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
