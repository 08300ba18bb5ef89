"""협조 직위: who hears of a project or of one milestone beside the post that answers, set and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import OPEN_STATUSES, AuditEntry, Milestone, Project, SupportingPost
from schedules import words
from schedules.calendar import WorkingCalendar
from schedules.items import load_chart_about, load_items
from schedules.plan import PlanChange, replan
from schedules.responsibility import Chart, ChartPost, load_chart, load_chart_around
from settings import Refusal, Settings

MOST_OF_ONE = 20  # posts that support one project or one milestone


class SupportingError(Refusal):
    """The post cannot support this; `field` is the one to change. Nothing has changed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Supports:
    """One post that supports a milestone, or with `milestone_id` None its whole project."""

    id: int
    project_id: int
    milestone_id: int | None
    post_id: int
    post: str
    project: str
    label: str | None


def list_supporting(session: Session, project_id: int | None = None) -> list[Supports]:
    """Of one project, default all: those of the whole project first, then by milestone."""
    wanted = (
        select(SupportingPost, Project.title, Milestone.label)
        .join(Project, col(Project.id) == col(SupportingPost.project_id))
        .outerjoin(Milestone, col(Milestone.id) == col(SupportingPost.milestone_id))
    )
    if project_id is not None:
        wanted = wanted.where(SupportingPost.project_id == project_id)
    first = col(SupportingPost.milestone_id).is_not(None)
    rows = session.exec(
        wanted.order_by(col(SupportingPost.project_id), first, col(SupportingPost.milestone_id), col(SupportingPost.id))
    ).all()
    chart = load_chart_around(session, {row.post_id for row, _, _ in rows}, ()) if rows else None
    return [
        Supports(
            row.id or 0,
            row.project_id,
            row.milestone_id,
            row.post_id,
            chart.name_of(row.post_id) if chart is not None else "",
            title,
            label,
        )
        for row, title, label in rows
    ]


def add_supporting(
    session: Session,
    post: str,
    *,
    project_id: int,
    milestone_id: int | None = None,
    by: str,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> tuple[str, PlanChange]:
    """The post, named as people name it, hears of the milestone, or of the whole project, where a rule says so.

    Returns its full name, and what planning it anew has changed. Raises SupportingError.
    """
    chart = load_chart(session)
    found = find_post(chart, post)
    name = chart.name_of(found.id)
    _check_target(session, project_id, milestone_id)
    theirs = session.exec(
        select(SupportingPost.post_id).where(
            SupportingPost.project_id == project_id,
            col(SupportingPost.milestone_id).is_(None)
            if milestone_id is None
            else col(SupportingPost.milestone_id) == milestone_id,
        )
    ).all()
    if found.id in theirs:
        raise SupportingError("post", f"{name}: 이미 협조 직위입니다.")
    if len(theirs) >= MOST_OF_ONE:
        raise SupportingError("post", f"협조 직위는 {MOST_OF_ONE}개까지 정할 수 있습니다.")
    touched = _touched(session, project_id, milestone_id)
    _refuse_the_one_that_answers(session, touched, found.id, name, settings, calendar)
    session.add(
        SupportingPost(project_id=project_id, milestone_id=milestone_id, post_id=found.id, added_at=now, added_by=by)
    )
    _note(session, "supporting.add", project_id, milestone_id, name, by, now)
    return name, replan(session, now, settings, calendar, touched)


def remove_supporting(
    session: Session, supporting_id: int, *, by: str, now: datetime, settings: Settings, calendar: WorkingCalendar
) -> tuple[str, PlanChange]:
    """Takes it back: what is planned for the post is cancelled, what it was told stays on record."""
    row = session.get(SupportingPost, supporting_id)
    if row is None:
        raise SupportingError("post", "이미 협조 직위가 아닙니다. 화면을 다시 열어 확인해 주세요.")
    name = load_chart_around(session, [row.post_id], ()).name_of(row.post_id)
    touched = _touched(session, row.project_id, row.milestone_id)
    _note(session, "supporting.remove", row.project_id, row.milestone_id, name, by, now)
    session.delete(row)
    session.flush()
    return name, replan(session, now, settings, calendar, touched)


def find_post(chart: Chart, text: str) -> ChartPost:
    """The post of that name (`총무과장`, `인사팀 담당`), or the head of the unit of that name. Raises SupportingError.

    Where several are named alike, the unit above is put before it: `행정지원과/총무팀장`.
    """
    above, _, wanted = ("".join(part.split()) for part in text.rpartition("/"))
    if not wanted:
        raise SupportingError("post", "협조할 직위나 부서를 적어 주세요. 예: 총무과장, 인사팀")
    found = [post for post in chart.posts.values() if _is_called(chart, post, wanted, above)]
    if not found:
        raise SupportingError("post", f"'{text.strip()}'(이)라는 직위나 부서가 없습니다. 예: 총무과장, 인사팀")
    if len(found) > 1:
        names = ", ".join(_path(chart, post) for post in found[:3])
        raise SupportingError("post", f"'{text.strip()}'이(가) 둘 이상입니다. 윗부서와 함께 적어 주세요: {names}")
    return found[0]


def _is_called(chart: Chart, post: ChartPost, wanted: str, above: str) -> bool:
    unit = chart.units[post.unit_id]
    if unit.closed_on is not None or post.successor_id is not None:
        return False
    if above and above not in {"".join(chart.units[one].name.split()) for one in chart.units_up(unit.parent_id)}:
        return False
    bare, is_head = "".join(unit.name.split()), chart.heads.get(unit.id) == post.id
    names = {"".join(words.post_name(unit.name, post.title).split()), bare + "".join(post.title.split())}
    return wanted in names or (is_head and wanted == bare)


def _path(chart: Chart, post: ChartPost) -> str:
    unit = chart.units[post.unit_id]
    above = chart.units.get(unit.parent_id or 0)
    parent = f"{above.name}/" if above is not None else ""
    return parent + chart.name_of(post.id)


def _check_target(session: Session, project_id: int, milestone_id: int | None) -> None:
    """Both exist and belong together; the project stays locked, so that nobody adds the same post meanwhile."""
    if session.get(Project, project_id, with_for_update=True) is None:
        raise SupportingError("project", f"{project_id}번 사업은 없습니다.")
    if milestone_id is None:
        return
    milestone = session.get(Milestone, milestone_id)
    if milestone is None or milestone.project_id != project_id:
        raise SupportingError("milestone", f"{milestone_id}번 일정은 이 사업에 없습니다.")
    if milestone.duplicate_of_id is not None:
        other = milestone.duplicate_of_id
        raise SupportingError("milestone", f"같은 일정이 다른 줄에 있습니다({other}번). 그쪽에 정해 주세요.")


def _touched(session: Session, project_id: int, milestone_id: int | None) -> Sequence[int]:
    if milestone_id is not None:
        return [milestone_id]
    of_project = select(Milestone.id).where(
        Milestone.project_id == project_id, col(Milestone.status).in_(OPEN_STATUSES)
    )
    return [one for one in session.exec(of_project) if one is not None]


def _refuse_the_one_that_answers(
    session: Session,
    milestone_ids: Sequence[int],
    post_id: int,
    name: str,
    settings: Settings,
    calendar: WorkingCalendar,
) -> None:
    """Whoever answers for all of it cannot support it besides; of a project it may support what others answer for."""
    chart = load_chart_about(session, milestone_ids)
    answering = {item.post_id for item in load_items(session, chart, calendar, settings.timezone, milestone_ids)}
    if answering == {post_id}:
        raise SupportingError("post", f"{words.with_particle(name, '은', '는')} 이미 답하는 담당 직위입니다.")


def _note(
    session: Session, act: str, project_id: int, milestone_id: int | None, name: str, by: str, now: datetime
) -> None:
    subject = f"milestone:{milestone_id}" if milestone_id is not None else f"project:{project_id}"
    session.add(AuditEntry(at=now, actor=by, act=act, subject=subject, detail=name))
    session.flush()
