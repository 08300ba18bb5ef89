"""A report's text to a `Report`: the order in which the rooms of reading are entered."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache

from documents.budgets import read_budget
from documents.duplicates import mark_duplicates
from documents.errors import DocumentError
from documents.findings import find_contradictions
from documents.limits import MAX_DATES_IN_LINE
from documents.milestones import Setting, read_milestones
from documents.organisation import Chapter, find_chapters, find_units
from documents.outline import Block, Shape, read_outline
from documents.plans import undated_plans
from documents.projects import find_projects
from documents.reading import OverviewItem, Period, ProjectRow, Report, TeamGuess, UnitKind, UnitRow
from documents.sections import Section, as_text, find_sections, overview_items, problems, section_name
from documents.teams import guess_team
from documents.titles import Span
from documents.vocabulary import vocabulary
from schedules.dates import find_dates
from schedules.dates_expression import DateExpression, Precision

_NO_YEAR = date(2000, 1, 1)  # only what names its own year is taken
_AS_OF = re.compile(r"[^\n]{0,40}기준")
_BETWEEN_UNITS = re.compile(r"[\s,/()·]+")
_SUPPORTING = re.compile(r"협조|협업|관련\s?부서|유관")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=\s?[.년])")


def read_report(
    text: str, *, as_of: date | None = None, reached: Callable[[int], object] = lambda _line: None
) -> Report:
    """Read a report's text into units, projects with their dated items, and what contradicts in it.

    `as_of` is the date by which plans are past or open; without one the first day of the cover's date counts, else the
    latest as-of mark, else the year named most. `reached` is told the line of each project when its turn comes.
    Raises DocumentError where the document is beyond the limits of reading or holds no project.
    """
    blocks = read_outline(text)
    if not blocks:
        raise DocumentError("문서가 비어 있습니다. 내용이 있는 파일을 올려 주세요.")
    ref_date = as_of or _cover_date(blocks) or _named_date(text)
    if ref_date is None:
        raise DocumentError("문서의 기준일을 찾지 못했습니다. --as-of 2024-09-01처럼 기준일을 지정해 주세요.")

    @cache
    def find(words: str) -> list[DateExpression]:
        return find_dates(words, ref_date)[:MAX_DATES_IN_LINE]

    chapters = find_chapters(blocks)
    units = find_units(blocks, chapters)
    title = _title(blocks)
    projects: list[ProjectRow] = []
    outlines: list[tuple[Section, ...]] = []
    for chapter, span in find_projects(blocks, chapters, title):
        reached(span.line)
        sections = find_sections(span.blocks)
        setting = Setting(span.title, ref_date, _is_plan(title), find)
        project = _project(chapter, span, sections, units, setting)
        projects.append(project)
        outlines.append(sections)
    told = [
        project.number is not None or project.title != title or bool(project.milestones or project.undated_plans)
        for project in projects
    ]
    if any(told):
        # A chapter that only counts is no project of a document of one project a department.
        projects = [project for project, kept in zip(projects, told, strict=True) if kept]
        outlines = [sections for sections, kept in zip(outlines, told, strict=True) if kept]
    if not any(_says_something(project) for project in projects):
        raise DocumentError(
            "사업을 찾지 못했습니다. 사업명이 제목으로, 그 아래에 '사업개요' 같은 항목이나 일정이 있어야 합니다."
        )
    return Report(
        title=title,
        as_of=ref_date,
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        units=_with_units_of_projects(units, projects),
        projects=tuple(projects),
        findings=find_contradictions(blocks, projects, outlines, find),
    )


def _says_something(project: ProjectRow) -> bool:
    """Whether there is more to it than a title and loose lines: else any text whatever would be a project."""
    return bool(
        project.milestones
        or project.undated_plans
        or project.problems
        or project.budget
        or any(section.kind != "other" for section in project.sections)
    )


def _project(
    chapter: Chapter, span: Span, sections: tuple[Section, ...], units: Sequence[UnitRow], setting: Setting
) -> ProjectRow:
    milestones = mark_duplicates(read_milestones(sections, setting))
    items = overview_items(sections)
    unit = span.unit or (chapter.unit if chapter.has_heading else _owner(items) or chapter.unit)
    teams = tuple(team for team in units if team.kind == "team" and team.parent == unit)
    guesses = _guess(span, sections, teams, items)
    return ProjectRow(
        unit=unit,
        number=span.number,
        title=span.title,
        title_line=span.line,
        team=guesses[0].team if guesses else None,
        team_confidence=guesses[0].confidence if guesses else 0.0,
        team_guesses=guesses,
        period=_period(sections, items, setting),
        location=_location(items),
        overview=items,
        budget=read_budget(sections),
        problems=problems(sections),
        milestones=milestones,
        undated_plans=undated_plans(sections, milestones),
        sections=tuple(as_text(section) for section in sections),
        title_in_list=span.listed.title if span.listed else None,
        list_line=span.listed.line if span.listed else None,
        supporting=_supporting(items, unit),
    )


def _with_units_of_projects(units: Sequence[UnitRow], projects: Sequence[ProjectRow]) -> tuple[UnitRow, ...]:
    """Departments and teams that only their projects name (in cards or lists) belong to the organisation, too."""
    known = {unit.name for unit in units}
    bureaus = [unit.name for unit in units if unit.kind == "bureau"]
    named = dict.fromkeys(project.unit for project in projects if project.unit and project.unit not in known)
    parent = bureaus[0] if len(bureaus) == 1 else None
    listed = {(unit.parent, unit.name) for unit in units if unit.kind == "team"}
    pairs = ((project.unit, project.team) for project in projects)
    teams = dict.fromkeys((unit, team) for unit, team in pairs if unit and team and (unit, team) not in listed)
    return (
        *units,
        *(UnitRow(name, "department", parent) for name in named),
        *(UnitRow(team, "team", unit) for unit, team in teams),
    )


def _owner(items: Sequence[OverviewItem]) -> str:
    """The department that a project card names as responsible, or an office (사업소) that is one, or nothing."""
    named = [(name, kind) for name, kind in _named_units(items) if not name.endswith("국")]
    return next((name for wanted in ("department", "bureau") for name, kind in named if kind == wanted), "")


def _named_units(items: Sequence[OverviewItem]) -> Iterator[tuple[str, UnitKind]]:
    """The units that a project names as its own, in order; a team's head stands for the team (`시설팀장`)."""
    for item in items:
        if vocabulary().is_attribute("owner", item.label):
            for word in _BETWEEN_UNITS.split(_SUPPORTING.split(item.text)[0]):
                if kind := vocabulary().unit_kind(name := re.sub(r"(?<=[과팀])장$", "", word)):
                    yield name, kind


def _supporting(items: Sequence[OverviewItem], unit: str) -> tuple[str, ...]:
    """The departments and teams named as supporting (`협조부서 : 총무과`, `행정지원과(협조: 총무과)`), each once."""
    found: dict[str, None] = {}
    for item in items:
        words = item.text
        if vocabulary().is_attribute("owner", item.label):
            words = " ".join(_SUPPORTING.split(item.text)[1:])
        elif not vocabulary().is_attribute("support", item.label):
            continue
        for word in _BETWEEN_UNITS.split(words):
            name = re.sub(r"(?<=[과팀])장$", "", word.strip(":："))
            if name != unit and vocabulary().unit_kind(name) in ("department", "team"):
                found[name] = None
    return tuple(found)


def _guess(
    span: Span, sections: Sequence[Section], teams: Sequence[UnitRow], items: Sequence[OverviewItem]
) -> tuple[TeamGuess, ...]:
    weighted: Counter[str] = Counter()
    for section in sections:
        weight = 10 if section.kind in ("overview", "background") else 3
        for block in section.blocks:
            weighted[block.text] += weight
    weighted[span.title] += 40
    owners = [item.text for item in items if vocabulary().is_attribute("owner", item.label)]
    named = [name for name, kind in _named_units(items) if kind == "team"]
    return guess_team(teams, weighted, owners, named)


def _period(sections: Sequence[Section], items: Sequence[OverviewItem], setting: Setting) -> Period | None:
    """The project period as the overview prints it, or as a section's own heading does (`사업기간 : …`)."""
    labelled = [(item.label, item.text, item.line) for item in items]
    for section in sections:
        if section.heading and ":" in section.heading.text:
            label, _, value = section.heading.text.partition(":")
            labelled.append((label, value, section.heading.line))
    for label, value, line in labelled:
        if vocabulary().is_attribute("period", label):
            windows = [found for found in setting.find(value.strip()) if found.start or found.end]
            if windows:
                end = None if vocabulary().is_attribute("start", label) else windows[0].end
                return Period(windows[0].raw, windows[0].start, end, line)
    return None


def _location(items: Sequence[OverviewItem]) -> str | None:
    return next((item.text for item in items if vocabulary().is_attribute("location", item.label) and item.text), None)


def _title(blocks: Sequence[Block]) -> str:
    """The document's title: its first heading, or its first line that is more than a date or a unit's name."""
    lead = [block for block in blocks[:30] if block.shape is not Shape.TABLE and len(block.text) > 4]
    for block in [*(block for block in lead if block.hashes == 1), *lead]:
        if block.text and not vocabulary().unit_kind(block.text) and not vocabulary().section_kind(block.text):
            return block.text
    return lead[0].text if lead else ""


def _cover_date(blocks: Sequence[Block]) -> date | None:
    """The date on the cover: the first line near the top that holds a day or month with its year and nothing else."""
    for block in blocks[:30]:
        for _, words in block.parts:
            bare = words.strip("()[]〈〉<> ")
            if not re.match(r"(?:(?:19|20)\d{2}|['’‘]\d{2})\s?[.년]", bare):
                continue
            for found in find_dates(bare, _NO_YEAR):
                alone = re.fullmatch(r"[\s().]*(?:기준|현재|작성)?[\s().]*", bare.replace(found.raw, ""))
                if alone and not found.inferred_year and found.precision in (Precision.DAY, Precision.MONTH):
                    return found.start
    return None


def _named_date(text: str) -> date | None:
    """Without a cover date: the latest as-of mark, else the title's own month or half, else the year named most."""
    marks = [
        found.end if found.precision is Precision.PART_OF_MONTH and found.end else found.start
        for mark in _AS_OF.finditer(text)
        for found in find_dates(mark[0], _NO_YEAR)
        if found.start and not found.inferred_year
    ]
    if marks:
        return max(marks)
    for line in (line for line in text.split("\n", 5)[:5] if "|" not in line and "\t" not in line):
        for found in find_dates(line[:200], _NO_YEAR):
            if found.start and not found.inferred_year:
                return found.start
    years = Counter(int(year) for year in _YEAR.findall(text) if 2000 <= int(year) < 2100)
    return date(years.most_common(1)[0][0], 1, 1) if years else None


def _is_plan(title: str) -> bool:
    name = section_name(title)
    return ("계획" in name or "일정" in name) and not re.search(r"실적|보고|현황|진행", name)
