"""부재와 업무대행: who is away, and who is asked instead; refused where nobody would be reached in the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from models import Absence, Assignment, AuditEntry, Person
from schedules.staff_changes import note_staff_change
from settings import Refusal

REASON_LENGTH = 40


class AbsenceError(Refusal):
    """The absence cannot be kept as given; the text says why, `field` is the one to change. Nothing has changed."""

    def __init__(self, message: str, field: str = "person") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Away:
    """One absence, both days included."""

    id: int
    person: str
    deputy: str
    from_on: date
    until_on: date
    reason: str


def set_absence(
    session: Session, *, email: str, deputy: str, from_on: date, until_on: date, reason: str, by: str, now: datetime
) -> Away:
    """While the person is away the deputy gets their mail. People are named by their address. Raises AbsenceError.

    No chains and no cycles: a deputy who is away in that time, or whose place the person takes then, is refused; so are
    oneself, somebody without a post, who has left or gets no mail, and a second absence in the same time.
    """
    if until_on < from_on:
        raise AbsenceError(f"끝나는 날({until_on})이 시작하는 날({from_on})보다 빠릅니다.", "until")
    if len(reason) > REASON_LENGTH or "\n" in reason:
        raise AbsenceError(f"사유는 {REASON_LENGTH}자 안에서 한 줄로 적어 주세요.", "reason")
    away, stand_in = _person(session, email, "person"), _person(session, deputy, "deputy")
    if away.id == stand_in.id:
        raise AbsenceError(f"{away.name}: 본인을 업무대행으로 정할 수 없습니다.", "deputy")
    if not _holds_a_post(session, away, from_on, until_on):
        raise AbsenceError(f"{away.name}: 그 기간에 맡은 직위가 없어 대신 받을 것이 없습니다.")
    if stand_in.left_on is not None and stand_in.left_on <= until_on:
        raise AbsenceError(
            f"{stand_in.name}: {stand_in.left_on}에 떠나는 사람입니다. 다른 사람을 정해 주세요.", "deputy"
        )
    if stand_in.bounced_at is not None:
        raise AbsenceError(f"{stand_in.name}: 전자우편 주소({stand_in.email})로 보낼 수 없습니다.", "deputy")
    for other in _overlapping(session, from_on, until_on):
        span = f"{other.from_on} ~ {other.until_on}"
        if other.person_id == away.id:
            raise AbsenceError(f"{away.name}: 겹치는 부재({other.id}번, {span})가 있습니다. 먼저 없애 주세요.")
        if other.person_id == stand_in.id:
            raise AbsenceError(f"{stand_in.name}: 그때({span}) 부재 중이어서 업무대행을 할 수 없습니다.", "deputy")
        if other.deputy_id == away.id:
            absent = session.get_one(Person, other.person_id).name
            raise AbsenceError(f"{away.name}: 그때({span}) {absent}의 업무대행입니다. 그 업무대행을 먼저 바꿔 주세요.")
    row = Absence(
        person_id=away.id or 0, deputy_id=stand_in.id or 0, from_on=from_on, until_on=until_on, reason=reason.strip()
    )
    session.add(row)
    session.flush()
    note_staff_change(session)
    session.add(AuditEntry(at=now, actor=by, act="absence.set", subject=f"absence:{row.id}", detail=row.reason))
    return _shown(session, row)


def remove_absence(session: Session, absence_id: int, *, by: str, now: datetime) -> Away:
    """The person is asked again. Raises AbsenceError for an unknown one."""
    row = session.get(Absence, absence_id)
    if row is None:
        raise AbsenceError(f"{absence_id}번 부재는 없습니다. dday absence list 로 확인해 주세요.")
    gone = _shown(session, row)
    session.delete(row)
    note_staff_change(session)
    session.add(AuditEntry(at=now, actor=by, act="absence.remove", subject=f"absence:{absence_id}", detail=row.reason))
    session.flush()
    return gone


def list_absences(session: Session, today: date) -> list[Away]:
    """Those that are not over, the earliest first."""
    wanted = select(Absence).where(col(Absence.until_on) >= today).order_by(col(Absence.from_on), col(Absence.id))
    return [_shown(session, row) for row in session.exec(wanted)]


def _person(session: Session, email: str, field: str) -> Person:
    found = session.exec(select(Person).where(Person.email == email.strip())).all()
    if len(found) != 1:
        how_many = "없습니다" if not found else f"{len(found)}명입니다"
        raise AbsenceError(f"전자우편 주소가 '{email}'인 사람이 {how_many}. 직원 명부를 확인해 주세요.", field)
    return found[0]


def _holds_a_post(session: Session, person: Person, from_on: date, until_on: date) -> bool:
    held = session.exec(select(Assignment).where(Assignment.person_id == person.id)).all()
    return any(one.from_on <= until_on and from_on <= (one.until_on or date.max) for one in held)


def _overlapping(session: Session, from_on: date, until_on: date) -> Sequence[Absence]:
    wanted = select(Absence).where(col(Absence.from_on) <= until_on, col(Absence.until_on) >= from_on)
    return session.exec(wanted.order_by(col(Absence.id))).all()


def _shown(session: Session, row: Absence) -> Away:
    names = [session.get_one(Person, person_id).name for person_id in (row.person_id, row.deputy_id)]
    return Away(row.id or 0, names[0], names[1], row.from_on, row.until_on, row.reason)
