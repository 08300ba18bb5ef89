"""조직개편: decided ahead, kept until its day, or taken back; carried out by `schedules.rearranging`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from models import AuditEntry, FormerUnit, Reorganisation, Unit
from schedules import words
from schedules.arrangement import MADE, Act, Place, ReorganisationError, Step, arrange
from schedules.reorganisation_names import Asked, bare_name, read_steps

__all__ = ["Asked", "Decided", "cancel", "decide", "due_reorganisations", "list_reorganisations", "read_places"]

MOST_STEPS = 300
FARTHEST = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Decided:
    """A reorganisation as it is listed."""

    id: int
    effective_on: date
    lines: tuple[str, ...]
    decided_by: str
    decided_at: datetime
    carried_out_at: datetime | None
    cancelled_at: datetime | None
    error: str | None

    @property
    def is_pending(self) -> bool:
        return self.carried_out_at is None and self.cancelled_at is None


def decide(session: Session, asked: Sequence[Asked], on: date, *, by: str, now: datetime) -> Reorganisation:
    """Keeps the changes for their day, all or (ReorganisationError) none; units to be made can be staffed from now on.

    The very same changes for the same day, waiting or carried out, are kept once: that row is returned.
    """
    if not asked or len(asked) > MOST_STEPS:
        raise ReorganisationError(f"바뀌는 것을 한 건에서 {MOST_STEPS}건까지 적어 주세요.")
    if on > now.date() + FARTHEST:
        raise ReorganisationError(f"시행일({words.day(on)})이 너무 멉니다. 두 해 안의 날을 적어 주세요.")
    same = _same(session, asked, on)
    if same is not None:
        return same
    before, later = _waiting(session, on)
    places = read_places(session)
    for row in before:
        places = arrange(places, steps_of(row), row.effective_on)
    with session.begin_nested():
        steps = read_steps(session, asked, places, on)
        places.update({unit.id: unit for unit in _made(session, steps)})
        after = arrange(places, steps, on)
        for row in later:
            try:
                after = arrange(after, steps_of(row), row.effective_on)
            except ReorganisationError as error:
                raise ReorganisationError(
                    f"{words.day(row.effective_on)}에 예정된 조직개편({row.id}번)과 맞지 않습니다: {error}"
                ) from error
        changes = [_as_row(step, one) for step, one in zip(steps, asked, strict=True)]
        found = Reorganisation(effective_on=on, changes=changes, decided_at=now, decided_by=by)
        session.add(found)
        session.flush()
        detail = f"{on.isoformat()}: " + "; ".join(step.words for step in steps)
        subject = f"reorganisation:{found.id}"
        session.add(AuditEntry(at=now, actor=by, act="reorganisation.decide", subject=subject, detail=detail))
        session.flush()
    return found


def cancel(session: Session, reorganisation_id: int, *, by: str, now: datetime, today: date) -> None:
    """Takes back what was not carried out yet; units that it would have made are never opened. ReorganisationError."""
    found = session.get(Reorganisation, reorganisation_id, with_for_update=True)
    if found is None:
        raise ReorganisationError(f"{reorganisation_id}번 조직개편이 없습니다. 번호를 확인해 주세요: dday reorganise")
    if found.carried_out_at is not None:
        raise ReorganisationError("이미 시행한 조직개편입니다. 되돌리려면 반대로 바꾸는 조직개편을 새로 넣어 주세요.")
    if found.cancelled_at is not None:
        return
    made = {step.unit_id for step in steps_of(found) if step.act in MADE}
    for row in session.exec(select(Reorganisation).where(_is_waiting(), Reorganisation.id != found.id)):
        if made & {one for step in steps_of(row) for one in (step.unit_id, step.target_id)}:
            raise ReorganisationError(f"{row.id}번 조직개편이 여기서 만드는 부서를 씁니다. 그것을 먼저 취소해 주세요.")
    for unit in session.exec(select(Unit).where(col(Unit.id).in_(made))):
        unit.closed_on = unit.opened_on or today
        session.add(unit)
    found.cancelled_at = now
    session.add(found)
    session.add(
        AuditEntry(at=now, actor=by, act="reorganisation.cancel", subject=f"reorganisation:{found.id}", detail="")
    )
    session.flush()


def list_reorganisations(session: Session, limit: int = 50) -> list[Decided]:
    """The latest ones, those that wait for their day first."""
    rows = session.exec(
        select(Reorganisation).order_by(col(Reorganisation.effective_on).desc(), col(Reorganisation.id).desc())
    ).all()
    found = [
        Decided(
            row.id or 0,
            row.effective_on,
            tuple(step.words for step in steps_of(row)),
            row.decided_by,
            row.decided_at,
            row.carried_out_at,
            row.cancelled_at,
            row.error,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: not one.is_pending)[:limit]


def pending_reorganisation(session: Session) -> date | None:
    """The day of the earliest one that is not carried out and has not failed."""
    wanted = select(func.min(Reorganisation.effective_on)).where(_is_waiting(), col(Reorganisation.error).is_(None))
    return session.exec(wanted).one()


def due_reorganisations(session: Session, today: date) -> Sequence[Reorganisation]:
    """Those whose day has come, in their order, locked until the transaction ends."""
    return session.exec(
        select(Reorganisation)
        .where(_is_waiting(), col(Reorganisation.error).is_(None), col(Reorganisation.effective_on) <= today)
        .order_by(col(Reorganisation.effective_on), col(Reorganisation.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def waiting_steps(session: Session) -> Iterator[Step]:
    """The steps of all that are decided and not carried out."""
    for row in session.exec(select(Reorganisation).where(_is_waiting())):
        yield from steps_of(row)


def steps_of(row: Reorganisation) -> list[Step]:
    """The steps that were kept."""
    found = []
    for change in row.changes:
        values = {name: change.get(name) for name in ("unit_id", "target_id", "name", "words", "line")}
        projects = change.get("project_ids")
        ids = tuple(one for one in projects if isinstance(one, int)) if isinstance(projects, list) else ()
        found.append(Step(act=Act(str(change["act"])), project_ids=ids, **values))  # type: ignore[arg-type]
    return found


def read_places(session: Session) -> dict[int, Place]:
    """The units as they stand now; those that wait for their day, or are closed, are not open."""
    changed: dict[int, date] = {}
    latest = select(FormerUnit.unit_id, func.max(FormerUnit.until_on)).group_by(col(FormerUnit.unit_id))
    for unit_id, until_on in session.exec(latest):
        changed[unit_id] = until_on + timedelta(days=1)
    waiting = session.exec(select(Reorganisation).where(_is_waiting()))
    unopened = {step.unit_id for row in waiting for step in steps_of(row) if step.act in MADE}
    return {
        unit.id: Place(
            unit.id,
            unit.name,
            unit.kind,
            unit.parent_id,
            unit.closed_on is None and unit.id not in unopened,
            max((day for day in (changed.get(unit.id), unit.opened_on) if day is not None), default=None),
        )
        for unit in session.exec(select(Unit).order_by(col(Unit.id)))
        if unit.id is not None
    }


# ------------------------------------------------------------------------------------------------ rows


def _as_row(step: Step, asked: Asked) -> dict[str, object]:
    """`asked` goes with it, so that the same table, given again, is known again."""
    return {**asdict(step), "project_ids": list(step.project_ids), "asked": _asked_row(asked)}


def _asked_row(asked: Asked) -> list[object]:
    texts = (asked.act.value, asked.unit, asked.name, asked.target, *asked.projects)
    return [bare_name(text) for text in texts]


def _same(session: Session, asked: Sequence[Asked], on: date) -> Reorganisation | None:
    wanted = [_asked_row(one) for one in asked]
    rows = session.exec(
        select(Reorganisation).where(Reorganisation.effective_on == on, col(Reorganisation.cancelled_at).is_(None))
    )
    return next((row for row in rows if [change.get("asked") for change in row.changes] == wanted), None)


def _waiting(session: Session, on: date) -> tuple[list[Reorganisation], list[Reorganisation]]:
    """Those that are carried out before one of that day that is decided now, and those after."""
    rows = session.exec(
        select(Reorganisation)
        .where(_is_waiting(), col(Reorganisation.error).is_(None))
        .order_by(col(Reorganisation.effective_on), col(Reorganisation.id))
    ).all()
    return [row for row in rows if row.effective_on <= on], [row for row in rows if row.effective_on > on]


def _is_waiting() -> ColumnElement[bool]:
    return col(Reorganisation.carried_out_at).is_(None) & col(Reorganisation.cancelled_at).is_(None)


def _made(session: Session, steps: Iterable[Step]) -> list[Place]:
    ids = [step.unit_id for step in steps if step.act in MADE]
    units = session.exec(select(Unit).where(col(Unit.id).in_(ids)))
    return [Place(unit.id or 0, unit.name, unit.kind, None, is_open=False) for unit in units]
