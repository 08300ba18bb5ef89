"""The compose file is right by its own rules, and its very commands start, answer their health checks and stop."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import cast

import pytest
import yaml

from settings import DESCRIBED
from tests.conftest import create_database
from tests.servers import free_port
from tests.worker.processes import until

ROOT = Path(__file__).resolve().parent.parent
Service = dict[str, object]
OURS = ("migrate", "clock", "worker", "web")
KNOWN_KEYS = {  # of the Compose specification, those that we use
    *("build", "cap_drop", "command", "depends_on", "deploy", "entrypoint", "environment", "healthcheck", "image"),
    *("init", "network_mode", "ports", "profiles", "read_only", "restart", "security_opt", "shm_size"),
    *("stop_grace_period", "tmpfs", "volumes"),
}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    read = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return cast("dict[str, Service]", read["services"])


def test_the_file_keeps_to_the_specification(services: dict[str, Service]) -> None:
    read = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert set(read) <= {"name", "services", "volumes", "x-dday"}
    named = set(read["volumes"])
    for name, service in services.items():
        assert set(service) <= KNOWN_KEYS, name
        assert isinstance(service["image"], str)
        assert ":" in service["image"] or service["image"] == "dday", f"{name} has no version"
        for before, how in cast("dict[str, dict[str, str]]", service.get("depends_on", {})).items():
            assert before in services
            assert how["condition"] in CONDITIONS
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[before], f"{name} waits for the health of {before}, which tells none"
            if how["condition"] == "service_completed_successfully":
                assert services[before]["restart"] == "no", f"{before} would start again"
        for volume in cast("list[str]", service.get("volumes", [])):
            assert volume.split(":")[0] in named


def test_our_processes_are_confined(services: dict[str, Service]) -> None:
    for name in OURS:
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert "restart" in services[name]
    assert "USER dday" in (ROOT / "Dockerfile").read_text()


def test_one_service_builds_the_image(services: dict[str, Service]) -> None:
    """Builds run side by side: two that name their image alike take it from each other, and the start fails."""
    builders = [name for name in services if "build" in services[name]]
    assert builders == ["migrate"]
    assert {services[name]["image"] for name in OURS} == {"dday"}


def test_a_process_that_still_starts_hears_that_it_shall_stop(services: dict[str, Service]) -> None:
    """The kernel keeps a signal from the first process of a container until that has asked for it."""
    assert all(services[name]["init"] is True for name in OURS)


def test_the_broker_is_open_to_the_other_services_whatever_its_image_presets(services: dict[str, Service]) -> None:
    words = cast("list[str]", services["valkey"]["command"])
    assert words[words.index("--protected-mode") + 1] == "no"
    assert "ports" not in services["valkey"]


def test_two_clocks_are_the_default(services: dict[str, Service]) -> None:
    assert services["clock"]["deploy"] == {"replicas": 2}


def test_every_setting_that_is_passed_exists(services: dict[str, Service]) -> None:
    known = {described.name for described in DESCRIBED}
    for name in OURS:
        for setting in cast("dict[str, str]", services[name]["environment"]):
            assert setting.removesuffix("_FILE") in known, setting


def test_every_setting_reaches_the_processes_from_the_file_of_settings(services: dict[str, Service]) -> None:
    fixed = {"DDAY_DATA", "DDAY_DATABASE_URL", "DDAY_BROKER_URL", "DDAY_SECRET_KEY", "DDAY_TIME_SHIFT"}
    for name in OURS:
        given = cast("dict[str, str]", services[name]["environment"])
        for described in DESCRIBED:
            if described.name not in fixed:
                assert given[described.name].startswith(f"${{{described.name}:-"), described.name


def test_the_example_of_settings_names_settings() -> None:
    known = {described.name for described in DESCRIBED} | {"DDAY_PUBLISH"}  # which is the compose file's own
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    names = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert names
    assert set(names) <= known


def test_the_image_holds_what_the_product_imports() -> None:
    kept = {
        line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert rooms | {"cli.py", "settings.py", "requirements.lock"} <= kept
    assert all((ROOT / name).exists() for name in kept - {"examples"})


@pytest.fixture
def keys(services: dict[str, Service], tmp_path: Path) -> Path:
    """What the service `keys` makes, made by its own script."""
    folder = tmp_path / "keys"
    folder.mkdir()
    (script,) = cast("list[str]", services["keys"]["command"])
    script = script.replace("$$", "$").replace("cd /run/keys", f"cd {folder}")
    assert shutil.which("sh")
    for _ in range(2):  # it runs at each start, and changes nothing then
        subprocess.run(["sh", "-c", script], check=True)
    return folder


def test_keys_are_made_once_and_long_enough(keys: Path) -> None:
    password = (keys / "postgres_password").read_text()
    assert len(password) == 64
    assert (keys / "database_url").read_text() == f"postgresql://dday:{password}@postgres:5432/dday"
    assert len((keys / "secret_key").read_text()) == 64


@pytest.mark.postgres
def test_its_commands_start_answer_and_stop(
    services: dict[str, Service], keys: Path, worker_id: str, valkey_url: str, tmp_path: Path
) -> None:
    """In the file's order, with its settings, on real servers; containers become processes, paths and hosts real."""
    (keys / "database_url").chmod(0o644)
    (keys / "database_url").write_text(create_database(f"compose_{worker_id}_{time.monotonic_ns()}"))
    ports = {there: str(free_port()) for there in ("9100", "9101", "8000")}

    def real(word: str) -> str:
        for there, here in (("/run/keys", str(keys)), ("redis://valkey:6379/0", valkey_url), *ports.items()):
            word = word.replace(there, here)
        return word

    def environment(service: Service) -> dict[str, str]:
        given = cast("dict[str, str]", service["environment"])
        values = {name: real(value) for name, value in given.items() if not value.startswith("${")}
        return {**os.environ, **values, "DDAY_DATA": str(tmp_path / "data")}

    def command(service: Service) -> list[str]:
        words = [real(word) for word in cast("list[str]", service["command"])]
        return [sys.executable, str(ROOT / "cli.py"), *("127.0.0.1" if word == "0.0.0.0" else word for word in words)]

    def is_healthy(service: Service) -> bool:
        (_cmd, _python, *words) = cast("dict[str, list[str]]", service["healthcheck"])["test"]
        run = subprocess.run([sys.executable, *map(real, words)], check=False, capture_output=True)
        return run.returncode == 0

    migrate = subprocess.run(
        command(services["migrate"]), env=environment(services["migrate"]), check=False, capture_output=True, text=True
    )
    assert migrate.returncode == 0, migrate.stderr
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in ("clock", "worker", "web"):
            with (tmp_path / f"{name}.log").open("wb") as log:
                started[name] = subprocess.Popen(
                    command(services[name]), env=environment(services[name]), stdout=log, stderr=log
                )
        for name in started:
            until(lambda one=name: is_healthy(services[one]), f"a healthy {name}")  # type: ignore[misc]
        until(lambda: b"worker.started" in (tmp_path / "worker.log").read_bytes(), "a worker at work")
        began = time.monotonic()
        for process in started.values():
            process.terminate()
        assert {process.wait(30) for process in started.values()} <= {0, -signal.SIGTERM}
        assert time.monotonic() - began < 10
    finally:
        for process in started.values():
            process.kill()
            process.wait()
