"""`python -m bench`: every benchmark in one run, as a table of figures, ratios and goals."""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from bench import due, mails, pages, plan, quiet, storm
from bench.ground import Figure, Ground, ground, machine
from bench.picture import draw

BENCHES: dict[str, tuple[Callable[[Ground, int], list[Figure]], int, str]] = {
    "due": (due.run, 20_000, "reminders due at once, trivial channel"),
    "mails": (mails.run, 10_000, "mails end to end into a mail server on this machine"),
    "pages": (pages.run, 20_000, "milestones behind the pages, ten reminders each"),
    "plan": (plan.run, 10_000, "milestones planned"),
    "quiet": (quiet.run, 20_000, "reminders pending, about"),
    "storm": (storm.run_storm, 1_000, "holders of 40,000, with their share of 10 million pending"),
    "memory": (storm.run_memory, 500_000, "reminders pending at most"),
    "history": (storm.run_history, 100_000, "reminders pending, twice as many past"),
}
NOT_MEASURED = (
    "loopback, no TLS, fsync off on PostgreSQL for every system, on in SQLite; "
    "one machine holds servers, workers and mail server together, so "
    "they share its cores; absolute figures do not carry over, ratios of one run do; differences under 1.4× are noise"
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="dday bench", description="Measures Dday against peers and limits.")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--only", action="append", choices=BENCHES, metavar="NAME", help=f"one of {', '.join(BENCHES)}")
    parser.add_argument(
        "--repeat", type=int, default=1, metavar="N", help="everything N times in turn; the medians are shown"
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="an SVG of the ratios and their goals")
    parser.add_argument("--size", type=int, help="N for every benchmark instead of its default")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    where = machine()
    figures: list[Figure] = []
    with ground() as on:
        for name in given.only or BENCHES:
            run, size, what = BENCHES[name]
            count = given.size or size
            print(f"== {name}: {count:,} {what}", file=sys.stderr)
            for figure in medians([run(on, count) for _ in range(max(1, given.repeat))]):
                figures.append(figure)
                if not given.json:
                    print(_line(figure), flush=True)
    if given.picture:
        given.picture.write_text(draw(figures, where), encoding="utf-8")
    if given.json:
        document = {"machine": where, "not_measured": NOT_MEASURED, "figures": [one.as_json() for one in figures]}
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        print(f"\n{where}\n{NOT_MEASURED}")
    return 0


def medians(runs: Sequence[Sequence[Figure]]) -> list[Figure]:
    """Of each line of several runs the one in the middle, by its ratio where it has one; the others in its note."""
    if len(runs) == 1:
        return list(runs[0])
    found = []
    for same in zip(*runs, strict=True):
        measured = sorted(same, key=_measure)
        seen = " · ".join(f"{_measure(one):,.2f}" for one in measured)
        middle = measured[(len(measured) - 1) // 2]
        found.append(replace(middle, note=f"{middle.note}; runs: {seen}".lstrip("; ")))
    return found


def _measure(figure: Figure) -> float:
    return figure.value if figure.ratio is None else figure.ratio


def _line(figure: Figure) -> str:
    ratio = f"{figure.ratio:8.2f} × {figure.against}" if figure.ratio is not None else ""
    verdict = "" if figure.is_met is None else f"goal {figure.goal}: {'met' if figure.is_met else 'NOT met'}"
    return f"{figure.system:48} {figure.value:12,.1f} {figure.unit:12} {ratio:48} {verdict} {_runs(figure)}".rstrip()


def _runs(figure: Figure) -> str:
    _, _, runs = figure.note.rpartition("runs: ")
    return f"[{runs}]" if "runs: " in figure.note else ""


if __name__ == "__main__":
    sys.exit(main())
