"""The borders of the house: who may import whom, and where the clock, the environment and a commit may be touched.

Each rule is a function from one source file to the faults in it, stands beside a snippet that breaks it, and runs over
every file of the product.
"""

import ast
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent

# Who stands on whom: a room imports from lower floors and from itself, never upward, never from the room beside it.
FLOORS: list[set[str]] = [
    {"settings"},
    {"models"},
    {"schedules", "migrations"},
    {"documents", "notifications"},
    {"worker", "web"},
    {"commands"},
    {"cli"},
]
FLOOR = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}

# The outer edge, where time is read and work is committed; everything inside gets `now` and a session from here.
EDGE = {"worker", "web", "commands", "cli"}

# Besides the edge: the way in that the edge uses, and the one that changes the schema itself.
OPENS_TRANSACTIONS = {
    "models/database.py",
    "migrations/__init__.py",
    "notifications/channels/paced.py",  # a turn is taken before its mail leaves, and others wait for it meanwhile
    "notifications/deliver.py",  # each outcome is recorded by itself, so that a kill repeats at most one mail
    "notifications/ledger.py",  # that a mail was taken is committed before the next one leaves
}

# A library's only homes, as prefixes of paths.
LIBRARY_HOMES = {
    "apscheduler": ("worker/",),
    "celery": ("worker/",),
    "kombu": ("worker/",),
    "redis": ("worker/",),
    "fastapi": ("web/",),
    "starlette": ("web/",),
    "smtplib": ("notifications/channels/email.py",),
    "psycopg": ("models/", "schedules/", "notifications/"),
}

# Longer than 400 lines, and why it is still one thing.
LONG_FILES = {"settings.py": "every setting, read and described in one place"}
LONGEST = 400


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def room(self) -> str:
        """The package or top-level module that it belongs to."""
        return self.path.split("/")[0].removesuffix(".py")

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Every import with its line, as a dotted name; `from a import b` is `a.b`, relative ones made absolute."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                package = self.path.split("/")[: -node.level] if node.level else []
                module = ".".join([*package, *([node.module] if node.module else [])])
                found += [(node.lineno, f"{module}.{alias.name}") for alias in node.names]
        return found

    @cached_property
    def calls(self) -> list[tuple[int, str]]:
        """Every call of something imported, with its line and dotted name."""
        called = [node.func for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        return [(node.lineno, dotted) for node in called if (dotted := _dotted(node, self._known))]

    @cached_property
    def names(self) -> list[tuple[int, str]]:
        """Every attribute or name that leads to an import, with its line, as the dotted name that it stands for."""
        return [
            (node.lineno, dotted)
            for node in ast.walk(self.tree)
            if isinstance(node, (ast.Attribute, ast.Name)) and (dotted := _dotted(node, self._known))
        ]

    @cached_property
    def _known(self) -> dict[str, str]:
        """What a local name stands for, if it was imported."""
        known: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                known |= {
                    a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0] for a in node.names
                }
            elif isinstance(node, ast.ImportFrom) and node.module:
                known |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        return known

    @cached_property
    def strings(self) -> list[tuple[int, str]]:
        """Every text in the code, with its line; docstrings too."""
        return [
            (node.lineno, node.value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]


def _dotted(node: ast.expr, known: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, known)
        return f"{owner}.{node.attr}" if owner else None
    return None


Rule = Callable[[Source], Iterator[str]]
RULES: dict[Rule, list[tuple[str, str]]] = {}


def rule(*broken: tuple[str, str]) -> Callable[[Rule], Rule]:
    """Registers a rule with files (path, text) that break it."""

    def register(function: Rule) -> Rule:
        RULES[function] = list(broken)
        return function

    return register


# ------------------------------------------------------------------------------------------------ imports


@rule(
    ("models/unit.py", "from schedules.rules import plan"),
    ("models/unit.py", "def late():\n    import worker.clock"),
    ("documents/report.py", "from notifications import compose"),
    ("web/app.py", "import worker"),
    ("settings.py", "import models"),
    ("commands/check.py", "import cli"),
    ("worker/app.py", "from ..web import app"),
)
def imports_go_down(source: Source) -> Iterator[str]:
    """A room imports only from the floors below and from itself."""
    if source.room not in FLOOR:
        return
    for line, name in source.imports:
        room = name.split(".")[0]
        if room in FLOOR and room != source.room and FLOOR[room] >= FLOOR[source.room]:
            yield f"{source.path}:{line} imports {room}, which does not lie below {source.room}"


@rule(("models/unit.py", "import tests.servers"), ("cli.py", "from bench import peers"))
def the_product_stands_alone(source: Source) -> Iterator[str]:
    """No room needs the tests or the benchmarks."""
    if source.room in FLOOR:
        for line, name in source.imports:
            if name.split(".")[0] in ("tests", "bench"):
                yield f"{source.path}:{line} imports {name}"


@rule(
    ("schedules/dates.py", "from sqlmodel import Session"),
    ("schedules/calendar.py", "from models import OfficeDay"),
    ("schedules/dates_words.py", "import sqlalchemy.orm"),
)
def dates_and_calendar_are_pure(source: Source) -> Iterator[str]:
    """Reading a date and counting working days needs no database."""
    if re.match(r"schedules/(dates|calendar)\w*\.py", source.path):
        for line, name in source.imports:
            if name.split(".")[0] in ("models", "sqlmodel", "sqlalchemy"):
                yield f"{source.path}:{line} imports {name}: pure modules take values"


@rule(
    ("schedules/due.py", "import celery"),
    ("web/api.py", "from redis import Redis"),
    ("notifications/deliver.py", "from apscheduler.schedulers.background import BackgroundScheduler"),
    ("worker/embedded.py", "from fastapi import FastAPI"),
    ("commands/serve.py", "import starlette.applications"),
    ("notifications/channels/mailbox.py", "import smtplib"),
    ("web/pages.py", "def page():\n    import psycopg"),
)
def libraries_stay_at_home(source: Source) -> Iterator[str]:
    """A library that shapes code is met in one room only."""
    if source.room in FLOOR:
        for line, name in source.imports:
            homes = LIBRARY_HOMES.get(name.split(".")[0])
            if homes and not source.path.startswith(homes):
                yield f"{source.path}:{line} imports {name}, whose home is {', '.join(homes)}"


@rule(("models/unit.py", "from __future__ import annotations\n"))
def models_annotate_with_real_types(source: Source) -> Iterator[str]:
    """SQLModel reads the annotations of relationships when the class is made; as text they break it."""
    if source.room == "models":
        for line, name in source.imports:
            if name == "__future__.annotations":
                yield f"{source.path}:{line} turns annotations into text"


# ------------------------------------------------------------------------------------------------ the world outside


@rule(
    ("web/app.py", "import os\nurl = os.environ['DDAY_DATA']"),
    ("worker/app.py", "from os import getenv\nurl = getenv('X')"),
    ("commands/serve.py", "import os as system\nsystem.getenv('X')"),
    ("migrations/env.py", "from os import environ\nenviron.get('X')"),
)
def only_settings_read_the_environment(source: Source) -> Iterator[str]:
    """Whatever can be set is listed by `dday settings`."""
    if source.path != "settings.py":
        for line, name in source.names:
            if re.match(r"os\.(environb?|getenvb?|putenv|unsetenv)\b", name):
                yield f"{source.path}:{line} uses {name}"


CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "time.ctime",
    "time.strftime",
}
STOPWATCHES = {"time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns"}


@rule(
    ("schedules/plan.py", "from datetime import datetime\nnow = datetime.now()"),
    ("models/unit.py", "import datetime as dt\nfield = Field(default_factory=dt.datetime.utcnow)"),
    ("documents/report.py", "from datetime import date as day\nday.today()"),
    ("notifications/compose.py", "import time\ntime.time()"),
)
def time_is_read_at_the_edge(source: Source) -> Iterator[str]:
    """`now` is a parameter; only the edge asks for it."""
    if source.room in FLOOR and source.room not in EDGE:
        for line, name in source.names:
            if name in CLOCKS:
                yield f"{source.path}:{line} reads the time by {name}: take `now` or `today` as a parameter"


@rule(
    ("schedules/due.py", "import time\nbegan = time.monotonic()"),
    ("models/unit.py", "from time import perf_counter\nperf_counter()"),
)
def durations_are_measured_at_the_edge(source: Source) -> Iterator[str]:
    """A stopwatch belongs to what talks to the world: the edge and the channels."""
    inside = source.room in FLOOR and source.room not in EDGE
    if inside and not source.path.startswith("notifications/channels/"):
        for line, name in source.names:
            if name in STOPWATCHES:
                yield f"{source.path}:{line} measures time by {name}"


@rule(
    ("schedules/due.py", "from sqlalchemy import func\nquery = select(x).where(due_at <= func.now())"),
    ("models/unit.py", "from sqlalchemy import text\ntext('SELECT clock_timestamp()')"),
    ("web/api.py", "SQL = 'UPDATE reminder SET sent_at = CURRENT_TIMESTAMP'"),
    ("worker/watch.py", "SQL = \"SELECT datetime('now')\""),
)
def the_database_clock_is_read_in_one_place(source: Source) -> Iterator[str]:
    """A clock inside a condition uses no index and cannot be simulated: `models.database.read_clock` reads it once."""
    if source.room in FLOOR and source.path != "models/database.py":
        asked = re.compile(r"\b(clock_timestamp|statement_timestamp|now)\(\)|\bCURRENT_(TIMESTAMP|DATE)\b|\('now'\)")
        for line, name in source.names:
            if name in ("sqlalchemy.func.now", "sqlalchemy.func.current_timestamp", "sqlmodel.func.now"):
                yield f"{source.path}:{line} reads the database's clock by {name}"
        for line, text in source.strings:
            if asked.search(text) and re.search(r"\b(SELECT|UPDATE|INSERT|DELETE|DEFAULT)\b", text):
                yield f"{source.path}:{line} reads the database's clock in SQL"


@rule(
    ("schedules/due.py", "def claim(session):\n    session.commit()"),
    ("notifications/outbox.py", "def queue(engine):\n    with engine.begin() as connection:\n        pass"),
    ("documents/store.py", "from models.database import write"),
    ("models/unit.py", "import models.database as database\ndatabase.write(engine)"),
)
def work_is_committed_at_the_edge(source: Source) -> Iterator[str]:
    """Inside, a function takes a session and leaves the unit of work to its caller."""
    if source.room not in FLOOR or source.room in EDGE or source.path in OPENS_TRANSACTIONS:
        return
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("commit", "begin")
        ):
            yield f"{source.path}:{node.lineno} calls .{node.func.attr}()"
    for line, name in source.imports + source.names:
        if name == "models.database.write":
            yield f"{source.path}:{line} uses {name}, which commits"


@rule(("worker/clock.py", "import time\ntime.sleep(1)"), ("web/app.py", "from time import sleep\nsleep(1)"))
def nothing_sleeps(source: Source) -> Iterator[str]:
    """A wait that a stop can end is an Event's or a condition's; a fixed sleep is neither (one handed in may be)."""
    if source.room in FLOOR:
        for line, name in source.calls:
            if name in ("time.sleep", "asyncio.sleep"):
                yield f"{source.path}:{line} sleeps"


# ------------------------------------------------------------------------------------------------ files


@rule(
    ("web/utils.py", ""),
    ("models/common/unit.py", ""),
    ("notifications/mail_manager.py", ""),
    ("helpers.py", ""),
    ("worker/reminder_service.py", ""),
)
def names_say_what_is_inside(source: Source) -> Iterator[str]:
    """A module is named by its concept, not by being a place to put things."""
    words = re.split(r"[/_]", source.path.removesuffix(".py"))
    for word in words:
        if re.fullmatch(r"utils?|helpers?|common|core|managers?|services?|misc|base\d*|data2", word):
            yield f"{source.path} is named {word!r}"


@rule(("models/unit.py", "line = 1\n" * (LONGEST + 1)))
def files_tell_one_thing(source: Source) -> Iterator[str]:
    """A long file is two things, or stands in LONG_FILES with its reason."""
    lines = source.text.count("\n")
    if source.path.startswith("migrations/versions/"):
        return  # a step of history is as long as the step was
    if lines > LONGEST and source.path not in LONG_FILES:
        yield f"{source.path} has {lines} lines (more than {LONGEST}): divide it, or list it with its reason"


# ------------------------------------------------------------------------------------------------ the rules at work


def product_files() -> list[Path]:
    """Every file of the checkout that is ours: what is hidden, generated or installed is not."""
    found: list[Path] = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name for name in folders if name not in ("data", "__pycache__") and (name[0] != "." or name == ".ci")
        ]
        found += [Path(folder, name) for name in files if name != ".git"]  # a file in a linked worktree
    return found


def product_sources() -> list[Source]:
    return [
        Source(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
        for file in product_files()
        if file.suffix == ".py" and file.relative_to(ROOT).parts[0] != "tests"
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    faults = [fault for source in product_sources() for fault in rule(source)]
    assert not faults, f"{rule.__doc__}\n" + "\n".join(faults)


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        pytest.param(rule, *broken, id=f"{rule.__name__}-{broken[0]}")
        for rule, files in RULES.items()
        for broken in files
    ],
)
def test_the_rule_sees_its_breach(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text)))


def test_every_rule_has_a_file_that_breaks_it() -> None:
    assert all(RULES.values())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("schedules/plan.py", "from models import Unit\nfrom schedules.dates import read_dates\nimport settings"),
        ("cli.py", "from commands import serve\nfrom datetime import datetime\ndatetime.now()"),
        ("worker/app.py", "from celery import Celery\nimport time\ntime.time()\nsession.commit()"),
        ("models/database.py", "text('SELECT clock_timestamp()')\nsession.commit()"),
        ("notifications/channels/email.py", "import smtplib\nimport time\ntime.monotonic()\nsend(wait=time.sleep)"),
        ("settings.py", "import os\nos.environ.get('DDAY_DATA')"),
        ("schedules/plan.py", "now.strftime('%d')\ndatetime_now = moment.now\nwhat = 'at once, now()'"),
    ],
)
def test_what_is_allowed_is_left_alone(path: str, text: str) -> None:
    assert [fault for rule in RULES for fault in rule(Source(path, text))] == []


def test_the_long_files_listed_are_long_and_there() -> None:
    for path, reason in LONG_FILES.items():
        assert reason
        assert (ROOT / path).read_text(encoding="utf-8").count("\n") > LONGEST, f"{path} may leave the list"


def test_every_room_is_there() -> None:
    """A rule about a room that was renamed would hold of nothing."""
    rooms = {source.room for source in product_sources()}
    assert set(FLOOR) <= rooms


# ------------------------------------------------------------------------------------------------ places and addresses

TEXT_FILES = {
    "",
    ".cfg",
    ".css",
    ".html",
    ".ini",
    ".js",
    ".lock",
    ".md",
    ".mako",
    ".py",
    ".sh",
    ".toml",
    ".txt",
    ".yml",
}
MACHINE_PATH = re.compile(r"(?<![\w.<}-])/(?:home|root|tmp|work|Users|private)/\w+")


def machine_paths(text: str) -> list[str]:
    return MACHINE_PATH.findall(text)


def test_no_file_names_a_path_of_one_machine() -> None:
    files = [file for file in product_files() if file.suffix in TEXT_FILES]
    faults = {
        file.relative_to(ROOT): machine_paths(file.read_text(encoding="utf-8", errors="replace")) for file in files
    }
    assert {path: found for path, found in faults.items() if found} == {}


def test_a_path_of_one_machine_is_seen() -> None:
    assert machine_paths("see /" + "home/somebody/file")
    assert not machine_paths("the form lies in examples/work/tmp/file")


def read_lock(text: str) -> dict[str, str]:
    """Names and versions of a lock; a name with two versions keeps the last (they differ by Python)."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", text, re.MULTILINE))


def lock_faults(text: str) -> list[str]:
    """Lines of a lock that would tie it to one machine or let a package in unseen."""
    loose = [line for line in text.splitlines() if re.search(r"://|--(?!hash=sha256:)|@|^\s*#", line)]
    packages = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    return loose + [package for package in packages if package and "--hash=sha256:" not in package]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_has_hashes_and_no_addresses(name: str) -> None:
    assert lock_faults((ROOT / name).read_text()) == []


@pytest.mark.parametrize("line", ["six==1.17.0", "--index-url https://example.org", "six @ file:///six.whl"])
def test_a_loose_lock_is_seen(line: str) -> None:
    assert lock_faults(line + "\n")


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = read_lock((ROOT / "requirements.lock").read_text())
    dev = read_lock((ROOT / "requirements-dev.lock").read_text())
    assert run.items() <= dev.items(), "requirements-dev.lock stands on requirements.lock"
    asked = [(line, run) for line in project["project"]["dependencies"]]
    asked += [(line, dev) for line in project["dependency-groups"]["dev"]]
    for line, lock in asked:
        requirement = Requirement(line)
        assert requirement.name in lock, f"{line} is not locked"
        assert Version(lock[requirement.name]) in requirement.specifier, f"{line} is locked at another version"
