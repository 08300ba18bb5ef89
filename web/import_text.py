"""`/import/{draft}/text`: the text of a draft, and beside each line what was read on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from documents.reading import MilestoneRow, Report
from web import english_words
from web.access import Admin, TheOffice
from web.catalogue import Both
from web.documents import LINES_A_PAGE, Line, read_line
from web.import_drafts import find_report, look_at, show_progress
from web.pages import render

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of the document with what was read on it, in words, and what does not add up there."""

    line: Line
    read: tuple[Both, ...]
    findings: tuple[str, ...]


@router.get("/import/{draft_id}/text")
def show_text(
    request: Request,
    office: TheOffice,
    admin: Admin,
    draft_id: int,
    line: Annotated[int, Query(ge=1, le=10_000_000)] = 1,
) -> Response:
    """The document's text, a page at a time, and beside each line what was read there."""
    draft = find_report(office, draft_id)
    work = look_at(request, office, draft, admin.actor)
    if work.result is None:
        return show_progress(request, draft, work)
    report, lines = work.result.report, draft.content.split("\n")
    first = min((line - 1) // LINES_A_PAGE * LINES_A_PAGE, max(0, len(lines) - 1))
    return render(
        request,
        "import_text.html",
        draft=draft,
        lines=_beside(report, lines, first),
        before=first + 1 - LINES_A_PAGE if first else None,
        after=first + 1 + LINES_A_PAGE if first + LINES_A_PAGE < len(lines) else None,
        total=len(lines),
    )


def _beside(report: Report | None, lines: Sequence[str], first: int) -> list[ReadLine]:
    said: dict[int, list[Both]] = {}
    for project in report.projects if report else ():
        title = Both(f"사업: {project.title}", f"Project: {project.title}")
        said.setdefault(project.title_line, []).append(title)
        for one in project.milestones:
            said.setdefault(one.line, []).append(_said(one))
    wrong: dict[int, list[str]] = {}
    for finding in report.findings if report else ():
        if finding.line:
            wrong.setdefault(finding.line, []).append(finding.message)
    return [
        ReadLine(read_line(number, text), tuple(said.get(number, ())), tuple(wrong.get(number, ())))
        for number, text in enumerate(lines[first : first + LINES_A_PAGE], first + 1)
    ]


def _said(one: MilestoneRow) -> Both:
    """`기한: 준공 (2024. 9. 1. ~ 2024. 9. 30., 예정, 12줄과 같은 일정)`"""
    state = {"planned": "예정", "in_progress": "추진 중", "done": "완료", "cancelled": "중단"}[one.status]
    days = " ~ ".join(f"{day:%Y. %-m. %-d.}" for day in dict.fromkeys((one.start, one.end)) if day)
    kind = "기한" if one.is_deadline else "참고"
    twin = f", {one.duplicate_of}줄과 같은 일정" if one.duplicate_of else ""
    in_english = (
        f"{'Deadline' if one.is_deadline else 'For reference'}: {one.label} "
        f"({english_words.span(one.start, one.end) or 'no day'}, {one.status.replace('_', ' ')}"
        f"{f', the same as on line {one.duplicate_of}' if one.duplicate_of else ''})"
    )
    return Both(f"{kind}: {one.label} ({days or '날짜 없음'}, {state}{twin})", in_english)
