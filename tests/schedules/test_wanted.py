"""Planning may take a shortcut for a milestone whose rows are as if fresh: it must never leave out or change one."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlmodel import Session

from models import MilestoneKind, MilestoneStatus, ReminderState
from models.database import create_schema, make_engine
from schedules.calendar import SendDays, WorkingCalendar
from schedules.items import Item
from schedules.occasions import ASKED_LATE
from schedules.rules import Rule, install_default_rules, load_rules, set_rule
from schedules.wanted import Planner, Row, Wanted
from tests.schedules.office import SEOUL, at, settings

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MORE = (
    {"name": "overdue", "levels": [0, 1], "repeat_every": 3, "repeat_unit": "working"},
    {"name": "upcoming-firm", "offsets": [-12, -3, -1], "offset_unit": "working", "time": "10:30"},
    {"name": "status", "offsets": [0, 4], "repeat_every": 5, "levels": [0, 2]},
)
STRANGER = Row(0, "nobody's", 1, -1, 1, "end", date(2024, 1, 1), 0, 0, at("2024-01-01 09:00"), "cancelled", "today")
PLACES = st.sampled_from(("own", "passed", "soon", "put off"))


@cache
def rules() -> Sequence[Rule]:
    engine = make_engine("sqlite://")
    create_schema(engine)
    with Session(engine) as session:
        install_default_rules(session)
        for rule in MORE:
            set_rule(session, rule, by="admin", now=at("2024-07-01 09:00"))
        return load_rules(session).rules


DAYS = SendDays(WorkingCalendar(), settings().send_window, SEOUL)


@cache
def planner(now: datetime, asks_late: bool = True) -> Planner:
    """With rules that still ask when their moment has passed, or without."""
    return Planner([rule for rule in rules() if asks_late or rule.ask not in ASKED_LATE], DAYS, now)


def item(end_on: date, length: int, kind: MilestoneKind, precision: str) -> Item:
    return Item(
        id=1,
        project_id=1,
        unit_ids=(3, 2, 1),
        post_id=1,
        kind=kind.value,
        status=MilestoneStatus.PLANNED.value,
        precision=precision,
        tentative=False,
        start_on=end_on - length * DAY,
        end_on=end_on,
        deadline_on=end_on,
        recurrence=None,
        is_deadline=True,
        is_duplicate=False,
        activated_on=date(2024, 7, 1),
        is_closed_project=False,
        answered_on=None,
    )


def row(number: int, one: Wanted, state: ReminderState, place: str, now: datetime) -> Row:
    occasion = one.occasion
    due_at = {"own": one.due_at, "passed": now - HOUR, "soon": now + 20 * HOUR, "put off": now + 6 * DAY}[place]
    return Row(
        id=number,
        key=occasion.key(1),
        milestone_id=1,
        rule_id=occasion.rule.id,
        post_id=1,
        end=occasion.end.value,
        anchor_on=occasion.anchor_on,
        repeat_number=occasion.repeat_number,
        level=occasion.level,
        due_at=due_at,
        state=state.value,
        ask=occasion.rule.ask.value,
    )


KINDS = st.sampled_from((MilestoneKind.COMPLETION, MilestoneKind.EVENT, MilestoneKind.TRAINING))
STATES = st.sampled_from((ReminderState.PLANNED, ReminderState.PLANNED, *ReminderState))


@examples(max_examples=40)
@given(
    st.tuples(
        st.dates(date(2024, 8, 20), date(2024, 11, 20)), st.integers(0, 40), KINDS, st.sampled_from(("day", "month"))
    ),
    st.integers(-40, 60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30), STATES, PLACES), max_size=6),
)
def test_the_shortcut_wants_what_the_long_way_wants(
    about: tuple[date, int, MilestoneKind, str],
    days: int,
    stood: list[tuple[int, int, ReminderState, str]],
) -> None:
    """Rows are those of a planning now or some days ago: told, missed, put off or overdue in any mixture."""
    one = item(*about)
    now = at(f"{date(2024, 10, 1) + days * DAY} 13:00")
    rows: dict[str, Row] = {}
    for ago, place, state, due in stood:
        wanted = planner(now - ago * DAY).wanted(one, ())
        if wanted:
            made = row(len(rows) + 1, wanted[place % len(wanted)], state, due, now)
            rows[made.key] = made
    check(one, list(rows.values()), planner(now))


def test_one_row_of_any_kind_is_wanted_as_the_long_way_wants_it() -> None:
    for precision in ("day", "month"):
        one = item(date(2024, 10, 25), 0, MilestoneKind.COMPLETION, precision)
        for days in range(-30, 40, 2):
            now = at(f"{date(2024, 10, 15) + days * DAY} 13:00")
            for ago in (0, 1, 4, 9, 16):
                for wanted in planner(now - ago * DAY).wanted(one, ()):
                    for place in ("own", "passed", "soon", "put off"):
                        only = [row(1, wanted, ReminderState.PLANNED, place, now)]
                        check(one, only, planner(now))
                        check(one, only, planner(now, asks_late=False))


def check(one: Item, rows: Sequence[Row], by: Planner) -> None:
    """A row that is nobody's forbids the shortcut and changes nothing else."""
    short, long = by.wanted(one, rows), by.wanted(one, [*rows, STRANGER])

    def shown(those: Sequence[Wanted]) -> list[tuple[str, datetime]]:
        return sorted((wanted.occasion.key(1), wanted.due_at) for wanted in those)

    assert shown(short) == shown(long), rows
