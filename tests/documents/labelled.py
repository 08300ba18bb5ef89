"""Reports of invented offices with labels at the ends of their lines, made by hand before the reader saw them.

A file's first line is the date it is read by; behind a line, in double angle brackets, stands what it says:

    m START..END STATUS KIND [D]    a milestone: `-` an open side; p i d planned, running, done; `*` any; D a deadline
    m? …                            may be read, need not be
    p UNIT|NUMBER|TITLE|TEAM        a project; `-` none, `*` any
    p? …                            may be read as a project
    f CODE                          a finding of this line
    o OFFICE,OFFICE                 the offices that the line names
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

_LABELS = re.compile(r"\s*⟪(.*?)⟫\s*$")
_STATUS = {"p": "planned", "i": "in_progress", "d": "done", "*": "*"}
FOLDER = Path(__file__).parent / "offices"

Window = tuple[int, date | None, date | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A labelled milestone: where it stands with its window, and what is known of it (`*` where either will do)."""

    window: Window
    status: str
    kind: str
    is_deadline: bool
    required: bool


@dataclass(frozen=True, slots=True)
class Titled:
    """A labelled project; `-` stands for none and `*` for any."""

    unit: str
    number: str
    title: str
    team: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document without its labels, and the labels."""

    as_of: date
    text: str
    milestones: tuple[Wanted, ...]
    projects: tuple[Titled, ...]
    findings: frozenset[tuple[int, str]]
    owners: tuple[tuple[int, tuple[str, ...]], ...]


def documents() -> list[str]:
    return sorted(file.stem for file in FOLDER.glob("*.txt"))


def read_labelled(name: str) -> Labelled:
    first, *lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    milestones: list[Wanted] = []
    projects: list[Titled] = []
    findings: set[tuple[int, str]] = set()
    owners: list[tuple[int, tuple[str, ...]]] = []
    for number, line in enumerate(lines, start=1):
        label = _LABELS.search(line)
        for item in label[1].split(" ; ") if label else ():
            sort, _, said = item.strip().partition(" ")
            if sort in ("m", "m?"):
                milestones.append(_milestone(number, said, required=sort == "m"))
            elif sort == "p":
                projects.append(Titled(*said.split("|")))
            elif sort == "f":
                findings.add((number, said))
            elif sort == "o":
                owners.append((number, tuple(said.split(","))))
    text = "\n".join(_LABELS.sub("", line) for line in lines)
    as_of = date.fromisoformat(first.removeprefix("as-of: "))
    return Labelled(as_of, text, tuple(milestones), tuple(projects), frozenset(findings), tuple(owners))


def _milestone(line: int, said: str, *, required: bool) -> Wanted:
    window, status, *rest = said.split()
    start, end = (None if side == "-" else date.fromisoformat(side) for side in window.split(".."))
    kind = next((word for word in rest if word != "D"), "*")
    return Wanted((line, start, end), _STATUS[status], kind, "D" in rest, required)
