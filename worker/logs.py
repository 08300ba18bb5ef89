"""What the long-running processes say: one line an event, stable names, no personal data."""

import logging
import re
import sys
import traceback
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from settings import ROOT

ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
LINK = re.compile(r"/a/[A-Za-z0-9_-]{16,}")
FRAMES = 6


def set_up_logs(*, level: str = "INFO") -> None:
    """Lines of JSON on standard error, for people on a terminal in columns; libraries' warnings come the same way.

    Events are `noun.verb`, in the past tense where something happened. What went wrong is told by the kind of error and
    where in the code it arose: the text of an error may hold somebody's address or the values of a row.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _name_error,
        _mask,
    ]
    shown = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, shown],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_name_record, *shared],
            pass_foreign_args=True,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, shown],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _name_record(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A library's sentence becomes one stable event: who says it, in which words, before values stand in it."""
    record: logging.LogRecord = event["_record"]
    event["event"], event["logger"], event["words"] = "library.said", record.name, str(record.msg).strip()
    values = event.pop("positional_args", ())
    kinds = [type(value).__name__ for value in values if isinstance(value, BaseException)]
    if kinds:
        event["error"] = kinds[0]
    return event


def _name_error(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """`exc_info` becomes the error's kind and where it arose: the innermost places of our own, then of a library."""
    given = event.pop("exc_info", None)
    if not given:
        return event
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exception()
    if error is not None:
        event["error"] = type(error).__name__
        if error.__cause__ is not None:  # a driver's own name for it: DiskFull, AdminShutdown
            event["cause"] = type(error.__cause__).__name__
        event["places"] = _places(error.__traceback__)
    return event


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)
    ours = [frame for frame in frames if str(ROOT) in frame.filename and "site-packages" not in frame.filename]
    shown = [*ours[-FRAMES:], *(frames[-1:] if frames[-1:] != ours[-1:] else [])]
    return [f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in shown]


def _mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A last net: addresses and answer links do not leave, whatever text they are in."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = LINK.sub("/a/…", ADDRESS.sub("…@…", value))
    return event
