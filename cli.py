"""The `dday` command: finds the verb that was typed, and turns every refusal into one line that says what to do."""

import errno
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.run import end_run, use_data
from settings import Refusal

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

# Verb → the file that registers it. Only the file of the typed verb is loaded, so that a small verb starts fast.
VERBS = {
    "demo": "demo",
    "import": "reading",
    "review": "review",
    "dates": "dates",
    "activate": "planning",
    "preview": "planning",
    "simulate": "planning",
    "rules": "rules",
    "supporting": "supporting",
    "days": "days",
    "absence": "absence",
    "handover": "people",
    "people": "people",
    "reorganise": "reorganise",
    "schedules": "rounds",
    "nudge": "rounds",
    "report": "reports",
    "serve": "running",
    "clock": "running",
    "worker": "running",
    "web": "running",
    "login-link": "running",
    "accounts": "accounts",
    "audit": "audit",
    "status": "running",
    "bounce": "bounce",
    "init": "upkeep",
    "migrate": "upkeep",
    "settings": "upkeep",
    "doctor": "upkeep",
    "backup": "upkeep",
    "restore": "upkeep",
}


def make_app(verb: str | None) -> typer.Typer:
    """The command line with the files that the verb needs; with every file when no known verb is named."""
    app = typer.Typer(
        name="dday",
        help="주요업무 보고의 일정을 알림과 진행상황 요청으로, 답변을 다음 보고서로 만듭니다.\n\n"
        "Turns the milestones of a progress report into reminders, and the answers into the next report.",
        epilog="개발용: `./dday test` 전체 시험, `./dday check` 검사, `./dday bench` 측정 / for developers",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def options(
        data: Annotated[
            str, typer.Option("--data", metavar="DIR", help="데이터 폴더 (DDAY_DATA 대신) / the data folder")
        ] = "",
    ) -> None:
        use_data(Path(data) if data else None)

    files = [VERBS[verb]] if verb in VERBS else list(dict.fromkeys(VERBS.values()))
    for name in files:
        importlib.import_module(f"commands.{name}").register(app)
    return app


def main(arguments: list[str] | None = None) -> int:
    """Runs one command line; returns its exit status: 0 done, 1 refused or failed, 2 wrong usage."""
    words = _data_first(sys.argv[1:] if arguments is None else arguments)
    verb = words[2] if words[:1] == ["--data"] and len(words) > 2 else next(iter(words), None)
    try:
        make_app(verb)(words, prog_name="dday")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except Refusal as refusal:
        return _say(str(refusal))
    except KeyboardInterrupt:
        _say("중단했습니다. 다시 실행하면 이어서 합니다. / interrupted; run it again to go on")
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except _database_errors() as error:
        reason = str(error.orig).partition("\n")[0].rstrip(".")  # what follows tells the values of rows
        return _say(f"데이터베이스 오류: {reason}. dday doctor 로 확인해 주세요. / database error")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return _say("디스크에 자리가 없습니다. 자리를 만든 뒤 다시 실행해 주세요. / disk full")
        if error.errno == errno.EADDRINUSE:
            return _say(
                "그 포트는 이미 쓰이고 있습니다. --port(지표는 --metrics-port)로 다른 번호를 주세요. / port in use"
            )
        return _say(f"{error.filename or '파일'}: {error.strerror or error}")
    finally:
        end_run()
    return 0


def _database_errors() -> tuple[type["DBAPIError"], ...]:
    """What a database may raise; nothing as long as its library is not loaded, which small verbs do not wait for."""
    if "sqlalchemy" not in sys.modules:
        return ()
    from sqlalchemy.exc import DBAPIError

    return (DBAPIError,)


def _data_first(words: list[str]) -> list[str]:
    """`--data DIR` may stand anywhere on the line; it comes out in front, as two words."""
    for index, word in enumerate(words):
        if word == "--":
            break
        if word == "--data" and index + 1 < len(words):
            return [word, words[index + 1], *words[:index], *words[index + 2 :]]
        if word.startswith("--data="):
            return ["--data", word.removeprefix("--data="), *words[:index], *words[index + 1 :]]
    return words


def _say(text: str) -> int:
    print(f"dday: {' '.join(text.split())}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
