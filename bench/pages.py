"""Every page's time while a large office is looked at: 20 requests a second on PostgreSQL, each page many times."""

import http.client
import multiprocessing
import random
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import uvicorn
from sqlmodel import func, select

from bench.ground import Figure, Ground, Stopwatch, analyze
from models import Installation, Milestone, Post, Project
from models.database import make_engine, write
from notifications.links import make_link
from schedules.activation import bind_here
from schedules.rules import install_default_rules
from settings import Settings
from web.access import COOKIE
from web.app import make_app
from web.sign_in import open_session, write_cookie

REQUESTS_A_SECOND = 20
TIMES = 30  # each page
GOAL_MS, ANSWER_GOAL_MS = 150, 50
LONGEST_PAGE = 150_000  # bytes
REMINDERS_EACH = 10
NOW = datetime(2024, 10, 8, 1, tzinfo=UTC)

CITY = (Path(__file__).parent / "pages.sql").read_text(encoding="utf-8")  # one office, made by the server itself


def run(on: Ground, size: int) -> list[Figure]:
    size = max(size, 2_000)
    url = on.database()
    settings = replace(on.settings(url), pages_a_minute=0)
    watch = Stopwatch()
    lay_city(url, size)
    analyze(url)
    laid = watch.seconds
    token, cookie = _ways_in(settings, url)
    listener = socket.create_server(("127.0.0.1", 0))
    address: tuple[str, int] = listener.getsockname()
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(settings, listener), daemon=True)
    server.start()
    listener.close()
    try:
        taken, sizes = _ask_all(address, cookie, _pages(url, token))
    finally:
        server.terminate()
        server.join()
    figures = [_figure(name, times, sizes[name], size) for name, times in taken.items()]
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
    }
    engine = make_engine(url)
    with write(engine) as session:
        session.add(Installation(created_at=NOW, clock_last_tick_at=NOW))
        install_default_rules(session)
    engine.dispose()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for statement in CITY.split(";\n"):
            psycopg.ClientCursor(connection).execute(statement, values)


def _ways_in(settings: Settings, url: str) -> tuple[str, str]:
    """An answer link's token of a team's post, and the admin's cookie."""
    engine = make_engine(url)
    with write(engine) as session:
        bind_here(session, settings, NOW)
        post = session.exec(select(func.max(Post.id))).one() or 0
        link = make_link(session, post, None, NOW, settings)
        cookie = write_cookie(settings, open_session(session, None, NOW, "bench"), NOW)
    engine.dispose()
    return link.rpartition("/")[2], cookie


def _pages(url: str, token: str) -> dict[str, str]:
    engine = make_engine(url)
    with write(engine) as session:
        project = session.exec(select(func.min(Project.id))).one()
        late = session.exec(select(func.max(Milestone.id))).one()
    engine.dispose()
    return {
        "/": "/",
        "/projects": "/projects",
        "/projects?show=late": "/projects?show=late",
        "/projects?q=": f"/projects?q={late}",
        "/projects/{id}": f"/projects/{project}",
        "/milestones": "/milestones",
        "/milestones?show=late": "/milestones?show=late",
        "/documents": "/documents",
        "/documents/{id}": "/documents/1?line=2500",
        "/timeline": "/timeline",
        "/timeline?unit=": "/timeline?unit=1",
        "/rounds": "/rounds",
        "/rounds/{id}": "/rounds/1",
        "/outbox": "/outbox",
        "/outbox?state=trouble": "/outbox?state=trouble",
        "/outbox/{id}": "/outbox/10",
        "/findings": "/findings",
        "/people": "/people",
        "/rules": "/rules",
        "/activate": "/activate",
        "/sending": "/sending",
        "/audit": "/audit",
        "/audit?unit=": "/audit?unit=1",
        "/a/{token}": f"/a/{token}",
    }


def _serve(settings: Settings, listener: socket.socket) -> None:
    engine = make_engine(settings.database_url)
    began = time.monotonic()
    app = make_app(settings, engine, lambda: NOW + timedelta(seconds=time.monotonic() - began))
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listener])


def _ask_all(
    address: tuple[str, int], cookie: str, pages: dict[str, str]
) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Milliseconds of each page as a client sees them, waiting for a turn included, and its size in bytes."""
    taken: dict[str, list[float]] = {name: [] for name in pages}
    sizes: dict[str, int] = {}
    lock = threading.Lock()

    def ask(name: str, *, counted: bool = True) -> None:
        watch = Stopwatch()
        connection = http.client.HTTPConnection(*address, timeout=120)
        connection.request("GET", pages[name], headers={"Cookie": f"{COOKIE}={cookie}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{name}: {answer.status}")
        with lock:
            sizes[name] = len(body)
            if counted:
                taken[name].append(watch.seconds * 1000)

    for name in pages:
        ask(name, counted=False)
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
    return taken, sizes


def _figure(name: str, times: list[float], size: int, milestones: int) -> Figure:
    goal = ANSWER_GOAL_MS if name.startswith("/a/") else GOAL_MS
    p95 = statistics.quantiles(times, n=20)[-1]
    note = f"median {statistics.median(times):.0f} ms, {size / 1000:.0f} KB, {milestones:,} milestones"
    is_met = p95 <= goal and size <= LONGEST_PAGE
    return Figure(
        "pages", f"{name} ({size / 1000:.0f} KB)", p95, "ms p95", goal=f"≤ {goal} ms", is_met=is_met, note=note
    )
