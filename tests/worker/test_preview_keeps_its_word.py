"""What the preview shows is what the simulation then sends, message by message, in any office."""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from sqlalchemy import Connection, Engine, func
from sqlmodel import Session, col, select

from models import (
    Absence,
    Account,
    AccountRole,
    Assignment,
    AttemptOutcome,
    CollectionSchedule,
    DeliveryAttempt,
    HolidayDeadline,
    MilestoneKind,
    Notification,
    NotificationState,
    OfficeDay,
    OfficeDayKind,
    OptionalKind,
    Person,
    Post,
    Reorganisation,
    RepeatUntil,
    Role,
    SupportingPost,
    Unit,
    UnitKind,
)
from models.database import make_engine, read, write
from models.transfer import copy_rows
from notifications.channels.noted import NotedChannel
from notifications.previewed import Previewed
from schedules import words
from schedules.arrangement import Act, ReorganisationError
from schedules.escalation_steps import Step, set_steps
from schedules.mail_wishes import offered_times, put_wish
from schedules.office_days import load_calendar, put_holiday_deadline
from schedules.plan import replan
from schedules.reorganisation import Asked, decide
from schedules.rules import set_rule
from settings import Settings
from tests.schedules.office import SEOUL, SmallOffice, at, settings
from worker.excerpt import posts_of
from worker.play import first_moment, last_moment, play
from worker.rehearsal import copy_of, preview, sent_messages

FIRST, LAST = date(2024, 9, 1), date(2024, 10, 20)
BEGINNING = "2024-09-02 08:00"
PEOPLE = ("bureau", "department", "hong", "seong", "new", "other")
UNITS = ("행정국", "행정지원과", "인사팀", "자치행정과")
DAYS = st.dates(date(2024, 8, 1), date(2024, 12, 31))
CHANGES = (
    Asked(Act.RENAME, "인사팀", name="인재개발팀"),
    Asked(Act.RENAME, "행정지원과", name="총무과"),
    Asked(Act.MOVE, "인사팀", target="자치행정과"),
    Asked(Act.MOVE, "행정지원과", target="기획국"),
    Asked(Act.MERGE, "행정지원팀", target="인사팀"),
    Asked(Act.MERGE, "인사팀", target="주민팀"),
    Asked(Act.MERGE, "행정지원과", target="자치행정과"),
)


@dataclass(frozen=True)
class Window:
    """A milestone: its days, how sure they are, what it is, and whose."""

    start: date
    days: int
    precision: str
    kind: MilestoneKind
    tentative: bool
    team: int


@dataclass(frozen=True)
class Wishes:
    """How a post wants its mail: a number into the half hours of the window, or None; what it does without."""

    post: int
    time: int | None
    declined: frozenset[OptionalKind]


@dataclass(frozen=True)
class Town:
    """A random office; people are numbers into `PEOPLE`, posts are 0 = bureau … 3 = the other team.

    `supports`: posts beside, of the whole first project or of its first milestone.

    `changes` are numbers into `CHANGES` with their day; those that cannot be any more are not made. What people wish
    and decide in the middle (`later`) is not in the first preview, but in the one of the rest.
    """

    windows: list[Window]
    offsets: list[int]
    levels: list[int | str]
    supports: list[tuple[int, bool]]
    steps: list[tuple[int, int]]
    repeat: int
    most: int
    until: RepeatUntil
    quiet: int
    holidays: list[date]
    deadline: HolidayDeadline
    absences: list[tuple[int, int, date, int]]
    moves: list[tuple[int, int, date, bool]]
    unreachable: list[int]
    channels: list[str]
    reads: bool
    wishes: list[Wishes] = field(default_factory=list)
    changes: list[tuple[int, date]] = field(default_factory=list)
    later_wishes: list[Wishes] = field(default_factory=list)
    later_changes: list[tuple[int, date]] = field(default_factory=list)
    collects: bool = False


windows = st.builds(
    Window,
    DAYS,
    st.integers(0, 20),
    st.sampled_from(["day", "range", "month", "quarter", "year"]),
    st.sampled_from(list(MilestoneKind)),
    st.booleans(),
    st.integers(0, 1),
)
wishes = st.builds(
    Wishes, st.integers(0, 3), st.none() | st.integers(0, 17), st.frozensets(st.sampled_from(OptionalKind))
)
changes = st.tuples(st.integers(0, len(CHANGES) - 1), st.dates(date(2024, 9, 3), LAST))
towns = st.builds(
    Town,
    windows=st.lists(windows, min_size=1, max_size=5),
    offsets=st.lists(st.integers(-40, -1), min_size=1, max_size=3, unique=True),
    levels=st.sampled_from([[0], [0, 1], [0, 2], ["supporting", 0]]),
    supports=st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=3, unique=True),
    steps=st.sampled_from([[], [(3, 1)], [(2, 1), (5, 2)]]),
    repeat=st.integers(0, 9),
    most=st.integers(0, 2),
    until=st.sampled_from(RepeatUntil),
    quiet=st.integers(1, 35),
    holidays=st.lists(DAYS, max_size=4, unique=True),
    deadline=st.sampled_from(HolidayDeadline),
    absences=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), DAYS, st.integers(0, 30)), max_size=3),
    moves=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), DAYS, st.booleans()), max_size=3),
    unreachable=st.lists(st.integers(0, 5), max_size=1),
    channels=st.sampled_from([["email"], ["email", "inbox", "paper"], ["inbox", "email"], ["email", "paper"]]),
    reads=st.booleans(),
    wishes=st.lists(wishes, max_size=3),
    changes=st.lists(changes, max_size=2),
    later_wishes=st.lists(wishes, max_size=2),
    later_changes=st.lists(changes, max_size=1),
    collects=st.booleans(),
)


def build(session: Session, town: Town) -> None:
    office = SmallOffice(session, activated=BEGINNING)
    people = {person.name: person for person in session.exec(select(Person))}
    for person, name in zip((people[name] for name in ("국장이", "과장이", "홍길동", "성춘향")), PEOPLE, strict=False):
        person.email = f"{name}@office.example"
    office.person("새팀장", "new@office.example")
    office.person("딴사람", "other@office.example")
    planning = office.unit("기획국", UnitKind.BUREAU)
    autonomy = office.unit("자치행정과", UnitKind.DEPARTMENT, office.bureau)
    residents = office.unit("주민팀", UnitKind.TEAM, autonomy)
    for unit, title in ((planning, "국장"), (autonomy, "과장"), (residents, "팀장")):
        office.post(unit, title, f"{unit.name}{title}")
    everybody = list(session.exec(select(Person).order_by(col(Person.id))))
    posts = [office.bureau_head, office.department_head, office.head, office.other_head]
    projects = [office.project, office.make_project("청사 관리", office.other_team)]
    first: int | None = None
    for window in town.windows:
        is_day = window.precision == "day"
        end = window.start if is_day else window.start + timedelta(days=window.days)
        made = office.milestone(
            window.start.isoformat(),
            end.isoformat(),
            precision=window.precision,
            kind=window.kind,
            tentative=window.tentative,
            project=projects[window.team],
        )
        first = first or (made.id if window.team == 0 else None)
    now = at(BEGINNING)
    for post, is_whole in town.supports:
        if not is_whole and first is None:
            continue
        beside = SupportingPost(
            project_id=office.project.id or 0,
            milestone_id=None if is_whole else first,
            post_id=posts[post],
            added_at=now,
            added_by="admin",
        )
        session.add(beside)
    rule = {"name": "upcoming-firm", "offsets": sorted(town.offsets), "levels": town.levels}
    set_rule(session, rule, by="admin", now=now)
    set_rule(session, {"name": "status", "levels": town.levels}, by="admin", now=now)
    set_rule(session, {"name": "quiet", "offsets": [town.quiet], "repeat_every": 9}, by="admin", now=now)
    repeats = {"repeat_every": town.repeat}
    if town.repeat:
        repeats |= {"most_repeats": town.most, "repeat_until": town.until}
    set_rule(session, {"name": "overdue", **repeats}, by="admin", now=now)
    order = {"channels": town.channels, "fallback_working_days": 2}
    for name in ("status", "overdue"):
        set_rule(session, {"name": name, **order}, by="admin", now=now)
    if town.reads:
        account = Account(name="hong", created_at=now)
        session.add(account)
        session.flush()
        session.add(AccountRole(account_id=account.id, role=Role.LEAD, unit_id=office.team.id))
    set_steps(session, "status", [Step(*step) for step in town.steps], by="admin", now=now)
    for on in town.holidays:
        session.add(OfficeDay(on=on, kind=OfficeDayKind.HOLIDAY, name="재량휴무"))
    put_holiday_deadline(session, town.deadline, by="admin", now=now)
    for away, deputy, on, days in town.absences:
        if away != deputy:
            until = on + timedelta(days=days)
            ids = everybody[away].id, everybody[deputy].id
            session.add(Absence(person_id=ids[0], deputy_id=ids[1], from_on=on, until_on=until))
    for post, comer, on, ends in town.moves:
        held = session.exec(select(Assignment).where(Assignment.post_id == posts[post])).all()
        for one in held:
            if ends and one.until_on is None and one.from_on < on:
                one.until_on = on - timedelta(days=1)
        office.assign(posts[post], everybody[comer].id or 0, on)
    for number in town.unreachable:
        everybody[number].email = None
    choose(session, town.wishes, town.changes, now)
    if town.collects:
        session.add(
            CollectionSchedule(
                name="정기 취합",
                recurrence="FREQ=MONTHLY;BYMONTHDAY=10",
                due_working_days=[2, 3],
                grace_working_days=2,
                opened_until=FIRST,
            )
        )
    replan(session, now, settings(), load_calendar(session))


def choose(session: Session, wanted: list[Wishes], changed: list[tuple[int, date]], now: datetime) -> None:
    """What people wish of their mail, and the reorganisations that are decided for days ahead."""
    times = offered_times(settings().send_window)
    posts = session.exec(select(col(Post.id)).order_by(col(Post.id))).all()
    for wish in wanted:
        when = f"{times[wish.time]:%H:%M}" if wish.time is not None else ""
        put_wish(session, posts[wish.post] or 0, when, wish.declined, by="담당", now=now, settings=settings())
    for number, on in changed:
        if on > now.astimezone(SEOUL).date():
            with suppress(ReorganisationError):
                decide(session, [CHANGES[number]], on, by="admin", now=now)


def simulate(engine: Engine, theirs: Settings, *periods: tuple[date, date]) -> list[Previewed]:
    for from_on, to_on in periods:
        start = first_moment(engine, theirs, from_on, at(BEGINNING))
        for _ in play(engine, theirs, start, last_moment(theirs, to_on), NotedChannel()):
            pass
    with read(engine) as session:
        return sent_messages(session, theirs, FIRST, LAST)


def check_units(
    engine: Engine, theirs: Settings, from_on: date, shown: list[Previewed], units: list[int | None]
) -> None:
    """Of each unit the preview shows what the whole one shows for its posts, and nothing else."""
    for unit_id in units:
        with read(engine) as session:
            keys = tuple(f"post:{post_id}/" for post_id in posts_of(session, unit_id))
        alone, unreachable = preview(engine, theirs, from_on, LAST, at(BEGINNING), unit_id)
        assert alone == [mail for mail in shown if mail["key"].startswith(keys)]
        assert {f"post:{post.post_id}/" for post in unreachable} <= set(keys)


def check(engine: Engine, folder: Path, town: Town, middle: date, names: Sequence[str]) -> None:
    theirs = settings(folder)
    with write(engine) as session:
        build(session, town)
        units = list(session.exec(select(col(Unit.id)).where(col(Unit.name).in_(names))))
    shown = preview(engine, theirs, FIRST, LAST, at(BEGINNING))[0]
    check_units(engine, theirs, FIRST, shown, units)
    before = simulate(engine, theirs, (FIRST, middle))
    assert before == [mail for mail in shown if mail["send_at"][:10] <= middle.isoformat()]
    with write(engine) as session:
        choose(session, town.later_wishes, town.later_changes, last_moment(theirs, middle))
    after = preview(engine, theirs, middle + timedelta(days=1), LAST, at(BEGINNING))[0]
    check_units(engine, theirs, middle + timedelta(days=1), after, units)
    sent = simulate(engine, theirs, (middle + timedelta(days=1), LAST))
    assert sent == before + after
    assert sent == shown or town.later_wishes or town.later_changes
    assert len({mail["key"] for mail in sent}) == len(sent)
    days = [(*mail["key"].split("/")[:2], mail["send_at"][:10]) for mail in sent if "/morning/" in mail["key"]]
    assert len(set(days)) == len(days), "one morning mail a post and day, whenever it is wished for"


@given(towns, st.dates(FIRST, LAST - timedelta(days=1)), st.sampled_from(UNITS))
@examples(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_office_gets_what_its_preview_showed(sqlite_template: Path, town: Town, middle: date, unit: str) -> None:
    with TemporaryDirectory(prefix="dday-town-") as folder:
        engine = make_engine(f"sqlite:///{shutil.copyfile(sqlite_template, Path(folder) / 'town.db')}", durable=False)
        try:
            check(engine, Path(folder), town, middle, [unit])
        finally:
            engine.dispose()


def test_an_office_on_either_database_gets_what_its_preview_showed(engine: Engine, tmp_path: Path) -> None:
    """Everything at once: fuzzy days, levels, two steps, a holiday, deadlines on days off that count after them, an
    absence, a move, an unreachable head and team lead, all channels, wished times, units merged, moved and renamed."""
    kinds = (MilestoneKind.COMPLETION, MilestoneKind.TRAINING, MilestoneKind.EVENT)
    town = Town(
        [Window(date(2024, 9, 16 + 5 * n), 9 * n, "range", kind, n == 2, n % 2) for n, kind in enumerate(kinds)],
        [-7, -1],
        [0, 1, "supporting"],
        [(1, True), (3, False)],
        [(2, 1), (5, 2)],
        7,
        1,
        RepeatUntil.DONE,
        12,
        [date(2024, 9, 30)],
        HolidayDeadline.AFTER,
        [(2, 3, date(2024, 9, 20), 10)],
        [(2, 4, date(2024, 10, 7), True)],
        [0, 3],
        ["email", "inbox", "paper"],
        reads=True,
        wishes=[Wishes(1, 10, frozenset()), Wishes(2, 6, frozenset({OptionalKind.AHEAD}))],
        changes=[(4, date(2024, 9, 27)), (1, date(2024, 10, 10))],
        later_wishes=[Wishes(1, None, frozenset({OptionalKind.WEEKLY}))],
        later_changes=[(3, date(2024, 10, 8))],
        collects=True,
    )
    check(engine, tmp_path, town, date(2024, 10, 6), UNITS)
    with read(engine) as session:
        by_channel = session.execute(
            select(Notification.channel, func.count())
            .where(Notification.state == NotificationState.SENT, col(Notification.subject).is_not(None))
            .group_by(col(Notification.channel))
        ).all()
        proofs = select(func.count(func.distinct(col(DeliveryAttempt.notification_id)))).where(
            DeliveryAttempt.outcome == AttemptOutcome.ACCEPTED
        )
        assert session.exec(proofs).one() == sum(count for _, count in by_channel)
        done = col(Reorganisation.carried_out_at).is_not(None)
        carried_out = session.exec(select(Reorganisation.error).where(done)).all()
    assert list(carried_out) == [None, None, None], "merged, renamed, moved"
    assert {channel for channel, _ in by_channel} == set(town.channels)


SUNDAY = date(2024, 10, 13)
BESIDE = {HolidayDeadline.BEFORE: date(2024, 10, 11), HolidayDeadline.AFTER: date(2024, 10, 14)}


@pytest.mark.parametrize("choice", BESIDE)
def test_mail_and_preview_name_the_working_day_that_a_sundays_deadline_counts_on(
    engine: Engine, tmp_path: Path, choice: HolidayDeadline
) -> None:
    theirs, counts_on = settings(tmp_path), BESIDE[choice]
    with write(engine) as session:
        office = SmallOffice(session, activated=BEGINNING)
        for number, person in enumerate(session.exec(select(Person))):
            person.email = f"p{number}@office.example"
        office.milestone(SUNDAY.isoformat())
        put_holiday_deadline(session, choice, by="admin", now=at(BEGINNING))
        replan(session, at(BEGINNING), theirs, load_calendar(session))
    (shown,) = preview(engine, theirs, counts_on, counts_on, at(BEGINNING))[0]
    assert {(item["due_on"], item["counts_on"]) for item in shown["items"]} == {(str(SUNDAY), str(counts_on))}
    channel = NotedChannel()
    start = first_moment(engine, theirs, counts_on, at(BEGINNING))
    for _ in play(engine, theirs, start, last_moment(theirs, counts_on), channel):
        pass
    mail = next(mail for mail in channel.mails if mail.key == shown["key"])
    assert mail.subject == shown["subject"]
    assert words.moved_deadline(SUNDAY, counts_on, counts_on) in mail.text
    assert "D-day" in mail.text


def test_nobody_who_writes_waits_for_the_copy(engine: Engine, tmp_path: Path) -> None:
    """It is taken of one moment: what is written meanwhile is kept, and not in it."""
    with write(engine) as session:
        SmallOffice(session, activated=BEGINNING)

    def copy(source: Session, target: Connection) -> None:
        before = source.exec(select(func.count()).select_from(Person)).one()
        with write(engine) as session:
            session.add(Person(name="새사람"))
        assert source.exec(select(func.count()).select_from(Person)).one() == before
        copy_rows(source.connection(), target)

    with copy_of(engine, settings(tmp_path), tmp_path / "copy", copy) as (made, _), read(made) as session:
        assert session.exec(select(Person).where(Person.name == "새사람")).all() == []
    with read(engine) as session:
        assert session.exec(select(Person).where(Person.name == "새사람")).one()
