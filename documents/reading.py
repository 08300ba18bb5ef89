"""What a report says, as plain values: the result of reading, before anything is stored.

Every value knows its source: `line` is 1-based and counted by line feeds, texts are the document's own words
without its markup. Windows follow the reading rules of the date grammar: both days inclusive, `None` where the
text leaves a side open.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

UnitKind = Literal["bureau", "department", "team"]
SectionKind = Literal["overview", "background", "results", "problems", "next_steps", "details", "budget", "other"]
MilestoneStatus = Literal["planned", "in_progress", "done", "cancelled"]
Severity = Literal["error", "warning", "info"]
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class StaffRow:
    """정원 and 현원 of one unit in one grade; `grade` is "합계" for the whole unit."""

    grade: str
    quota: int | None
    present: int | None


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A bureau, department or team of the organisation that the document presents; `name` has no inner spaces."""

    name: str
    kind: UnitKind
    parent: str | None
    duties: tuple[str, ...] = ()
    line: int | None = None
    staff: tuple[StaffRow, ...] = ()
    staff_note: str | None = None


@dataclass(frozen=True, slots=True)
class SectionLine:
    """One line of a section: nesting level (0 = directly under the heading), its marker, and its words.

    A table row has `cells` (merged cells left blank as printed, markup removed) and the marker "|".
    """

    line: int
    level: int
    marker: str
    text: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionText:
    """A section of a project: what it is, its heading as printed, and all its lines in order."""

    kind: SectionKind
    heading: str
    line: int
    lines: tuple[SectionLine, ...]


@dataclass(frozen=True, slots=True)
class OverviewItem:
    """A labelled line of the overview, such as 사업대상 or 사업내용, with the lines below it in `details`."""

    label: str
    text: str
    line: int
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """The project period; an open side is `None`."""

    raw: str
    start: date | None
    end: date | None
    line: int


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """An amount in thousand won by source (국비, 시비, 구비 …) and year; `label` is the source as printed."""

    source: str
    year: int
    amount: int
    label: str
    line: int


@dataclass(frozen=True, slots=True)
class BudgetYear:
    """An amount in thousand won that the document prints for a year as a whole."""

    year: int
    amount: int
    line: int


@dataclass(frozen=True, slots=True)
class Budget:
    """소요예산 in thousand won.

    `rows` holds what the table prints by source and year, blank cells left out; `stated_total` is the printed total
    over all years, `year_totals` the printed totals of each year, `stated_year` the amount of the heading
    (`2024년 소요예산 : 2,487,248천원`). `none_needed` says that the document states 비예산.
    """

    rows: tuple[BudgetRow, ...] = ()
    stated_total: int | None = None
    year_totals: tuple[BudgetYear, ...] = ()
    stated_year: BudgetYear | None = None
    none_needed: bool = False
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem and the measures set against it (zero or more), each with the line it stands on."""

    problem: str
    measures: tuple[str, ...]
    line: int
    measure_lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A dated line of a project: done, running or planned, project periods included.

    `line` is where the date stands, `label_line` where the name stands. `is_deadline` says that something must still
    be delivered by the end of the window or be held within it; with `duplicate_of` (the line of the finer or later
    statement of the same thing) it is read but not scheduled. `stale` is a plan whose window was over at the
    document's date. `span` is the place of `raw` in the line's words, in characters; `sub_item` the line of the
    numbered sub-item that it stands in, where the project has such. The `baseline_` fields hold the first date where
    the text prints both (`당초 2024. 9월중 → 변경 2024. 11월`).
    """

    label: str
    label_line: int
    raw: str
    start: date | None
    end: date | None
    precision: str
    status: MilestoneStatus
    kind: str
    section: str
    section_kind: SectionKind
    line: int
    open_start: bool = False
    open_end: bool = False
    tentative: bool = False
    time: str | None = None
    recurrence: str | None = None
    is_deadline: bool = False
    is_period: bool = False
    stale: bool = False
    duplicate_of: int | None = None
    owners: tuple[str, ...] = ()
    inferred_year: bool = False
    warnings: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    sub_item: int | None = None
    baseline_raw: str | None = None
    baseline_start: date | None = None
    baseline_end: date | None = None


@dataclass(frozen=True, slots=True)
class UndatedPlan:
    """A plan, measure or running work without a date: it gets a periodic check instead of a deadline.

    `condition` holds the words of what it waits for (`예산 확보 후`), where the text says so.
    """

    text: str
    line: int
    section: str
    section_kind: SectionKind
    status: MilestoneStatus = "planned"
    owners: tuple[str, ...] = ()
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class TeamGuess:
    """A team that may be responsible, with a confidence between 0 and 1; never certain."""

    team: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project (주요사업) under its department; `number` and `title` as the department prints them."""

    unit: str
    number: int | None
    title: str
    title_line: int
    team: str | None
    team_confidence: float
    team_guesses: tuple[TeamGuess, ...]
    period: Period | None
    location: str | None
    overview: tuple[OverviewItem, ...]
    budget: Budget | None
    problems: tuple[ProblemRow, ...]
    milestones: tuple[MilestoneRow, ...]
    undated_plans: tuple[UndatedPlan, ...]
    sections: tuple[SectionText, ...]
    title_in_list: str | None = None
    list_line: int | None = None
    supporting: tuple[str, ...] = ()  # 협조부서, as the overview names them


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Something in the document that contradicts itself or must be asked about; `message` is Korean."""

    code: str
    severity: Severity
    line: int | None
    message: str
    expected: str | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. `sha256` is that of its text in UTF-8; `as_of` is the date that plans were judged by."""

    title: str
    as_of: date | None
    sha256: str
    units: tuple[UnitRow, ...]
    projects: tuple[ProjectRow, ...]
    findings: tuple[FindingRow, ...]


def as_json(report: Report) -> dict[str, Json]:
    """Return the report as `dday import --json` prints it: dates in ISO form, keys stable, nothing but JSON values."""
    return {
        "document": {"title": report.title, "as_of": _day(report.as_of), "sha256": report.sha256},
        "units": [
            {"name": unit.name, "kind": unit.kind, "parent": unit.parent, "duties": list(unit.duties)}
            for unit in report.units
        ],
        "projects": [_project(project) for project in report.projects],
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "line": finding.line,
                "message": finding.message,
                "expected": finding.expected,
                "found": finding.found,
            }
            for finding in report.findings
        ],
    }


def _project(project: ProjectRow) -> dict[str, Json]:
    period, budget = project.period, project.budget
    return {
        "unit": project.unit,
        "number": project.number,
        "title": project.title,
        "title_line": project.title_line,
        "team": project.team,
        "team_confidence": project.team_confidence,
        "period": {"raw": period.raw, "start": _day(period.start), "end": _day(period.end)} if period else None,
        "supporting": list(project.supporting),
        "location": project.location,
        "budget": _budget(budget) if budget else None,
        "problems": [
            {"problem": row.problem, "measure": "\n".join(row.measures) or None, "line": row.line}
            for row in project.problems
        ],
        "milestones": [_milestone(milestone) for milestone in project.milestones],
        "undated_plans": [
            {"text": plan.text, "line": plan.line, "section": plan.section, "condition": plan.condition}
            for plan in project.undated_plans
        ],
    }


def _budget(budget: Budget) -> dict[str, Json]:
    return {
        "unit": "KRW thousand",
        "rows": [{"source": row.source, "year": row.year, "amount": row.amount} for row in budget.rows],
        "stated_total": budget.stated_total,
        "year_totals": [{"year": total.year, "amount": total.amount} for total in budget.year_totals],
    }


def _milestone(row: MilestoneRow) -> dict[str, Json]:
    return {
        "label": row.label,
        "label_line": row.label_line,
        "raw": row.raw,
        "start": _day(row.start),
        "end": _day(row.end),
        "precision": row.precision,
        "open_start": row.open_start,
        "open_end": row.open_end,
        "tentative": row.tentative,
        "time": row.time,
        "recurrence": row.recurrence,
        "status": row.status,
        "kind": row.kind,
        "is_deadline": row.is_deadline,
        "stale": row.stale,
        "duplicate_of": row.duplicate_of,
        "section": row.section,
        "line": row.line,
        "owners": list(row.owners),
        "inferred_year": row.inferred_year,
        "warnings": list(row.warnings),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
