"""What the rows of a staff table and of a milestone table say, as plain values; `line` is the row's number."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """Somebody who holds a post of a unit from a day on; `unit` and `post` are names (`행정지원팀`, `팀장`)."""

    line: int
    unit: str
    post: str
    name: str
    email: str | None = None
    phone: str | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class MilestoneEntry:
    """A milestone of a project; `kind` is a Korean or English name, `post` a team or a post (`행정지원팀장`)."""

    line: int
    project: str
    unit: str
    label: str
    kind: str | None = None
    start_on: date | None = None
    end_on: date | None = None
    post: str | None = None
    is_tentative: bool = False
