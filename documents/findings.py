"""What contradicts in a document, or must be asked about: each with its line, what is printed and what it should be."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from documents.amounts import amount_findings
from documents.duplicates import conflicts
from documents.markup import squeeze
from documents.organisation import bare_name
from documents.outline import RANK_ROMAN, Block, Shape
from documents.reading import FindingRow, MilestoneRow, ProjectRow
from documents.sections import Section
from documents.sums import table_findings
from schedules.dates_expression import DateExpression

# What people read for the code of a finding.
FINDING_WORDS = {
    "weekday-mismatch": "요일이 맞지 않음",
    "impossible-date": "없는 날짜",
    "date-conflict": "날짜가 서로 다름",
    "sum-mismatch": "합계가 맞지 않음",
    "share-mismatch": "비율이 맞지 않음",
    "title-mismatch": "사업명이 목록과 다름",
    "duplicate-number": "사업 번호가 겹침",
    "duplicate-deadline": "같은 기한을 두 번 적음",
    "stale-plan": "이미 지난 계획",
    "undated-plan": "날짜 없는 계획",
    "conditional-plan": "조건이 있는 계획",
    "unreadable": "읽을 수 없는 글자",
}
_SEVERITY_ORDER = {"error": 0, "warning": 1, "info": 2}
_LONGEST_HEADING = 30
_UNREADABLE = "\ufffd"


def find_contradictions(
    blocks: Sequence[Block],
    projects: Sequence[ProjectRow],
    outlines: Sequence[Sequence[Section]],
    find: Callable[[str], list[DateExpression]],
) -> tuple[FindingRow, ...]:
    """Return every finding of a document by line; what adds up stays silent."""
    found: list[FindingRow] = []
    for block in blocks:
        found += _dates(block, find)
        if block.shape is Shape.TABLE:
            found += table_findings(block.rows)
    for project, sections in zip(projects, outlines, strict=True):
        found += amount_findings(project, sections)
    found += _numbers(blocks, projects)
    for project in projects:
        found += _titles(project)
        found += _plans(project)
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda row: (row.line or 0, _SEVERITY_ORDER[row.severity], row.code)))


def finding_words(code: str) -> str:
    """What people read for a finding's code; a code of a newer edition stays as it is."""
    return FINDING_WORDS.get(code, code)


def _dates(block: Block, find: Callable[[str], list[DateExpression]]) -> Iterator[FindingRow]:
    texts = (
        [(row.line, cell) for row in block.rows for cell in row.cells] if block.shape is Shape.TABLE else block.parts
    )
    for line, words in texts:
        if _UNREADABLE in words:
            yield FindingRow(
                "unreadable", "warning", line, "읽을 수 없는 글자가 있습니다. 원본에서 확인해 주세요.", None, words[:80]
            )
        if not any(letter.isdigit() for letter in words):
            continue
        for expression in find(words):
            for day, printed, actual in expression.weekday_mismatches:
                yield FindingRow(
                    "weekday-mismatch",
                    "error",
                    line,
                    f"{day.year}. {day.month}. {day.day}.은 {printed}요일이 아니라 {actual}요일입니다.",
                    actual,
                    printed,
                )
            for warning in expression.warnings:
                if "요일" not in warning and "weekday" not in warning:
                    yield FindingRow("impossible-date", "error", line, warning, None, expression.raw)


def _numbers(blocks: Sequence[Block], projects: Sequence[ProjectRow]) -> Iterator[FindingRow]:
    """A number twice in one list; a department that is headed again, in another part, numbers anew."""
    lines: dict[str, list[int]] = {project.unit: [] for project in projects}
    for block in blocks:
        if block.rank == RANK_ROMAN:
            for headed in lines.values():
                headed.append(block.line)
        elif block.shape is not Shape.TABLE and len(block.text) <= _LONGEST_HEADING:
            lines.get(bare_name(block.text), []).append(block.line)
    first: dict[tuple[str, int, int], ProjectRow] = {}
    for project in projects:
        if project.number is None:
            continue
        part = bisect_right(lines[project.unit], project.title_line)
        known = first.setdefault((project.unit, part, project.number), project)
        if known is not project:
            yield FindingRow(
                "duplicate-number",
                "error",
                project.title_line,
                f"{project.unit}에 {project.number}번 사업이 둘입니다({known.title_line}행 '{known.title}').",
                None,
                str(project.number),
            )


def _titles(project: ProjectRow) -> Iterator[FindingRow]:
    listed = project.title_in_list
    if listed is None or listed == project.title:
        return
    spaces_only = squeeze(listed) == squeeze(project.title)
    what = "띄어쓰기가" if spaces_only else "제목이"
    yield FindingRow(
        "title-mismatch",
        "info" if spaces_only else "warning",
        project.title_line,
        f"사업 {what} 목록({project.list_line}행)과 다릅니다.",
        listed,
        project.title,
    )


def _plans(project: ProjectRow) -> Iterator[FindingRow]:
    for row in project.milestones:
        if row.stale and row.is_deadline and row.duplicate_of is None:
            yield FindingRow(
                "stale-plan",
                "warning",
                row.line,
                f"'{row.label}' 일정이 이미 지났습니다. 결과를 확인해 주세요.",
                None,
                row.raw,
            )
        if row.duplicate_of is not None and row.is_deadline:
            yield FindingRow(
                "duplicate-deadline",
                "info",
                row.line,
                f"'{row.label}' 일정이 {row.duplicate_of}행과 같은 일정입니다. 한 번만 알립니다.",
                str(row.duplicate_of),
                row.raw,
            )
    for one, other in conflicts(project.milestones):
        yield _conflict(one, other)
    for plan in project.undated_plans:
        if plan.condition:
            yield FindingRow(
                "conditional-plan", "info", plan.line, f"조건이 있는 계획입니다: {plan.text}", None, plan.condition
            )
        elif plan.section_kind == "next_steps" and plan.status == "planned":
            yield FindingRow("undated-plan", "info", plan.line, f"날짜가 없는 계획입니다: {plan.text}", None, None)


def _conflict(one: MilestoneRow, other: MilestoneRow) -> FindingRow:
    return FindingRow(
        "date-conflict",
        "error",
        other.line,
        f"'{other.label}'의 끝나는 날이 {one.line}행과 다릅니다.",
        one.raw,
        other.raw,
    )
