"""What a project's document says, whole for comparing and in an excerpt about one milestone for the form's fields."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_
from sqlmodel import Session, col, select

from models import Problem, Project, ProjectText, SectionKind

LONGEST_EXCERPT = 700  # characters a field begins with; a long section stays readable in the document itself
_WORD = re.compile(r"[가-힣A-Za-z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Texts:
    """The four texts of an answer."""

    results: str = ""
    problems: str = ""
    measures: str = ""
    next_steps: str = ""


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """Sections of the latest edition, in blocks: a line with what is indented under it; a problem with its measure."""

    results: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()

    def whole(self) -> Texts:
        return _texts(self.results, self.problems, self.next_steps)

    def about(self, label: str) -> Texts:
        """The whole where it is short; else the blocks that share the most words with the label, in their order."""
        words = frozenset(_WORD.findall(label))
        pairs = {f"{problem}\n{measure}": (problem, measure) for problem, measure in self.problems}
        return _texts(
            excerpt(self.results, words),
            tuple(pairs[block] for block in excerpt(tuple(pairs), words)),
            excerpt(self.next_steps, words),
        )


def excerpt(blocks: Sequence[str], words: frozenset[str], longest: int = LONGEST_EXCERPT) -> tuple[str, ...]:
    """The blocks that fit, those with most of the words first to be chosen, in their own order; always at least one."""
    if sum(map(len, blocks)) <= longest:
        return tuple(blocks)
    by_worth = sorted(range(len(blocks)), key=lambda at: (-sum(word in blocks[at] for word in words), at))
    chosen: set[int] = set()
    left = longest
    for at in by_worth:
        if chosen and (len(blocks[at]) > left or not any(word in blocks[at] for word in words)):
            continue
        chosen.add(at)
        left -= len(blocks[at])
    return tuple(_shortened(blocks[at], longest) for at in sorted(chosen))


def read_document_words(session: Session, projects: Sequence[Project]) -> dict[int, DocumentWords]:
    """For each project what its latest edition says; two queries for any number of projects."""
    ids = {project.id for project in projects}
    latest = and_(col(Project.id) == ProjectText.project_id, col(Project.document_id) == ProjectText.document_id)
    blocks: dict[tuple[int, SectionKind], list[str]] = {}
    for text in session.exec(
        select(ProjectText)
        .join(Project, latest)
        .where(
            col(ProjectText.project_id).in_(ids),
            col(ProjectText.section).in_((SectionKind.RESULTS, SectionKind.NEXT_STEPS)),
        )
        .order_by(col(ProjectText.project_id), col(ProjectText.position))
    ).all():
        found = blocks.setdefault((text.project_id, text.section), [])
        line = "  " * text.level + text.text
        if text.level and found:
            found[-1] += f"\n{line}"
        elif text.text:
            found.append(line)
    problems: dict[int, list[tuple[str, str]]] = {}
    stated = and_(col(Project.id) == Problem.project_id, col(Project.document_id) == Problem.document_id)
    for problem in session.exec(
        select(Problem)
        .join(Project, stated)
        .where(col(Problem.project_id).in_(ids))
        .order_by(col(Problem.project_id), col(Problem.id))
    ).all():
        problems.setdefault(problem.project_id, []).append((problem.problem, problem.measure))
    return {
        project_id: DocumentWords(
            tuple(blocks.get((project_id, SectionKind.RESULTS), ())),
            tuple(blocks.get((project_id, SectionKind.NEXT_STEPS), ())),
            tuple(problems.get(project_id, ())),
        )
        for project_id in ids
        if project_id is not None
    }


def _texts(results: Sequence[str], problems: Sequence[tuple[str, str]], next_steps: Sequence[str]) -> Texts:
    measures = [line for _, measure in problems for line in measure.split("\n") if line]
    return Texts(
        "\n".join(results),
        "\n".join(f"- {problem}" for problem, _ in problems),
        "\n".join(f"- {measure}" for measure in measures),
        "\n".join(next_steps),
    )


def _shortened(block: str, longest: int) -> str:
    """Whole lines up to about that length."""
    lines, kept, length = block.split("\n"), 0, 0
    while kept < len(lines) and (kept == 0 or length + len(lines[kept]) <= longest):
        length += len(lines[kept])
        kept += 1
    return "\n".join(lines[:kept])
