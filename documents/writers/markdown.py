"""The report as Markdown in the house's own dialect: tables are lines of cells divided by tabs, as it is read again."""

import html
import re
from collections.abc import Iterator

from documents.edition import DepartmentPart, ProgressReport
from documents.edition_parts import Line, ProjectPage, Section, Table
from documents.writers import front

_STARTS_LIKE_MARKUP = re.compile(r"^([#>+*|=]|-(?=[\s-]))")
_RULE = re.compile(r"[-=_:|+ ]{3,}")


def write_markdown(edition: ProgressReport) -> bytes:
    """The edition as UTF-8 text. Reading it again gives the same projects and open milestones.

    What people typed stays text: tags, signs of headings, rules and tables are escaped.
    """
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(_lines(edition)))
    return (text.rstrip("\n") + "\n").encode()


def _lines(edition: ProgressReport) -> Iterator[str]:
    yield from (f"# {_text(edition.title)}", "", front.as_of_line(edition), "", front.month_line(edition), "")
    for bureau in edition.bureaus:
        yield from (f"**{_text(bureau)}**", "")
    yield from (f"- {_text(department.name)}" for department in edition.departments)
    yield from ("", "# 목 차", "")
    yield from (f"- {_text(entry)}" for entry in front.contents(edition))
    yield from ("", f"# {front.PART_ONE}", "", f"## 1. {front.ORGANISATION}", "", front.organisation_line(edition), "")
    for bureau in edition.bureaus:
        yield from (f"### {_text(bureau)}", "")
    yield from (*_table(front.chart(edition)), "")
    if staff := front.bureau_staff_table(edition):
        yield from (front.staff_line(edition.staff), "", *_table(staff), "")
    if edition.budget:
        yield from (f"## 2. {front.BUDGET}", "", front.THOUSAND_WON, "", *_table(edition.budget), "")
    yield from (f"# {front.PART_TWO}", "")
    for department in edition.departments:
        yield from _department(department)


def _department(department: DepartmentPart) -> Iterator[str]:
    yield from (f"# {_text(department.name)}", "", *(f"- {_text(team.name)}" for team in department.teams), "")
    yield from ("# 일반현황", "", f"## 조직현황 : {len(department.teams)}팀", "")
    yield from (*_table(front.duties_table(department)), "")
    if department.staff:
        table = front.staff_table("인력현황", [("정원(현원)", department.staff)])
        yield from (f"## {front.staff_line(department.staff)}", "", *_table(table), "")
    yield from ("# 주요사업 목록", "", *_table(front.project_table(department)), "")
    for at, project in enumerate(department.projects, start=1):
        yield from _project(at, project)


def _project(at: int, project: ProjectPage) -> Iterator[str]:
    yield from (f"# {project.number or at}", "", f"## {_text(project.title)}", "")
    for section in project.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    if section.heading:
        yield from (f"### □ {_text(section.heading)}", "")
    for block in section.blocks:
        if isinstance(block, Table):
            yield from ("", *_table(block), "")
        elif block.continues or (block.sign and not block.sign.startswith("#")):
            yield _line(block)
        else:  # words without a sign stand alone, else they are the rest of the line above
            yield from ("", _line(block), "")
    yield ""


def _line(line: Line) -> str:
    indent = "  " * min(line.level, 9)
    text = _text(line.text)
    if line.sign.startswith("#"):
        return f"##### {text}"
    if not line.sign:
        text = _STARTS_LIKE_MARKUP.sub(r"\\\1", text, count=1)
        return f"{indent}{text}" if line.continues else text
    escape = "\\" if _RULE.fullmatch(text) else ""  # a line of dashes alone is a rule, also behind a bullet
    return f"{indent}{line.sign} {escape}{text}"


def _table(table: Table) -> list[str]:
    return ["\t".join(_cell(cell) for cell in row) for row in table.rows]


def _cell(text: str) -> str:
    """Several lines in a cell are an HTML list, as the house prints them."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > 1:
        return f"<ul>{''.join(f'<li>{_text(line)}</li>' for line in lines)}</ul>"
    return _text(lines[0]) if lines else ""


def _text(text: str) -> str:
    """One line without markup of its own; nothing in it is read as a tag, as emphasis or as a cell's end."""
    flat = " ".join("".join(c for c in text if c >= " " or c in "\t\n").split())
    return html.escape(flat, quote=False).replace("**", r"\*\*").replace("__", r"\_\_").replace("`", "&#96;")
