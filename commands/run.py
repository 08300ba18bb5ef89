"""This run of the command: where its data lies, its settings, and how it says no."""

from collections.abc import Callable
from pathlib import Path

from settings import Refusal, Settings, load_settings

_data: Path | None = None
_at_end: list[Callable[[], None]] = []


class Refused(Refusal):
    """What was asked cannot be done here and now."""


def use_data(folder: Path | None) -> None:
    """`--data DIR` of this run."""
    global _data
    _data = folder


def settings_now() -> Settings:
    """The settings of this run; needs no database and writes nothing."""
    return load_settings(data=_data)


def at_end(close: Callable[[], None]) -> None:
    """`close` is called when this run ends, however it ends."""
    _at_end.append(close)


def end_run() -> None:
    """Closes what this run opened, the latest first."""
    while _at_end:
        _at_end.pop()()
