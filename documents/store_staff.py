"""인사이동: a staff table becomes persons and assignments; who held a post before ends the day before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlmodel import Session, col, select

from documents.difference import SEOUL
from documents.errors import DocumentError
from documents.former_names import by_former_name
from documents.markup import squeeze
from documents.spreadsheet import StaffEntry
from models import Assignment, AuditEntry, Person, Post, Unit
from schedules.staff_changes import note_staff_change

# Posts that a table may add to a unit; head posts are there since the unit was stored.
_NEW_POSTS = ("담당", "주무관", "주무", "서무")
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")


@dataclass(frozen=True, slots=True)
class StaffStored:
    """What a staff table changed; all 0 when it says what is stored already."""

    persons: int
    assignments: int
    ended: int
    updated: int


def store_staff(
    session: Session, rows: Sequence[StaffEntry], now: datetime, by: str, zone: tzinfo = SEOUL
) -> StaffStored:
    """Stores who holds which post from when, all rows or none.

    Units and posts are matched by name; a row without a first day counts from the day of `now`. Whoever held the post
    before ends the day before the new holder begins, several holders of one post must stand in the same table. A person
    is the same by name and address, else by name in the same post; who appears in another post only has left the old
    one, so somebody with two posts is listed with both. A new address clears an earlier bounce. The same table again
    changes nothing. Raises DocumentError that names the row.
    """
    today = now.astimezone(zone).date()
    table = _Table(session, today)
    for row in rows:
        table.check(row)
        table.announce(row)
    for row in rows:
        table.take(row)
    table.end_what_was_left(rows)
    session.flush()
    done = StaffStored(table.persons, table.assignments, table.ended, table.updated)
    if done != StaffStored(0, 0, 0, 0):
        detail = f"보직 {done.assignments}건, 종료 {done.ended}건, 새 인원 {done.persons}명, 정정 {done.updated}건"
        note_staff_change(session)
        session.add(AuditEntry(at=now, actor=by, act="import.staff", subject="staff", detail=detail))
        session.flush()
    return done


class _Table:
    """The organisation as it is, and what one table changes in it."""

    def __init__(self, session: Session, today: date) -> None:
        self.session = session
        self.today = today
        self.units = list(session.exec(select(Unit).order_by(col(Unit.id))))
        self.by_id = {unit.id: unit for unit in self.units}
        self.posts = {(post.unit_id, post.title): post for post in session.exec(select(Post))}
        self.former_names = by_former_name(session)
        self.people = list(session.exec(select(Person).order_by(col(Person.id))))
        self.names = {person.id or 0: squeeze(person.name) for person in self.people}
        held = list(session.exec(select(Assignment).order_by(col(Assignment.from_on), col(Assignment.id))))
        self.held: dict[int, list[Assignment]] = {}
        for assignment in held:
            self.held.setdefault(assignment.post_id, []).append(assignment)
        self.before = {id(assignment) for assignment in held}
        self.named: dict[int, set[int]] = {}  # person: the posts that this table names for them
        self.together: dict[tuple[int, str], set[str]] = {}  # unit and title: the names that this table has for them
        self.persons = self.assignments = self.ended = self.updated = 0

    def check(self, row: StaffEntry) -> None:
        """Refuses what could only be stored wrongly."""
        self._find_post(row)
        if not row.name.strip():
            raise DocumentError("성명이 비어 있습니다. 비어 있는 자리는 그 줄을 빼 주세요.", line=row.line)
        if row.email and not _ADDRESS.fullmatch(row.email.strip()):
            raise DocumentError(f"'{row.email}'은(는) 전자우편 주소가 아닙니다.", line=row.line)
        begins = row.start or self.today
        opens = self.find_unit(row).opened_on
        if opens is not None and begins < opens:
            raise DocumentError(
                f"{row.unit}은(는) {opens}에 생깁니다. 시작을 그날이나 그 뒤로 적어 주세요.", line=row.line
            )
        if row.end is not None and row.end < begins:
            raise DocumentError(f"종료({row.end})가 시작({begins})보다 빠릅니다.", line=row.line)

    def announce(self, row: StaffEntry) -> None:
        """Remembers who stands in the table for a post: those hold it together, and none of them ends another."""
        post = self._find_post(row)
        if post is not None:
            self.together.setdefault((post.unit_id, post.title), set()).add(squeeze(row.name))

    def take(self, row: StaffEntry) -> None:
        """One row: the post, the person, the assignment, and the end of whoever was there before."""
        post = self._post(row)
        begins = row.start or self.today
        person = self._person(row, post)
        self.named.setdefault(person.id or 0, set()).add(post.id or 0)
        assignments = self.held.setdefault(post.id or 0, [])
        mine = [a for a in assignments if a.person_id == person.id and _overlaps(a, begins, row.end)]
        if mine:
            if row.end is not None and mine[-1].until_on != row.end:
                mine[-1].until_on = row.end
                self.updated += 1
            return
        together = self.together.get((post.unit_id, post.title), set())
        for earlier in assignments:
            if self.names[earlier.person_id] in together:
                continue
            if id(earlier) in self.before and _overlaps(earlier, begins, row.end):
                if earlier.from_on >= begins:
                    raise DocumentError(
                        f"{row.unit} {row.post} 자리에 {earlier.from_on}부터 다른 사람이 등록되어 있습니다. "
                        f"시작일({begins})을 확인하고, 함께 맡는 것이면 두 사람을 한 표에 같이 적어 주세요.",
                        line=row.line,
                    )
                earlier.until_on = begins - timedelta(days=1)
                self.ended += 1
        added = Assignment(post_id=post.id or 0, person_id=person.id or 0, from_on=begins, until_on=row.end)
        self.session.add(added)
        assignments.append(added)
        self.assignments += 1

    def end_what_was_left(self, rows: Sequence[StaffEntry]) -> None:
        """Somebody whom the table names in other posts only has left the ones they held before."""
        starts = {squeeze(row.name): row.start or self.today for row in rows}
        for post_id, assignments in self.held.items():
            for assignment in assignments:
                posts = self.named.get(assignment.person_id)
                if posts is None or post_id in posts or id(assignment) not in self.before:
                    continue
                begins = starts[self.names[assignment.person_id]]
                if assignment.from_on < begins and (assignment.until_on is None or assignment.until_on >= begins):
                    assignment.until_on = begins - timedelta(days=1)
                    self.ended += 1

    def find_unit(self, row: StaffEntry) -> Unit:
        """The unit of a row; `행정지원과 인사팀` and `행정지원과/인사팀` name the department too."""
        path = [squeeze(part) for part in re.split(r"[/>]", row.unit) if part.strip()]
        found = [unit for unit in self.units if path and self._path(unit).endswith("/" + "/".join(path))]
        if not found:
            found = [unit for unit in self.units if path and self._path(unit).replace("/", "").endswith("".join(path))]
        found = [unit for unit in found if unit.closed_on is None or unit.closed_on > self.today]
        if not found and path:
            found = [self.by_id[one] for one in sorted(self.former_names.get(path[-1], ()))]
        if len(found) == 1:
            return found[0]
        exact = [unit for unit in found if squeeze(unit.name) == "".join(path)]
        if len(exact) == 1:
            return exact[0]
        if found:
            raise DocumentError(f"'{row.unit}'이(가) 둘 이상입니다. '부서/팀'처럼 적어 주세요.", line=row.line)
        raise DocumentError(
            f"'{row.unit}'(이)라는 부서가 없습니다. 보고 문서의 부서 이름과 맞춰 주세요.", line=row.line
        )

    def _path(self, unit: Unit) -> str:
        parent = self.by_id.get(unit.parent_id)
        return (self._path(parent) if parent is not None else "") + "/" + squeeze(unit.name)

    def _find_post(self, row: StaffEntry) -> Post | None:
        """The post of a row; None where the table may add it. 행정지원팀장 is the 팀장 of 행정지원팀."""
        unit = self.find_unit(row)
        title = squeeze(row.post)
        known = [post for (unit_id, _), post in self.posts.items() if unit_id == unit.id]
        found = next(
            (p for p in known if title in (squeeze(p.title), squeeze(unit.name)[:-1] + squeeze(p.title))), None
        )
        if found is None and title not in _NEW_POSTS:
            names = ", ".join([post.title for post in known] + list(_NEW_POSTS[:2]))
            raise DocumentError(f"{unit.name}에 '{row.post}' 직위가 없습니다. 쓸 수 있는 직위: {names}", line=row.line)
        return found

    def _post(self, row: StaffEntry) -> Post:
        post = self._find_post(row)
        if post is None:
            post = Post(unit_id=self.find_unit(row).id or 0, title=squeeze(row.post))
            self.session.add(post)
            self.session.flush()
            self.posts[post.unit_id, post.title] = post
        return post

    def _person(self, row: StaffEntry, post: Post) -> Person:
        name, email, phone = squeeze(row.name), (row.email or "").strip() or None, (row.phone or "").strip() or None
        same_name = [person for person in self.people if squeeze(person.name) == name]
        holders = {assignment.person_id for assignment in self.held.get(post.id or 0, ())}
        found = next((p for p in same_name if email and (p.email or "").casefold() == email.casefold()), None)
        if found is None:
            found = next((p for p in same_name if p.id in holders or (not p.email and not email)), None)
        if found is None:
            found = Person(name=row.name.strip(), email=email, phone=phone)
            self.session.add(found)
            self.session.flush()
            self.people.append(found)
            self.names[found.id or 0] = name
            self.persons += 1
            return found
        changed = False
        if email and (found.email or "").casefold() != email.casefold():
            found.email, found.bounced_at, changed = email, None, True
        if phone and found.phone != phone:
            found.phone, changed = phone, True
        if found.left_on is not None and (row.start or self.today) >= found.left_on:
            found.left_on, changed = None, True
        self.updated += changed
        return found


def _overlaps(assignment: Assignment, begins: date, ends: date | None) -> bool:
    return (assignment.until_on is None or assignment.until_on >= begins) and (
        ends is None or assignment.from_on <= ends
    )
