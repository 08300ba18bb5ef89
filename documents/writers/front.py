"""What every format prints before the projects: cover lines, table of contents, tables of the organisation."""

from documents.edition import DepartmentPart, ProgressReport, StaffLine
from documents.edition_parts import Table

ORGANISATION = "조직 및 인력"
BUDGET = "예산현황"
PART_ONE = "Ⅰ. 일반현황"
PART_TWO = "Ⅱ. 부서별 주요업무 진행사항 보고"
THOUSAND_WON = "(단위 : 천원)"
TOTAL = "합계"


def month_line(edition: ProgressReport) -> str:
    """`2024. 10.`"""
    return f"{edition.as_of.year}. {edition.as_of.month}."


def as_of_line(edition: ProgressReport) -> str:
    """`(2024. 10. 31. 기준)`"""
    return f"({edition.as_of.year}. {edition.as_of.month}. {edition.as_of.day}. 기준)"


def contents(edition: ProgressReport) -> tuple[str, ...]:
    """The entries of 목차, in order."""
    chapters = (f"{at}. {department.name}" for at, department in enumerate(edition.departments, start=1))
    return (PART_ONE, PART_TWO, *chapters)


def organisation_line(edition: ProgressReport) -> str:
    """`조직 : 5과 23팀`"""
    return f"조직 : {len(edition.departments)}과 {edition.team_count}팀"


def chart(edition: ProgressReport) -> Table:
    """Departments side by side, their teams below."""
    if not edition.departments:
        return Table((("",),))
    names = tuple(f"{d.name} ({len(d.teams)}팀)" if d.teams else d.name for d in edition.departments)
    teams = tuple("\n".join(f"◦ {team.name}" for team in department.teams) for department in edition.departments)
    return Table((names, teams))


def staff_line(staff: tuple[StaffLine, ...]) -> str:
    """`인력현황 : 정원 150명 [현원 152명]`"""
    total = next((line for line in staff if line.grade == TOTAL), None)
    if total is None:
        return "인력현황"
    return f"인력현황 : 정원 {_count(total.quota)}명 [현원 {_count(total.actual)}명]"


def staff_table(heading: str, rows: list[tuple[str, tuple[StaffLine, ...]]]) -> Table:
    """One row a unit, one column a grade, each cell `정원 (현원)`."""
    grades = list(dict.fromkeys(line.grade for _, staff in rows for line in staff))
    body = []
    for name, staff in rows:
        cells = {line.grade: f"{_count(line.quota)} ({_count(line.actual)})" for line in staff}
        body.append((name, *(cells.get(grade, "-") for grade in grades)))
    return Table(((heading, *grades), *body))


def bureau_staff_table(edition: ProgressReport) -> Table | None:
    """The whole bureau's staff by department, or None where no document prints any."""
    rows = [(edition.bureaus[0], edition.staff)] if edition.staff else []
    rows += [(department.name, department.staff) for department in edition.departments if department.staff]
    return staff_table("부서명", rows) if rows else None


def duties_table(department: DepartmentPart) -> Table:
    """The department's teams with their 주요업무."""
    rows = tuple((team.name, "\n".join(f"◦ {duty}" for duty in team.duties) or "-") for team in department.teams)
    return Table((("팀 명", "주 요 업 무"), *rows))


def project_table(department: DepartmentPart) -> Table:
    """The department's list of projects."""
    rows = tuple((str(project.number or at), project.title) for at, project in enumerate(department.projects, start=1))
    return Table((("연번", "주요사업"), *rows))


def _count(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"
