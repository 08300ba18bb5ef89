"""`dday import --kind milestones|staff|review`: tables in, rows out; one bad row refuses the table and names itself."""

from datetime import date
from typing import TypeVar

from sqlmodel import Session

from commands.opening import Office, open_office
from commands.printing import console, print_json, table
from commands.run import Refused
from documents.review_table import ReviewEntry, read_review_table
from documents.spreadsheet import (
    Complaint,
    MilestoneEntry,
    StaffEntry,
    TableReading,
    read_milestone_table,
    read_sheet,
    read_staff_table,
)
from documents.store_review import ReviewStored, store_review
from documents.store_staff import StaffStored, store_staff
from documents.store_table import store_milestone_table
from models.database import write
from schedules.handovers import Move, note_ends, settle_moves
from schedules.office_days import load_calendar
from schedules.plan import replan
from schedules.reorganisation_names import Asked

Entry = TypeVar("Entry", MilestoneEntry, StaffEntry, ReviewEntry, Asked)
SHOWN_COMPLAINTS = 20


def import_table(data: bytes, name: str, as_of: date | None, kind: str, *, dry_run: bool, json_: bool) -> None:
    """Reads the whole table first; stores it only when every row is right."""
    if kind == "staff":
        _import_staff(all_right(read_staff_table(data)), dry_run=dry_run, json_=json_)
    elif kind == "review":
        _import_review(all_right(read_review_table(data)), dry_run=dry_run, json_=json_)
    else:
        _import_milestones(data, all_right(read_milestone_table(data)), name, as_of, dry_run=dry_run, json_=json_)


def _import_staff(rows: tuple[StaffEntry, ...], *, dry_run: bool, json_: bool) -> None:
    if dry_run:
        _say({"rows": len(rows)}, f"{len(rows)}행을 읽었습니다. 저장하지 않았습니다.", json_)
        return
    stored = store_staff_rows(open_office(), rows)
    _say(
        {
            "persons": stored.persons,
            "assignments": stored.assignments,
            "ended": stored.ended,
            "updated": stored.updated,
        },
        f"사람 {stored.persons}명, 보직 {stored.assignments}건 등록, {stored.ended}건 종료, {stored.updated}건 고침",
        json_,
    )


def store_staff_file(office: Office, data: bytes) -> StaffStored:
    """The whole table or, with the first complaint, none of it."""
    return store_staff_rows(office, staff_rows(data))


def store_staff_rows(office: Office, rows: tuple[StaffEntry, ...]) -> StaffStored:
    with write(office.engine) as session:
        return take_staff(session, office, rows)[0]


def staff_rows(data: bytes) -> tuple[StaffEntry, ...]:
    """The rows of a staff table that is right from end to end."""
    return all_right(read_staff_table(data))


def take_staff(session: Session, office: Office, rows: tuple[StaffEntry, ...]) -> tuple[StaffStored, list[Move]]:
    """Stores the table in the caller's transaction, plans anew, and says what changes hands by it."""
    now, zone = office.clock(), office.settings.timezone
    before = note_ends(session)
    stored = store_staff(session, rows, now, "admin", zone)
    moves = settle_moves(session, before, now, zone)
    replan(session, now, office.settings, load_calendar(session))
    return stored, moves


def _import_review(rows: tuple[ReviewEntry, ...], *, dry_run: bool, json_: bool) -> None:
    if dry_run:
        _say({"rows": len(rows)}, f"{len(rows)}행을 읽었습니다. 저장하지 않았습니다.", json_)
        return
    stored = store_review_rows(open_office(), rows)
    _say(
        {"corrected": stored.corrected, "confirmed": stored.confirmed},
        f"{stored.corrected}건 고침, {stored.confirmed}건 확인"
        if stored.corrected or stored.confirmed
        else "바뀌는 것이 없습니다.",
        json_,
    )


def store_review_rows(office: Office, rows: tuple[ReviewEntry, ...]) -> ReviewStored:
    """Takes the corrections over and re-plans what already runs."""
    now = office.clock()
    with write(office.engine) as session:
        stored = store_review(session, rows, now, "admin")
        if stored.activated_milestone_ids:
            replan(session, now, office.settings, load_calendar(session), stored.activated_milestone_ids)
    return stored


def _import_milestones(
    data: bytes, rows: tuple[MilestoneEntry, ...], name: str, as_of: date | None, *, dry_run: bool, json_: bool
) -> None:
    if dry_run:
        _say({"rows": len(rows)}, f"{len(rows)}행을 읽었습니다. 저장하지 않았습니다.", json_)
        return
    office = open_office()
    now = office.clock()
    on = as_of or now.astimezone(office.settings.timezone).date()
    text = "\n".join("\t".join(str(cell or "") for cell in row.cells) for row in read_sheet(data))
    with write(office.engine) as session:
        stored = store_milestone_table(session, rows, text, name, now, "admin", on)
        if stored.activated_milestone_ids:
            replan(session, now, office.settings, load_calendar(session), stored.activated_milestone_ids)
    _say(
        {"new": stored.is_new, "projects": stored.projects, "added": stored.added, "moved": stored.moved},
        f"사업 {stored.projects}건, 일정 {stored.added}건 추가, {stored.moved}건 옮김"
        if stored.is_new
        else "이미 가져온 표입니다. 바뀌는 것이 없습니다.",
        json_,
    )


def all_right(reading: TableReading[Entry]) -> tuple[Entry, ...]:
    """Its rows; Refused with the first complaint, after all of them were shown, when there is one."""
    complaints = reading.complaints
    if not complaints:
        return reading.entries
    if len(complaints) > 1:
        console.print(_complaints(complaints))
    first = complaints[0]
    more = f" (모두 {len(complaints)}건)" if len(complaints) > 1 else ""
    raise Refused(
        f"{first.line}행 {first.field}: {first.message}{more} 고친 뒤 다시 가져와 주세요. 저장하지 않았습니다."
    )


def _complaints(complaints: tuple[Complaint, ...]) -> object:
    shown = table("고칠 곳", "행", "항목", "내용")
    for complaint in complaints[:SHOWN_COMPLAINTS]:
        shown.add_row(str(complaint.line), complaint.field, complaint.message)
    return shown


def _say(for_programs: dict[str, object], for_people: str, json_: bool) -> None:
    if json_:
        print_json(for_programs)
    else:
        console.print(for_people)
