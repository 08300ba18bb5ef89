"""The set-based planning against a slow and simple one: row by row, day by day, nothing remembered."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from models import (
    Ask,
    HolidayDeadline,
    Milestone,
    MilestoneKind,
    MilestoneStatus,
    OfficeDayKind,
    OffsetUnit,
    Reminder,
    ReminderState,
    StatusKind,
    StatusReport,
    SupportingPost,
)
from models.database import create_schema, make_engine
from schedules.beside import with_supporting
from schedules.calendar import WorkingCalendar
from schedules.items import Item, load_items
from schedules.occasions import anchors
from schedules.office_days import (
    holiday_deadline,
    load_calendar,
    put_holiday_deadline,
    remove_day,
    set_day,
    set_holiday_deadline,
)
from schedules.plan import replan
from schedules.quiet import with_quiet
from schedules.responsibility import load_chart
from schedules.rules import Rule, load_rules, rules_for, set_rule
from tests.schedules.office import SEOUL, SmallOffice, at, run_until, settings

START = date(2024, 9, 2)
DAY = timedelta(days=1)
SETTLED = (ReminderState.DISPATCHED, ReminderState.MISSED)
KINDS = st.sampled_from([MilestoneKind.COMPLETION, MilestoneKind.EVENT, MilestoneKind.TRAINING])
HOW = st.sampled_from([("range", False), ("range", True), ("month", True), ("open", False), ("year", True)])
WINDOWS = st.tuples(st.dates(date(2024, 7, 1), date(2025, 4, 30)), st.integers(0, 40), KINDS, HOW)
CHANGES = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["done", "moved", "given away", "reopened", "answered"])), max_size=6
)
RULES = st.lists(
    st.sampled_from(
        [
            {"name": "overdue", "levels": [0, 1, 2], "repeat_every": 3, "repeat_unit": "working"},
            {"name": "upcoming-firm", "offsets": [-12, -3], "offset_unit": "working", "time": "10:30"},
            {"name": "status", "offsets": [0, 4], "repeat_every": 5, "levels": [0, 2]},
            {"name": "own", "ask": "upcoming", "project_id": 1, "offsets": [-20, -2]},
            {"name": "one", "ask": "overdue", "milestone_id": 2, "offsets": [1], "repeat_every": 1},
            {"name": "team", "ask": "today", "unit_id": 3, "offsets": [0], "which_end": "both"},
            {"name": "today", "levels": ["supporting", 0]},
            {"name": "overdue", "levels": [0, "supporting"], "repeat_every": 4, "most_repeats": 2},
            {"name": "quiet", "offsets": [30], "repeat_every": 20, "repeat_unit": "working"},
            {"name": "check", "offsets": [30], "repeat_every": 12, "levels": [0, 1]},
            {"name": "check", "offsets": [5], "repeat_every": 5},
            {"name": "overdue", "repeat_until": "done"},
            {"name": "status", "repeat_every": 6, "repeat_until": "done", "most_repeats": 3, "levels": [0, 1]},
            {"name": "check", "offsets": [4], "repeat_every": 4, "most_repeats": 2},
        ]
    ),
    max_size=3,
    unique_by=lambda rule: str(rule["name"]),
)
DEADLINES = st.sampled_from(HolidayDeadline)
few = examples(max_examples=12, suppress_health_check=[HealthCheck.too_slow])


# ------------------------------------------------------------------------------------------------ the slow reference


class Stood(NamedTuple):
    """A reminder as it stood before."""

    state: ReminderState
    due_at: datetime


def counted(base: date, offset: int, unit: OffsetUnit, calendar: WorkingCalendar) -> date:
    if unit is OffsetUnit.CALENDAR:
        return base + offset * DAY
    step = DAY if offset > 0 else -DAY
    left = abs(offset)
    while left:
        base += step
        left -= calendar.is_working(base)
    return base


def counts_on(item: Item, choice: HolidayDeadline, calendar: WorkingCalendar) -> date | None:
    day = item.end_on
    if day is None or choice is HolidayDeadline.AS_IS or item.kind in (MilestoneKind.EVENT, MilestoneKind.TRAINING):
        return day
    while not calendar.is_working(day):
        day += DAY if choice is HolidayDeadline.AFTER else -DAY
    return day


def moment(day: date, rule: Rule) -> datetime:
    return datetime.combine(day, rule.time, SEOUL)


def sent_on(day: date, rule: Rule, calendar: WorkingCalendar) -> datetime:
    back = rule.ask in (Ask.UPCOMING, Ask.TODAY, Ask.CONFIRM_DATE)
    while not calendar.is_working(day):
        day += -DAY if back else DAY
    return moment(day, rule)


def first_after(now: datetime, rule: Rule, calendar: WorkingCalendar) -> datetime:
    day = now.astimezone(SEOUL).date()
    while not calendar.is_working(day) or moment(day, rule) <= now:
        day += DAY
    return moment(day, rule)


def is_near(item: Item, rule: Rule, anchor_on: date, place: int, *, is_repeat: bool) -> bool:
    """Whether a quiet project's next deadline, or its beginning, comes within six weeks of five days a week."""
    wait = rule.offsets[-1] + place * rule.repeat_every if is_repeat else place
    asked = anchor_on + wait * 7 // 5 * DAY
    near = (item.end_on or date.max) <= asked + 42 * DAY
    return near or (item.start_on is not None and asked <= item.start_on <= asked + 42 * DAY)


def heard(item: Item, rule: Rule) -> list[tuple[int, int | None]]:
    upwards: list[tuple[int, int | None]] = [(level, None) for level in rule.levels if level >= 0]
    return upwards + [(-1, post) for post in item.supporting if -1 in rule.levels]


def expected(
    item: Item, rules: list[Rule], rows: dict[str, Stood], calendar: WorkingCalendar, now: datetime
) -> dict[str, tuple[datetime, int, int | None]]:
    """Key → when it is due, the level that hears it, and the supporting post, if it is one."""
    found: dict[str, tuple[datetime, int, int | None]] = {}
    for rule in rules:
        for anchor in anchors(item, rule):
            for level, beside in heard(item, rule):
                whom = f"level:{level}" if beside is None else f"supporting:{beside}"
                base_on = anchor.base_on
                if rule.ask in (Ask.CHECK, Ask.QUIET) and rule.offsets[0] >= 30:
                    base_on = counted(base_on, (item.post_id or 0) % 10, OffsetUnit.WORKING, calendar)
                chain = f"rule:{rule.id}/milestone:{item.id}/{anchor.end}/{anchor.on}"
                waits = False
                for offset in rule.offsets if anchor.answered_on is None else ():
                    key = f"{chain}/{offset}/{whom}"
                    due = sent_on(counted(base_on, offset, rule.offset_unit, calendar), rule, calendar)
                    row = rows.get(key)
                    if row is not None and row.state in SETTLED:
                        continue
                    if due <= now:
                        if row is not None and row.state is ReminderState.PLANNED:
                            due = row.due_at
                        elif rule.ask in (Ask.STATUS, Ask.CONFIRM_DATE):
                            due = first_after(now, rule, calendar)
                        else:
                            continue
                        is_over = item.end_on is not None and due.astimezone(SEOUL).date() > item.end_on
                        if rule.ask is Ask.CONFIRM_DATE and is_over and due > now:
                            continue
                    waits = True
                    if rule.ask is not Ask.QUIET or not is_near(item, rule, anchor.on, offset, is_repeat=False):
                        found[key] = (due, level, beside)
                told = sum(
                    key.startswith(f"{chain}/r") and key.endswith(f"/{whom}") and row.state in SETTLED
                    for key, row in rows.items()
                )
                if waits or not rule.repeat_every or (rule.most_repeats and told >= rule.most_repeats):
                    continue
                resumes = date.min
                if anchor.answered_on is not None:
                    resumes = counted(anchor.answered_on, rule.repeat_every, rule.repeat_unit, calendar)
                last = counted(base_on, rule.offsets[-1], rule.offset_unit, calendar)
                number = 1
                while True:
                    key = f"{chain}/r{number}/{whom}"
                    row = rows.get(key)
                    stands = row is not None and row.state is ReminderState.PLANNED
                    if row is not None and stands and row.due_at.astimezone(SEOUL).date() < resumes:
                        row, stands = None, False
                    if row is not None and stands and row.due_at <= now:
                        due = row.due_at
                        break
                    day = counted(last, number * rule.repeat_every, rule.repeat_unit, calendar)
                    due = sent_on(day, rule, calendar)
                    settled = row is not None and row.state in SETTLED
                    if due > now and due.astimezone(SEOUL).date() >= resumes and not settled:
                        break
                    number += 1
                for stood in range(1, number):
                    row = rows.get(f"{chain}/r{stood}/{whom}")
                    if row is None or row.state is not ReminderState.PLANNED or row.due_at <= now:
                        continue
                    if row.due_at.astimezone(SEOUL).date() < resumes:
                        continue
                    stays = row.due_at.astimezone(SEOUL).date()
                    while not calendar.is_working(stays):
                        stays += DAY
                    if now < moment(stays, rule) < due:
                        key, due, number = f"{chain}/r{stood}/{whom}", moment(stays, rule), stood
                if rule.ask is not Ask.QUIET or not is_near(item, rule, anchor.on, number, is_repeat=True):
                    found[key] = (due, level, beside)
    return found


def planned_rows(session: Session) -> dict[str, Reminder]:
    rows = {row.key: row for row in session.exec(select(Reminder)) if row.ask is not Ask.ESCALATION}
    for row in rows.values():
        session.refresh(row)
    return rows


def check(session: Session, now: datetime, act: Callable[[], object] | None = None) -> None:
    """After the act (default: planning) there stands as planned what the reference wants, given what stood before."""
    by_key = planned_rows(session)
    before = {key: Stood(row.state, row.due_at) for key, row in by_key.items()}
    if act is None:
        replan(session, now, settings(), load_calendar(session))
    else:
        act()
    chart, calendar = load_chart(session), load_calendar(session)
    ids = list(session.scalars(select(col(Milestone.id))))
    rules = load_rules(session).rules
    wanted: dict[str, tuple[datetime, int | None]] = {}
    choice = holiday_deadline(session)
    found = with_quiet(session, load_items(session, chart, calendar, SEOUL, ids), calendar, SEOUL)
    for item in with_supporting(session, found):
        assert item.deadline_on == counts_on(item, choice, calendar)
        if item.silence is None and item.post_id is not None:
            for key, (due, level, beside) in expected(item, rules_for(item, rules), before, calendar, now).items():
                wanted[key] = (due, chart.raised(item.post_id, level) if beside is None else beside)
    rows = planned_rows(session).values()
    stands = {row.key: (row.due_at, row.post_id) for row in rows if row.state is ReminderState.PLANNED}
    assert stands == {key: place for key, place in wanted.items() if place[1] is not None}


# ------------------------------------------------------------------------------------------------ random offices


def fresh_office() -> SmallOffice:
    engine = make_engine("sqlite://")
    create_schema(engine)
    return SmallOffice(Session(engine, expire_on_commit=False))


def fill(office: SmallOffice, windows: list[tuple[date, int, MilestoneKind, tuple[str, bool]]]) -> list[Milestone]:
    """Each window in two projects, of which one was activated long before the other."""
    older = office.make_project("이미 알리던 사업", office.team)
    older.activated_at = at("2024-07-25 09:00")
    for project, post_id in ((older, office.other_head), (office.project, office.department_head)):
        office.session.add(
            SupportingPost(project_id=project.id or 0, post_id=post_id, added_at=older.activated_at, added_by="admin")
        )
    return [
        office.milestone(
            str(first), str(first + days * DAY), kind=kind, precision=precision, tentative=tentative, project=project
        )
        for first, days, kind, (precision, tentative) in windows
        for project in (office.project, older)
    ] + [office.milestone(None, None)]


def change(office: SmallOffice, milestones: list[Milestone], changes: list[tuple[int, str]], now: datetime) -> None:
    for number, how in changes:
        one = milestones[number % len(milestones)]
        if how == "moved" and one.end_on is not None:
            office.move(one, str(one.end_on + 9 * DAY))
        elif how == "answered":
            office.session.add(
                StatusReport(
                    milestone_id=one.id or 0,
                    project_id=one.project_id,
                    post_id=office.head,
                    reported_at=now,
                    reported_by="홍길동 팀장",
                    kind=StatusKind.ON_TRACK,
                )
            )
        elif how == "given away":
            one.post_id = office.other_head
        else:
            one.status = MilestoneStatus.DONE if how == "done" else MilestoneStatus.IN_PROGRESS
    office.session.flush()


@few
@given(
    st.lists(WINDOWS, min_size=2, max_size=5),
    RULES,
    DEADLINES,
    CHANGES,
    CHANGES,
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 9),
)
def test_any_office_is_planned_as_the_slow_way_would(
    windows: list[tuple[date, int, MilestoneKind, tuple[str, bool]]],
    rules: list[dict[str, object]],
    deadline: HolidayDeadline,
    first: list[tuple[int, str]],
    second: list[tuple[int, str]],
    passed: int,
    more: int,
    slept: int,
) -> None:
    office = fresh_office()
    with office.session as session:
        milestones = fill(office, windows)
        put_holiday_deadline(session, deadline, by="admin", now=office.activated_at)
        for rule in rules:
            set_rule(session, rule, by="admin", now=office.activated_at)
        check(session, office.activated_at)
        for days, changes in ((passed, first), (passed + more, second)):
            now = f"{START + days * DAY} 13:00"
            run_until(session, f"{START + (days - slept) * DAY} 13:00", load_calendar(session))  # the rest waits
            change(office, milestones, changes, at(now))
            check(session, at(now))


@few
@given(
    st.lists(WINDOWS, min_size=2, max_size=5),
    RULES,
    DEADLINES,
    st.integers(0, 60),
    st.integers(10, 120),
    st.one_of(st.none(), st.just("taken out"), DEADLINES),
)
def test_a_day_off_and_what_deadlines_on_it_count_as_move_all_that_they_have_to(
    windows: list[tuple[date, int, MilestoneKind, tuple[str, bool]]],
    rules: list[dict[str, object]],
    deadline: HolidayDeadline,
    passed: int,
    ahead: int,
    then: HolidayDeadline | str | None,
) -> None:
    office = fresh_office()
    with office.session as session:
        fill(office, windows)
        put_holiday_deadline(session, deadline, by="admin", now=office.activated_at)
        for rule in rules:
            set_rule(session, rule, by="admin", now=office.activated_at)
        replan(session, office.activated_at, settings(), load_calendar(session))
        now = f"{START + passed * DAY} 13:00"
        run_until(session, now, load_calendar(session))
        check(session, at(now))
        day = START + (passed + ahead) * DAY
        kind = OfficeDayKind.HOLIDAY if load_calendar(session).is_working(day) else OfficeDayKind.WORKING
        how = {"by": "admin", "now": at(now), "settings": settings()}
        check(session, at(now), lambda: set_day(session, day, kind, "임시", **how))
        if isinstance(then, HolidayDeadline):
            check(session, at(now), lambda: set_holiday_deadline(session, then, **how))
        elif then is not None:
            check(session, at(now), lambda: remove_day(session, day, **how))
