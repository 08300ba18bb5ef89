"""조직개편 as an act: the rows of units, posts and projects become what was decided, and what they were is kept."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from models import (
    OPEN_STATUSES,
    Ask,
    Assignment,
    FormerHome,
    FormerUnit,
    Milestone,
    Person,
    Post,
    Project,
    Reminder,
    ReminderState,
    Reorganisation,
    Unit,
    UnitKind,
)
from schedules import words
from schedules.arrangement import MADE, Act, Place, ReorganisationError, Step, arrange
from schedules.calendar import WorkingCalendar
from schedules.items import chunks, load_items, open_ids
from schedules.merging import end_holders, end_scoped, hand_requests, merge_posts, rescope
from schedules.plan import replan
from schedules.rearranged import DAY, HandedOn, Rearranged
from schedules.reorganisation import read_places, steps_of
from schedules.responsibility import load_chart
from schedules.rows import among
from schedules.staff_changes import note_staff_change
from settings import Settings

Places = Mapping[int, Place]
Home = tuple[int, int | None]  # department and team


def rearrange(
    session: Session, row: Reorganisation, *, now: datetime, settings: Settings, calendar: WorkingCalendar
) -> Rearranged:
    """Makes the organisation what was decided, in the caller's transaction; nothing is sent or told here.

    Posts keep their ids, and what was sent its keys. Whoever led a unit that was merged does so until the day before.
    Open requests go to the post that takes over, each with its due time; steps upwards that have begun keep the post
    they were begun with. Raises ReorganisationError where the units do not allow it any more.
    """
    assert row.id is not None
    before, steps = read_places(session), steps_of(row)
    after = arrange(before, steps, row.effective_on)
    answering = _answering(session, settings, calendar)
    done = Rearranged(lines=tuple(step.words for step in steps), chains=_running_chains(session))
    _place_units(session, row, before, after)
    led: list[tuple[int, str]] = []
    for step in steps:
        source, target = (after.get(one or 0) for one in (step.unit_id, step.target_id))
        if step.act is Act.MERGE and source is not None and target is not None:
            led += merge_posts(session, source, target, row.id, row.effective_on, now, done)
            rescope(session, source, target, now, done)
        elif step.act is Act.CLOSE and source is not None:
            led += _close(session, source, step, row, now)
            end_scoped(session, source, now, done)
    done.without_post = _without_post(session, led, row.effective_on)
    done.projects = _move_projects(session, row, steps, after)
    for step in steps:
        if step.act is Act.CLOSE:
            _refuse_leftovers(session, after[step.unit_id or 0], step)
    note_staff_change(session)
    row.carried_out_at = now
    session.add(row)
    session.flush()
    hand_requests(session, done)
    done.plan = replan(session, now, settings, calendar)
    session.expire_all()
    _compare(session, settings, calendar, answering, done)
    changed = {one for one in after if after[one] != before.get(one)}
    changed |= {step.unit_id for step in steps if step.act in MADE and step.unit_id is not None}
    done.unit_ids = tuple(sorted(one for one in changed if after[one].is_open))
    return done


def _place_units(session: Session, row: Reorganisation, before: Places, after: Places) -> None:
    """Names and places; the changed rows step aside first, so that two units may swap their names."""
    until_on = row.effective_on - DAY
    known = set(session.exec(select(FormerUnit.unit_id).where(FormerUnit.until_on == until_on)))
    units = session.exec(select(Unit).order_by(col(Unit.id))).all()
    changed = [unit for unit in units if _form(after[unit.id or 0]) != _form(before[unit.id or 0])]
    for unit in changed:
        was = before[unit.id or 0]
        if was.is_open and was.id not in known:
            session.add(
                FormerUnit(
                    reorganisation_id=row.id or 0,
                    unit_id=was.id,
                    until_on=until_on,
                    name=was.name,
                    parent_id=was.parent_id,
                )
            )
        unit.parent_id = None
        session.add(unit)
    session.flush()
    for unit in changed:
        place = after[unit.id or 0]
        unit.name, unit.parent_id = place.name, place.parent_id
        unit.closed_on = None if place.is_open else row.effective_on
        session.add(unit)
    session.flush()


def _close(session: Session, unit: Place, step: Step, row: Reorganisation, now: datetime) -> list[tuple[int, str]]:
    """Ends who held its posts, and returns them; refuses while one of them answers for something by name."""
    titles = {one.id or 0: one.title for one in session.exec(select(Post).where(Post.unit_id == unit.id))}
    ids = list(titles)
    own = session.exec(
        select(Milestone.label).where(among(col(Milestone.post_id), ids), col(Milestone.status).in_(OPEN_STATUSES))
    ).all()
    _refuse_left(unit, own, step)
    return [
        (person_id, words.post_name(unit.name, title))
        for post_id, title in titles.items()
        for person_id, _ in end_holders(session, post_id, row.effective_on, now)
    ]


def _without_post(session: Session, led: Collection[tuple[int, str]], on: date) -> list[str]:
    """Those who hold nothing from that day: `백두산(자치행정과장)`."""
    until_on, person_id = col(Assignment.until_on), col(Assignment.person_id)
    still = set(
        session.exec(
            select(Assignment.person_id).where(
                among(person_id, [one for one, _ in led]), until_on.is_(None) | (until_on >= on)
            )
        )
    )
    names = dict(
        session.exec(select(Person.id, Person.name).where(among(col(Person.id), [one for one, _ in led]))).all()
    )
    return [f"{names[one]}({post})" for one, post in led if one not in still]


def _refuse_leftovers(session: Session, unit: Place, step: Step) -> None:
    theirs = (col(Project.unit_id) == unit.id) | (col(Project.team_id) == unit.id)
    _refuse_left(unit, session.exec(select(Project.title).where(theirs, col(Project.closed_at).is_(None))).all(), step)


def _refuse_left(unit: Place, left: Collection[str], step: Step) -> None:
    if left:
        raise ReorganisationError(
            f"'{unit.name}'에 남은 것이 있습니다({words.shortened(', '.join(left), 80)}). "
            "다른 부서에 통합하거나 사업을 먼저 이관해 주세요.",
            step.line,
        )


# ------------------------------------------------------------------------------------------------ projects


def _move_projects(session: Session, row: Reorganisation, steps: Sequence[Step], after: Places) -> int:
    """Projects go where their units went, or where they were given; where they were is kept. Returns how many."""
    projects = {one.id or 0: one for one in session.exec(select(Project).order_by(col(Project.id)))}
    homes: dict[int, Home] = {one: (project.unit_id, project.team_id) for one, project in projects.items()}
    for step in steps:
        if step.act is Act.MERGE:
            for one, home in homes.items():
                homes[one] = _merged(home, step, after)
        for one in step.project_ids:
            homes[one] = _home((step.target_id if step.act is Act.TRANSFER else step.unit_id) or 0, after)
    for one, (unit_id, team_id) in homes.items():
        if team_id is not None and after[team_id].parent_id not in (None, unit_id):
            homes[one] = _home(team_id, after)
    moved = [one for one, home in homes.items() if home != (projects[one].unit_id, projects[one].team_id)]
    _refuse_twins(projects, homes, moved, after)
    until_on = row.effective_on - DAY
    known = set(session.exec(select(FormerHome.project_id).where(FormerHome.until_on == until_on)))
    given = {one for step in steps for one in step.project_ids}
    for one in moved:
        project = projects[one]
        if one not in known:
            session.add(
                FormerHome(
                    reorganisation_id=row.id or 0,
                    project_id=one,
                    until_on=until_on,
                    unit_id=project.unit_id,
                    team_id=project.team_id,
                )
            )
        project.unit_id, project.team_id = homes[one]
        if one in given:  # a post of the unit that they leave does not answer for them any more
            project.post_id = None
        session.add(project)
    session.flush()
    return len(moved)


def _merged(home: Home, step: Step, after: Places) -> Home:
    unit_id, team_id = home
    if team_id == step.unit_id:
        return _home(step.target_id or 0, after)
    return (step.target_id or 0, team_id) if unit_id == step.unit_id else home


def _home(unit_id: int, after: Places) -> Home:
    place = after[unit_id]
    if place.kind is UnitKind.TEAM and place.parent_id is not None:
        return place.parent_id, unit_id
    return unit_id, None


def _refuse_twins(
    projects: Mapping[int, Project], homes: Mapping[int, Home], moved: Iterable[int], after: Places
) -> None:
    taken: dict[tuple[int, str], int] = defaultdict(int)
    for one, (unit_id, _) in homes.items():
        taken[unit_id, projects[one].title] += 1
    for one in moved:
        unit_id, title = homes[one][0], projects[one].title
        if taken[unit_id, title] > 1:
            raise ReorganisationError(
                f"'{after[unit_id].name}'에 같은 제목의 사업이 둘이 됩니다: {title}. "
                "한쪽의 제목을 바꾼 뒤 다시 해 주세요."
            )


def _form(place: Place) -> tuple[object, ...]:
    return place.name, place.parent_id, place.is_open


# ------------------------------------------------------------------------------------------------ who answers


def _answering(session: Session, settings: Settings, calendar: WorkingCalendar) -> dict[int, int]:
    """Who answers for every open item of activated projects: post by milestone."""
    chart = load_chart(session)
    found = {}
    for some in chunks(open_ids(session)):
        for item in load_items(session, chart, calendar, settings.timezone, some):
            if item.post_id is not None:
                found[item.id] = item.post_id
    return found


def _compare(
    session: Session, settings: Settings, calendar: WorkingCalendar, before: Mapping[int, int], done: Rearranged
) -> None:
    by_post: dict[int, list[int]] = defaultdict(list)
    for milestone_id, post_id in _answering(session, settings, calendar).items():
        if before.get(milestone_id, post_id) != post_id:
            by_post[post_id].append(milestone_id)
    names = _names(session, set(before.values()))
    done.milestones = sum(len(ids) for ids in by_post.values())
    done.handed_on = [
        HandedOn(post_id, tuple(ids), tuple(sorted({names[before[one]] for one in ids})))
        for post_id, ids in sorted(by_post.items())
    ]


def _names(session: Session, post_ids: Collection[int]) -> dict[int, str]:
    """`자치행정과장 홍길동`: each post with who held it last."""
    chart = load_chart(session)
    held = session.exec(
        select(Assignment.post_id, Person.name)
        .join(Person, col(Person.id) == col(Assignment.person_id))
        .where(among(col(Assignment.post_id), post_ids))
        .order_by(col(Assignment.from_on), col(Assignment.id))
    )
    holders = dict(held.all())
    return {one: f"{chart.name_of(one)} {holders.get(one, '')}".strip() for one in post_ids}


def _running_chains(session: Session) -> int:
    ahead = (col(Reminder.ask) == Ask.ESCALATION) & (col(Reminder.state) == ReminderState.PLANNED)
    return session.exec(select(func.count()).select_from(Reminder).where(ahead)).one()
