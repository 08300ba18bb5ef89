"""`./dday` from a bare checkout: real runs in copies whose locks are empty, so that nothing is downloaded."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("cat", "cmp", "cp", "env", "grep", "readlink", "rm", "sh", "tail")  # all that the launcher asks of a machine
PREPARING = "처음 실행 준비 중"

CLI = """
import json, os, sys
print(json.dumps({
    "arguments": sys.argv[1:], "cwd": os.getcwd(), "encoding": sys.stdout.encoding, "here": __file__,
    "pid": os.getpid(), "prefix": sys.prefix,
}, ensure_ascii=False))
"""

# Stands for pytest, ruff and mypy, of which the copies have none.
TOOL = """
import json, os, sys
print(json.dumps([os.path.basename(__file__), *sys.argv[1:]], ensure_ascii=False))
sys.exit(__file__.endswith("ruff.py"))
"""


class Copy:
    """A copy of the launcher with empty locks and a command that tells how it was called."""

    def __init__(self, root: Path, programs: Path) -> None:
        self.root = root
        self.launcher = root / "dday"
        self.venv = root / ".venv"
        self.environment = {"PATH": str(programs), "HOME": "/nonexistent"}
        root.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "dday", self.launcher)
        for name, text in {
            "requirements.lock": "",
            "requirements-dev.lock": "",
            "cli.py": CLI,
            "pytest.py": TOOL,
            "ruff.py": TOOL,
            "mypy.py": TOOL,
        }.items():
            (root / name).write_text(text, encoding="utf-8")

    def run(self, *arguments: str, by: Path | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [by or self.launcher, *arguments],
            cwd=cwd or self.root.parent,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def tell(self, *arguments: str, by: Path | None = None, cwd: Path | None = None) -> dict[str, object]:
        """What the command was told; the run has to succeed."""
        done = self.run(*arguments, by=by, cwd=cwd)
        assert done.returncode == 0, done.stderr
        told: dict[str, object] = json.loads(done.stdout)
        return told


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PATH of a bare machine: a few tools, and one python3."""
    folder = tmp_path_factory.mktemp("bin")
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    (folder / "python3").symlink_to(os.path.realpath(sys._base_executable))  # type: ignore[attr-defined]
    return folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Copy:
    """A copy after its first run, in a folder with a space and Korean letters, which no test may change."""
    copy = Copy(tmp_path_factory.mktemp("machine") / "일정 관리 (새 폴더)", programs)
    first = copy.run("first")
    assert first.returncode == 0, first.stderr
    assert first.stderr.count("\n") == 1
    assert first.stderr.startswith(PREPARING)
    return copy


@pytest.fixture
def another(prepared: Copy, programs: Path, tmp_path: Path) -> Copy:
    """A prepared copy to spoil."""
    shutil.copytree(prepared.root, tmp_path / "dday-copy", symlinks=True)
    return Copy(tmp_path / "dday-copy", programs)


@pytest.fixture
def bare(programs: Path, tmp_path: Path) -> Copy:
    """A copy before its first run."""
    return Copy(tmp_path / "bare", programs)


def test_once_prepared_it_becomes_the_command_without_a_word(prepared: Copy) -> None:
    done = prepared.run("preview", "--from", "2024. 9. 1.")
    told = json.loads(done.stdout)
    assert done.stderr == ""
    assert told["arguments"] == ["preview", "--from", "2024. 9. 1."]
    assert told["prefix"] == str(prepared.venv)


def test_files_are_named_from_where_the_user_stands(prepared: Copy, tmp_path: Path) -> None:
    assert prepared.tell("import", "report.md", cwd=tmp_path)["cwd"] == str(tmp_path)


def test_text_is_utf_8_without_a_language(prepared: Copy) -> None:
    assert "LANG" not in prepared.environment
    assert prepared.tell("한글")["arguments"] == ["한글"]
    assert prepared.tell()["encoding"] == "utf-8"


@pytest.mark.parametrize("relative", [False, True], ids=["absolute", "relative"])
def test_it_is_found_through_symbolic_links(prepared: Copy, tmp_path: Path, relative: bool) -> None:
    target = os.path.relpath(prepared.launcher, tmp_path) if relative else prepared.launcher
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "dday").symlink_to("link")
    assert prepared.tell(by=tmp_path / "dday", cwd=tmp_path)["here"] == str(prepared.root / "cli.py")


def test_it_is_found_on_the_path_and_as_an_argument_of_sh(prepared: Copy) -> None:
    here = str(prepared.root / "cli.py")
    for call in (["env", f"PATH={prepared.root}:{prepared.environment['PATH']}", "dday"], ["sh", "dday"]):
        done = subprocess.run(call, cwd=prepared.root, env=prepared.environment, capture_output=True, check=True)
        assert json.loads(done.stdout)["here"] == here


def test_the_command_takes_the_launchers_place_so_that_signals_reach_it(prepared: Copy) -> None:
    with subprocess.Popen([prepared.launcher], env=prepared.environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.read())["pid"] == process.pid


def test_it_costs_less_than_50_ms_over_python(prepared: Copy) -> None:
    def fastest(*command: Path | str) -> float:
        times = []
        for _ in range(7):
            began = time.perf_counter()
            subprocess.run(command, env=prepared.environment, stdout=subprocess.DEVNULL, check=True)
            times.append(time.perf_counter() - began)
        return min(times)

    python = fastest(prepared.venv / "bin" / "python", "-X", "utf8", prepared.root / "cli.py")
    assert fastest(prepared.launcher) - python < 0.05


def _outdated(copy: Copy) -> None:
    (copy.root / "requirements.lock").write_text("# one line more\n")


def _interrupted(copy: Copy) -> None:
    (copy.venv / "requirements.lock").unlink()
    shutil.rmtree(copy.venv / "lib")


def _pythonless(copy: Copy) -> None:
    for program in (copy.venv / "bin").glob("python*"):
        program.unlink()
        program.symlink_to("/nonexistent/python3")


@pytest.mark.parametrize("spoil", [_outdated, _interrupted, _pythonless])
def test_an_environment_that_is_not_as_it_should_be_is_made_again(another: Copy, spoil: Callable[[Copy], None]) -> None:
    leftover = another.venv / "leftover"
    leftover.touch()
    spoil(another)
    assert another.run().stderr.startswith(PREPARING)
    assert not leftover.exists()
    assert another.run().stderr == ""


def test_concurrent_first_runs_make_it_once(bare: Copy) -> None:
    runs = [
        subprocess.Popen([bare.launcher, str(n)], env=bare.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for n in range(3)
    ]
    said = [run.communicate(timeout=120) for run in runs]
    assert [json.loads(out)["arguments"] for out, _ in said] == [["0"], ["1"], ["2"]]
    assert sum(PREPARING in err.decode() for _, err in said) == 1
    assert all(PREPARING in err.decode() or "기다리는 중" in err.decode() or not err for _, err in said)


def _program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_a_python_that_is_there_but_does_not_run_is_passed_over(bare: Copy, tmp_path: Path) -> None:
    _program(tmp_path / "shims", "python3.13", "echo 'python3.13: command not found' >&2; exit 127")
    _program(tmp_path / "shims", "python3.11", "exit 1")
    bare.environment["PATH"] = f"{tmp_path / 'shims'}:{bare.environment['PATH']}"
    assert bare.run().stderr.count("\n") == 1
    assert bare.tell()["prefix"] == str(bare.venv)


@pytest.mark.parametrize(
    ("python", "found"),
    [("case $3 in *ensurepip*) exit 1;; esac; echo 3.11", "3.11"), ("echo 3.9; exit 1", "없음"), ("exit 127", "없음")],
    ids=["without venv", "too old", "broken"],
)
def test_without_a_usable_python_one_line_says_what_to_install(
    bare: Copy, programs: Path, tmp_path: Path, python: str, found: str
) -> None:
    shutil.copytree(programs, tmp_path / "bin", symlinks=True)
    (tmp_path / "bin" / "python3").unlink()
    _program(tmp_path / "bin", "python3", python)
    bare.environment["PATH"] = str(tmp_path / "bin")
    done = bare.run("demo")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "apt install python3-venv" in done.stderr
    assert found in done.stderr
    assert not bare.venv.exists()


def test_what_pip_cannot_install_is_said_and_tried_again(another: Copy) -> None:
    another.environment["PIP_NO_INDEX"] = "1"  # pip's own settings hold, here as with a mirror
    (another.root / "requirements.lock").write_text(f"nosuchpackage==1.0 --hash=sha256:{'0' * 64}\n")
    done = another.run("demo")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "No matching distribution found for nosuchpackage==1.0" in done.stderr
    assert "다시 실행하세요" in done.stderr
    (another.root / "requirements.lock").write_text("")
    assert another.tell("demo")["arguments"] == ["demo"]


def test_the_development_lock_is_installed_on_first_use_of_test(another: Copy) -> None:
    (another.venv / "leftover").touch()
    assert PREPARING in another.run("test").stderr
    assert (another.venv / "leftover").exists(), "what is installed stays, the rest comes on top"
    assert another.run("test").stderr == ""
    assert another.run("demo").stderr == ""


def test_test_hands_its_arguments_to_pytest(another: Copy, tmp_path: Path) -> None:
    another.run("test")
    whole = json.loads(another.run("test", "-k", "설", cwd=tmp_path).stdout)
    assert whole[-3:] == ["-k", "설", str(another.root / "tests")]
    (tmp_path / "test_mine.py").touch()
    chosen = json.loads(another.run("test", "-x", "test_mine.py::test_one", cwd=tmp_path).stdout)
    assert chosen[-2:] == ["-x", "test_mine.py::test_one"]


def test_check_runs_every_check_and_fails_if_one_does(another: Copy, tmp_path: Path) -> None:
    done = another.run("check", cwd=tmp_path)
    assert done.returncode == 1
    assert [json.loads(line)[:2] for line in done.stdout.splitlines()] == [
        ["ruff.py", "check"],
        ["ruff.py", "format"],
        ["mypy.py"],
        ["pytest.py", "-q"],
    ]
    (another.root / "ruff.py").write_text("")
    assert another.run("check").returncode == 0


def test_check_and_test_tell_how_to_use_them_before_anything_is_installed(bare: Copy) -> None:
    assert "./dday check" in bare.run("check", "--help").stdout
    assert "예/example: ./dday test " in bare.run("test", "--help").stdout
    assert bare.run("check", "models").returncode == 2
    assert not bare.venv.exists()


NOBODY = 65534


def _python_for_nobody() -> str | None:
    """A Python that another user may run, too."""
    for program in (os.path.realpath(sys._base_executable), "/usr/bin/python3"):  # type: ignore[attr-defined]
        try:
            probe = [program, "-I", "-c", "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))"]
            if subprocess.run(probe, user=NOBODY, cwd="/", capture_output=True, check=False).returncode == 0:
                return program
        except OSError:
            continue
    return None


@pytest.mark.skipif(os.geteuid() != 0, reason="every other test here already runs as an ordinary user")
def test_an_ordinary_user_prepares_and_runs_it_in_a_folder_of_their_own(programs: Path) -> None:
    python = _python_for_nobody()
    if python is None:
        pytest.skip("every Python with venv lies in a folder that is closed to other users")
    with tempfile.TemporaryDirectory(prefix="dday-launcher-") as folder:
        Path(folder).chmod(0o755)
        shutil.copytree(programs, Path(folder) / "bin", symlinks=True)
        (Path(folder) / "bin").chmod(0o755)
        (Path(folder) / "bin" / "python3").unlink()
        (Path(folder) / "bin" / "python3").symlink_to(python)
        copy = Copy(Path(folder) / "home", Path(folder) / "bin")
        for file in [copy.root, *copy.root.iterdir()]:
            os.chown(file, NOBODY, NOBODY)
        done = subprocess.run(
            [copy.launcher, "demo"],
            cwd="/",
            env=copy.environment,
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["prefix"] == str(copy.venv)
        assert copy.venv.stat().st_uid == NOBODY
