"""What a document states about one milestone, in the words of the rows: the bridge from reading to storing."""

from dataclasses import dataclass
from datetime import date

from documents.markup import squeeze
from documents.reading import MilestoneRow, ProjectRow, UndatedPlan
from documents.vocabulary import vocabulary
from models import MilestoneKind, MilestoneStatus


@dataclass(frozen=True, slots=True)
class Stated:
    """A dated line or an undated plan of a project, ready to be compared with what is stored."""

    label: str
    raw: str
    start_on: date | None
    end_on: date | None
    precision: str
    status: MilestoneStatus
    kind: MilestoneKind
    section: str
    line: int | None
    label_line: int | None
    open_start: bool = False
    open_end: bool = False
    tentative: bool = False
    time: str | None = None
    recurrence: str | None = None
    is_deadline: bool = False
    duplicate_of: int | None = None
    owners: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """The label and the date as written, for finding the same statement again."""
        return squeeze(self.label), squeeze(self.raw)


def stated_milestones(project: ProjectRow) -> tuple[Stated, ...]:
    """Everything a project states that can be asked about: its dated lines, then its plans without a date."""
    return (*map(_dated, project.milestones), *map(_undated, project.undated_plans))


def _dated(row: MilestoneRow) -> Stated:
    start, end = row.start, row.end
    if start and end and start > end:  # a finding of its own; the later day is when somebody must be asked
        start = None
    return Stated(
        label=row.label,
        raw=row.raw,
        start_on=start,
        end_on=end,
        precision=row.precision,
        status=MilestoneStatus(row.status),
        kind=MilestoneKind(row.kind),
        section=row.section,
        line=row.line,
        label_line=row.label_line,
        open_start=row.open_start,
        open_end=row.open_end,
        tentative=row.tentative,
        time=row.time,
        recurrence=row.recurrence,
        is_deadline=row.is_deadline,
        duplicate_of=row.duplicate_of,
        owners=row.owners,
    )


def _undated(plan: UndatedPlan) -> Stated:
    return Stated(
        label=plan.text,
        raw=plan.condition or "",
        start_on=None,
        end_on=None,
        precision="none",
        status=MilestoneStatus(plan.status),
        kind=MilestoneKind(vocabulary().milestone_kind(plan.text)),
        section=plan.section,
        line=plan.line,
        label_line=plan.line,
        owners=plan.owners,
    )
