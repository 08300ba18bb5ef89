"""조직개편 as people write it: names of units and projects become ids, row by row; units to be made become rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, func, select

from models import Post, Project, Unit, UnitKind
from schedules import words
from schedules.arrangement import ACT_WORDS, MADE, Act, Place, ReorganisationError, Step, check_name, kind_of, take_step
from schedules.responsibility import HEAD_TITLES


@dataclass(frozen=True, slots=True)
class Asked:
    """One change as a person writes it, by names; `target` and `unit` may be paths (`행정지원과/인사팀`)."""

    act: Act
    unit: str = ""
    name: str = ""
    target: str = ""
    projects: tuple[str, ...] = ()
    line: int | None = None


def read_steps(session: Session, asked: Sequence[Asked], places: Mapping[int, Place], on: date) -> list[Step]:
    """Row by row, each over what the rows before it have made of the units; a name of before the table counts too."""
    found = dict(places)
    steps = []
    for one in asked:
        known = (places, found)
        step = Step(one.act, name=bare_name(one.name), line=one.line)
        if one.act in MADE:
            step = _make(session, one, step, known, on)
            unit = session.get_one(Unit, step.unit_id)
            found[unit.id or 0] = Place(unit.id or 0, unit.name, unit.kind, None, is_open=False)
        elif one.act is not Act.TRANSFER:
            step = replace(step, unit_id=_find(known, one.unit, one.line).id)
        if one.act in (Act.MOVE, Act.MERGE, Act.TRANSFER):
            step = replace(step, target_id=_find(known, one.target, one.line).id)
        if one.act in (*MADE, Act.TRANSFER):
            source = _find(known, one.unit, one.line).id if one.unit and one.act is not Act.NEW else None
            step = replace(step, project_ids=_projects(session, one, source))
        if one.act is Act.TRANSFER and not step.project_ids:
            raise ReorganisationError("옮길 사업을 적어 주세요.", one.line)
        found.update(take_step(found, step))
        steps.append(replace(step, words=_say(session, step, known)))
    return steps


def _make(session: Session, one: Asked, step: Step, known: Sequence[Mapping[int, Place]], on: date) -> Step:
    """The new unit as a row that stands under none yet, with its head's post."""
    name = step.name or (bare_name(one.unit) if one.act is Act.NEW else "")
    source = _find(known, one.unit, one.line) if one.act is Act.SPLIT else None
    target = _find(known, one.target, one.line) if one.target else None
    kind = kind_of(name) or _kind_beside(source, target)
    check_name(name, kind, one.line)
    parent_id = target.id if target is not None else None
    if source is not None and target is None:
        parent_id = source.parent_id if kind is source.kind else source.id
    siblings = [place.id for place in known[-1].values() if place.parent_id == parent_id]
    position = session.exec(select(func.max(Unit.position)).where(col(Unit.id).in_(siblings))).one()
    unit = Unit(name=name, kind=kind, position=0 if position is None else position + 1, opened_on=on)
    session.add(unit)
    session.flush()
    session.add(Post(unit_id=unit.id or 0, title=HEAD_TITLES[kind][0]))
    session.flush()
    return replace(step, unit_id=unit.id, target_id=parent_id, name=name)


def _kind_beside(source: Place | None, target: Place | None) -> UnitKind:
    """What a unit is whose name does not tell: as what it comes out of, else one below what it stands under."""
    if source is not None:
        return source.kind
    below = {UnitKind.BUREAU: UnitKind.DEPARTMENT, UnitKind.DEPARTMENT: UnitKind.TEAM}
    return below.get(target.kind, UnitKind.TEAM) if target is not None else UnitKind.BUREAU


def _find(known: Sequence[Mapping[int, Place]], text: str, line: int | None) -> Place:
    """The one unit that a name or a path means, as it is after the rows before."""
    path = [part for part in (bare_name(part) for part in text.replace(">", "/").split("/")) if part]
    if not path:
        raise ReorganisationError("어느 부서인지 적어 주세요.", line)
    found: list[Place] = []
    for places in known:  # a table speaks of units as they were before it; what its rows have made comes second
        if not found:
            ids = [place.id for place in places.values() if _means(path, _path(places, place))]
            found = [known[-1][unit_id] for unit_id in ids]
    standing = [place for place in found if place.is_open] or found
    if len(standing) > 1:
        named = [place for place in standing if place.name == path[-1]]
        standing = named if len(named) == 1 else standing
    if not standing:
        raise ReorganisationError(f"'{text}'(이)라는 부서가 없습니다. 지금의 부서 이름과 맞춰 주세요.", line)
    if len(standing) > 1:
        raise ReorganisationError(
            f"'{text}'이(가) 둘 이상입니다. '행정지원과/인사팀'처럼 윗부서와 함께 적어 주세요.", line
        )
    return standing[0]


def _means(path: Sequence[str], names: Sequence[str]) -> bool:
    """`행정지원과/인사팀`, `인사팀`, and `행정지원과 인사팀` written in one."""
    return list(names[-len(path) :]) == list(path) or (len(path) == 1 and "".join(names[-2:]) == path[0])


def _path(places: Mapping[int, Place], place: Place) -> list[str]:
    names = [place.name]
    while place.parent_id is not None and place.parent_id in places:
        place = places[place.parent_id]
        names.insert(0, place.name)
    return names


def _projects(session: Session, one: Asked, source_id: int | None) -> tuple[int, ...]:
    if not one.projects:
        return ()
    by_title: dict[str, list[Project]] = defaultdict(list)
    for project in session.exec(select(Project).where(col(Project.closed_at).is_(None)).order_by(col(Project.id))):
        if source_id is None or source_id in (project.unit_id, project.team_id):
            by_title[bare_name(project.title)].append(project)
            by_title[str(project.id)].append(project)
    ids = []
    for title in one.projects:
        found = by_title.get(bare_name(title), [])
        if not found:
            raise ReorganisationError(f"'{title}' 사업이 없습니다. 지금의 사업명과 맞춰 적어 주세요.", one.line)
        if len(found) > 1:
            raise ReorganisationError(f"'{title}' 사업이 둘 이상입니다. 사업 번호로 적어 주세요.", one.line)
        ids.append(found[0].id or 0)
    return tuple(dict.fromkeys(ids))


def _say(session: Session, step: Step, known: Sequence[Mapping[int, Place]]) -> str:
    unit, target = (known[-1].get(one or 0) for one in (step.unit_id, step.target_id))
    name = unit.name if unit is not None else ""
    to = target.name if target is not None else ""
    was = known[0].get(step.unit_id or 0)
    if step.act is Act.RENAME:
        name = was.name if was is not None else name
        return f"{name} → {step.name} ({ACT_WORDS[step.act]})"
    if step.act is Act.MOVE:
        above = known[0].get(was.parent_id or 0) if was is not None else None
        return f"{name}: {above.name if above is not None else '-'} → {to} ({ACT_WORDS[step.act]})"
    if step.act is Act.MERGE:
        return f"{name} → {to} ({ACT_WORDS[step.act]})"
    if step.act is Act.CLOSE:
        return f"{name} 폐지"
    titles = session.exec(select(Project.title).where(col(Project.id).in_(step.project_ids))).all()
    listed = f" (사업 {len(titles)}건: {words.shortened(', '.join(titles), 60)})" if titles else ""
    if step.act is Act.TRANSFER:
        return f"사업 {len(titles)}건 → {to} ({ACT_WORDS[step.act]}): {words.shortened(', '.join(titles), 60)}"
    return f"{to + ' ' if to else ''}{step.name} {ACT_WORDS[step.act]}{listed}"


def bare_name(text: str) -> str:
    """A name as it is kept and compared: without blanks."""
    return "".join(text.split())
